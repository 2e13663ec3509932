import Core
import Foundation
import Simulation
import Store
import Testing
import Transport

@Suite(.serialized) struct `a simulated disk` {
    @Test func `carries a store, for several processes at once`() async throws {
        let trial = try await DiskTrial(seed: 1)
        await trial.work(300)
        #expect(trial.refused.isEmpty && trial.answered == 300)
        #expect(try await trial.problems() == [])
        #expect(trial.disk.facts.writes > 1_000 && trial.disk.facts.syncs > 200)
        #expect(trial.disk.bytesHeld > 100_000)

        let disk = SimulatedDisk(random: 2)
        defer { disk.unregister() }
        let processes = [disk.mount(), disk.mount()]
        let counters = try processes.map { try Counters($0) }
        for number in 0..<100 { try counters[number % 2].count(durably: true) }
        for counter in counters { #expect(try counter.values == [100, 100]) }
    }

    @Test func `keeps what was answered when the power goes, at whatever moment`() async throws {
        var (cuts, lost, torn) = (0, 0, 0)
        for seed in 0..<Seeds.count {
            let trial = try await DiskTrial(seed: seed)
            var dice = SeededGenerator(seed: seed)
            for _ in 0..<4 {
                trial.disk.faults.powerLasts = dice.roll(0...300)
                await trial.work(dice.roll(1...60))
                if !trial.process.isDead { trial.disk.losePower() }
                try await trial.restart()
                #expect(try await trial.problems() == [], "seed \(seed)")
            }
            cuts += trial.disk.facts.powerCuts
            lost += trial.disk.facts.lostWrites
            torn += trial.disk.facts.tornWrites
        }
        #expect(cuts == Int(Seeds.count) * 4 && lost > 100 && torn > 100)
    }

    /// The same check, so that it can be seen to fail.
    @Test func `is caught when it acknowledges what it does not keep`() async throws {
        var caught = 0
        for seed in 0..<20 as Range<UInt64> {
            let trial = try await DiskTrial(seed: seed)
            await trial.work(10)
            trial.disk.faults.syncLies = true
            await trial.work(30)
            trial.disk.losePower()
            do {
                try await trial.restart()
                if try await !trial.problems().isEmpty { caught += 1 }
            } catch is StoreError {
                caught += 1
            }
        }
        #expect(caught >= 10)
    }

    @Test func `loses nothing when a process dies, even in the midst of a commit`() async throws {
        for seed in 0..<Seeds.count {
            let trial = try await DiskTrial(seed: seed)
            var dice = SeededGenerator(seed: seed)
            for _ in 0..<4 {
                trial.process.lasts = dice.roll(0...200)
                await trial.work(dice.roll(1...60))
                try await trial.restart()
                #expect(try await trial.problems() == [], "seed \(seed)")
            }
            #expect(trial.disk.facts.lostWrites == 0)
        }
    }

    @Test func `fails as disks do, and the store stays whole`() async throws {
        var refusals: Set<String> = []
        var struck = 0
        for seed in 0..<Seeds.count {
            let trial = try await DiskTrial(seed: seed)
            await trial.work(10)
            let chance = seed % 2 == 0 ? 0.02 : 0.3
            trial.disk.faults.writeErrors = chance
            trial.disk.faults.syncErrors = chance
            trial.disk.faults.readErrors = chance / 4
            trial.disk.faults.truncateErrors = chance
            await trial.work(60)
            trial.disk.faults = SimulatedDisk.Faults()
            struck += trial.disk.facts.faultsStruck
            for error in trial.refused { refusals.insert(kind(of: error)) }
            // Nobody has opened it anew.
            let answered = trial.answered
            await trial.work(10)
            #expect(trial.answered == answered + 10, "seed \(seed): \(trial.refused.last.map { "\($0)" } ?? "")")
            #expect(try await trial.problems() == [], "seed \(seed)")
            trial.disk.losePower()
            try await trial.restart()
            #expect(try await trial.problems() == [], "seed \(seed), after a power cut")
        }
        #expect(refusals == ["other"] && struck > 100)
    }

    /// Linux counts what a failed sync was about as written: the next one says nothing of it, and the log has a hole.
    @Test func `is not believed any more after a sync that failed`() async throws {
        var struck = 0
        for seed in 0..<Seeds.count {
            let trial = try await DiskTrial(seed: seed)
            await trial.work(10)
            trial.disk.faults.syncErrors = 0.1
            trial.disk.faults.failedSyncForgets = true
            await trial.work(60)
            struck += trial.disk.facts.faultsStruck
            trial.disk.faults = SimulatedDisk.Faults()
            trial.disk.losePower()
            try await trial.restart()
            #expect(try await trial.problems() == [], "seed \(seed)")
        }
        #expect(struck > 100)
    }

    @Test func `answers full when it is, and works again when it is not`() async throws {
        var refusals: Set<String> = []
        for seed in 0..<20 as Range<UInt64> {
            let trial = try await DiskTrial(seed: seed)
            await trial.work(Int(seed))
            if seed % 2 == 0 {
                trial.disk.faults.isFull = true
            } else {
                trial.disk.faults.capacity = trial.disk.bytesHeld + Int(seed) * 3_000
            }
            await trial.work(80)
            for error in trial.refused { refusals.insert(kind(of: error)) }
            #expect(!trial.refused.isEmpty, "seed \(seed)")
            #expect(try await trial.problems() == [], "seed \(seed)")
            trial.disk.faults = SimulatedDisk.Faults()
            let answered = trial.answered
            await trial.work(20)
            #expect(trial.answered == answered + 20)
            #expect(try await trial.problems() == [])
        }
        #expect(refusals == ["full"])
        let full = SimulatedDisk(random: 1)
        defer { full.unregister() }
        full.faults.isFull = true
        #expect { try Counters(full.mount()) } throws: { kind(of: $0) == "full" }
    }

    @Test func `may lose the last quick transactions, and never half of one`() throws {
        var lost = 0
        for seed in 0..<Seeds.count * 2 {
            let disk = SimulatedDisk(random: seed)
            defer { disk.unregister() }
            var dice = SeededGenerator(seed: seed)
            var (last, durable) = (0, 0)
            do {
                let counters = try Counters(disk.mount())
                disk.faults.powerLasts = dice.roll(0...400)
                for number in 1...100 {
                    let durably = dice.hits(0.1)
                    try counters.count(durably: durably)
                    last = number
                    if durably { durable = number }
                }
                disk.losePower()
            } catch is StoreError {
            }
            #expect(disk.facts.powerCuts == 1)
            let counters = try Counters(disk.mount())
            let values = try counters.values
            #expect(values[0] == values[1] && values[0] >= durable && values[0] <= last + 1, "seed \(seed): \(values)")
            #expect(try counters.database.integrity() == "ok")
            if values[0] < last { lost += 1 }
        }
        #expect(lost > 10)
    }

    @Test func `keeps units spent that were entered before the power went, and syncs nothing for who waits`()
        async throws
    {
        let disk = SimulatedDisk(random: 9)
        defer { disk.unregister() }
        let calls = Window("calls", 5, .sliding(.seconds(60)))
        let ask = WindowAsk(
            account: "a",
            owner: 1,
            windows: [calls],
            charge: ["calls": 1],
            lane: .live,
            longest: .seconds(30)
        )
        let thread = BlockingThread(named: "simulated store")
        for entered in 1...5 {
            let options = Database.Options(fileSystem: disk.mount().fileSystem)
            let store = try await SQLiteTenantStore.open("/tenant.db", options: options, on: thread)
            var syncs = disk.facts.syncs
            guard case .entered = try await store.enter(ask, at: 1_000_000) else {
                Issue.record("there was room for \(entered)")
                return
            }
            #expect(disk.facts.syncs > syncs)
            syncs = disk.facts.syncs
            var large = ask
            large.charge = ["calls": 5]
            #expect(try await store.enter(large, at: 1_000_000) != .entered(CallPass(number: Int64(entered))))
            #expect(disk.facts.syncs == syncs)
            disk.losePower()
            await store.close()
        }
        let options = Database.Options(fileSystem: disk.mount().fileSystem)
        let store = try await SQLiteTenantStore.open("/tenant.db", options: options, on: thread)
        #expect(try await store.facts(of: "a", in: [calls], at: 1_000_000).used == ["calls": 5])
        guard case .wait = try await store.enter(ask, at: 1_000_000) else {
            Issue.record("a sixth call was let in")
            return
        }
    }

    @Test func `does the same again with the same seed`() async throws {
        func run(_ seed: UInt64) async throws -> (SimulatedDisk.Facts, Int, Int) {
            let trial = try await DiskTrial(seed: seed)
            trial.disk.faults.writeErrors = 0.01
            await trial.work(100)
            trial.disk.losePower()
            trial.disk.faults = SimulatedDisk.Faults()
            try await trial.restart()
            return (trial.disk.facts, trial.answered, trial.disk.bytesHeld)
        }
        let first = try await run(3)
        #expect(try await run(3) == first)
        #expect(try await run(4) != first)
    }

    @Test func `leaves nothing behind when it is taken away`() throws {
        weak var gone: SimulatedDisk?
        var names: [String] = []
        do {
            let disk = SimulatedDisk(random: 1)
            gone = disk
            let process = disk.mount()
            names = [process.fileSystem, disk.mount().fileSystem]
            let counters = try Counters(process)
            try counters.count(durably: true)
            disk.unregister()
            #expect(throws: StoreError.self) { try counters.count(durably: true) }
        }
        #expect(gone == nil)
        for name in names {
            #expect(throws: StoreError.self) {
                try Database(path: "/c", schema: Counters.schema, options: Database.Options(fileSystem: name))
            }
        }
    }

