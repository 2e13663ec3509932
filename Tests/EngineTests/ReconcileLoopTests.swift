import Core
import Engine
import Store
import Testing
import Transport

@Suite(.onLoop, .timeLimit(.minutes(4))) struct `a reconcile` {
    @OnLoop private func stage(
        _ keys: String...,
        policy: (inout ReconcilePolicy) -> Void = { _ in }
    ) async throws
        -> Stage
    {
        let stage = try await Stage()
        stage.reconcilesWhenAsked()
        if var changed = stage.reconciles {
            policy(&changed)
            stage.reconciles = changed
        }
        for key in keys { stage.world.put(key, ["amount": "1", "due": "x"]) }
        stage.start()
        try await stage.untilQuiet()
        return stage
    }

    @OnLoop private func item(_ key: String, _ stage: Stage) throws -> String {
        try #require(stage.world.item(of: key)?.id)
    }

    @Test @OnLoop func `of two sides that are in step finds nothing and writes nothing`() async throws {
        let stage = try await stage("a", "b", "c", "d", "e")
        let run = try await stage.reconcile()
        #expect(run.records == 5 && run.items == 5 && run.checked == 0)
        #expect(Drift.Kind.allCases.allSatisfy { run[$0].found == 0 })
        #expect(stage.world.writes(.update).isEmpty && stage.world.writes(.create).count == 5)
        #expect(stage.world.looksAtItems == 0)
        #expect(try await stage.decisions().filter { $0 == "reconciled" }.count == 1)
        stage.expectSame()
        await stage.stop()
    }

    @Test @OnLoop func `undoes what somebody edited by hand, and nothing else`() async throws {
        let stage = try await stage("a", "b", "c")
        stage.world.edit(try item("b", stage), ["amount": "999"])
        let run = try await stage.reconcile()
        #expect(run[.different] == Reconciliation.Count(found: 1, repaired: 1))
        #expect(try await stage.drifts().map(\.fields) == [["amount"]])
        #expect(stage.world.writes(.update).map(\.values) == [object(["amount": "1"])])
        #expect(stage.world.requests.last?.lane == .background)
        stage.expectSame()
        let again = try await stage.reconcile()
        #expect(again[.different].found == 0 && again.run == run.run + 1)
        await stage.stop()
    }

    @Test @OnLoop func `leaves and tells of what it is only to report`() async throws {
        let stage = try await stage("a", "b", "c") { policy in
            policy.different = .report
        }
        stage.world.edit(try item("b", stage), ["amount": "999"])
        stage.world.takeAway("c")
        var run = try await stage.reconcile()
        #expect(run[.different] == Reconciliation.Count(found: 1, repaired: 0))
        #expect(run[.missing] == Reconciliation.Count(found: 1, repaired: 1))
        #expect(stage.world.item(of: "b")?.values["amount"] == "999")
        #expect(stage.world.item(of: "c") != nil)
        stage.world.takeAway("c")
        let before = stage.world.requests.count
        run = try await stage.reconcile(ReconcileWish(reportsOnly: true))
        #expect(run[.missing] == Reconciliation.Count(found: 1, repaired: 0))
        #expect(stage.world.requests.count == before)
        #expect(try await stage.drifts().map(\.kind) == [.different, .missing])
        await stage.stop()
    }

    @Test @OnLoop func `makes again what was taken away, and finds what no webhook told of`() async throws {
        let stage = try await stage("a", "b", "c")
        stage.world.takeAway("a")
        stage.world.archive(try item("b", stage))
        // Missed: a new one, and the last change of another.
        stage.world.put("new", ["amount": "7"])
        stage.world.put("c", ["amount": "8", "due": "x"])
        let run = try await stage.reconcile()
        #expect(run[.missing] == Reconciliation.Count(found: 3, repaired: 3))
        #expect(run[.different] == Reconciliation.Count(found: 1, repaired: 1))
        stage.expectSame()
        #expect(try await stage.decisions(of: "a") == ["created", "lost", "created"])
        await stage.stop()
    }

    @Test @OnLoop func `puts away what has no record, once the engine has made sure of it`() async throws {
        let stage = try await stage("a", "b", "c")
        stage.world.remove("b")
        // With our key, and nobody knows it.
        _ = stage.world.make("stranger", ["amount": "1"])
        let foreign = stage.world.make("", ["amount": "1"])
        let run = try await stage.reconcile()
        #expect(run[.extra] == Reconciliation.Count(found: 2, repaired: 2))
        #expect(stage.world.items[foreign]?.isArchived == false)
        stage.world.archive(foreign)
        stage.expectSame()
        #expect(Set(stage.world.writes(.archive).map(\.key)) == ["b", "stranger"])
        // A board that was restored shows them once more.
        for id in stage.world.items.keys where id != foreign { stage.world.archive(id, false) }
        #expect(try await stage.reconcile()[.extra].found == 2)
        stage.expectSame()
        await stage.stop()
    }

    @Test @OnLoop func `leaves an item that was to stay when its record went`() async throws {
        let stage = try await stage("a")
        await stage.stop()
        stage.farewell = .keep
        stage.start()
        stage.world.remove("a")
        for found in [1, 0] {
            let run = try await stage.reconcile()
            #expect(run[.extra].found == found)
            #expect(stage.world.item(of: "a") != nil && stage.world.writes(.archive).isEmpty)
        }
        await stage.stop()
    }

    @Test @OnLoop func `keeps the linked one of several items, and never another record's`() async throws {
        let stage = try await stage("a", "b", "c")
        let (linked, borrowed) = (try item("a", stage), try item("b", stage))
        let spare = stage.world.make("a", ["amount": "5"])
        // Somebody copied a key into another record's item.
        stage.world.give(borrowed, key: "a")
        let run = try await stage.reconcile()
        #expect(run[.duplicate] == Reconciliation.Count(found: 1, repaired: 1))
        #expect(run[.different].found == 1 && run[.missing].found == 0)
        #expect(stage.world.items[spare]?.isArchived == true)
        #expect(stage.world.items[linked]?.isArchived == false)
        #expect(try await stage.link("b")?.target == borrowed)
        stage.expectSame()
        #expect(try await stage.decisions(of: "a").contains("archived"))
        await stage.stop()
    }

    @Test @OnLoop func `only tells of duplicates where nobody has chosen otherwise`() async throws {
        let stage = try await stage("a") { $0.duplicate = ReconcilePolicy(schedule: nil).duplicate }
        let spare = stage.world.make("a", ["amount": "1", "due": "x"])
        let run = try await stage.reconcile()
        #expect(run[.duplicate] == Reconciliation.Count(found: 1, repaired: 0))
        #expect(stage.world.items[spare]?.isArchived == false)
        #expect(try await stage.drifts().map(\.item) == [spare])
        await stage.stop()
    }

    // MARK: After a disaster

    @Test @OnLoop func `knows its items again when the tenant's store was lost`() async throws {
        let lost = try await stage("a", "b", "c")
        lost.world.remove("b")
        await lost.stop()
        lost.world.put("c", ["amount": "2", "due": "x"])
        // Another store, with the same world.
        let stage = try await Stage(in: lost.world)
        stage.reconcilesWhenAsked()
        stage.start()
        try await stage.untilQuiet()
        let run = try await stage.reconcile()
        #expect(run[.extra].found == 1)
        stage.expectSame()
        #expect(stage.world.writes(.create).count == 3)
        // What an item holds already is not written again.
        #expect(stage.world.writes(.update).map(\.values) == [object(["amount": "2"])])
        for key in ["a", "c"] { #expect(try await stage.decisions(of: key) == ["adopted"]) }
        #expect(try await stage.link("a")?.values.holdsTheSame(as: object(["amount": "1", "due": "x"])) == true)
        await stage.stop()
    }

    @Test @OnLoop func `adopts without a write what is the same already`() async throws {
        let stage = try await stage("a", "b", "c")
        stage.world.edit(try item("b", stage), ["amount": "2"])
        try await stage.forgetLinks(of: "a", "b")
        let run = try await stage.reconcile()
        #expect(run[.unlinked] == Reconciliation.Count(found: 2, repaired: 2) && run[.different].found == 1)
        #expect(stage.world.writes(.update).map(\.values) == [object(["amount": "1"])])
        #expect(stage.world.writes(.create).count == 3)
        stage.expectSame()
        #expect(try await stage.link("a")?.target == stage.world.item(of: "a")?.id)
        await stage.stop()
    }

    @Test @OnLoop func `brings a store that is days old up to date`() async throws {
        let stage = try await stage("a", "b", "c")
        // What the store knows is older than what was written: the one value came back, the other did not.
        stage.world.edit(try item("a", stage), ["amount": "2"])
        stage.world.put("b", ["amount": "3", "due": "x"])
        stage.world.edit(try item("b", stage), ["amount": "3"])
        stage.world.remove("c")
        stage.world.archive(try item("c", stage))
        // Made after the backup was.
        stage.world.put("d", ["amount": "4"])
        _ = stage.world.make("d", ["amount": "4"])
        let run = try await stage.reconcile()
        #expect(run[.different].found == 1 && run[.unlinked].found == 1)
        stage.expectSame()
        #expect(stage.world.writes(.create).count == 3 && stage.world.writes(.update).count == 1)
        await stage.stop()
    }

    @Test @OnLoop func `puts nothing away when most records seem to be gone`() async throws {
        let stage = try await stage()
        for number in 0..<14 { try await stage.change("k\(number)", ["amount": "1"]) }
        try await stage.untilQuiet()
        for number in 0..<13 { stage.world.remove("k\(number)") }
        var run = try await stage.reconcile()
        #expect(run.holdsExtrasBack && run[.extra] == Reconciliation.Count(found: 13, repaired: 0))
        #expect(stage.world.writes(.archive).isEmpty)
        run = try await stage.reconcile(ReconcileWish(putsAwayMost: true))
        #expect(!run.holdsExtrasBack && run[.extra].repaired == 13)
        stage.expectSame()
        await stage.stop()
    }

    // MARK: While it runs

    @Test @OnLoop func `begins a side anew when its place is lost, and loses nothing`() async throws {
        let stage = try await stage("a", "b", "c", "d", "e", "f")
        stage.world.edit(try item("e", stage), ["amount": "9"])
        stage.world.scanFaults[1] = CallError(.lookAgain, "target", .expired, "this place is no more")
        let run = try await stage.reconcile()
        #expect(run.items == 6 && stage.world.scans == 4 && run[.different].found == 1)
        stage.expectSame()
        await stage.stop()
    }

    @Test @OnLoop func `does no harm to what changes meanwhile`() async throws {
        let stage = try await stage("a", "b", "c", "d", "e", "f")
        stage.world.latency = .milliseconds(2)
        for round in 0..<6 {
            try await stage.ask()
            for (place, key) in ["a", "b", "c", "d", "e", "f"].enumerated() {
                if (place + round) % 4 == 0, let item = stage.world.item(of: key)?.id {
                    stage.world.edit(item, ["due": "by hand \(round)"])
                }
                if (place + round) % 5 == 0 { stage.world.takeAway(key) }
                try await stage.change(key, ["amount": "\(round)", "due": "\(place)"])
            }
            try await stage.change("g\(round)", ["amount": "1"])
        }
        try await stage.untilQuiet()
        // Whatever was edited while its record was being written is found by the next one.
        _ = try await stage.reconcile()
        stage.expectSame()
        let last = try await stage.reconcile()
        #expect(Drift.Kind.allCases.allSatisfy { last[$0].found == 0 })
        await stage.stop()
    }

    @Test @OnLoop func `runs on its schedule, once the first reading is over`() async throws {
        let stage = try await Stage()
        stage.reconciles = ReconcilePolicy(schedule: .every(.seconds(1)))
        stage.world.put("a", ["amount": "1"])
        stage.start()
        try await stage.untilQuiet()
        stage.world.edit(try item("a", stage), ["amount": "2"])
        try await stage.until { try await stage.reconcileFacts?.last?[.different].found == 1 }
        try await stage.untilQuiet()
        stage.expectSame()
        #expect(try await stage.reconcileFacts?.last?.occasion == "schedule")
        await stage.stop()
    }

    @Test @OnLoop func `leaves parked records to whoever has to mend them`() async throws {
        let stage = try await stage("a")
        try await stage.change("bad", ["wrong": "yes"])
        try await stage.until { try await stage.queue.parked == 1 }
        let run = try await stage.reconcile()
        #expect(run.parked == 1 && run[.missing].found == 0)
        #expect(try await stage.decisions(of: "bad") == ["parked"])
        await stage.stop()
    }

    @Test @OnLoop func `puts away the item of a record that was parked and then deleted`() async throws {
        let stage = try await stage("a")
        try await stage.change("a", ["wrong": "yes"])
        try await stage.until { try await stage.queue.parked == 1 }
        stage.world.remove("a")
        let run = try await stage.reconcile()
        #expect(run[.extra].found == 1)
        try await stage.until { stage.world.item(of: "a") == nil }
        await stage.stop()
    }

    @Test @OnLoop func `reads the others when the source refuses one`() async throws {
        let stage = try await stage("a", "b", "c")
        for key in ["a", "b", "c"] { stage.world.takeAway(key) }
        stage.world.unreadable = ["b"]
        let run = try await stage.reconcile()
        // What cannot be read may be there or not.
        #expect(run[.missing].found == 3)
        #expect(stage.world.item(of: "a") != nil && stage.world.item(of: "c") != nil)
        await stage.stop()
    }

    /// Breaks everything at each step of a run in turn; then a new engine goes on where the old one was.
    @Test @OnLoop func `ends in the same state wherever a process dies`() async throws {
        var point = 1
        var deaths = 0
        while true {
            let stage = try await stage("a", "b", "c", "d", "e")
            stage.world.edit(try item("a", stage), ["amount": "2"])
            stage.world.takeAway("b")
            stage.world.remove("c")
            let spare = stage.world.make("d", ["amount": "5"])
            try await stage.forgetLinks(of: "e")
            #expect(try await stage.real.wish(ReconcileWish(), reconciling: "invoices", for: 1))
            stage.fuse.set(at: point)
            stage.engine?.nudged()
            try await stage.until {
                if stage.fuse.isBlown { return true }
                guard try await stage.reconcileFacts?.last != nil else { return false }
                return try await stage.isQuiet()
            }
            let died = stage.fuse.isBlown
            await stage.stop()
            stage.fuse.set(at: .max)
            if died {
                deaths += 1
                stage.start()
                try await stage.until { try await stage.reconcileFacts?.last != nil }
                try await stage.untilQuiet()
                await stage.stop()
            }
            stage.expectSame("died at step \(point)")
            #expect(stage.world.items[spare]?.isArchived == true, "died at step \(point)")
            // One for each record, and one for the one that was taken away.
            #expect(stage.world.writes(.create).count == 6, "died at step \(point)")
            let open = try await stage.real.openIntents(of: "invoices/spare items", for: 1)
            #expect(open.isEmpty, "died at step \(point)")
            _ = try await stage.decisions()
            if !died { break }
            point += 1
        }
        #expect(deaths > 40)
    }
}
