import Core
import Transport

extension BusinessCentral.Client {
    /// All companies of the environment that the application can see.
    package func companies(lane: Lane = .live) async throws -> [BusinessCentral.Company] {
        try await list("companies", along: settings.standardRoute, lane: lane) { try BusinessCentral.Company($0) }
    }

    /// The names of the environments of the directory, with what each is for; nil where nobody says.
    package func environments(lane: Lane = .live) async throws -> [(name: String, type: String)]? {
        guard settings.server == nil else { return nil }
        let call = BusinessCentral.Call(url: settings.apiURL + "/environments/v1.2", lane: lane)
        let exchange = try await exchange(call)
        // It helps whoever has misspelled one. That it is not there is in nobody's way.
        guard let body = try? exchange.success().body, let document = try? JSON.parse(body.span) else { return nil }
        return try? JSONField(document)["value"].elements().prefix(100).map { field throws in
            (try field["name"].string(), try field["type"].orNil?.string() ?? "")
        }
    }

    /// All of a list that belongs to no company, page by page.
    func list<Element>(
        _ name: String,
        along route: BusinessCentral.Settings.Route,
        lane: Lane,
        _ element: (JSONField) throws -> Element
    ) async throws -> [Element] {
        let root = route == settings.route ? settings.root : settings.standardRoot
        var url = "\(root)/\(name)"
        var all: [Element] = []
        for _ in 0..<BusinessCentral.Limits.mostListPages {
            let (document, exchange) = try await document(BusinessCentral.Call(url: url, lane: lane))
            let next: String?
            do {
                all += try document["value"].elements().map(element)
                next = try document["@odata.nextLink"].orNil?.string()
            } catch {
                throw exchange.garbage("\(error)")
            }
            guard let next, !next.isEmpty else { return all }
            guard settings.leads(next, toList: name, along: route.segments) else {
                throw exchange.garbage("the link to the next page leads elsewhere, and is not followed")
            }
            url = next
        }
        return all
    }

    /// The company of the settings, which is looked for once.
    package func company(lane: Lane = .live) async throws -> BusinessCentral.Company {
        if let resolved { return resolved }
        let all = try await companies(lane: lane)
        let company = try settings.company.choose(from: all, place: settings.placeName)
        resolved = company
        return company
    }

    /// Each is asked for by its id, also when the settings have a name: the id stays.
    func companyID(lane: Lane) async throws -> String {
        if case .id(let id) = settings.company { return id }
        return try await company(lane: lane).id
    }

    /// Like the exchange's own; forgets the company when it is gone, so that the next call looks again and can say which
    /// companies there are.
    func success(of exchange: BusinessCentral.Exchange) throws -> HTTPClient.Response {
        if exchange.refusal?.code == "Internal_CompanyNotFound" { resolved = nil }
        return try exchange.success()
    }
}

extension BusinessCentral.Settings.Company {
    func choose(from all: [BusinessCentral.Company], place: String) throws -> BusinessCentral.Company {
        let fits: [BusinessCentral.Company]
        switch self {
        case .id(let id): fits = all.filter { $0.id == id.lowercased() }
        case .name(let name):
            // As it is stored; else as somebody typed it, or as people see it.
            let asStored = all.filter { $0.name == name }
            let lowered = name.lowercased()
            let alike = all.filter { $0.name.lowercased() == lowered }
            let asShown = all.filter { $0.displayName.lowercased() == lowered }
            fits = [asStored, alike, asShown].first { !$0.isEmpty } ?? []
        }
        if fits.count == 1, let company = fits.first { return company }
        let names =
            all.prefix(20).map { "\"\($0.name)\" (\($0.id))" }.joined(separator: ", ") + (all.count > 20 ? ", …" : "")
        let there =
            all.isEmpty ? "the application can see no company there" : "companies there: \(names)"
        throw CallError(
            .stopConnection,
            BusinessCentral.name,
            .configuration,
            "\(fits.isEmpty ? "there is no" : "there are several times the") company \(text) \(place); \(there)"
        )
    }

    private var text: String {
        switch self {
        case .name(let name): "\"\(name)\""
        case .id(let id): "with the id \(id)"
        }
    }
}
