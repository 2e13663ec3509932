import Core
import Store
import Testing

@Suite struct `a tenant's store` {
    @Test(arguments: tenantStores) func `accepts an event once, however often it comes`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        #expect(try await store.accept(events(0..<10), for: 1) == Accepted(stored: 10, duplicates: 0))
        #expect(try await store.accept(events(5..<15), for: 1) == Accepted(stored: 5, duplicates: 5))
        #expect(try await store.accept(events(20..<21) + events(20..<21), for: 1) == Accepted(stored: 1, duplicates: 1))
        let ids = try await store.waiting(for: 1, after: 0, limit: 100).map(\.id)
        #expect(try await store.settle(ids, for: 1, atMilliseconds: 5) == 16)
        await store.close()

        let reopened = try await place.open()
        #expect(try await reopened.accept(events(0..<15), for: 1) == Accepted(stored: 0, duplicates: 15))
        #expect(try await reopened.waiting(for: 1, after: 0, limit: 100).isEmpty)
        #expect(try await reopened.counts(for: 1) == EventCounts(accepted: 16, duplicates: 21, settled: 16))
    }

    @Test(arguments: tenantStores) func `hands out what waits, page by page, as it was accepted`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        for start in stride(from: UInt64(0), to: 25, by: 5) {
            _ = try await store.accept(events(start..<start + 5), for: 1)
            _ = try await store.accept(events(start..<start + 5, for: 2), for: 2)
        }
        var seen: [WaitingEvent] = []
        while true {
            let page = try await store.waiting(for: 1, after: seen.last?.id ?? 0, limit: 4)
            if page.isEmpty { break }
            #expect(page.count <= 4)
            seen += page
        }
        #expect(seen.map(\.arrival) == arrivals(0..<25))
        #expect(seen.map(\.id) == seen.map(\.id).sorted())
    }

    @Test(arguments: tenantStores) func `keeps connections apart`(kind: Kind<TenantPlace>) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        #expect(try await store.accept(events(0..<3), for: 1).stored == 3)
        #expect(try await store.accept(events(0..<3), for: 2).stored == 3)
        let ids = try await store.waiting(for: 1, after: 0, limit: 10).map(\.id)
        #expect(try await store.settle(ids, for: 2, atMilliseconds: 5) == 0)
        #expect(try await store.settle(ids, for: 1, atMilliseconds: 5) == 3)
        #expect(try await store.settle(ids, for: 1, atMilliseconds: 6) == 0)
        #expect(try await store.counts(for: 1).waiting == 0)
        #expect(try await store.counts(for: 2) == EventCounts(accepted: 3))
        #expect(try await store.counts(for: 3) == EventCounts())
    }

    @Test(arguments: tenantStores) func `forgets settled keys, oldest first, a bounded number at a time`(
        kind: Kind<TenantPlace>
    ) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        _ = try await store.accept(events(0..<30), for: 1)
        let ids = try await store.waiting(for: 1, after: 0, limit: 100).map(\.id)
        _ = try await store.settle(Array(ids[10..<20]), for: 1, atMilliseconds: 100)
        _ = try await store.settle(Array(ids[0..<10]), for: 1, atMilliseconds: 200)

        #expect(try await store.forgetSettled(before: 100, limit: 50) == 0)
        #expect(try await store.forgetSettled(before: 1_000, limit: 8) == 8)
        #expect(try await store.accept(events(0..<10), for: 1).stored == 0)
        #expect(try await store.forgetSettled(before: 1_000, limit: 50) == 12)
        #expect(try await store.forgetSettled(before: 1_000, limit: 50) == 0)

        // What waits is never forgotten; what was forgotten is taken for new, under a new number.
        #expect(try await store.waiting(for: 1, after: 0, limit: 100).map(\.id) == Array(ids[20...]))
        #expect(try await store.accept(events(0..<30), for: 1) == Accepted(stored: 20, duplicates: 10))
        let again = try await store.waiting(for: 1, after: ids[29], limit: 100)
        #expect(again.count == 20)
    }

    @Test(arguments: tenantStores) func `never gives a number twice`(kind: Kind<TenantPlace>) async throws {
        let place = try kind.place()
        defer { place.end() }
        var highest: Int64 = 0
        for round in 0..<3 as Range<UInt64> {
            let store = try await place.open()
            _ = try await store.accept(events(round * 2..<round * 2 + 2), for: 1)
            let ids = try await store.waiting(for: 1, after: 0, limit: 10).map(\.id)
            #expect(ids.allSatisfy { $0 > highest })
            highest = ids.max() ?? highest
            _ = try await store.settle(ids, for: 1, atMilliseconds: 1)
            #expect(try await store.forgetSettled(before: 2, limit: 10) == 2)
            await store.close()
        }
    }

    @Test(arguments: tenantStores) func `remembers settings`(kind: Kind<TenantPlace>) async throws {
        let place = try kind.place()
        defer { place.end() }
        let store = try await place.open()
        try await store.put("2026-01-01", setting: "watermark/1")
        try await store.put("", setting: "watermark/1")
        try await store.put("x", setting: "other")
        try await store.put(nil, setting: "other")
        await store.close()
        let reopened = try await place.open()
        #expect(try await reopened.setting("watermark/1") == "")
        #expect(try await reopened.setting("other") == nil)
    }

    @Test(arguments: tenantStores) func `is shared by several workers at once`(kind: Kind<TenantPlace>) async throws {
        let place = try kind.place()
        defer { place.end() }
        let stored = try await withThrowingTaskGroup(of: Int.self) { group in
            for connection in [1, 1, 2, 2] as [Int64] {
                group.addTask {
                    let store = try await place.open()
                    var stored = 0
                    for start in stride(from: UInt64(0), to: 100, by: 10) {
                        stored += try await store.accept(events(start..<start + 10, for: connection), for: connection)
                            .stored
                    }
                    await store.close()
                    return stored
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(stored == 200)
        let store = try await place.open()
        for connection in [1, 2] as [Int64] {
            #expect(try await store.counts(for: connection) == EventCounts(accepted: 100, duplicates: 100))
            let waiting = try await store.waiting(for: connection, after: 0, limit: 1_000)
            #expect(Set(waiting.map(\.arrival.key)).count == 100 && waiting.count == 100)
        }
    }
}
