import Core

extension SQLiteTenantStore {
    // MARK: Which one is under way

    package func reconciles(for connection: Int64) throws -> [ReconcileFacts] {
        var all: [ReconcileFacts] = []
        try database.each(
            "SELECT route, run, rested, wish, running, last FROM reconcile WHERE connection = ? ORDER BY route",
            .integer(connection)
        ) { row in all.append(try facts(row)) }
        return all
    }

    package func reconcile(of route: String, at now: Int64, for connection: Int64) throws -> ReconcileFacts {
        let known = try database.first(
            "SELECT route, run, rested, wish, running, last FROM reconcile WHERE connection = ? AND route = ?",
            .integer(connection),
            .text(route)
        ) { row in try facts(row) }
        if let known { return known }
        try database.run(
            "INSERT INTO reconcile (connection, route, rested) VALUES (?, ?, ?)",
            .integer(connection),
            .text(route),
            .integer(now)
        )
        return ReconcileFacts(route: route, run: 0, restedMilliseconds: now)
    }

    private func facts(_ row: Statement.Row) throws -> ReconcileFacts {
        func json(_ column: Int32) throws -> JSON? {
            // A plain nil would be JSON's own.
            row.isNull(column) ? Optional.none : try stored(row.text(column), "reconcile")
        }
        return ReconcileFacts(
            route: row.text(0),
            run: Int(row.integer(1)),
            restedMilliseconds: row.integer(2),
            wish: try json(3).map { try ReconcileWish($0) },
            // One that another version began in other words begins anew.
            running: try json(4).flatMap { try? Reconciliation($0) },
            last: try json(5).flatMap { try? Reconciliation($0) }
        )
    }

    package func wish(_ wish: ReconcileWish, reconciling route: String, for connection: Int64) throws -> Bool {
        let database = try database
        try database.run(
            "UPDATE reconcile SET wish = ?3 WHERE connection = ?1 AND route = ?2",
            .integer(connection),
            .text(route),
            .text(wish.json.text())
        )
        return database.changes == 1
    }

    package func begin(_ reconciliation: Reconciliation, of route: String, for connection: Int64) throws {
        let database = try database
        try database.transaction {
            try database.run(
                """
                UPDATE reconcile SET run = ?3, running = ?4, wish = CASE WHEN wish = ?5 THEN NULL ELSE wish END
                WHERE connection = ?1 AND route = ?2
                """,
                .integer(connection),
                .text(route),
                .integer(Int64(reconciliation.run)),
                .text(reconciliation.json.text()),
                .text(reconciliation.wish.json.text())
            )
            // Left by one that was given up; those of the last one that was finished are shown until this one is.
            try database.run(
                "DELETE FROM reconcile_line WHERE connection = ? AND route = ? AND run >= ?",
                .integer(connection),
                .text(route),
                .integer(Int64(reconciliation.run))
            )
        }
    }

    private func keep(_ running: Reconciliation, of route: String, for connection: Int64, in database: Database) throws
    {
        try database.run(
            "UPDATE reconcile SET running = ?3 WHERE connection = ?1 AND route = ?2",
            .integer(connection),
            .text(route),
            .text(running.json.text())
        )
    }

    // MARK: What was seen

    package func saw(
        _ seen: [Seen],
        of route: String,
        going reconciliation: Reconciliation,
        for connection: Int64
    ) throws {
        let database = try database
        try database.transaction {
            for one in seen {
                let print = one.print.map { Statement.Value.bytes($0) } ?? .null
                switch (one.side, one.key) {
                case (.records, let key?):
                    try database.run(
                        """
                        INSERT OR REPLACE INTO reconcile_record (connection, route, key, print) VALUES (?, ?, ?, ?)
                        """,
                        .integer(connection),
                        .text(route),
                        .text(key),
                        print
                    )
                case (.items, let key?):
                    try database.run(
                        """
                        INSERT OR REPLACE INTO reconcile_item (connection, route, item, key, print)
                        VALUES (?, ?, ?, ?, ?)
                        """,
                        .integer(connection),
                        .text(route),
                        .text(one.item),
                        .text(key),
                        print
                    )
                // Somebody else's.
                case (.records, nil), (.items, nil): break
                }
            }
            try keep(reconciliation, of: route, for: connection, in: database)
        }
    }

