import Core
import Transport

extension Nav.ODataPages {
    func fields(of page: Nav.Page, lane: Lane) async throws -> Set<String>? {
        let published = try await published(lane)
        switch published.naming(of: page) {
        case .published(let name): return published.catalog.services[name].map { Set($0.properties.keys) }
        case .missing: return nil
        // Throws: nobody may read one page and take it for another.
        case .another: return Set(try await place(page, lane).service.properties.keys)
        }
    }

    func rows(_ query: Nav.Query, lane: Lane) async throws -> Nav.RowPage {
        try await rows(query, at: Nav.Cursor(part: 0), lane)
    }

    func rows(next: String, of query: Nav.Query, lane: Lane) async throws -> Nav.RowPage {
        guard let cursor = Nav.Cursor(next) else { throw Nav.Cursor.unknown }
        return try await rows(query, at: cursor, lane)
    }

    private func rows(_ query: Nav.Query, at cursor: Nav.Cursor, _ lane: Lane) async throws -> Nav.RowPage {
        let place = try await place(query.page, lane)
        try checkFields(query.select + (query.filter?.fields ?? []) + query.order.map(Nav.orderedField), at: place)
        let way = query.withLines ? try lines(place).way : nil
        let base = wire.address.inCompany(Nav.URLText.encoded(place.name))
        let question = try Nav.Question(query, service: place.service, expanding: way, at: base)
        guard !question.parts.isEmpty else { return Nav.RowPage(rows: [], next: nil) }
        guard question.parts.indices.contains(cursor.part) else { throw Nav.Cursor.unknown }
        let url: String
        if let link = cursor.place {
            // Of a place that was kept: the connection may lead elsewhere by now.
            guard let known = wire.address.following(link) else { throw Nav.Cursor.unknown }
            url = known
        } else {
            url = wire.address.inCompany(Nav.URLText.encoded(place.name), question.parts[cursor.part])
        }
        let call = call(url, place, lane, effect: .list, mostBytes: Nav.Limits.pageBytes)
        let exchange = try await wire.exchange(call)
        // The server made the link, and does not know it any more.
        if cursor.place != nil, [400, 404, 410].contains(exchange.status) { throw Nav.Cursor.unknown }
        let answer = try await answer(of: exchange, way: way)
        var rows: [Nav.Row] = []
        for read in answer.rows { rows.append(try await whole(read, place, lane)) }
        let next: Nav.Cursor? =
            if let link = answer.next {
                // Judged now, so that no place is ever kept that cannot be gone to.
                Nav.Cursor(part: cursor.part, place: try followed(link))
            } else if cursor.part + 1 < question.parts.count { Nav.Cursor(part: cursor.part + 1) } else { nil }
        return Nav.RowPage(rows: rows, next: next?.text)
    }

    func count(_ query: Nav.Query, lane: Lane) async throws -> Int? {
        let place = try await place(query.page, lane)
        var query = query
        query.select = place.service.key
        query.order = []
        try checkFields(query.filter?.fields ?? [], at: place)
        let base = wire.address.inCompany(Nav.URLText.encoded(place.name))
        let question = try Nav.Question(query, service: place.service, expanding: nil, at: base)
        var sum = 0
        for part in question.parts {
            let options = part + ["$count=true", "$top=1"]
            let url = wire.address.inCompany(Nav.URLText.encoded(place.name), options)
            let exchange = try await wire.exchange(call(url, place, lane, effect: .list))
            // Nobody should be kept from reading by a page that cannot be counted.
            if let status = exchange.status, [400, 405, 501].contains(status) { return nil }
            guard let count = try await answer(of: exchange, way: nil).count, 0...1_000_000_000 ~= count else {
                return nil
            }
            sum += count
        }
        return sum
    }

    func row(_ page: Nav.Page, key: Nav.Key, withLines: Bool, lane: Lane) async throws -> Nav.Row? {
        let place = try await place(page, lane)
        let way = withLines ? try lines(place).way : nil
        let url = wire.address.inCompany(
            try record(place, key),
            way.map { ["$expand=" + Nav.URLText.encoded($0)] } ?? []
        )
        let exchange = try await wire.exchange(
            call(url, place, lane, effect: .record, mostBytes: Nav.Limits.pageBytes)
        )
        guard exchange.status != 404 else { return try await search(place, key, withLines, lane) }
        let response = try exchange.success()
        let read: Nav.RowReader.Read
        do {
            read = try Nav.RowReader.row(response.body, way: way)
        } catch {
            throw exchange.garbage("\(error)")
        }
        return try await whole(read, place, lane)
    }

