import Glibc

/// Text for the person, or the script, at the other end.
package enum Terminal {
    package static func print(_ text: String) {
        put(text + "\n", on: 1)
    }

    package static func complain(_ text: String) {
        put("ml-connector: " + text + "\n", on: 2)
    }

    static var isInteractive: Bool { isatty(1) == 1 }

    /// Columns as wide as their widest cell.
    package static func table(_ rows: [[String]]) -> String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            row.enumerated().map { column, cell in
                column == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    /// False when nobody reads any more: whoever prints for long can stop.
    static func send(_ text: String) -> Bool {
        put(text, on: 1)
    }

    @discardableResult
    private static func put(_ text: String, on descriptor: Int32) -> Bool {
        let bytes = Array(text.utf8)
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            done += count
        }
        return true
    }
}
