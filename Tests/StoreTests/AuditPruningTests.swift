import Core
import Store
import Testing

@Suite struct `the audit's oldest lines` {
    @Test(arguments: tenantStores) func `are removed by policy, a few at a time, and the chain stays whole`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        try await write(1...10, at: 1_000, to: store)
        try await write(11...14, at: 9_000, to: store)
        #expect(try await store.auditStart().sequence == 0)

        #expect(try await store.pruneAudit(before: 1_000, limit: 4, by: remover) == AuditRemoval())
        #expect(try await store.audit(after: 0, limit: 99, for: nil).count == 14)
        for _ in 0..<2 {
            let removal = try await store.pruneAudit(before: 5_000, limit: 4, by: remover)
            #expect(removal.lines == 4 && removal.isMore && removal.fault == nil)
            #expect(try await AuditInspection.make(of: store, page: 3).fault == nil)
        }
        let last = try await store.pruneAudit(before: 5_000, limit: 4, by: remover)
        #expect(last.lines == 2 && !last.isMore)
        #expect(try await store.pruneAudit(before: 5_000, limit: 4, by: remover) == AuditRemoval())
        await store.close()

        let reopened = try await place.open()
        #expect(try await reopened.auditStart().sequence == 10)
        let lines = try await reopened.audit(after: 0, limit: 99, for: nil)
        #expect(lines.map(\.sequence) == Array(11...17))
        let result = try await AuditInspection.make(of: reopened)
        #expect(result.fault == nil && result.inspection.removed == 10 && result.inspection.lines == 7)
        #expect(result.inspection.removedAt?.hasPrefix("1970-01-12") == true)
        let told = JSONField(try JSON.parse(lines[6].text))
        #expect(try told["decision"].string() == "pruned" && told["connection"].string() == "keeper")
        #expect(try told["reason"].string() == "the lines 9 to 10 were older than the audit is kept")
        #expect(try await reopened.audit(after: 0, limit: 99, for: 7).map(\.sequence) == [15, 16, 17])
    }

    @Test(arguments: tenantStores) func `may be all there are`(kind: Kind<TenantPlace>) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        #expect(try await store.pruneAudit(before: .max, limit: 4, by: remover) == AuditRemoval())
        try await write(1...3, at: 1_000, to: store)
        #expect(try await store.pruneAudit(before: 5_000, limit: 50, by: remover).lines == 3)
        try await write(5...5, at: 9_000, to: store)
        let result = try await AuditInspection.make(of: store)
        #expect(result.fault == nil && result.inspection.lines == 2 && result.inspection.last == 5)
    }

    @Test(arguments: tenantStores) func `are not removed one by one for the lines that say so`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        try await write(1...3, at: 1_000, to: store)
        var early = remover
        early.atMilliseconds = 2_000
        for _ in 0..<3 { #expect(try await store.pruneAudit(before: 1_500, limit: 1, by: early).lines == 1) }
        // Only such lines are left, and all are old.
        #expect(try await store.pruneAudit(before: 5_000, limit: 50, by: remover) == AuditRemoval())
        // As many as fit into one step are worth one.
        #expect(try await store.pruneAudit(before: 5_000, limit: 3, by: remover).lines == 3)
        try await write(8...8, at: 3_000, to: store)
        #expect(try await AuditInspection.make(of: store).fault == nil)
    }

    @Test(arguments: tenantStores) func `go with a line that a wrong clock wrote among them`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        try await write(1...2, at: 1_000, to: store)
        try await write(3...3, at: 4_000_000_000_000, to: store)
        try await write(4...4, at: 1_000, to: store)
        try await write(5...5, at: 4_000_000_000_000, to: store)
        // One that seems to be of long ago and stands behind a young one is young.
        try await write(6...6, at: 9_000, to: store)
        try await write(7...7, at: 1_000, to: store)
        let removal = try await store.pruneAudit(before: 5_000, limit: 50, by: remover)
        #expect(removal.lines == 4)
        #expect(try await AuditInspection.make(of: store).inspection.last == 8)
    }

    @Test func `are missed when somebody took them away by hand`() async throws {
        for anchored in [false, true] {
            let folder = Folder()
            let store = try await SQLiteTenantStore.open(folder["tenant.db"])
            try await write(1...9, at: 1_000, to: store)
            if anchored { _ = try await store.pruneAudit(before: 5_000, limit: 2, by: remover) }
            let lines = try await store.audit(after: 0, limit: 99, for: nil)
            try await write(11...12, at: 9_000, to: store)
            await store.close()
            let first = anchored ? 3 : 1
            try change(folder["tenant.db"], "DELETE FROM audit WHERE sequence <= 5")
            let short = try await inspect(folder["tenant.db"])
            #expect(short.fault == .missing(from: Int64(first), to: 5))

            // The beginning is moved with them, but no line of the chain knows of that.
            let hash = lines.first { $0.sequence == 5 }.map { Hex.text(of: $0.hash) } ?? ""
            try change(
                folder["tenant.db"],
                "INSERT OR REPLACE INTO setting (name, value) VALUES ('audit.start', '5 \(hash)')"
            )
            let moved = try await inspect(folder["tenant.db"])
            #expect(moved.fault == .unaccounted(through: 5))
            #expect(moved.fault?.description.hasPrefix("the lines 1 to 5 are missing") == true)
        }
    }

    @Test func `stay where one of them was changed`() async throws {
        let folder = Folder()
        let store = try await SQLiteTenantStore.open(folder["tenant.db"])
        try await write(1...9, at: 1_000, to: store)
        await store.close()
        try change(folder["tenant.db"], "UPDATE audit SET line = replace(line, 'k4', 'k5') WHERE sequence = 4")
        let reopened = try await SQLiteTenantStore.open(folder["tenant.db"])
        let removal = try await reopened.pruneAudit(before: 5_000, limit: 50, by: remover)
        #expect(removal.lines == 3 && removal.fault == .changed(4) && !removal.isMore)
        let again = try await reopened.pruneAudit(before: 5_000, limit: 50, by: remover)
        #expect(again.lines == 0 && again.fault == .changed(4))
        #expect(try await AuditInspection.make(of: reopened).fault == .changed(4))
        await reopened.close()
        try change(folder["tenant.db"], "UPDATE audit SET line = '{' WHERE sequence = 4")
        let unreadable = try await SQLiteTenantStore.open(folder["tenant.db"])
        #expect(try await unreadable.pruneAudit(before: 5_000, limit: 50, by: remover).fault == .changed(4))
        await unreadable.close()
    }

    @Test func `may be removed while others write and somebody verifies`() async throws {
        let folder = Folder()
        let path = folder["tenant.db"]
        let writer = try await SQLiteTenantStore.open(path)
        try await write(1...400, at: 1_000, to: writer)
        let remover = self.remover
        let pruning = Task {
            let store = try await SQLiteTenantStore.open(path)
            var removed = 0
            while removed < 400 { removed += try await store.pruneAudit(before: 5_000, limit: 9, by: remover).lines }
            await store.close()
        }
        let writing = Task { for number in 401...460 { try await write(number...number, at: 9_000, to: writer) } }
        let reader = try await SQLiteTenantStore.open(path)
        for _ in 0..<20 { #expect(try await AuditInspection.make(of: reader, page: 5).fault == nil) }
        try await pruning.value
        try await writing.value
        let result = try await AuditInspection.make(of: reader)
        #expect(result.fault == nil && result.inspection.removed == 400)
    }

    private let remover = AuditRemover(connection: 7, name: "keeper", atMilliseconds: 1_000_000_000)

    private func write(_ numbers: ClosedRange<Int>, at milliseconds: Int64, to store: any TenantStore) async throws {
        let entries = numbers.map { number in
            var line = entry("k\(number)")
            line.atMilliseconds = milliseconds
            return line
        }
        try await store.conclude(
            [Conclusion(route: "r", key: "a", version: 1, end: .done, audit: entries)],
            at: 1,
            for: 1
        )
    }

    private func change(_ path: String, _ sql: String) throws {
        try Database(path: path, schema: SQLiteTenantStore.schema).execute(sql)
    }

    private func inspect(_ path: String) async throws -> AuditInspection.Result {
        let store = try await SQLiteTenantStore.open(path)
        let result = try await AuditInspection.make(of: store)
        await store.close()
        return result
    }
}
