import Core

extension SQLiteTenantStore {
    // MARK: What waits

    package func mark(_ marks: [Mark], advancing progress: Progress?, for connection: Int64) throws {
        let database = try database
        try database.transaction {
            for mark in marks { try take(mark, for: connection, in: database) }
            guard let progress else { return }
            try database.run(
                "INSERT OR REPLACE INTO progress (connection, route, state) VALUES (?, ?, ?)",
                .integer(connection),
                .text(progress.route),
                .text(progress.state.text())
            )
        }
    }

    /// A mark makes whatever failed, was parked or seemed to be gone due now: it may work with what has changed. What
    /// waits for no such reason waits for the target, whose search shows a new item some seconds late: a mark leaves it
    /// that time, and no more than ten seconds, because the clock may have been set back. What is live already does not
    /// become background again. What was heard of the item stays beside what was heard of the record, as much of it as
    /// fits: who changed what there is known from nowhere else.
    func take(_ mark: Mark, for connection: Int64, in database: Database) throws {
        try database.run(
            """
            INSERT INTO change (connection, route, key, lane, due, since, cause, target_cause)
            VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, CASE WHEN ?7 THEN ?6 END)
            ON CONFLICT (connection, route, key) DO UPDATE SET
                lane = CASE WHEN parked THEN excluded.lane ELSE min(lane, excluded.lane) END,
                due = CASE WHEN attempts > 0 OR parked OR missing IS NOT NULL THEN excluded.due
                    ELSE min(due, excluded.due + 10000) END,
                since = CASE WHEN parked THEN excluded.since ELSE since END,
                target_cause = CASE
                    WHEN target_cause IS NULL OR parked OR length(target_cause) + length(excluded.target_cause) > 300
                        THEN coalesce(excluded.target_cause, target_cause)
                    WHEN excluded.target_cause IS NULL OR instr(', ' || target_cause || ', ', ', ' || excluded.target_cause || ', ') > 0
                        THEN target_cause
                    ELSE target_cause || ', ' || excluded.target_cause END,
                cause = excluded.cause, attempts = 0, parked = 0, kind = NULL, reason = NULL, version = version + 1
            """,
            .integer(connection),
            .text(mark.route),
            .text(mark.key),
            .integer(Int64(mark.lane.rawValue)),
            .integer(mark.heardMilliseconds),
            .text(mark.cause),
            .integer(mark.isOfTarget ? 1 : 0)
        )
    }

    package func changes(
        of route: String,
        lane: Lane,
        limit: Int,
        at now: Int64,
        for connection: Int64
    ) throws -> [Change] {
        var changes: [Change] = []
        try database.each(
            """
            SELECT key, cause, since, attempts, version, missing, target_cause FROM change
            WHERE connection = ? AND route = ? AND parked = 0 AND lane = ? AND due <= ? ORDER BY due LIMIT ?
            """,
            .integer(connection),
            .text(route),
            .integer(Int64(lane.rawValue)),
            .integer(now),
            .integer(Int64(limit))
        ) { row in
            changes.append(
                Change(
                    route: route,
                    key: row.text(0),
                    lane: lane,
                    cause: row.isNull(6) ? row.text(1) : Self.cause(row.text(1), after: row.text(6)),
                    sinceMilliseconds: row.integer(2),
                    attempts: Int(row.integer(3)),
                    version: row.integer(4),
                    missingSinceMilliseconds: row.isNull(5) ? nil : row.integer(5),
                    isOfTarget: !row.isNull(6)
                )
            )
        }
        return changes
    }

    private static func cause(_ last: String, after heard: String) -> String {
        heard == last || heard.hasSuffix(", \(last)") ? heard : "\(heard), \(last)"
    }

    package func queue(of route: String?, at now: Int64, for connection: Int64) throws -> QueueFacts {
        var facts = QueueFacts()
        try database.each(
            """
            SELECT parked, lane, changes, CASE WHEN NOT parked THEN (
                SELECT due FROM change WHERE connection = queued.connection AND route = queued.route AND parked = 0
                    AND lane = queued.lane AND due > ?3 ORDER BY due LIMIT 1) END
            FROM queued WHERE connection = ?1 AND (?2 IS NULL OR route = ?2) AND changes > 0
            """,
            .integer(connection),
            route.map { .text($0) } ?? .null,
            .integer(now)
        ) { row in
            let count = Int(row.integer(2))
            switch (row.integer(0), Lane(rawValue: UInt8(truncatingIfNeeded: row.integer(1)))) {
            case (0, .interactive), (0, .live): facts.live += count
            case (0, _): facts.background += count
            default: facts.parked += count
            }
            guard !row.isNull(3) else { return }
            facts.nextDueMilliseconds = min(facts.nextDueMilliseconds ?? .max, row.integer(3))
        }
        return facts
    }

