/// Where a JSON text stops making sense, and what should have stood there.
///
/// It holds nothing of the text itself, so it can be logged.
package struct JSONError: Error, Sendable, Equatable {
    /// In bytes, from 0.
    package let offset: Int
    /// From 1.
    package let line: Int
    /// In characters as an editor counts them, from 1.
    package let column: Int
    package let expected: String

    init(_ expected: String, at offset: Int, of bytes: UnsafeBufferPointer<UInt8>) {
        self.offset = min(offset, bytes.count)
        self.expected = expected
        let before = bytes[..<self.offset]
        line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        // Every byte of UTF-8 that is not a continuation begins a character.
        column = before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1
    }

    /// What a second member of the same name is told.
    package static let uniqueName = "a name that this object does not have yet"
}

extension JSONError: CustomStringConvertible {
    package var description: String { "line \(line), column \(column): expected \(expected)" }
}
