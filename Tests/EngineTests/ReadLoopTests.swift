import Core
import Engine
import Store
import Testing
import Transport

@Suite(.onLoop, .timeLimit(.minutes(2))) struct `the reading of a route` {
    @Test @OnLoop func `begins with everything, page by page, in the background`() async throws {
        let stage = try await Stage()
        for number in 0..<7 { stage.world.put("k\(number)", ["amount": "\(number)"]) }
        stage.start()
        try await stage.untilQuiet()
        #expect(stage.world.pagesRead == 4)
        #expect(stage.world.requests.allSatisfy { $0.lane == .background })
        stage.expectSame()
        await stage.stop()
        // Another process knows that it has been done.
        stage.start()
        try await EpollLoop.process.sleep(for: .milliseconds(50))
        #expect(stage.world.pagesRead == 4)
        await stage.stop()
    }

    @Test @OnLoop func `finds on its schedule what nobody told of`() async throws {
        let stage = try await Stage()
        stage.schedule = .every(.seconds(1))
        stage.world.put("a", ["amount": "1"])
        stage.start()
        try await stage.untilQuiet()
        stage.world.put("a", ["amount": "2"])
        try await stage.until { stage.world.item(of: "a")?.values == object(["amount": "2"]) }
        try await stage.untilQuiet()
        #expect(stage.world.requests.last?.lane == .live)
        stage.expectSame()
        await stage.stop()
    }

    @Test @OnLoop func `finds what has left, and nothing of what was never there`() async throws {
        let stage = try await Stage()
        stage.world.put("a", ["amount": "1"])
        stage.world.put("stranger", ["amount": "1", "elsewhere": "yes"])
        stage.start()
        try await stage.untilQuiet()
        #expect(stage.world.item(of: "a") != nil && stage.world.item(of: "stranger") == nil)
        stage.world.put("a", ["amount": "1", "elsewhere": "yes"])
        stage.world.put("stranger", ["amount": "2", "elsewhere": "yes"])
        let reads = stage.world.reads.count
        stage.engine?.read("invoices")
        try await stage.until { stage.world.item(of: "a") == nil }
        try await stage.untilQuiet()
        #expect(stage.world.reads.dropFirst(reads).allSatisfy { $0 == ["a"] })
        await stage.stop()
    }

    @Test @OnLoop func `takes what differs for news where no record says when it was changed`() async throws {
        let stage = try await Stage()
        stage.world.isUnstamped = true
        stage.world.pageSize = 1_000
        for number in 0..<150 { stage.world.put("k\(number)", ["amount": "1"]) }
        stage.start()
        try await stage.untilQuiet(seconds: 30)
        #expect(stage.world.requests.allSatisfy { $0.lane == .background })
        stage.world.put("k7", ["amount": "2"])
        stage.engine?.read("invoices")
        try await stage.until { stage.world.item(of: "k7")?.values == object(["amount": "2"]) }
        #expect(stage.world.requests.last?.lane == .live)
        // All of them at once are nobody's news.
        let before = stage.world.requests.count
        for number in 0..<150 { stage.world.put("k\(number)", ["amount": "3"]) }
        stage.engine?.read("invoices")
        try await stage.until { stage.world.item(of: "k149")?.values == object(["amount": "3"]) }
        try await stage.untilQuiet(seconds: 30)
        #expect(stage.world.requests[before...].allSatisfy { $0.lane == .background })
        stage.expectSame()
        await stage.stop()
    }

    @Test @OnLoop func `does not try again what is parked and the same`() async throws {
        let stage = try await Stage()
        stage.world.isUnstamped = true
        stage.world.badValue = "bad"
        stage.world.put("a", ["amount": "bad"])
        stage.start()
        try await stage.until { try await stage.queue.parked == 1 }
        for number in 0..<6 {
            let pages = stage.world.pagesRead
            stage.engine?.read("invoices")
            try await stage.until { stage.world.pagesRead > pages }
            try await stage.until { try await stage.queue.live == 0 }
            // Somebody else's change, so that what was marked before it has been dealt with.
            try await stage.change("b", ["amount": "\(number)"])
            try await stage.until { stage.world.item(of: "b")?.values == object(["amount": "\(number)"]) }
        }
        let decisions = try await stage.decisions(of: "a")
        #expect(decisions.allSatisfy { $0 == "parked" } && (1...2).contains(decisions.count))
        stage.world.put("a", ["amount": "1"])
        stage.engine?.read("invoices")
        try await stage.until { stage.world.item(of: "a")?.values == object(["amount": "1"]) }
        stage.expectSame()
        await stage.stop()
    }

    @Test @OnLoop func `looks at what its source does not list any more`() async throws {
        let stage = try await Stage()
        stage.world.isUnstamped = true
        stage.world.put("a", ["amount": "1"])
        stage.world.put("b", ["amount": "1"])
        stage.start()
        try await stage.untilQuiet()
        stage.world.remove("a")
        stage.world.vanished = ["a"]
        stage.engine?.read("invoices")
        try await stage.until { stage.world.items.values.contains { $0.key == "a" && $0.isArchived } }
        stage.expectSame()
        await stage.stop()
    }

    /// A value that the target refuses is taken back, and nobody tells of it.
    @Test @OnLoop func `has what is parked looked at when it holds again what was written`() async throws {
        let stage = try await Stage()
        stage.world.badValue = "bad"
        stage.world.put("a", ["amount": "1"])
        stage.start()
        try await stage.untilQuiet()
        try await stage.change("a", ["amount": "bad"])
        try await stage.until { try await stage.queue.parked == 1 }
        stage.world.put("a", ["amount": "1"])
        stage.engine?.read("invoices")
        try await stage.until { try await stage.queue.parked == 0 }
        stage.expectSame()
        await stage.stop()
    }

    @Test @OnLoop func `does not wait for a clock that was set back`() async throws {
        let stage = try await Stage()
        stage.world.put("a", ["amount": "1"])
        stage.start()
        try await stage.untilQuiet()
        await stage.stop()
        let stored = try #require(try await stage.real.progress(of: "invoices", for: 1))
        guard case .object(var state) = stored else { throw CancellationError() }
        state["finished"] = .number(WallTime.now.millisecondsSince1970 + 7_200_000)
        try await stage.real.mark([], advancing: Progress(route: "invoices", state: .object(state)), for: 1)
        stage.world.put("a", ["amount": "2"])
        stage.start()
        try await stage.until { stage.world.item(of: "a")?.values == object(["amount": "2"]) }
        await stage.stop()
    }

    @Test @OnLoop func `begins anew when its place is lost, and loses nothing`() async throws {
        let stage = try await Stage()
        for number in 0..<6 { stage.world.put("k\(number)", ["amount": "1"]) }
        stage.world.latency = .milliseconds(10)
        stage.start()
        try await stage.until { stage.world.pagesRead == 2 }
        stage.world.pageFaults = [CallError(.lookAgain, "source", .expired, "this page is no more")]
        try await stage.untilQuiet()
        #expect(stage.world.pagesRead >= 5)
        stage.expectSame()
        await stage.stop()
    }

    @Test @OnLoop func `goes on by itself after an outage, from the page it was at`() async throws {
        let stage = try await Stage()
        for number in 0..<6 { stage.world.put("k\(number)", ["amount": "1"]) }
        stage.world.latency = .milliseconds(10)
        stage.start()
        try await stage.until { stage.world.pagesRead == 1 }
        stage.world.pageFaults = [CallError(.retry(after: .milliseconds(50)), "source", .outage, "down")]
        try await stage.untilQuiet()
        #expect(stage.world.pagesRead == 3)
        stage.expectSame()
        await stage.stop()
    }
}
