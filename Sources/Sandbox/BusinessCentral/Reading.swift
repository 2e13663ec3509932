import Core
import Transport

/// GET: lists, single records and counts.
extension BusinessCentralSimulator {
    func read(_ request: Request, _ resource: Resource) throws(Refusal) -> Reply {
        switch resource {
        case .companies: try list(request, companies.map(\.row), .companies, in: nil)
        case .company(let company): try single(request, company.row, in: nil)
        case .vendors(let company): try list(request, rows(company.vendors, request).values, .vendors, in: company)
        case .vendor(let company, let id):
            try single(request, try find(id, in: rows(company.vendors, request)), in: company)
        case .invoices(let company):
            try list(request, rows(company.invoices, request).values, .purchaseInvoices, in: company)
        case .invoice(let company, let id):
            try single(request, try find(id, in: rows(company.invoices, request)), in: company)
        case .vendorOfInvoice(let company, let id):
            try single(
                request,
                try find(try find(id, in: company.invoices.rows).guid("vendorId"), in: company.vendors.rows),
                in: company
            )
        case .lines(let company, let invoice):
            try list(request, lines(company, invoice), .purchaseInvoiceLines, in: company)
        case .line(let company, let invoice, let id):
            try single(request, try line(id, of: invoice, in: company), in: company)
        case .subscriptions: try list(request, liveSubscriptions.map(\.row), .subscriptions, in: nil)
        case .subscription(let id): try single(request, try subscription(id).row, in: nil)
        case .supportedResources(let company):
            try list(request, supportedResources, .webhookSupportedResources, in: company)
        case .count(let counted): try count(request, counted)
        case .action: throw .methodNotAllowed("GET", resource.name)
        }
    }

    /// As the primary knows them, or as a replica does that lies behind.
    private func rows(_ table: Table, _ request: Request) -> [String: Row] {
        guard request.readsFromReplica, settings.replicaLagSeconds > 0 else { return table.rows }
        return table.rows(at: clock.instant + .seconds(-settings.replicaLagSeconds))
    }

    func find(_ id: String, in rows: [String: Row]) throws(Refusal) -> Row {
        guard let row = rows[id] else { throw .noRecord(id) }
        return row
    }

    func line(_ id: String, of invoice: String?, in company: Company) throws(Refusal) -> Row {
        let line = try find(id, in: company.lines.rows)
        guard invoice == nil || line.guid("documentId") == invoice else { throw .noRecord(id) }
        return line
    }

    private func lines(_ company: Company, _ invoice: String?) throws(Refusal) -> [Row] {
        guard let invoice else { return Array(company.lines.rows.values) }
        return company.lines(of: try find(invoice, in: company.invoices.rows).id)
    }

    private var supportedResources: [Row] {
        Subscription.supported(settings).enumerated().map { index, set in
            var row = Row(.webhookSupportedResources, id: "", sequence: index)
            row["id"] = .noGuid
            row["resource"] = .string("v2.0/\(set)")
            return row
        }
    }

    private func query(
        _ request: Request,
        _ type: EntityType,
        _ allowed: Set<String>,
        demandsParent: Bool = false
    ) throws(Refusal) -> Query {
        var query = try Query(request.query, of: type, allowing: allowed, settings)
        if type === EntityType.webhookSupportedResources { query.filter = query.filter?.withWildcard }
        guard demandsParent else { return query }
        let parents = Set(["documentId", "id"].compactMap(type.place))
        guard let filter = query.filter, filter.fixes(anyOf: parents) else {
            throw .badURL(
                "You must specify an Id or a Document Id to get the lines.",
                rule: "lines without their document"
            )
        }
        return query
    }

