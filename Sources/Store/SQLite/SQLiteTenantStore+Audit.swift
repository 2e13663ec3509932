import Core

extension SQLiteTenantStore {
    package func conclude(_ conclusions: [Conclusion], at now: Int64, for connection: Int64) throws {
        guard !conclusions.isEmpty else { return }
        let database = try database
        try database.transaction {
            var chain = try auditHead(in: database)
            let before = chain.sequence
            for conclusion in conclusions {
                try end(conclusion, for: connection, in: database)
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
                for entry in conclusion.audit { try append(chain.append(entry), for: connection, in: database) }
            }
            guard chain.sequence > before else { return }
            try database.run(
                "INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)",
                .text(Self.auditEnd),
                .text(chain.text)
            )
        }
    }

    private func end(_ conclusion: Conclusion, for connection: Int64, in database: Database) throws {
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
        case .parked(let kind, let reason, let attempts):
            try database.run(
                "UPDATE change SET parked = 1, kind = ?5, reason = ?6, attempts = ?7, missing = NULL WHERE \(here)",
                place[0],
                place[1],
                place[2],
                place[3],
                .text(kind),
                .text(reason),
                .integer(Int64(attempts))
            )
        }
    }

    private func put(_ link: Link, for connection: Int64, in database: Database) throws {
        try database.run(
            """
            INSERT OR REPLACE INTO link (connection, route, key, target, number, state, written, fields)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .integer(connection),
            .text(link.route),
            .text(link.key),
            .text(link.target),
            .text(link.number),
            .text(link.state.rawValue),
            .integer(link.writtenMilliseconds),
            .text(JSON.object(link.values).text())
        )
    }

    // MARK: The chain

    /// Kept beside the lines: the last ones could be taken out, and nothing behind them would show it.
    private static let auditEnd = "audit.end"

    private func auditHead(in database: Database) throws -> AuditChain {
        let text = try database.first("SELECT value FROM setting WHERE name = ?", .text(Self.auditEnd)) { $0.text(0) }
        guard let text else { return AuditChain() }
        guard let chain = AuditChain(text: text) else {
            throw StoreError.corrupt(file: path, detail: "the end of its audit is not known")
        }
        return chain
    }

    package func auditChain() throws -> AuditChain {
        try auditHead(in: database)
    }

    private func append(_ line: AuditLine, for connection: Int64, in database: Database) throws {
        try database.run(
            "INSERT INTO audit (sequence, connection, line, hash) VALUES (?, ?, ?, ?)",
            .integer(line.sequence),
            .integer(connection),
            .text(line.text),
            .bytes(line.hash)
        )
    }

    package func audit(after sequence: Int64, limit: Int, for connection: Int64?) throws -> [AuditLine] {
        var lines: [AuditLine] = []
        try database.each(
            """
            SELECT sequence, line, hash FROM audit WHERE sequence > ? AND (?2 IS NULL OR connection = ?2)
            ORDER BY sequence LIMIT ?3
            """,
            .integer(sequence),
            connection.map { .integer($0) } ?? .null,
            .integer(Int64(limit))
        ) { row in
            lines.append(AuditLine(sequence: row.integer(0), text: row.text(1), hash: row.bytes(2)))
        }
        return lines
    }

    // MARK: For people

    package func records(_ query: RecordQuery, for connection: Int64) throws -> [RecordFacts] {
        var records: [RecordFacts] = []
        try database.each(
            """
            WITH known (route, key) AS (
                SELECT route, key FROM link WHERE connection = ?1
                UNION SELECT route, key FROM change WHERE connection = ?1)
            SELECT known.route, known.key, change.key, change.parked, change.attempts, change.reason,
                link.target, link.number, link.state, link.written, link.fields
            FROM known
            LEFT JOIN link ON link.connection = ?1 AND link.route = known.route AND link.key = known.key
            LEFT JOIN change ON change.connection = ?1 AND change.route = known.route AND change.key = known.key
            WHERE (?2 IS NULL OR known.route = ?2) AND (NOT ?3 OR change.parked)
                AND (?4 IS NULL OR ?4 IN (known.key, link.target, link.number)) AND (?5 IS NULL OR known.key > ?5)
            ORDER BY known.key LIMIT ?6
            """,
            .integer(connection),
            query.route.map { .text($0) } ?? .null,
            .integer(query.parked ? 1 : 0),
            query.name.map { .text($0) } ?? .null,
            query.after.map { .text($0) } ?? .null,
            .integer(Int64(query.limit))
        ) { row in
            let (route, key) = (row.text(0), row.text(1))
            records.append(
                RecordFacts(
                    route: route,
                    key: key,
                    link: row.isNull(6) ? nil : try link(route, key, row, from: 6),
                    isWaiting: !row.isNull(2) && row.integer(3) == 0,
                    isParked: row.integer(3) == 1,
                    attempts: Int(row.integer(4)),
                    reason: row.isNull(5) ? nil : row.text(5)
                )
            )
        }
        return records
    }
}
