import Core
import Systems
import Transport

/// One entity set of a company in Business Central.
final class BusinessCentralSource: RecordSource {
    nonisolated let system = BusinessCentral.name
    nonisolated let rules: String
    private let entitySet: String
    private let fields: [String]
    private let client: BusinessCentral.Client

    /// A page is held in memory, so it is not the largest there could be.
    private static let pageSize = 1_000

    init(_ entitySet: String, fields: [String], client: BusinessCentral.Client) {
        self.entitySet = entitySet
        self.fields = fields.contains("number") ? fields : fields + ["number"]
        self.client = client
        rules = "\(client.settings.root) \(client.settings.company)"
    }

    func company(lane: Lane) async throws -> String {
        try await client.company(lane: lane).id
    }

    func read(_ keys: [String], lane: Lane) async throws -> [Record] {
        var records = try await client.records(entitySet, ids: keys, select: fields, lane: lane)
        // What a filter does not find may be hidden or on its way between two tables: asked for by its address, it
        // is there or it is not.
        let found = Set(records.map(\.id))
        for key in keys where !found.contains(key) {
            if let record = try await client.record(entitySet, id: key, select: fields, lane: lane) {
                records.append(record)
            }
        }
        return records
    }

    func page(changedSince: WallTime?, lane: Lane) async throws -> RecordPage {
        try await client.page(
            entitySet,
            changedSince: changedSince,
            select: fields,
            pageSize: Self.pageSize,
            lane: lane
        )
    }

    func page(next: String, lane: Lane) async throws -> RecordPage {
        try await client.page(next: next, pageSize: Self.pageSize, lane: lane)
    }

    func count(lane: Lane) async throws -> Int? {
        try await client.count(entitySet, lane: lane)
    }

    nonisolated func plain(_ field: String, of record: Record) -> JSON {
        guard let value = record[field], !BusinessCentral.isEmpty(value) else { return .null }
        guard case .string(let text) = value else { return value }
        return .string(BusinessCentral.decodedMember(text))
    }

    nonisolated func number(of record: Record) -> String {
        if case .string(let text) = record["number"] { text } else { "" }
    }
}