    /// A 404 can mean that there is no record, that the page or the company is away, or that a slash in the number was
    /// lost on the way. Somebody may delete something for it, so the list is asked before it is believed.
    private func search(_ place: Place, _ key: Nav.Key, _ withLines: Bool, _ lane: Lane) async throws -> Nav.Row? {
        var query = Nav.Query(place.page, filter: .all(key.parts.map { .equals($0.field, $0.value) }))
        query.withLines = withLines
        return try await rows(query, lane: lane).rows.first
    }

    // MARK: Answers

    func lines(_ place: Place) throws -> (way: String, rows: Nav.Catalog.Service?) {
        guard let lines = place.lines else {
            throw CallError(
                .stopConnection,
                Nav.name,
                .configuration,
                "\(place.name) has no lines: \(place.page.described) has to be published with its sub-page"
            )
        }
        return lines
    }

    private func answer(of exchange: Nav.Exchange, way: String?) async throws -> Nav.RowReader.Answer {
        if exchange.status == 404 || exchange.status == 400 {
            // What we think is published may not be any more.
            forget()
            if exchange.status == 404, let error = await unknownCompany(exchange) { throw error }
        }
        let response = try exchange.success()
        do {
            return try Nav.RowReader.page(response.body, way: way)
        } catch {
            throw exchange.garbage("\(error)")
        }
    }

    /// Of a 404, when it is the company that is not there.
    private func unknownCompany(_ exchange: Nav.Exchange) async -> CallError? {
        guard let names = try? await companies(exchange.call.lane),
            let words = Nav.companyAdvice(wire.settings.company, among: names)
        else { return nil }
        return CallError(.stopConnection, Nav.name, .configuration, words)
    }

    private func followed(_ link: String) throws -> String {
        guard let url = wire.address.following(link) else {
            throw CallError(
                .retry(after: nil),
                Nav.name,
                .garbage,
                "the link to the next page leads away from \(wire.address.root) and this company, and is not followed; "
                    + "behind a proxy, the server's setting PublicODataBaseUrl has to be that address"
            )
        }
        return url
    }

    /// With all its lines, where the server has put them on several pages.
    private func whole(_ read: Nav.RowReader.Read, _ place: Place, _ lane: Lane) async throws -> Nav.Row {
        var row = read.row
        var more = read.moreLines
        for _ in 0..<Nav.Limits.mostLinePages {
            guard let link = more else { return row }
            let exchange = try await wire.exchange(
                call(try followed(link), place, lane, effect: .list, mostBytes: Nav.Limits.pageBytes)
            )
            let answer = try await answer(of: exchange, way: nil)
            row.lines += answer.rows.map(\.row.fields)
            more = answer.next
        }
        guard more == nil else {
            throw CallError(.skipRecord, Nav.name, .validation, "the document has more lines than can be read")
        }
        return row
    }
}

extension Nav {
    /// `Posting_Date desc` is ordered by `Posting_Date`.
    static func orderedField(_ text: String) -> String {
        for ending in [" desc", " asc"] where text.hasSuffix(ending) { return String(text.dropLast(ending.utf8.count)) }
        return text
    }

    /// What is wrong with a company's name; nil where it is among the names.
    static func companyAdvice(_ company: String, among names: [String]) -> String? {
        guard !names.contains(where: { $0.utf8.elementsEqual(company.utf8) }) else { return nil }
        if let name = names.first(where: { $0.lowercased() == company.lowercased() }) {
            return "there is no company \"\(company)\": it is called \"\(name)\", and upper and lower case count"
        }
        let known = names.prefix(20).map { "\"\($0)\"" }.joined(separator: ", ") + (names.count > 20 ? ", …" : "")
        return "there is no company \"\(company)\"; "
            + (names.isEmpty ? "the user can see none" : "the user can see \(known)")
    }
}
