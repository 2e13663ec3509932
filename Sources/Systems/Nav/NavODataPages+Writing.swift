import Core
import Transport

extension Nav.ODataPages {
    func insert(_ page: Nav.Page, _ fields: JSON.Object, lane: Lane) async throws -> Nav.Row {
        let place = try await place(page, lane)
        try check(fields, place.service, of: place)
        let url = wire.address.inCompany(Nav.URLText.encoded(place.name))
        let exchange = try await wire.exchange(write(.post, url, fields, place, lane))
        if exchange.status == 404 { forget() }
        let response = try exchange.success()
        guard response.body.isEmpty else {
            do {
                return try Nav.RowReader.row(response.body).row
            } catch {
                throw exchange.garbage("\(error)")
            }
        }
        // Done, without a word of what came of it: the server says where to look.
        guard let link = response.headers["Location"] ?? response.headers["OData-EntityId"],
            let url = wire.address.following(link)
        else { throw exchange.garbage("it is empty, and names no place where the new record is") }
        let second = try await wire.exchange(call(url, place, lane, effect: .record))
        do {
            return try Nav.RowReader.row(second.success().body).row
        } catch {
            // It is there, and we do not know what it is called.
            throw exchange.garbage("it is empty, and the new record cannot be read")
        }
    }

    func insertLine(_ page: Nav.Page, of key: Nav.Key, _ fields: JSON.Object, lane: Lane) async throws {
        let place = try await place(page, lane)
        let (way, rows) = try lines(place)
        if let rows { try check(fields, rows, of: place) }
        let url = wire.address.inCompany(try record(place, key) + "/" + Nav.URLText.encoded(way))
        _ = try await wire.exchange(write(.post, url, fields, place, lane)).success()
    }

    func modify(_ page: Nav.Page, key: Nav.Key, _ row: Nav.Row, _ fields: JSON.Object, lane: Lane) async throws {
        let place = try await place(page, lane)
        try check(fields, place.service, of: place)
        let etag: String
        if let known = row.etag { etag = known } else { etag = try await freshTag(place, key, row, lane) }
        let url = wire.address.inCompany(try record(place, key))
        var call = write(.patch, url, fields, place, lane)
        call.headers.append(HTTPClient.Header("If-Match", etag))
        _ = try await wire.exchange(call).success()
    }

    /// Calls a function that a page offers on its records.
    func perform(_ function: Nav.Function, on key: Nav.Key, at place: Place, lane: Lane) async throws {
        let path = try record(place, key) + "/NAV." + Nav.URLText.encoded(function.name)
        let call = write(.post, wire.address.inCompany(path), JSON.Object(), place, lane)
        _ = try await wire.exchange(call).success()
    }

    // MARK: Requests

    private func write(
        _ method: HTTPClient.Method,
        _ url: String,
        _ fields: JSON.Object,
        _ place: Place,
        _ lane: Lane
    ) -> Nav.Call {
        var call = call(url, place, lane, effect: .write)
        call.method = method
        call.headers.append(HTTPClient.Header("Content-Type", "application/json"))
        call.body = JSON.object(fields).bytes()
        return call
    }

    /// Of a row that came without one. It is still what it was when all that was seen of it is still the same.
    private func freshTag(_ place: Place, _ key: Nav.Key, _ row: Nav.Row, _ lane: Lane) async throws -> String {
        guard let now = try await self.row(place.page, key: key, withLines: false, lane: lane) else {
            throw CallError(.lookAgain, Nav.name, .missing, "there is no such record any more")
        }
        let changed = row.fields.members.contains { member in
            now.fields[member.name].map { $0 != member.value } ?? false
        }
        guard !changed else { throw CallError(.lookAgain, Nav.name, .conflict, "somebody else has changed the record") }
        guard let etag = now.etag else {
            throw CallError(
                .stopConnection,
                Nav.name,
                .configuration,
                "\(place.name) gives no tags to its records, so nothing on it can be changed safely"
            )
        }
        return etag
    }

    /// A field that is not there and a text that is too long would both be refused, in words that name neither.
    private func check(_ fields: JSON.Object, _ service: Nav.Catalog.Service, of place: Place) throws {
        let missing = fields.members.map(\.name).filter { service.properties[$0] == nil }
        guard missing.isEmpty else { throw Nav.missing(missing, of: place.page, as: place.name, forget: forget) }
        for member in fields.members {
            guard case .string(let text) = member.value, let most = service.properties[member.name]?.mostLength,
                text.utf16.count > most
            else { continue }
            throw CallError(
                .skipRecord,
                Nav.name,
                .validation,
                "the field \(member.name) takes at most \(most) characters, and the value has \(text.utf16.count)"
            )
        }
    }
}
