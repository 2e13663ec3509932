import Core
import Transport

/// GET: lists, single records and counts.
extension BusinessCentralSimulator {
    func read(_ request: Request, _ resource: Resource) throws(Refusal) -> Reply {
        let root = try apiPath(request).root
        switch resource {
        case .companies: return try list(request, sorted(companies.map(\.row), .companies, request), .companies, root)
        case .company(let company): return try single(request, company.row, root, in: nil)
        case .list(let place): return try list(request, try rows(place, request), place.type, root, of: place)
        case .record(let place, let id):
            return try single(request, try find(id, place, request), root, in: place.company)
        case .one(let place, let id, let navigation):
            guard case .one(let field) = navigation.way, let target = EntityType.named(navigation.target) else {
                throw .noSegment(navigation.name)
            }
            let row = try place.company.find(target, try place.find(id).guid(field))
            return try single(request, row, root, in: place.company)
        case .subscriptions:
            return try list(
                request,
                sorted(liveSubscriptions.map(\.row), .subscriptions, request),
                .subscriptions,
                root
            )
        case .subscription(let id): return try single(request, try subscription(id).row, root, in: nil)
        case .supportedResources:
            let rows = sorted(supportedResources, .webhookSupportedResources, request)
            return try list(request, rows, .webhookSupportedResources, root)
        case .metadata(let route): return metadata(of: route)
        case .definitions(let route): return definitions(of: route, root)
        case .count(let counted): return try count(request, counted)
        case .action: throw .methodNotAllowed("GET", resource.name)
        }
    }

    private func find(_ id: String, _ place: Place, _ request: Request) throws(Refusal) -> Row {
        guard request.readsFromReplica, settings.replicaLagSeconds > 0 else { return try place.find(id) }
        guard let row = place.table.rows(at: replicaInstant)[id] else { throw .noRecord(id) }
        return row
    }

    private var replicaInstant: Instant { clock.instant + .seconds(-settings.replicaLagSeconds) }

    /// In the order of the query: as the primary knows them, or as a replica does that lies behind.
    private func rows(_ place: Place, _ request: Request) throws(Refusal) -> [Row] {
        let query = try query(request, place.type, Query.forLists, of: place)
        let order = RowOrder(query.ordering)
        if let parent = place.parent, case .many(let field) = parent.navigation.way {
            guard let row = try place.parentRow() else { throw .noRecord(parent.id) }
            return place.table.find(field, .guid(row.id)).sorted(by: order.precedes)
        }
        if request.readsFromReplica, settings.replicaLagSeconds > 0 {
            return place.table.rows(at: replicaInstant).values.sorted(by: order.precedes)
        }
        if let (at, values) = query.filter?.fixed {
            return values.flatMap { place.table.find(at: at, $0) }.sorted(by: order.precedes)
        }
        return place.table.sorted(by: order)
    }

    private func sorted(_ rows: [Row], _ type: EntityType, _ request: Request) -> [Row] {
        let query = try? query(request, type, Query.forLists, of: nil)
        return rows.sorted(by: RowOrder(query?.ordering ?? []).precedes)
    }

    private var supportedResources: [Row] {
        Subscription.supported(settings).enumerated().map { index, resource in
            var row = Row(.webhookSupportedResources, id: "", sequence: index)
            row["id"] = .noGuid
            row["resource"] = .string(resource)
            return row
        }
    }

    private func query(
        _ request: Request,
        _ type: EntityType,
        _ allowed: Set<String>,
        of place: Place?
    ) throws(Refusal) -> Query {
        var query = try Query(request.query, of: type, allowing: allowed, settings)
        if type === EntityType.webhookSupportedResources { query.filter = query.filter?.withWildcard }
        guard let place, place.parent == nil else { return query }
        if type === EntityType.journals { query.filter = query.filter.inGeneralTemplate(of: type) }
        // Whoever asks for lines has to say whose.
        guard !type.parentFields.isEmpty else { return query }
        let fixing = Set((type.parentFields + ["id"]).compactMap(type.place))
        guard let filter = query.filter, filter.fixes(anyOf: fixing) else {
            throw .badURL(
                "You must specify an Id or a Document Id to get the lines.",
                rule: "lines without their document"
            )
        }
        return query
    }

