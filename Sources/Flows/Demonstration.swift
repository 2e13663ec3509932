import Core
import Engine
import Glibc
import Store
import Transport

/// Acknowledges every webhook it is handed, and does nothing else: a connection to try the pool with.
///
/// With `rehearsals: true` a webhook may also ask it to misbehave, so that an operator can watch what the pool does
/// about it: `{"rehearse": "crash"}`. A rehearsal happens once; it is settled before it begins.
package final class Demonstration: Flow {
    package enum Rehearsal: String, CaseIterable, Sendable {
        /// Ends as a broken program does.
        case crash
        /// Never returns to its loop.
        case spin
        /// Tries what a worker must not be able to do, and logs what the kernel said.
        case trespass
    }

    private let rehearses: Bool

    package init(_ document: JSONField) throws {
        try document.allowOnly(["tenant", "name", "flow", "webhook", "process", "rehearsals"])
        rehearses = try document["rehearsals"].orNil?.bool() ?? false
    }

    package func take(_ event: WaitingEvent, in context: FlowContext) async throws {
        guard rehearses, let rehearsal = Self.rehearsal(in: event.arrival.body) else {
            context.log.debug("acknowledged a webhook of \(event.arrival.body.count) bytes", record: "\(event.id)")
            return
        }
        try await context.settle(event)
        context.log.warning("rehearses: \(rehearsal.rawValue)")
        switch rehearsal {
        case .crash: abort()
        case .spin: while true {}
        case .trespass:
            for attempt in Trespass.attempts() {
                context.log.warning("trespass: \(attempt.what): \(attempt.outcome)")
            }
        }
    }

    static func rehearsal(in body: [UInt8]) -> Rehearsal? {
        guard let document = try? JSON.parse(body.span), let name = try? JSONField(document)["rehearse"].string() else {
            return nil
        }
        return Rehearsal(rawValue: name)
    }
}