    private func list(
        _ request: Request,
        _ rows: some Collection<Row>,
        _ type: EntityType,
        in company: Company?
    ) throws(Refusal) -> Reply {
        let query = try query(request, type, Query.forLists, demandsParent: request.isUnboundLines(type))
        let preferred = try request.preferredPage()
        guard !settings.refusesLargerPages || preferred ?? 0 <= settings.largestPage else {
            throw Refusal(413, "BadRequest", "The page is too large.", rule: "page too large")
        }
        let size = min(preferred ?? settings.largestPage, settings.largestPage)
        let listing = try Listing(rows, type, query, pageSize: size)
        let isBare = request.accept.contains("odata.metadata=none")
        var body: [UInt8] = Array("{".utf8)
        if !isBare { append(context(type, company), to: &body) }
        if let count = listing.count { body.append(contentsOf: "\"@odata.count\":\(count),".utf8) }
        body.append(contentsOf: "\"value\":[".utf8)
        for (index, row) in listing.rows.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            try append(row, query, company, isBare: isBare, to: &body)
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
            case .vendors(let company): (.vendors, Array(company.vendors.rows.values))
            case .invoices(let company): (.purchaseInvoices, Array(company.invoices.rows.values))
            case .lines(let company, let invoice): (.purchaseInvoiceLines, try lines(company, invoice))
            default: throw .noSegment("$count")
            }
        let query = try query(request, type, ["$filter"], demandsParent: request.isUnboundLines(type))
        let count = rows.count { query.filter?.holds(for: $0.values) ?? true }
        return Reply(.ok, [HTTPHeader("Content-Type", "text/plain")], body: Array("\(count)".utf8))
    }

    private func single(_ request: Request, _ row: Row, in company: Company?) throws(Refusal) -> Reply {
        let query = try query(request, row.type, Query.forRecords)
        return try single(.ok, row, query, in: company, isBare: request.accept.contains("odata.metadata=none"))
    }

    /// One record as an answer's whole body.
    func single(
        _ status: HTTPStatus,
        _ row: Row,
        _ query: Query? = nil,
        in company: Company?,
        isBare: Bool = false
    ) throws(Refusal) -> Reply {
        var body: [UInt8] = []
        let context = isBare ? nil : context(row.type, company) + "/$entity"
        try append(row, query, company, isBare: isBare, context: context, to: &body)
        return Reply(status, Self.jsonHeaders, body: body)
    }

    private static let jsonHeaders = [HTTPHeader("Content-Type", "application/json; odata.metadata=minimal")]

    // MARK: Bytes

    private func context(_ type: EntityType, _ company: Company?) -> String {
        "\(root)/$metadata#" + (company.map { "companies(\($0.id))/" } ?? "") + type.set
    }

    private func append(_ context: String, to body: inout [UInt8]) {
        body.append(contentsOf: "\"@odata.context\":".utf8)
        JSON.append(context, to: &body)
        body.append(UInt8(ascii: ","))
    }

    private func append(
        _ row: Row,
        _ query: Query?,
        _ company: Company?,
        isBare: Bool,
        context: String? = nil,
        to body: inout [UInt8]
    ) throws(Refusal) {
        body.append(UInt8(ascii: "{"))
        if let context { append(context, to: &body) }
        var isFirst = true
        if !isBare {
            body.append(contentsOf: "\"@odata.etag\":".utf8)
            JSON.append(row.etag, to: &body)
            isFirst = false
        }
        for place in query?.selection ?? Array(row.values.indices) {
            if !isFirst { body.append(UInt8(ascii: ",")) }
            isFirst = false
            JSON.append(row.type.fields[place].name, to: &body)
            body.append(UInt8(ascii: ":"))
            row.values[place].append(to: &body)
        }
        for expansion in query?.expansions ?? [] {
            if !isFirst { body.append(UInt8(ascii: ",")) }
            isFirst = false
            try append(expansion, of: row, company, isBare: isBare, to: &body)
        }
        body.append(UInt8(ascii: "}"))
    }

    private func append(
        _ expansion: Query.Expansion,
        of row: Row,
        _ company: Company?,
        isBare: Bool,
        to body: inout [UInt8]
    ) throws(Refusal) {
        JSON.append(expansion.navigation, to: &body)
        body.append(UInt8(ascii: ":"))
        switch expansion.navigation {
        case "purchaseInvoiceLines":
            let query = try expansion.query(of: .purchaseInvoiceLines, settings)
            body.append(UInt8(ascii: "["))
            for (index, line) in (company?.lines(of: row.id) ?? []).enumerated() {
                if index > 0 { body.append(UInt8(ascii: ",")) }
                try append(line, query, company, isBare: isBare, to: &body)
            }
            body.append(UInt8(ascii: "]"))
        case "vendor":
            try append(company?.vendors[row.guid("vendorId")], expansion, .vendors, company, isBare: isBare, to: &body)
        default:
            let invoice = company?.invoices[row.guid("documentId")]
            try append(invoice, expansion, .purchaseInvoices, company, isBare: isBare, to: &body)
        }
    }

    private func append(
        _ row: Row?,
        _ expansion: Query.Expansion,
        _ type: EntityType,
        _ company: Company?,
        isBare: Bool,
        to body: inout [UInt8]
    ) throws(Refusal) {
        guard let row else { return body.append(contentsOf: "null".utf8) }
        try append(row, try expansion.query(of: type, settings), company, isBare: isBare, to: &body)
    }

    /// Absolute, and all that was asked for in it.
    private func nextLink(_ request: Request, _ token: String) -> String {
        let kept = request.query.filter { !["$skip", "$skiptoken"].contains($0.name) }
        let items = (kept + [("$skiptoken", token)]).map { "\($0.name)=\(PercentCoding.encoded($0.value))" }
        return "\(address)\(request.path)?\(items.joined(separator: "&"))"
    }
}

extension BusinessCentralSimulator.Request {
    /// Whether lines are asked for without an address that says of which document.
    fileprivate func isUnboundLines(_ type: BusinessCentralSimulator.EntityType) -> Bool {
        type === BusinessCentralSimulator.EntityType.purchaseInvoiceLines
            && !segments.contains { $0.name == "purchaseInvoices" }
    }
}

extension BusinessCentralSimulator.Query.Expansion {
    fileprivate func query(
        of type: BusinessCentralSimulator.EntityType,
        _ settings: BusinessCentralSimulator.Settings
    ) throws(BusinessCentralSimulator.Refusal) -> BusinessCentralSimulator.Query {
        let items = select.map { [("$select", $0)] } ?? []
        return try BusinessCentralSimulator.Query(items, of: type, allowing: ["$select"], settings)
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
