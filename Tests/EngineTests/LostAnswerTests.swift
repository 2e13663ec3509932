import Core
import Engine
import Store
import Testing
import Transport

@Suite(.onLoop, .timeLimit(.minutes(4))) struct `a write without an answer` {
    @Test @OnLoop func `is found where the target shows what was made`() async throws {
        let stage = try await Stage()
        stage.start()
        try await stage.untilQuiet()
        stage.world.faults = [.doneButLost]
        try await stage.change("a", ["amount": "1"])
        try await stage.untilQuiet()
        #expect(stage.world.writes(.create).count == 1)
        stage.expectSame()
        #expect(try await stage.link("a")?.target == stage.world.item(of: "a")?.id)
        await stage.stop()
    }

    @Test @OnLoop func `is in the audit, even when its record cannot be written any more`() async throws {
        let stage = try await Stage()
        stage.start()
        try await stage.untilQuiet()
        stage.world.faults = [.doneButLost]
        try await stage.change("a", ["amount": "1"])
        try await stage.until { stage.world.requests.count == 1 }
        stage.world.put("a", ["wrong": "1"])
        try await stage.untilQuiet()
        #expect(try await stage.decisions(of: "a") == ["adopted", "parked"])
        await stage.stop()
    }

    @Test @OnLoop func `is repeated under its own key where nothing is found`() async throws {
        for fault in [World.Fault.doneButLost, .lost] {
            let stage = try await Stage()
            stage.world.searchDelay = .seconds(60)
            stage.start()
            try await stage.untilQuiet()
            stage.world.faults = [fault, fault]
            try await stage.change("a", ["amount": "1"])
            try await stage.untilQuiet()
            let creates = stage.world.requests.filter { $0.writes[0].action == .create }
            #expect(creates.count == 3)
            #expect(Set(creates.map(\.key)).count == 1 && Set(creates.map(\.writes.count)) == [1])
            stage.expectSame()
            await stage.stop()
        }
    }

    /// That the second request was turned away says nothing of the first.
    @Test(arguments: [CallError.Remedy.retry(after: .milliseconds(10)), .lookAgain, .skipRecord])
    @OnLoop func `is not forgotten when its repetition is refused`(remedy: CallError.Remedy) async throws {
        let stage = try await Stage()
        stage.searchDelay = .milliseconds(1_500)
        stage.world.searchDelay = .milliseconds(1_200)
        stage.start()
        try await stage.untilQuiet()
        stage.world.faults = [.doneButLost, .refused(CallError(remedy, "target", .throttled, "not now"))]
        try await stage.change("a", ["amount": "1"])
        try await stage.until { stage.world.requests.count >= 2 }
        try await stage.mark("a")
        try await stage.untilQuiet()
        stage.expectSame("\(remedy)")
        await stage.stop()
    }

    /// What it did is not known then, and its record may be as it was before by now.
    @Test @OnLoop func `counts as not written when its repetition is refused`() async throws {
        let stage = try await Stage()
        stage.world.put("a", ["amount": "1"])
        stage.start()
        try await stage.untilQuiet()
        stage.world.faults = [.doneButLost, .refused(CallError(.skipRecord, "target", .validation, "no"))]
        try await stage.change("a", ["amount": "2"])
        try await stage.until { stage.world.requests.count == 2 }
        try await stage.change("a", ["amount": "1"])
        try await stage.untilQuiet()
        stage.expectSame()
        await stage.stop()
    }

    @Test @OnLoop func `is looked for once more before it is made anew under another key`() async throws {
        let stage = try await Stage()
        stage.world.keyLife = .milliseconds(1)
        stage.searchDelay = .milliseconds(600)
        stage.world.searchDelay = .milliseconds(400)
        stage.start()
        try await stage.untilQuiet()
        stage.world.faults = [.doneButLost]
        try await stage.change("a", ["amount": "1"])
        try await stage.until { stage.world.finds == 2 }
        // A mark does not hurry it.
        try await stage.mark("a")
        try await stage.untilQuiet()
        #expect(stage.world.writes(.create).count == 1)
        stage.expectSame()
        await stage.stop()
    }

    @Test @OnLoop func `of several in one request leaves none out and makes none twice`() async throws {
        for fault in [World.Fault.doneButLost, .lost] {
            let stage = try await Stage()
            stage.start()
            stage.world.put("b", ["amount": "0"])
            try await stage.untilQuiet()
            stage.world.room = 0
            stage.world.faults = [fault]
            for key in ["a", "b", "c"] { try await stage.change(key, ["amount": "1"]) }
            stage.world.room = 10
            try await stage.untilQuiet()
            stage.expectSame()
            await stage.stop()
        }
    }

    /// Breaks everything at each of its steps in turn, the store's and the systems', before and after they took effect;
    /// then a new engine finds what the old one left.
    @Test(arguments: [Duration.zero, .milliseconds(150)])
    @OnLoop func `costs nothing and doubles nothing wherever a process dies`(searchDelay: Duration) async throws {
        var point = 1
        var deaths = 0
        while true {
            let stage = try await Stage()
            stage.confirmsAfter = .milliseconds(5)
            stage.world.searchDelay = searchDelay
            stage.fuse.set(at: point)
            for key in ["a", "b", "c"] { stage.world.put(key, ["amount": "1", "due": "x"]) }
            stage.start()
            try await stage.until { if stage.fuse.isBlown { true } else { try await stage.isQuiet() } }
            stage.world.put("a", ["amount": "2", "due": "x"])
            stage.world.put("d", ["amount": "4"])
            stage.world.remove("b")
            try await stage.mark("a", "b", "d")
            try await stage.until { if stage.fuse.isBlown { true } else { try await stage.isQuiet() } }
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
            let everMade = Dictionary(grouping: stage.world.items.values, by: \.key).mapValues(\.count)
            #expect(everMade.values.allSatisfy { $0 == 1 }, "died at step \(point)")
            _ = try await stage.decisions()
            for (key, record) in stage.world.records {
                let link = try await stage.link(key)
                #expect(link?.values.holdsTheSame(as: record.fields) == true, "died at step \(point)")
            }
            if !died { break }
            point += point < 60 ? 1 : 2
        }
        #expect(deaths > 40)
    }
}
