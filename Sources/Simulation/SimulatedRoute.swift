import Core
import Engine
import Store
import Transport

/// The way from one connection's books to its board, as one process has it.
@OnLoop class SimulatedRoute: Route {
    nonisolated let name = "records"
    nonisolated let largestBatch: Int
    nonisolated let keyLife: Duration
    nonisolated let farewell = Farewell.archive
    nonisolated let reconciles: ReconcilePolicy?
    private let pageSize: Int
    let site: Site
    let source: VendorClient
    let target: VendorClient

    init(_ site: Site, from source: VendorClient, to target: VendorClient, in scenario: Scenario) {
        self.site = site
        self.source = source
        self.target = target
        largestBatch = scenario.largestBatch
        pageSize = scenario.pageSize
        reconciles = scenario.reconcile.map { ReconcilePolicy(schedule: .every($0)) }
        // Shorter than the key lives: a request takes its time, too.
        keyLife = scenario.keyLife * 3 / 4
    }

    // MARK: The books

    func read(_ keys: [String], lane: Lane) async throws -> [Record] {
        try await source.call(["requests": 1], lane: lane) { [books = site.books] in books.read(keys) }
    }

    func page(changedSince since: WallTime?, lane: Lane) async throws -> RecordPage {
        try await source.call(["requests": 1], lane: lane) { [books = site.books] in books.page(since: since) }
    }

    func page(next: String, lane: Lane) async throws -> RecordPage {
        try await source.call(["requests": 1], lane: lane) { [books = site.books] in books.page(next: next) }
    }

    func draft(of record: Record) throws(CallError) -> Draft {
        guard record["label"] != "unmappable" else {
            throw CallError(.skipRecord, "books", .validation, "the label “unmappable” cannot be mapped")
        }
        return Draft(number: "N-\(record.id)", values: record.fields)
    }

    // MARK: The board

    func room(_ lane: Lane) async throws -> WindowRoom {
        try await target.keeper.room("mutations", lane: lane)
    }

    func dismissBackground() async {
        await target.keeper.dismissBackground()
    }

    func isHeld(_ system: String) async -> Bool {
        if await source.isHeld(system) { return true }
        return await target.isHeld(system)
    }

    func find(_ keys: [String], lane: Lane) async throws -> [String: [String]] {
        try await target.call(["requests": 1], lane: lane) { [board = site.board] in board.find(keys) }
    }

    func write(_ writes: [Write], idempotencyKey: String, lane: Lane) async throws -> [Result<Written, CallError>] {
        let units = ["requests": 1, "mutations": writes.count]
        return try await target.call(units, lane: lane, isWrite: true) { [board = site.board] in
            board.write(writes, idempotencyKey)
        }
    }

    func targets(after last: String?, lane: Lane) async throws -> TargetPage {
        try await target.call(["requests": 1], lane: lane) { [board = site.board, pageSize] in
            board.targets(after: last, atMost: pageSize)
        }
    }

    func targets(_ ids: [String], lane: Lane) async throws -> [Target] {
        try await target.call(["requests": 1], lane: lane) { [board = site.board] in board.targets(ids) }
    }

    func lookAgain() async throws {
        try await target.call(["requests": 1], lane: .live) { .success(()) }
    }
}