    package func forget(_ side: Seen.Side, of route: String, limit: Int, for connection: Int64) throws -> Bool {
        let database = try database
        let (table, name) =
            switch side {
            case .records: ("reconcile_record", "key")
            case .items: ("reconcile_item", "item")
            }
        try database.run(
            """
            DELETE FROM \(table) WHERE connection = ?1 AND route = ?2 AND \(name) IN (
                SELECT \(name) FROM \(table) WHERE connection = ?1 AND route = ?2 LIMIT ?3)
            """,
            .integer(connection),
            .text(route),
            .integer(Int64(limit))
        )
        return database.changes < limit
    }

    package func weigh(_ route: String, for connection: Int64) throws -> (items: Int, extra: Int) {
        try database.first(
            """
            SELECT count(*), count(CASE WHEN NOT EXISTS (
                SELECT 1 FROM reconcile_record AS record
                WHERE record.connection = ?1 AND record.route = ?2 AND record.key = item.key) THEN 1 END)
            FROM (SELECT DISTINCT key FROM reconcile_item WHERE connection = ?1 AND route = ?2) AS item
            """,
            .integer(connection),
            .text(route)
        ) { row in (Int(row.integer(0)), Int(row.integer(1))) } ?? (0, 0)
    }

    // MARK: The comparison

    /// How many records are gone through at once: others wait for the store meanwhile.
    private static let stride: Int64 = 2_000

    package func suspects(
        after key: String,
        of route: String,
        limit: Int,
        for connection: Int64
    ) throws -> Suspects {
        let place: [Statement.Value] = [.integer(connection), .text(route), .text(key)]
        let last = try database.first(
            """
            SELECT key FROM reconcile_record WHERE connection = ?1 AND route = ?2 AND key > ?3
            ORDER BY key LIMIT 1 OFFSET \(Self.stride - 1)
            """,
            place[0],
            place[1],
            place[2]
        ) { $0.text(0) }
        var keys: [String] = []
        try database.each(
            """
            SELECT key FROM (SELECT * FROM (
                SELECT record.key AS key FROM reconcile_record AS record
                WHERE record.connection = ?1 AND record.route = ?2 AND record.key > ?3
                    AND (?4 IS NULL OR record.key <= ?4) AND NOT EXISTS (
                        SELECT 1 FROM link
                        JOIN reconcile_item AS item ON item.connection = ?1 AND item.route = ?2 AND item.item = link.target
                        WHERE link.connection = ?1 AND link.route = ?2 AND link.key = record.key AND link.state = 'live'
                            AND item.key = record.key AND item.print = record.print
                            AND (SELECT count(*) FROM reconcile_item AS one
                                WHERE one.connection = ?1 AND one.route = ?2 AND one.key = record.key) = 1)
                ORDER BY record.key LIMIT ?5)
            UNION SELECT * FROM (
                SELECT DISTINCT item.key AS key FROM reconcile_item AS item
                WHERE item.connection = ?1 AND item.route = ?2 AND item.key > ?3 AND (?4 IS NULL OR item.key <= ?4)
                    AND NOT EXISTS (SELECT 1 FROM reconcile_record AS record
                        WHERE record.connection = ?1 AND record.route = ?2 AND record.key = item.key)
                ORDER BY item.key LIMIT ?5))
            ORDER BY key LIMIT ?5
            """,
            place[0],
            place[1],
            place[2],
            last.map { .text($0) } ?? .null,
            .integer(Int64(limit))
        ) { keys.append($0.text(0)) }
        var suspects = Suspects()
        for key in keys { suspects.keys.append((key, try items(of: key, on: route, for: connection))) }
        suspects.through = keys.count == limit ? keys.last : last
        return suspects
    }

    /// More than these are not looked at in one run.
    private static let mostItemsOfOneKey = 50

    private func items(of key: String, on route: String, for connection: Int64) throws -> [String] {
        var items: [String] = []
        try database.each(
            """
            SELECT item FROM reconcile_item WHERE connection = ? AND route = ? AND key = ?
            ORDER BY length(item), item LIMIT \(Self.mostItemsOfOneKey)
            """,
            .integer(connection),
            .text(route),
            .text(key)
        ) { items.append($0.text(0)) }
        return items
    }

