import Core
import Engine
import Glibc
import Store
import Transport

/// Acknowledges every webhook it is handed, and does nothing else: a connection to try the pool with.
///
/// With `rehearsals: true` a webhook may also ask it to misbehave, so that an operator can watch what the pool does
/// about it: `{"rehearse": "crash"}`. A rehearsal happens once; it is settled before it begins. Trespassers may be told
/// where to go: `{"rehearse": "trespass", "sibling": 123, "neighbour": "/srv/data/tenants/other"}`.
package final class Demonstration: Flow {
    package enum Rehearsal: String, CaseIterable, Sendable {
        /// Ends as a broken program does.
        case crash
        /// Ends so at every start, until the connection's file allows no rehearsals: it is not settled before.
        case poison
        /// Never returns to its loop.
        case spin
        /// Tries what a worker must not be able to do, and logs what the kernel said.
        case trespass
    }

    private let rehearses: Bool

    package init(_ document: JSONField) throws {
        try document.allowOnly(["tenant", "name", "flow", "webhook", "process", "retention", "rehearsals"])
        rehearses = try document["rehearsals"].orNil?.bool() ?? false
    }

    package func take(_ event: WaitingEvent, in context: FlowContext) async throws -> [Mark] {
        guard rehearses, let (rehearsal, details) = Self.rehearsal(in: event.arrival.body) else {
            context.log.debug("acknowledged a webhook of \(event.arrival.body.count) bytes", record: "\(event.id)")
            return []
        }
        if rehearsal != .poison { try await context.settle(event) }
        context.log.warning("rehearses: \(rehearsal.rawValue)")
        switch rehearsal {
        case .crash, .poison: abort()
        case .spin: while true {}
        case .trespass:
            let trespass = Trespass(
                sibling: try details["sibling"].orNil.map { Int32(try $0.int(in: 1...Int(Int32.max))) },
                neighbour: try details["neighbour"].orNil?.string()
            )
            for attempt in trespass.attempts() {
                context.log.warning("trespass: \(attempt.what): \(attempt.outcome)")
            }
        }
        return []
    }

    private static func rehearsal(in body: [UInt8]) -> (Rehearsal, details: JSONField)? {
        guard let document = try? JSON.parse(body.span) else { return nil }
        let details = JSONField(document)
        guard let name = try? details["rehearse"].string(), let rehearsal = Rehearsal(rawValue: name) else {
            return nil
        }
        return (rehearsal, details)
    }
}
