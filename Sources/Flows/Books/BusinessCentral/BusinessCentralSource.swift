import Core
import Systems
import Transport

/// One entity set of a company in Business Central.
final class BusinessCentralSource: RecordSource {
    nonisolated let system = BusinessCentral.name
    nonisolated let rules: String
    nonisolated let route: BusinessCentralRoute
    nonisolated let fields: BusinessCentralFields
    let client: BusinessCentral.Client
    /// What of the filter the server can be asked for; the rest is looked at here.
    private let askable: BusinessCentral.Filter?

    /// A page is held in memory, so it is not the largest there could be.
    private static let pageSize = 1_000

    init(_ route: BusinessCentralRoute, fields: [String], client: BusinessCentral.Client) {
        self.route = route
        self.client = client
        self.fields = BusinessCentralFields(fields + (route.filter?.fields ?? []), of: route.entity)
        let conditions =
            route.filter?.conditions.filter { BusinessCentralFields.isAskable($0.field, of: route.entity) } ?? []
        askable = conditions.isEmpty ? nil : BusinessCentral.Filter(conditions)
        var rules = "\(client.settings.root) \(client.settings.company)"
        if route.entitySet != route.name { rules += " \(route.entitySet)" }
        if let filter = route.filter { rules += " \(filter.conditions)" }
        self.rules = rules
    }

    func company(lane: Lane) async throws -> String {
        try await client.company(lane: lane).id
    }

    func read(_ keys: [String], lane: Lane) async throws -> [Record] {
        let (select, expand) = (fields.select, fields.expand)
        var records = try await client.records(
            route.entitySet,
            ids: keys,
            select: select,
            expand: expand,
            lane: lane
        )
        // What a filter does not find may be hidden or on its way between two tables: asked for by its address, it
        // is there or it is not.
        let found = Set(records.map(\.id))
        for key in keys where !found.contains(key) {
            let record = try await client.record(
                route.entitySet,
                id: key,
                select: select,
                expand: expand,
                lane: lane
            )
            if let record { records.append(record) }
        }
        return records.filter(belongs)
    }

    func page(changedSince: WallTime?, lane: Lane) async throws -> RecordPage {
        let isAll = changedSince == nil
        let page = try await client.page(
            route.entitySet,
            changedSince: changedSince,
            // Of what has changed, all is looked at: what does not meet the filter any more may have met it before.
            filter: isAll ? askable : nil,
            select: fields.select,
            expand: fields.expand,
            pageSize: Self.pageSize,
            fromCopy: isAll && lane == .background,
            lane: lane
        )
        return sorted(page)
    }

    func page(next: String, lane: Lane) async throws -> RecordPage {
        sorted(try await client.page(next: next, pageSize: Self.pageSize, lane: lane))
    }

    func count(lane: Lane) async throws -> Int? {
        try await client.count(route.entitySet, filter: askable, lane: lane)
    }

    nonisolated func plain(_ field: String, of record: Record) -> JSON {
        fields.value(field, of: record)
    }

    nonisolated func number(of record: Record) -> String {
        let names = route.entity.map { [$0.number] } ?? ["number", "code", "displayName"]
        return names.lazy.compactMap { record[$0]?.word }.first ?? ""
    }

    // MARK: The filter

    private func sorted(_ page: RecordPage) -> RecordPage {
        guard route.filter != nil else { return page }
        var page = page
        page.left = page.records.filter { !belongs($0) }
        page.records = page.records.filter(belongs)
        return page
    }

    private func belongs(_ record: Record) -> Bool {
        route.filter?.holds { fields.value($0, of: record) } ?? true
    }
}
