import Core
import Transport

/// One remote system, played as strictly as its vendor plays it. It has a port of its own, and `/control/<name>/…` on the
/// control port.
@OnLoop package protocol Simulator: AnyObject {
    /// As connections and faults call it: `businessCentral`, `monday`.
    nonisolated static var name: String { get }
    /// Its own origin, `http://127.0.0.1:4711`; set before the first request.
    var address: String { get set }
    var faults: FaultPlan { get set }
    /// Counters, for tests and for people.
    var facts: JSON { get }
    /// What a client has to be told to use it: URLs and credentials, under the names of a connection file.
    var credentials: JSON { get }
    /// Everything that arrives at its port.
    func serve(_ exchange: HTTPExchange)
    /// Makes something happen as a person there would. `path` is what follows the simulator's name; `body` is null where
    /// there was none. Throws `ControlRefusal` or `JSONField.Wrong`.
    func control(_ path: [Substring], _ method: HTTPMethod, body: JSON) async throws -> JSON
    /// No timer and no client of its own goes on after this.
    func stop()
    /// Further ports of the same system.
    var sideDoors: [any SideDoor] { get }
}

extension Simulator {
    package var sideDoors: [any SideDoor] { [] }
}

/// A port that a system has besides its first: NAV's SOAP beside its OData.
@OnLoop package protocol SideDoor: AnyObject {
    /// As `SimulatorHost`'s ports call it: `navSoap`.
    nonisolated static var name: String { get }
    /// Its own origin; set before the first request.
    var address: String { get set }
    func serve(_ exchange: HTTPExchange)
}

/// What was asked of a simulator's control cannot be done.
package struct ControlRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    package var status: HTTPStatus
    package var description: String

    package init(_ status: HTTPStatus = .badRequest, _ description: String) {
        self.status = status
        self.description = description
    }

    package static func unknown(_ what: String) -> ControlRefusal {
        ControlRefusal(.notFound, what)
    }
}
