import Core
import Systems
import Transport

/// The values of one dimension in Business Central, which lists those of all dimensions together.
final class DimensionValueSource: RecordSource {
    nonisolated let system = BusinessCentral.name
    nonisolated let rules: String
    private let dimension: String
    private let fields: [String]
    private let client: BusinessCentral.Client
    private var dimensionID: String?

    private static let pageSize = 1_000
    private static let mostDimensions = 20

    init(of dimension: String, fields: [String], client: BusinessCentral.Client) {
        self.dimension = dimension
        var seen: Set<String> = []
        self.fields = (fields + ["code", "dimensionId"]).filter { seen.insert($0).inserted }
        self.client = client
        rules = "\(client.settings.root) \(client.settings.company) \(dimension)"
    }

    func company(lane: Lane) async throws -> String {
        try await client.company(lane: lane).id
    }

    func lookAgain() async throws {
        dimensionID = nil
    }

    func read(_ keys: [String], lane: Lane) async throws -> [Record] {
        let id = try await id(lane)
        return try await client.records("dimensionValues", ids: keys, select: fields, lane: lane)
            .filter { $0["dimensionId"] == .string(id) }
    }

    func page(changedSince: WallTime?, lane: Lane) async throws -> RecordPage {
        try await own(
            client.page(
                "dimensionValues",
                changedSince: changedSince,
                select: fields,
                pageSize: Self.pageSize,
                lane: lane
            ),
            lane
        )
    }

    func page(next: String, lane: Lane) async throws -> RecordPage {
        try await own(client.page(next: next, pageSize: Self.pageSize, lane: lane), lane)
    }

    private func own(_ page: RecordPage, _ lane: Lane) async throws -> RecordPage {
        let id = try await id(lane)
        return page.with(page.records.filter { $0["dimensionId"] == .string(id) })
    }

    private func id(_ lane: Lane) async throws -> String {
        if let dimensionID { return dimensionID }
        var known: [String] = []
        var page = try await client.page("dimensions", changedSince: nil, select: ["code"], lane: lane)
        for _ in 0..<Self.mostDimensions {
            for record in page.records {
                guard case .string(let code) = record["code"] else { continue }
                known.append(code)
                guard code.lowercased() == dimension.lowercased() else { continue }
                dimensionID = record.id
                return record.id
            }
            guard let next = page.next else { break }
            page = try await client.page(next: next, lane: lane)
        }
        throw CallError(
            .stopConnection,
            system,
            .configuration,
            "the company has no dimension \(dimension); it has \(known.prefix(20).joined(separator: ", "))"
        )
    }

    nonisolated func plain(_ field: String, of record: Record) -> JSON {
        record[field].flatMap { BusinessCentral.isEmpty($0) ? nil : $0 } ?? .null
    }

    nonisolated func number(of record: Record) -> String {
        if case .string(let code) = record["code"] { code } else { "" }
    }
}
