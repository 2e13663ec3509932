import Core
import Engine
import Store
import Testing
import Transport

@Suite(.onLoop, .timeLimit(.minutes(2))) struct `the engine` {
    /// What was written down before the clock was set back waits as if it had been written now.
    @Test @OnLoop func `does not wait for a clock that was set back`() async throws {
        let stage = try await Stage()
        stage.start()
        try await stage.untilQuiet()
        stage.world.put("a", ["amount": "1"])
        let inTwoHours = Int64(WallTime.now.millisecondsSince1970) + 7_200_000
        let mark = Mark(route: "invoices", key: "a", lane: .live, cause: "webhook", heardMilliseconds: inTwoHours)
        try await stage.real.mark([mark], advancing: nil, for: 1)
        stage.engine?.wake()
        try await stage.untilQuiet()
        stage.expectSame()
        stage.world.remove("a")
        try await stage.real.mark([mark], advancing: nil, for: 1)
        stage.engine?.wake()
        try await stage.untilQuiet()
        stage.expectSame()
        await stage.stop()
    }

    /// Found by simulation: a creation whose answer was lost was found, its link waited for a write that was refused, and
    /// then the record was deleted.
    @Test @OnLoop func `puts an item away whose record is gone, though it has no link to it`() async throws {
        let stage = try await Stage()
        stage.world.items["stray"] = World.Item(id: "stray", key: "a", values: object(["amount": "1"]), made: .now)
        stage.start()
        try await stage.untilQuiet()
        try await stage.mark("a", "b")
        try await stage.untilQuiet()
        #expect(stage.world.items["stray"]?.isArchived == true)
        #expect(stage.world.requests.flatMap(\.writes).map(\.target) == ["stray"])
        #expect(try await stage.link("a")?.state == .archived)
        #expect(try await stage.decisions(of: "b") == ["ignored"])
        await stage.stop()
    }

    @Test @OnLoop func `makes one write of ten marks that came while there was no room`() async throws {
        let stage = try await Stage()
        stage.start()
        try await stage.untilQuiet()
        stage.world.room = 0
        for number in 0..<10 { try await stage.change("a", ["amount": "\(number)"]) }
        try await EpollLoop.process.sleep(for: .milliseconds(120))
        #expect(stage.world.requests.isEmpty && stage.world.reads.isEmpty)
        stage.world.room = 5
        try await stage.untilQuiet()
        #expect(stage.world.requests.count == 1 && stage.world.reads.count == 1)
        stage.expectSame()
        await stage.stop()
    }

    @Test @OnLoop func `writes nothing for what is the same, and only what differs for what is not`() async throws {
        let stage = try await Stage()
        stage.world.put("a", ["amount": "1", "due": "x"])
        stage.start()
        try await stage.untilQuiet()
        #expect(stage.world.writes(.create).map(\.values) == [object(["amount": "1", "due": "x"])])

        try await stage.mark("a")
        try await stage.untilQuiet()
        stage.engine?.read("invoices")
        try await stage.until { stage.world.pagesRead == 2 }
        #expect(stage.world.requests.count == 1)

        try await stage.change("a", ["amount": "2", "due": "x"])
        try await stage.untilQuiet()
        let updates = stage.world.writes(.update)
        #expect(updates.map(\.values) == [object(["amount": "2"])])
        #expect(updates.first?.target == stage.world.item(of: "a")?.id)
        #expect(try await stage.decisions() == ["created", "unchanged", "updated"])
        stage.expectSame()
        await stage.stop()
    }

    @Test @OnLoop func `puts an item away only when its record is missing for a while`() async throws {
        let stage = try await Stage()
        stage.confirmsAfter = .milliseconds(150)
        for key in ["a", "b"] { stage.world.put(key, ["amount": "1"]) }
        stage.start()
        try await stage.untilQuiet()
        let record = try #require(stage.world.records["b"]).fields
        for key in ["a", "b", "never"] { stage.world.remove(key) }
        try await stage.mark("a", "b", "never")
        try await stage.until { try await stage.queue.nextDueMilliseconds != nil }
        #expect(stage.world.writes(.archive).isEmpty)
        // One answer was wrong.
        stage.world.put("b", ["amount": record["amount"].flatMap { try? JSONField($0).string() } ?? ""])
        try await stage.untilQuiet()
        #expect(stage.world.writes(.archive).map(\.key) == ["a"])
        #expect(try await stage.link("a")?.state == .archived)
        #expect(try await stage.decisions(of: "a") == ["created", "archived"])
        #expect(try await stage.decisions(of: "b") == ["created", "unchanged"])
        #expect(try await stage.decisions(of: "never") == ["ignored"])
        stage.expectSame()

        // It comes back, with fewer fields than it had.
        try await stage.change("a", ["due": "y"])
        try await stage.untilQuiet()
        stage.expectSame()
        #expect(try await stage.link("a")?.values == object(["due": "y"]))
        try await stage.change("a", ["due": "y", "amount": "1"])
        try await stage.untilQuiet()
        stage.expectSame()
        await stage.stop()
    }

    /// Found once, a record is not missing any more, whatever then became of its write.
    @Test @OnLoop func `begins to count anew when a missing record was found in between`() async throws {
        let stage = try await Stage()
        stage.confirmsAfter = .milliseconds(300)
        stage.world.put("a", ["amount": "1"])
        stage.start()
        try await stage.untilQuiet()
        stage.world.remove("a")
        try await stage.mark("a")
        try await stage.until { try await stage.queue.nextDueMilliseconds != nil }
        stage.world.faults = [.refused(CallError(.retry(after: .milliseconds(250)), "target", .throttled, "slowly"))]
        try await stage.change("a", ["amount": "2"])
        try await stage.until { !stage.world.requests.filter { $0.writes[0].action == .update }.isEmpty }
        stage.world.remove("a")
        let reads = stage.world.reads.count
        try await stage.until { stage.world.reads.count > reads }
        try await EpollLoop.process.sleep(for: .milliseconds(60))
        #expect(stage.world.writes(.archive).isEmpty)
        try await stage.untilQuiet()
        #expect(stage.world.writes(.archive).map(\.key) == ["a"])
        await stage.stop()
    }

    @Test(arguments: [Farewell.keep, .mark(object(["state": "gone"]))])
    @OnLoop func `leaves an item where the route says so`(farewell: Farewell) async throws {
        let stage = try await Stage()
        stage.farewell = farewell
        stage.world.put("a", ["amount": "1"])
        stage.start()
        try await stage.untilQuiet()
        stage.world.remove("a")
        for _ in 0..<2 {
            try await stage.mark("a")
            try await stage.untilQuiet()
        }
        let item = try #require(stage.world.item(of: "a"))
        #expect(stage.world.writes(.archive).isEmpty)
        #expect(try await stage.link("a")?.state == .archived)
        switch farewell {
        case .keep: #expect(stage.world.writes(.update).isEmpty)
        case .mark:
            #expect(stage.world.writes(.update).count == 1)
            #expect(item.values == object(["amount": "1", "state": "gone"]))
        case .archive: break
        }
        await stage.stop()
    }

    @Test @OnLoop func `parks one bad record of a batch and writes the others`() async throws {
        let stage = try await Stage()
        stage.world.badValue = "bad"
        stage.start()
        try await stage.untilQuiet()
        stage.world.room = 0
        for key in ["a", "b", "c"] { try await stage.change(key, ["amount": key == "b" ? "bad" : "1"]) }
        try await stage.change("d", ["wrong": "1"])
        stage.world.room = 10
        try await stage.until { try await stage.queue.live == 0 }
        #expect(stage.world.requests.count == 1)
        #expect(stage.world.items.values.map(\.key).sorted() == ["a", "c"])
        let parked = try await stage.real.records(RecordQuery(parked: true, limit: 9), for: 1)
        #expect(parked.map(\.key) == ["b", "d"])
        #expect(parked.map(\.reason) == ["this label is not known", "cannot be mapped"])

        // Mended, it goes by itself.
        try await stage.change("b", ["amount": "2"])
        stage.world.remove("d")
        try await stage.mark("d")
        try await stage.untilQuiet()
        stage.expectSame()
        #expect(try await stage.queue.parked == 0)
        #expect(try await stage.decisions(of: "b") == ["parked", "created"])
        await stage.stop()
    }

    @Test @OnLoop func `goes one by one after a request that was wrong as a whole`() async throws {
        let stage = try await Stage()
        stage.world.badValue = "bad"
        stage.world.badValueFailsAll = true
        stage.start()
        try await stage.untilQuiet()
        stage.world.room = 0
        for number in 0..<8 { try await stage.change("k\(number)", ["amount": number == 6 ? "bad" : "\(number)"]) }
        stage.world.room = .max
        try await stage.until { try await stage.queue.live == 0 }
        #expect(stage.world.items.count == 7)
        #expect(try await stage.queue.parked == 1)
        // The whole, and then each of them alone: not the whole again after each that went well.
        #expect(stage.world.requests.count == 9)
        // Afterwards together again.
        stage.world.room = 0
        for number in 0..<3 { try await stage.change("m\(number)", ["amount": "1"]) }
        stage.world.room = .max
        try await stage.until { try await stage.queue.live == 0 }
        #expect(stage.world.requests.count == 10)
        await stage.stop()
    }

    @Test @OnLoop func `parks a record that its source refuses to read, and goes on with the others`() async throws {
        let stage = try await Stage()
        stage.world.unreadable = ["k1"]
        stage.start()
        try await stage.untilQuiet()
        stage.world.room = 0
        for number in 0..<4 { try await stage.change("k\(number)", ["amount": "1"]) }
        stage.world.room = .max
        try await stage.until { try await stage.queue.live == 0 }
        #expect(stage.world.items.values.map(\.key).sorted() == ["k0", "k2", "k3"])
        #expect(try await stage.queue.parked == 1)
        await stage.stop()
    }

    @Test @OnLoop func `looks at the target again and repeats when its shape has changed`() async throws {
        let stage = try await Stage()
        stage.start()
        try await stage.untilQuiet()
        let stale = CallError(.lookAgain, "target", .configuration, "no such column")
        stage.world.faults = [.refused(stale), .failed(key: "a", stale)]
        try await stage.change("a", ["amount": "1"])
        try await stage.untilQuiet()
        #expect(stage.world.looks == 2 && stage.world.requests.count == 3)
        stage.expectSame()

        // What stays so is not tried for ever.
        stage.world.faults = Array(repeating: .failed(key: "a", stale), count: 9)
        try await stage.change("a", ["amount": "2"])
        try await stage.until(seconds: 30) { try await stage.queue.parked == 1 }
        await stage.stop()
    }

    @Test @OnLoop func `makes an item again that somebody took away`() async throws {
        let stage = try await Stage()
        stage.world.put("a", ["amount": "1", "due": "x"])
        stage.start()
        try await stage.untilQuiet()
        stage.world.takeAway("a")
        try await stage.change("a", ["amount": "2", "due": "x"])
        try await stage.untilQuiet()
        stage.expectSame()
        #expect(try await stage.decisions() == ["created", "lost", "created"])
        await stage.stop()
    }

    @Test @OnLoop func `takes over an item that carries the key, the oldest of several`() async throws {
        let stage = try await Stage()
        let first = stage.world.make("a", ["amount": "0"])
        let second = stage.world.make("a", ["amount": "0"])
        stage.world.put("a", ["amount": "1"])
        stage.start()
        try await stage.untilQuiet()
        #expect(stage.world.writes(.create).isEmpty)
        #expect(stage.world.items[first]?.values == object(["amount": "1"]))
        #expect(try await stage.link("a")?.target == first)
        let line = try #require(try await stage.real.audit(after: 0, limit: 1, for: nil).first)
        #expect(line.text.contains("adopted") && line.text.contains(second))
        await stage.stop()
    }

    @Test @OnLoop func `looks for a hundred records of a first load at once`() async throws {
        let stage = try await Stage()
        stage.world.pageSize = 500
        for number in 0..<250 { stage.world.put("n\(number)", ["amount": "1"]) }
        stage.start()
        try await stage.untilQuiet()
        stage.expectSame()
        #expect(stage.world.requests.count == 25)
        #expect(stage.world.finds == 3)
        // What is live is looked for when it comes.
        try await stage.change("new", ["amount": "1"])
        try await stage.untilQuiet()
        #expect(stage.world.finds == 4)
        await stage.stop()
    }

    @Test @OnLoop func `looks again for what it could not write, however lately it was not there`() async throws {
        let stage = try await Stage()
        stage.world.pageSize = 500
        stage.world.largestBatch = 5
        for number in 0..<20 { stage.world.put("n\(number)", ["amount": "1"]) }
        stage.world.faults = [.failed(key: "n0", CallError(.retry(after: nil), "target", .outage, "later"))]
        stage.start()
        try await stage.untilQuiet()
        stage.expectSame()
        #expect(Set(stage.world.items.values.map(\.key)).count == stage.world.items.count)
        #expect(stage.world.finds >= 2)
        await stage.stop()
    }

    @Test @OnLoop func `lets what is live go before what is not`() async throws {
        let stage = try await Stage()
        stage.world.largestBatch = 1
        stage.world.pageSize = 100
        stage.world.latency = .milliseconds(10)
        for number in 0..<30 { stage.world.put("old\(number)", ["amount": "1"]) }
        stage.start()
        try await stage.until { stage.world.requests.count == 3 }
        try await stage.change("new", ["amount": "1"])
        try await stage.until { stage.world.item(of: "new") != nil }
        #expect(stage.world.requests.count <= 6)
        #expect(stage.world.requests.last?.lane == .live)
        try await stage.untilQuiet()
        stage.expectSame()
        let figures = await stage.engine?.figures()
        #expect(figures?.lagBuckets.reduce(0, +) == 1)
        #expect(figures?.changes == [WorkerFigures.Count(system: "", name: "created", count: 31)])
        await stage.stop()
    }

    @Test @OnLoop func `finishes what is in hand when it is drained, and begins nothing`() async throws {
        let stage = try await Stage()
        stage.world.largestBatch = 2
        stage.start()
        try await stage.untilQuiet()
        stage.world.latency = .milliseconds(60)
        try await stage.mark("x1", "x2", "x3", "x4", lane: .background)
        for number in 1...4 { stage.world.put("x\(number)", ["amount": "1"]) }
        try await stage.until { stage.world.finds == 1 }
        await stage.stop()
        #expect(stage.world.requests.count == 1)
        #expect(try await stage.queue.background == 2)
        #expect(try await stage.real.openIntents(of: "invoices", for: 1).isEmpty)
        stage.world.latency = .zero
        stage.start()
        try await stage.untilQuiet()
        stage.expectSame()
        await stage.stop()
    }

    @Test @OnLoop func `waits while the store is full, and goes on by itself`() async throws {
        let stage = try await Stage()
        stage.start()
        try await stage.untilQuiet()
        stage.fuse.isFull = true
        try await stage.change("a", ["amount": "1"])
        try await stage.until { await stage.engine?.figures().trouble.contains("no room left") == true }
        // Nothing is written of which no intent could be stored.
        #expect(stage.world.requests.isEmpty)
        stage.fuse.isFull = false
        try await stage.untilQuiet()
        stage.expectSame()
        #expect(await stage.engine?.figures().trouble == "")
        await stage.stop()
    }

    /// The disk fills up between the write and its conclusion: the intent is there, and says what was done.
    @Test @OnLoop func `concludes later what it could not store`() async throws {
        let stage = try await Stage()
        stage.start()
        try await stage.untilQuiet()
        stage.world.latency = .milliseconds(40)
        try await stage.change("a", ["amount": "1"])
        try await stage.until { try await !stage.real.openIntents(of: "invoices", for: 1).isEmpty }
        stage.fuse.isFull = true
        try await stage.until { stage.world.item(of: "a") != nil }
        try await stage.until { await stage.engine?.figures().trouble.isEmpty == false }
        stage.fuse.isFull = false
        try await stage.untilQuiet()
        #expect(stage.world.writes(.create).count == 1)
        stage.expectSame()
        await stage.stop()
    }

    /// A vendor in trouble is not asked as often as webhooks come in.
    @Test @OnLoop func `lets no mark cut short the wait after a failure`() async throws {
        let stage = try await Stage()
        stage.start()
        try await stage.untilQuiet()
        let down = CallError(.retry(after: .milliseconds(700)), "source", .outage, "down")
        stage.world.readFaults = [down]
        try await stage.change("a", ["amount": "0"])
        try await stage.until { stage.world.reads.count == 1 }
        let began = Instant.now
        for number in 1...20 {
            try await stage.change("a", ["amount": "\(number)"])
            try await EpollLoop.process.sleep(for: .milliseconds(10))
        }
        #expect(stage.world.reads.count == 1)
        try await stage.untilQuiet()
        #expect(Instant.now - began >= .milliseconds(650))
        stage.expectSame()
        // And the end does not wait for it.
        stage.world.readFaults = [CallError(.retry(after: .seconds(60)), "source", .outage, "down")]
        let reads = stage.world.reads.count
        try await stage.mark("a")
        try await stage.until { stage.world.reads.count == reads + 1 }
        await stage.stop()
    }

    /// A change becomes due between the two looks: the engine must not sleep over it.
    @Test @OnLoop func `misses no change that becomes due while it looks when the next one is`() async throws {
        let stage = try await Stage()
        stage.start()
        try await stage.untilQuiet()
        stage.world.put("a", ["amount": "1"])
        stage.store.queueDelayMicroseconds.withLock { $0 = 60_000 }
        let now = Int64(WallTime.now.millisecondsSince1970)
        let soon = Mark(route: "invoices", key: "a", lane: .live, cause: "test", heardMilliseconds: now + 30)
        try await stage.real.mark([soon], advancing: nil, for: 1)
        stage.engine?.wake()
        try await stage.until(seconds: 3) { stage.world.item(of: "a") != nil }
        await stage.stop()
    }
}
