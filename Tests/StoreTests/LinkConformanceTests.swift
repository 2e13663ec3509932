import Core
import Store
import Testing

@Suite struct `a tenant's store of links` {
    @Test(arguments: tenantStores) func `concludes all of a change at once`(kind: Kind<TenantPlace>) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        try await store.mark([mark("a"), mark("b")], advancing: nil, for: 1)
        let taken = try await store.changes(of: "r", lane: .live, limit: 2, at: 100, for: 1)
        let intents = try await store.intend(taken.map { intent($0.key) }, for: 1)
        #expect(Set(intents.map(\.id)).count == 2 && intents.allSatisfy { $0.id > 0 })
        #expect(try await store.openIntents(of: "r", for: 1) == intents)
        #expect(try await store.openIntents(of: "r", for: 2).isEmpty)
        #expect(try await store.openIntents(of: "s", for: 1).isEmpty)

        var done = conclusion(taken[0], .done)
        done.link = link(taken[0].key)
        done.intent = intents[0].id
        done.audit = [entry(taken[0].key), entry("second")]
        try await store.conclude([done], at: 200, for: 1)
        await store.close()

        let reopened = try await place.open()
        #expect(try await reopened.changes(of: "r", lane: .live, limit: 9, at: 200, for: 1).map(\.key) == ["b"])
        #expect(try await reopened.openIntents(of: "r", for: 1) == [intents[1]])
        #expect(try await reopened.links(["a", "b", "z"], of: "r", for: 1) == ["a": link("a")])
        #expect(try await reopened.links(["a"], of: "r", for: 2).isEmpty)
        #expect(try await reopened.links(["a"], of: "s", for: 1).isEmpty)
        let lines = try await reopened.audit(after: 0, limit: 9, for: 1)
        #expect(lines.map(\.sequence) == [1, 2])

