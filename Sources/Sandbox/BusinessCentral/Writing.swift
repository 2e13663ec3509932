import Core
import Transport

/// POST, PATCH and DELETE.
extension BusinessCentralSimulator {
    func write(_ request: Request, _ resource: Resource) async throws(Refusal) -> Reply {
        for (name, _) in request.query where name != "company" {
            throw .badURL("The query option '\(name)' is not supported here.", rule: "unknown query option")
        }
        let root = try apiPath(request).root
        switch (request.method, resource) {
        case (.post, .list(let place)):
            // A line is made beneath its document.
            guard place.type.canCreate, place.parent != nil || place.type.parentFields.isEmpty else {
                throw .methodNotAllowed("POST", resource.name)
            }
            let parent = try place.parentRow()
            let row = try place.company.create(
                place.type,
                try body(request, place.type, withChildren: true),
                under: parent
            )
            return try created(row, root, in: place.company)
        case (.patch, .record(let place, let id)):
            guard place.type.canChange else { throw .methodNotAllowed("PATCH", resource.name) }
            let row = try place.find(id)
            try check(request.ifMatch, row)
            let changed = try place.company.change(row, try body(request, place.type))
            return try single(.ok, changed, root, in: place.company)
        case (.delete, .record(let place, let id)):
            guard place.type.canDelete else { throw .methodNotAllowed("DELETE", resource.name) }
            let row = try place.find(id)
            try check(request.ifMatch, row)
            try place.company.delete(row)
            return Reply(.noContent)
        case (.post, .action(let place, let id, let action)):
            try checkEmpty(request)
            try place.company.perform(action, on: try place.find(id))
            return Reply(.noContent)
        case (_, .subscription), (.post, .subscriptions):
            return try await writeSubscription(request, resource, root)
        default: throw .methodNotAllowed("\(request.method.name)", resource.name)
        }
    }

    private func writeSubscription(
        _ request: Request,
        _ resource: Resource,
        _ root: String
    ) async throws(Refusal) -> Reply {
        switch (request.method, resource) {
        case (.post, .subscriptions(let route)):
            let made = try await subscribe(try body(request, .subscriptions), route: route)
            return try created(made.row, root, in: nil)
        case (.patch, .subscription(let id)):
            try check(request.ifMatch, try subscription(id).row)
            let renewed = try await renew(id, try body(request, .subscriptions))
            return try single(.ok, renewed.row, root, in: nil)
        case (.delete, .subscription(let id)):
            try check(request.ifMatch, try subscription(id).row)
            sender.remove(id)
            return Reply(.noContent)
        default: throw .methodNotAllowed("\(request.method.name)", resource.name)
        }
    }

    private func created(_ row: Row, _ root: String, in company: Company?) throws(Refusal) -> Reply {
        var reply = try single(.created, row, root, in: company)
        if settings.sendsLocation {
            let place = company.map { "companies(\($0.id))/" } ?? ""
            let key = company == nil ? "'\(row.id)'" : row.id
            reply.headers.append(HTTPHeader("Location", "\(root)/\(place)\(row.type.set)(\(key))"))
        }
        return reply
    }

    private func body(_ request: Request, _ type: EntityType, withChildren: Bool = false) throws(Refusal) -> WriteBody {
        guard request.isJSON else {
            throw .badBody("The request's Content-Type is not application/json.", rule: "content type")
        }
        return try WriteBody(request.body, of: type, withChildren: withChildren)
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
