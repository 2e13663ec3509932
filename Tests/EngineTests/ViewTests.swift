import Core
import Engine
import Store
import Testing
import Transport

/// Nothing goes back: people look at the items, and what they change there is written over or kept.
@Suite(.onLoop, .timeLimit(.minutes(2))) struct `a target that is a view` {
    @OnLoop private func stage(_ handEdits: HandEdits = .overwrite) async throws -> (Stage, TwoWayWorld) {
        let stage = try await Stage()
        stage.reconcilesWhenAsked()
        let sides = stage.goBothWays()
        sides.goesBack = false
        sides.handEdits = handEdits
        stage.world.put("a", ["amount": "1", "status": "open"])
        stage.start()
        try await stage.untilQuiet()
        return (stage, sides)
    }

    /// The account's calls of a day are few.
    @Test @OnLoop func `is not read when a record changes`() async throws {
        let (stage, sides) = try await stage()
        for amount in 2..<5 {
            sides.change("a", ["amount": "\(amount)"])
            try await stage.mark("a")
            try await stage.untilQuiet()
            try await stage.mark("a")
            try await stage.untilQuiet()
        }
        stage.expectSame()
        #expect(sides.looks == 0 && stage.world.requests.count == 4)
        await stage.stop()
    }

    /// What may have been written counts as not written, and is written again: the request may still be under way.
    @Test(arguments: [Duration.seconds(600), .milliseconds(1)])
    @OnLoop func `is not read when an answer is missing`(keyLife: Duration) async throws {
        for fault in [World.Fault.doneButLost, .lost] {
            let stage = try await Stage()
            let sides = stage.goBothWays()
            sides.goesBack = false
            stage.world.keyLife = keyLife
            stage.world.put("a", ["amount": "1", "status": "open"])
            stage.start()
            try await stage.untilQuiet()
            stage.world.faults = [fault]
            sides.change("a", ["amount": "2"])
            try await stage.mark("a")
            try await stage.until { stage.world.requests.count == 2 }
            // Back to what was written before: only who counts the write in between as perhaps done writes it again.
            sides.change("a", ["amount": "1"])
            try await stage.mark("a")
            try await stage.untilQuiet()
            stage.expectSame()
            #expect(sides.looks == 0 && stage.world.requests.count >= 3)
            await stage.stop()
        }
    }

    @Test @OnLoop func `is read when word came from it, whatever else was heard`() async throws {
        let (stage, sides) = try await stage()
        sides.edit("a", ["amount": "7"])
        try await stage.mark("a", isOfTarget: true)
        try await stage.mark("a")
        try await stage.untilQuiet()
        stage.expectSame()
        let lines = try await stage.lines(of: "a")
        #expect(lines.map(\.decision) == ["created", "updated", "overwritten"])
        #expect(lines[2].fields == ["amount": ["1", "1", "7"]])
        await stage.stop()
    }

    @Test @OnLoop func `keeps people's word until the record changes it, and says then that it is lost`() async throws {
        let (stage, sides) = try await stage(.keep)
        try await stage.edit(sides, "a", ["amount": "7"])
        try await stage.untilQuiet()
        let looks = sides.looks
        sides.change("a", ["status": "closed"])
        try await stage.mark("a")
        try await stage.untilQuiet()
        #expect(sides.looks == looks && stage.world.item(of: "a")?.values["amount"] == "7")
        sides.change("a", ["amount": "2"])
        try await stage.mark("a")
        try await stage.untilQuiet()
        stage.expectSame()
        #expect(sides.looks == looks + 1)
        #expect(
            try await stage.lines(of: "a").map(\.decision) == ["created", "kept", "updated", "updated", "conflict"]
        )
        await stage.stop()
    }

    /// Nobody told of it.
    @Test @OnLoop func `is compared as a whole, and what people changed is written over and said`() async throws {
        let (stage, sides) = try await stage()
        sides.edit("a", ["amount": "7"])
        #expect(try await stage.reconcile()[.different].repaired == 1)
        stage.expectSame()
        let lines = try await stage.lines(of: "a")
        #expect(lines.map(\.decision) == ["created", "updated", "overwritten"])
        #expect(lines[2].fields == ["amount": ["1", "1", "7"]])
        await stage.stop()
    }

    @Test @OnLoop func `does not differ where something is rightly kept`() async throws {
        let (stage, sides) = try await stage(.keep)
        sides.edit("a", ["amount": "7"])
        #expect(try await stage.reconcile()[.different].found == 1)
        #expect(try await stage.lines(of: "a").map(\.decision) == ["created", "kept"])
        #expect(try await stage.reconcile()[.different].found == 0)
        sides.edit("a", ["amount": "8"])
        #expect(try await stage.reconcile()[.different].found == 1)
        #expect(stage.world.item(of: "a")?.values["amount"] == "8")
        await stage.stop()
    }

    @Test(arguments: [false, true])
    @OnLoop func `gets its key back that was taken from it`(goesBack: Bool) async throws {
        let stage = try await Stage()
        stage.reconcilesWhenAsked()
        let sides = stage.goBothWays()
        sides.goesBack = goesBack
        stage.world.put("a", ["amount": "1", "status": "open"])
        stage.start()
        try await stage.untilQuiet()
        let item = try #require(stage.world.item(of: "a")?.id)
        stage.world.give(item, key: "")
        _ = try await stage.reconcile()
        stage.expectSame()
        #expect(stage.world.items[item]?.key == "a" && sides.backs.isEmpty)
        await stage.stop()
    }
}

@Suite(.onLoop, .timeLimit(.minutes(2))) struct `a comparison of what people asked for` {
    @Test @OnLoop func `finds no difference in what is done, and does what nobody told of`() async throws {
        let stage = try await Stage()
        stage.reconcilesWhenAsked()
        let sides = stage.goBothWays()
        stage.world.put("a", ["amount": "1", "state": "open"])
        stage.start()
        try await stage.untilQuiet()
        sides.edit("a", ["state": "accrue"])
        #expect(try await stage.reconcile()[.different].found == 1)
        #expect(sides.performed == ["a accrue open"])
        #expect(try await stage.reconcile()[.different].found == 0)
        sides.edit("a", ["state": "book"])
        #expect(try await stage.reconcile()[.different].found == 1)
        #expect(sides.performed == ["a accrue open", "a book open"])
        await stage.stop()
    }
}
