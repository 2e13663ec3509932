import Core
import Glibc
import Store
import Testing

@Suite struct `a store that has become too large` {
    @Test func `gives its room back to the disk in small steps, while it works`() async throws {
        let folder = Folder()
        let store = try await SQLiteTenantStore.open(folder["tenant.db"])
        let all = events(0..<4_000, bytes: 4_000)
        for start in stride(from: 0, to: 4_000, by: 500) {
            _ = try await store.accept(Array(all[start..<start + 500]), for: 1)
        }
        #expect(try await !store.compact(), "nothing is free")
        let full = bytes(folder["tenant.db"])
        #expect(full > 16_000_000)
        let ids = try await store.waiting(for: 1, after: 0, limit: 4_000).map(\.id)
        for start in stride(from: 0, to: 4_000, by: 400) {
            _ = try await store.settle(Array(ids[start..<start + 400]), for: 1, atMilliseconds: 1)
        }
        #expect(bytes(folder["tenant.db"]) >= full)
        var steps = 0
        while try await store.compact() {
            steps += 1
            // Somebody is always there.
            if steps % 10 == 0 {
                #expect(
                    try await store.accept(events(10_000 + UInt64(steps)..<10_001 + UInt64(steps)), for: 1).stored == 1
                )
            }
        }
        #expect(steps > 10)
        #expect(bytes(folder["tenant.db"]) < 4_000_000)
        #expect(bytes(folder["tenant.db-wal"]) <= 1 << 20)
        let waiting = try await store.waiting(for: 1, after: 0, limit: 4_000)
        #expect(waiting.count == steps / 10 && waiting.allSatisfy { $0.arrival.body.count == 600 })
        await store.close()
        #expect(try integrity(of: folder["tenant.db"]) == "ok")
    }

    @Test func `keeps its log where another still reads, and does not wait`() async throws {
        let folder = Folder()
        let store = try await SQLiteTenantStore.open(folder["tenant.db"])
        let reader = try Database(path: folder["tenant.db"], schema: SQLiteTenantStore.schema)
        _ = try await store.accept(events(0..<600, bytes: 4_000), for: 1)
        let log = bytes(folder["tenant.db-wal"])
        #expect(log > 2 << 20)
        try reader.execute("BEGIN")
        #expect(try reader.integer("SELECT count(*) FROM waiting") == 600)
        _ = try await store.accept(events(600..<601), for: 1)
        let began = ContinuousClock.now
        #expect(try await !store.compact())
        #expect(ContinuousClock.now - began < .seconds(4), "less than it would wait for a lock")
        #expect(bytes(folder["tenant.db-wal"]) >= log)
        try reader.execute("COMMIT")
        #expect(try await !store.compact())
        #expect(bytes(folder["tenant.db-wal"]) == 0)
        #expect(try await store.counts(for: 1).accepted == 601)
    }

    @Test func `is an inbox after a flood, too`() async throws {
        let folder = Folder()
        let inbox = try await SQLiteInbox.open(folder["inbox.db"])
        var kept: [Int64] = []
        for start in stride(from: UInt64(0), to: 4_000, by: 500) {
            kept += try await inbox.commit(arrivals(start..<start + 500, bytes: 4_000), removing: []).sequences
        }
        #expect(try await !inbox.compact())
        _ = try await inbox.commit([], removing: kept)
        var steps = 0
        while try await inbox.compact() { steps += 1 }
        #expect(steps > 10)
        let next = try await inbox.commit(arrivals(9_000..<9_001), removing: []).sequences
        #expect(next == 4_001..<4_002, "no sequence is given twice")
        await inbox.close()
        #expect(bytes(folder["inbox.db"]) < 4_000_000)
        #expect(try integrity(of: folder["inbox.db"]) == "ok")
    }

    private func bytes(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }
}
