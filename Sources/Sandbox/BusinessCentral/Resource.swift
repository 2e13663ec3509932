import Core
import Transport

extension BusinessCentralSimulator {
    /// Records of one kind in one company: all of them, or those that belong to one parent.
    struct Place {
        struct Parent {
            let type: EntityType
            let id: String
            let navigation: EntityType.Navigation
        }
        let company: Company
        let type: EntityType
        var parent: Parent?
        /// As facts and faults call it: `purchaseInvoices(id)/purchaseInvoiceLines`.
        let name: String
    }

    /// What an address of the API leads to.
    enum Resource {
        case companies
        case company(Company)
        case list(Place)
        case record(Place, String)
        /// The one record that another one names.
        case one(Place, String, EntityType.Navigation)
        case action(Place, String, action: String)
        case subscriptions(route: String)
        case subscription(String)
        case supportedResources(Company)
        case metadata(route: String)
        case definitions(route: String)
        indirect case count(Resource)

        /// Without the method.
        var name: String {
            switch self {
            case .companies: "companies"
            case .company: "companies(id)"
            case .list(let place): place.name
            case .record(let place, _): place.name + "(id)"
            case .one(let place, _, let navigation): "\(place.name)(id)/\(navigation.name)"
            case .action(let place, _, let action): "\(place.name)(id)/Microsoft.NAV.\(action)"
            case .subscriptions: "subscriptions"
            case .subscription: "subscriptions(id)"
            case .supportedResources: "webhookSupportedResources"
            case .metadata: "$metadata"
            case .definitions: "entityDefinitions"
            case .count(let counted): counted.name + "/$count"
            }
        }
    }
}

extension BusinessCentralSimulator {
    typealias Segment = Request.Segment

    /// Which API an address belongs to, and what follows it.
    struct APIPath {
        /// What stands before the entity sets, as answers repeat it.
        let root: String
        let route: String
        let rest: ArraySlice<Segment>
    }

    private static let runtimeRoute = "microsoft/runtime/beta"

    /// `/v2.0/{tenant}/{environment}/api/…`, or without the tenant; on a server of the customer's own `/{instance}/api/…`.
    func apiPath(_ request: Request) throws(Refusal) -> APIPath {
        let segments = request.segments
        guard let api = segments.firstIndex(where: { $0.name == "api" }) else {
            throw .noSegment(segments.first?.name ?? "")
        }
        if isOnPremises(request) {
            guard api == 1 else { throw .noSegment(segments.last?.name ?? "") }
        } else {
            guard segments.first?.name == "v2.0", api == 2 || api == 3 else {
                throw .noSegment(segments.first?.name ?? "")
            }
            // A token of one tenant opens no other.
            if api == 3, segments[1].name.lowercased() != settings.entraTenant.lowercased() { throw .badCredentials }
            guard segments[api - 1].name.lowercased() == settings.environment.lowercased() else {
                throw Refusal(404, "NoEnvironment", "The environment does not exist.", rule: "no environment")
            }
        }
        let rest = segments[(api + 1)...]
        for route in Self.routes {
            let words = route.split(separator: "/").map(String.init)
            guard rest.prefix(words.count).map(\.name) == words else { continue }
            let before = segments[..<api].map(\.name).joined(separator: "/")
            let base =
                isOnPremises(request)
                ? "\(address)/\(before)" : "\(address)/v2.0/\(settings.entraTenant)/\(settings.environment)"
            return APIPath(root: "\(base)/api/\(route)", route: route, rest: rest.dropFirst(words.count))
        }
        throw .noSegment(rest.first?.name ?? "")
    }

    static let routes: [String] = {
        var routes = [EntityType.standardRoute, runtimeRoute]
        for type in EntityType.all where !routes.contains(type.route) { routes.append(type.route) }
        return routes
    }()

    func isOnPremises(_ request: Request) -> Bool {
        request.segments.first?.name.lowercased() == settings.instance.lowercased()
    }

