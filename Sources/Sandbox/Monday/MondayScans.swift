import Core
import Transport

/// The scans that are under way. Each cursor stands for a place in a list that was fixed with the first request, and all
/// of a scan's cursors die an hour after that.
@OnLoop final class MondayScans {
    static let life = Duration.seconds(3_600)
    private static let most = 4_000

    private final class Scan {
        let ids: [Int]
        let began: Instant

        init(ids: [Int], began: Instant) {
            self.ids = ids
            self.began = began
        }
    }

    private var cursors: [String: (scan: Scan, place: Int)] = [:]
    private var order: [String] = []
    private let account: MondayAccount

    init(_ account: MondayAccount) {
        self.account = account
    }

    /// One page: what is still there of it, and where it goes on.
    struct Page {
        var items: [MondayItem]
        var cursor: String?
    }

    func first(_ items: [MondayItem], limit: Int) -> Page {
        page(of: Scan(ids: items.map(\.id), began: account.clock.instant), from: 0, limit)
    }

    func next(_ cursor: String, limit: Int, _ call: MondayCall) throws(GraphQL.Fault) -> Page {
        guard let (scan, place) = cursors[cursor] else {
            throw .monday("CursorException", "The cursor provided is not valid")
        }
        guard scan.began + Self.life > account.clock.instant else {
            let message =
                "CursorExpiredError: The cursor provided for pagination has expired. Please refresh your query"
            if account.options.legacyCursorError {
                call.legacyRefusal = [
                    "error_code": "CursorException", "status_code": 200, "error_message": .string(message),
                    "error_data": [:],
                ]
            }
            throw .monday("CursorExpiredError", message)
        }
        return page(of: scan, from: place, limit)
    }

    private func page(of scan: Scan, from place: Int, _ limit: Int) -> Page {
        let end = min(place + limit, scan.ids.count)
        // What was put away since the scan began is left out.
        let items = scan.ids[place..<end].compactMap { account.items[$0] }.filter { $0.state == .active }
        guard end < scan.ids.count else { return Page(items: items, cursor: nil) }
        let cursor = "MSw\(account.digits(28))"
        cursors[cursor] = (scan, end)
        order.append(cursor)
        if order.count > Self.most {
            for cursor in order.prefix(Self.most / 2) { cursors[cursor] = nil }
            order.removeFirst(Self.most / 2)
        }
        return Page(items: items, cursor: cursor)
    }
}

extension MondayCall {
    func itemsPage(
        of board: MondayBoard,
        group: String?,
        _ arguments: JSON.Object
    ) throws(GraphQL.Fault) -> GraphQL.Resolved {
        let limit = try pageLimit(arguments)
        let query = arguments.object("query_params")
        if let cursor = try cursor(arguments) {
            guard query == nil else { throw .argument("Either a cursor or query_params can be given, not both") }
            return resolved(try scans.next(cursor, limit: limit, self))
        }
        var items = found(on: board).filter { group == nil || $0.groupID == group }
        // Without an order each scan has its own.
        items.shuffle(using: &account.random)
        if let query { items = try MondayFilter(account: account, board: board).apply(query, to: items) }
        return resolved(scans.first(items, limit: limit))
    }

    func nextPage(_ arguments: JSON.Object) throws(GraphQL.Fault) -> GraphQL.Resolved {
        guard let cursor = try cursor(arguments) else { throw .argument("A cursor is needed") }
        return resolved(try scans.next(cursor, limit: try pageLimit(arguments), self))
    }

    func pageByColumnValues(_ arguments: JSON.Object) throws(GraphQL.Fault) -> GraphQL.Resolved {
        let limit = try pageLimit(arguments)
        let board = try account.board(arguments["board_id"])
        let columns = arguments.list("columns")
        if let cursor = try cursor(arguments) {
            guard columns == nil else { throw .argument("Either a cursor or columns can be given, not both") }
            return resolved(try scans.next(cursor, limit: limit, self))
        }
        guard let columns, !columns.isEmpty else { throw .argument("columns are needed for the first page") }
        let lookup = MondayLookup(account: account, board: board)
        var items = try lookup.candidates(columns) ?? found(on: board)
        let now = account.clock.instant
        items.removeAll { $0.state != .active || $0.isFoundFrom > now }
        items.shuffle(using: &account.random)
        for case .object(let column) in columns { items = try lookup.apply(column, to: items) }
        return resolved(scans.first(items, limit: limit))
    }

    private func found(on board: MondayBoard) -> [MondayItem] {
        let now = account.clock.instant
        return board.items.filter { $0.state == .active && $0.isFoundFrom <= now }
    }

    private func cursor(_ arguments: JSON.Object) throws(GraphQL.Fault) -> String? {
        guard let cursor = arguments.string("cursor") else { return nil }
        guard !cursor.isEmpty else { throw .argument("The cursor is empty") }
        return cursor
    }

    private func pageLimit(_ arguments: JSON.Object) throws(GraphQL.Fault) -> Int {
        guard let limit = arguments.int("limit"), 1...500 ~= limit else {
            throw .argument("The limit of a page is from 1 to 500")
        }
        return limit
    }

    private func resolved(_ page: MondayScans.Page) -> GraphQL.Resolved {
        let items = page.items
        return .node(
            MondayRecord(
                "ItemsResponse",
                JSON.Object(("cursor", page.cursor.map { .string($0) } ?? .null)),
                nodes: ["items": { () throws(GraphQL.Fault) in .list(items.map { self.item($0) }) }]
            )
        )
    }
}
