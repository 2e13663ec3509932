import Core

/// Which members of a body tell an event from every other: `EventId`; `event.subscriptionId+event.triggerUuid` for both
/// together; `ulid|id` for the first that is there.
///
/// A vendor sends an event again with another body: a mark that it is a retry, another time, members in another order. Its
/// id stays. What each vendor calls it:
///
///     Monday                  event.subscriptionId+event.triggerUuid   one event is told to each subscription
///     Finance and Operations  EventId                                  ControlNumber has gaps, and 0 in a test
///     Procore                 ulid|id                                  ulid until version 3, id from version 4 on
///     BILL                    metadata.eventId
///     Business Central, NAV   none: the body stands for itself, and one that comes again is read again, for nothing
struct EventIdentity: Equatable {
    static let monday = "event.subscriptionId+event.triggerUuid"
    static let financeOperations = "EventId"
    static let procore = "ulid|id"
    static let bill = "metadata.eventId"

    /// Each a choice of ways through the document, all of which have to be there.
    private let choices: [[[String]]]

    init?(_ text: String) {
        func parts(_ text: some StringProtocol, _ separator: Character) -> [String] {
            text.split(separator: separator, omittingEmptySubsequences: false).map { String($0) }
        }
        choices = parts(text, "|").map { parts($0, "+").map { parts($0, ".") } }
        guard !choices.joined().joined().contains("") else { return nil }
    }

    /// Nil where the body does not hold it.
    func text(in body: UnsafeRawBufferPointer) -> String? {
        guard var document = try? JSON.parse(String(decoding: body, as: UTF8.self)) else { return nil }
        // Some of BILL's pages show the document as a text within a document.
        if case .string(let inner) = document, let unpacked = try? JSON.parse(inner) { document = unpacked }
        for choice in choices {
            let ids = choice.compactMap { id(at: $0, in: document) }
            if ids.count == choice.count { return ids.joined(separator: "\u{1F}") }
        }
        return nil
    }

    private func id(at path: [String], in document: JSON) -> String? {
        var field = JSONField(document)
        for name in path { field = field[name] }
        return switch field.value {
        case .string(let text)? where !text.isEmpty: text
        case .number(let number)?: number.text
        case .string, .bool, .null, .array, .object, nil: nil
        }
    }
}
