import Core
import Store
import Testing

@Suite struct `a tenant's store of comparisons` {
    private func run(_ number: Int, wish: ReconcileWish = ReconcileWish()) -> Reconciliation {
        Reconciliation(run: number, wish: wish, occasion: "asked", terms: "", at: 5)
    }

    private func link(_ key: String, _ target: String, state: Link.State = .live) -> Link {
        Link(
            route: "r",
            key: key,
            target: target,
            number: "N",
            values: JSON.Object(),
            state: state,
            writtenMilliseconds: 7
        )
    }

    private func relink(_ link: Link) -> Relink {
        Relink(key: link.key, before: nil, after: link)
    }

    private func entry(_ key: String, _ decision: AuditEntry.Decision = .adopted) -> AuditEntry {
        AuditEntry(
            atMilliseconds: 1,
            connection: "board",
            route: "r",
            key: key,
            number: "",
            decision: decision,
            cause: "reconcile 1"
        )
    }

    /// Every two digits one record, with an item and a link.
    private func fill(_ store: any TenantStore, _ keys: [String]) async throws {
        _ = try await store.reconcile(of: "r", at: 1, for: 1)
        try await store.saw(
            keys.map { Seen(record: $0, print: Array($0.utf8)) },
            of: "r",
            going: run(1),
            for: 1
        )
        try await store.saw(
            keys.map { Seen(item: "i\($0)", key: $0, print: Array($0.utf8)) },
            of: "r",
            going: run(1),
            for: 1
        )
        var check = ReconcileCheck(run(1))
        check.relinks = keys.map { relink(link($0, "i\($0)")) }
        try await store.conclude(check, of: "r", for: 1)
    }

