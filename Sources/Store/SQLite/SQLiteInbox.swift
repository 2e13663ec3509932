import Core
import Transport

/// An inbox in one SQLite file: a table that grows at its end, without an index beside it.
package actor SQLiteInbox: InboxStore {
    private let executor: any SerialExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let path: String
    private let maximumBytes: Int64?
    private let fileSystem: String?
    private let freeBytes: Int64
    private var connection: Database?
    private var owner: OwnerLock?
    /// The last sequence that was ever given, whether or not its event is still there.
    private var last: Int64 = 0
    private var events = 0

    private static let schema = Schema(
        kind: 0x6d6c_6962,  // "mlib"
        title: "an inbox of ml-connector",
        steps: [
            """
            CREATE TABLE inbox (
                sequence INTEGER PRIMARY KEY, connection INTEGER NOT NULL, key BLOB NOT NULL, kind TEXT NOT NULL,
                received INTEGER NOT NULL, body BLOB NOT NULL
            ) STRICT;
            CREATE TABLE mark (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), last INTEGER NOT NULL) STRICT;
            """
        ]
    )

    /// Waits up to `patience` for another owner to let go, then answers `.owned`.
    ///
    /// Arrivals are refused as `.full` while the disk has less than `freeBytes` left. Removals go on, and so do the
    /// workers, who have to store an event before it may be removed here. Their logs take 16 MiB each before they end.
    ///
    /// On a file system that is not the machine's, nobody looks for another owner or for room: who made it sees to both.
    package static func open(
        _ path: String,
        maximumBytes: Int64? = nil,
        leavingFree freeBytes: Int64 = 64 << 20,
        waitingAtMost patience: Duration = .zero,
        fileSystem: String? = nil,
        // Never given up: a thread that cannot be had any more, where a worker has used up the machine's, would end us.
        on executor: any SerialExecutor = BlockingThread(named: "inbox", idleSeconds: BlockingThread.forever)
    ) async throws -> SQLiteInbox {
        let inbox = SQLiteInbox(path, maximumBytes: maximumBytes, freeBytes: freeBytes, fileSystem, on: executor)
        try await inbox.open(patience)
        return inbox
    }

    private init(
        _ path: String,
        maximumBytes: Int64?,
        freeBytes: Int64,
        _ fileSystem: String?,
        on executor: any SerialExecutor
    ) {
        self.path = path
        self.maximumBytes = maximumBytes
        self.freeBytes = freeBytes
        self.fileSystem = fileSystem
        self.executor = executor
    }

    private func open(_ patience: Duration) throws {
        let owner =
            try fileSystem == nil
            ? OwnerLock(beside: path, waitingMilliseconds: patience.nanoseconds / 1_000_000) : nil
        let options = Database.Options(cacheKibibytes: 4_096, maximumBytes: maximumBytes, fileSystem: fileSystem)
        let database = try Database(path: path, schema: Self.schema, options: options)
        last = try database.integer(
            "SELECT max(ifnull((SELECT max(sequence) FROM inbox), 0), ifnull((SELECT last FROM mark), 0))"
        )
        events = try Int(database.integer("SELECT count(*) FROM inbox"))
        self.owner = owner
        connection = database
    }

    package func close() {
        connection = nil
        // Only now, so that the next owner never meets our connection.
        owner = nil
    }

    private var database: Database {
        get throws {
            guard let connection else { throw StoreError.closed(file: path) }
            return connection
        }
    }

    package func commit(_ arrivals: [Arrival], removing: [Int64]) throws -> CommitReceipt {
        let first = last + 1
        let sequences = first..<first + Int64(arrivals.count)
        guard !arrivals.isEmpty || !removing.isEmpty else { return CommitReceipt(sequences: sequences) }
        let database = try database
        // By its path, so that a file which somebody has deleted under us is noticed before anything is acknowledged.
        guard try arrivals.isEmpty || fileSystem != nil || freeDiskBytes(at: path) >= freeBytes else {
            throw StoreError.full(file: path)
        }
        do {
            let removed = try database.transaction {
                try append(arrivals, from: first, to: database)
                return try remove(removing, from: database, marking: arrivals.isEmpty)
            }
            last += Int64(arrivals.count)
            events += arrivals.count - removed
        } catch StoreError.full(let file) {
            // With its pages in the file, the log begins anew inside the room it has, and may do so on a full disk.
            database.checkpoint()
            throw StoreError.full(file: file)
        }
        return CommitReceipt(sequences: sequences)
    }

    private func append(_ arrivals: [Arrival], from first: Int64, to database: Database) throws {
        let insert = try database.statement(
            "INSERT INTO inbox (sequence, connection, key, kind, received, body) VALUES (?, ?, ?, ?, ?, ?)"
        )
        for (offset, arrival) in arrivals.enumerated() {
            insert.bind(1, first + Int64(offset))
            insert.bind(2, arrival.connection)
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
    }

    /// How many were there. A removal of the last event leaves a mark, without which its sequence would be given again.
    private func remove(_ sequences: [Int64], from database: Database, marking: Bool) throws -> Int {
        let delete = try database.statement("DELETE FROM inbox WHERE sequence BETWEEN ? AND ?")
        var removed = 0
        var marks = false
        for run in runs(of: sequences) {
            delete.bind(1, run.lowerBound)
            delete.bind(2, run.upperBound)
            try delete.run()
            removed += database.changes
            marks = marks || run.contains(last)
        }
        if marks && marking {
            try database.run("INSERT OR REPLACE INTO mark (only_row, last) VALUES (1, ?)", .integer(last))
        }
        return removed
    }

    package func index() throws -> [InboxEntry] {
        var entries: [InboxEntry] = []
        entries.reserveCapacity(events)
        try database.each("SELECT sequence, connection, key, length(body) FROM inbox ORDER BY sequence") { row in
            let key = try storedKey(row, 2)
            entries.append(
                InboxEntry(sequence: row.integer(0), connection: row.integer(1), key: key, bytes: Int(row.integer(3)))
            )
        }
        return entries
    }

    package func load(_ sequences: [Int64]) throws -> [Event] {
        let database = try database
        return try sequences.compactMap { sequence in
            try database.first(
                "SELECT connection, key, kind, received, body FROM inbox WHERE sequence = ?",
                .integer(sequence)
            ) { row in
                let arrival = Arrival(
                    connection: row.integer(0),
                    key: try storedKey(row, 1),
                    kind: row.text(2),
                    receivedMilliseconds: row.integer(3),
                    body: row.bytes(4)
                )
                return Event(sequence: sequence, arrival: arrival)
            }
        }
    }

    package func usage() throws -> InboxUsage {
        let database = try database
        let pages = try database.integer("PRAGMA page_count") - database.integer("PRAGMA freelist_count")
        return InboxUsage(events: events, bytes: try pages * database.pageBytes(), maximumBytes: maximumBytes)
    }

    package func compact() throws -> Bool {
        try database.giveBackPages()
    }

    private func storedKey(_ row: Statement.Row, _ column: Int32) throws -> EventKey {
        guard let key = row.withBytes(column, { EventKey($0) }) else {
            throw StoreError.corrupt(file: path, detail: "an event's key is too short")
        }
        return key
    }
}

/// The numbers in ascending order, neighbours put together: events are mostly removed in the order they came.
func runs(of numbers: [Int64]) -> [ClosedRange<Int64>] {
    var runs: [ClosedRange<Int64>] = []
    for number in numbers.sorted() {
        if let run = runs.last, number - run.upperBound <= 1 {
            runs[runs.count - 1] = run.lowerBound...number
        } else {
            runs.append(number...number)
        }
    }
    return runs
}
