import Core
import Store
import Transport

/// One kind of record on its way from one system to another: how it is read there, what it is to be here, and how it is
/// written. A flow makes routes of its systems' clients; the engine moves records along them and knows neither system.
@OnLoop package protocol Route: AnyObject {
    /// Stays the same for ever: links and progress are kept under it.
    nonisolated var name: String { get }
    /// The most writes that one request may carry.
    nonisolated var largestBatch: Int { get }
    /// For how long the target answers a repeated idempotency key with what it answered first; with a margin.
    nonisolated var keyLife: Duration { get }

    /// The rules by which records are drafted, in short: when they change, every record is compared again.
    nonisolated var rules: String { get }
    /// Where they are written: when it changes, what was written elsewhere counts no more.
    nonisolated var place: String { get }

    // MARK: Where records come from

    /// These records as they are now. One that is not among the answers is gone, or seems to be.
    func read(_ keys: [String], lane: Lane) async throws -> [Record]
    /// One page of the records that changed since then, oldest change first; of all, with nil.
    func page(changedSince: WallTime?, lane: Lane) async throws -> RecordPage
    func page(next: String, lane: Lane) async throws -> RecordPage
    /// How many records there are; nil where their system does not say.
    func count(lane: Lane) async throws -> Int?

    // MARK: What they become

    /// What the target is to hold of the record; throws `skipRecord` for one that cannot be written as it is, and `retry`
    /// for one that waits for something.
    func draft(of record: Record) throws(CallError) -> Draft
    /// What a record that is gone leaves behind.
    nonisolated var farewell: Farewell { get }

    // MARK: Where they go

    /// How many writes of that lane may go now, and when to ask again if none.
    func room(_ lane: Lane) async throws -> WindowRoom
    /// What a new item takes of the account's limits, and what they leave; nil where there are none.
    func budget() async throws -> WriteBudget?
    /// What waits in the background for its turn gives up, by throwing `CancellationError`.
    func dismissBackground() async
    /// Whether that system lets nobody in for now, so that whoever calls it waits at its gate, which knows until when.
    func isHeld(_ system: String) async -> Bool
    /// The items that carry these keys, oldest first.
    func find(_ keys: [String], lane: Lane) async throws -> [String: [String]]
    /// Answers in the order of the writes. Throws when none of them can be said to have happened.
    func write(_ writes: [Write], idempotencyKey: String, lane: Lane) async throws -> [Result<Written, CallError>]
    /// Looks at the target again: its columns, its labels. Says what it found that somebody should know.
    func lookAgain() async throws

    // MARK: Comparing both sides as a whole

    /// Nil where the items cannot be read, or nobody wants them compared.
    nonisolated var reconciles: ReconcilePolicy? { get }
    /// One page of all items that could be ours, in whichever order; the first one with nil.
    func targets(after: String?, lane: Lane) async throws -> TargetPage
    /// These items as they are now. One that is not among the answers has been put away, or is gone.
    func targets(_ ids: [String], lane: Lane) async throws -> [Target]
    /// What the target would show of the record: under the names of its draft, in the form of `Target.values`.
    func comparable(_ record: Record) throws(CallError) -> JSON.Object
}

extension Route {
    package nonisolated var rules: String { "" }
    package nonisolated var place: String { "" }
    package func count(lane: Lane) async throws -> Int? { nil }
    package func budget() async throws -> WriteBudget? { nil }
    package func isHeld(_ system: String) async -> Bool { false }
}

/// What a record is to be on the target: its fields under the target's names, in the form they are sent in.
package struct Draft: Sendable, Equatable {
    /// What people call the record.
    package var number: String
    package var values: JSON.Object

    package init(number: String, values: JSON.Object) {
        self.number = number
        self.values = values
    }
}

package enum Farewell: Sendable, Equatable {
    /// The item is put away.
    case archive
    /// The item stays, with these values.
    case mark(JSON.Object)
    /// The item stays as it is.
    case keep
}

package struct Write: Sendable, Equatable {
    package enum Action: Sendable, Equatable {
        case create
        case update
        case archive
    }

    package var action: Action
    package var key: String
    /// Nil for a new item.
    package var target: String?
    package var values: JSON.Object

    package init(action: Action, key: String, target: String?, values: JSON.Object) {
        self.action = action
        self.key = key
        self.target = target
        self.values = values
    }
}

package struct Written: Sendable, Equatable {
    package var target: String
    package var requestID: String?

    package init(target: String, requestID: String?) {
        self.target = target
        self.requestID = requestID
    }
}
