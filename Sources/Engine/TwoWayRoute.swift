import Core
import Transport

/// A route on which some fields also go back: what people change on the target is written to the source.
///
/// The draft of a record holds every mapped field, those that the target owns too: then it is the source's present value,
/// as the target would hold it. Both sides are compared in that form, so it has to be one: what `items` says of a field
/// equals what the draft says of it whenever both mean the same, down to the order of members. A form that one of the
/// systems changes on its way (trimmed, rounded, in capitals) has to be chosen such that it does not matter, or the two
/// go on correcting each other, a few times in ten minutes.
@OnLoop package protocol TwoWayRoute: Route, Sendable {
    /// Whose word counts for a field, under the target's name of it.
    nonisolated func owner(of field: String) -> FieldOwner
    nonisolated var handEdits: HandEdits { get }
    /// Whether anything goes back. Then the item is read with each change of its record; otherwise only when word came from
    /// the item, or a comparison found it different: an item costs a call.
    nonisolated var goesBack: Bool { get }
    /// Whether people who choose this value on the target ask for something to be done.
    func asks(_ field: String, _ value: JSON) -> Bool
    /// What people call a field, and a value of it as they see it there.
    nonisolated func title(of field: String) -> String
    nonisolated func words(for value: JSON, of field: String) -> String?

    /// What these items hold now, at least of the drafts' fields: null where one is empty. A field that cannot be read is
    /// left out, and an item that is not among the answers is gone.
    func items(_ targets: [String], lane: Lane) async throws -> [String: JSON.Object]
    /// What an item holds, in the words of the draft wherever the two are the same as far as the target tells.
    func likened(_ item: JSON.Object, to draft: JSON.Object) -> JSON.Object
    /// Why the record as it is now must not be changed so, if it must not: it is posted, released, locked.
    func refusal(to change: JSON.Object, of record: Record) -> CallError?
    /// Writes these to the source; they are in the target's form. Of a field by which people ask for something it is what
    /// they chose: what that stands for is done, once however often it is asked for. The record's etag guards it: one that is not the newest
    /// any more throws `lookAgain` of the kind `conflict`, and both sides are read and compared again. What the source
    /// refuses for what it is throws `skipRecord`, with the source's own words. Answers with the request's id.
    func writeBack(
        _ values: JSON.Object,
        to record: Record,
        idempotencyKey: String,
        lane: Lane
    ) async throws -> String?
    /// Says something to the people who look at the item, where the connection asks for that. The same words may come
    /// again under the same key.
    func tell(_ target: String, _ words: String, idempotencyKey: String, lane: Lane) async throws
}

extension TwoWayRoute {
    package nonisolated var handEdits: HandEdits { .overwrite }
    package nonisolated var goesBack: Bool { true }
    package func likened(_ item: JSON.Object, to draft: JSON.Object) -> JSON.Object { item }
    package func asks(_ field: String, _ value: JSON) -> Bool { false }
    package nonisolated func title(of field: String) -> String { field }
    package nonisolated func words(for value: JSON, of field: String) -> String? { nil }
}

package enum FieldOwner: Sendable {
    case source
    case target
    /// The source, which shows its state there; and some of what people choose there asks for something to be done.
    case asked
}

/// What becomes of a change that people make on the target, of a field that only the source may change.
package enum HandEdits: String, Sendable, CaseIterable {
    case overwrite
    /// It stays until the source changes the field.
    case keep
}
