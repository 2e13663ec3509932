import Core
import Systems
import Transport

/// The lines of the documents of one entity set, each as a record of its own. Lines have no stamp and no webhooks: a change
/// of one is a change of its document.
final class BusinessCentralLineSource: LineSource {
    nonisolated let system = BusinessCentral.name
    nonisolated let rules: String
    private let documents: BusinessCentralRoute
    private let lines: BusinessCentral.Entity.Lines
    private let select: [String]
    private let expand: [BusinessCentral.Expansion]
    /// What the documents' condition is looked up in.
    private let known: BusinessCentralFields?
    private let client: BusinessCentral.Client

    private static let pageSize = 500

    /// Nil for records that have no lines.
    init?(of documents: BusinessCentralRoute, fields: [String], client: BusinessCentral.Client) {
        guard let lines = documents.entity?.lines else { return nil }
        self.documents = documents
        self.lines = lines
        self.client = client
        let own = fields.filter { !["id", "document", "documentNumber"].contains($0) }
        var fields = ["id", "sequence"] + own.filter { $0 != "sequence" }
        known = documents.filter.map { BusinessCentralFields($0.fields, of: documents.entity) }
        var expand = known?.expand ?? []
        if let place = expand.firstIndex(where: { $0.name == lines.navigation }) {
            fields += expand.remove(at: place).select.filter { !fields.contains($0) }
        }
        self.expand = expand + [.init(lines.navigation, select: fields)]
        select = known?.select ?? [documents.entity?.number ?? "number"]
        var rules = "\(client.settings.root) \(client.settings.company) \(lines.navigation)"
        if let filter = documents.filter { rules += " \(filter.conditions)" }
        self.rules = rules
    }

    func company(lane: Lane) async throws -> String {
        try await client.company(lane: lane).id
    }

    /// The keys of the lines that a document has now, in its order.
    func keys(ofDocument document: String, lane: Lane) async throws -> [String] {
        try await read(documents: [document], lane: lane).map(\.id)
    }

    func read(_ keys: [String], lane: Lane) async throws -> [Record] {
        var wanted: Set<String> = []
        var parents: [String] = []
        for key in keys {
            guard wanted.insert(key).inserted, let parent = Self.document(of: key) else { continue }
            if !parents.contains(parent) { parents.append(parent) }
        }
        return try await read(documents: parents, lane: lane).filter { wanted.contains($0.id) }
    }

    func page(changedSince: WallTime?, lane: Lane) async throws -> RecordPage {
        let isAll = changedSince == nil
        let page = try await client.page(
            documents.entitySet,
            changedSince: changedSince,
            select: select,
            expand: expand,
            pageSize: Self.pageSize,
            fromCopy: isAll && lane == .background,
            lane: lane
        )
        return flat(page)
    }

    func page(next: String, lane: Lane) async throws -> RecordPage {
        flat(try await client.page(next: next, pageSize: Self.pageSize, lane: lane))
    }

    nonisolated func plain(_ field: String, of record: Record) -> JSON {
        guard let value = record[field], !BusinessCentral.isEmpty(value) else { return .null }
        return value
    }

    nonisolated func number(of record: Record) -> String {
        let words = [record["documentNumber"]?.word, record["lineObjectNumber"]?.word ?? record["sequence"]?.word]
        return words.compactMap(\.self).joined(separator: " ")
    }

    /// Of the key of a line.
    nonisolated static func document(of key: String) -> String? {
        let parts = key.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 2 ? String(parts[0]) : nil
    }

    private var documentNumber: String { documents.entity?.number ?? "number" }

    private func read(documents ids: [String], lane: Lane) async throws -> [Record] {
        let entitySet = documents.entitySet
        var found = try await client.records(entitySet, ids: ids, select: select, expand: expand, lane: lane)
        let seen = Set(found.map(\.id))
        for id in ids where !seen.contains(id) {
            let record = try await client.record(entitySet, id: id, select: select, expand: expand, lane: lane)
            if let record { found.append(record) }
        }
        return found.flatMap(records)
    }

    private func flat(_ page: RecordPage) -> RecordPage {
        page.with(page.records.flatMap(records))
    }

    /// None of a document that is not on the board: they would wait for its item for ever.
    private func records(of document: Record) -> [Record] {
        if let filter = documents.filter, let known, !filter.holds({ known.value($0, of: document) }) { return [] }
        guard case .array(let elements)? = document[lines.navigation] else { return [] }
        let records = elements.compactMap { element -> (Int, Record)? in
            guard case .object(var line) = element, let id = line["id"]?.word, !id.isEmpty else { return nil }
            line["document"] = .string(document.id)
            line["documentNumber"] = document[documentNumber]
            let place = JSONField(element)["sequence"]
            let key = "\(document.id):\(id.lowercased())"
            let etag = line["@odata.etag"]?.word
            let record = Record(id: key, etag: etag, modified: document.modified, fields: line)
            return ((try? place.int()) ?? 0, record)
        }
        return records.sorted { $0.0 < $1.0 }.map(\.1)
    }
}
