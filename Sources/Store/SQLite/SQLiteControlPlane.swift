import Core
import Transport

/// The control plane in one SQLite file.
package actor SQLiteControlPlane: ControlPlane {
    // Never given up: a thread that cannot be had any more, where a worker has used up the machine's, would end us.
    private let thread = BlockingThread(named: "control plane", idleSeconds: BlockingThread.forever)
    package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private let path: String
    private var opened: Database?

    private static let schema = Schema(
        kind: 0x6d6c_6370,  // "mlcp"
        title: "a control plane of ml-connector",
        steps: [
            """
            CREATE TABLE tenant (
                number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, wrapped_key BLOB NOT NULL
            ) STRICT;
            CREATE TABLE connection (
                number INTEGER PRIMARY KEY AUTOINCREMENT, tenant INTEGER NOT NULL REFERENCES tenant (number),
                name TEXT NOT NULL, flow TEXT NOT NULL, document TEXT NOT NULL, hook_token TEXT NOT NULL UNIQUE,
                revision INTEGER NOT NULL DEFAULT 1, paused INTEGER NOT NULL DEFAULT 0, UNIQUE (tenant, name)
            ) STRICT;
            CREATE TABLE secret (
                connection INTEGER NOT NULL REFERENCES connection (number) ON DELETE CASCADE,
                name TEXT NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (connection, name)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE plane (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), changes INTEGER NOT NULL) STRICT;
            INSERT INTO plane (only_row, changes) VALUES (1, 0);
            """
        ]
    )

    package static func open(_ path: String) async throws -> SQLiteControlPlane {
        let plane = SQLiteControlPlane(path: path)
        try await plane.open()
        return plane
    }

    private init(path: String) {
        self.path = path
    }

    private func open() throws {
        opened = try Database(path: path, schema: Self.schema)
    }

    package func close() {
        opened = nil
    }

    private var database: Database {
        get throws {
            guard let opened else { throw StoreError.closed(file: path) }
            return opened
        }
    }

    /// A transaction that the change counter knows of, unless it says that it changed nothing.
    private func edit<Result>(_ body: (Database) throws -> (Result, changed: Bool)) throws -> Result {
        let database = try database
        return try database.transaction {
            let (result, changed) = try body(database)
            if changed { try database.run("UPDATE plane SET changes = changes + 1") }
            return result
        }
    }

    package func changeCounter() throws -> Int64 {
        try database.integer("SELECT changes FROM plane")
    }

    // MARK: Tenants

    package func add(tenant name: Name, wrappedKey: [UInt8]) throws -> Tenant {
        try edit { database in
            guard try number(of: name, in: database) == nil else {
                throw StoreError.refused("there is a tenant \(name) already; choose another name")
            }
            try database.run(
                "INSERT INTO tenant (name, wrapped_key) VALUES (?, ?)",
                .text(name.text),
                .bytes(wrappedKey)
            )
            return (Tenant(name: name, number: database.lastInsertedRow, wrappedKey: wrappedKey), changed: true)
        }
    }

    package func tenant(_ name: Name) throws -> Tenant? {
        try database.first("SELECT number, wrapped_key FROM tenant WHERE name = ?", .text(name.text)) { row in
            Tenant(name: name, number: row.integer(0), wrappedKey: row.bytes(1))
        }
    }

    package func tenants() throws -> [Tenant] {
        var tenants: [Tenant] = []
        try database.each("SELECT name, number, wrapped_key FROM tenant ORDER BY name") { row in
            tenants.append(Tenant(name: try Name(row.text(0)), number: row.integer(1), wrappedKey: row.bytes(2)))
        }
        return tenants
    }

    package func rewrap(tenant name: Name, from old: [UInt8], to new: [UInt8]) throws -> Bool {
        try edit { database in
            try database.run(
                "UPDATE tenant SET wrapped_key = ? WHERE name = ? AND wrapped_key = ?",
                .bytes(new),
                .text(name.text),
                .bytes(old)
            )
            let replaced = database.changes == 1
            return (replaced, changed: replaced)
        }
    }

    package func remove(tenant name: Name) throws -> Bool {
        try edit { database in
            guard let number = try number(of: name, in: database) else { return (false, changed: false) }
            guard try database.integer("SELECT count(*) FROM connection WHERE tenant = ?", .integer(number)) == 0 else {
                throw StoreError.refused("the tenant \(name) still has connections; remove them first")
            }
            try database.run("DELETE FROM tenant WHERE number = ?", .integer(number))
            return (true, changed: true)
        }
    }

    private func number(of tenant: Name, in database: Database) throws -> Int64? {
        try database.first("SELECT number FROM tenant WHERE name = ?", .text(tenant.text)) { $0.integer(0) }
    }

    // MARK: Connections

    package func put(_ draft: ConnectionDraft) throws -> StoredConnection {
        let token = try Random.hexadecimal(byteCount: 16)
        return try edit { database in
            guard let tenant = try number(of: draft.tenant, in: database) else {
                throw StoreError.refused("there is no tenant \(draft.tenant); add it first")
            }
            try database.run(
                """
                INSERT INTO connection (tenant, name, flow, document, hook_token) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (tenant, name) DO UPDATE
                SET flow = excluded.flow, document = excluded.document, revision = revision + 1
                """,
                .integer(tenant),
                .text(draft.name.text),
                .text(draft.flow),
                .text(draft.document),
                .text(token)
            )
            guard let stored = try connection(draft.name, of: draft.tenant) else {
                throw StoreError.other(file: path, detail: "a connection is gone right after it was stored")
            }
            try replaceSecrets(of: stored.number, by: draft.sealedSecrets, in: database)
            var connection = stored
            connection.draft = draft
            return (connection, changed: true)
        }
    }

    private func replaceSecrets(of connection: Int64, by secrets: [String: [UInt8]], in database: Database) throws {
        try database.run("DELETE FROM secret WHERE connection = ?", .integer(connection))
        for (name, sealed) in secrets {
            try database.run(
                "INSERT INTO secret (connection, name, sealed) VALUES (?, ?, ?)",
                .integer(connection),
                .text(name),
                .bytes(sealed)
            )
        }
    }

    package func connection(_ name: Name, of tenant: Name) throws -> StoredConnection? {
        try list("AND tenant.name = ?1 AND connection.name = ?2", tenant.text, name.text).first
    }

    package func connections(of tenant: Name?) throws -> [StoredConnection] {
        try tenant.map { try list("AND tenant.name = ?1 AND ?2 = ''", $0.text, "") }
            ?? list("AND ?1 = ?2", "", "")
    }

    private func list(_ condition: StaticString, _ first: String, _ second: String) throws -> [StoredConnection] {
        let database = try database
        var connections: [StoredConnection] = []
        try database.each(
            """
            SELECT connection.number, tenant.name, connection.name, flow, document, hook_token, revision, paused
            FROM connection, tenant WHERE tenant.number = connection.tenant \(condition)
            ORDER BY tenant.name, connection.name
            """,
            .text(first),
            .text(second)
        ) { row in
            let draft = ConnectionDraft(
                tenant: try Name(row.text(1)),
                name: try Name(row.text(2)),
                flow: row.text(3),
                document: row.text(4),
                sealedSecrets: try secrets(of: row.integer(0), in: database)
            )
            connections.append(
                StoredConnection(
                    number: row.integer(0),
                    draft: draft,
                    hookToken: Secret(text: row.text(5)),
                    revision: row.integer(6),
                    isPaused: row.integer(7) != 0
                )
            )
        }
        return connections
    }

    private func secrets(of connection: Int64, in database: Database) throws -> [String: [UInt8]] {
        var secrets: [String: [UInt8]] = [:]
        try database.each("SELECT name, sealed FROM secret WHERE connection = ?", .integer(connection)) { row in
            secrets[row.text(0)] = row.bytes(1)
        }
        return secrets
    }

    package func setPaused(_ paused: Bool, connection: Name, of tenant: Name) throws -> Bool {
        try edit { database in
            try database.run(
                """
                UPDATE connection SET paused = ?1, revision = revision + 1
                WHERE name = ?2 AND paused <> ?1 AND tenant = (SELECT number FROM tenant WHERE name = ?3)
                """,
                .integer(paused ? 1 : 0),
                .text(connection.text),
                .text(tenant.text)
            )
            let changed = database.changes == 1
            return (changed, changed: changed)
        }
    }

    package func remove(connection: Name, of tenant: Name) throws -> Bool {
        try edit { database in
            try database.run(
                "DELETE FROM connection WHERE name = ? AND tenant = (SELECT number FROM tenant WHERE name = ?)",
                .text(connection.text),
                .text(tenant.text)
            )
            let removed = database.changes == 1
            return (removed, changed: removed)
        }
    }
}
