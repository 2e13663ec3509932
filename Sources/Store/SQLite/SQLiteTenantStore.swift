import Core
import Transport

/// A tenant's store in one SQLite file, which the processes of all its connections open.
package actor SQLiteTenantStore: TenantStore {
    private let executor: any SerialExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    let path: String
    private var connection: Database?

    // The keys are kept apart from the bodies: bodies come and go and their pages are used again, keys stay for weeks.
    package static let schema = Schema(
        kind: 0x6d6c_7465,  // "mlte"
        title: "a tenant's store of ml-connector",
        steps: [
            """
            CREATE TABLE accepted (
                id INTEGER PRIMARY KEY AUTOINCREMENT, connection INTEGER NOT NULL, key BLOB NOT NULL, settled INTEGER
            ) STRICT;
            CREATE UNIQUE INDEX accepted_key ON accepted (connection, key);
            CREATE INDEX accepted_settled ON accepted (settled) WHERE settled IS NOT NULL;
            CREATE TABLE waiting (
                id INTEGER PRIMARY KEY, connection INTEGER NOT NULL, key BLOB NOT NULL, kind TEXT NOT NULL,
                received INTEGER NOT NULL, body BLOB NOT NULL
            ) STRICT;
            CREATE INDEX waiting_connection ON waiting (connection);
            CREATE TABLE tally (
                connection INTEGER PRIMARY KEY, accepted INTEGER NOT NULL, duplicates INTEGER NOT NULL,
                settled INTEGER NOT NULL
            ) STRICT;
            CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
            """,
            """
            CREATE TABLE change (
                connection INTEGER NOT NULL, route TEXT NOT NULL, key TEXT NOT NULL, parked INTEGER NOT NULL DEFAULT 0,
                lane INTEGER NOT NULL, due INTEGER NOT NULL, since INTEGER NOT NULL, cause TEXT NOT NULL,
                attempts INTEGER NOT NULL DEFAULT 0, version INTEGER NOT NULL DEFAULT 1, missing INTEGER,
                kind TEXT, reason TEXT, PRIMARY KEY (connection, route, key)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX change_due ON change (connection, route, parked, lane, due);
            CREATE TABLE link (
                connection INTEGER NOT NULL, route TEXT NOT NULL, key TEXT NOT NULL, target TEXT NOT NULL,
                number TEXT NOT NULL, state TEXT NOT NULL, written INTEGER NOT NULL, fields TEXT NOT NULL,
                PRIMARY KEY (connection, route, key)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX link_target ON link (connection, target);
            CREATE INDEX link_number ON link (connection, number);
            CREATE TABLE intent (
                id INTEGER PRIMARY KEY AUTOINCREMENT, connection INTEGER NOT NULL, route TEXT NOT NULL,
                key TEXT NOT NULL, batch TEXT NOT NULL, action TEXT NOT NULL, target TEXT, number TEXT NOT NULL,
                fields TEXT NOT NULL, cause TEXT NOT NULL, version INTEGER NOT NULL, since INTEGER NOT NULL,
                made INTEGER NOT NULL
            ) STRICT;
            CREATE INDEX intent_route ON intent (connection, route);
            CREATE TABLE progress (
                connection INTEGER NOT NULL, route TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (connection, route)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE audit (
                sequence INTEGER PRIMARY KEY, connection INTEGER NOT NULL, line TEXT NOT NULL, hash BLOB NOT NULL
            ) STRICT;
            CREATE INDEX audit_connection ON audit (connection);
            CREATE TABLE account (
                name TEXT PRIMARY KEY, closed INTEGER NOT NULL DEFAULT 0, live INTEGER NOT NULL DEFAULT 0,
                passes INTEGER NOT NULL DEFAULT 0, seen INTEGER NOT NULL DEFAULT 0
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE spent (
                account TEXT NOT NULL, window TEXT NOT NULL, frees INTEGER NOT NULL, pass INTEGER NOT NULL,
                units INTEGER NOT NULL, owner INTEGER, PRIMARY KEY (account, window, frees, pass)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX spent_pass ON spent (account, pass);
            CREATE INDEX spent_frees ON spent (account, frees);
            CREATE TABLE pace (
                account TEXT NOT NULL, window TEXT NOT NULL, due INTEGER NOT NULL, PRIMARY KEY (account, window)
            ) STRICT, WITHOUT ROWID;
            """,
            // A lane for what people ask for came before the others.
            "UPDATE change SET lane = lane + 1;",
            // What people ask for: since when a record is parked, and the lines of a record under any of its names.
            """
            ALTER TABLE change ADD COLUMN parked_at INTEGER;
            ALTER TABLE change ADD COLUMN failing INTEGER;
            ALTER TABLE change ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
            UPDATE change SET parked_at = since, failing = since, tries = attempts WHERE parked = 1;
            CREATE INDEX change_parked ON change (connection, route, key) WHERE parked = 1;
            ALTER TABLE audit ADD COLUMN record TEXT;
            ALTER TABLE audit ADD COLUMN number TEXT;
            ALTER TABLE audit ADD COLUMN item TEXT;
            UPDATE audit SET record = CAST(json_extract(line, '$.record') AS TEXT),
                number = CAST(nullif(json_extract(line, '$.number'), '') AS TEXT),
                item = CAST(json_extract(line, '$.item') AS TEXT) WHERE json_valid(line);
            CREATE INDEX audit_record ON audit (record);
            CREATE INDEX audit_number ON audit (number) WHERE number IS NOT NULL;
            CREATE INDEX audit_item ON audit (item) WHERE item IS NOT NULL;
            """,
            // Routes that go both ways: what was left on the target, and what a write goes over.
            "ALTER TABLE link ADD COLUMN kept TEXT; ALTER TABLE intent ADD COLUMN aside TEXT;",
            // What a comparison has seen of both sides, so that it goes on where it was.
            """
            CREATE TABLE reconcile (
                connection INTEGER NOT NULL, route TEXT NOT NULL, run INTEGER NOT NULL DEFAULT 0,
                rested INTEGER NOT NULL, wish TEXT, running TEXT, last TEXT, PRIMARY KEY (connection, route)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE reconcile_record (
                connection INTEGER NOT NULL, route TEXT NOT NULL, key TEXT NOT NULL, print BLOB,
                PRIMARY KEY (connection, route, key)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE reconcile_item (
                connection INTEGER NOT NULL, route TEXT NOT NULL, item TEXT NOT NULL, key TEXT NOT NULL, print BLOB,
                PRIMARY KEY (connection, route, item)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX reconcile_item_key ON reconcile_item (connection, route, key);
            CREATE TABLE reconcile_line (
                connection INTEGER NOT NULL, route TEXT NOT NULL, run INTEGER NOT NULL, line INTEGER NOT NULL,
                drift TEXT NOT NULL, PRIMARY KEY (connection, route, run, line)
            ) STRICT, WITHOUT ROWID;
            """,
            // Whose turn it is at each window, and whether the system is there at all.
            """
            CREATE TABLE line (
                account TEXT NOT NULL, window TEXT NOT NULL, lane INTEGER NOT NULL, remainder INTEGER NOT NULL,
                units INTEGER NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (account, window, lane)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE circuit (
                account TEXT PRIMARY KEY, outages INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL,
                probe INTEGER NOT NULL, prober INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            """,
            // What waits is counted as it comes and goes: whoever asks how much there is shall not count a million rows.
            """
            CREATE TABLE queued (
                connection INTEGER NOT NULL, route TEXT NOT NULL, parked INTEGER NOT NULL, lane INTEGER NOT NULL,
                changes INTEGER NOT NULL, PRIMARY KEY (connection, route, parked, lane)
            ) STRICT, WITHOUT ROWID;
            INSERT INTO queued SELECT connection, route, parked, lane, count(*) FROM change GROUP BY 1, 2, 3, 4;
            CREATE TRIGGER change_came AFTER INSERT ON change BEGIN
                INSERT INTO queued VALUES (NEW.connection, NEW.route, NEW.parked, NEW.lane, 1)
                    ON CONFLICT (connection, route, parked, lane) DO UPDATE SET changes = changes + 1;
            END;
            CREATE TRIGGER change_went AFTER DELETE ON change BEGIN
                UPDATE queued SET changes = changes - 1 WHERE connection = OLD.connection AND route = OLD.route
                    AND parked = OLD.parked AND lane = OLD.lane;
            END;
            CREATE TRIGGER change_moved AFTER UPDATE OF parked, lane ON change
            WHEN OLD.parked <> NEW.parked OR OLD.lane <> NEW.lane BEGIN
                UPDATE queued SET changes = changes - 1 WHERE connection = OLD.connection AND route = OLD.route
                    AND parked = OLD.parked AND lane = OLD.lane;
                INSERT INTO queued VALUES (NEW.connection, NEW.route, NEW.parked, NEW.lane, 1)
                    ON CONFLICT (connection, route, parked, lane) DO UPDATE SET changes = changes + 1;
            END;
            CREATE INDEX link_archived ON link (written) WHERE state = 'archived';
            """,
            // What was heard of an item, beside what was heard of its record.
            "ALTER TABLE change ADD COLUMN target_cause TEXT;",
        ]
    )

    /// On a thread of its own, because the disk may take its time; a simulation's takes none.
    package static func open(
        _ path: String,
        options: Database.Options = Database.Options(),
        on executor: any SerialExecutor = BlockingThread(named: "tenant store")
    ) async throws -> SQLiteTenantStore {
        let store = SQLiteTenantStore(path: path, on: executor)
        try await store.open(options)
        return store
    }

    private init(path: String, on executor: any SerialExecutor) {
        self.path = path
        self.executor = executor
    }

    private func open(_ options: Database.Options) throws {
        connection = try Database(path: path, schema: Self.schema, options: options)
    }

    package func close() {
        connection = nil
    }

    /// How SQLite finds the rows of each statement that was used so far: what a test looks at for one that reads them all.
    package func plans() throws -> [String: [String]] {
        try database.plans()
    }

    var database: Database {
        get throws {
            guard let connection else { throw StoreError.closed(file: path) }
            return connection
        }
    }

    package func accept(_ events: [Event], for connection: Int64) throws -> Accepted {
        guard !events.isEmpty else { return Accepted(stored: 0, duplicates: 0) }
        let database = try database
        return try database.transaction {
            var stored = 0
            for event in events where try claim(event.key, for: connection, in: database) {
                try keep(event.arrival, as: database.lastInsertedRow, for: connection, in: database)
                stored += 1
            }
            let accepted = Accepted(stored: stored, duplicates: events.count - stored)
            try count(accepted, settled: 0, for: connection, in: database)
            return accepted
        }
    }

    /// False when the connection has had the key before.
    private func claim(_ key: EventKey, for connection: Int64, in database: Database) throws -> Bool {
        let insert = try database.statement(
            "INSERT INTO accepted (connection, key) VALUES (?, ?) ON CONFLICT (connection, key) DO NOTHING"
        )
        insert.bind(1, connection)
        try key.withBytes { key in
            insert.bind(2, borrowing: key)
            try insert.run()
        }
        return database.changes == 1
    }

    private func keep(_ arrival: Arrival, as id: Int64, for connection: Int64, in database: Database) throws {
        let insert = try database.statement(
            "INSERT INTO waiting (id, connection, key, kind, received, body) VALUES (?, ?, ?, ?, ?, ?)"
        )
        insert.bind(1, id)
        insert.bind(2, connection)
        insert.bind(4, arrival.kind)
        insert.bind(5, arrival.receivedMilliseconds)
        try arrival.key.withBytes { key in
            try arrival.body.withUnsafeBytes { body in
                insert.bind(3, borrowing: key)
                insert.bind(6, borrowing: body)
                try insert.run()
            }
        }
    }

    package func waiting(for connection: Int64, after id: Int64, limit: Int) throws -> [WaitingEvent] {
        var events: [WaitingEvent] = []
        try database.each(
            """
            SELECT id, key, kind, received, body FROM waiting
            WHERE connection = ? AND id > ? ORDER BY id LIMIT ?
            """,
            .integer(connection),
            .integer(id),
            .integer(Int64(limit))
        ) { row in
            guard let key = row.withBytes(1, { EventKey($0) }) else {
                throw StoreError.corrupt(file: path, detail: "an event's key is too short")
            }
            let arrival = Arrival(
                connection: connection,
                key: key,
                kind: row.text(2),
                receivedMilliseconds: row.integer(3),
                body: row.bytes(4)
            )
            events.append(WaitingEvent(id: row.integer(0), arrival: arrival))
        }
        return events
    }

    package func settle(
        _ ids: [Int64],
        marking marks: [Mark],
        for connection: Int64,
        atMilliseconds now: Int64
    ) throws -> Int {
        guard !ids.isEmpty || !marks.isEmpty else { return 0 }
        let database = try database
        return try database.transaction {
            for mark in marks { try take(mark, for: connection, in: database) }
            var settled = 0
            for id in ids {
                try database.run(
                    "DELETE FROM waiting WHERE id = ? AND connection = ?",
                    .integer(id),
                    .integer(connection)
                )
                guard database.changes == 1 else { continue }
                try database.run("UPDATE accepted SET settled = ? WHERE id = ?", .integer(now), .integer(id))
                settled += 1
            }
            try count(Accepted(stored: 0, duplicates: 0), settled: settled, for: connection, in: database)
            return settled
        }
    }

    private func count(_ taken: Accepted, settled: Int, for connection: Int64, in database: Database) throws {
        try database.run(
            """
            INSERT INTO tally (connection, accepted, duplicates, settled) VALUES (?, ?, ?, ?)
            ON CONFLICT (connection) DO UPDATE SET accepted = accepted + excluded.accepted,
                duplicates = duplicates + excluded.duplicates, settled = settled + excluded.settled
            """,
            .integer(connection),
            .integer(Int64(taken.stored)),
            .integer(Int64(taken.duplicates)),
            .integer(Int64(settled))
        )
    }

    package func counts(for connection: Int64) throws -> EventCounts {
        try database.first(
            "SELECT accepted, duplicates, settled FROM tally WHERE connection = ?",
            .integer(connection)
        ) { row in
            EventCounts(accepted: row.integer(0), duplicates: row.integer(1), settled: row.integer(2))
        } ?? EventCounts()
    }

    package func forgetSettled(before milliseconds: Int64, limit: Int) throws -> Int {
        let database = try database
        return try database.quickTransaction {
            try database.run(
                """
                DELETE FROM accepted WHERE id IN (
                    SELECT id FROM accepted WHERE settled < ? ORDER BY settled LIMIT ?)
                """,
                .integer(milliseconds),
                .integer(Int64(limit))
            )
            return database.changes
        }
    }

    package func setting(_ name: String) throws -> String? {
        try database.first("SELECT value FROM setting WHERE name = ?", .text(name)) { $0.text(0) }
    }

    package func put(_ value: String?, setting name: String) throws {
        if let value {
            try database.run(
                "INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)",
                .text(name),
                .text(value)
            )
        } else {
            try database.run("DELETE FROM setting WHERE name = ?", .text(name))
        }
    }
}
