import Core
import Engine
import Foundation
import Store
import Testing
import Transport

@testable import Flows
@testable import Sandbox

/// Books in memory, Monday's simulator on a free port, and a flow between them.
@OnLoop final class ListsStage {
    let books = StagedBooks()
    let monday: MondaySimulator
    let store: SQLiteTenantStore
    let context: FlowContext
    private let host: SimulatorHost
    private let folder: URL
    private(set) var flow: BoardFlow?

    init() async throws {
        var style = Log.Style()
        style.lowest = .alert
        Log.use(style)
        let clock = SandboxClock()
        var options = MondayOptions()
        options.mutationMilliseconds = 0
        options.enforcesPlan = false
        monday = MondaySimulator(clock: clock, token: "a-token-of-this-test", options: options)
        host = try SimulatorHost([monday], clock: clock)
        folder = FileManager.default.temporaryDirectory.appending(path: "ml-lists-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = try await SQLiteTenantStore.open(folder.appending(path: "tenant.db").path)
        context = FlowContext(
            log: Log(role: "test"),
            store: store,
            connection: 1,
            tenant: "acme",
            name: "board",
            secrets: ["monday.token": Secret(text: "a-token-of-this-test")]
        )
    }

    nonisolated deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    func file(_ json5: String) throws -> BoardFlowFile {
        var document = try JSON.parse5(json5)
        document["monday"] = [
            "token": "x", "apiURL": .string("\(monday.address)/v2"), "uploads": [.string(monday.address)],
        ]
        document["timing"] = ["confirmDeletedAfterSeconds": 0]
        document["limits"] = ["monday": ["mutationsPerMinute": 0, "requestsPerMinute": 0, "callsPerDay": 0]]
        return try BoardFlowFile(JSONField(document), books: "memory", routes: ["vendors", "invoices", "orders"])
    }

    func start(_ json5: String) async throws {
        let books = books
        let flow = BoardFlow(try file(json5)) { _, _ in books }
        self.flow = flow
        try await flow.start(in: context)
    }

    func close() async {
        await flow?.drain()
        host.stop()
        await store.close()
    }

    /// Word of a change, as a webhook would bring it.
    func mark(_ route: String, _ keys: String...) async throws {
        let now = Int64(WallTime.now.millisecondsSince1970)
        let marks = keys.map { Mark(route: route, key: $0, lane: .live, cause: "test", heardMilliseconds: now) }
        try await store.mark(marks, advancing: nil, for: 1)
        flow?.wake()
    }

    func until(
        seconds: Int = 20,
        _ place: SourceLocation = #_sourceLocation,
        _ isSo: @OnLoop () async throws -> Bool
    ) async throws {
        let end = Instant.now + .seconds(seconds)
        while try await !isSo() {
            try #require(Instant.now < end, "it never came to that", sourceLocation: place)
            try await EpollLoop.process.sleep(for: .milliseconds(5))
        }
    }

    var board: MondayBoard {
        get throws { try #require(monday.account.boards[monday.board]) }
    }

    /// By the ends of their keys.
    func item(_ key: String, on board: MondayBoard) -> MondayItem? {
        board.items.first { item in
            guard item.state == .active, case .text(let text)? = item.cells["erp_key"]?.cell else { return false }
            return text.hasSuffix("/\(key.lowercased())")
        }
    }

    func labels(of column: String = "vendor") throws -> [String] {
        try #require(try board.column(column)).labels.map { ($0.isDeactivated ? "-" : "") + $0.text }
    }

    /// How often an operation was sent.
    func calls(_ operation: String) -> Int {
        (try? JSONField(monday.facts)["requests"][operation].int()) ?? 0
    }

    func link(_ key: String, of route: String) async throws -> Link? {
        try await store.links([key], of: route, for: 1)[key]
    }

    func parked(_ route: String? = nil) async throws -> Int {
        try await store.queue(of: route, at: Int64(WallTime.now.millisecondsSince1970), for: 1).parked
    }
}

extension JSON {
    fileprivate subscript(name: String) -> JSON {
        get { if case .object(let object) = self { object[name] ?? .null } else { .null } }
        set {
            guard case .object(var object) = self else { return }
            object[name] = newValue
            self = .object(object)
        }
    }
}

/// Tables of records that tests fill.
@OnLoop final class StagedBooks: Books {
    nonisolated let name = "Memory"
    var tables: [String: StagedSource] = [:]
    private(set) var listened: [String] = []
    private var read: (@OnLoop (String) -> Void)?

    nonisolated init() {}

    func table(_ name: String) -> StagedSource {
        if let table = tables[name] { return table }
        let table = StagedSource()
        tables[name] = table
        return table
    }

    func source(of route: BoardFlowFile.Route) throws -> any RecordSource { table(route.name) }
    func source(of list: ListFile, fields: [String]) throws -> any RecordSource { table(list.kind) }
    func lines(of route: BoardFlowFile.Route, fields: [String]) throws -> any LineSource {
        table("\(route.name).lines")
    }
    nonisolated func blockedField(of list: ListFile) -> String? { "blocked" }

    func begin() async throws {}
    func listen(for routes: [String], in context: FlowContext, read: @escaping @OnLoop (String) -> Void) throws {
        listened = routes
        self.read = read
    }
    /// As if something might have been missed.
    func miss(_ kind: String) { read?(kind) }
    func drain() {}
    func close() async {}
    func ended() async {}
    func take(_ event: WaitingEvent, in context: FlowContext) -> Heard? {
        Heard(
            marks: [
                Mark(
                    route: String(decoding: event.arrival.body, as: UTF8.self),
                    key: "x",
                    lane: .live,
                    cause: "test",
                    heardMilliseconds: 0
                )
            ]
        )
    }
    var stir: UInt64 { get async { 0 } }
    func add(to figures: inout WorkerFigures) async {}
    var troubles: [String] { [] }
    func isHeld() async -> Bool { false }
    func examine(_ findings: inout [Finding]) async {}
    func retire(in context: FlowContext) async -> [Finding] { [] }
}

@OnLoop final class StagedSource: LineSource {
    nonisolated let system = "Memory"
    nonisolated let rules = "memory"
    var records: [String: Record] = [:]
    private(set) var pages = 0
    private(set) var reads: [[String]] = []
    /// What every page says beside its records.
    var left: [Record] = []
    var vanished: [String] = []
    var isUnstamped = false
    private var clock = 1_763_600_000_000

    func put(_ key: String, _ fields: JSON) {
        clock += 1_000
        guard case .object(let object) = fields else { return }
        records[key] = Record(id: key, modified: WallTime(millisecondsSince1970: clock), fields: object)
    }

    func company(lane: Lane) async throws -> String { "cronus" }

    func read(_ keys: [String], lane: Lane) async throws -> [Record] {
        reads.append(keys)
        return keys.compactMap { records[$0] }
    }

    func page(changedSince: WallTime?, lane: Lane) async throws -> RecordPage {
        pages += 1
        let changed = records.values.filter { $0.modified ?? .first >= changedSince ?? .first }
        var page = RecordPage(records: changed.sorted { $0.modified ?? .first < $1.modified ?? .first }, next: nil)
        page.left = left
        page.vanished = vanished
        page.isUnstamped = isUnstamped
        return page
    }

    func page(next: String, lane: Lane) async throws -> RecordPage { RecordPage(records: [], next: nil) }

    func keys(ofDocument document: String, lane: Lane) async throws -> [String] {
        records.keys.filter { LineKey.document(of: $0) == document }.sorted()
    }

    nonisolated func plain(_ field: String, of record: Record) -> JSON { record[field] ?? .null }
    nonisolated func number(of record: Record) -> String { record["number"]?.word ?? "" }
}
