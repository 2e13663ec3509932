import Core

/// A value that two of our processes can tell each other, in a fixed binary form: little-endian integers, and texts and
/// lists led by their count. Reading checks every bound, because the peer may be broken.
package protocol Wire: Sendable {
    init(from reader: inout WireReader) throws(WireError)
    func write(to writer: inout WireWriter)
}

package struct WireError: Error, Sendable, Equatable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) {
        self.description = description
    }
}

package struct WireWriter: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init(reserving count: Int = 0) {
        bytes.reserveCapacity(count)
    }

    package mutating func integer(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    package mutating func flag(_ value: Bool) {
        bytes.append(value ? 1 : 0)
    }

    package mutating func blob(_ value: some Collection<UInt8>) {
        integer(UInt32(value.count))
        bytes.append(contentsOf: value)
    }

    package mutating func text(_ value: String) {
        var value = value
        value.withUTF8 { blob($0) }
    }

    package mutating func duration(_ value: Duration) {
        integer(value.nanoseconds)
    }

    package mutating func secret(_ value: Secret) {
        value.withBytes { blob($0) }
    }

    package mutating func optional<Value>(_ value: Value?, _ write: (inout WireWriter, Value) -> Void) {
        flag(value != nil)
        if let value { write(&self, value) }
    }

    package mutating func list<Elements: Collection>(_ values: Elements) where Elements.Element: Wire {
        integer(UInt32(values.count))
        for value in values { value.write(to: &self) }
    }

    package mutating func texts(_ values: [String]) {
        integer(UInt32(values.count))
        for value in values { text(value) }
    }
}

package struct WireReader {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    package init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    package var remaining: Int { bytes.endIndex - position }

    package mutating func integer<Value: FixedWidthInteger>(
        _ type: Value.Type = Value.self
    ) throws(WireError) -> Value {
        let size = MemoryLayout<Value>.size
        let raw = try take(size)
        return raw.withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(as: Value.self)) }
    }

    package mutating func flag() throws(WireError) -> Bool {
        switch try integer(UInt8.self) {
        case 0: false
        case 1: true
        case let other: throw WireError("a flag is 0 or 1, not \(other)")
        }
    }

    package mutating func blob() throws(WireError) -> [UInt8] {
        Array(try take(Int(try integer(UInt32.self))))
    }

    package mutating func text() throws(WireError) -> String {
        guard let text = String(validating: try take(Int(try integer(UInt32.self))), as: UTF8.self) else {
            throw WireError("a text is not UTF-8")
        }
        return text
    }

    package mutating func duration() throws(WireError) -> Duration {
        .nanoseconds(try integer(Int64.self))
    }

    package mutating func secret() throws(WireError) -> Secret {
        Secret(try take(Int(try integer(UInt32.self))))
    }

    package mutating func optional<Value>(
        _ read: (inout WireReader) throws(WireError) -> Value
    ) throws(WireError) -> Value? {
        try flag() ? try read(&self) : nil
    }

    package mutating func list<Element: Wire>(of type: Element.Type = Element.self) throws(WireError) -> [Element] {
        let count = try count()
        var values: [Element] = []
        values.reserveCapacity(min(count, 1_024))
        for _ in 0..<count { values.append(try Element(from: &self)) }
        return values
    }

    package mutating func texts() throws(WireError) -> [String] {
        let count = try count()
        var values: [String] = []
        for _ in 0..<count { values.append(try text()) }
        return values
    }

    /// A list's length. Every element takes a byte at least, so a lying count is found before memory is taken for it.
    private mutating func count() throws(WireError) -> Int {
        let count = Int(try integer(UInt32.self))
        guard count <= remaining else { throw WireError("a list of \(count) does not fit in \(remaining) bytes") }
        return count
    }

    package func finish() throws(WireError) {
        guard remaining == 0 else { throw WireError("\(remaining) bytes too many") }
    }

    private mutating func take(_ count: Int) throws(WireError) -> ArraySlice<UInt8> {
        guard count <= remaining else { throw WireError("\(count) bytes expected, \(remaining) left") }
        defer { position += count }
        return bytes[position..<position + count]
    }
}
