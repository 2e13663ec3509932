import Core
import Engine
import Foundation
import Store
import Testing
import Transport

@Suite struct `a turn of housekeeping` {
    private let hour: Int64 = 3_600_000
    private let start: Int64 = 1_800_000_000_000

    private func taken(_ turn: HousekeepingTurn, by connection: Int64, at now: Int64) -> HousekeepingTurn? {
        guard case .take(let mine) = turn.step(for: connection, at: now) else { return nil }
        #expect(HousekeepingTurn(text: mine.text) == mine)
        return mine
    }

    @Test func `belongs to one worker until it ends or has been silent for long`() throws {
        let mine = try #require(taken(HousekeepingTurn(), by: 1, at: start))
        #expect(mine.step(for: 2, at: start + 1) == .rest(untilMilliseconds: start + 600_000))
        #expect(taken(mine, by: 2, at: start + 600_000) != nil)
        // After a crash it goes on at once.
        #expect(taken(mine, by: 1, at: start + 1) != nil)
        #expect(mine.renewed(at: start + 1) == nil)
        let renewed = try #require(mine.renewed(at: start + 300_001))
        #expect(renewed.step(for: 2, at: start + 600_000) == .rest(untilMilliseconds: start + 900_001))
    }

    @Test func `comes once an hour or so, for all workers together`() throws {
        let mine = try #require(taken(HousekeepingTurn(), by: 1, at: start))
        for chance in [0, 0.5, 0.999] {
            let ended = mine.ended(at: start, chance: chance)
            let due = start + hour / 2 + Int64(chance * Double(hour))
            #expect(ended.step(for: 1, at: start) == .rest(untilMilliseconds: due))
            #expect(ended.step(for: 2, at: due - 1) == .rest(untilMilliseconds: due))
            #expect(taken(ended, by: 2, at: due) != nil)
        }
    }

    @Test func `waits no longer than usual when the clock is set back`() throws {
        let mine = try #require(taken(HousekeepingTurn(), by: 1, at: start))
        #expect(taken(mine, by: 2, at: start - 10 * hour) != nil)
        #expect(
            taken(mine.ended(at: start, chance: 0), by: 2, at: start - 10 * hour)?.clockMilliseconds
                == start - 10 * hour
        )
    }

    @Test func `makes nothing old because the clock has jumped`() throws {
        var turn = try #require(taken(HousekeepingTurn(), by: 1, at: start))
        #expect(turn.clockMilliseconds == start)
        let far = start + 30 * 365 * 24 * hour
        for step in 1...10 as ClosedRange<Int64> {
            turn = try #require(taken(turn.ended(at: far, chance: 0), by: 1, at: far + step * hour))
            #expect(turn.clockMilliseconds == start + step * 24 * hour)
        }
        // Put right again, it is right at once.
        turn = try #require(taken(turn, by: 1, at: start + 5 * hour))
        #expect(turn.clockMilliseconds == start + 5 * hour)
    }

    @Test(arguments: ["", "1 2 3", "1 2 3 4 5", "a b c d", "-1 2 3 4", "9223372036854775807 1 1 1", "1 2 3 4 x y"])
    func `is begun anew where nobody can read it`(text: String) {
        #expect(HousekeepingTurn(text: text) == HousekeepingTurn())
        #expect(HousekeepingTurn(text: nil) == HousekeepingTurn())
    }
}

@Suite(.onLoop) struct `a housekeeper` {
    private static let day: Int64 = 86_400_000

    @Test @OnLoop func `forgets what is old, and keeps what another connection wants to keep`() async throws {
        let stage = try await Stage()
        let now = Int64(WallTime.now.millisecondsSince1970)
        try await fill(stage.real, at: now - 50 * Self.day, count: 40)
        try await fill(stage.real, at: now - 20 * Self.day, count: 3)
        var wish = Retention()
        (wish.auditDays, wish.archivedLinkDays, wish.eventKeyDays) = (30, 30, 30)
        var longer = wish
        longer.archivedLinkDays = 60
        try await stage.real.put(longer.text, setting: Housekeeper.wish + "2")
        let keeper = Housekeeper(wish, in: context(stage), pace: quick)
        keeper.start()
        try await stage.until { keeper.turns == 1 }
        await keeper.drain()
        let result = try await AuditInspection.make(of: stage.real)
        #expect(result.fault == nil && result.inspection.removed == 40)
        #expect(try await stage.real.records(RecordQuery(limit: 99), for: 1).count == 43)
        // The keys of the young ones are known, the old ones would be taken again.
        let again = try await stage.real.accept(events(0..<43), for: 1)
        #expect(again == Accepted(stored: 40, duplicates: 3))

        // The other one is content with less, and the next turn is due.
        try await stage.real.put(wish.text, setting: Housekeeper.wish + "2")
        try await stage.real.put(nil, setting: Housekeeper.turn)
        let next = Housekeeper(wish, in: context(stage), pace: quick)
        next.start()
        try await stage.until { next.turns == 1 }
        await next.drain()
        #expect(try await stage.real.records(RecordQuery(limit: 99), for: 1).count == 3)
    }

