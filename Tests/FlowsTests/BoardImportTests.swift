import Core
import Testing
import Transport

@testable import Flows
@testable import Sandbox

@Suite(.onLoop) struct `a first load by import` {
    @OnLoop private func start(_ stage: ListsStage, _ columns: String) async throws {
        try await stage.start(
            #"""
            { routes: { orders: { board: "\#(stage.monday.board)", firstLoad: "import",
                columns: { number: "name", \#(columns) } } } }
            """#
        )
    }

    @Test @OnLoop func `makes the labels that its rows need in one call a column`() async throws {
        let stage = try await ListsStage()
        let orders = stage.books.table("orders")
        for number in 1...12 {
            orders.put("\(number)", ["number": .string("PO\(number)"), "vendor": .string("Vendor \(number % 5)")])
        }
        try await start(stage, #"vendor: "vendor""#)
        let board = try stage.board
        try await stage.until { stage.item("12", on: board) != nil }
        try await stage.until { try await stage.link("12", of: "orders") != nil }
        #expect(board.items.count { $0.state == .active } == 12)
        #expect(Set(try stage.labels()).isSuperset(of: (0..<5).map { "Vendor \($0)" }))
        #expect(stage.calls("ingest_items") == 1 && stage.calls("create_item") == 0)
        #expect(stage.calls("update_dropdown_column") == 1)
        await stage.close()
    }

    @Test @OnLoop func `leaves to the writer what needs a label that cannot be made`() async throws {
        let stage = try await ListsStage()
        let board = try stage.board
        let place = try #require(board.columns.firstIndex(where: { $0.id == "status" }))
        board.columns[place].labels = (0..<40).map { MondayLabel(id: $0, index: $0, text: "L\($0)", color: $0) }
        let orders = stage.books.table("orders")
        orders.put("1", ["number": "PO1", "state": "L1"])
        orders.put("2", ["number": "PO2", "state": "One too many"])
        try await start(stage, #"state: { column: "status", makeLabels: true }"#)
        try await stage.until { stage.item("1", on: board) != nil }
        try await stage.until { try await stage.parked("orders") == 1 }
        #expect(stage.item("2", on: board) == nil)
        await stage.close()
    }
}
