import Core
import Store
import Testing

@Suite struct `the search in a tenant's audit` {
    private static let start = WallTime("2026-11-20T00:00:00Z") ?? WallTime.first

    private func fill(_ store: any TenantStore, _ count: Int) async throws {
        for page in stride(from: 0, to: count, by: 500) {
            let ends = (page..<min(page + 500, count)).map { number in
                var entry = entry("k\(number % 10)")
                entry.atMilliseconds = Int64(Self.start.millisecondsSince1970) + Int64(number) * 60_000
                // Two workers write side by side: one of them a little behind.
                if number % 3 == 0 { entry.atMilliseconds -= 90_000 }
                // Posting gives a record another number, and a lost item another item.
                entry.number = number < 100 ? "draft \(number % 10)" : "N\(number % 10)"
                entry.target = number < 200 ? "item \(number % 10)" : "second \(number % 10)"
                entry.connection = "c\(1 + number % 2)"
                return (number, Conclusion(route: "r", key: entry.key, version: 1, end: .done, audit: [entry]))
            }
            for (number, end) in ends { try await store.conclude([end], at: 1, for: 1 + Int64(number % 2)) }
        }
    }

    private func minutes(_ minutes: Int) -> WallTime { Self.start + .seconds(minutes * 60) }

    @Test(arguments: tenantStores) func `finds all lines of a record by any name it ever had`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        try await fill(store, 300)
        let wanted = (0..<300).filter { $0 % 10 == 4 }.map { Int64($0) + 1 }
        for name in ["k4", "draft 4", "N4", "item 4", "second 4"] {
            let found = try await store.auditLines(AuditQuery(name: name, limit: 1_000))
            #expect(found.map(\.sequence) == wanted, "\(name)")
        }
        #expect(try await store.auditLines(AuditQuery(name: "", limit: 9)).isEmpty)
        #expect(try await store.auditLines(AuditQuery(name: "other", limit: 9)).isEmpty)
        // Of one connection: its own lines only.
        #expect(try await store.auditLines(AuditQuery(connection: 2, name: "k4", limit: 999)).isEmpty)
        #expect(try await store.auditLines(AuditQuery(connection: 1, name: "k4", limit: 999)).count == 30)
        // Page by page the same.
        var query = AuditQuery(name: "N4", limit: 7)
        var paged: [Int64] = []
        while true {
            let page = try await store.auditLines(query)
            paged += page.map(\.sequence)
            guard page.count == 7 else { break }
            query.after = paged.last ?? 0
        }
        #expect(paged == wanted)
    }

    @Test(arguments: tenantStores) func `finds what was written between two times`(kind: Kind<TenantPlace>) async throws
    {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        #expect(try await store.auditLines(AuditQuery(since: Self.start, limit: 9)).isEmpty)
        try await fill(store, 1_200)
        let all = try await store.audit(after: 0, limit: 2_000, for: nil)
        func time(_ line: AuditLine) throws -> WallTime {
            try #require(WallTime(try JSONField(try JSON.parse(line.text))["at"].string()))
        }
        for (since, until) in [
            (0, 1_300), (-500, 0), (5, 6), (600, 601), (599, 700), (1_190, 5_000), (1_198, 1_199), (2_000, 3_000),
            (700, 600),
        ] {
            let query = AuditQuery(since: minutes(since), until: minutes(until), limit: 2_000)
            let wanted = try all.filter { try time($0) >= minutes(since) && time($0) < minutes(until) }
            #expect(try await store.auditLines(query) == wanted, "\(since) to \(until)")
        }
        let after = try await store.auditLines(AuditQuery(connection: 2, since: minutes(600), after: 700, limit: 3))
        #expect(after.map(\.sequence) == [702, 704, 706])
    }

    @Test(arguments: tenantStores) func `knows where the last ones begin`(kind: Kind<TenantPlace>) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        #expect(try await store.auditPlace(beforeLast: 5, of: AuditQuery(limit: 1)) == 0)
        try await fill(store, 40)
        #expect(try await store.auditPlace(beforeLast: 5, of: AuditQuery(limit: 1)) == 35)
        #expect(try await store.auditPlace(beforeLast: 500, of: AuditQuery(limit: 1)) == 0)
        #expect(try await store.auditPlace(beforeLast: 2, of: AuditQuery(connection: 1, limit: 1)) == 36)
        #expect(try await store.auditPlace(beforeLast: 2, of: AuditQuery(name: "item 4", limit: 1)) == 24)
        #expect(try await store.auditPlace(beforeLast: 2, of: AuditQuery(until: minutes(10), limit: 1)) < 15)
    }
}

