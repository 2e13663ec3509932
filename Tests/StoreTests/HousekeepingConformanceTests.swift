import Core
import Store
import Testing

@Suite struct `a tenant's store, tidied up` {
    @Test(arguments: tenantStores) func `gives a setting to one of those who want it`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let (one, other) = (try await place.open(), try await place.open())
        #expect(try await one.replace(nil, with: "1", setting: "turn"))
        #expect(try await !other.replace(nil, with: "2", setting: "turn"))
        #expect(try await !other.replace("2", with: "3", setting: "turn"))
        #expect(try await other.replace("1", with: "2", setting: "turn"))
        #expect(try await one.setting("turn") == "2")
        #expect(try await one.replace("2", with: nil, setting: "turn"))
        #expect(try await other.setting("turn") == nil)
        for name in ["w.1", "w.2", "w", "x.1", "v.1", "w_1"] { try await one.put(name, setting: name) }
        #expect(try await other.settings(named: "w.") == ["w.1": "w.1", "w.2": "w.2"])
        #expect(try await other.settings(named: "%").isEmpty)
    }

    @Test(arguments: tenantStores) func `forgets links long archived, and none that lives or is about to`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        func put(_ key: String, _ state: Link.State, at written: Int64, for connection: Int64 = 1) async throws {
            var one = link(key)
            one.state = state
            one.writtenMilliseconds = written
            let end = Conclusion(route: "r", key: key, version: 1, end: .done, link: one)
            try await store.conclude([end], at: 1, for: connection)
        }
        for number in 0..<5 { try await put("old\(number)", .archived, at: 100 + Int64(number)) }
        try await put("other's", .archived, at: 90, for: 2)
        try await put("young", .archived, at: 900)
        try await put("alive", .live, at: 10)
        try await put("waking", .archived, at: 10)
        try await store.mark([mark("waking")], advancing: nil, for: 1)

        #expect(try await store.forgetArchivedLinks(before: 90, limit: 10) == 0)
        #expect(try await store.forgetArchivedLinks(before: 500, limit: 4) == 4)
        #expect(try await store.forgetArchivedLinks(before: 500, limit: 4) == 2)
        #expect(try await store.forgetArchivedLinks(before: 500, limit: 4) == 0)
        let left = try await store.links(["old0", "old4", "young", "alive", "waking"], of: "r", for: 1)
        #expect(Set(left.keys) == ["young", "alive", "waking"])
        #expect(try await store.links(["other's"], of: "r", for: 2).isEmpty)
    }

    @Test(arguments: tenantStores) func `forgets what accounts have spent, and accounts that are used no more`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        let window = Window("units", 5, .sliding(.seconds(60)))
        func enter(_ account: String, at now: Int64) async throws -> WindowAnswer {
            let ask = WindowAsk(
                account: account,
                owner: 1,
                windows: [window],
                charge: ["units": 3],
                lane: .live,
                longest: .seconds(30)
            )
            return try await store.enter(ask, at: now)
        }
        _ = try await enter("gone", at: 100_000)
        guard case .entered(let before) = try await enter("here", at: 200_000) else { return }
        // Nothing of it is free yet.
        try await store.forgetAccounts(spentBefore: 150_000, unusedSince: 150_000)
        #expect(try await store.facts(of: "here", in: [window], at: 210_000).used == ["units": 3])
        #expect(try await store.facts(of: "gone", in: [window], at: 100_000).used == ["units": 3])
        try await store.forgetAccounts(spentBefore: 1_000_000, unusedSince: 150_000)
        #expect(try await store.facts(of: "gone", in: [window], at: 100_000).used == ["units": 0])
        #expect(try await store.facts(of: "here", in: [window], at: 200_000).used == ["units": 0])
        guard case .entered(let after) = try await enter("here", at: 1_000_000) else { return }
        #expect(after.number == before.number + 1, "an account that is used keeps its count")
        // One that a vendor has closed is closed, whoever uses it.
        try await store.closeAccount("closed", until: 2_000_000)
        try await store.forgetAccounts(spentBefore: 1_000_000, unusedSince: 1_500_000)
        #expect(try await store.facts(of: "closed", in: [window], at: 1).closedUntil == 2_000_000)
    }

    @Test(arguments: tenantStores) func `knows how much waits, whatever became of it`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        var random = SeededGenerator(seed: 4)
        let lanes: [Lane] = [.interactive, .live, .background]
        for step in 0..<400 {
            let (connection, route) = (Int64.random(in: 1...2, using: &random), ["r", "s"][Int(random.next() % 2)])
            let key = "k\(random.next() % 12)"
            if random.next() % 2 == 0 {
                let lane = lanes[Int(random.next() % 3)]
                let mark = Mark(route: route, key: key, lane: lane, cause: "test", heardMilliseconds: 100)
                try await store.mark([mark], advancing: nil, for: connection)
            } else {
                let end: Conclusion.End =
                    switch random.next() % 3 {
                    case 0: .done
                    case 1: .later(dueMilliseconds: 5_000 + Int64(random.next() % 100), attempts: 1, missingSince: nil)
                    default: .parked(kind: "validation", reason: "no", attempts: 1)
                    }
                for version in 1...3 as ClosedRange<Int64> {
                    let conclusion = Conclusion(route: route, key: key, version: version, end: end)
                    try await store.conclude([conclusion], at: 1, for: connection)
                }
            }
            guard step % 7 == 0 else { continue }
            for route in ["r", "s", nil] {
                let facts = try await store.queue(of: route, at: 1_000, for: connection)
                #expect(try await facts == counted(store, route, connection))
            }
        }
    }

    /// One by one.
    private func counted(_ store: any TenantStore, _ route: String?, _ connection: Int64) async throws -> QueueFacts {
        var facts = QueueFacts()
        var due: [Int64] = []
        for record in try await store.records(RecordQuery(route: route, limit: 1_000), for: connection) {
            if record.isParked { facts.parked += 1 }
        }
        for route in route.map({ [$0] }) ?? ["r", "s"] {
            for lane in Lane.allCases {
                func changes(at now: Int64) async throws -> [Change] {
                    try await store.changes(of: route, lane: lane, limit: 1_000, at: now, for: connection)
                }
                let count = try await changes(at: .max).count
                if lane.isForeground { facts.live += count } else { facts.background += count }
                let isDue = try await changes(at: 1_000).count
                guard isDue < count else { continue }
                for time in 5_000..<5_100 as Range<Int64> where try await changes(at: time).count > isDue {
                    due.append(time)
                    break
                }
            }
        }
        facts.nextDueMilliseconds = due.min()
        return facts
    }

    @Test(arguments: tenantStores) func `shows records of many routes in one order, page by page`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        // By route, and then sorted by their bytes, where letters that look the same are not the same.
        let keys = ["A", "a", "e\u{301}", "z", "\u{e9}", "\u{ff5e}", "\u{10000}"]
        for (index, key) in keys.enumerated() {
            let route = ["r", "s", "t"][index % 3]
            var one = link(key)
            one.route = route
            one.number = index % 2 == 0 ? "even" : "odd"
            try await store.conclude(
                [Conclusion(route: route, key: key, version: 1, end: .done, link: one)],
                at: 1,
                for: 1
            )
            if index > 3 {
                let mark = Mark(route: route, key: key, lane: .live, cause: "test", heardMilliseconds: 1)
                try await store.mark([mark], advancing: nil, for: 1)
                let end = Conclusion(
                    route: route,
                    key: key,
                    version: 1,
                    end: .parked(kind: "validation", reason: "no", attempts: 2)
                )
                try await store.conclude([end], at: 1, for: 1)
            }
        }
        for limit in 1...8 {
            #expect(try await paged(RecordQuery(limit: limit), store) == [0, 3, 6, 1, 4, 2, 5].map { keys[$0] })
            #expect(try await paged(RecordQuery(parked: true, limit: limit), store) == [6, 4, 5].map { keys[$0] })
            let even = [0, 6, 4, 2].map { keys[$0] }
            #expect(try await paged(RecordQuery(name: "even", limit: limit), store) == even)
            let both = RecordQuery(parked: true, name: "even", limit: limit)
            #expect(try await paged(both, store) == [keys[6], keys[4]])
        }
        #expect(try await paged(RecordQuery(name: "nobody", limit: 3), store).isEmpty)
        #expect(try await store.records(RecordQuery(limit: 3), for: 2).isEmpty)
    }

    private func paged(_ query: RecordQuery, _ store: any TenantStore) async throws -> [String] {
        var query = query
        var keys: [String] = []
        while true {
            let page = try await store.records(query, for: 1)
            keys += page.map(\.key)
            guard page.count == query.limit, let last = page.last else { return keys }
            query.after = RecordPlace(route: last.route, key: last.key)
        }
    }

    @Test(arguments: tenantStores) func `forgets all links of a route, however many`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        let ends = (0..<4_500).map { number in
            Conclusion(route: "r", key: "k\(number)", version: 1, end: .done, link: link("k\(number)"))
        }
        try await store.conclude(ends, at: 1, for: 1)
        try await store.conclude([ends[0]], at: 1, for: 2)
        try await store.forgetLinks(of: "r", for: 1)
        #expect(try await store.records(RecordQuery(limit: 10), for: 1).isEmpty)
        #expect(try await store.records(RecordQuery(limit: 10), for: 2).count == 1)
    }
}