        var gone = conclusion(taken[1], .done)
        gone.key = "a"
        gone.unlinks = true
        try await reopened.conclude([gone], at: 300, for: 1)
        #expect(try await reopened.links(["a"], of: "r", for: 1).isEmpty)
    }

    /// A new item may not be found yet, and a mark that came while it was looked for does not know that.
    @Test(arguments: tenantStores) func `waits as long as it has to, also when a mark came meanwhile`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        func due(at now: Int64) async throws -> [String] {
            try await store.changes(of: "r", lane: .live, limit: 9, at: now, for: 1).map(\.key)
        }
        try await store.mark([mark("a"), mark("b")], advancing: nil, for: 1)
        let taken = try await store.changes(of: "r", lane: .live, limit: 9, at: 100, for: 1)
        try await store.mark([mark("a"), mark("b")], advancing: nil, for: 1)
        let ends: [Conclusion.End] = [
            .later(dueMilliseconds: 5_000, attempts: 0, missingSince: nil),
            .later(dueMilliseconds: 5_000, attempts: 0, missingSince: 100),
        ]
        try await store.conclude(zip(taken, ends).map { conclusion($0, $1) }, at: 200, for: 1)
        // One that seemed to be missing is asked for at once, because it was heard of.
        #expect(try await due(at: 200) == ["b"])
        #expect(try await due(at: 4_999) == ["b"])
        #expect(try await due(at: 5_000).sorted() == ["a", "b"])
    }

    @Test(arguments: tenantStores) func `shows what is in step in the order of its keys, some at a time`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        let conclusions = ["c", "a", "é", "b", "gone"].map { key in
            var conclusion = Conclusion(route: "r", key: key, version: 1, end: .done)
            conclusion.link = link(key)
            if key == "gone" { conclusion.link?.state = .archived }
            return conclusion
        }
        try await store.conclude(conclusions, at: 1, for: 1)
        let first = try await store.liveLinks(of: "r", after: nil, limit: 3, for: 1)
        #expect(first == ["a", "b", "c"].map { link($0) })
        #expect(try await store.liveLinks(of: "r", after: "c", limit: 3, for: 1).map(\.key) == ["é"])
        #expect(try await store.liveLinks(of: "r", after: "é", limit: 3, for: 1).isEmpty)
        #expect(try await store.liveLinks(of: "s", after: nil, limit: 3, for: 1).isEmpty)
        #expect(try await store.liveLinks(of: "r", after: nil, limit: 3, for: 2).isEmpty)
    }

    @Test(arguments: tenantStores) func `never gives an intent's number twice`(kind: Kind<TenantPlace>) async throws {
        let place = try kind.place()
        defer { place.end() }
        var highest: Int64 = 0
        for _ in 0..<3 {
            let store = try await place.open()
            let stored = try await store.intend([intent("a"), intent("b")], for: 1)
            #expect(stored.allSatisfy { $0.id > highest })
            highest = try #require(stored.map(\.id).max())
            let ends = stored.map {
                Conclusion(route: "r", key: $0.key, version: 1, end: .done, intent: $0.id)
            }
            try await store.conclude(ends, at: 1, for: 1)
            #expect(try await store.openIntents(of: "r", for: 1).isEmpty)
            await store.close()
        }
    }

    @Test(arguments: tenantStores) func `settles no intent of another connection`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        let stored = try await store.intend([intent("a")], for: 1)
        try await store.conclude(
            [Conclusion(route: "r", key: "a", version: 1, end: .done, intent: stored[0].id)],
            at: 1,
            for: 2
        )
        #expect(try await store.openIntents(of: "r", for: 1).count == 1)
    }

    @Test(arguments: tenantStores) func `keeps every value as it was`(kind: Kind<TenantPlace>) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        let text = #"{"z":"\u0000 \"q\" 𝄞","a":12345678901234567890.123400,"n":null,"o":{"b":[true,{}]},"":""}"#
        guard case .object(let values) = try JSON.parse(text) else { return }
        var strange = link("k' OR 1=1 --\u{0}\n𝄞")
        strange.values = values
        strange.number = ""
        strange.kept = values
        strange.state = .archived
        let end = Conclusion(route: "r", key: strange.key, version: 1, end: .done, link: strange)
        try await store.conclude([end], at: 1, for: 1)
        let found = try await store.links([strange.key], of: "r", for: 1)
        #expect(found[strange.key] == strange)
        let records = try await store.records(RecordQuery(name: strange.key, limit: 2), for: 1)
        #expect(records.map(\.link) == [strange])
    }

    @Test(arguments: tenantStores) func `knows the records of an item`(kind: Kind<TenantPlace>) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        var twice = link("b")
        twice.target = "item a"
        var elsewhere = link("c")
        elsewhere.route = "s"
        elsewhere.target = "item a"
        let links = [link("a"), twice, elsewhere, link("d")].map {
            Conclusion(route: $0.route, key: $0.key, version: 1, end: .done, link: $0)
        }
        try await store.conclude(links, at: 1, for: 1)
        let asked = ["item d", "item a", "item z", "item a", ""]
        let keys = try await store.keys(ofTargets: asked, of: "r", for: 1)
        #expect(keys == ["item a": ["a", "b"], "item d": ["d"]])
        #expect(try await store.keys(ofTargets: asked, of: "s", for: 1) == ["item a": ["c"]])
        #expect(try await store.keys(ofTargets: asked, of: "r", for: 2).isEmpty)
        #expect(try await store.keys(ofTargets: [], of: "r", for: 1).isEmpty)
    }

    @Test(arguments: tenantStores) func `keeps what a write goes over, and what comes after it`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        var back = intent("b")
        back.action = .back
        back.aside = Aside()
        back.aside?.before["x"] = .null
        back.aside?.conflicts["x"] = "1"
        back.aside?.overwritten["y"] = "2"
        back.aside?.refused["z"] = "3"
        back.aside?.refusal = "posted 𝄞"
        let stored = try await store.intend([back], for: 1)
        #expect(try await store.openIntents(of: "r", for: 1) == stored && stored[0].aside == back.aside)
        var telling = intent("b")
        telling.action = .tell
        var end = Conclusion(route: "r", key: "b", version: 3, end: .done, intent: stored[0].id, next: [telling])
        try await store.conclude([end], at: 1, for: 1)
        await store.close()
        let reopened = try await place.open()
        var left = try await reopened.openIntents(of: "r", for: 1)
        #expect(left.count == 1 && left[0].id > stored[0].id)
        left[0].id = 0
        #expect(left == [telling])
        // What is of no change ends none.
        try await reopened.mark([mark("b")], advancing: nil, for: 1)
        end = Conclusion(route: "r", key: "b", version: 0, end: .done)
        try await reopened.conclude([end], at: 1, for: 1)
        #expect(try await reopened.changes(of: "r", lane: .live, limit: 9, at: 100, for: 1).count == 1)
    }

    @Test(arguments: tenantStores) func `shows records by route, name and page`(kind: Kind<TenantPlace>) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        let links = (0..<5).map { number in
            var one = link("k\(number)")
            one.number = "INV-\(number)"
            return Conclusion(route: "r", key: one.key, version: 1, end: .done, link: one)
        }
        try await store.conclude(links, at: 1, for: 1)
        try await store.mark([mark("k3"), mark("new")], advancing: nil, for: 1)
        func keys(_ query: RecordQuery, _ connection: Int64 = 1) async throws -> [String] {
            try await store.records(query, for: connection).map(\.key)
        }
        #expect(try await keys(RecordQuery(limit: 9)) == ["k0", "k1", "k2", "k3", "k4", "new"])
        #expect(try await keys(RecordQuery(after: RecordPlace(route: "r", key: "k1"), limit: 3)) == ["k2", "k3", "k4"])
        #expect(try await keys(RecordQuery(name: "INV-2", limit: 9)) == ["k2"])
        #expect(try await keys(RecordQuery(name: "item k4", limit: 9)) == ["k4"])
        #expect(try await keys(RecordQuery(name: "k0", limit: 9)) == ["k0"])
        #expect(try await keys(RecordQuery(route: "s", limit: 9)).isEmpty)
        #expect(try await keys(RecordQuery(parked: true, limit: 9)).isEmpty)
        #expect(try await keys(RecordQuery(limit: 9), 2).isEmpty)
        let waiting = try await store.records(RecordQuery(limit: 9), for: 1).filter(\.isWaiting)
        #expect(waiting.map(\.key) == ["k3", "new"] && waiting.map { $0.link == nil } == [false, true])
    }
}

