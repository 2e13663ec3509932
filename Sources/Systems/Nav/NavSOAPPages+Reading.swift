import Core
import Transport

extension Nav.SOAPPages {
    func fields(of page: Nav.Page, lane: Lane) async throws -> Set<String>? {
        try await find(page, lane).map { Set($0.description.fields.keys).union(page.fixed.keys) }
    }

    func rows(_ query: Nav.Query, lane: Lane) async throws -> Nav.RowPage {
        try await rows(query, at: Nav.Cursor(part: 0), lane)
    }

    func rows(next: String, of query: Nav.Query, lane: Lane) async throws -> Nav.RowPage {
        guard let cursor = Nav.Cursor(next) else { throw Nav.Cursor.unknown }
        return try await rows(query, at: cursor, lane)
    }

    /// The order is that of the page: SOAP knows no other.
    private func rows(_ query: Nav.Query, at cursor: Nav.Cursor, _ lane: Lane) async throws -> Nav.RowPage {
        let place = try await place(query.page, lane)
        try checkFields(query.select + (query.filter?.fields ?? []), at: place)
        if query.withLines { _ = try lines(place) }
        let parts = Self.parts(of: query, place.page)
        guard !parts.isEmpty else { return Nav.RowPage(rows: [], next: nil) }
        // A link is a place in a list of OData's, from before somebody switched that off.
        guard parts.indices.contains(cursor.part), cursor.place?.hasPrefix("http") != true else {
            throw Nav.Cursor.unknown
        }
        let criteria = try Nav.Criteria.list(of: parts[cursor.part], place.description, dates: wire.settings.dateOrder)
        let (result, exchange) = try await result(
            "ReadMultiple",
            Self.content(criteria, place, after: cursor.place),
            at: place,
            lane,
            effect: .list,
            mostBytes: Nav.Limits.pageBytes
        )
        // One within the other, both of the same name; nothing within it where there are no rows.
        let elements = (result["ReadMultiple_Result"] ?? result).all(place.name)
        var rows = elements.map { place.description.row($0, of: place.page) }
        let next: Nav.Cursor?
        if let last = rows.last {
            guard let key = last.soapKey, !key.isEmpty else { throw exchange.garbage("a row of it has no key") }
            // A server that begins anew would be read for ever.
            guard key != cursor.place else { throw exchange.garbage("its last row is where it should have begun") }
            next = Nav.Cursor(part: cursor.part, place: key)
        } else {
            // The list ends with a page that is empty, and not with one that is short.
            next = cursor.part + 1 < parts.count ? Nav.Cursor(part: cursor.part + 1) : nil
        }
        if let filter = query.filter { rows.removeAll { !filter.admits($0) } }
        for index in rows.indices {
            if !query.withLines {
                rows[index].lines = []
            } else if rows[index].lines.isEmpty {
                // Whether lists bring lines along is not documented. One record alone does.
                rows[index] = try await whole(rows[index], place, lane)
            }
        }
        return Nav.RowPage(rows: rows, next: next?.text)
    }

    private func whole(_ row: Nav.Row, _ place: Place, _ lane: Lane) async throws -> Nav.Row {
        let asked = place.description.operations["Read"] ?? []
        let key = Nav.Key(asked.compactMap { name in row[name].map { (name, $0) } })
        // One that is gone by now is left as it was seen: the next look finds that out.
        return try await self.row(place.page, key: key, withLines: true, lane: lane) ?? row
    }

    /// SOAP does not say how many there are.
    func count(_ query: Nav.Query, lane: Lane) async throws -> Int? {
        nil
    }

    func row(_ page: Nav.Page, key: Nav.Key, withLines: Bool, lane: Lane) async throws -> Nav.Row? {
        let place = try await place(page, lane)
        if withLines { _ = try lines(place) }
        guard let asked = place.description.operations["Read"] else {
            throw Nav.missing(key.parts.map(\.field), of: page, as: place.name, forget: forget)
        }
        var content = ""
        for name in asked {
            guard let part = key.parts.first(where: { $0.field == name }), let text = Nav.plainText(part.value) else {
                throw CallError(.skipRecord, Nav.name, .defect, "\(place.name) is read by \(name), which is not known")
            }
            // It is taken as a filter, and its signs for what they mean there.
            content += Nav.Envelope.element(name, Nav.Criteria.quoted(text))
        }
        let (result, exchange) = try await result(
            "Read",
            content,
            at: place,
            lane,
            effect: .record,
            mostBytes: Nav.Limits.pageBytes
        )
        guard let element = result[place.name] else { return nil }
        var row = place.description.row(element, of: page)
        guard row.soapKey?.isEmpty == false else { throw exchange.garbage("the row has no key") }
        // A filter may find another one.
        for part in key.parts {
            guard let found = row[part.field].flatMap(Nav.plainText), let wanted = Nav.plainText(part.value) else {
                continue
            }
            guard found.lowercased() == wanted.lowercased() else {
                throw exchange.garbage("it is about another record")
            }
        }
        if !withLines { row.lines = [] }
        return row
    }

    func lines(_ place: Place) throws -> Nav.PageDescription.Lines {
        guard let lines = place.description.lines else {
            throw CallError(
                .stopConnection,
                Nav.name,
                .configuration,
                "\(place.name) has no lines: \(place.page.described) has to be published with its sub-page"
            )
        }
        return lines
    }

    // MARK: Filters

    /// A long list of values is asked for in several parts.
    private static func parts(of query: Nav.Query, _ page: Nav.Page) -> [[Nav.Filter]] {
        // What all records of the page have alike is no field of its own in SOAP.
        let conditions = (query.filter?.conditions ?? []).filter { condition in
            !Nav.Filter.all([condition]).fields.contains { page.fixed[$0] != nil }
        }
        var longest: Int?
        var most = 0
        for (index, condition) in conditions.enumerated() {
            guard case .anyOf(_, let values) = condition else { continue }
            if values.isEmpty { return [] }
            if values.count > most { (longest, most) = (index, values.count) }
        }
        guard let longest, case .anyOf(let field, let values) = conditions[longest] else { return [conditions] }
        var parts: [[Nav.Filter]] = []
        var some: [JSON] = []
        var length = 0
        func end() {
            guard !some.isEmpty else { return }
            var part = conditions
            part[longest] = .anyOf(field, some)
            parts.append(part)
            (some, length) = ([], 0)
        }
        for value in values {
            let room = (Nav.plainText(value)?.utf16.count ?? 0) * 2 + 3
            if length + room > Nav.Limits.longestCriteria { end() }
            some.append(value)
            length += room
        }
        end()
        return parts
    }

    private static func content(_ criteria: [Nav.Criteria], _ place: Place, after key: String?) -> String {
        var content = ""
        for one in criteria {
            content +=
                "<filter>" + Nav.Envelope.element("Field", one.field) + Nav.Envelope.element("Criteria", one.text)
                + "</filter>"
        }
        if criteria.isEmpty, let field = place.description.plainField(of: place.page) {
            // One has to be there, and may say nothing.
            content += "<filter>" + Nav.Envelope.element("Field", field) + "<Criteria></Criteria></filter>"
        }
        if let key { content += Nav.Envelope.element("bookmarkKey", key) }
        return content + Nav.Envelope.element("setSize", "\(Nav.Limits.soapPage)")
    }
}