@Suite struct `the lines of a tenant's audit` {
    /// What somebody does who has the file, and no more than SQL.
    @Test(arguments: [
        (#"UPDATE audit SET line = replace(line, '"test"', '"best"') WHERE sequence = 7"#, AuditChain.Fault.changed(7)),
        ("DELETE FROM audit WHERE sequence = 7", .missing(from: 7, to: 7)),
        ("DELETE FROM audit WHERE sequence > 17", .missing(from: 18, to: 20)),
        ("DELETE FROM audit WHERE sequence < 4", .missing(from: 1, to: 3)),
        (
            """
            UPDATE audit SET sequence = -7 WHERE sequence = 7; UPDATE audit SET sequence = 7 WHERE sequence = 8;
            UPDATE audit SET sequence = 8 WHERE sequence = -7
            """, .changed(7)
        ),
        ("UPDATE audit SET line = 'no JSON' WHERE sequence = 20", .changed(20)),
        (
            "INSERT INTO audit (sequence, connection, line, hash) SELECT 21, connection, line, hash FROM audit WHERE sequence = 20",
            .changed(21)
        ),
    ])
    func `show what was done to them, and can be searched all the same`(
        statement: String,
        fault: AuditChain.Fault
    ) async throws {
        let folder = Folder()
        let store = try await SQLiteTenantStore.open(folder["t.db"])
        for number in 0..<20 {
            let end = Conclusion(route: "r", key: "k", version: 1, end: .done, audit: [entry("k\(number)")])
            try await store.conclude([end], at: 1, for: 1)
        }
        #expect(try await verify(store) == nil)
        try Database(path: folder["t.db"], schema: SQLiteTenantStore.schema).execute(statement)
        #expect(try await verify(store) == fault)
        #expect(try await store.auditLines(AuditQuery(name: "k9", limit: 9)).count == 1)
        let since = WallTime("2001-01-01T00:00:00Z") ?? WallTime.first
        #expect(try await store.auditLines(AuditQuery(since: since, limit: 99)).count >= 17)
        await store.close()
    }

    private func verify(_ store: SQLiteTenantStore) async throws -> AuditChain.Fault? {
        var chain = AuditChain()
        do {
            for line in try await store.audit(after: 0, limit: 99, for: nil) { try chain.follow(line) }
            try chain.end(at: try await store.auditChain())
            return nil
        } catch let fault as AuditChain.Fault {
            return fault
        }
    }

    @Test func `of an older version are found, and so is what was parked by it`() async throws {
        let folder = Folder()
        let new = SQLiteTenantStore.schema
        let old = Schema(kind: new.kind, title: new.title, steps: Array(new.steps.prefix(3)))
        let database = try Database(path: folder["t.db"], schema: old)
        try database.execute(
            """
            INSERT INTO audit VALUES (1, 1, '{"seq":1,"at":"2026-11-20T00:00:00.000Z","record":"k","number":"N1","item":"7"}', x'00'),
                (2, 1, 'no JSON', x'00'), (3, 1, '{"seq":3,"at":"2026-11-20T00:01:00.000Z","record":"k","number":""}', x'00');
            INSERT INTO change (connection, route, key, parked, lane, due, since, cause, attempts, kind, reason)
                VALUES (1, 'r', 'k', 1, 1, 50, 40, 'poll', 2, 'validation', 'no'), (1, 'r', 'w', 0, 1, 50, 40, 'poll', 0, NULL, NULL);
            """
        )
        let store = try await SQLiteTenantStore.open(folder["t.db"])
        for name in ["k", "N1", "7"] {
            #expect(try await store.auditLines(AuditQuery(name: name, limit: 9)).map(\.sequence) == [1, 3], "\(name)")
        }
        let parked = try await store.records(RecordQuery(parked: true, limit: 9), for: 1)
        #expect(parked.map(\.key) == ["k"] && parked[0].attempts == 2)
        #expect(parked[0].parking?.parkedMilliseconds == 40 && parked[0].parking?.failingSinceMilliseconds == 40)
        await store.close()
    }
}