    @Test(arguments: tenantStores) func `rests from when a route is seen first`(kind: Kind<TenantPlace>) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        #expect(try await store.reconciles(for: 1).isEmpty)
        #expect(try await !store.wish(ReconcileWish(), reconciling: "r", for: 1))
        let first = try await store.reconcile(of: "r", at: 50, for: 1)
        #expect(first.run == 0 && first.restedMilliseconds == 50)
        #expect(first.wish == nil && first.running == nil && first.last == nil)
        #expect(try await store.reconcile(of: "r", at: 90, for: 1) == first)
        #expect(try await store.reconcile(of: "s", at: 90, for: 1).restedMilliseconds == 90)
        #expect(try await store.reconciles(for: 1).map(\.route) == ["r", "s"])
        #expect(try await store.reconciles(for: 2).isEmpty)
    }

    @Test(arguments: tenantStores) func `goes on with the run that was begun, and ends it once`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        var store = try await place.open()
        _ = try await store.reconcile(of: "r", at: 1, for: 1)
        let wish = ReconcileWish(reportsOnly: true)
        #expect(try await store.wish(wish, reconciling: "r", for: 1))
        #expect(try await store.reconcile(of: "r", at: 1, for: 1).wish == wish)
        var going = run(3, wish: wish)
        try await store.begin(going, of: "r", for: 1)
        going.storedRecords(1, next: "more")
        try await store.saw([Seen(record: "a", print: nil)], of: "r", going: going, for: 1)
        await store.close()

        store = try await place.open()
        var facts = try await store.reconcile(of: "r", at: 1, for: 1)
        #expect(facts.run == 3 && facts.running == going && facts.wish == nil && facts.last == nil)
        // Asked for in another way while it runs: that is another run.
        #expect(try await store.wish(ReconcileWish(), reconciling: "r", for: 1))
        going.finished(at: 77)
        try await store.finish(going, of: "r", audit: entry("", .reconciled), for: 1)
        facts = try await store.reconcile(of: "r", at: 1, for: 1)
        #expect(facts.running == nil && facts.last == going && facts.restedMilliseconds == 77)
        #expect(facts.wish == ReconcileWish())
        #expect(try await store.audit(after: 0, limit: 9, for: 1).count == 1)
    }

    @Test(arguments: tenantStores) func `suspects whatever does not match, in order and in batches`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        try await fill(store, ["a", "b", "c", "d", "e", "f", "g", "h"])
        #expect(try await store.suspects(after: "", of: "r", limit: 9, for: 1) == Suspects())

        var going = run(1)
        going.storedRecords(1, next: nil)
        let seen = [
            // Another value on either side, one that cannot be drafted, one without an item, one without a record.
            Seen(record: "a", print: [1]), Seen(item: "ib", key: "b", print: [2]), Seen(record: "c", print: nil),
            Seen(record: "new", print: [3]), Seen(item: "i9", key: "gone", print: [4]),
            // One more of the same, and one that is nobody's.
            Seen(item: "i10", key: "d", print: Array("d".utf8)), Seen(item: "i11", key: nil, print: [5]),
        ]
        try await store.saw(seen, of: "r", going: going, for: 1)
        var check = ReconcileCheck(going)
        check.relinks = [
            Relink(key: "e", before: link("e", "ie"), after: nil),
            Relink(key: "f", before: link("f", "if"), after: link("f", "elsewhere")),
            Relink(key: "g", before: link("g", "ig"), after: link("g", "ig", state: .archived)),
        ]
        try await store.conclude(check, of: "r", for: 1)

        let all = ["a", "b", "c", "d", "e", "f", "g", "gone", "new"]
        var found: [String] = []
        var items: [String: [String]] = [:]
        var after = ""
        while true {
            let some = try await store.suspects(after: after, of: "r", limit: 2, for: 1)
            #expect(some.keys.count <= 2)
            found += some.keys.map(\.key)
            for (key, seen) in some.keys { items[key] = seen }
            guard let through = some.through else { break }
            #expect(through > after)
            after = through
        }
        #expect(found == all)
        #expect(items["d"] == ["id", "i10"] && items["new"] == [] && items["gone"] == ["i9"])
        #expect(try await store.suspects(after: "", of: "r", limit: 9, for: 2) == Suspects())
        #expect(try await store.suspects(after: "", of: "s", limit: 9, for: 1) == Suspects())
        let weight = try await store.weigh("r", for: 1)
        #expect(weight.items == 9 && weight.extra == 1)
    }

    @Test(arguments: tenantStores) func `goes through very many without missing one`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        let keys = (10_000..<15_000).map { "\($0)" }
        try await fill(store, keys)
        let odd = keys.enumerated().filter { $0.offset % 731 == 5 }.map(\.element)
        try await store.saw(odd.map { Seen(record: $0, print: [0]) }, of: "r", going: run(1), for: 1)
        var found: [String] = []
        var calls = 0
        var after: String? = ""
        while let from = after {
            let some = try await store.suspects(after: from, of: "r", limit: 20, for: 1)
            found += some.keys.map(\.key)
            after = some.through
            calls += 1
        }
        #expect(found == odd && calls <= 4)
    }

    @Test(arguments: tenantStores) func `forgets a side piece by piece`(kind: Kind<TenantPlace>) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        try await fill(store, ["a", "b", "c"])
        #expect(try await !store.forget(.items, of: "r", limit: 2, for: 1))
        #expect(try await store.forget(.items, of: "r", limit: 2, for: 1))
        #expect(try await store.forget(.items, of: "r", limit: 2, for: 1))
        #expect(try await store.suspects(after: "", of: "r", limit: 9, for: 1).keys.map(\.key) == ["a", "b", "c"])
        #expect(try await store.forget(.records, of: "r", limit: 9, for: 2))
        #expect(try await store.forget(.records, of: "r", limit: 9, for: 1))
        #expect(try await store.suspects(after: "", of: "r", limit: 9, for: 1) == Suspects())
    }

    @Test(arguments: tenantStores) func `changes no link that has changed, or whose record is being written`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        try await fill(store, ["a", "b", "c"])
        let intent = Intent(
            batch: "k",
            route: "r",
            key: "b",
            action: .update,
            target: "ib",
            number: "",
            values: JSON.Object(),
            cause: "",
            version: 1,
            sinceMilliseconds: 1,
            madeMilliseconds: 1
        )
        _ = try await store.intend([intent], for: 1)
        var stale = link("a", "ia")
        stale.writtenMilliseconds = 6
        var check = ReconcileCheck(run(1))
        check.relinks = [
            Relink(key: "a", before: stale, after: link("a", "x"), audit: [entry("a")]),
            Relink(key: "b", before: link("b", "ib"), after: nil, audit: [entry("b")]),
            Relink(key: "c", before: link("c", "ic"), after: link("c", "x"), audit: [entry("c")]),
            Relink(key: "d", before: link("d", "id"), after: link("d", "x"), audit: [entry("d")]),
        ]
        check.marks = [Mark(route: "r", key: "a", lane: .background, cause: "reconcile 1", heardMilliseconds: 1)]
        try await store.conclude(check, of: "r", for: 1)
        let links = try await store.links(["a", "b", "c", "d"], of: "r", for: 1)
        #expect(links.mapValues(\.target) == ["a": "ia", "b": "ib", "c": "x"])
        let lines = try await store.audit(after: 0, limit: 9, for: 1)
        #expect(lines.count == 1 && lines[0].text.contains(#""record":"c""#))
        let standings = try await store.standings(of: ["a", "b", "c"], on: "r", for: 1)
        #expect(standings["a"] == Standing(isWaiting: true) && standings["b"] == Standing(isWriting: true))
        #expect(standings["c"] == Standing())
        #expect(try await store.owners(of: ["x", "ia", "nothing"], on: "r", for: 1) == ["x": "c", "ia": "a"])
        #expect(try await store.owners(of: ["x"], on: "s", for: 1).isEmpty)
    }

    @Test(arguments: tenantStores) func `keeps the lines of the last run until the next is over`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        _ = try await store.reconcile(of: "r", at: 1, for: 1)
        func drift(_ number: Int) -> Drift { Drift(.extra, key: "k\(number)", number: "", item: "i") }
        func conclude(_ going: inout Reconciliation, _ drifts: [Drift]) async throws {
            let lines = going.checked(drifts, keys: 1, waiting: 0, parked: 0, through: "k")
            var check = ReconcileCheck(going)
            check.lines = lines
            try await store.conclude(check, of: "r", for: 1)
        }
        var first = run(1)
        try await store.begin(first, of: "r", for: 1)
        try await conclude(&first, [drift(1), drift(2)])
        try await conclude(&first, [drift(3)])
        try await store.finish(first, of: "r", audit: entry("", .reconciled), for: 1)
        var second = run(2)
        try await store.begin(second, of: "r", for: 1)
        try await conclude(&second, [drift(4)])
        #expect(try await store.drifts(of: "r", run: 1, from: 0, limit: 9, for: 1) == [drift(1), drift(2), drift(3)])
        #expect(try await store.drifts(of: "r", run: 1, from: 1, limit: 1, for: 1) == [drift(2)])
        // Given up, and begun anew under another number.
        var third = run(3)
        try await store.begin(third, of: "r", for: 1)
        try await conclude(&third, [drift(5)])
        try await store.finish(third, of: "r", audit: entry("", .reconciled), for: 1)
        #expect(try await store.drifts(of: "r", run: 3, from: 0, limit: 9, for: 1) == [drift(5)])
        for run in [1, 2] { #expect(try await store.drifts(of: "r", run: run, from: 0, limit: 9, for: 1).isEmpty) }
    }
}
