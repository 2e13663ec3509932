import Core
import Transport

/// GET over OData: lists, single records and counts.
extension NavSimulator {
    private static let jsonHeaders = [
        HTTPHeader("Content-Type", "application/json; odata.metadata=minimal"), HTTPHeader("OData-Version", "4.0"),
    ]

    /// The part of an address before the entity sets.
    var root: String { "\(address)/\(settings.instance)/ODataV4" }

    func perform(_ request: NavRequest, _ resource: Resource) throws(Refusal) -> Reply {
        guard request.method == .get else { return try write(request, resource) }
        switch resource {
        case .root: return Reply(.ok, Self.jsonHeaders, body: serviceDocument.bytes())
        case .oldRoot:
            let place = "\(address)/\(settings.instance)/OData/$metadata"
            return Reply(.ok, json: ["odata.metadata": .string(place)])
        case .metadata: return Reply(.ok, [HTTPHeader("Content-Type", "application/xml")], body: Array(metadata.utf8))
        case .companies, .otherAPI:
            let document: JSON = ["value": .array(companies.map { .object(Self.companyFields($0)) })]
            return Reply(.ok, Self.jsonHeaders, body: document.bytes())
        case .company(let company):
            return Reply(.ok, Self.jsonHeaders, body: JSON.object(Self.companyFields(company)).bytes())
        case .list(let company, let publication):
            return try list(request, publication.page, publication.service, company) { query in
                company.rows(of: publication.page, where: query.filter)
            }
        case .row(let company, let publication, let key):
            let row = try find(key, publication, in: company)
            let query = try query(request, publication.page, publication.service, Query.forRecords)
            return single(.ok, row, publication.page, publication.service, query, company)
        case .lines(let company, let publication, let key):
            let (part, service) = try part(of: publication)
            let header = try find(key, publication, in: company)
            return try list(request, part, service, company) { _ in company.lines(of: part, below: header) }
        case .line(let company, let publication, let key, let line):
            let (part, service) = try part(of: publication)
            let header = try find(key, publication, in: company)
            let row = try find(line: line, part, below: header, in: company)
            return single(.ok, row, part, service, try query(request, part, service, Query.forRecords), company)
        case .action(_, let publication, _, _): throw .notAllowed("GET", publication.service)
        case .count(let counted): return try count(request, counted)
        }
    }

    private static func companyFields(_ company: Company) -> JSON.Object {
        var object = JSON.Object()
        object["Name"] = .string(company.name)
        object["Evaluation_Company"] = .bool(false)
        object["Display_Name"] = .string(company.name)
        return object
    }

    private var serviceDocument: JSON {
        let names = ["Company"] + publications.filter(\.isPublished).map(\.service)
        let sets: [JSON] = names.map { ["name": .string($0), "kind": "EntitySet", "url": .string($0)] }
        return ["@odata.context": .string("\(root)/$metadata"), "value": .array(sets)]
    }

    func part(of publication: Publication) throws(Refusal) -> (page: Page, service: String) {
        guard let part = publication.page.part, let name = publication.partName else { throw .noSegment("lines") }
        return (part.page, name)
    }

    func query(
        _ request: NavRequest,
        _ page: Page,
        _ service: String,
        _ allowed: Set<String>
    ) throws(Refusal) -> Query {
        try Query(request.query, of: page, service, allowing: allowed, blank: settings.blankOption)
    }

    private func count(_ request: NavRequest, _ counted: Resource) throws(Refusal) -> Reply {
        let (rows, page, service, company): ([Row], Page, String, Company)
        switch counted {
        case .list(let inside, let publication):
            (rows, page, service, company) = (
                inside.rows(of: publication.page), publication.page, publication.service, inside
            )
        case .lines(let inside, let publication, let key):
            let part = try part(of: publication)
            let header = try find(key, publication, in: inside)
            (rows, page, service, company) = (
                inside.lines(of: part.page, below: header), part.page, part.service, inside
            )
        default: throw .noSegment("$count")
        }
        let query = try query(request, page, service, ["$filter"])
        let count = rows.count { row in
            query.filter?.holds { company.value(of: $0, in: row, of: page.table) } ?? true
        }
        return Reply(.ok, [HTTPHeader("Content-Type", "text/plain")], body: Array("\(count)".utf8))
    }