@Suite struct `a tenant's store from before its counts` {
    @Test func `counts what waited in it already`() async throws {
        let folder = Folder()
        let path = folder["tenant.db"]
        let newest = SQLiteTenantStore.schema
        let before = Schema(kind: newest.kind, title: newest.title, steps: Array(newest.steps[..<3]))
        do {
            let old = try Database(path: path, schema: before)
            for (key, lane, parked) in [("a", 1, 0), ("b", 1, 0), ("c", 2, 0), ("d", 2, 1)] {
                try old.run(
                    "INSERT INTO change (connection, route, key, parked, lane, due, since, cause) "
                        + "VALUES (1, 'r', ?, ?, ?, 5, 5, 'test')",
                    .text(key),
                    .integer(Int64(parked)),
                    .integer(Int64(lane))
                )
            }
        }
        let store = try await SQLiteTenantStore.open(path)
        let facts = try await store.queue(of: "r", at: 9, for: 1)
        #expect(facts.live == 2 && facts.background == 1 && facts.parked == 1)
        try await store.conclude([Conclusion(route: "r", key: "a", version: 1, end: .done)], at: 1, for: 1)
        #expect(try await store.queue(of: nil, at: 9, for: 1).live == 1)
        #expect(try await store.records(RecordQuery(parked: true, limit: 9), for: 1).map(\.key) == ["d"])
        await store.close()
    }
}
