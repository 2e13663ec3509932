import CSQLite
import Core
import Glibc

/// One connection to one SQLite file, for one thread at a time: durable at each commit, small in memory.
///
/// Not to be opened before a fork: a connection and its locks belong to one process.
package final class Database {
    package struct Options: Sendable {
        /// SQLite keeps at most this much of the file in memory.
        package var cacheKibibytes = 128
        /// How long a call waits for another process's transaction.
        package var busyMilliseconds: Int32 = 5_000
        /// The file grows no further: what would need more answers `.full`.
        package var maximumBytes: Int64?
        /// Another file system than the machine's, by the name under which SQLite knows it.
        package var fileSystem: String?

        package init(cacheKibibytes: Int = 128, maximumBytes: Int64? = nil, fileSystem: String? = nil) {
            self.cacheKibibytes = cacheKibibytes
            self.maximumBytes = maximumBytes
            self.fileSystem = fileSystem
        }
    }

    package let path: String
    private let handle: OpaquePointer
    private let busyMilliseconds: Int32
    private var statements: [String: Statement] = [:]
    /// The log may have a hole where a sync failed.
    private var mustRenewLog = false

    /// Makes the file when there is none, and brings it to the newest version.
    package init(path: String, schema: Schema, options: Options = Options()) throws {
        try Self.library.get()
        self.path = path
        // A file system that is not the machine's sees to the permissions of its files itself.
        let isNew = try options.fileSystem == nil && createFile(path)
        var handle: OpaquePointer?
        let creates = options.fileSystem == nil ? 0 : SQLITE_OPEN_CREATE
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | creates
        let code = sqlite3_open_v2(path, &handle, flags, options.fileSystem)
        guard code == SQLITE_OK, let handle else {
            defer { sqlite3_close_v2(handle) }
            throw storeError(code, on: handle, path: path)
        }
        self.handle = handle
        busyMilliseconds = options.busyMilliseconds
        sqlite3_busy_timeout(handle, options.busyMilliseconds)
        // Closing the last connection writes the journal into the file, and this one may have to be refused.
        ml_sqlite_checkpoint_on_close(handle, 0)
        // On a file system that is not the machine's, all happens in one thread: there is nobody to wait for.
        let patience = options.fileSystem == nil ? options.busyMilliseconds : 0
        try retryWhileBusy(milliseconds: patience) { try prepare(for: schema, options: options) }
        ml_sqlite_checkpoint_on_close(handle, 1)
        if isNew { try syncFolder(of: path) }
    }

    /// Loads what all connections share: once, in a process that is to be forked. Opens nothing.
    package static func prepareLibrary() {
        _ = library
    }

    deinit {
        statements = [:]
        sqlite3_close_v2(handle)
    }

    private static let library: Result<Void, StoreError> = {
        let code = ml_sqlite_configure()
        return code == SQLITE_OK
            ? .success(()) : .failure(.other(file: "SQLite", detail: "it refuses its configuration (\(code))"))
    }()

    private func prepare(for schema: Schema, options: Options) throws {
        try check(against: schema)
        // Only an empty file takes it, and any other would be written to. What is deleted leaves pages that are used
        // again; when there are many of them, such a file can be made shorter step by step.
        if try integer("PRAGMA page_count") == 0 { try execute("PRAGMA auto_vacuum = INCREMENTAL") }
        guard try text("PRAGMA journal_mode = WAL") == "wal" else {
            throw StoreError.other(file: path, detail: "its file system has no shared memory for a write-ahead log")
        }
        try execute("PRAGMA synchronous = FULL")
        try execute("PRAGMA foreign_keys = ON")
        try execute("PRAGMA trusted_schema = OFF")
        try execute("PRAGMA temp_store = MEMORY")
        // Debian's SQLite overwrites what is deleted with zeros, at the price of a page written for each page freed.
        try execute("PRAGMA secure_delete = FAST")
        try execute("PRAGMA cache_size = \(-options.cacheKibibytes)")
        // A checkpoint makes one commit wait some milliseconds; the default has it every 1,000 pages. The log keeps the
        // room it grew to, up to that many pages, and begins anew inside it.
        try execute("PRAGMA wal_autocheckpoint = 4000")
        try execute("PRAGMA journal_size_limit = 16777216")
        if let most = options.maximumBytes {
            try execute("PRAGMA max_page_count = \(max(most / pageBytes(), 1))")
        }
        try migrate(to: schema)
    }

    // MARK: Calls

    /// Runs `body` in a transaction that is on disk when this returns, and has not happened when it throws.
    @discardableResult
    package func transaction<Result>(_ body: () throws -> Result) throws -> Result {
        try renewLog()
        try statement("BEGIN IMMEDIATE").run()
        do {
            let result = try body()
            try statement("COMMIT").run()
            return result
        } catch {
            // Some failures have ended the transaction already.
            if sqlite3_get_autocommit(handle) == 0 { try? execute("ROLLBACK") }
            throw error
        }
    }

    /// The same, not waiting for the disk: it outlives the end of any process, but the machine's own end may undo it.
    @discardableResult
    package func quickTransaction<Result>(_ body: () throws -> Result) throws -> Result {
        try statement("PRAGMA synchronous = NORMAL").run()
        // Should this fail, the next commit that has to be on disk would not be.
        defer {
            do { try statement("PRAGMA synchronous = FULL").run() } catch {
                preconditionFailure("\(path) cannot be made durable again: \(error)")
            }
        }
        return try transaction(body)
    }

    /// Runs `body`, which only reads, on one state of the file, whatever others commit meanwhile.
    func snapshot<Result>(_ body: () throws -> Result) throws -> Result {
        try execute("BEGIN")
        // After a failure that ended it there is nothing to end.
        defer { if sqlite3_get_autocommit(handle) == 0 { try? execute("ROLLBACK") } }
        return try body()
    }

    package func run(_ sql: String, _ values: Statement.Value...) throws {
        try renewLog()
        try with(sql, values) { _ = try $0.step() }
    }

    package func each(_ sql: String, _ values: Statement.Value..., body: (Statement.Row) throws -> Void) throws {
        try each(sql, values, body: body)
    }

    func each(_ sql: String, _ values: [Statement.Value], body: (Statement.Row) throws -> Void) throws {
        try with(sql, values) { statement in
            while try statement.step() { try body(statement.row) }
        }
    }

    /// What `read` makes of the first row; nil without one.
    package func first<Result>(
        _ sql: String,
        _ values: Statement.Value...,
        read: (Statement.Row) throws -> Result
    ) throws -> Result? {
        try with(sql, values) { try $0.step() ? read($0.row) : nil }
    }

    package func integer(_ sql: String, _ values: Statement.Value...) throws -> Int64 {
        try with(sql, values) { try $0.step() ? $0.row.integer(0) : 0 }
    }

    package func text(_ sql: String) throws -> String {
        try with(sql, []) { try $0.step() ? $0.row.text(0) : "" }
    }

    /// Prepared once and kept: `sql` is one of the program's own texts, never put together from values.
    package func statement(_ sql: String) throws -> Statement {
        if let known = statements[sql] { return known }
        let made = try prepared(sql)
        statements[sql] = made
        return made
    }

    /// For pragmas and migrations: several statements, none of them kept.
    package func execute(_ sql: String) throws {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw error(code) }
    }

    /// Rows changed by the statement run last.
    package var changes: Int { Int(sqlite3_changes64(handle)) }
    package var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(handle) }

    package func pageBytes() throws -> Int64 {
        try integer("PRAGMA page_size")
    }

    /// Writes the log into the file as far as readers allow, so that the next commit can begin the log anew.
    package func checkpoint() {
        sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
    }

    /// The same, and makes the log short when nobody needs it; waits for nobody. A log keeps the room that its busiest
    /// hour took, which is much for a thousand tenants of whom most do nothing.
    func shortenLog() {
        var (frames, written): (Int32, Int32) = (0, 0)
        sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_PASSIVE, &frames, &written)
        guard frames > 0, frames == written else { return }
        sqlite3_busy_timeout(handle, 0)
        defer { sqlite3_busy_timeout(handle, busyMilliseconds) }
        sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
    }

    /// Gives pages at the end of the file back to the disk, some at a time, when far more are free than will soon be
    /// used again; true when there are more. A file that was made before this was possible keeps its pages.
    func giveBackPages() throws -> Bool {
        guard try integer("PRAGMA auto_vacuum") == 2 else { return false }
        let spare = SparePages(free: try integer("PRAGMA freelist_count"), all: try integer("PRAGMA page_count"))
        guard spare.excess > 0 else { return false }
        let step = min(spare.excess, SparePages.step)
        try quickTransaction { try execute("PRAGMA incremental_vacuum(\(step))") }
        return spare.excess > step
    }

    /// How SQLite goes about each statement that was prepared so far, for tests: `SEARCH link USING PRIMARY KEY (…)`.
    func plans() throws -> [String: [String]] {
        var plans: [String: [String]] = [:]
        for sql in statements.keys where !sql.hasPrefix("PRAGMA") {
            let explanation = try prepared("EXPLAIN QUERY PLAN " + sql)
            var steps: [String] = []
            while try explanation.step() { steps.append(explanation.row.text(3)) }
            plans[sql] = steps
        }
        return plans
    }

    /// SQLite's own verdict on the whole file: "ok", or what is wrong.
    package func integrity() throws -> String {
        try text("PRAGMA integrity_check")
    }

    func error(_ code: Int32) -> StoreError {
        if code == Int32(ML_SQLITE_SYNC_FAILED) { mustRenewLog = true }
        return storeError(code, on: handle, path: path)
    }

    /// After a sync that failed, Linux counts what it was about as written: the next sync succeeds and says nothing of it.
    /// Our quick transactions may be a part of that, and the log ends, for whoever reads it after a power cut, where one
    /// of them is missing. So nothing more is answered for before all of the log is in the file and a new one has begun.
    private func renewLog() throws {
        guard mustRenewLog, sqlite3_get_autocommit(handle) != 0 else { return }
        let code = sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
        guard code == SQLITE_OK else { throw error(code) }
        mustRenewLog = false
    }

    private func with<Result>(
        _ sql: String,
        _ values: [Statement.Value],
        _ body: (Statement) throws -> Result
    ) throws -> Result {
        let statement = try statement(sql)
        defer { statement.reset() }
        for (index, value) in values.enumerated() { statement.bind(Int32(index + 1), value) }
        return try body(statement)
    }

    private func prepared(_ sql: String) throws -> Statement {
        var made: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &made, nil)
        guard code == SQLITE_OK, let made else { throw error(code) }
        return Statement(made, of: self)
    }
}

