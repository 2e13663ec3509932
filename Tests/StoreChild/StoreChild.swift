import Core
import Glibc
import Store

/// Stores events until it is killed, and says on its standard output what has been acknowledged. A test kills it.
@main struct StoreChild {
    static func main() async throws {
        let arguments = CommandLine.arguments
        switch arguments.dropFirst().first {
        case "inbox": try await fillInbox(arguments[2])
        case "tenant": try await fillTenantStore(arguments[2], connection: Int64(arguments[3]) ?? 0)
        case "account": try await spendAccount(arguments[2])
        case "audit": try await pruneAudit(arguments[2])
        default: exit(2)
        }
    }

    /// Says "+ first last" after a commit, "- first last" before one that removes.
    static func fillInbox(_ path: String) async throws {
        let inbox = try await SQLiteInbox.open(path, waitingAtMost: .seconds(5))
        var kept = try await inbox.index().map(\.sequence)
        say("ready")
        for round in 0... {
            let removed = round % 5 == 4 ? Array(kept.prefix(12)) : []
            kept.removeFirst(removed.count)
            if let first = removed.first, let last = removed.last { say("- \(first) \(last)") }
            let batch = (0..<1 + round % 9).map { _ in arrival(for: 1, number: UInt64.random(in: 0 ... .max)) }
            let stored = try await inbox.commit(batch, removing: removed).sequences
            kept += stored
            say("+ \(stored.lowerBound) \(stored.upperBound - 1)")
        }
    }

    /// Offers the same numbers as every other child, one batch after the other, and says "+ number" for each stored one.
    static func fillTenantStore(_ path: String, connection: Int64) async throws {
        let store = try await SQLiteTenantStore.open(path)
        say("ready")
        for batch in 0..<40 as Range<UInt64> {
            let events = (batch * 10..<batch * 10 + 10).map {
                Event(sequence: Int64($0), arrival: arrival(for: connection, number: $0))
            }
            let accepted = try await store.accept(events, for: connection)
            say("+ \(accepted.stored) \(accepted.duplicates)")
        }
        say("done")
    }

    /// Enters an account again and again, and says so after each time. It never says that a call is over.
    static func spendAccount(_ path: String) async throws {
        let store = try await SQLiteTenantStore.open(path)
        let ask = WindowAsk(
            account: "m",
            owner: 1,
            windows: [Window("units", 1_000_000, .sliding(.seconds(3_600)))],
            charge: ["units": 1],
            lane: .live,
            longest: .seconds(30)
        )
        say("ready")
        for now in 1_800_000_000_000... as PartialRangeFrom<Int64> {
            guard case .entered(let pass) = try await store.enter(ask, at: now) else { exit(3) }
            say("+ \(pass.number)")
        }
    }

    /// Writes lines and removes old ones in turns, and says so after each time.
    static func pruneAudit(_ path: String) async throws {
        let store = try await SQLiteTenantStore.open(path)
        say("ready")
        for round in 0... as PartialRangeFrom<Int64> {
            let entries = (0..<Int.random(in: 1...9)).map { line in
                AuditEntry(
                    atMilliseconds: 1_000_000 + round,
                    connection: "child",
                    route: "r",
                    key: "\(round)-\(line)",
                    number: "",
                    decision: .created,
                    cause: "test"
                )
            }
            let end = Conclusion(route: "r", key: "a", version: 1, end: .done, audit: entries)
            try await store.conclude([end], at: 1, for: 1)
            say("+ \(entries.count)")
            let remover = AuditRemover(connection: 1, name: "child", atMilliseconds: 2_000_000)
            let removal = try await store.pruneAudit(before: 1_500_000, limit: Int.random(in: 1...12), by: remover)
            say("- \(removal.lines)")
        }
    }

    /// Its body can be told from its key, so that a reader sees whether they still belong together.
    static func arrival(for connection: Int64, number: UInt64) -> Arrival {
        let body = Array(repeatElement("\(number);", count: 1 + Int(number % 90)).joined().utf8)
        return Arrival(
            connection: connection,
            key: EventKey(high: 0, low: number),
            kind: "test",
            receivedMilliseconds: 1,
            body: body
        )
    }

    static func say(_ line: String) {
        var line = line + "\n"
        line.withUTF8 { bytes in
            // Whoever listened has gone: so do we.
            if write(1, bytes.baseAddress, bytes.count) != bytes.count { exit(1) }
        }
    }
}
