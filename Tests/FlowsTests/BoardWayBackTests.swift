import Core
import Engine
import Foundation
import Sandbox
import Store
import Systems
import Testing
import Transport

@testable import Flows

/// A flow between books in memory and the simulated Monday, and people at its board.
@OnLoop private final class Place {
    let books = MemoryBooks()
    let monday: MondaySimulator
    let store: SQLiteTenantStore
    private let host: SimulatorHost
    private let folder: URL
    private let flow: BoardFlow
    private let context: FlowContext
    private let board: String

    nonisolated static let columns = """
        number: "name", amount: "amount", note: { column: "currency", back: true },
        dimension1: { column: "dept", labels: { ADM: "Administration", SALES: "Sales" }, back: true },
        status: {
            column: "status", labels: { Open: "Pending review", Released: "Approved", Posted: "Posted" },
            actions: {
                Approved: { do: "release" }, Rejected: { do: "reopen" }, "Book it": { do: "post" },
                Accrue: { do: "journalLine", template: "G", batch: "B", account: "1", amount: "amount", text: "{number}" },
            },
        },
        """

    init(_ columns: String = Place.columns, viewOf view: String? = nil, handEdits: String = "overwrite") async throws {
        var style = Log.Style()
        style.lowest = .alert
        Log.use(style)
        var options = MondayOptions()
        options.mutationMilliseconds = 0
        let clock = SandboxClock()
        monday = MondaySimulator(clock: clock, options: options)
        host = try SimulatorHost([monday], clock: clock)
        let labels: JSON = ["Pending review", "Approved", "Posted", "Rejected", "Book it", "Accrue", "Own word"]
        let made = try await monday.control(
            ["boards"],
            .post,
            body: [
                "name": "Approvals",
                "columns": [
                    ["id": "erp_key", "type": "text"], ["id": "amount", "type": "numbers"],
                    ["id": "currency", "type": "text"], ["id": "dept", "type": "dropdown"],
                    ["id": "status", "type": "status", "title": "Approval", "settings": ["labels": labels]],
                ],
            ]
        )
        board = try JSONField(made)["id"].words
        let text = """
            {
                tenant: "acme", name: "nav-board", flow: "nav-monday", nav: {},
                monday: { token: { env: "T" }, apiURL: "\(monday.address)/v2" },
                routes: { purchaseInvoices: {
                    board: "\(board)", handEdits: "\(handEdits)", reconcile: { schedule: "never" }, columns: { \(columns) },
                } },
                limits: { monday: { mutationsPerMinute: 0, boardMutationsPerMinute: 0 } },
            }
            """
        let file = try BoardFlowFile(
            JSONField(try JSON.parse5(text)),
            books: "nav",
            routes: ["purchaseInvoices"],
            viewOf: view
        )
        folder = FileManager.default.temporaryDirectory.appending(path: "ml-flows-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = try await SQLiteTenantStore.open(folder.appending(path: "tenant.db").path)
        context = FlowContext(
            log: Log(role: "test"),
            store: store,
            connection: 1,
            tenant: "acme",
            name: "nav-board",
            secrets: ["monday.token": Secret(text: "sandbox-monday-token")]
        )
        let books = books
        flow = BoardFlow(file) { _, _ in books }
    }

    func start() async throws {
        try await flow.start(in: context)
        try await untilQuiet()
    }

    func end() async throws {
        await flow.drain()
        await store.close()
        host.stop()
        try FileManager.default.removeItem(at: folder)
    }

    func item(_ number: String) async throws -> JSONField {
        let items = try await monday.control(["boards", board[...], "items"], .get, body: .null)
        return try #require(JSONField(items).elements().first { try $0["name"].string() == number })
    }

    func shown(_ number: String, _ column: String) async throws -> String {
        (try? await item(number)["values"][column]["text"].string()) ?? ""
    }

    /// A person changes cells, and the board tells of it.
    func edit(_ number: String, _ key: String, _ values: JSON) async throws {
        let id = try await item(number)["id"].words
        _ = try await monday.control(["items", id[...]], .patch, body: ["values": values])
        try await mark(key, isOfTarget: true)
    }

    func mark(_ key: String, isOfTarget: Bool = false) async throws {
        let mark = Mark(
            route: "purchaseInvoices",
            key: key,
            lane: .live,
            cause: isOfTarget ? "monday 81 by user 7000002" : "poll",
            heardMilliseconds: Int64(WallTime.now.millisecondsSince1970),
            isOfTarget: isOfTarget
        )
        try await store.mark([mark], advancing: nil, for: 1)
        flow.wake()
        try await untilQuiet()
    }

    private func untilQuiet() async throws {
        for _ in 0..<2_000 {
            try await EpollLoop.process.sleep(for: .milliseconds(5))
            // In the order in which things come about.
            guard let state = try await store.progress(of: "purchaseInvoices", for: 1),
                try !ReadProgress(state).isFirst
            else { continue }
            let now = Int64(WallTime.now.millisecondsSince1970)
            // First whether all was read: what it leads to is stored in the same step.
            guard let state = try await store.progress(of: "purchaseInvoices", for: 1), try !ReadProgress(state).isFirst
            else { continue }
            let queue = try await store.queue(of: nil, at: now, for: 1)
            guard queue.live == 0, queue.background == 0,
                try await store.openIntents(of: "purchaseInvoices", for: 1).isEmpty
            else { continue }
            return
        }
        Issue.record("it does not come to an end")
    }

    /// Decision, cause and reason of each line, but for those that say that nothing was to be done.
    func lines() async throws -> [String] {
        try await store.audit(after: 0, limit: 1_000, for: nil).compactMap { line in
            let entry = JSONField(try JSON.parse(line.text))
            let words = try ["decision", "cause", "reason"].map { try entry[$0].orNil?.string() ?? "" }
            return words[0] == "unchanged" ? nil : words.filter { !$0.isEmpty }.joined(separator: ": ")
        }
    }

    func updates(_ number: String) async throws -> [String] {
        try await item(number)["updates"].elements().map { try $0["body"].orNil?.string() ?? $0.string() }
    }
}

extension JSONField {
    fileprivate var words: String {
        get throws { if case .number(let number)? = value { number.text } else { try string() } }
    }
}

@Suite(.onLoop, .timeLimit(.minutes(2))) struct `a board from which things go back` {
    @OnLoop private func place() async throws -> Place {
        let place = try await Place()
        place.books.source.put(
            "1",
            ["number": "P1", "amount": 12, "note": "n", "dimension1": "ADM", "status": "Open", "vendor": "V"]
        )
        try await place.start()
        return place
    }

    @Test @OnLoop func `has a label's action done, by whom it was asked for`() async throws {
        let place = try await place()
        #expect(try await place.shown("P1", "status") == "Pending review")
        try await place.edit("P1", "1", ["status": ["label": "Approved"]])
        #expect(place.books.source.done == ["1 Approved"])
        try await place.edit("P1", "1", ["status": ["label": "Book it"]])
        #expect(place.books.source.done == ["1 Approved", "1 Book it"])
        #expect(try await place.shown("P1", "status") == "Posted")
        #expect(
            try await place.lines() == [
                "created: backfill", "wroteBack: monday 81 by user 7000002", "wroteBack: monday 81 by user 7000002",
                "updated: monday 81 by user 7000002",
            ]
        )
        try await place.end()
    }

