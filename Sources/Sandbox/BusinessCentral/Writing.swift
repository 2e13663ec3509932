import Core
import Transport

/// POST, PATCH and DELETE.
extension BusinessCentralSimulator {
    func write(_ request: Request, _ resource: Resource) async throws(Refusal) -> Reply {
        for (name, _) in request.query where name != "company" {
            throw .badURL("The query option '\(name)' is not supported here.", rule: "unknown query option")
        }
        switch (request.method, resource) {
        case (.post, .invoices(let company)):
            let body = try body(request, .purchaseInvoices, withLines: true)
            return try created(try company.createInvoice(body), in: company)
        case (.patch, .invoice(let company, let id)):
            let row = try find(id, in: company.invoices.rows)
            try check(request.ifMatch, row)
            let body = try body(request, .purchaseInvoices)
            return try single(.ok, try company.changeInvoice(row, body), in: company)
        case (.delete, .invoice(let company, let id)):
            let row = try find(id, in: company.invoices.rows)
            try check(request.ifMatch, row)
            try company.demandDraft(row)
            company.deleteInvoice(row)
            return Reply(.noContent)
        case (.post, .action(let company, let id, _)):
            try checkEmpty(request)
            _ = try company.post(try find(id, in: company.invoices.rows))
            return Reply(.noContent)
        case (_, .line), (.post, .lines): return try writeLine(request, resource)
        case (_, .subscription), (.post, .subscriptions): return try await writeSubscription(request, resource)
        case (_, .vendors), (_, .vendor):
            throw Refusal(
                501,
                "BadRequest_MethodNotImplemented",
                "The sandbox does not play writing vendors.",
                rule: "not played"
            )
        default: throw .methodNotAllowed("\(request.method.name)", resource.name)
        }
    }

    private func writeLine(_ request: Request, _ resource: Resource) throws(Refusal) -> Reply {
        switch (request.method, resource) {
        case (.post, .lines(let company, let invoice?)):
            let row = try find(invoice, in: company.invoices.rows)
            return try created(try company.createLine(try body(request, .purchaseInvoiceLines), of: row), in: company)
        case (.patch, .line(let company, let invoice, let id)):
            let line = try line(id, of: invoice, in: company)
            try check(request.ifMatch, line)
            let row = try find(line.guid("documentId"), in: company.invoices.rows)
            let changed = try company.changeLine(line, try body(request, .purchaseInvoiceLines), of: row)
            return try single(.ok, changed, in: company)
        case (.delete, .line(let company, let invoice, let id)):
            let line = try line(id, of: invoice, in: company)
            try check(request.ifMatch, line)
            try company.deleteLine(line, of: try find(line.guid("documentId"), in: company.invoices.rows))
            return Reply(.noContent)
        default: throw .methodNotAllowed("\(request.method.name)", resource.name)
        }
    }

    private func writeSubscription(_ request: Request, _ resource: Resource) async throws(Refusal) -> Reply {
        switch (request.method, resource) {
        case (.post, .subscriptions):
            let made = try await subscribe(try body(request, .subscriptions))
            return try created(made.row, in: nil)
        case (.patch, .subscription(let id)):
            try check(request.ifMatch, try subscription(id).row)
            let renewed = try await renew(id, try body(request, .subscriptions))
            return try single(.ok, renewed.row, in: nil)
        case (.delete, .subscription(let id)):
            try check(request.ifMatch, try subscription(id).row)
            sender.remove(id)
            return Reply(.noContent)
        default: throw .methodNotAllowed("\(request.method.name)", resource.name)
        }
    }

    private func created(_ row: Row, in company: Company?) throws(Refusal) -> Reply {
        var reply = try single(.created, row, in: company)
        if settings.sendsLocation {
            let place = company.map { "companies(\($0.id))/" } ?? ""
            let key = company == nil ? "'\(row.id)'" : row.id
            reply.headers.append(HTTPHeader("Location", "\(root)/\(place)\(row.type.set)(\(key))"))
        }
        return reply
    }

    private func body(_ request: Request, _ type: EntityType, withLines: Bool = false) throws(Refusal) -> WriteBody {
        guard request.isJSON else {
            throw .badBody("The request's Content-Type is not application/json.", rule: "content type")
        }
        return try WriteBody(request.body, of: type, withLines: withLines)
    }

    private func checkEmpty(_ request: Request) throws(Refusal) {
        guard request.body.isEmpty || (try? JSON.parse(request.body.span)) == .object(JSON.Object()) else {
            throw .badBody("The action takes no parameters.", rule: "action with a body")
        }
    }

    private func check(_ ifMatch: String?, _ row: Row) throws(Refusal) {
        guard let ifMatch, ifMatch == "*" || ifMatch.hasPrefix("W/\"") && ifMatch.hasSuffix("\"") else {
            throw Refusal(
                400,
                "BadRequest_InvalidToken",
                "The request must carry a valid If-Match header.",
                rule: ifMatch == nil ? "If-Match missing" : "If-Match unusable"
            )
        }
        guard ifMatch == "*" || ifMatch == row.etag else {
            throw Refusal(
                settings.staleStatus,
                "Request_EntityChanged",
                "Another user has already changed the record.",
                rule: "etag stale"
            )
        }
    }
}
