import Core
import Transport

extension Nav.SOAPPages {
    func insert(_ page: Nav.Page, _ fields: JSON.Object, lane: Lane) async throws -> Nav.Row {
        let place = try await place(page, lane)
        let content = try content(fields, at: place)
        return try await write("Create", "<\(place.name)>\(content)</\(place.name)>", at: place, lane)
    }

    func insertLine(_ page: Nav.Page, of key: Nav.Key, _ fields: JSON.Object, lane: Lane) async throws {
        let place = try await place(page, lane)
        let lines = try lines(place)
        let missing = fields.members.map(\.name).filter { lines.fields[$0] == nil }
        guard missing.isEmpty else { throw Nav.missing(missing, of: page, as: place.name, forget: forget) }
        let row = try Nav.PageDescription.content(fields, lines.fields, lines.order)
        // A row without a key of its own is a new one; those that are not named stay as they are.
        let list = "<\(lines.control)><\(lines.element)>\(row)</\(lines.element)></\(lines.control)>"
        let soapKey = try await freshKey(of: key, page, lane)
        let content = Nav.Envelope.element("Key", soapKey) + list
        _ = try await write("Update", "<\(place.name)>\(content)</\(place.name)>", at: place, lane)
    }

    func modify(_ page: Nav.Page, key: Nav.Key, _ row: Nav.Row, _ fields: JSON.Object, lane: Lane) async throws {
        let place = try await place(page, lane)
        let changes = try content(fields, at: place)
        let soapKey: String
        if let known = row.soapKey {
            soapKey = known
        } else {
            guard let now = try await self.row(page, key: key, withLines: false, lane: lane), let fresh = now.soapKey
            else {
                throw CallError(.lookAgain, Nav.name, .missing, "there is no such record any more")
            }
            let changed = row.fields.members.contains { member in
                now.fields[member.name].map { $0 != member.value } ?? false
            }
            guard !changed else {
                throw CallError(.lookAgain, Nav.name, .conflict, "somebody else has changed the record")
            }
            soapKey = fresh
        }
        let content = Nav.Envelope.element("Key", soapKey) + changes
        _ = try await write("Update", "<\(place.name)>\(content)</\(place.name)>", at: place, lane)
    }

    /// What names the record now, and its version.
    func freshKey(of key: Nav.Key, _ page: Nav.Page, _ lane: Lane) async throws -> String {
        guard let row = try await row(page, key: key, withLines: false, lane: lane), let soapKey = row.soapKey else {
            throw CallError(.lookAgain, Nav.name, .missing, "there is no such record any more")
        }
        return soapKey
    }

    private func content(_ fields: JSON.Object, at place: Place) throws -> String {
        let missing = fields.members.map(\.name).filter { place.description.fields[$0] == nil }
        guard missing.isEmpty else { throw Nav.missing(missing, of: place.page, as: place.name, forget: forget) }
        return try Nav.PageDescription.content(fields, place.description.fields, place.description.order)
    }

    private func write(_ operation: String, _ content: String, at place: Place, _ lane: Lane) async throws -> Nav.Row {
        guard place.description.operations[operation] != nil else {
            throw CallError(
                .stopConnection,
                Nav.name,
                .configuration,
                "\(place.name) cannot be written that way: its page does not allow to insert or modify; publish the card or "
                    + "the document itself, not a list"
            )
        }
        let (result, exchange) = try await result(operation, content, at: place, lane, effect: .write)
        guard let element = result[place.name] else { throw exchange.garbage("it has no \(place.name)") }
        return place.description.row(element, of: place.page)
    }
}