    @Test @OnLoop func `carries fields back under the books' own words`() async throws {
        let place = try await place()
        try await place.edit("P1", "1", ["dept": ["labels": ["Sales"]], "currency": " moved "])
        #expect(place.books.source.done == [#"1 note = "moved""#, #"1 dimension1 = "SALES""#])
        try await place.edit("P1", "1", ["currency": .null])
        #expect(place.books.source.done.last == "1 note = null")
        #expect(try await place.lines().count == 3)
        try await place.end()
    }

    @Test @OnLoop func `says on the item and in the audit why a posted document stays as it is`() async throws {
        let place = try await place()
        place.books.source.put("1", ["status": "Posted"])
        try await place.mark("1")
        try await place.edit("P1", "1", ["status": ["label": "Rejected"]])
        #expect(place.books.source.done.isEmpty)
        #expect(try await place.shown("P1", "status") == "Posted")
        #expect(try await place.lines().last == "refused: monday 81 by user 7000002: the invoice is posted")
        let words = try await place.updates("P1")
        #expect(words.count == 1)
        #expect(words.first?.contains("“Approval” is “Posted” again: “Rejected” was not taken over") == true)
        #expect(words.first?.contains("the invoice is posted") == true)
        try await place.end()
    }

    @Test @OnLoop func `leaves a label that asked for something as long as the record stays`() async throws {
        let place = try await place()
        try await place.edit("P1", "1", ["status": ["label": "Accrue"]])
        try await place.mark("1")
        try await place.mark("1", isOfTarget: true)
        #expect(place.books.source.done == ["1 Accrue"])
        #expect(try await place.shown("P1", "status") == "Accrue")
        try await place.edit("P1", "1", ["status": ["label": "Own word"]])
        #expect(place.books.source.done == ["1 Accrue"])
        place.books.source.put("1", ["status": "Released"])
        try await place.mark("1")
        #expect(try await place.shown("P1", "status") == "Approved")
        try await place.end()
    }

    @Test @OnLoop func `finds out what became of a request without an answer`() async throws {
        let place = try await place()
        let lost = CallError(.retry(after: .milliseconds(5)), "NAV", .timeout, "no answer", isUncertain: true)
        place.books.source.faults = [lost]
        try await place.edit("P1", "1", ["status": ["label": "Book it"]])
        #expect(place.books.source.done == ["1 Book it"])
        #expect(try await place.shown("P1", "status") == "Posted")
        try await place.end()
    }
}

@Suite(.onLoop, .timeLimit(.minutes(2))) struct `a board that is a view` {
    private static let columns = #"number: "name", amount: "amount", note: "currency", dimension1: "dept""#

    @OnLoop private func place(_ handEdits: String) async throws -> Place {
        let place = try await Place(Self.columns, viewOf: "NAV", handEdits: handEdits)
        place.books.source.put("1", ["number": "P1", "amount": 12, "note": "n", "dimension1": "ADM"])
        try await place.start()
        return place
    }

    @Test @OnLoop func `is written over where people change it, and says so`() async throws {
        let place = try await place("overwrite")
        try await place.edit("P1", "1", ["currency": "theirs", "amount": "7"])
        #expect(try await place.shown("P1", "currency") == "n")
        #expect(
            try await place.lines() == [
                "created: backfill", "updated: monday 81 by user 7000002", "overwritten: monday 81 by user 7000002",
            ]
        )
        #expect(place.books.source.done.isEmpty)
        try await place.end()
    }

    @Test @OnLoop func `keeps what people change where the file says so`() async throws {
        let place = try await place("keep")
        try await place.edit("P1", "1", ["currency": "theirs"])
        #expect(try await place.lines().last == "kept: monday 81 by user 7000002")
        place.books.source.put("1", ["amount": 13])
        try await place.mark("1")
        #expect(try await place.shown("P1", "currency") == "theirs")
        place.books.source.put("1", ["note": "m"])
        try await place.mark("1")
        #expect(try await place.shown("P1", "currency") == "m")
        #expect(try await place.lines().last == "conflict: poll")
        try await place.end()
    }
}
