import Core

extension SQLiteTenantStore {
    package func conclude(_ conclusions: [Conclusion], at now: Int64, for connection: Int64) throws {
        guard !conclusions.isEmpty else { return }
        let database = try database
        try database.transaction {
            var chain = try chain(Self.auditEnd, in: database)
            let before = chain.sequence
            for conclusion in conclusions {
                try end(conclusion, at: now, for: connection, in: database)
                if conclusion.unlinks {
                    try database.run(
                        "DELETE FROM link WHERE connection = ? AND route = ? AND key = ?",
                        .integer(connection),
                        .text(conclusion.route),
                        .text(conclusion.key)
                    )
                }
                if let link = conclusion.link { try put(link, for: connection, in: database) }
                if let intent = conclusion.intent {
                    try database.run(
                        "DELETE FROM intent WHERE id = ? AND connection = ?",
                        .integer(intent),
                        .integer(connection)
                    )
                }
                for entry in conclusion.audit { try append(entry, to: &chain, for: connection, in: database) }
                for intent in conclusion.next { _ = try insert(intent, for: connection, in: database) }
            }
            guard chain.sequence > before else { return }
            try keep(chain, as: Self.auditEnd, in: database)
        }
    }

    /// Inside of a transaction of its caller.
    func append(_ entries: [AuditEntry], for connection: Int64, in database: Database) throws {
        guard !entries.isEmpty else { return }
        var chain = try chain(Self.auditEnd, in: database)
        for entry in entries { try append(entry, to: &chain, for: connection, in: database) }
        try keep(chain, as: Self.auditEnd, in: database)
    }

    private func end(_ conclusion: Conclusion, at now: Int64, for connection: Int64, in database: Database) throws {
        let place: [Statement.Value] = [
            .integer(connection), .text(conclusion.route), .text(conclusion.key), .integer(conclusion.version),
        ]
        // A mark that came meanwhile has counted the version up: then the change stays, due as it is.
        let here = "connection = ?1 AND route = ?2 AND key = ?3 AND version = ?4"
        switch conclusion.end {
        case .done: try database.run("DELETE FROM change WHERE \(here)", place[0], place[1], place[2], place[3])
        case .later(let due, let attempts, let missingSince):
            try database.run(
                "UPDATE change SET due = ?5, attempts = ?6, missing = ?7 WHERE \(here)",
                place[0],
                place[1],
                place[2],
                place[3],
                .integer(due),
                .integer(Int64(attempts)),
                missingSince.map { .integer($0) } ?? .null
            )
            // The mark knows nothing of a new item that the target's search does not show yet: who does not wait for it
            // makes another one. What seemed to be missing is asked for at once.
            guard database.changes == 0, missingSince == nil else { return }
            try database.run(
                "UPDATE change SET due = max(due, ?4) WHERE connection = ?1 AND route = ?2 AND key = ?3 AND NOT parked",
                place[0],
                place[1],
                place[2],
                .integer(due)
            )
        case .parked(let kind, let reason, let attempts):
            try database.run(
                """
                UPDATE change SET parked = 1, kind = ?5, reason = ?6, attempts = ?7, missing = NULL, parked_at = ?8,
                    failing = ifnull(failing, ?8), tries = tries + ?7 WHERE \(here)
                """,
                place[0],
                place[1],
                place[2],
                place[3],
                .text(kind),
                .text(reason),
                .integer(Int64(attempts)),
                .integer(now)
            )
        }
    }

    func put(_ link: Link, for connection: Int64, in database: Database) throws {
        try database.run(
            """
            INSERT OR REPLACE INTO link (connection, route, key, target, number, state, written, fields, kept)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .integer(connection),
            .text(link.route),
            .text(link.key),
            .text(link.target),
            .text(link.number),
            .text(link.state.rawValue),
            .integer(link.writtenMilliseconds),
            .text(JSON.object(link.values).text()),
            link.kept.count > 0 ? .text(JSON.object(link.kept).text()) : .null
        )
    }

    // MARK: The chain

    /// Kept beside the lines: the last ones could be taken out, and nothing behind them would show it.
    static let auditEnd = "audit.end"

    func chain(_ setting: String, in database: Database) throws -> AuditChain {
        let text = try database.first("SELECT value FROM setting WHERE name = ?", .text(setting)) { $0.text(0) }
        guard let text else { return AuditChain() }
        guard let chain = AuditChain(text: text) else {
            throw StoreError.corrupt(file: path, detail: "its \(setting) is not known")
        }
        return chain
    }

    func keep(_ chain: AuditChain, as setting: String, in database: Database) throws {
        try database.run(
            "INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)",
            .text(setting),
            .text(chain.text)
        )
    }

    package func auditChain() throws -> AuditChain {
        try chain(Self.auditEnd, in: database)
    }

    /// The names that people look for stand in columns of their own, beside the line that is tied.
    func append(
        _ entry: AuditEntry,
        to chain: inout AuditChain,
        for connection: Int64,
        in database: Database
    ) throws {
        let line = chain.append(entry)
        try database.run(
            "INSERT INTO audit (sequence, connection, line, hash, record, number, item) VALUES (?, ?, ?, ?, ?, ?, ?)",
            .integer(line.sequence),
            .integer(connection),
            .text(line.text),
            .bytes(line.hash),
            .text(entry.key),
            entry.number.isEmpty ? .null : .text(entry.number),
            entry.target.map { .text($0) } ?? .null
        )
    }

    package func audit(after sequence: Int64, limit: Int, for connection: Int64?) throws -> [AuditLine] {
        let bounds: [Statement.Value] = [.integer(sequence), .integer(Int64(limit))]
        guard let connection else {
            return try lines(
                "SELECT sequence, line, hash FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?",
                bounds
            )
        }
        return try lines(
            """
            SELECT sequence, line, hash FROM audit WHERE sequence > ? AND connection = ?3 ORDER BY sequence LIMIT ?2
            """,
            bounds + [.integer(connection)]
        )
    }

    func lines(_ sql: String, _ values: [Statement.Value]) throws -> [AuditLine] {
        var lines: [AuditLine] = []
        try database.each(sql, values) { row in
            lines.append(AuditLine(sequence: row.integer(0), text: row.text(1), hash: row.bytes(2)))
        }
        return lines
    }
}
