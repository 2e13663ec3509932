import Core
import Transport

/// The lines of one kind of document, as records of their own: their ids are the document's and the line's with a colon
/// between, the line's without one, and the field `document` holds the document's. A page has all lines of its documents.
@OnLoop protocol LineSource: RecordSource {
    /// The ids of a document's lines as they are now; none where there is no such document.
    func keys(ofDocument document: String, lane: Lane) async throws -> [String]
}

enum LineKey {
    /// The document of a line; nil for what is no line's id.
    static func document(of key: String) -> String? {
        key.lastIndex(of: ":").map { String(key[..<$0]) }.flatMap { $0.isEmpty ? nil : $0 }
    }
}
