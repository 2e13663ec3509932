import Core
import Engine
import Systems
import Transport

/// The lines of documents, each as a record of its own: `<document's key>:<line's number>`, with the document's key in the
/// field `document`. They are read with their documents, because NAV knows no change of a line either.
final class NavLineSource: LineSource {
    nonisolated let system = Nav.name
    nonisolated let rules: String
    private let documents: NavDocumentSource

    /// The documents have to be read with the word `@lines`.
    init(of documents: NavDocumentSource) {
        self.documents = documents
        rules = "\(documents.rules) lines"
    }

    func company(lane: Lane) async throws -> String { try await documents.company(lane: lane) }

    func lookAgain() async throws { try await documents.lookAgain() }

    func read(_ keys: [String], lane: Lane) async throws -> [Record] {
        let wanted = Set(keys)
        var parents: [String] = []
        for parent in keys.compactMap(LineKey.document) where !parents.contains(parent) { parents.append(parent) }
        return try await documents.read(parents, lane: lane).flatMap(Self.lines).filter { wanted.contains($0.id) }
    }

    func page(changedSince: WallTime?, lane: Lane) async throws -> RecordPage {
        Self.lines(of: try await documents.page(changedSince: changedSince, lane: lane))
    }

    func page(next: String, lane: Lane) async throws -> RecordPage {
        Self.lines(of: try await documents.page(next: next, lane: lane))
    }

    /// The keys of one document's lines, in their order; empty where the document is gone.
    func keys(ofDocument key: String, lane: Lane) async throws -> [String] {
        try await documents.read([key], lane: lane).flatMap(Self.lines).map(\.id)
    }

    private static func lines(of page: RecordPage) -> RecordPage {
        var lines = page
        lines.records = page.records.flatMap(Self.lines)
        // Of what is not listed any more nobody knows the lines; whoever keeps them asks for the document's.
        lines.vanished = []
        return lines
    }

    private static func lines(of document: Record) -> [Record] {
        guard case .array(let lines) = document[NavDocument.linesField] else { return [] }
        return lines.compactMap { line in
            if case .object(let fields) = line { NavLine.record(of: fields, in: document) } else { nil }
        }
    }

    nonisolated func plain(_ field: String, of record: Record) -> JSON {
        guard let value = record[field], !Nav.isEmpty(value) else { return .null }
        return value
    }

    nonisolated func number(of record: Record) -> String {
        if case .string(let number) = record["documentNumber"] { number } else { "" }
    }
}