    @Test func `carries an inbox, which is whole after the power went`() async throws {
        let disk = SimulatedDisk(random: 5)
        defer { disk.unregister() }
        let thread = BlockingThread(named: "simulated inbox")
        var acknowledged: [Int64] = []
        for round in 0..<10 {
            let inbox = try await SQLiteInbox.open("/inbox.db", fileSystem: disk.mount().fileSystem, on: thread)
            #expect(Set(try await inbox.index().map(\.sequence)).isSuperset(of: acknowledged))
            disk.faults.powerLasts = 5 + round * 3
            do {
                for number in 0..<40 as Range<UInt64> {
                    let arrival = Arrival(
                        connection: 1,
                        key: EventKey(high: UInt64(round), low: number),
                        kind: "test",
                        receivedMilliseconds: 0,
                        body: Array(repeating: 7, count: 900)
                    )
                    acknowledged += try await inbox.commit([arrival], removing: []).sequences
                }
            } catch is StoreError {
            }
            await inbox.close()
        }
        #expect(disk.facts.powerCuts == 10 && acknowledged.count > 10)
    }
}

private enum Seeds {
    /// `ML_DISK_SEEDS=5000 swift test --filter disk` for a long run.
    static let count = ProcessInfo.processInfo.environment["ML_DISK_SEEDS"].flatMap { UInt64($0) } ?? 60
}

/// Two numbers that are always counted up together.
private struct Counters {
    static let schema = Schema(
        kind: 0x6d6c_7478,
        title: "two counters",
        steps: [
            """
            CREATE TABLE a (n INTEGER NOT NULL) STRICT; CREATE TABLE b (n INTEGER NOT NULL, filling BLOB) STRICT;
            INSERT INTO a VALUES (0); INSERT INTO b VALUES (0, zeroblob(9000));
            """
        ]
    )
    let database: Database

    init(_ process: DiskMount) throws {
        let options = Database.Options(fileSystem: process.fileSystem)
        database = try Database(path: "/counters.db", schema: Self.schema, options: options)
    }

    var values: [Int] {
        get throws {
            try ["a", "b"].map { try Int(database.integer("SELECT n FROM \($0)")) }
        }
    }

    func count(durably: Bool) throws {
        let body = {
            try database.run("UPDATE a SET n = n + 1")
            try database.run("UPDATE b SET n = n + 1, filling = randomblob(9000)")
        }
        if durably { try database.transaction(body) } else { try database.quickTransaction(body) }
    }
}

private func kind(of error: any Error) -> String {
    switch error {
    case StoreError.full: "full"
    case StoreError.other: "other"
    default: "\(error)"
    }
}
