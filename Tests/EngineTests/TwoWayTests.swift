import Core
import Engine
import Store
import Testing
import Transport

@Suite(.onLoop, .timeLimit(.minutes(3))) struct `a route that goes both ways` {
    /// One record, written to its item.
    @OnLoop private func stage(
        _ fields: [String: String] = ["amount": "1", "status": "open"],
        _ prepare: (Stage, TwoWayWorld) throws -> Void = { _, _ in }
    ) async throws -> (Stage, TwoWayWorld) {
        let stage = try await Stage()
        let sides = stage.goBothWays()
        try prepare(stage, sides)
        stage.world.put("a", fields)
        stage.start()
        try await stage.untilQuiet()
        return (stage, sides)
    }

    @OnLoop private func source(_ stage: Stage, _ field: String) -> JSON? { stage.world.records["a"]?.fields[field] }

    @Test @OnLoop func `carries back what people change, and nothing else`() async throws {
        let (stage, sides) = try await stage()
        try await stage.edit(sides, "a", ["status": "approved"])
        try await stage.untilQuiet()
        #expect(sides.backs.map(\.values) == [object(["status": "approved"])])
        #expect(source(stage, "status") == "approved" && source(stage, "amount") == "1")
        #expect(stage.world.requests.count == 1)
        stage.expectSame()
        let lines = try await stage.lines(of: "a")
        #expect(lines.map(\.decision) == ["created", "wroteBack"])
        #expect(lines.last?.fields == ["status": ["open", "approved", "-"]])
        #expect(sides.told.isEmpty)

        // What the source changes of the same field goes the usual way.
        sides.change("a", ["status": "released", "amount": "2"])
        try await stage.mark("a")
        try await stage.untilQuiet()
        #expect(sides.backs.count == 1 && stage.world.requests.count == 2)
        #expect(stage.world.item(of: "a")?.values["status"] == "released")
        stage.expectSame()
        await stage.stop()
    }

    /// Found by simulation (seeds 76 and 398).
    @Test @OnLoop func `leaves no value without a line, whoever wrote it`() async throws {
        // Made, and found when no answer came.
        let (stage, sides) = try await stage { stage, _ in stage.world.faults = [.doneButLost] }
        let made = try await stage.lines(of: "a")
        #expect(made.map(\.decision) == ["created"])
        #expect(made.first?.fields.keys.sorted() == ["amount", "status"])
        // On both sides, and neither was written.
        sides.change("a", ["status": "approved"])
        sides.edit("a", ["status": "approved"])
        try await stage.mark("a")
        try await stage.untilQuiet()
        let last = try await stage.lines(of: "a").last
        #expect(last?.decision == "unchanged")
        #expect(last?.fields == ["status": ["open", "approved", "-"]])
        #expect(stage.world.requests.count == 1 && sides.backs.isEmpty)
        await stage.stop()
    }

    /// From each side in turn, after the answer and twice, and before it.
    @Test @OnLoop func `knows its own echo by value, whenever it comes`() async throws {
        let (stage, sides) = try await stage()
        sides.answersAfter = .milliseconds(60)
        sides.change("a", ["status": "released", "amount": "2"])
        try await stage.mark("a")
        try await stage.until { sides.writing == 1 }
        try await stage.hearOfItem("a")
        try await stage.untilQuiet()
        for _ in 0..<2 {
            try await stage.hearOfItem("a")
            try await stage.untilQuiet()
        }
        #expect(stage.world.requests.count == 2 && sides.backs.isEmpty)

        try await stage.edit(sides, "a", ["status": "approved"])
        try await stage.until { sides.writing == 1 }
        try await stage.mark("a")
        try await stage.untilQuiet()
        for _ in 0..<2 {
            try await stage.mark("a")
            try await stage.untilQuiet()
        }
        #expect(stage.world.requests.count == 2 && sides.backs.count == 1)
        stage.expectSame()
        #expect(try await stage.lines(of: "a").map(\.decision) == ["created", "updated", "wroteBack"])
        await stage.stop()
    }

    @Test @OnLoop func `agrees without a write when both sides were changed to the same`() async throws {
        let (stage, sides) = try await stage()
        sides.change("a", ["status": "closed"])
        try await stage.edit(sides, "a", ["status": "closed"])
        try await stage.untilQuiet()
        #expect(sides.backs.isEmpty && stage.world.requests.count == 1)
        #expect(try await stage.link("a")?.values["status"] == "closed")
        await stage.stop()
    }

    @Test @OnLoop func `gives a field that both changed to its owner, and keeps and tells the other value`()
        async throws
    {
        let (stage, sides) = try await stage()
        sides.change("a", ["amount": "2", "status": "released"])
        try await stage.edit(sides, "a", ["amount": "9", "status": "approved"])
        try await stage.untilQuiet()
        stage.expectSame()
        #expect(source(stage, "status") == "approved" && source(stage, "amount") == "2")
        #expect(sides.backs.count == 1 && stage.world.requests.count == 2)
        let lines = try await stage.lines(of: "a")
        #expect(lines.map(\.decision) == ["created", "wroteBack", "conflict", "updated", "conflict"])
        #expect(lines[1].fields == ["status": ["released", "approved", "released"]])
        #expect(lines[2].fields == ["status": ["open", "approved", "released"]])
        #expect(lines[4].fields == ["amount": ["1", "2", "9"]])
        try await stage.until { sides.told.count == 2 }
        let words = sides.told.values.map(\.words).sorted()
        #expect(words[0].contains("“AMOUNT” was changed on both sides: “2” counts, “9” does not"))
        #expect(words[1].contains("“STATUS” was changed on both sides: “approved” counts, “released” does not"))
        let counted = await stage.engine?.figures().changes.first { $0.name == "conflict" }?.count
        #expect(counted == 2)
        await stage.stop()
    }

    @Test(arguments: [false, true])
    @OnLoop func `never changes a posted record, and says so on its item`(isUnguarded: Bool) async throws {
        let (stage, sides) = try await stage()
        sides.posted = ["a"]
        sides.isUnguarded = isUnguarded
        try await stage.edit(sides, "a", ["status": "approved"])
        try await stage.untilQuiet()
        stage.expectSame()
        #expect(source(stage, "status") == "open" && sides.backs.count == (isUnguarded ? 1 : 0))
        #expect(sides.backs.allSatisfy { !$0.isDone })
        let lines = try await stage.lines(of: "a")
        #expect(lines.map(\.decision) == ["created", "updated", "refused"])
        #expect(lines.last?.fields == ["status": ["open", "open", "approved"]])
        #expect(lines.last?.reason?.contains("posted") == true)
        try await stage.until { sides.told.count == 1 }
        #expect(sides.told.values.first?.target == stage.world.item(of: "a")?.id)
        let words = try #require(sides.told.values.first?.words)
        #expect(words.contains("“approved” was not taken over") && words.contains("posted"))
        await stage.stop()
    }

    @Test @OnLoop func `reads and decides again when somebody was there first`() async throws {
        let (stage, sides) = try await stage()
        // Another field; then the same field, so that it is a conflict by then.
        sides.faults = [.overtaken(["amount": "5"]), .overtaken(["status": "released"])]
        try await stage.edit(sides, "a", ["status": "approved"])
        try await stage.untilQuiet()
        stage.expectSame()
        #expect(source(stage, "status") == "approved" && source(stage, "amount") == "5")
        #expect(sides.backs.map(\.isDone) == [false, false, true])
        #expect(stage.world.looks == 0)
        #expect(try await stage.lines(of: "a").map(\.decision) == ["created", "wroteBack", "conflict", "updated"])
        await stage.stop()
    }

    @Test @OnLoop func `leaves a record to its next mark that somebody changes all the time`() async throws {
        let (stage, sides) = try await stage()
        sides.faults = (0..<6).map { .overtaken(["amount": "\($0 + 5)"]) }
        try await stage.edit(sides, "a", ["status": "approved"])
        try await stage.until { try await stage.queue.parked == 1 }
        #expect(sides.backs.count == 6)
        try await stage.mark("a")
        try await stage.untilQuiet()
        stage.expectSame()
        #expect(source(stage, "status") == "approved" && source(stage, "amount") == "10")
        await stage.stop()
    }

    @Test(arguments: [
        (CallError.Remedy.retry(after: .milliseconds(5)), CallError.Kind.outage),
        (.lookAgain, .configuration),
        (.skipRecord, .missing),
    ])
    @OnLoop func `tries again what the source could not take just now`(
        remedy: CallError.Remedy,
        kind: CallError.Kind
    ) async throws {
        let (stage, sides) = try await stage()
        sides.faults = [.refused(CallError(remedy, "source", kind, "not now"))]
        try await stage.edit(sides, "a", ["status": "approved"])
        try await stage.untilQuiet()
        stage.expectSame()
        #expect(source(stage, "status") == "approved" && sides.backs.count == 2)
        #expect(try await stage.lines(of: "a").map(\.decision) == ["created", "wroteBack"])
        await stage.stop()
    }

    // MARK: Answers that do not come

    @Test @OnLoop func `looks what became of a write back before it makes another`() async throws {
        let (stage, sides) = try await stage()
        sides.faults = [.doneButLost]
        try await stage.edit(sides, "a", ["status": "approved"])
        try await stage.untilQuiet()
        #expect(sides.backs.count == 1 && source(stage, "status") == "approved")
        #expect(try await stage.lines(of: "a").last?.reason?.contains("found done") == true)

        sides.faults = [.lost]
        try await stage.edit(sides, "a", ["status": "closed"])
        try await stage.untilQuiet()
        #expect(sides.backs.map(\.isDone) == [true, false, true] && source(stage, "status") == "closed")
        #expect(try await stage.lines(of: "a").map(\.decision) == ["created", "wroteBack", "wroteBack"])
        stage.expectSame()
        await stage.stop()
    }

    /// Done and not heard of; and people have gone back to what it was before.
    @Test @OnLoop func `takes what people change while the answer is missing`() async throws {
        let (stage, sides) = try await stage()
        sides.faults = [.doneButLost]
        try await stage.edit(sides, "a", ["status": "approved"])
        try await stage.until { sides.backs.count == 1 }
        try await stage.edit(sides, "a", ["status": "open"])
        try await stage.untilQuiet()
        stage.expectSame()
        #expect(source(stage, "status") == "open" && sides.backs.map(\.isDone) == [true, true])
        await stage.stop()
    }

    /// What we wrote ourselves is no change of the people's, though nobody said that it was done.
    @Test(arguments: [Duration.seconds(600), .milliseconds(1)])
    @OnLoop func `takes a write whose answer is missing for its own`(keyLife: Duration) async throws {
        for fault in [World.Fault.doneButLost, .lost] {
            let (stage, sides) = try await stage { stage, _ in stage.world.keyLife = keyLife }
            stage.world.faults = [fault]
            sides.change("a", ["status": "released", "amount": "2"])
            try await stage.mark("a")
            try await stage.until { stage.world.requests.count == 2 }
            sides.change("a", ["status": "closed"])
            try await stage.mark("a")
            try await stage.untilQuiet()
            #expect(sides.backs.isEmpty && source(stage, "status") == "closed")
            stage.expectSame()
            await stage.stop()
        }
    }

    @Test @OnLoop func `takes an item for its own that was made without an answer`() async throws {
        for keyLife in [Duration.seconds(600), .milliseconds(1)] {
            let stage = try await Stage()
            let sides = stage.goBothWays()
            stage.world.keyLife = keyLife
            stage.start()
            try await stage.untilQuiet()
            stage.world.faults = [.doneButLost]
            try await stage.change("a", ["status": "open", "amount": "1"])
            try await stage.until { stage.world.requests.count == 1 }
            try await stage.change("a", ["status": "released", "amount": "1"])
            try await stage.untilQuiet()
            stage.expectSame()
            #expect(sides.backs.isEmpty && source(stage, "status") == "released")
            #expect(stage.world.writes(.create).count == 1)
            await stage.stop()
        }
    }

    /// The repetition is turned away for good, and the first one was done.
    @Test @OnLoop func `does not take its own write for the people's when its repetition is refused`() async throws {
        let (stage, sides) = try await stage()
        let refused = CallError(.skipRecord, "target", .validation, "no")
        stage.world.faults = [.doneButLost, .refused(refused)]
        sides.change("a", ["status": "released"])
        try await stage.mark("a")
        try await stage.until { stage.world.requests.count >= 2 }
        sides.change("a", ["status": "open"])
        try await stage.mark("a")
        try await stage.untilQuiet()
        stage.expectSame()
        #expect(sides.backs.isEmpty && source(stage, "status") == "open")
        await stage.stop()
    }

    // MARK: What is not the people's

    @Test @OnLoop func `writes over a change by hand, and says what it was`() async throws {
        let (stage, sides) = try await stage()
        try await stage.edit(sides, "a", ["amount": "7"])
        try await stage.untilQuiet()
        stage.expectSame()
        #expect(sides.backs.isEmpty && source(stage, "amount") == "1" && sides.told.isEmpty)
        let lines = try await stage.lines(of: "a")
        #expect(lines.map(\.decision) == ["created", "updated", "overwritten"])
        #expect(lines.last?.fields == ["amount": ["1", "1", "7"]])
        await stage.stop()
    }

    @Test @OnLoop func `leaves a change by hand where the route says so, until the source changes it`() async throws {
        let (stage, sides) = try await stage { $1.handEdits = .keep }
        for _ in 0..<2 {
            try await stage.edit(sides, "a", ["amount": "7"])
            try await stage.untilQuiet()
        }
        sides.change("a", ["due": "x"])
        try await stage.mark("a")
        try await stage.untilQuiet()
        #expect(stage.world.item(of: "a")?.values["amount"] == "7")
        #expect(stage.world.item(of: "a")?.values["due"] == "x")
        #expect(try await stage.link("a")?.kept == object(["amount": "7"]))
        var lines = try await stage.lines(of: "a")
        #expect(lines.map(\.decision) == ["created", "kept", "updated"])
        #expect(lines[1].fields == ["amount": ["1", "7", "-"]])

        sides.change("a", ["amount": "2"])
        try await stage.mark("a")
        try await stage.untilQuiet()
        stage.expectSame()
        lines = try await stage.lines(of: "a")
        #expect(lines.map(\.decision) == ["created", "kept", "updated", "updated", "conflict"])
        #expect(lines.last?.fields == ["amount": ["1", "2", "7"]])
        #expect(try await stage.link("a")?.kept.count == 0)
        await stage.stop()
    }

    @Test @OnLoop func `takes over an item field by field, each from its owner`() async throws {
        let stage = try await Stage()
        let sides = stage.goBothWays()
        _ = stage.world.make("a", ["amount": "0", "status": "approved"])
        _ = stage.world.make("b", ["amount": "1", "status": "open"])
        stage.world.put("a", ["amount": "1", "status": "open", "note": "n"])
        stage.world.put("b", ["amount": "1", "status": "open"])
        stage.start()
        try await stage.untilQuiet()
        stage.expectSame()
        #expect(
            stage.world.records["a"]?.fields.holdsTheSame(
                as: object(["amount": "1", "status": "approved", "note": "n"])
            ) == true
        )
        #expect(stage.world.writes(.create).isEmpty && sides.backs.count == 1)
        #expect(try await stage.lines(of: "a").map(\.decision) == ["adopted", "wroteBack", "updated"])
        #expect(try await stage.lines(of: "b").map(\.decision) == ["adopted"])
        #expect(try await stage.link("b")?.values.holdsTheSame(as: stage.world.records["b"]?.fields) == true)
        await stage.stop()
    }

    @Test @OnLoop func `makes an item again that was taken away, and parks one that only seems to be there`()
        async throws
    {
        let (stage, sides) = try await stage()
        stage.world.takeAway("a")
        try await stage.mark("a")
        try await stage.untilQuiet()
        stage.expectSame()
        #expect(try await stage.lines(of: "a").map(\.decision) == ["created", "lost", "created"])
        sides.hiddenItems = Set(stage.world.items.keys)
        try await stage.mark("a")
        try await stage.until { try await stage.queue.parked == 1 }
        #expect(stage.world.items.count == 1)
        sides.hiddenItems = []
        try await stage.mark("a")
        try await stage.untilQuiet()
        stage.expectSame()
        await stage.stop()
    }

    /// What people see in capitals is no change of theirs, and nobody can tell it from one.
    @Test(arguments: ["amount", "status"])
    @OnLoop func `goes on a few times only where a system changes what it is given`(field: String) async throws {
        let (stage, sides) = try await stage(["amount": "1", "status": "1"])
        sides.shouts = true
        sides.onWritten = { try await stage.mark("a") }
        sides.change("a", [field: "x"])
        try await stage.mark("a")
        try await stage.until {
            let soon = Int64(WallTime.now.millisecondsSince1970) + 1_000
            return try await stage.queue.nextDueMilliseconds ?? 0 > soon
        }
        #expect(stage.world.requests.count == (field == "amount" ? 7 : 22))
        #expect(sides.backs.count == (field == "amount" ? 0 : 20))
        let requests = stage.world.requests.count
        try await stage.mark("a")
        try await EpollLoop.process.sleep(for: .milliseconds(100))
        #expect(stage.world.requests.count == requests)
        await stage.stop()
    }

    // MARK: Word for people

    @Test @OnLoop func `tells people in the end, and lets nothing wait for what can never be said`() async throws {
        let (stage, sides) = try await stage()
        sides.posted = ["a"]
        sides.tellFaults = [CallError(.retry(after: .milliseconds(5)), "target", .throttled, "slowly")]
        try await stage.edit(sides, "a", ["status": "approved"])
        try await stage.until { sides.told.count == 1 }
        sides.tellFaults = [CallError(.stopConnection, "target", .permission, "may not write updates")]
        try await stage.edit(sides, "a", ["status": "closed"])
        try await stage.until { sides.tellFaults.isEmpty }
        try await stage.untilQuiet()
        #expect(sides.told.count == 1)
        stage.expectSame()
        await stage.stop()
    }

    // MARK: Crashes

    /// Breaks everything at each of its steps in turn while something goes back, something comes, both sides of a field
    /// are changed, and a posted record is edited; then a new engine finds what the old one left.
    @Test(arguments: [Duration.seconds(600), .milliseconds(1)])
    @OnLoop func `ends in the same wherever a process dies`(keyLife: Duration) async throws {
        var point = 1
        var deaths = 0
        while true {
            let stage = try await Stage()
            let sides = stage.goBothWays()
            stage.world.keyLife = keyLife
            let keys = ["back", "to", "both", "posted"]
            for key in keys { stage.world.put(key, ["amount": "1", "status": "open"]) }
            stage.start()
            try await stage.untilQuiet()
            let before = stage.world.requests.count
            stage.fuse.set(at: point)
            sides.posted = ["posted"]
            sides.change("to", ["amount": "2", "status": "released"])
            sides.change("both", ["amount": "2", "status": "released"])
            sides.edit("back", ["status": "approved"])
            sides.edit("both", ["amount": "9", "status": "approved"])
            sides.edit("posted", ["status": "approved"])
            for key in keys { try await stage.hearOfItem(key) }
            try await stage.until {
                if stage.fuse.isBlown { return true }
                return try await stage.isQuiet() && sides.told.count == 3
            }
            let died = stage.fuse.isBlown
            await stage.stop()
            stage.fuse.set(at: .max)
            if died {
                deaths += 1
                stage.start()
                try await stage.untilQuiet()
                await stage.stop()
            }
            stage.expectSame("died at step \(point)")
            func record(_ key: String) -> JSON.Object? { stage.world.records[key]?.fields }
            #expect(record("back")?.holdsTheSame(as: object(["amount": "1", "status": "approved"])) == true)
            #expect(record("to")?.holdsTheSame(as: object(["amount": "2", "status": "released"])) == true)
            #expect(record("both")?.holdsTheSame(as: object(["amount": "2", "status": "approved"])) == true)
            #expect(record("posted")?.holdsTheSame(as: object(["amount": "1", "status": "open"])) == true)
            // Each write back was done once, and none on a posted record was even tried.
            let done = sides.backs.filter(\.isDone)
            #expect(done.map(\.key).sorted() == ["back", "both"], "died at step \(point)")
            #expect(!sides.backs.contains { $0.key == "posted" }, "died at step \(point)")
            // A request to the target is repeated only under its own key, or when it was never done.
            let updates = Set(stage.world.requests[before...].map(\.key))
            #expect(updates.count <= 6, "died at step \(point)")
            // What was lost is known, whenever the process died, and people were told of it.
            for (key, decision, lost) in [
                ("both", "conflict", ["released", "9"]), ("posted", "refused", ["approved"]),
            ] {
                let lines = try await stage.lines(of: key).filter { $0.decision == decision }
                let values = Set(lines.flatMap { $0.fields.values.compactMap(\.last) })
                #expect(values == Set(lost), "\(key), died at step \(point)")
            }
            #expect(sides.told.count == 3, "died at step \(point)")
            for key in keys {
                let link = try await stage.link(key)
                #expect(link?.values.holdsTheSame(as: record(key)) == true, "\(key), died at step \(point)")
            }
            if !died { break }
            point += 1
        }
        #expect(deaths > 40)
    }
}
