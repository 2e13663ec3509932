import Core
import Transport

extension NavSimulator {
    typealias Key = [NavRequest.KeyPart]

    /// What an address of OData leads to.
    enum Resource {
        case root
        case metadata
        /// Of V3, which is not played beyond that it is there.
        case oldRoot
        case otherAPI(String)
        case companies
        case company(Company)
        case list(Company, Publication)
        case row(Company, Publication, Key)
        case lines(Company, Publication, Key)
        case line(Company, Publication, Key, line: Key)
        case action(Company, Publication, Key, Function)
        indirect case count(Resource)

        /// As facts and faults call it, without the method.
        var name: String {
            switch self {
            case .root: "service document"
            case .metadata: "$metadata"
            case .oldRoot: "V3"
            case .otherAPI(let name): name
            case .companies: "Company"
            case .company: "Company(key)"
            case .list(_, let publication): publication.service
            case .row(_, let publication, _): "\(publication.service)(key)"
            case .lines(_, let publication, _): "\(publication.service)(key)/\(publication.partName ?? "")"
            case .line(_, let publication, _, _): "\(publication.service)(key)/\(publication.partName ?? "")(key)"
            case .action(_, let publication, _, let function): "\(publication.service)(key)/NAV.\(function.name)"
            case .count(let counted): counted.name + "/$count"
            }
        }
    }

    func resource(_ request: NavRequest) throws(Refusal) -> Resource {
        guard request.segments.count >= 2, request.segments[0].name == settings.instance else {
            throw .noSegment(request.segments.first?.name ?? "")
        }
        let rest = request.segments.dropFirst(2)
        switch request.segments[1].name {
        case "ODataV4": break
        case "OData" where settings.isODataOn && rest.isEmpty: return .oldRoot
        case "api": return try otherAPI(rest)
        default: throw .noSegment(request.segments[1].name)
        }
        guard settings.isODataOn else {
            throw Refusal(
                .request,
                settings.offStatus,
                "BadRequest_NotFound",
                "OData is switched off.",
                rule: "OData off"
            )
        }
        if let tenant = settings.tenant, request.option("tenant") != tenant {
            throw Refusal(.request, 404, "BadRequest_NotFound", "The tenant cannot be found.", rule: "no tenant")
        }
        guard let first = rest.first else { return .root }
        switch first.name {
        case "$metadata": return .metadata
        case "Company":
            guard let key = first.key else { return .companies }
            let company = try company(named: key.first?.text ?? "")
            guard rest.count > 1 else { return .company(company) }
            return try entity(rest.dropFirst(), in: company)
        default: return try entity(rest, in: try company(of: request))
        }
    }

    func company(named name: String) throws(Refusal) -> Company {
        guard let company = companies.first(where: { $0.name == name }) else { throw .noCompany(name) }
        return company
    }

    /// The one that the address names, the server's usual one, or the only one.
    private func company(of request: NavRequest) throws(Refusal) -> Company {
        if let name = request.option("company") { return try company(named: name) }
        if let name = settings.defaultCompany { return try company(named: name) }
        guard companies.count == 1, let only = companies.first else {
            throw .badRequest("The request must name a company.", rule: "no company named")
        }
        return only
    }

    private func otherAPI(_ rest: ArraySlice<NavRequest.Segment>) throws(Refusal) -> Resource {
        let version = rest.first?.name ?? ""
        let isOn = version == "beta" ? settings.hasBetaAPI : version == settings.newerAPI
        guard isOn, rest.count == 2, rest.last?.name == "companies" else { throw .noSegment("api/\(version)") }
        return .otherAPI("api/\(version)/companies")
    }

    private func entity(_ segments: ArraySlice<NavRequest.Segment>, in company: Company) throws(Refusal) -> Resource {
        guard let first = segments.first, let publication = publication(first.name) else {
            throw .noSegment(segments.first?.name ?? "")
        }
        let rest = segments.dropFirst()
        guard let key = first.key else {
            switch (rest.count, rest.first?.name) {
            case (0, _): return .list(company, publication)
            case (1, "$count"): return .count(.list(company, publication))
            default: throw .noSegment(rest.first?.name ?? "")
            }
        }
        guard let next = rest.first else { return .row(company, publication, key) }
        if next.name == publication.partName {
            switch (next.key, rest.count, rest.last?.name) {
            case (let line?, 1, _): return .line(company, publication, key, line: line)
            case (nil, 1, _): return .lines(company, publication, key)
            case (nil, 2, "$count"): return .count(.lines(company, publication, key))
            default: throw .noSegment(rest.last?.name ?? "")
            }
        }
        guard rest.count == 1, next.name.hasPrefix("NAV."),
            let function = functions.first(where: { $0.service == first.name && "NAV." + $0.name == next.name })
        else { throw .noSegment(next.name) }
        return .action(company, publication, key, function)
    }

    // MARK: Keys

    /// The values of a key in the order of the page's, whichever way it was written.
    func values(_ key: Key, of page: Page) throws(Refusal) -> [Value] {
        guard key.count == page.key.count, key.allSatisfy({ $0.name == nil }) || key.allSatisfy({ $0.name != nil })
        else {
            throw .badRequest("The number of keys in the address is not that of '\(page.name)'.", rule: "bad key")
        }
        var values: [Value] = []
        for (place, name) in page.key.enumerated() {
            guard let part = key[place].name == nil ? key[place] : key.first(where: { $0.name == name }),
                let field = page.field(name)
            else { throw .badRequest("The key '\(name)' is missing in the address.", rule: "bad key") }
            switch field.kind {
            case .integer:
                guard !part.isQuoted, let number = Int(part.text) else {
                    throw .badRequest("The key '\(name)' is no number.", rule: "bad key")
                }
                values.append(.number(Decimal(number)))
            case .code, .text, .option, .decimal, .flag, .day, .time:
                guard part.isQuoted else { throw .badRequest("The key '\(name)' is not quoted.", rule: "bad key") }
                if case .code = field.kind {
                    values.append(.text(part.text.uppercased()))
                } else {
                    values.append(.text(part.text))
                }
            }
        }
        return values
    }

    func find(_ key: Key, _ publication: Publication, in company: Company) throws(Refusal) -> Row {
        let page = publication.page
        let values = try values(key, of: page)
        guard let row = company.row(page.table, key: values),
            page.documentType == nil || page.documentType == row.text("Document_Type")
        else {
            let names = zip(page.key, values).map { "\($0)='\($1.shown)'" }
            throw .noRecord(page.table, names.joined(separator: ","))
        }
        return row
    }

    func find(line: Key, _ part: Page, below header: Row, in company: Company) throws(Refusal) -> Row {
        let values = try values(line, of: part)
        guard let row = company.row(part.table, key: values), row["Document_No"] == header["No"] else {
            throw .noRecord(part.table, values.map(\.shown).joined(separator: ","))
        }
        return row
    }
}