private func storeError(_ code: Int32, on handle: OpaquePointer?, path: String) -> StoreError {
    let system = handle.map { sqlite3_system_errno($0) } ?? 0
    let noRoom = [ENOSPC, EDQUOT, EFBIG].contains(system)
    switch code & 0xff {
    case SQLITE_FULL: return .full(file: path)
    case SQLITE_IOERR where noRoom, SQLITE_CANTOPEN where noRoom: return .full(file: path)
    case SQLITE_BUSY, SQLITE_LOCKED: return .busy(file: path)
    case SQLITE_CORRUPT: return .corrupt(file: path, detail: message(code, on: handle))
    case SQLITE_NOTADB: return .foreign(file: path, expected: "an SQLite database")
    default:
        let reason = system == 0 ? "" : ", \(String(cString: strerror(system)))"
        return .other(file: path, detail: message(code, on: handle) + reason)
    }
}

/// SQLite's words. They name tables and columns, never values, because every value of ours is bound.
private func message(_ code: Int32, on handle: OpaquePointer?) -> String {
    let text = handle.flatMap { sqlite3_errmsg($0) } ?? sqlite3_errstr(code)
    return "\(text.map { String(cString: $0) } ?? "unknown error") (\(code))"
}

/// Two processes that make the same file meet where SQLite does not wait: at the change to a write-ahead log.
private func retryWhileBusy(milliseconds: Int32, _ body: () throws -> Void) throws {
    for _ in 0..<max(milliseconds / 5, 1) {
        do {
            return try body()
        } catch StoreError.busy {
            usleep(5_000)
        }
    }
    try body()
}
