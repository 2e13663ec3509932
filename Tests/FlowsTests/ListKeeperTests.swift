import Core
import Engine
import Testing
import Transport

@testable import Flows
@testable import Sandbox
@testable import Systems

@Suite(.onLoop) struct `a list of the books` {
    private static let lists = #"vendors: { board: "BOARD", column: "vendor", text: "{name} ({number})" }"#

    @OnLoop private func vendor(_ stage: ListsStage, _ key: String, _ name: String, blocked: String = "") {
        stage.books.table("vendors").put(
            key,
            ["number": .string("N\(key)"), "name": .string(name), "blocked": .string(blocked)]
        )
    }

    /// A keeper without a loop, so that its rounds can be counted.
    @OnLoop private func keeper(_ stage: ListsStage, _ extra: String = "") throws -> (ListKeeper, OptionBook) {
        let lists = Self.lists.replacing("BOARD", with: "\(stage.monday.board)").replacing(" }", with: "\(extra) }")
        let routes = #"invoices: { board: "\#(stage.monday.board)", columns: { number: "name" } }"#
        let file = try stage.file("{ routes: { \(routes) }, lists: { \(lists) } }")
        let side = try MondaySide(file, in: stage.context, isTrial: false)
        let book = OptionBook(file.lists[0], store: stage.store, connection: 1)
        let keeper = ListKeeper(
            file.lists[0],
            source: stage.books.table("vendors"),
            blocked: "blocked",
            book: book,
            monday: side.client,
            items: RelationItems(in: stage.context),
            settles: .zero,
            log: stage.context.log
        )
        return (keeper, book)
    }

    @OnLoop private func calls(_ stage: ListsStage) -> (reads: Int, changes: Int) {
        (stage.calls("boards"), stage.calls("update_dropdown_column"))
    }

    @Test @OnLoop func `costs two calls when it has changed, and none when it has not`() async throws {
        let stage = try await ListsStage()
        vendor(stage, "1", "Alpha")
        vendor(stage, "2", "Beta")
        let (keeper, book) = try keeper(stage)
        try await keeper.round()
        #expect(try stage.labels().suffix(2) == ["Alpha (N1)", "Beta (N2)"])
        #expect(calls(stage) == (1, 1))
        try await keeper.round()
        #expect(calls(stage) == (1, 1))

        let before = try #require(book.label(for: "1"))
        vendor(stage, "1", "Alpha & Sons")
        vendor(stage, "2", "Beta", blocked: "All")
        vendor(stage, "3", "Gamma", blocked: "Payment")
        try await keeper.round()
        #expect(try stage.labels().suffix(3) == ["Alpha & Sons (N1)", "-Beta (N2)", "Gamma (N3)"])
        #expect(calls(stage) == (2, 2) && book.label(for: "n1") == before)

        stage.books.table("vendors").records["1"] = nil
        try await keeper.round()
        #expect(try stage.labels().suffix(3) == ["-Alpha & Sons (N1)", "-Beta (N2)", "Gamma (N3)"])
        #expect(calls(stage) == (3, 3))
        // What is gone was asked for by itself, once.
        try await keeper.round()
        #expect(stage.books.table("vendors").reads == [["1"]])
        #expect(calls(stage) == (3, 3))
        await stage.close()
    }

    @Test @OnLoop func `is remembered over a restart`() async throws {
        let stage = try await ListsStage()
        vendor(stage, "1", "Alpha")
        let (first, book) = try keeper(stage)
        try await first.round()
        let (second, again) = try keeper(stage)
        try await second.round()
        #expect(calls(stage) == (1, 1) && again.entries == book.entries && !again.entries.isEmpty)
        await stage.close()
    }

    @Test @OnLoop func `is read again when somebody changed the column meanwhile`() async throws {
        let stage = try await ListsStage()
        vendor(stage, "1", "Alpha")
        let (keeper, _) = try keeper(stage)
        let stale =
            #"{"data":{"update_dropdown_column":null},"errors":[{"message":"stale","path":["update_dropdown_column"],"extensions":{"code":"REVISION_MISMATCH","status_code":409}}]}"#
        let answer = Fault.Effect.status(200, retryAfterSeconds: nil, body: stale, processed: false)
        stage.monday.faults.add(Fault(system: "monday", on: "update_dropdown_column", answer, times: 2))
        try await keeper.round()
        #expect(try stage.labels().last == "Alpha (N1)")
        #expect(calls(stage) == (3, 3))

        vendor(stage, "2", "Beta")
        stage.monday.faults.add(Fault(system: "monday", on: "update_dropdown_column", answer))
        await #expect(throws: CallError.self) { try await keeper.round() }
        // It has tried so often, and not for ever.
        #expect(calls(stage) == (7, 7))
        stage.monday.faults.clear()
        try await keeper.round()
        #expect(try stage.labels().last == "Beta (N2)")
        await stage.close()
    }