    @Test @OnLoop func `leaves the turn to another worker of its tenant`() async throws {
        let stage = try await Stage()
        let keepers = (1...3).map { Housekeeper(Retention(), in: context(stage, Int64($0)), pace: quick) }
        for keeper in keepers { keeper.start() }
        try await stage.until { keepers.map(\.turns).reduce(0, +) == 1 }
        try await EpollLoop.process.sleep(for: .milliseconds(50))
        #expect(keepers.map(\.turns).reduce(0, +) == 1)
        for keeper in keepers { await keeper.drain() }
    }

    @Test @OnLoop func `says what it wants to keep before anybody has a turn`() async throws {
        let stage = try await Stage()
        var wish = Retention()
        wish.auditDays = 9_999
        var slow = quick
        slow.firstWait = .seconds(3_600)
        let keeper = Housekeeper(wish, in: context(stage, 5), pace: slow)
        keeper.start()
        try await stage.until { try await stage.real.setting(Housekeeper.wish + "5") == wish.text }
        #expect(try await stage.real.setting(Housekeeper.turn) == nil)
        await keeper.drain()
        #expect(keeper.turns == 0)
    }

    @Test @OnLoop func `ends whatever happens to it, and the next one finds everything whole`() async throws {
        let stage = try await Stage()
        let now = Int64(WallTime.now.millisecondsSince1970)
        try await fill(stage.real, at: now - 50 * Self.day, count: 20)
        var wish = Retention()
        (wish.auditDays, wish.archivedLinkDays, wish.eventKeyDays) = (30, 30, 30)
        for step in 1...80 {
            try await stage.real.put(nil, setting: Housekeeper.turn)
            stage.fuse.set(at: step)
            let keeper = Housekeeper(wish, in: context(stage), pace: quick)
            keeper.start()
            try await stage.until { stage.fuse.isBlown || keeper.turns == 1 }
            await keeper.drain()
            stage.fuse.set(at: .max)
            #expect(try await AuditInspection.make(of: stage.real).fault == nil)
            guard keeper.turns == 0 else {
                #expect(step > 10)
                #expect(try await stage.real.auditStart().sequence == 20)
                return #expect(try await stage.real.records(RecordQuery(limit: 99), for: 1).isEmpty)
            }
        }
        Issue.record("it never came to an end")
    }

    private var quick: Housekeeper.Pace {
        var pace = Housekeeper.Pace()
        (pace.firstWait, pace.spread) = (.zero, .milliseconds(1))
        (pace.keys, pace.links, pace.lines) = (7, 7, 7)
        return pace
    }

    @OnLoop private func context(_ stage: Stage, _ connection: Int64 = 1) -> FlowContext {
        FlowContext(log: Log(role: "test"), store: stage.store, connection: connection, tenant: "acme", name: "board")
    }

    private func events(_ numbers: Range<UInt64>) -> [Event] {
        numbers.map { number in
            let key = EventKey(high: number &* 0x9e37_79b9_7f4a_7c15, low: number)
            let arrival = Arrival(connection: 1, key: key, kind: "", receivedMilliseconds: 1, body: [])
            return Event(sequence: Int64(number) + 1, arrival: arrival)
        }
    }

    /// Settled events, archived links and lines of that time.
    private func fill(_ store: SQLiteTenantStore, at time: Int64, count: Int) async throws {
        let first = UInt64(try await store.counts(for: 1).accepted)
        _ = try await store.accept(events(first..<first + UInt64(count)), for: 1)
        let ids = try await store.waiting(for: 1, after: 0, limit: 99).map(\.id)
        _ = try await store.settle(ids, for: 1, atMilliseconds: time)
        let ends = (first..<first + UInt64(count)).map { number in
            let link = Link(
                route: "invoices",
                key: "k\(number)",
                target: "i\(number)",
                number: "",
                values: JSON.Object(),
                state: .archived,
                writtenMilliseconds: time
            )
            let entry = AuditEntry(
                atMilliseconds: time,
                connection: "board",
                route: "invoices",
                key: link.key,
                number: "",
                decision: .archived,
                cause: "test"
            )
            return Conclusion(route: "invoices", key: link.key, version: 1, end: .done, link: link, audit: [entry])
        }
        try await store.conclude(ends, at: time, for: 1)
    }
}
