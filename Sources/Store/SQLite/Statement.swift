import CSQLite

/// A prepared statement of a `Database`. Bind, step until false, reset; `Database.run` and `each` do all three.
package final class Statement {
    /// A column of the row that the statement stands on.
    package struct Row {
        fileprivate let handle: OpaquePointer

        package func integer(_ column: Int32) -> Int64 {
            sqlite3_column_int64(handle, column)
        }

        package func isNull(_ column: Int32) -> Bool {
            sqlite3_column_type(handle, column) == SQLITE_NULL
        }

        package func text(_ column: Int32) -> String {
            guard let characters = sqlite3_column_text(handle, column) else { return "" }
            let count = Int(sqlite3_column_bytes(handle, column))
            return String(decoding: UnsafeBufferPointer(start: characters, count: count), as: UTF8.self)
        }

        package func bytes(_ column: Int32) -> [UInt8] {
            withBytes(column) { Array($0) }
        }

        /// The bytes are SQLite's own and go with the row.
        package func withBytes<Result>(
            _ column: Int32,
            _ body: (UnsafeRawBufferPointer) throws -> Result
        ) rethrows
            -> Result
        {
            let start = sqlite3_column_blob(handle, column)
            return try body(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
        }
    }

    package enum Value: Sendable {
        case null
        case integer(Int64)
        case text(String)
        case bytes([UInt8])
    }

    private unowned let database: Database
    private let handle: OpaquePointer
    package var row: Row { Row(handle: handle) }

    init(_ handle: OpaquePointer, of database: Database) {
        self.handle = handle
        self.database = database
    }

    deinit {
        sqlite3_finalize(handle)
    }

    /// True when it stands on a row.
    @discardableResult
    package func step() throws -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: true
        case SQLITE_DONE: false
        case let code: throw database.error(code)
        }
    }

    package func reset() {
        sqlite3_reset(handle)
    }

    /// For statements that answer nothing and are run many times with other values.
    package func run() throws {
        defer { reset() }
        try step()
    }

    // Binding fails only for an index that the statement does not have or a value beyond SQLite's largest: our mistake,
    // or a blob of a gigabyte, and the step that follows would store NULL.
    package func bind(_ index: Int32, _ integer: Int64) {
        check(sqlite3_bind_int64(handle, index, integer))
    }

    package func bind(_ index: Int32, _ text: String) {
        var text = text
        text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                // An empty string may come without an address, which SQLite would take for NULL.
                check(
                    characters.isEmpty
                        ? ml_sqlite_bind_text(handle, index, "", 0)
                        : ml_sqlite_bind_text(handle, index, characters.baseAddress, Int32(characters.count))
                )
            }
        }
    }

    /// Keeps the bytes where they are: they must stay until the statement has been run.
    package func bind(_ index: Int32, borrowing bytes: UnsafeRawBufferPointer) {
        check(ml_sqlite_bind_borrowed(handle, index, bytes.baseAddress, Int32(bytes.count)))
    }

    package func bind(_ index: Int32, _ value: Value) {
        switch value {
        case .null: check(sqlite3_bind_null(handle, index))
        case .integer(let integer): bind(index, integer)
        case .text(let text): bind(index, text)
        case .bytes(let bytes):
            bytes.withUnsafeBytes { bytes in
                check(ml_sqlite_bind_copied(handle, index, bytes.baseAddress, Int32(bytes.count)))
            }
        }
    }

    private func check(_ code: Int32) {
        precondition(code == SQLITE_OK, "a value cannot be bound: SQLite says \(code)")
    }
}
