import Core
import Engine
import Testing
import Transport

@testable import Flows
@testable import Sandbox
@testable import Systems

@Suite(.onLoop) struct `the lines of an order` {
    @OnLoop private func start(_ stage: ListsStage, poll: String = "every 1h") async throws -> MondayBoard {
        let subitems = stage.monday.account.subitemBoard(of: try stage.board)
        try await stage.start(
            #"""
            { routes: { orders: { board: "\#(stage.monday.board)", columns: { number: "name" },
                lines: { board: "\#(subitems.id)", poll: "\#(poll)",
                         columns: { description: "name", quantity: "amount" } } } } }
            """#
        )
        return subitems
    }

    @OnLoop private func order(_ stage: ListsStage, _ key: String, _ lines: [String: Int]) {
        stage.books.table("orders").put(key, ["number": .string("PO\(key)")])
        let table = stage.books.table("orders.lines")
        for line in table.records.keys where LineKey.document(of: line) == key { table.records[line] = nil }
        for (line, quantity) in lines.sorted(by: { $0.key < $1.key }) {
            table.put(
                "\(key):\(line)",
                ["document": .string(key), "description": .string("Line \(line)"), "quantity": .number(quantity)]
            )
        }
    }

    @OnLoop private func shown(_ item: MondayItem?) -> [String: String] {
        let lines = item?.subitems.filter { $0.state == .active } ?? []
        return Dictionary(
            lines.map { line in
                if case .number(let amount)? = line.cells["amount"]?.cell {
                    (line.name, amount.text)
                } else {
                    (line.name, "")
                }
            }
        ) { "\($0) and \($1)" }
    }

    @Test @OnLoop func `stand under it, follow it and go with it`() async throws {
        let stage = try await ListsStage()
        order(stage, "7", ["10000": 5, "20000": 6])
        let subitems = try await start(stage)
        let board = try stage.board
        try await stage.until { shown(stage.item("7", on: board)) == ["Line 10000": "5", "Line 20000": "6"] }
        let first = try #require(stage.item("7", on: board))
        #expect(try await stage.parked() == 0)

        // Word of the order is word of its lines: one is new, one is another, one is gone.
        order(stage, "7", ["10000": 8, "30000": 1])
        try await stage.mark("orders", "7")
        try await stage.until { shown(first) == ["Line 10000": "8", "Line 30000": "1"] }
        #expect(subitems.items.count == 3 && subitems.items.count { $0.state == .archived } == 1)

        // With the order they are put away, and nothing more is asked of Monday for them.
        stage.books.table("orders").records["7"] = nil
        stage.books.table("orders.lines").records = [:]
        let archived = stage.calls("archive_item")
        try await stage.mark("orders", "7")
        try await stage.until { first.state == .archived }
        try await stage.until { try await stage.link("7:10000", of: "orders.lines")?.state == .archived }
        #expect(stage.calls("archive_item") == archived + 1)
        await stage.close()
    }

    @Test @OnLoop func `are put away when they are taken out, though the order looks the same`() async throws {
        let stage = try await ListsStage()
        order(stage, "7", ["10000": 5, "20000": 6])
        _ = try await start(stage)
        let board = try stage.board
        try await stage.until { shown(stage.item("7", on: board)).count == 2 }
        // Nobody tells of the order: its lines are read when they are due.
        let table = stage.books.table("orders.lines")
        table.records["7:20000"] = nil
        table.put("7:10000", ["document": "7", "description": "Line 10000", "quantity": 5])
        stage.books.miss("orders.lines")
        try await stage.until { shown(stage.item("7", on: board)) == ["Line 10000": "5"] }
        await stage.close()
    }

    @Test @OnLoop func `follow it when a reading finds that nothing else has changed`() async throws {
        let stage = try await ListsStage()
        order(stage, "7", ["1": 5])
        _ = try await start(stage)
        let board = try stage.board
        try await stage.until { shown(stage.item("7", on: board)) == ["Line 1": "5"] }
        order(stage, "7", ["1": 9])
        stage.books.miss("orders")
        try await stage.until { shown(stage.item("7", on: board)) == ["Line 1": "9"] }
        await stage.close()
    }

    @Test @OnLoop func `wait until it has an item, and are no matter for a person`() async throws {
        let stage = try await ListsStage()
        stage.books.table("orders.lines").put("9:1", ["document": "9", "description": "Early", "quantity": 1])
        _ = try await start(stage)
        let board = try stage.board
        try await stage.until { try await stage.store.progress(of: "orders.lines", for: 1) != nil }
        try await stage.until { !stage.books.table("orders.lines").reads.isEmpty }
        #expect(try await stage.parked() == 0 && stage.calls("create_subitem") == 0)
        stage.books.table("orders").put("9", ["number": "PO9"])
        try await stage.mark("orders", "9")
        try await stage.until { shown(stage.item("9", on: board)) == ["Early": "1"] }
        #expect(stage.calls("create_subitem") == 1)
        await stage.close()
    }

    @Test @OnLoop func `are made anew under an item that takes the place of another`() async throws {
        let stage = try await ListsStage()
        order(stage, "7", ["1": 5])
        _ = try await start(stage)
        let board = try stage.board
        try await stage.until { shown(stage.item("7", on: board)) == ["Line 1": "5"] }
        let first = try #require(stage.item("7", on: board))
        stage.monday.account.setState(.deleted, of: first, by: 1)
        for line in first.subitems { stage.monday.account.setState(.deleted, of: line, by: 1) }
        stage.books.table("orders").put("7", ["number": "PO7 again"])
        try await stage.mark("orders", "7")
        try await stage.until { shown(stage.item("7", on: board)) == ["Line 1": "5"] }
        let second = try #require(stage.item("7", on: board))
        #expect(second.id != first.id && second.subitems.count == 1)
        #expect(try await stage.parked() == 0)
        await stage.close()
    }

    @Test @OnLoop func `are found under it when nobody heard that they were made`() async throws {
        let stage = try await ListsStage()
        order(stage, "7", ["1": 5])
        stage.monday.faults.add(Fault(system: "monday", on: "create_subitem*", .hangUpAfter, times: 1))
        _ = try await start(stage)
        let board = try stage.board
        try await stage.until { try await stage.link("7:1", of: "orders.lines") != nil }
        #expect(shown(stage.item("7", on: board)) == ["Line 1": "5"])
        await stage.close()
    }

    @Test @OnLoop func `need a board whose place is known`() async throws {
        let stage = try await ListsStage()
        order(stage, "7", ["1": 5])
        try await stage.start(
            #"""
            { routes: { orders: { board: "\#(stage.monday.board)", columns: { number: "name" },
                lines: { columns: { description: "name" } } } } }
            """#
        )
        try await stage.until { await stage.flow?.figures.trouble.contains("add one subitem by hand") == true }
        await stage.close()
    }

    @Test(arguments: [
        ("posted:7:10000", "posted:7"), ("7:1", "7"), ("7", nil), (":1", nil),
    ])
    func `have keys that begin with its own`(key: String, document: String?) {
        #expect(LineKey.document(of: key) == document)
    }
}
