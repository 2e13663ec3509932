import Core
import Store

/// Makes a tenant's store of any size, through the same calls that its workers make.
struct StoreFiller {
    static let linesPerRecord = 10
    static let connection: Int64 = 1
    /// Of another connection of the tenant, which has one line in a thousand.
    static let neighbour: Int64 = 2
    static let route = "purchaseInvoices"
    private static let batch = 2_000

    /// When the first line was written; each record's lines follow in the next second.
    static let began: Int64 = 1_700_000_000_000

    let records: Int

    /// Vendors' ids are GUIDs: neighbours in time are none in an index.
    static func key(_ number: Int) -> String {
        let mixed = UInt64(number) &* 0x9e37_79b9_7f4a_7c15
        let text = Hex.text(of: withUnsafeBytes(of: (mixed.bigEndian, (~mixed).bigEndian)) { Array($0) })
        let parts = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { range in
            text.dropFirst(range.lowerBound).prefix(range.count)
        }
        return parts.joined(separator: "-")
    }

    static func number(_ number: Int) -> String { "PI-\(100_000_000 + number)" }

    static func event(_ number: Int) -> Event {
        let mixed = UInt64(number) &* 0xd134_2543_de82_ef95
        let arrival = Arrival(
            connection: connection,
            key: EventKey(high: mixed, low: UInt64(number)),
            kind: "notification",
            receivedMilliseconds: began,
            body: Array(repeating: UInt8(ascii: "x"), count: 600)
        )
        return Event(sequence: Int64(number) + 1, arrival: arrival)
    }

    static func link(_ number: Int) -> Core.Link {
        var values = JSON.Object()
        values["name"] = .string(Self.number(number))
        values["vendor"] = .string("Contoso Office Supplies \(number % 900)")
        values["date"] = .string(#"{"date":"2026-11-20"}"#)
        values["amount"] = .string("\(number % 10_000).50")
        values["status"] = .string(#"{"label":"Open"}"#)
        return Core.Link(
            route: route,
            key: key(number),
            target: "\(7_000_000_000 + number)",
            number: Self.number(number),
            values: values,
            writtenMilliseconds: began
        )
    }

    /// About 400 bytes, as a change of two fields makes it.
    static func entry(_ number: Int, round: Int = 0) -> AuditEntry {
        AuditEntry(
            atMilliseconds: began + Int64(number) * 1_000 + Int64(round),
            connection: "orders",
            route: route,
            key: key(number),
            number: Self.number(number),
            target: "\(7_000_000_000 + number)",
            decision: round == 0 ? .created : .updated,
            cause: "webhook \(number)",
            fields: [
                AuditEntry.Field(
                    name: "amount",
                    before: .string("\(number % 10_000).50"),
                    after: .string("\(round).75")
                ),
                AuditEntry.Field(name: "status", before: .string("Open"), after: .string("Paid")),
            ],
            requestID: "0ddcf4fd-f231-4b93-9b38-3aab65b7fd70"
        )
    }

    func fill(_ path: String) async throws {
        let store = try await SQLiteTenantStore.open(path, options: Database.Options(cacheKibibytes: 262_144))
        for start in stride(from: 0, to: records, by: Self.batch) {
            if start % 100_000 == 0, start > 0 { Progress.say("\(start) records are there") }
            try await fill(start..<min(start + Self.batch, records), of: store)
        }
        await store.close()
    }

    /// Each record has had a webhook, an item and ten decisions, and waits to be looked at again; one in a hundred is
    /// parked.
    private func fill(_ numbers: Range<Int>, of store: SQLiteTenantStore) async throws {
        _ = try await store.accept(numbers.map(Self.event), for: Self.connection)
        let ids = try await store.waiting(for: Self.connection, after: 0, limit: numbers.count).map(\.id)
        let marks = numbers.map { Self.mark($0, .background) }
        _ = try await store.settle(ids, marking: marks, for: Self.connection, atMilliseconds: Self.began)
        let conclusions = numbers.map { number in
            let isParked = number % 100 == 7
            var conclusion = Conclusion(
                route: Self.route,
                key: Self.key(number),
                version: isParked ? 1 : 0,
                end: .parked(kind: "validation", reason: "“Status” has no label “Paid”", attempts: 1),
                link: Self.link(number)
            )
            conclusion.audit = (0..<Self.linesPerRecord).map { Self.entry(number, round: $0) }
            return conclusion
        }
        try await store.conclude(conclusions, at: Self.began, for: Self.connection)
        let neighbours = numbers.filter { $0 % 100 == 0 }.map { number in
            Conclusion(route: "r", key: "k", version: 0, end: .done, audit: [Self.entry(number)])
        }
        try await store.conclude(neighbours, at: Self.began, for: Self.neighbour)
    }

    static func mark(_ number: Int, _ lane: Lane) -> Mark {
        Mark(route: route, key: key(number), lane: lane, cause: "webhook \(number)", heardMilliseconds: began)
    }
}