    func resource(_ request: Request) throws(Refusal) -> Resource {
        let api = try apiPath(request)
        let isRuntime = api.route == Self.runtimeRoute
        guard let first = api.rest.first else { throw .noSegment("") }
        if first.name == "subscriptions", !isRuntime, api.rest.count == 1 {
            guard let key = first.key else { return .subscriptions(route: api.route) }
            guard case .quoted(let id) = key else {
                throw Refusal(400, "BadRequest_NotFound", "Bad key: it is a string.", rule: "unquoted string key")
            }
            return .subscription(id)
        }
        if !isRuntime, api.rest.count == 1, first.key == nil {
            if first.name == "$metadata" { return .metadata(route: api.route) }
            if first.name == "entityDefinitions" { return .definitions(route: api.route) }
        }
        var rest = api.rest.dropFirst()
        let company: Company
        if first.name == "companies" {
            guard first.key != nil else { return try counted(rest, .companies) }
            company = try self.company(try id(of: first))
            if rest.isEmpty { return .company(company) }
        } else {
            guard let name = request.query.first(where: { $0.name == "company" })?.value,
                let named = companies.first(where: { $0.name == name || $0.id == name.lowercased() })
            else { throw .noCompany }
            company = named
            rest = api.rest
        }
        guard let next = rest.first else { throw .noSegment("") }
        if isRuntime {
            guard rest.count == 1, next == Segment(name: "webhookSupportedResources", key: nil) else {
                throw .noSegment(next.name)
            }
            return .supportedResources(company)
        }
        guard let type = EntityType.named(next.name), type.route == api.route else { throw .noSegment(next.name) }
        return try follow(rest, Place(company: company, type: type, name: type.set))
    }

    /// `place` is what the first segment names.
    private func follow(_ path: ArraySlice<Segment>, _ place: Place) throws(Refusal) -> Resource {
        guard let first = path.first else { throw .noSegment("") }
        guard first.key != nil else { return try counted(path.dropFirst(), .list(place)) }
        let id = try id(of: first)
        let rest = path.dropFirst()
        guard let next = rest.first else { return .record(place, id) }
        let prefix = "Microsoft.NAV."
        if next.key == nil, next.name.hasPrefix(prefix) {
            // The name's case counts.
            let action = String(next.name.dropFirst(prefix.count))
            guard place.type.actions.contains(action) else { throw .noSegment(next.name) }
            return try end(rest.dropFirst(), .action(place, id, action: action))
        }
        guard let navigation = place.type.navigation.first(where: { $0.name == next.name }),
            let target = EntityType.named(navigation.target)
        else { throw .noSegment(next.name) }
        guard navigation.isToMany else {
            guard next.key == nil else { throw .noSegment(next.name) }
            return try end(rest.dropFirst(), .one(place, id, navigation))
        }
        let parent = Place.Parent(type: place.type, id: id, navigation: navigation)
        let name = "\(place.name)(id)/\(target.set)"
        return try follow(rest, Place(company: place.company, type: target, parent: parent, name: name))
    }

    private func counted(_ rest: ArraySlice<Segment>, _ resource: Resource) throws(Refusal) -> Resource {
        guard let first = rest.first else { return resource }
        guard rest.count == 1, first == Segment(name: "$count", key: nil) else { throw .noSegment(first.name) }
        return .count(resource)
    }

    private func end(_ rest: ArraySlice<Segment>, _ resource: Resource) throws(Refusal) -> Resource {
        guard let first = rest.first else { return resource }
        throw .noSegment(first.name)
    }

    private func company(_ id: String) throws(Refusal) -> Company {
        guard let company = companies.first(where: { $0.id == id }) else { throw .noCompany }
        return company
    }

    /// GUIDs are not quoted.
    private func id(of segment: Segment) throws(Refusal) -> String {
        guard case .bare(let text)? = segment.key, let id = parsedGUID(text) else {
            throw Refusal(400, "BadRequest_NotFound", "Bad key of '\(segment.name)': it is a GUID.", rule: "bad key")
        }
        return id
    }
}

extension BusinessCentralSimulator.Place {
    typealias Row = BusinessCentralSimulator.Row
    typealias Refusal = BusinessCentralSimulator.Refusal

    @OnLoop var table: BusinessCentralSimulator.Table { company[type] }

    /// The record that the address goes through; nil where it goes through none.
    @OnLoop func parentRow() throws(Refusal) -> Row? {
        guard let parent else { return nil }
        return try find(parent.id, of: parent.type, under: nil)
    }

    @OnLoop func find(_ id: String) throws(Refusal) -> Row {
        try find(id, of: type, under: parent)
    }

    @OnLoop private func find(
        _ id: String,
        of type: BusinessCentralSimulator.EntityType,
        under parent: Parent?
    ) throws(Refusal) -> Row {
        typealias EntityType = BusinessCentralSimulator.EntityType
        if type === EntityType.dimensionSetLines {
            guard let row = company.dimensionLine(id, of: parent?.id ?? "") else { throw .noRecord(id) }
            return row
        }
        // Batches of every template are found among the journals.
        let other = type === EntityType.journals ? company[.vendorPaymentJournals][id] : nil
        guard let row = company[type][id] ?? other else { throw .noRecord(id) }
        guard let parent, case .many(let field) = parent.navigation.way else { return row }
        guard row.guid(field) == parent.id else { throw .noRecord(id) }
        return row
    }
}
