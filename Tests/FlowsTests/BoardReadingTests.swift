import Core
import Engine
import Testing
import Transport

@testable import Flows
@testable import Sandbox

@Suite(.onLoop) struct `what a reading says beside its records` {
    @Test(arguments: ["left", "vanished"])
    @OnLoop func `puts the items of those that are gone away, without any other word`(how: String) async throws {
        let stage = try await ListsStage()
        let orders = stage.books.table("orders")
        orders.put("7", ["number": "PO7"])
        orders.put("8", ["number": "PO8"])
        try await stage.start(
            #"""
            { routes: { orders: { board: "\#(stage.monday.board)", poll: "every 1s", columns: { number: "name" } } } }
            """#
        )
        let board = try stage.board
        try await stage.until { stage.item("7", on: board) != nil && stage.item("8", on: board) != nil }
        let gone = try #require(orders.records["7"])
        orders.records["7"] = nil
        if how == "left" { orders.left = [gone] } else { orders.vanished = [gone.id] }
        try await stage.until { stage.item("7", on: board) == nil }
        #expect(stage.item("8", on: board) != nil)
        await stage.close()
    }

    /// A line may change without anything of its order that the board shows.
    @Test @OnLoop func `of lines comes as often as of their orders`() async throws {
        let stage = try await ListsStage()
        let subitems = stage.monday.account.subitemBoard(of: try stage.board)
        stage.books.table("orders").put("7", ["number": "PO7"])
        let lines = stage.books.table("orders.lines")
        lines.put("7:1", ["document": "7", "description": "Bell", "quantity": 1])
        try await stage.start(
            #"""
            { routes: { orders: { board: "\#(stage.monday.board)", poll: "every 1s", columns: { number: "name" },
                lines: { board: "\#(subitems.id)", columns: { description: "name" } } } } }
            """#
        )
        try await stage.until { subitems.items.contains { $0.name == "Bell" } }
        lines.put("7:1", ["document": "7", "description": "Horn", "quantity": 1])
        try await stage.until { subitems.items.contains { $0.name == "Horn" } }
        await stage.close()
    }
}