    @Test @OnLoop func `of labels that belong to the account is only matched, and said once`() async throws {
        let stage = try await ListsStage()
        vendor(stage, "1", "Alpha")
        let refused =
            #"{"data":{"update_dropdown_column":null},"errors":[{"message":"managed","path":["update_dropdown_column"],"extensions":{"code":"UserUnauthorizedException","status_code":403}}]}"#
        let answer = Fault.Effect.status(200, retryAfterSeconds: nil, body: refused, processed: false)
        stage.monday.faults.add(Fault(system: "monday", on: "update_dropdown_column", answer))
        let (keeper, book) = try keeper(stage)
        try await keeper.round()
        #expect(keeper.trouble.contains("managed for the whole account") && book.entries.isEmpty)
        #expect(calls(stage) == (2, 1))
        vendor(stage, "2", "Fabrikam, Inc.")
        stage.books.table("vendors").records["2"]?.fields["number"] = ""
        try await keeper.round()
        #expect(calls(stage) == (3, 1))
        await stage.close()
    }

    @Test @OnLoop func `that is made, though nobody heard the answer, is not made twice`() async throws {
        let stage = try await ListsStage()
        vendor(stage, "1", "Alpha")
        stage.monday.faults.add(Fault(system: "monday", on: "update_dropdown_column", .hangUpAfter, times: 1))
        let (keeper, book) = try keeper(stage)
        await #expect(throws: CallError.self) { try await keeper.round() }
        #expect(book.entries.isEmpty)
        try await keeper.round()
        #expect(try stage.labels().count { $0 == "Alpha (N1)" } == 1 && book.label(for: "1") != nil)
        #expect(calls(stage) == (2, 1))
        await stage.close()
    }

    @Test @OnLoop func `that is too long leaves the labels as they are and says what to do`() async throws {
        let stage = try await ListsStage()
        let before = try stage.labels()
        for number in 1...201 { vendor(stage, "\(number)", "V") }
        let (keeper, _) = try keeper(stage)
        try await keeper.round()
        #expect(try stage.labels() == before)
        #expect(keeper.trouble.contains("a board of their own") && keeper.trouble.hasPrefix("list vendors: "))
        await stage.close()
    }

    @Test @OnLoop func `takes away what nothing shows any more, where the file allows it, one at a time`() async throws
    {
        let stage = try await ListsStage()
        for key in ["1", "2", "3"] { vendor(stage, key, "V") }
        let (keeper, book) = try keeper(stage, ", removeUnused: true")
        try await keeper.round()
        let used = try #require(book.label(for: "1"))
        let item = try #require(
            try? stage.monday.account.createItem(
                on: stage.board,
                name: "X",
                group: nil,
                values: JSON.Object(("vendor", ["ids": [.number(used)]])),
                createsLabels: false,
                by: 1
            )
        )
        for key in ["1", "2", "3"] { stage.books.table("vendors").records[key] = nil }
        try await keeper.round()
        #expect(try stage.labels().suffix(3) == ["-V (N1)", "-V (N2)", "-V (N3)"])
        for left in [2, 1, 1] {
            // A day is over.
            _ = try await book.keep(book.entries, seen: "", complaint: "", at: .first)
            try await keeper.round()
            #expect(try stage.labels().count { $0.hasPrefix("-") } == left)
        }
        #expect(try stage.labels().last == "-V (N1)" && item.cells["vendor"]?.cell == .dropdown([used]))
        await stage.close()
    }
}

@Suite(.onLoop) struct `a column fed by a list` {
    private let file = #"""
        { routes: { invoices: { board: "BOARD", columns: {
            number: "name", vendorName: { column: "vendor", list: "vendors", by: "vendorNumber" } } } },
          lists: { vendors: { board: "BOARD", column: "vendor", text: "{name}" } } }
        """#

    @Test @OnLoop func `gets the label of its record, whatever that is called, as soon as there is one`() async throws {
        let stage = try await ListsStage()
        let vendors = stage.books.table("vendors")
        vendors.put("g1", ["number": "N1", "name": "Alpha"])
        stage.books.table("invoices").put("i1", ["number": "100", "vendorNumber": "n1"])
        stage.books.table("invoices").put("i2", ["number": "200", "vendorNumber": "N2"])
        try await stage.start(file.replacing("BOARD", with: "\(stage.monday.board)"))
        let board = try stage.board
        try await stage.until { stage.item("i1", on: board)?.cells["vendor"] != nil }
        let label = try #require(board.column("vendor")?.labels.first { $0.text == "Alpha" })
        #expect(stage.item("i1", on: board)?.cells["vendor"]?.cell == .dropdown([label.id]))
        try await stage.until { stage.item("i2", on: board) != nil }
        #expect(stage.item("i2", on: board)?.cells["vendor"] == nil)

        // A name that changes is no change of what refers to it; and a new one is waited for.
        vendors.put("g1", ["number": "N1", "name": "Omega"])
        vendors.put("g2", ["number": "N2", "name": "Beta"])
        let writes = stage.calls("change_multiple_column_values")
        stage.books.miss("vendors")
        try await stage.until { stage.item("i2", on: board)?.cells["vendor"] != nil }
        let labels = try #require(board.column("vendor")?.labels)
        #expect(labels.first { $0.id == label.id }?.text == "Omega")
        #expect(stage.calls("change_multiple_column_values") == writes + 1)
        #expect(stage.books.listened == ["invoices", "vendors"])
        #expect(try await stage.parked() == 0)
        await stage.close()
    }
}