    private func list(
        _ request: NavRequest,
        _ page: Page,
        _ service: String,
        _ company: Company,
        _ rows: (Query) -> [Row]
    ) throws(Refusal) -> Reply {
        let query = try query(request, page, service, Query.forLists)
        let listing = try NavListing(rows(query), page, query, company, pageSize: settings.pageSize)
        var body: [UInt8] = Array("{".utf8)
        append(context(service, company), to: &body)
        if let count = listing.count { body.append(contentsOf: "\"@odata.count\":\(count),".utf8) }
        body.append(contentsOf: "\"value\":[".utf8)
        for (index, row) in listing.rows.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            append(row, page, service, query, company, to: &body)
        }
        body.append(UInt8(ascii: "]"))
        if let token = listing.nextToken {
            body.append(contentsOf: ",\"@odata.nextLink\":".utf8)
            JSON.append(nextLink(request, token), to: &body)
        }
        body.append(UInt8(ascii: "}"))
        return Reply(.ok, Self.jsonHeaders, body: body)
    }

    /// One record as an answer's whole body.
    func single(
        _ status: HTTPStatus,
        _ row: Row,
        _ page: Page,
        _ service: String,
        _ query: Query? = nil,
        _ company: Company
    ) -> Reply {
        var body: [UInt8] = []
        append(row, page, service, query, company, context: context(service, company) + "/$entity", to: &body)
        return Reply(status, Self.jsonHeaders, body: body)
    }

    // MARK: Bytes

    private func context(_ service: String, _ company: Company) -> String {
        "\(root)/$metadata#Company('\(PercentCoding.encoded(company.name))')/\(service)"
    }

    private func append(_ context: String, to body: inout [UInt8]) {
        body.append(contentsOf: "\"@odata.context\":".utf8)
        JSON.append(context, to: &body)
        body.append(UInt8(ascii: ","))
    }

    private func append(
        _ row: Row,
        _ page: Page,
        _ service: String,
        _ query: Query?,
        _ company: Company,
        context: String? = nil,
        to body: inout [UInt8]
    ) {
        body.append(UInt8(ascii: "{"))
        if let context { append(context, to: &body) }
        body.append(contentsOf: "\"@odata.etag\":".utf8)
        JSON.append(row.etag, to: &body)
        // Keys come first and are never left out.
        let keys = page.key.compactMap { page.field($0) }
        let others = page.fields.filter { field in
            !page.key.contains(field.name) && query?.selection?.contains(field.name) ?? true
        }
        for field in keys + others {
            body.append(UInt8(ascii: ","))
            JSON.append(field.name, to: &body)
            body.append(UInt8(ascii: ":"))
            company.value(of: field, in: row, of: page.table)
                .append(as: field.kind, blank: settings.blankOption, to: &body)
        }
        if query?.expandsPart == true, let part = page.part {
            body.append(UInt8(ascii: ","))
            JSON.append(service + part.name, to: &body)
            body.append(contentsOf: ":[".utf8)
            for (index, line) in company.lines(of: part.page, below: row).enumerated() {
                if index > 0 { body.append(UInt8(ascii: ",")) }
                append(line, part.page, service + part.name, nil, company, to: &body)
            }
            body.append(UInt8(ascii: "]"))
        }
        body.append(UInt8(ascii: "}"))
    }

    /// Absolute, and all that was asked for in it.
    private func nextLink(_ request: NavRequest, _ token: String) -> String {
        let kept = request.query.filter { !["$skip", "$skiptoken"].contains($0.name) }
        let items = (kept + [("$skiptoken", token)]).map { "\($0.name)=\(PercentCoding.encoded($0.value))" }
        return "\(address)\(request.path)?\(items.joined(separator: "&"))"
    }
}
