import Core
import Engine
import Store
import Testing
import Transport

@Suite(.onLoop, .timeLimit(.minutes(3))) struct `a first load by imports` {
    @OnLoop private static func stage(_ count: Int) async throws -> (Stage, Imports) {
        let stage = try await Stage()
        let imports = Imports(stage.world)
        stage.makeRoute = { ImportingWorldRoute($0, imports) }
        stage.world.pageSize = 10
        for number in 0..<count { stage.world.put("k\(number)", ["amount": "\(number)"]) }
        return (stage, imports)
    }

    @Test @OnLoop func `makes thousands of items by few, and leaves to the writer what they cannot hold`() async throws
    {
        let (stage, imports) = try await Self.stage(100)
        stage.world.put("odd", ["amount": "1", "picture": "x"])
        stage.start()
        try await stage.untilQuiet()
        stage.expectSame()
        #expect(imports.jobs.count == 3)
        #expect(stage.world.writes(.create).map(\.key) == ["odd"])
        #expect(try await stage.decisions(of: "k7") == ["created"])
        #expect(try await stage.link("k7")?.number == "N-k7")
        // From then on as ever.
        try await stage.change("k7", ["amount": "new"])
        try await stage.change("later", ["amount": "2"])
        try await stage.untilQuiet()
        stage.expectSame()
        #expect(imports.jobs.count == 3)
        await stage.stop()
    }

    @Test @OnLoop func `writes one by one what an import refused, and all when it failed`() async throws {
        let (stage, imports) = try await Self.stage(50)
        imports.refuses = ["k3", "k4"]
        imports.fails = 2
        stage.start()
        try await stage.untilQuiet()
        stage.expectSame()
        #expect(stage.world.writes(.create).count == 10 + 2)
        await stage.stop()
    }

    @Test @OnLoop func `is completed by the writer where a sheet holds not everything`() async throws {
        let (stage, imports) = try await Self.stage(20)
        stage.world.put("full", ["amount": "1", "note": "two lines"])
        stage.start()
        try await stage.untilQuiet()
        stage.expectSame()
        #expect(imports.jobs.count == 1 && stage.world.writes(.create).isEmpty)
        #expect(stage.world.writes(.update).map(\.key) == ["full"])
        await stage.stop()
    }

    @Test @OnLoop func `keeps the writer off while nobody knows what has become of an import`() async throws {
        let (stage, imports) = try await Self.stage(10)
        imports.looksUntilDone = 20
        imports.deafLooks = 2..<5
        stage.start()
        try await stage.until { imports.looks >= 2 }
        try await stage.change("k5", ["amount": "live"])
        try await stage.untilQuiet()
        stage.expectSame()
        #expect(Set(stage.world.items.values.map(\.key)).count == stage.world.items.count)
        await stage.stop()
    }

    @Test @OnLoop func `goes on when its target does not know an import any more`() async throws {
        let (stage, imports) = try await Self.stage(10)
        imports.forgets = [0]
        stage.start()
        try await stage.until { imports.jobs.count == 2 }
        try await stage.untilQuiet()
        stage.expectSame()
        #expect(Set(stage.world.items.values.map(\.key)).count == stage.world.items.count)
        await stage.stop()
    }

    @Test @OnLoop func `is overtaken by live changes, and lets none of them be lost or doubled`() async throws {
        let (stage, imports) = try await Self.stage(40)
        imports.looksUntilDone = 30
        stage.start()
        try await stage.until { imports.jobs.count == 1 }
        // One that is on its way, and one that nobody has heard of.
        try await stage.change("k5", ["amount": "live"])
        try await stage.change("new", ["amount": "live"])
        try await stage.until { stage.world.item(of: "new") != nil }
        #expect(stage.world.item(of: "k5") == nil, "the import was over before it could be overtaken")
        try await stage.untilQuiet()
        stage.expectSame()
        #expect(Set(stage.world.items.values.map(\.key)).count == stage.world.items.count)
        await stage.stop()
    }

    @Test @OnLoop func `makes nothing twice, wherever its process dies`() async throws {
        var step = 6
        while true {
            let (stage, imports) = try await Self.stage(25)
            imports.looksUntilDone = 3
            stage.fuse.set(at: step)
            stage.start()
            try await stage.until {
                if stage.fuse.isBlown { return true }
                return try await stage.isQuiet()
            }
            let isOver = !stage.fuse.isBlown
            await stage.stop()
            stage.fuse.set(at: .max)
            stage.world.put("k1", ["amount": "changed while nobody ran"])
            stage.start()
            try await stage.until { imports.isIdle }
            try await stage.mark("k1")
            try await stage.untilQuiet()
            stage.expectSame("step \(step)")
            #expect(Set(stage.world.items.values.map(\.key)).count == stage.world.items.count, "step \(step)")
            await stage.stop()
            if isOver { break }
            step += 3
        }
        #expect(step > 20)
    }
}

