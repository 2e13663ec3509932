import Core

extension BusinessCentralSimulator {
    /// What an address of the API leads to.
    enum Resource {
        case companies
        case company(Company)
        case vendors(Company)
        case vendor(Company, String)
        case invoices(Company)
        case invoice(Company, String)
        case action(Company, String, name: String)
        case vendorOfInvoice(Company, String)
        /// Of one invoice, or of all where nil.
        case lines(Company, invoice: String?)
        /// Beneath its invoice, or by itself where nil.
        case line(Company, invoice: String?, String)
        case subscriptions
        case subscription(String)
        case supportedResources(Company)
        indirect case count(Resource)

        /// As facts and faults call it, without the method.
        var name: String {
            switch self {
            case .companies: "companies"
            case .company: "companies(id)"
            case .vendors: "vendors"
            case .vendor: "vendors(id)"
            case .invoices: "purchaseInvoices"
            case .invoice: "purchaseInvoices(id)"
            case .action(_, _, let name): "purchaseInvoices(id)/\(name)"
            case .vendorOfInvoice: "purchaseInvoices(id)/vendor"
            case .lines(_, let invoice): (invoice == nil ? "" : "purchaseInvoices(id)/") + "purchaseInvoiceLines"
            case .line(_, let invoice, _): (invoice == nil ? "" : "purchaseInvoices(id)/") + "purchaseInvoiceLines(id)"
            case .subscriptions: "subscriptions"
            case .subscription: "subscriptions(id)"
            case .supportedResources: "webhookSupportedResources"
            case .count(let counted): counted.name + "/$count"
            }
        }
    }
}

extension BusinessCentralSimulator {
    typealias Segment = Request.Segment

    /// `/v2.0/{tenant}/{environment}/api/v2.0/…`, or without the tenant. What follows the route, and which route it is.
    func apiPath(_ segments: [Segment]) throws(Refusal) -> (isRuntime: Bool, rest: ArraySlice<Segment>) {
        guard segments.first?.name == "v2.0", let api = segments.firstIndex(where: { $0.name == "api" }),
            api == 2 || api == 3
        else { throw .noSegment(segments.first?.name ?? "") }
        // A token of one tenant opens no other.
        if api == 3, segments[1].name.lowercased() != settings.entraTenant.lowercased() { throw .badCredentials }
        guard segments[api - 1].name.lowercased() == settings.environment.lowercased() else {
            throw Refusal(404, "NoEnvironment", "The environment does not exist.", rule: "no environment")
        }
        let rest = segments[(api + 1)...]
        if rest.first?.name == "v2.0" { return (false, rest.dropFirst()) }
        if rest.prefix(3).map(\.name) == ["microsoft", "runtime", "beta"] { return (true, rest.dropFirst(3)) }
        throw .noSegment(rest.first?.name ?? "")
    }

    func resource(_ request: Request) throws(Refusal) -> Resource {
        let (isRuntime, path) = try apiPath(request.segments)
        guard let first = path.first else { throw .noSegment("") }
        if first.name == "subscriptions", !isRuntime, path.count == 1 {
            guard let key = first.key else { return .subscriptions }
            guard case .quoted(let id) = key else {
                throw Refusal(400, "BadRequest_NotFound", "Bad key: it is a string.", rule: "unquoted string key")
            }
            return .subscription(id)
        }
        var rest = path.dropFirst()
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
            rest = path
        }
        return isRuntime ? try runtimeResource(rest, company) : try resource(rest, of: company)
    }

    private func runtimeResource(_ path: ArraySlice<Segment>, _ company: Company) throws(Refusal) -> Resource {
        guard path.count == 1, let first = path.first, first == Segment(name: "webhookSupportedResources", key: nil)
        else { throw .noSegment(path.first?.name ?? "") }
        return .supportedResources(company)
    }

    private func resource(_ path: ArraySlice<Segment>, of company: Company) throws(Refusal) -> Resource {
        guard let first = path.first else { throw .noSegment("") }
        let rest = path.dropFirst()
        switch (first.name, first.key != nil) {
        case ("vendors", false): return try counted(rest, .vendors(company))
        case ("vendors", true): return try end(rest, .vendor(company, try id(of: first)))
        case ("purchaseInvoices", false): return try counted(rest, .invoices(company))
        case ("purchaseInvoices", true): return try invoice(try id(of: first), rest, company)
        case ("purchaseInvoiceLines", false): return try counted(rest, .lines(company, invoice: nil))
        case ("purchaseInvoiceLines", true):
            return try end(rest, .line(company, invoice: nil, try id(of: first)))
        default: throw .noSegment(first.name)
        }
    }

    private func invoice(_ id: String, _ path: ArraySlice<Segment>, _ company: Company) throws(Refusal) -> Resource {
        guard let first = path.first else { return .invoice(company, id) }
        let rest = path.dropFirst()
        switch (first.name, first.key != nil) {
        case ("purchaseInvoiceLines", false): return try counted(rest, .lines(company, invoice: id))
        case ("purchaseInvoiceLines", true):
            return try end(rest, .line(company, invoice: id, try self.id(of: first)))
        case ("vendor", false): return try end(rest, .vendorOfInvoice(company, id))
        case (let name, false) where name.hasPrefix("Microsoft.NAV."):
            // The name's case counts, and there is only one.
            guard name == "Microsoft.NAV.post" else { throw .noSegment(name) }
            return try end(rest, .action(company, id, name: name))
        default: throw .noSegment(first.name)
        }
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
