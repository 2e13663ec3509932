import Core

/// What people ask of records, and what they want done with those that are parked.
extension SQLiteTenantStore {
    package func records(_ query: RecordQuery, for connection: Int64) throws -> [RecordFacts] {
        let database = try database
        // Never before the route that is wanted: what lies there would fill the page.
        var start = RecordPlace(route: query.route ?? "", key: "")
        if let after = query.after, after.route >= start.route { start = after }
        var records: [RecordFacts] = []
        try database.each(
            """
            SELECT known.route, known.key, change.key, change.parked, change.attempts, change.tries, change.kind,
                change.reason, change.cause, change.parked_at, change.failing,
                link.target, link.number, link.state, link.written, link.fields, link.kept
            FROM (\(Self.places(query))) AS known
            LEFT JOIN link ON link.connection = ?1 AND link.route = known.route AND link.key = known.key
            LEFT JOIN change ON change.connection = ?1 AND change.route = known.route AND change.key = known.key
            WHERE (?2 IS NULL OR known.route = ?2) AND (NOT ?8 OR change.parked) AND (?9 IS NULL OR change.kind = ?9)
                AND (?10 IS NULL OR change.parked_at >= ?10) AND (?11 IS NULL OR change.parked_at < ?11)
                AND (?12 IS NULL OR change.cause = ?12)
            ORDER BY known.route, known.key LIMIT ?7
            """,
            .integer(connection),
            query.route.map { .text($0) } ?? .null,
            .text(query.route ?? Self.lastText),
            .text(start.route),
            .text(start.key),
            query.name.map { .text($0) } ?? .null,
            .integer(Int64(query.limit)),
            .integer(query.isOfParked ? 1 : 0),
            query.kind.map { .text($0) } ?? .null,
            query.sinceMilliseconds.map { .integer($0) } ?? .null,
            query.untilMilliseconds.map { .integer($0) } ?? .null,
            query.cause.map { .text($0) } ?? .null
        ) { row in records.append(try facts(row)) }
        return records
    }

    private func facts(_ row: Statement.Row) throws -> RecordFacts {
        let (route, key) = (row.text(0), row.text(1))
        let isParked = row.integer(3) == 1
        return RecordFacts(
            route: route,
            key: key,
            link: row.isNull(11) ? nil : try link(route, key, row, from: 11),
            isWaiting: !row.isNull(2) && !isParked,
            parking: isParked
                ? RecordFacts.Parking(
                    kind: row.text(6),
                    reason: row.text(7),
                    cause: row.text(8),
                    parkedMilliseconds: row.integer(9),
                    failingSinceMilliseconds: row.integer(10)
                ) : nil,
            attempts: Int(isParked ? row.integer(5) : row.integer(4))
        )
    }

    /// Behind every text that a route is named by.
    private static let lastText = "\u{10FFFF}"

    /// Each way through the index that serves it: of a million records a page costs what a page holds.
    private static func places(_ query: RecordQuery) -> String {
        let span = "(route, key) > (?4, ?5) AND route <= ?3"
        if query.name != nil { return "SELECT route, key FROM (\(named)) WHERE \(span)" }
        if query.isOfParked {
            return
                "SELECT route, key FROM change INDEXED BY change_parked WHERE parked = 1 AND connection = ?1 AND \(span)"
        }
        return """
            SELECT route, key FROM link WHERE connection = ?1 AND \(span)
            UNION SELECT route, key FROM change WHERE connection = ?1 AND \(span)
            ORDER BY route, key LIMIT ?7
            """
    }

    /// No index begins with the key: it is looked for in each route, of which there are few.
    private static let named = """
        WITH RECURSIVE each (route) AS (
            SELECT min(route) FROM (
                SELECT min(route) AS route FROM link WHERE connection = ?1
                UNION ALL SELECT min(route) FROM change WHERE connection = ?1)
            UNION ALL SELECT (SELECT min(route) FROM (
                SELECT min(route) AS route FROM link WHERE connection = ?1 AND route > each.route
                UNION ALL SELECT min(route) FROM change WHERE connection = ?1 AND route > each.route))
            FROM each WHERE each.route IS NOT NULL)
        SELECT route, key FROM link WHERE connection = ?1 AND target = ?6
        UNION SELECT route, key FROM link WHERE connection = ?1 AND number = ?6
        UNION SELECT each.route, ?6 FROM each
            WHERE EXISTS (SELECT 1 FROM link WHERE connection = ?1 AND route = each.route AND key = ?6)
                OR EXISTS (SELECT 1 FROM change WHERE connection = ?1 AND route = each.route AND key = ?6)
        """

    // MARK: Replay

    package func replay(
        _ query: RecordQuery,
        _ wish: ReplayWish,
        at now: Int64,
        for connection: Int64
    ) throws -> [RecordFacts] {
        var query = query
        // Without a name it would be every record there is.
        if query.name == nil { query.parked = true }
        let database = try database
        return try database.transaction {
            let records = try records(query, for: connection)
            guard !records.isEmpty else { return [] }
            var chain = try chain(Self.auditEnd, in: database)
            for record in records {
                let entry = AuditEntry(of: record, replayedFor: wish, at: now)
                let mark = Mark(
                    route: record.route,
                    key: record.key,
                    lane: wish.lane,
                    cause: entry.cause,
                    heardMilliseconds: now
                )
                try take(mark, for: connection, in: database)
                try append(entry, to: &chain, for: connection, in: database)
            }
            try keep(chain, as: Self.auditEnd, in: database)
            return records
        }
    }
}

extension AuditEntry {
    fileprivate init(of record: RecordFacts, replayedFor wish: ReplayWish, at now: Int64) {
        self.init(
            atMilliseconds: now,
            connection: wish.connection,
            route: record.route,
            key: record.key,
            number: record.link?.number ?? "",
            target: record.link?.target,
            decision: .replayed,
            cause: "replay by \(wish.person)",
            reason: record.parking.map { "was parked: \($0.reason)" }
        )
    }
}