/// What the world's target takes in by the thousand: done after so many looks.
@OnLoop private final class Imports {
    struct Job {
        var rows: [ImportRow]
        var isSent = false
        var looks = 0
        var made: [Int: String]?
    }

    let world: World
    var jobs: [Job] = []
    var looksUntilDone = 1
    var refuses: Set<String> = []
    /// Which of them fails, from 1.
    var fails = 0
    /// Looks, of all that there are, that get no answer.
    var deafLooks = 0..<0
    /// Jobs that it knows nothing of.
    var forgets: Set<Int> = []
    private(set) var looks = 0

    init(_ world: World) {
        self.world = world
    }

    var isIdle: Bool { jobs.allSatisfy { !$0.isSent || $0.made != nil } }

    func look(_ index: Int) throws -> ImportOutcome {
        looks += 1
        if deafLooks.contains(looks) { throw CallError(.retry(after: .milliseconds(300)), "target", .network, "deaf") }
        if forgets.contains(index) { throw CallError(.skipRecord, "target", .missing, "there is no such job") }
        guard jobs[index].isSent else { return .notSent }
        jobs[index].looks += 1
        guard jobs[index].looks >= looksUntilDone else { return .underWay }
        guard fails != index + 1 else {
            jobs[index].made = [:]
            return .failed("not today")
        }
        if jobs[index].made == nil {
            var made: [Int: String] = [:]
            for (number, row) in jobs[index].rows.enumerated() where !refuses.contains(row.key) {
                if let item = world.item(of: row.key) {
                    world.items[item.id]?.values = row.values.over(item.values)
                    made[number] = item.id
                } else {
                    made[number] = world.make(row.key, row.values)
                }
            }
            jobs[index].made = made
        }
        let made = jobs[index].made ?? [:]
        let refused = jobs[index].rows.indices.filter { made[$0] == nil }.map { ($0, "no such label") }
        return .done(made: made, refused: Dictionary(refused) { $1 })
    }
}

@OnLoop private final class ImportingWorldRoute: ImportingRoute {
    nonisolated let name = "invoices"
    nonisolated let largestBatch: Int
    nonisolated let keyLife: Duration
    nonisolated let farewell: Farewell
    nonisolated let importsFirstLoad = true
    nonisolated let mostRows = 40
    nonisolated let looksEvery = Duration.milliseconds(5)
    private let plain: WorldRoute
    private let imports: Imports

    init(_ plain: WorldRoute, _ imports: Imports) {
        largestBatch = plain.largestBatch
        keyLife = plain.keyLife
        farewell = plain.farewell
        self.plain = plain
        self.imports = imports
    }

    func importable(_ values: JSON.Object, of key: String) -> JSON.Object? {
        var held = values
        held["note"] = nil
        return values["picture"] == nil ? held : nil
    }

    func beginImport(_ rows: [ImportRow], idempotencyKey: String, lane: Lane) async throws -> ImportBegun {
        let (plain, imports) = (plain, imports)
        let index = try await plain.call {
            imports.jobs.append(Imports.Job(rows: rows))
            return imports.jobs.count - 1
        }
        return ImportBegun(job: "\(index)") { try await plain.call { imports.jobs[index].isSent = true } }
    }

    func outcome(ofImport job: String, lane: Lane) async throws -> ImportOutcome {
        try await plain.call { try imports.look(Int(job) ?? 0) }
    }

    // MARK: As on the plain way

    func read(_ keys: [String], lane: Lane) async throws -> [Record] { try await plain.read(keys, lane: lane) }

    func page(changedSince: WallTime?, lane: Lane) async throws -> RecordPage {
        try await plain.page(changedSince: changedSince, lane: lane)
    }

    func page(next: String, lane: Lane) async throws -> RecordPage { try await plain.page(next: next, lane: lane) }
    func draft(of record: Record) throws(CallError) -> Draft { try plain.draft(of: record) }
    func room(_ lane: Lane) async throws -> WindowRoom { try await plain.room(lane) }
    func dismissBackground() { plain.dismissBackground() }

    func find(_ keys: [String], lane: Lane) async throws -> [String: [String]] {
        try await plain.find(keys, lane: lane)
    }

    func write(_ writes: [Write], idempotencyKey: String, lane: Lane) async throws -> [Result<Written, CallError>] {
        try await plain.write(writes, idempotencyKey: idempotencyKey, lane: lane)
    }

    func lookAgain() async throws { try await plain.lookAgain() }
}