    private func list(
        _ request: Request,
        _ rows: [Row],
        _ type: EntityType,
        _ root: String,
        of place: Place? = nil
    ) throws(Refusal) -> Reply {
        let company = place?.company
        let query = try query(request, type, Query.forLists, of: place)
        let preferred = try request.preferredPage()
        guard !settings.refusesLargerPages || preferred ?? 0 <= settings.largestPage else {
            throw Refusal(413, "BadRequest", "The page is too large.", rule: "page too large")
        }
        let size = min(preferred ?? settings.largestPage, settings.largestPage)
        let listing = try Listing(sorted: rows, type, query, pageSize: size)
        let isBare = request.accept.contains("odata.metadata=none")
        var body: [UInt8] = Array("{".utf8)
        if !isBare { append(context(root, type, company), to: &body) }
        if let count = listing.count { body.append(contentsOf: "\"@odata.count\":\(count),".utf8) }
        body.append(contentsOf: "\"value\":[".utf8)
        for (index, row) in listing.rows.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            append(row, query, company, isBare: isBare, to: &body)
        }
        body.append(UInt8(ascii: "]"))
        if let token = listing.nextToken {
            body.append(contentsOf: ",\"@odata.nextLink\":".utf8)
            JSON.append(nextLink(request, token), to: &body)
        }
        body.append(UInt8(ascii: "}"))
        var headers = Self.jsonHeaders
        if preferred != nil { headers.append(HTTPHeader("Preference-Applied", "odata.maxpagesize=\(size)")) }
        return Reply(.ok, headers, body: body)
    }

    private func count(_ request: Request, _ counted: Resource) throws(Refusal) -> Reply {
        let (type, rows): (EntityType, [Row]) =
            switch counted {
            case .companies: (.companies, companies.map(\.row))
            case .list(let place): (place.type, try self.rows(place, request))
            default: throw .noSegment("$count")
            }
        let place: Place? = if case .list(let place) = counted { place } else { nil }
        let query = try query(request, type, ["$filter"], of: place)
        let count = rows.count { query.filter?.holds(for: $0.values) ?? true }
        return Reply(.ok, [HTTPHeader("Content-Type", "text/plain")], body: Array("\(count)".utf8))
    }

    private func single(
        _ request: Request,
        _ row: Row,
        _ root: String,
        in company: Company?
    ) throws(Refusal) -> Reply {
        let query = try query(request, row.type, Query.forRecords, of: nil)
        return try single(.ok, row, root, query, in: company, isBare: request.accept.contains("odata.metadata=none"))
    }

    /// One record as an answer's whole body.
    func single(
        _ status: HTTPStatus,
        _ row: Row,
        _ root: String,
        _ query: Query? = nil,
        in company: Company?,
        isBare: Bool = false
    ) throws(Refusal) -> Reply {
        var body: [UInt8] = []
        let context = isBare ? nil : context(root, row.type, company) + "/$entity"
        append(row, query, company, isBare: isBare, context: context, to: &body)
        return Reply(status, Self.jsonHeaders, body: body)
    }

    private static let jsonHeaders = [HTTPHeader("Content-Type", "application/json; odata.metadata=minimal")]
}

extension BusinessCentralSimulator.Filter? {
    /// The list of journals is that of the general template, unless another one is named.
    fileprivate func inGeneralTemplate(of type: BusinessCentralSimulator.EntityType) -> Self {
        typealias Filter = BusinessCentralSimulator.Filter
        guard let place = type.place(of: "templateDisplayName"), self?.places.contains(place) != true else {
            return self
        }
        let general = Filter.compare(Filter.Operand(place: place), .eq, .string("GENERAL"))
        return self.map { .and($0, general) } ?? general
    }
}

extension BusinessCentralSimulator.Filter {
    /// In the list of resources a star at the end of a value stands for any rest.
    fileprivate var withWildcard: Self {
        guard case .compare(let operand, .eq, .string(let text)) = self, text.hasSuffix("*") else { return self }
        return .match(.startswith, operand, String(text.dropLast()))
    }
}

extension BusinessCentralSimulator.Company {
    var row: BusinessCentralSimulator.Row {
        var row = BusinessCentralSimulator.Row(.companies, id: id, sequence: 1)
        row["systemVersion"] = .string("28.0.31415.0")
        row["name"] = .string(name)
        row["displayName"] = .string(name)
        return row
    }
}