    package func standings(
        of keys: [String],
        on route: String,
        for connection: Int64
    ) throws -> [String: Standing] {
        var standings: [String: Standing] = [:]
        for key in keys {
            standings[key] = try database.first(
                """
                SELECT (SELECT parked FROM change WHERE connection = ?1 AND route = ?2 AND key = ?3),
                    EXISTS (SELECT 1 FROM intent WHERE connection = ?1 AND route = ?2 AND key = ?3)
                """,
                .integer(connection),
                .text(route),
                .text(key)
            ) { row in
                Standing(
                    isWaiting: !row.isNull(0) && row.integer(0) == 0,
                    isParked: row.integer(0) == 1,
                    isWriting: row.integer(1) == 1
                )
            }
        }
        return standings
    }

    package func owners(of items: [String], on route: String, for connection: Int64) throws -> [String: String] {
        var owners: [String: String] = [:]
        for item in items {
            owners[item] = try database.first(
                "SELECT key FROM link WHERE connection = ?1 AND target = ?3 AND route = ?2 AND state = 'live' LIMIT 1",
                .integer(connection),
                .text(route),
                .text(item)
            ) { $0.text(0) }
        }
        return owners
    }

    package func conclude(_ check: ReconcileCheck, of route: String, for connection: Int64) throws {
        let database = try database
        try database.transaction {
            var audit: [AuditEntry] = []
            for relink in check.relinks where try perform(relink, of: route, for: connection, in: database) {
                audit += relink.audit
            }
            for mark in check.marks { try take(mark, for: connection, in: database) }
            try append(audit, for: connection, in: database)
            let first = check.reconciliation.lines - check.lines.count
            for (number, drift) in check.lines.enumerated() {
                try database.run(
                    """
                    INSERT OR REPLACE INTO reconcile_line (connection, route, run, line, drift) VALUES (?, ?, ?, ?, ?)
                    """,
                    .integer(connection),
                    .text(route),
                    .integer(Int64(check.reconciliation.run)),
                    .integer(Int64(first + number)),
                    .text(drift.json.text())
                )
            }
            try keep(check.reconciliation, of: route, for: connection, in: database)
        }
    }

    private func perform(
        _ relink: Relink,
        of route: String,
        for connection: Int64,
        in database: Database
    ) throws -> Bool {
        // What is being written will say itself what the item holds.
        let isWriting = try database.first(
            "SELECT 1 FROM intent WHERE connection = ? AND route = ? AND key = ? LIMIT 1",
            .integer(connection),
            .text(route),
            .text(relink.key)
        ) { _ in true }
        guard isWriting == nil, try links([relink.key], of: route, for: connection)[relink.key] == relink.before else {
            return false
        }
        if let after = relink.after {
            try put(after, for: connection, in: database)
        } else {
            try database.run(
                "DELETE FROM link WHERE connection = ? AND route = ? AND key = ?",
                .integer(connection),
                .text(route),
                .text(relink.key)
            )
        }
        return true
    }

    // MARK: The report

    package func finish(
        _ reconciliation: Reconciliation,
        of route: String,
        audit: AuditEntry,
        for connection: Int64
    ) throws {
        let database = try database
        try database.transaction {
            try append([audit], for: connection, in: database)
            try database.run(
                "UPDATE reconcile SET running = NULL, last = ?3, rested = ?4 WHERE connection = ?1 AND route = ?2",
                .integer(connection),
                .text(route),
                .text(reconciliation.json.text()),
                .integer(reconciliation.finishedMilliseconds ?? reconciliation.beganMilliseconds)
            )
            try database.run(
                "DELETE FROM reconcile_line WHERE connection = ? AND route = ? AND run <> ?",
                .integer(connection),
                .text(route),
                .integer(Int64(reconciliation.run))
            )
        }
    }

    package func drifts(
        of route: String,
        run: Int,
        from line: Int,
        limit: Int,
        for connection: Int64
    ) throws -> [Drift] {
        var drifts: [Drift] = []
        try database.each(
            """
            SELECT drift FROM reconcile_line WHERE connection = ? AND route = ? AND run = ? AND line >= ?
            ORDER BY line LIMIT ?
            """,
            .integer(connection),
            .text(route),
            .integer(Int64(run)),
            .integer(Int64(line)),
            .integer(Int64(limit))
        ) { row in drifts.append(try Drift(try stored(row.text(0), "drift"))) }
        return drifts
    }
}
