import Core
import Foundation
import Sandbox
import Store
import Testing
import Transport

@testable import Engine
@testable import Flows
@testable import Systems

/// A board of the simulator's, a store, and a watch over the board; nothing on the other end.
@OnLoop final class WatchPlace {
    let monday: MondaySimulator
    let gateway: HookReceiver
    let store: SQLiteTenantStore
    let parts: Parts
    let watch: BoardWatch
    let context: FlowContext
    private let file: BoardFlowFile
    private let host: SimulatorHost
    private let folder: URL
    private var task: Task<Void, Never>?

    init(
        hasAddress: Bool = true,
        _ members: JSON.Object = JSON.Object(),
        _ change: (inout MondayOptions) -> Void = { _ in }
    ) async throws {
        var options = MondayOptions()
        options.mutationMilliseconds = 0
        options.hookDelayMilliseconds = 0
        options.enforcesPlan = false
        change(&options)
        let clock = SandboxClock()
        monday = MondaySimulator(clock: clock, token: "token", options: options)
        host = try SimulatorHost([monday], clock: clock)
        gateway = try HookReceiver()
        folder = FileManager.default.temporaryDirectory.appending(path: "ml-watch-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = try await SQLiteTenantStore.open(folder.path + "/store.db")
        var section = members
        section["token"] = ["env": "T"]
        section["apiURL"] = .string(monday.address + "/v2")
        let document: JSON = [
            "monday": .object(section), "limits": ["monday": ["mutationsPerMinute": 0, "callsPerDay": 0]],
            "routes": [
                "invoices": [
                    "board": .string("\(monday.board)"),
                    "columns": ["number": "name", "state": "status", "sum": "amount"],
                ]
            ],
        ]
        file = try BoardFlowFile(JSONField(document), books: "books", routes: ["invoices"])
        let secrets = ["monday.token": Secret(text: "token"), FlowHook.secretPlace: Secret(text: "key")]
        context = FlowContext(
            log: Log(role: "test"),
            store: store,
            connection: 1,
            tenant: "acme",
            name: "board",
            secrets: secrets,
            hookURL: hasAddress ? gateway.url("hooks/token") : nil
        )
        parts = try Parts(file, books: NoBooks(), in: context, isTrial: false)
        watch = parts.watch(file, in: context)
        try await parts.begin()
    }

    /// As after a restart of the worker.
    func another() -> BoardWatch { parts.watch(file, in: context) }

    func run(_ watch: BoardWatch? = nil) {
        let watch = watch ?? self.watch
        task = EpollLoop.process.task { await watch.run() }
    }

    func end() async {
        watch.drain()
        await parts.close()
        await task?.value
        await store.close()
        gateway.close()
        host.stop()
        try? FileManager.default.removeItem(at: folder)
    }

    var board: String { "\(monday.board)" }

    // MARK: The board

    /// What a person does there.
    @discardableResult
    func control(_ method: HTTPMethod, _ path: String, _ body: JSON = .null) async throws -> JSONField {
        JSONField(try await monday.control(path.split(separator: "/"), method, body: body))
    }

    func webhooks() async throws -> [String] {
        try await control(.get, "webhooks").elements().map { try $0["event"].string() }.sorted()
    }

    /// An item with a record that was written to it at that time.
    func linked(_ key: String, _ values: JSON.Object, written: WallTime = .now) async throws -> String {
        let item = try await control(.post, "boards/\(board)/items", ["name": .string(key)])["id"].string()
        let link = Link(
            route: "invoices",
            key: key,
            target: item,
            number: key,
            values: values,
            writtenMilliseconds: Int64(written.millisecondsSince1970)
        )
        let end = Conclusion(route: "invoices", key: key, version: 1, end: .done, link: link)
        try await store.conclude([end], at: 1, for: 1)
        return item
    }

    func changes(_ lane: Lane) async throws -> [Change] {
        let end = Int64(WallTime.now.millisecondsSince1970) + 100_000
        return try await store.changes(of: "invoices", lane: lane, limit: 100, at: end, for: 1)
    }

    /// Waits for something that happens by itself.
    func until(_ what: String, _ isSo: @OnLoop () async throws -> Bool) async throws {
        for _ in 0..<2_000 {
            if try await isSo() { return }
            try await EpollLoop.process.sleep(for: .milliseconds(5))
        }
        Issue.record("never: \(what)")
    }
}

/// Stands where the gateway does: answers challenges, and keeps what else it is told.
@OnLoop final class HookReceiver {
    /// Answers no challenge, as something in front of the gateway might.
    var isBlocked = false
    private(set) var events: [WaitingEvent] = []
    private(set) var challenges = 0
    private var server: HTTPServer?
    private let listener: HTTPServer.Listener

    init() throws {
        listener = try HTTPServer.Listener(host: "127.0.0.1", port: 0)
        var router = HTTPServer.Router()
        router.add([.post], "/{rest...}", bodyLimit: 1 << 20) { [unowned self] in take($0) }
        server = try HTTPServer(listener: listener.descriptor, router: router)
    }

    func close() {
        server?.stop()
        listener.close()
    }

    func url(_ path: String) -> String { "http://127.0.0.1:\(listener.port)/\(path)" }

    private func take(_ exchange: HTTPExchange) {
        let body = exchange.withBody { Array($0) }
        guard !isBlocked, let delivery = try? Monday.Delivery(body.span) else {
            exchange.answer(.forbidden)
            return
        }
        switch delivery {
        case .challenge(let text):
            challenges += 1
            exchange.answer(
                .ok,
                [HTTPHeader("Content-Type", "application/json")],
                body: Monday.answer(toChallenge: text)
            )
        case .event:
            let arrival = Arrival(
                connection: 1,
                key: EventKey(high: 0, low: UInt64(events.count)),
                kind: String(exchange.path.split(separator: "/").last ?? ""),
                receivedMilliseconds: 7,
                body: body
            )
            events.append(WaitingEvent(id: Int64(events.count + 1), arrival: arrival))
            exchange.answer(.ok)
        }
    }
}

/// The other end, which is not looked at here.
@OnLoop private final class NoBooks: Books, RecordSource {
    nonisolated var name: String { "the books" }
    nonisolated var system: String { name }
    nonisolated var rules: String { "" }
    nonisolated init() {}

    func source(of route: BoardFlowFile.Route) throws -> any RecordSource { self }
    func begin() async throws {}
    func listen(for routes: [String], in context: FlowContext, read: @escaping @OnLoop (String) -> Void) throws {}
    func drain() {}
    func close() async {}
    func ended() async {}
    func take(_ event: WaitingEvent, in context: FlowContext) -> Heard? { nil }
    var stir: UInt64 { get async { 0 } }
    func add(to figures: inout WorkerFigures) async {}
    var troubles: [String] { [] }
    func isHeld() async -> Bool { false }
    func examine(_ findings: inout [Finding]) async {}
    func retire(in context: FlowContext) async -> [Finding] { [] }

    func company(lane: Lane) async throws -> String { "c" }
    func read(_ keys: [String], lane: Lane) async throws -> [Record] { [] }
    func page(changedSince: WallTime?, lane: Lane) async throws -> RecordPage { RecordPage(records: [], next: nil) }
    func page(next: String, lane: Lane) async throws -> RecordPage { RecordPage(records: [], next: nil) }
    nonisolated func plain(_ field: String, of record: Record) -> JSON { record[field] ?? .null }
    nonisolated func number(of record: Record) -> String { record.id }
}

func members(_ all: (String, JSON)...) -> JSON.Object {
    var object = JSON.Object()
    for (name, value) in all { object[name] = value }
    return object
}
