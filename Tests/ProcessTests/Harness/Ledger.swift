import Core
import Store
import Testing

@testable import Host

/// What the tenants' own stores hold, read when the server is down.
extension Installation {
    struct Kept {
        var keys: Set<EventKey>
        var rows: Int64
        var counts: EventCounts
        /// Of bodies that no flow has dealt with.
        var waiting: Int64
        var integrity: String
    }

    func kept(for title: String) throws -> Kept {
        let hook = try #require(hooks[title])
        let tenant = title.prefix { $0 != "/" }
        let database = try Database(
            path: data + "/tenants/\(tenant)/store.db",
            schema: SQLiteTenantStore.schema
        )
        var keys: Set<EventKey> = []
        var rows: Int64 = 0
        try database.each("SELECT key FROM accepted WHERE connection = ?", .integer(hook.number)) { row in
            rows += 1
            if let key = row.withBytes(0, { EventKey($0) }) { keys.insert(key) }
        }
        let counts = try database.first(
            "SELECT accepted, duplicates, settled FROM tally WHERE connection = ?",
            .integer(hook.number)
        ) { EventCounts(accepted: $0.integer(0), duplicates: $0.integer(1), settled: $0.integer(2)) }
        return Kept(
            keys: keys,
            rows: rows,
            counts: counts ?? EventCounts(),
            waiting: try database.integer("SELECT count(*) FROM waiting WHERE connection = ?", .integer(hook.number)),
            integrity: try database.integrity()
        )
    }

    /// Each webhook with one of these ids is there exactly once, and nothing else is.
    @discardableResult
    func expectExactly(_ ids: some Collection<String>, in title: String) throws -> Bool {
        let hook = try #require(hooks[title])
        let kept = try kept(for: title)
        let expected = Set(ids.map { key(of: $0, on: hook.number) })
        let lost = expected.subtracting(kept.keys).count
        let unknown = kept.keys.subtracting(expected).count
        #expect(lost == 0, "acknowledged webhooks of \(title) are lost")
        #expect(unknown == 0, "\(title) has what nobody sent")
        #expect(kept.rows == kept.keys.count && kept.counts.accepted == kept.rows, "\(title) took something twice")
        #expect(kept.counts.settled == kept.counts.accepted && kept.waiting == 0, "\(title) has not settled all")
        #expect(kept.integrity == "ok")
        return lost == 0 && unknown == 0 && kept.counts.accepted == kept.keys.count
    }

    /// As the gateway makes it.
    private func key(of id: String, on connection: Int64) -> EventKey {
        let number = withUnsafeBytes(of: connection.littleEndian) { Array($0) }
        return EventKey(Digest(of: number, [1], Array(id.utf8)))
    }

    /// Every acknowledged webhook is in its tenant's store and dealt with.
    func untilSettled(within seconds: Double = 30) throws {
        try until("all that was acknowledged is dealt with", within: seconds, every: 20_000) {
            guard let events = try? metric("inbox_events"), events == 0 else { return false }
            return try status().workers.allSatisfy { $0.waiting == 0 }
        }
    }
}
