import Core
import Store
import Testing

@Suite struct `a tenant's store of changes` {
    @Test(arguments: tenantStores) func `makes one change of many marks`(kind: Kind<TenantPlace>) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        for number in 0..<10 as Range<Int64> {
            try await store.mark([mark("a", cause: "webhook \(number)", at: 100 + number)], advancing: nil, for: 1)
        }
        let changes = try await store.changes(of: "r", lane: .live, limit: 9, at: 200, for: 1)
        #expect(
            changes == [
                Change(route: "r", key: "a", lane: .live, cause: "webhook 9", sinceMilliseconds: 100, version: 10)
            ]
        )
        // Others have their own.
        #expect(try await store.changes(of: "r", lane: .live, limit: 9, at: 200, for: 2).isEmpty)
        #expect(try await store.changes(of: "s", lane: .live, limit: 9, at: 200, for: 1).isEmpty)
        #expect(try await store.changes(of: "r", lane: .background, limit: 9, at: 200, for: 1).isEmpty)
        #expect(try await store.changes(of: "r", lane: .live, limit: 9, at: 99, for: 1).isEmpty)
    }

    /// Who changed what on an item is known from nowhere else.
    @Test(arguments: tenantStores) func `keeps what was heard of the item beside what comes after it`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        func heard(_ cause: String) -> Mark {
            Mark(route: "r", key: "a", lane: .live, cause: cause, heardMilliseconds: 100, isOfTarget: true)
        }
        func change() async throws -> Change? {
            try await store.changes(of: "r", lane: .live, limit: 9, at: 200, for: 1).first
        }
        try await store.mark([mark("a", cause: "poll")], advancing: nil, for: 1)
        #expect(try await change()?.isOfTarget == false)
        try await store.mark([heard("board 81 by user 5")], advancing: nil, for: 1)
        #expect(try await change()?.cause == "board 81 by user 5")
        let later = [mark("a", cause: "webhook 7"), heard("board 8 by user 5"), mark("a", cause: "poll")]
        try await store.mark(later + [heard("board 81 by user 5"), mark("a", cause: "poll")], advancing: nil, for: 1)
        let taken = try #require(try await change())
        #expect(taken.isOfTarget && taken.cause == "board 81 by user 5, board 8 by user 5, poll")
        // It stays as long as the change does, and in bounds.
        try await store.conclude(
            [conclusion(taken, .later(dueMilliseconds: 150, attempts: 1, missingSince: nil))],
            at: 150,
            for: 1
        )
        #expect(try await change()?.isOfTarget == true)
        for number in 0..<100 { try await store.mark([heard("board \(number) by user 6")], advancing: nil, for: 1) }
        let last = try #require(try await change())
        #expect(last.cause.hasSuffix("board 99 by user 6") && last.cause.utf8.count <= 302)
        try await store.conclude([conclusion(last, .done)], at: 160, for: 1)
        try await store.mark([mark("a", cause: "poll")], advancing: nil, for: 1)
        #expect(try await change().map { [$0.cause, "\($0.isOfTarget)"] } == ["poll", "false"])
    }

    @Test(arguments: tenantStores) func `keeps a change that was marked while it was worked on`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        let ends: [Conclusion.End] = [
            .done, .parked(kind: "validation", reason: "no", attempts: 1),
            .later(dueMilliseconds: 9_000_000, attempts: 5, missingSince: 7),
        ]
        for (number, end) in ends.enumerated() {
            let key = "k\(number)"
            try await store.mark([mark(key, at: 100)], advancing: nil, for: 1)
            let taken = try #require(try await store.changes(of: "r", lane: .live, limit: 9, at: 100, for: 1).first)
            try await store.mark([mark(key, cause: "later", at: 150)], advancing: nil, for: 1)
            try await store.conclude([conclusion(taken, end)], at: 160, for: 1)
            let kept = try await store.changes(of: "r", lane: .live, limit: 9, at: 160, for: 1)
            #expect(kept.map(\.key) == [key] && kept.first?.version == 2 && kept.first?.cause == "later")
            #expect(kept.first?.attempts == 0 && kept.first?.missingSinceMilliseconds == nil)
            try await store.conclude(kept.map { conclusion($0, .done) }, at: 170, for: 1)
            #expect(try await store.changes(of: "r", lane: .live, limit: 9, at: 170, for: 1).isEmpty)
        }
        #expect(try await store.queue(of: nil, at: 200, for: 1) == QueueFacts())
    }

    @Test(arguments: tenantStores) func `puts what is marked in both lanes into the live one`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        try await store.mark(
            [mark("a", .background), mark("b", .live), mark("c", .background)],
            advancing: nil,
            for: 1
        )
        try await store.mark([mark("a", .live), mark("b", .background)], advancing: nil, for: 1)
        let live = try await store.changes(of: "r", lane: .live, limit: 9, at: 200, for: 1)
        #expect(Set(live.map(\.key)) == ["a", "b"])
        #expect(try await store.changes(of: "r", lane: .background, limit: 9, at: 200, for: 1).map(\.key) == ["c"])
        let queue = try await store.queue(of: "r", at: 200, for: 1)
        #expect(queue.live == 2 && queue.background == 1 && queue.parked == 0 && queue.nextDueMilliseconds == nil)
    }

    @Test(arguments: tenantStores) func `hands out the longest due first, and no more than was asked for`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        try await store.mark((0..<20).map { mark("k\($0)", at: 1_000 - $0) }, advancing: nil, for: 1)
        let some = try await store.changes(of: "r", lane: .live, limit: 5, at: 2_000, for: 1)
        #expect(some.map(\.key) == ["k19", "k18", "k17", "k16", "k15"])
        try await store.conclude(
            some.map { conclusion($0, .later(dueMilliseconds: 2_000, attempts: 0, missingSince: nil)) },
            at: 2_000,
            for: 1
        )
        #expect(try await store.changes(of: "r", lane: .live, limit: 1, at: 2_000, for: 1).map(\.key) == ["k14"])
    }

    @Test(arguments: tenantStores) func `parks a change until the next mark`(kind: Kind<TenantPlace>) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        try await store.mark([mark("a", .live, at: 100)], advancing: nil, for: 1)
        let taken = try #require(try await store.changes(of: "r", lane: .live, limit: 1, at: 100, for: 1).first)
        let end = Conclusion.End.parked(kind: "validation", reason: "no such label", attempts: 3)
        try await store.conclude([conclusion(taken, end)], at: 110, for: 1)
        #expect(try await store.changes(of: "r", lane: .live, limit: 1, at: 1_000_000, for: 1).isEmpty)
        #expect(try await store.queue(of: "r", at: 110, for: 1).parked == 1)
        let parked = try await store.records(RecordQuery(parked: true, limit: 5), for: 1)
        #expect(parked.map(\.key) == ["a"] && parked[0].isParked && !parked[0].isWaiting)
        #expect(parked[0].reason == "no such label" && parked[0].attempts == 3 && parked[0].link == nil)

        // In whichever lane the mark comes: what failed an hour ago is not something that somebody waits for now.
        try await store.mark([mark("a", .background, at: 500)], advancing: nil, for: 1)
        let again = try await store.changes(of: "r", lane: .background, limit: 1, at: 500, for: 1)
        #expect(again.map(\.key) == ["a"] && again[0].attempts == 0 && again[0].sinceMilliseconds == 500)
        let records = try await store.records(RecordQuery(limit: 5), for: 1)
        #expect(records.map(\.isWaiting) == [true] && records[0].reason == nil)
    }

    @Test(arguments: tenantStores) func `brings a change back when it is due, with what is known of it`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        try await store.mark([mark("a", at: 100), mark("b", at: 100)], advancing: nil, for: 1)
        let taken = try await store.changes(of: "r", lane: .live, limit: 2, at: 100, for: 1)
        try await store.conclude(
            [
                conclusion(taken[0], .later(dueMilliseconds: 900, attempts: 2, missingSince: 150)),
                conclusion(taken[1], .later(dueMilliseconds: 700, attempts: 1, missingSince: nil)),
            ],
            at: 160,
            for: 1
        )
        #expect(try await store.queue(of: "r", at: 200, for: 1).nextDueMilliseconds == 700)
        #expect(try await store.changes(of: "r", lane: .live, limit: 9, at: 899, for: 1).map(\.key) == [taken[1].key])
        #expect(try await store.queue(of: "r", at: 700, for: 1).nextDueMilliseconds == 900)
        let due = try await store.changes(of: "r", lane: .live, limit: 9, at: 900, for: 1)
        #expect(due.map(\.missingSinceMilliseconds) == [nil, 150] && due.map(\.attempts) == [1, 2])
        // Of what seems to be gone, word came: it is looked at now, and what was known of it stays known.
        try await store.conclude(
            due.map { conclusion($0, .later(dueMilliseconds: 5_000, attempts: 2, missingSince: 150)) },
            at: 900,
            for: 1
        )
        try await store.mark([mark("a", at: 1_000)], advancing: nil, for: 1)
        let marked = try await store.changes(of: "r", lane: .live, limit: 9, at: 1_000, for: 1)
        #expect(marked.map(\.key) == ["a"] && marked[0].missingSinceMilliseconds == 150 && marked[0].attempts == 0)
    }

    /// The wait is for a target whose search lags behind its writes: a mark knows nothing of that.
    @Test(arguments: tenantStores) func `lets no mark cut short a wait that has nothing to do with the record`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        try await store.mark([mark("a", at: 100)], advancing: nil, for: 1)
        let taken = try await store.changes(of: "r", lane: .live, limit: 2, at: 100, for: 1)
        let wait = Conclusion.End.later(dueMilliseconds: 5_200, attempts: 0, missingSince: nil)
        try await store.conclude(taken.map { conclusion($0, wait) }, at: 200, for: 1)
        try await store.mark([mark("a", at: 300)], advancing: nil, for: 1)
        #expect(try await store.changes(of: "r", lane: .live, limit: 2, at: 5_199, for: 1).isEmpty)
        #expect(try await store.changes(of: "r", lane: .live, limit: 2, at: 5_200, for: 1).map(\.version) == [2])
        // A clock that was set back an hour makes nobody wait for an hour.
        try await store.mark([mark("a", at: 300 - 3_600_000)], advancing: nil, for: 1)
        #expect(try await store.changes(of: "r", lane: .live, limit: 2, at: 60_000 - 3_600_000, for: 1).count == 1)
    }

    @Test(arguments: tenantStores) func `settles events and takes their marks over in one step`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        _ = try await store.accept(events(0..<3), for: 1)
        let ids = try await store.waiting(for: 1, after: 0, limit: 9).map(\.id)
        #expect(
            try await store.settle(Array(ids[0..<2]), marking: [mark("a"), mark("b")], for: 1, atMilliseconds: 100) == 2
        )
        #expect(try await store.settle([], marking: [mark("c")], for: 1, atMilliseconds: 100) == 0)
        await store.close()
        let reopened = try await place.open()
        #expect(try await reopened.waiting(for: 1, after: 0, limit: 9).map(\.id) == [ids[2]])
        let changes = try await reopened.changes(of: "r", lane: .live, limit: 9, at: 100, for: 1)
        #expect(Set(changes.map(\.key)) == ["a", "b", "c"])
    }

    @Test(arguments: tenantStores) func `moves progress together with the marks of its page`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        #expect(try await store.progress(of: "r", for: 1) == nil)
        let state = try JSON.parse(#"{"next":"a\"b","deep":[1,{"x":null}]}"#)
        try await store.mark([mark("a")], advancing: Progress(route: "r", state: state), for: 1)
        try await store.mark([], advancing: Progress(route: "s", state: .null), for: 1)
        await store.close()
        let reopened = try await place.open()
        #expect(try await reopened.progress(of: "r", for: 1) == state)
        #expect(try await reopened.progress(of: "s", for: 1) == .null)
        #expect(try await reopened.progress(of: "r", for: 2) == nil)
        try await reopened.mark([], advancing: Progress(route: "r", state: .object(JSON.Object())), for: 1)
        #expect(try await reopened.progress(of: "r", for: 1) == .object(JSON.Object()))
        #expect(try await reopened.queue(of: "r", at: 100, for: 1).live == 1)
    }
}

func mark(_ key: String, _ lane: Lane = .live, cause: String = "test", at milliseconds: Int64 = 100) -> Mark {
    Mark(route: "r", key: key, lane: lane, cause: cause, heardMilliseconds: milliseconds)
}

func conclusion(_ change: Change, _ end: Conclusion.End) -> Conclusion {
    Conclusion(route: change.route, key: change.key, version: change.version, end: end)
}
