import Core
import Engine
import Store
import Testing
import Transport

/// The field "state" shows the record's, and people ask by it: "book" makes it booked, "accrue" leaves it as it was.
@Suite(.onLoop, .timeLimit(.minutes(3))) struct `what people ask for on the target` {
    @OnLoop private func stage(_ keys: String...) async throws -> (Stage, TwoWayWorld) {
        let stage = try await Stage()
        let sides = stage.goBothWays()
        for key in keys { stage.world.put(key, ["amount": "1", "state": "open"]) }
        stage.start()
        try await stage.untilQuiet()
        return (stage, sides)
    }

    @OnLoop private func state(_ stage: Stage, _ key: String = "a") -> [JSON?] {
        [stage.world.records[key]?.fields["state"], stage.world.item(of: key)?.values["state"]]
    }

    @Test @OnLoop func `is done, and the target shows what came of it`() async throws {
        let (stage, sides) = try await stage("a")
        try await stage.edit(sides, "a", ["state": "book"])
        try await stage.untilQuiet()
        #expect(sides.performed == ["a book open"] && state(stage) == ["booked", "booked"])
        let lines = try await stage.lines(of: "a")
        #expect(lines.map(\.decision) == ["created", "wroteBack", "updated"])
        #expect(lines[1].fields == ["state": ["open", "book", "-"]])
        #expect(lines[2].fields == ["state": ["book", "booked", "-"]])
        #expect(sides.told.isEmpty)
        await stage.stop()
    }

    /// People call the state as they call the request: then there is nothing to be written.
    @Test @OnLoop func `is in step when the record's state is called like the request`() async throws {
        let (stage, sides) = try await stage("a")
        try await stage.edit(sides, "a", ["state": "released"])
        try await stage.untilQuiet()
        #expect(sides.performed == ["a released open"] && state(stage) == ["released", "released"])
        #expect(stage.world.requests.count == 1)
        #expect(try await stage.link("a")?.values["state"] == "released")
        await stage.stop()
    }

    @Test @OnLoop func `is done once, and stays where the record's state stays`() async throws {
        let (stage, sides) = try await stage("a")
        try await stage.edit(sides, "a", ["state": "accrue"])
        try await stage.untilQuiet()
        for _ in 0..<3 {
            try await stage.hearOfItem("a")
            try await stage.mark("a")
            try await stage.untilQuiet()
        }
        #expect(sides.backs.count == 1 && sides.performed == ["a accrue open"])
        #expect(state(stage) == ["open", "accrue"] && stage.world.requests.count == 1)
        // Another field goes its usual way; then the state does.
        sides.change("a", ["amount": "2"])
        try await stage.mark("a")
        try await stage.untilQuiet()
        #expect(state(stage) == ["open", "accrue"] && sides.backs.count == 1)
        sides.change("a", ["state": "released"])
        try await stage.mark("a")
        try await stage.untilQuiet()
        #expect(state(stage) == ["released", "released"] && sides.backs.count == 1)
        #expect(try await stage.lines(of: "a").map(\.decision) == ["created", "wroteBack", "updated", "updated"])
        // It may be asked for again.
        try await stage.edit(sides, "a", ["state": "accrue"])
        try await stage.untilQuiet()
        #expect(sides.performed == ["a accrue open", "a accrue released"])
        await stage.stop()
    }

    /// A full reading compares what the record says with what it said.
    @Test @OnLoop func `does not make each reading look at the record again`() async throws {
        let (stage, sides) = try await stage("a")
        try await stage.edit(sides, "a", ["state": "accrue"])
        try await stage.untilQuiet()
        let lines = try await stage.real.audit(after: 0, limit: 100, for: nil).count
        let looks = sides.looks
        let pages = stage.world.pagesRead
        stage.engine?.read("invoices")
        try await stage.until { stage.world.pagesRead > pages }
        try await stage.untilQuiet()
        #expect(sides.looks == looks)
        #expect(try await stage.real.audit(after: 0, limit: 100, for: nil).count == lines)
        await stage.stop()
    }

    /// An approval is of what the item showed, whatever the record has become.
    @Test @OnLoop func `is not done where the item showed something else than the record holds`() async throws {
        let (stage, sides) = try await stage("a")
        sides.change("a", ["amount": "900"])
        try await stage.edit(sides, "a", ["state": "book"])
        try await stage.untilQuiet()
        #expect(sides.performed.isEmpty && state(stage) == ["open", "open"])
        #expect(stage.world.item(of: "a")?.values["amount"] == "900")
        try await stage.until { sides.told.count == 1 }
        let words = try #require(sides.told.values.first?.words)
        #expect(words.contains("has changed since it was shown here (AMOUNT)"))
        #expect(try await stage.lines(of: "a").map(\.decision).contains("refused"))
        // What it shows now may be booked.
        try await stage.edit(sides, "a", ["state": "book"])
        try await stage.untilQuiet()
        #expect(sides.performed == ["a book open"] && state(stage) == ["booked", "booked"])
        await stage.stop()
    }

    @Test @OnLoop func `is nothing where the item is seen for the first time`() async throws {
        let stage = try await Stage()
        let sides = stage.goBothWays()
        _ = stage.world.make("a", ["amount": "1", "state": "book"])
        stage.world.put("a", ["amount": "1", "state": "open"])
        stage.start()
        try await stage.untilQuiet()
        #expect(sides.backs.isEmpty && state(stage) == ["open", "open"])
        await stage.stop()
    }

    @Test @OnLoop func `leaves people's own word until the record changes, and says what was lost`() async throws {
        let (stage, sides) = try await stage("a")
        for _ in 0..<2 {
            try await stage.edit(sides, "a", ["state": "asked Ann"])
            try await stage.untilQuiet()
        }
        #expect(state(stage) == ["open", "asked Ann"] && sides.backs.isEmpty)
        var lines = try await stage.lines(of: "a")
        #expect(lines.map(\.decision) == ["created", "kept"])
        #expect(lines[1].fields == ["state": ["open", "asked Ann", "-"]])
        sides.change("a", ["state": "released"])
        sides.edit("a", ["state": "asked Bob"])
        try await stage.mark("a")
        try await stage.untilQuiet()
        #expect(state(stage) == ["released", "released"])
        lines = try await stage.lines(of: "a")
        #expect(lines.map(\.decision) == ["created", "kept", "updated", "conflict"])
        #expect(lines[3].fields == ["state": ["asked Ann", "released", "asked Bob"]])
        try await stage.until { sides.told.count == 1 }
        #expect(sides.told.values.first?.words.contains("“<released>” counts, “<asked Bob>” does not") == true)
        await stage.stop()
    }

    @Test @OnLoop func `counts although the record has changed meanwhile`() async throws {
        let (stage, sides) = try await stage("a")
        sides.change("a", ["state": "released"])
        try await stage.edit(sides, "a", ["state": "book"])
        try await stage.untilQuiet()
        #expect(sides.performed == ["a book released"] && state(stage) == ["booked", "booked"])
        let lines = try await stage.lines(of: "a")
        #expect(lines.map(\.decision) == ["created", "wroteBack", "conflict", "updated"])
        #expect(lines[2].fields == ["state": ["open", "book", "released"]])
        // Nobody has lost anything.
        #expect(sides.told.isEmpty)
        await stage.stop()
    }

    @Test(arguments: [false, true])
    @OnLoop func `that is refused shows the record's state again, and why`(isUnguarded: Bool) async throws {
        let (stage, sides) = try await stage("a")
        sides.posted = ["a"]
        sides.isUnguarded = isUnguarded
        try await stage.edit(sides, "a", ["state": "book"])
        try await stage.untilQuiet()
        for _ in 0..<2 {
            try await stage.hearOfItem("a")
            try await stage.untilQuiet()
        }
        #expect(sides.performed.isEmpty && state(stage) == ["open", "open"])
        #expect(sides.backs.count == (isUnguarded ? 1 : 0))
        let lines = try await stage.lines(of: "a")
        #expect(lines.map(\.decision) == ["created", "updated", "refused"])
        #expect(lines[2].fields == ["state": ["open", "open", "book"]] && lines[2].reason?.contains("posted") == true)
        try await stage.until { sides.told.count == 1 }
        let words = try #require(sides.told.values.first?.words)
        #expect(words.contains("“STATE” is “<open>” again: “<book>” was not taken over, because: "))
        await stage.stop()
    }

    @Test @OnLoop func `goes with what people change beside it`() async throws {
        let (stage, sides) = try await stage("a")
        try await stage.edit(sides, "a", ["state": "book", "note": "n", "amount": "7"])
        try await stage.untilQuiet()
        #expect(sides.backs.map(\.values.count) == [1])
        #expect(sides.performed == ["a book open"] && state(stage) == ["booked", "booked"])
        #expect(stage.world.item(of: "a")?.values["amount"] == "1")
        await stage.stop()
    }

    @Test @OnLoop func `is asked for again when nobody knows whether it was done`() async throws {
        for fault in [TwoWayWorld.Fault.doneButLost, .lost] {
            for (request, after) in [("book", "booked"), ("accrue", "open"), ("released", "released")] {
                let (stage, sides) = try await stage("a")
                sides.faults = [fault]
                try await stage.edit(sides, "a", ["state": request])
                try await stage.untilQuiet()
                #expect(sides.performed == ["a \(request) open"], "\(fault)")
                #expect(state(stage) == [.string(after), request == "accrue" ? "accrue" : .string(after)], "\(fault)")
                #expect(sides.told.isEmpty)
                await stage.stop()
            }
        }
    }

    /// Wherever a process dies, each request has its effect once, and both sides end as they should.
    @Test(arguments: [Duration.seconds(600), .milliseconds(1)])
    @OnLoop func `is done once wherever a process dies`(keyLife: Duration) async throws {
        var point = 1
        var deaths = 0
        while true {
            let stage = try await Stage()
            let sides = stage.goBothWays()
            stage.world.keyLife = keyLife
            let keys = ["book", "accrue", "own", "late", "stale", "posted"]
            for key in keys { stage.world.put(key, ["amount": "1", "state": "open"]) }
            stage.start()
            try await stage.untilQuiet()
            stage.fuse.set(at: point)
            sides.posted = ["posted"]
            sides.change("late", ["state": "released"])
            sides.change("stale", ["amount": "2"])
            for (key, word) in [("accrue", "accrue"), ("own", "mine")] { sides.edit(key, ["state": word]) }
            for key in ["book", "late", "stale", "posted"] { sides.edit(key, ["state": "book"]) }
            for key in keys { try await stage.hearOfItem(key) }
            try await stage.until {
                if stage.fuse.isBlown { return true }
                return try await stage.isQuiet() && sides.told.count == 2
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
            let comment: Comment = "died at step \(point)"
            #expect(
                sides.performed.sorted() == ["accrue accrue open", "book book open", "late book released"],
                comment
            )
            #expect(state(stage, "book") == ["booked", "booked"], comment)
            #expect(state(stage, "accrue") == ["open", "accrue"], comment)
            #expect(state(stage, "own") == ["open", "mine"], comment)
            #expect(state(stage, "late") == ["booked", "booked"], comment)
            #expect(state(stage, "posted") == ["open", "open"], comment)
            #expect(state(stage, "stale") == ["open", "open"], comment)
            #expect(stage.world.item(of: "stale")?.values["amount"] == "2", comment)
            #expect(sides.told.count == 2, comment)
            for key in keys {
                let values = try await stage.link(key)?.values
                #expect(values?.saidBySource["state"] == state(stage, key)[0], "\(key), \(comment)")
                #expect(values?.saidByTarget["state"] == state(stage, key)[1], "\(key), \(comment)")
            }
            if !died { break }
            point += 1
        }
        #expect(deaths > 40)
    }
}
