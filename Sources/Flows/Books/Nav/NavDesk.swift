import Core
import Systems
import Transport

/// A company's pages, as its sources ask for them: what is published is looked up once, and so is what the company says
/// of itself.
@OnLoop final class NavDesk {
    let pages: any NavPages
    /// As the connection's file calls it.
    nonisolated let company: String
    /// Which books these are: the server's address, and the company on it.
    nonisolated let place: String
    private let onLookAgain: @OnLoop () -> Void
    private var published: [Nav.Page: Set<String>?] = [:]
    private(set) var knownSetup: NavSetup?

    /// No answer of so many pages is asked for at once, whatever the server says of a next one.
    private static let mostPages = 10_000
    /// What one question names; the client cuts what its address cannot hold.
    private static let namedAtOnce = 50

    /// `onLookAgain` has the client forget what it knows of the server.
    init(
        _ pages: any NavPages,
        company: String,
        at server: String = "NAV",
        onLookAgain: @escaping @OnLoop () -> Void = {}
    ) {
        self.pages = pages
        self.company = company
        place = "\(server) \(company)"
        self.onLookAgain = onLookAgain
    }

    func lookAgain() {
        onLookAgain()
        published = [:]
        knownSetup = nil
    }

    func fields(of page: Nav.Page, lane: Lane) async throws -> Set<String>? {
        if let known = published[page] { return known }
        let fields = try await pages.fields(of: page, lane: lane)
        published.updateValue(fields, forKey: page)
        return fields
    }

    func setup(lane: Lane) async throws -> NavSetup {
        if let knownSetup { return knownSetup }
        var found = NavSetup()
        if try await fields(of: .setup, lane: lane) != nil,
            let row = try await pages.rows(Nav.Query(.setup), lane: lane).rows.first
        {
            found = NavSetup(row.fields)
        }
        knownSetup = found
        return found
    }

    /// In the keys of items. NAV has no number for a company; its name is one.
    nonisolated var key: String {
        String(company.lowercased().map { $0 == "/" ? "-" : $0 })
    }

    // MARK: Rows

    func page(_ query: Nav.Query, next: String?, lane: Lane) async throws -> Nav.RowPage {
        if let next { return try await pages.rows(next: next, of: query, lane: lane) }
        return try await pages.rows(query, lane: lane)
    }

    /// Of questions with few answers.
    func all(_ query: Nav.Query, lane: Lane) async throws -> [Nav.Row] {
        var rows: [Nav.Row] = []
        var next: String?
        for _ in 0..<Self.mostPages {
            let page = try await page(query, next: next, lane: lane)
            rows += page.rows
            guard let following = page.next else { return rows }
            next = following
        }
        throw CallError(.retry(after: nil), Nav.name, .garbage, "the pages of an answer do not come to an end")
    }

    /// Those whose field is one of these.
    func rows(
        _ query: Nav.Query,
        where field: String,
        isOneOf values: [String],
        lane: Lane
    ) async throws -> [Nav.Row] {
        var rows: [Nav.Row] = []
        for start in stride(from: 0, to: values.count, by: Self.namedAtOnce) {
            var query = query
            let some = values[start..<min(start + Self.namedAtOnce, values.count)]
            query.filter = .anyOf(field, some.map { .string($0) })
            rows += try await all(query, lane: lane)
        }
        return rows
    }

    /// The rows that another page has of the same documents, by their numbers. Both go in the order of the numbers, so one
    /// page of these begins where one page of those does; unless what those were chosen by is nothing that this page knows.
    func rows(
        beside rows: [Nav.Row],
        _ query: Nav.Query,
        where filter: Nav.Filter?,
        isInOrder: Bool,
        lane: Lane
    ) async throws -> [String: Nav.Row] {
        let wanted = rows.map { $0.fields.text("No") }.filter { !$0.isEmpty }
        guard let first = wanted.first else { return [:] }
        var found: [String: Nav.Row] = [:]
        var missing = Set(wanted)
        if isInOrder, wanted.count > Self.namedAtOnce {
            var query = query
            query.order = ["No"]
            let from = Nav.Filter.atLeast("No", .string(first))
            query.filter = filter.map { .all([$0, from]) } ?? from
            var next: String?
            var walked = 0
            repeat {
                let page = try await page(query, next: next, lane: lane)
                for row in page.rows where missing.remove(row.fields.text("No")) != nil {
                    found[row.fields.text("No")] = row
                }
                walked += page.rows.count
                next = page.next
                // Between the two questions some are made and some are posted; beyond that they are others.
            } while next != nil && missing.count > Self.namedAtOnce && walked < 2 * wanted.count
        }
        for row in try await self.rows(query, where: "No", isOneOf: missing.sorted(), lane: lane) {
            found[row.fields.text("No")] = row
        }
        return found
    }
}
