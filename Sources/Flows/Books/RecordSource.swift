import Core
import Engine
import Transport

/// One kind of record in a company's books, as a route reads it. Made by its `Books`, which know whom to ask.
@OnLoop protocol RecordSource: AnyObject {
    /// For people: `Business Central`, `NAV`.
    nonisolated var system: String { get }
    /// Which books these are, in short: what was read of others counts for nothing here.
    nonisolated var rules: String { get }

    /// Tells this company's records from another's in the keys of items: lower case, no slash, the same for ever.
    func company(lane: Lane) async throws -> String
    /// The fields of a record may be other ones than they were.
    func lookAgain() async throws

    /// These records as they are now. One that is not among the answers is gone, or seems to be.
    func read(_ keys: [String], lane: Lane) async throws -> [Record]
    /// One page of the records that changed since then, oldest change first; of all, with nil.
    func page(changedSince: WallTime?, lane: Lane) async throws -> RecordPage
    func page(next: String, lane: Lane) async throws -> RecordPage
    /// Nil where nobody can say.
    func count(lane: Lane) async throws -> Int?

    /// A field's value as people read it; null where it holds none.
    nonisolated func plain(_ field: String, of record: Record) -> JSON
    /// What people call the record.
    nonisolated func number(of record: Record) -> String

    // MARK: What goes back

    /// Why the record as it is now must not be changed so, if it must not: it is posted, locked, in somebody's approval.
    func refusal(to changes: [BackChange], of record: Record) -> CallError?
    /// Does what was asked for. The record's state and etag guard it; done twice, it is done once. What the books refuse
    /// throws `skipRecord` with their own words; a record that changed meanwhile, `lookAgain` of the kind `conflict`.
    func perform(
        _ changes: [BackChange],
        on record: Record,
        idempotencyKey: String,
        lane: Lane
    ) async throws -> String?
}

extension RecordSource {
    func lookAgain() async throws {}
    func count(lane: Lane) async throws -> Int? { nil }

    func refusal(to changes: [BackChange], of record: Record) -> CallError? {
        CallError(.skipRecord, system, .configuration, "nothing goes back to these records")
    }

    func perform(
        _ changes: [BackChange],
        on record: Record,
        idempotencyKey: String,
        lane: Lane
    ) async throws -> String? {
        throw CallError(.skipRecord, system, .configuration, "nothing goes back to these records")
    }
}
