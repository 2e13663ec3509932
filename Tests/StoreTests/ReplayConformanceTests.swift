import Core
import Store
import Testing

@Suite struct `a tenant's store of what is parked` {
    @Test(arguments: tenantStores) func `says why, since when and how often tried, until it is done`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        try await park(["a"], for: .validation, at: 1_000, attempts: 3, cause: "webhook 7", in: store)
        let once = try #require(try await store.records(RecordQuery(parked: true, limit: 9), for: 1).first)
        #expect(once.attempts == 3 && once.isParked && !once.isWaiting)
        let parking = try #require(once.parking)
        #expect(parking.kind == "validation" && parking.reason == "no a" && parking.cause == "webhook 7")
        #expect(parking.parkedMilliseconds == 1_000 && parking.failingSinceMilliseconds == 1_000)
        // A newer change is tried afresh, and nothing is forgotten of the tries before.
        try await store.mark([mark("a", at: 1_500)], advancing: nil, for: 1)
        let waiting = try #require(try await store.records(RecordQuery(limit: 9), for: 1).first)
        #expect(waiting.attempts == 0 && waiting.isWaiting && waiting.parking == nil)
        try await park(["a"], for: .missing, at: 2_000, attempts: 1, in: store)
        let twice = try #require(try await store.records(RecordQuery(parked: true, limit: 9), for: 1).first)
        #expect(twice.attempts == 4 && twice.parking?.kind == "missing")
        #expect(twice.parking?.parkedMilliseconds == 2_000 && twice.parking?.failingSinceMilliseconds == 1_000)
        // Done, it begins anew.
        try await store.mark([mark("a", at: 2_100)], advancing: nil, for: 1)
        let taken = try await store.changes(of: "r", lane: .live, limit: 9, at: 2_100, for: 1)
        try await store.conclude(taken.map { conclusion($0, .done) }, at: 2_200, for: 1)
        try await park(["a"], for: .missing, at: 3_000, attempts: 1, in: store)
        let anew = try #require(try await store.records(RecordQuery(parked: true, limit: 9), for: 1).first)
        #expect(anew.attempts == 1 && anew.parking?.failingSinceMilliseconds == 3_000)
    }

    @Test(arguments: tenantStores) func `finds it by class, time, event, route and name`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        try await park(["a", "b"], for: .validation, at: 1_000, cause: "webhook 1", in: store)
        try await park(["c"], for: .permission, at: 2_000, cause: "webhook 11", in: store)
        try await park(["a"], for: .validation, at: 3_000, route: "s", in: store)
        try await store.mark([mark("waits")], advancing: nil, for: 1)
        func found(_ change: (inout RecordQuery) -> Void) async throws -> [String] {
            var query = RecordQuery(parked: true, limit: 9)
            change(&query)
            return try await store.records(query, for: 1).map { $0.route + "/" + $0.key }
        }
        #expect(try await found { _ in } == ["r/a", "r/b", "r/c", "s/a"])
        #expect(try await found { $0.kind = "validation" } == ["r/a", "r/b", "s/a"])
        #expect(
            try await found {
                $0.kind = "validation"
                $0.parked = false
            } == ["r/a", "r/b", "s/a"]
        )
        #expect(try await found { $0.kind = "outage" }.isEmpty)
        #expect(try await found { $0.sinceMilliseconds = 2_000 } == ["r/c", "s/a"])
        #expect(try await found { $0.untilMilliseconds = 2_000 } == ["r/a", "r/b"])
        #expect(
            try await found {
                $0.sinceMilliseconds = 1_001
                $0.untilMilliseconds = 2_001
            } == ["r/c"]
        )
        #expect(try await found { $0.cause = "webhook 1" } == ["r/a", "r/b"])
        #expect(try await found { $0.route = "s" } == ["s/a"])
        #expect(try await found { $0.name = "a" } == ["r/a", "s/a"])
        #expect(
            try await found {
                $0.name = "a"
                $0.route = "r"
            } == ["r/a"]
        )
        #expect(try await found { $0.name = "waits" }.isEmpty)
        #expect(
            try await found {
                $0.parked = false
                $0.name = "waits"
            } == ["r/waits"]
        )
        #expect(try await found { $0.limit = 2 } == ["r/a", "r/b"])
        #expect(try await found { $0.after = RecordPlace(route: "r", key: "b") } == ["r/c", "s/a"])
        #expect(try await store.records(RecordQuery(parked: true, limit: 9), for: 2).isEmpty)
    }

    @Test(arguments: tenantStores) func `shows the records of one route, page by page`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        for route in ["q", "r", "s"] {
            let ends = (0..<7).map { number in
                var linked = link("k\(number)")
                linked.route = route
                return Conclusion(route: route, key: linked.key, version: 1, end: .done, link: linked)
            }
            try await store.conclude(ends, at: 1, for: 1)
            try await store.mark(
                [Mark(route: route, key: "k9", lane: .live, cause: "", heardMilliseconds: 1)],
                advancing: nil,
                for: 1
            )
        }
        for route in ["q", "r", "s", nil] {
            var query = RecordQuery(route: route, after: RecordPlace(route: "p", key: "z"), limit: 3)
            var seen: [String] = []
            while true {
                let page = try await store.records(query, for: 1)
                seen += page.map { $0.route + $0.key }
                guard page.count == 3, let last = page.last else { break }
                query.after = last.place
            }
            let routes = route.map { [$0] } ?? ["q", "r", "s"]
            #expect(seen == routes.flatMap { route in [0, 1, 2, 3, 4, 5, 6, 9].map { "\(route)k\($0)" } })
        }
        #expect(try await store.records(RecordQuery(route: "other", limit: 3), for: 1).isEmpty)
    }

    @Test(arguments: tenantStores) func `tries again what the query finds, once, with a line of the audit each`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        try await park(["a", "b"], for: .validation, at: 1_000, in: store)
        try await park(["c"], for: .permission, at: 1_000, in: store)
        var linked = conclusion(Change(route: "r", key: "a", lane: .live, cause: "", sinceMilliseconds: 0), .done)
        linked.version = 99
        linked.link = link("a")
        try await store.conclude([linked], at: 1_000, for: 1)
        let before = try await store.auditChain().sequence

        var query = RecordQuery(limit: 9)
        query.kind = "validation"
        let wish = ReplayWish(by: "ada", lane: .interactive, connection: "bc-board")
        #expect(try await store.replay(query, wish, at: 5_000, for: 2).isEmpty)
        let replayed = try await store.replay(query, wish, at: 5_000, for: 1)
        #expect(replayed.map(\.key) == ["a", "b"] && replayed.allSatisfy { $0.isParked })
        // What is not parked any more is left alone.
        #expect(try await store.replay(query, wish, at: 5_001, for: 1).isEmpty)

        let waiting = try await store.changes(of: "r", lane: .interactive, limit: 9, at: 5_000, for: 1)
        #expect(Set(waiting.map(\.key)) == ["a", "b"])
        #expect(waiting.allSatisfy { $0.cause == "replay by ada" && $0.attempts == 0 && $0.sinceMilliseconds == 5_000 })
        #expect(try await store.queue(of: "r", at: 5_000, for: 1).parked == 1)

        let lines = try await store.audit(after: before, limit: 9, for: 1).map { JSONField(try JSON.parse($0.text)) }
        #expect(try lines.map { try $0["record"].string() } == ["a", "b"])
        #expect(try lines[0]["decision"].string() == "replayed" && lines[0]["cause"].string() == "replay by ada")
        #expect(try lines[0]["reason"].string() == "was parked: no a")
        #expect(try lines[0]["item"].string() == "item a" && lines[0]["number"].string() == "N1")
        var chain = AuditChain()
        for line in try await store.audit(after: 0, limit: 99, for: nil) { try chain.follow(line) }
        try chain.end(at: try await store.auditChain())
    }

    @Test(arguments: tenantStores) func `looks anew at one that is named, parked or not`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        var done = conclusion(Change(route: "r", key: "a", lane: .live, cause: "", sinceMilliseconds: 0), .done)
        done.link = link("a")
        try await store.conclude([done], at: 1_000, for: 1)
        try await store.mark([mark("w", .background)], advancing: nil, for: 1)
        let wish = ReplayWish(by: "ada", lane: .interactive, connection: "bc-board")
        for name in ["N1", "item a", "a", "w", "w"] {
            let found = try await store.replay(RecordQuery(name: name, limit: 9), wish, at: 2_000, for: 1)
            #expect(found.map(\.isParked) == [false], "\(name)")
        }
        let waiting = try await store.changes(of: "r", lane: .interactive, limit: 9, at: 2_000, for: 1)
        #expect(Set(waiting.map(\.key)) == ["a", "w"])
        #expect(try await store.replay(RecordQuery(name: "other", limit: 9), wish, at: 2_000, for: 1).isEmpty)
        // Without a name, nothing but what is parked.
        #expect(try await store.replay(RecordQuery(limit: 9), wish, at: 2_000, for: 1).isEmpty)
        #expect(try await store.auditChain().sequence == 5)
    }

    @Test(arguments: tenantStores) func `tries many again in batches, while others are parked`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        let keys = (0..<25).map { "k\(100 + $0)" }
        try await park(keys, for: .outage, at: 1_000, in: store)
        var query = RecordQuery(parked: true, limit: 4)
        let wish = ReplayWish(by: "ada", lane: .background, connection: "bc-board")
        var replayed: [String] = []
        while true {
            let batch = try await store.replay(query, wish, at: 2_000, for: 1).map(\.place)
            replayed += batch.map(\.key)
            guard batch.count == 4 else { break }
            query.after = batch.last
            // What was replayed fails at once and is parked again; it is not this replay's any more.
            try await park(batch.map(\.key), for: .outage, at: 2_000, lane: .background, in: store)
        }
        #expect(replayed == keys)
        #expect(try await store.queue(of: "r", at: 2_000, for: 1).parked == 24)
    }

    /// Marks them, takes them and parks them.
    private func park(
        _ keys: [String],
        for kind: CallError.Kind,
        at now: Int64,
        attempts: Int = 1,
        cause: String = "test",
        route: String = "r",
        lane: Lane = .live,
        in store: any TenantStore
    ) async throws {
        try await store.mark(
            keys.map { Mark(route: route, key: $0, lane: lane, cause: cause, heardMilliseconds: now) },
            advancing: nil,
            for: 1
        )
        let taken = try await store.changes(of: route, lane: lane, limit: 1_000, at: now, for: 1)
        let ends = taken.filter { keys.contains($0.key) }.map {
            conclusion($0, .parked(kind: kind.rawValue, reason: "no \($0.key)", attempts: attempts))
        }
        try await store.conclude(ends, at: now, for: 1)
        #expect(ends.count == keys.count)
    }
}
