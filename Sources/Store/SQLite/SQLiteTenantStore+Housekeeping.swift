import Core

extension SQLiteTenantStore {
    package func replace(_ old: String?, with new: String?, setting name: String) throws -> Bool {
        let database = try database
        return try database.quickTransaction {
            guard try setting(name) == old else { return false }
            try put(new, setting: name)
            return true
        }
    }

    package func settings(named beginning: String) throws -> [String: String] {
        var settings: [String: String] = [:]
        try database.each(
            "SELECT name, value FROM setting WHERE name >= ?1 AND substr(name, 1, length(?1)) = ?1",
            .text(beginning)
        ) { settings[$0.text(0)] = $0.text(1) }
        return settings
    }

    package func forgetArchivedLinks(before milliseconds: Int64, limit: Int) throws -> Int {
        let database = try database
        var found: [(connection: Int64, route: String, key: String)] = []
        func find() throws {
            // One of which a change waits may be about to live again.
            try database.each(
                """
                SELECT connection, route, key FROM link WHERE state = 'archived' AND written < ? AND NOT EXISTS (
                    SELECT 1 FROM change WHERE change.connection = link.connection AND change.route = link.route
                        AND change.key = link.key)
                ORDER BY written LIMIT ?
                """,
                .integer(milliseconds),
                .integer(Int64(limit))
            ) { found.append(($0.integer(0), $0.text(1), $0.text(2))) }
        }
        try database.quickTransaction {
            try find()
            for link in found {
                try database.run(
                    "DELETE FROM link WHERE connection = ? AND route = ? AND key = ?",
                    .integer(link.connection),
                    .text(link.route),
                    .text(link.key)
                )
            }
        }
        return found.count
    }

    // MARK: The audit's beginning

    private static let auditStart = "audit.start"

    package func auditStart() throws -> AuditChain {
        try chain(Self.auditStart, in: database)
    }

    package func pruneAudit(before milliseconds: Int64, limit: Int, by remover: AuditRemover) throws -> AuditRemoval {
        let database = try database
        func oldest(_ limit: Int) throws -> [AuditLine] {
            try audit(after: auditStart().sequence, limit: limit, for: nil)
        }
        // Mostly there is nothing to do, and nobody has to wait for that.
        guard let first = try oldest(1).first,
            AgedLine(first).isOld(before: milliseconds) || AgedLine(first).isAhead(of: remover.atMilliseconds)
        else { return AuditRemoval() }
        return try database.quickTransaction {
            let start = try auditStart()
            let lines = try oldest(limit)
            let (through, removal) = AgedLine.oldest(
                lines,
                after: start,
                before: milliseconds,
                atMost: limit,
                now: remover.atMilliseconds
            )
            guard through.sequence > start.sequence else { return removal }
            try database.run("DELETE FROM audit WHERE sequence <= ?", .integer(through.sequence))
            try keep(through, as: Self.auditStart, in: database)
            var end = try auditChain()
            let entry = AuditEntry.pruned(from: start, to: through, by: remover)
            try append(entry, to: &end, for: remover.connection, in: database)
            try keep(end, as: Self.auditEnd, in: database)
            return removal
        }
    }

    // MARK: Accounts

    package func forgetAccounts(spentBefore now: Int64, unusedSince unused: Int64) throws {
        let database = try database
        var accounts: [String] = []
        try database.each("SELECT name FROM account") { accounts.append($0.text(0)) }
        for account in accounts {
            try database.quickTransaction {
                try database.run("DELETE FROM spent WHERE account = ? AND frees <= ?", .text(account), .integer(now))
                try database.run(
                    """
                    DELETE FROM account WHERE name = ?1 AND seen < ?2 AND closed < ?2
                        AND NOT EXISTS (SELECT 1 FROM spent WHERE account = ?1)
                    """,
                    .text(account),
                    .integer(unused)
                )
                guard database.changes > 0 else { return }
                for table in ["pace", "line", "circuit"] {
                    try database.run("DELETE FROM \(table) WHERE account = ?", .text(account))
                }
            }
        }
    }

    // MARK: Room

    /// A log that keeps its size is written faster, so a small one stays as it is.
    private static let usualLog = 1 << 20

    package func compact() throws -> Bool {
        let database = try database
        guard try !database.giveBackPages() else { return true }
        if fileBytes(at: path + "-wal") > Self.usualLog { database.shortenLog() }
        return false
    }
}
