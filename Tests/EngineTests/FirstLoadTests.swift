import Core
import Engine
import Store
import Testing
import Transport

@Suite(.onLoop, .timeLimit(.minutes(2))) struct `the first load of a route` {
    /// What an operator is shown, again and again until it is over: never less than before, never more than there is.
    @OnLoop private final class Watched {
        private let stage: Stage
        private(set) var seen: [UInt64] = []
        private(set) var last: WorkerFigures.RouteProgress?

        init(_ stage: Stage) {
            self.stage = stage
        }

        func look() async {
            guard let load = await stage.engine?.figures().progress.first else { return }
            if let last {
                #expect(load.done >= last.done, "\(last) became \(load)")
                #expect(!last.isEnded || load.isEnded, "\(last) became \(load)")
            }
            if let total = load.total { #expect(load.done <= total, "\(load)") }
            last = load
            if seen.last != load.done { seen.append(load.done) }
        }
    }

    @Test @OnLoop func `is followed honestly, whatever dies and whoever edits meanwhile`() async throws {
        for seed in 0..<6 as Range<UInt64> {
            var dice = SeededGenerator(seed: seed)
            let stage = try await Stage()
            stage.world.knowsCount = true
            stage.world.pageSize = 7
            stage.world.largestBatch = 3
            stage.world.latency = .milliseconds(1)
            for number in 0..<60 { stage.world.put("k\(number)", ["amount": "\(number)"]) }
            let watched = Watched(stage)
            var deaths = 0
            while watched.last?.isEnded != true {
                // It dies at some step of its own, and what is stored is all that the next one knows.
                stage.fuse.set(at: deaths < 6 ? Int.random(in: 40...140, using: &dice) : .max)
                stage.start()
                try await stage.until {
                    await watched.look()
                    return stage.fuse.isBlown || watched.last?.isEnded == true
                }
                if stage.fuse.isBlown { deaths += 1 }
                await stage.stop()
                stage.fuse.set(at: .max)
                let key = "k\(Int.random(in: 0..<60, using: &dice))"
                stage.world.put(key, ["amount": "edited \(deaths)"])
            }
            #expect(deaths >= 3, "seed \(seed)")
            #expect(watched.seen.count > 3, "seed \(seed): \(watched.seen)")
            let last = try #require(watched.last)
            // Records that moved to the end while it was read were read twice, and are counted twice.
            #expect(last.total == last.done && last.done >= 60 && last.queued == 0 && last.secondsLeft == 0)
        }
    }

    @Test @OnLoop func `resumes at its page`() async throws {
        let stage = try await Stage()
        stage.world.knowsCount = true
        stage.world.pageSize = 5
        stage.world.latency = .milliseconds(10)
        for number in 0..<60 { stage.world.put("k\(number)", ["amount": "1"]) }
        stage.start()
        try await stage.until { stage.world.pagesRead >= 5 }
        await stage.stop()
        let state = try #require(try await stage.real.progress(of: "invoices", for: 1))
        let progress = try ReadProgress(state)
        #expect(progress.isUnderWay && progress.total == 60)
        #expect(progress.furthest == 5 * stage.world.pagesRead && progress.furthest < 60)
        stage.start()
        try await stage.untilQuiet()
        #expect(stage.world.pagesRead == 12)
        stage.expectSame()
        await stage.stop()
    }

    @Test @OnLoop func `does not go back when its place is lost, nor when records change that are done`() async throws {
        let stage = try await Stage()
        stage.world.knowsCount = true
        stage.world.pageSize = 5
        stage.world.latency = .milliseconds(10)
        for number in 0..<60 { stage.world.put("k\(number)", ["amount": "1"]) }
        let watched = Watched(stage)
        stage.start()
        try await stage.until {
            await watched.look()
            return (watched.last?.done ?? 0) >= 15
        }
        stage.world.pageFaults = [CallError(.lookAgain, "source", .expired, "this page is no more")]
        try await stage.until { stage.world.pageFaults.isEmpty }
        // Nothing is written for a while.
        stage.world.room = 0
        for number in 0..<5 {
            stage.world.put("k\(number)", ["amount": "2"])
            try await stage.mark("k\(number)", lane: .background)
        }
        let pages = stage.world.pagesRead
        try await stage.until {
            await watched.look()
            return stage.world.pagesRead >= pages + 4
        }
        stage.world.room = .max
        try await stage.until {
            await watched.look()
            return watched.last?.isEnded == true
        }
        stage.expectSame()
        await stage.stop()
    }

    @Test @OnLoop func `is over once, and what is marked later is none of it`() async throws {
        let stage = try await Stage()
        stage.world.knowsCount = true
        for number in 0..<5 { stage.world.put("k\(number)", ["amount": "1"]) }
        stage.start()
        try await stage.untilQuiet()
        try await stage.until {
            _ = await stage.engine?.figures()
            guard let state = try await stage.real.progress(of: "invoices", for: 1) else { return false }
            return try ReadProgress(state).isLoaded
        }
        await stage.stop()
        stage.world.room = 0
        stage.start()
        stage.world.put("k1", ["amount": "2"])
        try await stage.mark("k1", "k2", "k3", lane: .background)
        let load = try #require(await stage.engine?.figures().progress.first)
        #expect(load.done == 5 && load.total == 5 && load.isEnded && load.queued == 0)
        await stage.stop()
    }

    @Test @OnLoop func `says so when its system gives no number`() async throws {
        let stage = try await Stage()
        stage.world.room = 0
        for number in 0..<5 { stage.world.put("k\(number)", ["amount": "1"]) }
        // An outage after the second page.
        stage.world.latency = .milliseconds(100)
        stage.start()
        try await stage.until { stage.world.pagesRead == 2 }
        stage.world.pageFaults = [CallError(.retry(after: .milliseconds(300)), "source", .outage, "down")]
        try await stage.until { try await stage.queue.background == 4 }
        let load = try #require(await stage.engine?.figures().progress.first)
        #expect(load.total == nil && load.done == 0 && load.queued == 4 && load.secondsLeft == nil)
        stage.world.room = .max
        try await stage.untilQuiet()
        let end = try #require(await stage.engine?.figures().progress.first)
        // Read to its end, it is known.
        #expect(end.total == 5 && end.done == 5 && end.isEnded)
        await stage.stop()
    }

    @Test @OnLoop func `is counted with a later page where the first question fails, and read all the same`()
        async throws
    {
        let stage = try await Stage()
        let down = CallError(.retry(after: nil), "source", .outage, "down")
        stage.world.counts = [.failure(down), .failure(down)]
        stage.world.knowsCount = true
        stage.world.latency = .milliseconds(5)
        for number in 0..<8 { stage.world.put("k\(number)", ["amount": "1"]) }
        stage.start()
        try await stage.until { stage.world.pagesRead >= 3 }
        #expect(stage.world.counts.isEmpty)
        let load = try #require(await stage.engine?.figures().progress.first)
        #expect(load.total == 8)
        try await stage.untilQuiet()
        stage.expectSame()
        await stage.stop()
    }

    @Test @OnLoop func `says how long the rest takes, and which limit is to blame`() async throws {
        let stage = try await Stage()
        stage.world.knowsCount = true
        stage.world.room = 0
        stage.world.pageSize = 100
        stage.world.budget = WriteBudget(
            windows: [Window("calls", 10, .daily)],
            used: ["calls": 10],
            perWrite: ["calls": 1]
        )
        for number in 0..<40 { stage.world.put("k\(number)", ["amount": "1"]) }
        stage.start()
        try await stage.until { try await stage.queue.background == 40 }
        let load = try #require(await stage.engine?.figures().progress.first)
        #expect(load.done == 0 && load.total == 40 && load.queued == 40 && load.limit == "10 calls a day")
        // The rest of today, and three days of ten.
        #expect((3 * 86_400...4 * 86_400).contains(try #require(load.secondsLeft)))
        await stage.stop()
    }
}
