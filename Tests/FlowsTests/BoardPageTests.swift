import Core
import Engine
import Testing
import Transport

@testable import Flows
@testable import Sandbox

@Suite(.onLoop) struct `a page of the books, on its way to a board` {
    private let file = #"""
        { routes: { orders: { board: "BOARD", columns: { number: "name" }, poll: "every 1h",
            lines: { board: "LINES", poll: "every 1h", columns: { description: "name" } } } } }
        """#

    @OnLoop private func parts(_ stage: ListsStage) throws -> Parts {
        let board = try stage.board
        let lines = stage.monday.account.subitemBoard(of: board)
        let text = file.replacing("BOARD", with: "\(board.id)").replacing("LINES", with: "\(lines.id)")
        return try Parts(try stage.file(text), books: stage.books, in: stage.context, isTrial: false)
    }

    @Test @OnLoop func `still says what has left, what is not listed any more, and that nothing is stamped`()
        async throws
    {
        let stage = try await ListsStage()
        let parts = try parts(stage)
        let routes: [(any Route, StagedSource)] = [
            (try #require(parts.routes.first).route, stage.books.table("orders")),
            (try #require(parts.lines.first).route, stage.books.table("orders.lines")),
        ]
        for (route, table) in routes {
            table.put("7:1", ["number": "PO7", "document": "7"])
            table.left = [Record(id: "8:1", modified: WallTime(millisecondsSince1970: 5), fields: JSON.Object())]
            table.vanished = ["9:1"]
            table.isUnstamped = true
            let page = try await route.page(changedSince: nil, lane: .background)
            #expect(page.records.map(\.id) == ["7:1"] && page.left == table.left)
            #expect(page.vanished == ["9:1"] && page.isUnstamped)
        }
        await parts.close()
        await stage.close()
    }

    @Test @OnLoop func `puts away what the books do not list any more`() async throws {
        let stage = try await ListsStage()
        let table = stage.books.table("orders")
        table.put("7", ["number": "PO7"])
        try await stage.start(
            #"{ routes: { orders: { board: "\#(stage.monday.board)", columns: { number: "name" }, poll: "every 1h" } } }"#
        )
        let board = try stage.board
        try await stage.until { stage.item("7", on: board) != nil }
        table.records["7"] = nil
        table.vanished = ["7"]
        stage.books.miss("orders")
        try await stage.until { stage.item("7", on: board) == nil }
        await stage.close()
    }
}
