import Core
import Transport

/// A route whose target takes in many new items at once, by a way of its own. It goes by the records' keys: one that has
/// an item already changes it, so an import that is made twice makes nothing twice.
@OnLoop package protocol ImportingRoute: Route {
    /// Whether the connection wants its first load to go that way.
    nonisolated var importsFirstLoad: Bool { get }
    /// Of one import.
    nonisolated var mostRows: Int { get }
    /// Between two looks at an import under way, at first; later longer.
    nonisolated var looksEvery: Duration { get }
    /// As much of these values as an import can hold; nil for a record that has to be written by itself.
    func importable(_ values: JSON.Object, of key: String) -> JSON.Object?
    /// Begins an import; nothing can come of it before it is sent.
    func beginImport(_ rows: [ImportRow], idempotencyKey: String, lane: Lane) async throws -> ImportBegun
    func outcome(ofImport job: String, lane: Lane) async throws -> ImportOutcome
}

package struct ImportRow: Sendable, Equatable {
    package var key: String
    package var values: JSON.Object

    package init(key: String, values: JSON.Object) {
        self.key = key
        self.values = values
    }
}

package struct ImportBegun: Sendable {
    package var job: String
    package var send: @OnLoop () async throws -> Void

    package init(job: String, send: @escaping @OnLoop @Sendable () async throws -> Void) {
        self.job = job
        self.send = send
    }
}

package enum ImportOutcome: Sendable, Equatable {
    case notSent
    case underWay
    /// By the numbers of the rows, from 0: what became an item, and why others did not.
    case done(made: [Int: String], refused: [Int: String])
    /// Nothing came of it, or nobody knows what.
    case failed(String)
}
