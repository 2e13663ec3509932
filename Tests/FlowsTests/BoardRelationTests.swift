import Core
import Engine
import Testing
import Transport

@testable import Flows
@testable import Sandbox
@testable import Systems

@Suite(.onLoop) struct `a connected board` {
    private let file = #"""
        { routes: {
            vendors: { board: "VENDORS", columns: { name: "name" } },
            invoices: { board: "BOARD", columns: {
                number: "name", vendor: { column: "vendor_link", item: { route: "vendors", by: "vendorId" } } } } } }
        """#

    @OnLoop private func text(_ stage: ListsStage) -> String {
        file.replacing("VENDORS", with: "\(stage.monday.vendorBoard)")
            .replacing("BOARD", with: "\(stage.monday.board)")
    }

    @Test @OnLoop func `shows the vendor's item, as soon as there is one`() async throws {
        let stage = try await ListsStage()
        stage.books.table("vendors").put("v1", ["name": "Alpha"])
        stage.books.table("invoices").put("i1", ["number": "100", "vendorId": "v1"])
        stage.books.table("invoices").put("i2", ["number": "200", "vendorId": "v2"])
        stage.books.table("invoices").put("i3", ["number": "300", "vendorId": ""])
        try await stage.start(text(stage))
        let board = try stage.board
        let vendors = try #require(stage.monday.account.boards[stage.monday.vendorBoard])
        try await stage.until { stage.item("i1", on: board)?.cells["vendor_link"] != nil }
        let alpha = try #require(stage.item("v1", on: vendors))
        #expect(stage.item("i1", on: board)?.cells["vendor_link"]?.cell == .items([alpha.id]))
        try await stage.until { stage.item("i2", on: board) != nil && stage.item("i3", on: board) != nil }
        #expect(stage.item("i2", on: board)?.cells["vendor_link"] == nil)

        // Nobody says anything of the invoice: its vendor's new item is enough.
        stage.books.table("vendors").put("v2", ["name": "Beta"])
        try await stage.mark("vendors", "v2")
        try await stage.until { stage.item("i2", on: board)?.cells["vendor_link"] != nil }
        let beta = try #require(stage.item("v2", on: vendors))
        #expect(stage.item("i2", on: board)?.cells["vendor_link"]?.cell == .items([beta.id]))

        // Another vendor, and then none.
        stage.books.table("invoices").put("i1", ["number": "100", "vendorId": "v2"])
        try await stage.mark("invoices", "i1")
        try await stage.until { stage.item("i1", on: board)?.cells["vendor_link"]?.cell == .items([beta.id]) }
        stage.books.table("invoices").put("i1", ["number": "100", "vendorId": .null])
        try await stage.mark("invoices", "i1")
        try await stage.until { stage.item("i1", on: board)?.cells["vendor_link"] == nil }
        #expect(try await stage.parked() == 0)
        await stage.close()
    }

    @Test @OnLoop func `that is not connected is said, and the rest goes on`() async throws {
        let stage = try await ListsStage()
        let board = try stage.board
        let place = try #require(board.columns.firstIndex(where: { $0.id == "vendor_link" }))
        board.columns[place].settings["boardIds"] = []
        stage.books.table("vendors").put("v1", ["name": "Alpha"])
        stage.books.table("invoices").put("i1", ["number": "100", "vendorId": "v1"])
        try await stage.start(text(stage))
        try await stage.until { stage.item("i1", on: board) != nil }
        let trouble = try #require(await stage.flow?.figures.trouble)
        #expect(trouble.contains("is not connected to the board \(stage.monday.vendorBoard)"), "\(trouble)")
        #expect(stage.item("i1", on: board)?.cells["vendor_link"] == nil)
        await stage.close()
    }

    @Test func `is compared as a set of items`() throws {
        let link = Monday.Column(id: "link", title: "Link", typeName: "connect_boards")
        let one = try link.value(from: [.string("22"), .string("111")]).value?.canonical
        let other = try link.value(from: [.string("111"), .string("22")]).value?.canonical
        #expect(one != nil && one == other)
    }
}

@Suite(.onLoop) struct `a file with lists and connected boards` {
    private let good = #"""
        { routes: { vendors: { board: "2", columns: { name: "name" } },
                    invoices: { board: "1", columns: { number: "name", vendor: RULE } } },
          lists: { vendors: LIST } }
        """#

    @Test(arguments: [
        (#"{ column: "v", item: { route: "vendor" } }"#, "", "there is no route vendor"),
        (#"{ column: "v", item: { route: "vendors" }, text: "{a}" }"#, "", "text, labels"),
        (#"{ column: "v", by: "a" }"#, "", "expected with list"),
        (#"{ column: "v", list: "customers" }"#, "", "there is no list customers"),
        (#"{ column: "w", list: "vendors" }"#, "", "kept in the column v of the board 1"),
        (#""v""#, #"{ board: "1", column: "v", text: "name" }"#, "fields in braces"),
        (#""v""#, #"{ board: "1", column: "v", text: "{a}", dimension: "D" }"#, "with nothing else"),
        (#""v""#, #"{ from: "dimensionValues", board: "1", column: "v", text: "{a}" }"#, "the code of the dimension"),
        (#""v""#, #"{ board: "1", column: "v", text: "{a}", poll: "now" }"#, "expected a schedule"),
        (#""v""#, #"{ board: "1", column: "v", text: "{a}", wrong: 1 }"#, "unknown name"),
    ])
    @OnLoop func `is refused in words`(rule: String, list: String, words: String) async throws {
        let stage = try await ListsStage()
        let usual = #"{ board: "1", column: "v", text: "{name}" }"#
        let text = good.replacing("RULE", with: rule).replacing("LIST", with: list.isEmpty ? usual : list)
        do {
            _ = try stage.file(text)
            Issue.record("it was taken")
        } catch {
            #expect("\(error)".contains(words), "\(error)")
        }
        await stage.close()
    }

    @Test @OnLoop func `reads the fields that its rules name, and no others`() async throws {
        let stage = try await ListsStage()
        let rule = #"{ column: "v", list: "vendors", by: "vendorNumber" }"#
        let list = #"{ board: "1", column: "v", text: "{name}" }"#
        let file = try stage.file(good.replacing("RULE", with: rule).replacing("LIST", with: list))
        #expect(file.routes[1].mapping.fields == ["number", "vendorNumber"])
        #expect(ListKeeper.fields(file.lists[0], blocked: "blocked") == ["name", "blocked"])
        await stage.close()
    }
}

@Suite struct `who waits for an item` {
    private func place(_ key: String) -> RelationWaiting.Place { .init(route: "r", key: key) }

    @Test func `is told once, in the lane of whoever is in the greatest hurry`() {
        var waiting = RelationWaiting()
        waiting.wait(place("b"), for: place("v"), .background)
        waiting.wait(place("a"), for: place("v"), .background)
        waiting.wait(place("a"), for: place("v"), .live)
        waiting.wait(place("c"), for: place("w"), .live)
        #expect(waiting.count == 3)
        let came = waiting.came(place("v"))
        #expect(came.map(\.waiter.key) == ["a", "b"] && came.map(\.lane) == [.live, .background])
        #expect(waiting.came(place("v")).isEmpty && waiting.count == 1)
    }

    @Test func `is forgotten beyond what memory has room for`() {
        var waiting = RelationWaiting(most: 2)
        for key in ["a", "b", "c"] { waiting.wait(place(key), for: place("v"), .live) }
        #expect(waiting.count == 2 && waiting.came(place("v")).map(\.waiter.key) == ["a", "b"])
        waiting.wait(place("c"), for: place("v"), .live)
        #expect(waiting.count == 1)
    }
}