@Suite struct `a tenant's audit` {
    @Test(arguments: tenantStores) func `is one chain for all connections and over restarts`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        for round in 0..<4 as Range<Int64> {
            let stores = [try await place.open(), try await place.open()]
            for number in 0..<6 {
                let end = Conclusion(route: "r", key: "a", version: 1, end: .done, audit: [entry("\(round)-\(number)")])
                try await stores[number % 2].conclude([end], at: 1, for: 1 + Int64(number % 3))
            }
            for store in stores { await store.close() }
        }
        let store = try await place.open()
        let lines = try await store.audit(after: 0, limit: 100, for: nil)
        #expect(lines.map(\.sequence) == Array(1...24))
        var chain = AuditChain()
        for line in lines { try chain.follow(line) }
        let end = try await store.auditChain()
        try chain.end(at: end)
        // Taken out at the end, where nothing follows that would show it.
        var short = AuditChain()
        for line in lines.dropLast() { try short.follow(line) }
        #expect(throws: AuditChain.Fault.missing(from: end.sequence, to: end.sequence)) { try short.end(at: end) }
        #expect(try await store.audit(after: 20, limit: 2, for: nil) == Array(lines[20..<22]))
        let second = try await store.audit(after: 0, limit: 100, for: 2)
        #expect(second.count == 8 && second.allSatisfy { line in lines.contains(line) })
    }

    @Test func `shows where a line was changed, taken out, moved or put in`() throws {
        var chain = AuditChain()
        let lines = (0..<10).map { chain.append(entry("k\($0)")) }
        func fault(_ lines: [AuditLine]) -> AuditChain.Fault? {
            var chain = AuditChain()
            do {
                for line in lines { try chain.follow(line) }
                return nil
            } catch {
                return error
            }
        }
        #expect(fault(lines) == nil)
        #expect(fault([]) == nil)
        for index in lines.indices {
            var changed = lines
            changed[index].text = changed[index].text.replacing("\"test\"", with: "\"best\"")
            #expect(changed[index] != lines[index])
            #expect(fault(changed) == .changed(Int64(index) + 1))

            var rehashed = changed
            rehashed[index].hash =
                Digest(
                    of: index == 0 ? [] : rehashed[index - 1].hash,
                    Array(rehashed[index].text.utf8)
                ).bytes
            // Whoever can hash has to hash all that follows.
            #expect(fault(rehashed) == (index == 9 ? nil : .changed(Int64(index) + 2)))

            var without = lines
            without.remove(at: index)
            #expect(fault(without) == (index == 9 ? nil : .missing(from: Int64(index) + 1, to: Int64(index) + 1)))

            var twice = lines
            twice.insert(lines[index], at: index)
            #expect(fault(twice) == .changed(Int64(index) + 1))

            var moved = lines
            moved.swapAt(index, (index + 1) % 10)
            #expect(fault(moved) != nil)

            var renumbered = lines
            renumbered.swapAt(index, (index + 1) % 10)
            for place in renumbered.indices { renumbered[place].sequence = Int64(place) + 1 }
            #expect(fault(renumbered) != nil)

            var shortened = lines
            shortened[index].hash.removeLast()
            #expect(fault(shortened) == .changed(Int64(index) + 1))
        }
        #expect(fault(Array(lines[3...])) == .missing(from: 1, to: 3))
        #expect(AuditChain.Fault.missing(from: 1, to: 3).description == "the lines 1 to 3 are missing")
    }
}

func link(_ key: String) -> Link {
    var values = JSON.Object()
    values["amount"] = .string("12.50")
    return Link(route: "r", key: key, target: "item \(key)", number: "N1", values: values, writtenMilliseconds: 55)
}

func intent(_ key: String) -> Intent {
    var values = JSON.Object()
    values["amount"] = .string("12.50")
    return Intent(
        batch: "ml1-batch",
        route: "r",
        key: key,
        action: key == "a" ? .create : .update,
        target: key == "a" ? nil : "item",
        number: "N1",
        values: values,
        cause: "test",
        version: 3,
        sinceMilliseconds: 50,
        madeMilliseconds: 60
    )
}

func entry(_ key: String) -> AuditEntry {
    AuditEntry(
        atMilliseconds: 1_763_600_000_123,
        connection: "bc-board",
        route: "r",
        key: key,
        number: "N1",
        decision: .updated,
        cause: "test",
        fields: [AuditEntry.Field(name: "amount", before: nil, after: .string("12.50"))]
    )
}
