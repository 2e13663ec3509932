import Core
import Transport

/// POST, PATCH and DELETE over OData.
extension NavSimulator {
    func write(_ request: NavRequest, _ resource: Resource) throws(Refusal) -> Reply {
        for (name, _) in request.query where name != "company" && name != "tenant" {
            throw .badRequest("The query option '\(name)' is not supported here.", rule: "unknown query option")
        }
        switch (request.method, resource) {
        case (.post, .list(let company, let publication)):
            let page = publication.page
            try demand(page.inserts, request, publication.service)
            let row = try company.insert(page, try values(request, page, publication.service))
            return single(.created, row, page, publication.service, nil, company)
        case (.post, .lines(let company, let publication, let key)):
            let (part, service) = try part(of: publication)
            try demand(part.inserts, request, service)
            let header = try find(key, publication, in: company)
            let row = try company.insert(part, try values(request, part, service), below: header)
            return single(.created, row, part, service, nil, company)
        case (.patch, .row(let company, let publication, let key)):
            try demand(publication.page.modifies, request, publication.service)
            let row = try find(key, publication, in: company)
            return try change(request, row, publication.page, publication.service, company)
        case (.patch, .line(let company, let publication, let key, let line)):
            let (part, service) = try part(of: publication)
            try demand(part.modifies, request, service)
            let header = try find(key, publication, in: company)
            let row = try find(line: line, part, below: header, in: company)
            return try change(request, row, part, service, company)
        case (.delete, .row(let company, let publication, let key)):
            try demand(publication.page.deletes, request, publication.service)
            let row = try find(key, publication, in: company)
            try check(request.ifMatch, row)
            try company.delete(publication.page, row)
            return Reply(.noContent)
        case (.delete, .line(let company, let publication, let key, let line)):
            let (part, service) = try part(of: publication)
            try demand(part.deletes, request, service)
            let header = try find(key, publication, in: company)
            let row = try find(line: line, part, below: header, in: company)
            try check(request.ifMatch, row)
            try company.delete(part, row)
            return Reply(.noContent)
        case (.post, .action(let company, let publication, let key, let function)):
            guard request.body.isEmpty || (try? JSON.parse(request.body.span)) == .object(JSON.Object()) else {
                throw .badRequest("The action takes no parameters.", rule: "action with a body")
            }
            _ = try call(function, on: try find(key, publication, in: company), in: company, door: "OData")
            return Reply(.noContent)
        default: throw .notAllowed("\(request.method.name)", resource.name)
        }
    }

    private func demand(_ isAllowed: Bool, _ request: NavRequest, _ service: String) throws(Refusal) {
        guard isAllowed else { throw .notAllowed("\(request.method.name)", service) }
    }

    private func change(
        _ request: NavRequest,
        _ row: Row,
        _ page: Page,
        _ service: String,
        _ company: Company
    ) throws(Refusal) -> Reply {
        try check(request.ifMatch, row)
        let changed = try company.modify(page, row, try values(request, page, service))
        guard !settings.answersPatchWithoutBody else { return Reply(.noContent) }
        return single(.ok, changed, page, service, nil, company)
    }

    private func check(_ ifMatch: String?, _ row: Row) throws(Refusal) {
        guard let ifMatch, ifMatch == "*" || ifMatch.hasPrefix("W/\"") && ifMatch.hasSuffix("\"") else {
            throw .badRequest(
                "Could not validate the client concurrency token required by the service. Please renew the token and try "
                    + "again.",
                rule: ifMatch == nil ? "If-Match missing" : "If-Match unusable"
            )
        }
        guard ifMatch == "*" || ifMatch == row.etag else {
            throw Refusal(
                .stale,
                settings.staleStatus,
                "Request_EntityChanged",
                "Another user has already changed the record.",
                rule: "etag stale"
            )
        }
    }

    /// What the body wants written, in its order: the server fills in one field after the other.
    private func values(
        _ request: NavRequest,
        _ page: Page,
        _ service: String
    ) throws(Refusal) -> [(field: Field, value: Value)] {
        guard request.isJSON else {
            throw .badRequest("The request's Content-Type is not application/json.", rule: "content type")
        }
        guard let document = try? JSON.parse(request.body.span), case .object(let object) = document else {
            throw .badRequest("The request body is no JSON object.", rule: "malformed body")
        }
        var values: [(field: Field, value: Value)] = []
        for member in object.members where !member.name.hasPrefix("@odata.") {
            guard let field = page.field(member.name) else {
                guard page.part.map({ service + $0.name }) != member.name else {
                    throw .badRequest("Lines cannot be created along with their document.", rule: "deep insert")
                }
                throw .unknownProperty(member.name, service)
            }
            guard !field.isReadOnly else { throw .readOnly(field.name) }
            do throws(Value.Mismatch) {
                values.append((field, try Value(member.value, as: field.kind, blank: settings.blankOption)))
            } catch {
                throw .wrong(field, error)
            }
        }
        return values
    }
}