    package func progress(of route: String, for connection: Int64) throws -> JSON? {
        let text = try database.first(
            "SELECT state FROM progress WHERE connection = ? AND route = ?",
            .integer(connection),
            .text(route)
        ) { $0.text(0) }
        return try text.map { try stored($0, "progress") }
    }

    // MARK: Links and intents

    package func links(_ keys: [String], of route: String, for connection: Int64) throws -> [String: Link] {
        var links: [String: Link] = [:]
        for key in keys {
            links[key] = try database.first(
                """
                SELECT target, number, state, written, fields, kept FROM link
                WHERE connection = ? AND route = ? AND key = ?
                """,
                .integer(connection),
                .text(route),
                .text(key)
            ) { row in try link(route, key, row, from: 0) }
        }
        return links
    }

    func link(_ route: String, _ key: String, _ row: Statement.Row, from column: Int32) throws -> Link {
        Link(
            route: route,
            key: key,
            target: row.text(column),
            number: row.text(column + 1),
            values: try object(row.text(column + 4), "link"),
            kept: row.isNull(column + 5) ? JSON.Object() : try object(row.text(column + 5), "link"),
            state: Link.State(rawValue: row.text(column + 2)) ?? .live,
            writtenMilliseconds: row.integer(column + 3)
        )
    }

    package func keys(
        ofTargets targets: [String],
        of route: String,
        for connection: Int64
    ) throws -> [String: [String]] {
        var keys: [String: [String]] = [:]
        for target in targets where keys[target] == nil {
            try database.each(
                "SELECT key FROM link WHERE connection = ? AND target = ? AND route = ? ORDER BY key",
                .integer(connection),
                .text(target),
                .text(route)
            ) { row in keys[target, default: []].append(row.text(0)) }
        }
        return keys
    }

    package func forgetLinks(of route: String, for connection: Int64) throws {
        let database = try database
        // A million at once would keep all others from the file for a minute. Whoever asked asks again after a crash.
        repeat {
            try database.transaction {
                try database.run(
                    """
                    DELETE FROM link WHERE connection = ?1 AND route = ?2
                        AND key IN (SELECT key FROM link WHERE connection = ?1 AND route = ?2 LIMIT 2000)
                    """,
                    .integer(connection),
                    .text(route)
                )
            }
        } while database.changes > 0
    }

    package func intend(_ intents: [Intent], for connection: Int64) throws -> [Intent] {
        let database = try database
        return try database.transaction {
            try intents.map { try insert($0, for: connection, in: database) }
        }
    }

    func insert(_ intent: Intent, for connection: Int64, in database: Database) throws -> Intent {
        try database.run(
            """
            INSERT INTO intent (connection, route, key, batch, action, target, number, fields, aside, cause, version,
                since, made) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .integer(connection),
            .text(intent.route),
            .text(intent.key),
            .text(intent.batch),
            .text(intent.action.rawValue),
            intent.target.map { .text($0) } ?? .null,
            .text(intent.number),
            .text(JSON.object(intent.values).text()),
            intent.aside.map { .text(JSON.object($0.state).text()) } ?? .null,
            .text(intent.cause),
            .integer(intent.version),
            .integer(intent.sinceMilliseconds),
            .integer(intent.madeMilliseconds)
        )
        var stored = intent
        stored.id = database.lastInsertedRow
        return stored
    }

    package func openIntents(of route: String, for connection: Int64) throws -> [Intent] {
        var intents: [Intent] = []
        try database.each(
            """
            SELECT id, key, batch, action, target, number, fields, cause, version, since, made, aside FROM intent
            WHERE connection = ? AND route = ? ORDER BY id
            """,
            .integer(connection),
            .text(route)
        ) { row in
            guard let action = Intent.Action(rawValue: row.text(3)) else {
                throw StoreError.corrupt(file: path, detail: "an intent to do nothing we know")
            }
            var intent = Intent(
                batch: row.text(2),
                route: route,
                key: row.text(1),
                action: action,
                target: row.isNull(4) ? nil : row.text(4),
                number: row.text(5),
                values: try object(row.text(6), "intent"),
                aside: row.isNull(11) ? nil : Aside(try object(row.text(11), "intent")),
                cause: row.text(7),
                version: row.integer(8),
                sinceMilliseconds: row.integer(9),
                madeMilliseconds: row.integer(10)
            )
            intent.id = row.integer(0)
            intents.append(intent)
        }
        return intents
    }

    // MARK: What JSON we stored ourselves

    func stored(_ text: String, _ what: String) throws -> JSON {
        guard let value = try? JSON.parse(text) else {
            throw StoreError.corrupt(file: path, detail: "the stored \(what) is no JSON")
        }
        return value
    }

    func object(_ text: String, _ what: String) throws -> JSON.Object {
        guard case .object(let object) = try stored(text, what) else {
            throw StoreError.corrupt(file: path, detail: "the stored \(what) is no object")
        }
        return object
    }
}
