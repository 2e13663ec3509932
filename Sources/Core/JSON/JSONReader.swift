/// Reads a JSON text value by value, as its caller asks for them, and keeps nothing: a page of ten thousand records is
/// read row by row out of the buffer it came in.
///
///     try JSONReader.read(body.span) { reader in
///         try reader.object { reader, name in
///             switch name {
///             case "value": try reader.array { reader in rows.append(try Row(from: &reader)) }
///             default: try reader.skip()
///             }
///         }
///     }
///
/// It is strict (RFC 8259): UTF-8, escapes, numbers and nesting are checked in skipped values too, and half of a
/// surrogate pair is refused, because no store could give it back. A byte-order mark at the start is passed over, as
/// some of Microsoft's services send one. Members of the same name are all shown; `JSON` refuses them.
///
/// A stored `Span` would need an experimental feature of the compiler. So the reader points into the bytes, cannot be
/// copied, and exists only while `read` runs: it cannot outlive them.
package struct JSONReader: ~Copyable {
    package enum Kind: Sendable, Equatable {
        case object
        case array
        case string
        case number
        case bool
        case null
    }

    /// Deeper than any document of the six systems, and far from the end of the stack.
    package static let usualDepth = 64

    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0
    /// Of the member whose value comes next.
    private(set) var nameStart = 0
    private var depth = 0
    private let maxDepth: Int

    private init(_ bytes: UnsafeBufferPointer<UInt8>, maxDepth: Int) {
        self.bytes = bytes
        self.maxDepth = maxDepth
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    /// Lets `body` read one value, then makes sure that nothing follows it.
    package static func read<Result>(
        _ bytes: Span<UInt8>,
        maxDepth: Int = usualDepth,
        _ body: (inout JSONReader) throws -> Result
    ) throws -> Result {
        try bytes.withUnsafeBufferPointer { bytes in
            var reader = JSONReader(bytes, maxDepth: maxDepth)
            let result = try body(&reader)
            guard reader.byteAfterSpace() == nil else { throw reader.error("the end of the text") }
            return result
        }
    }

    /// What the next value is, without taking it.
    package mutating func kind() throws(JSONError) -> Kind {
        switch byteAfterSpace() {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "-"), (UInt8(ascii: "0")...UInt8(ascii: "9"))?: .number
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
        case UInt8(ascii: "n"): .null
        default: throw error("a value")
        }
    }

    /// Calls `member` once for each member, in order; it has to read or skip the value.
    package mutating func object(_ member: (inout JSONReader, JSONName) throws -> Void) throws {
        try open(UInt8(ascii: "{"), "an object")
        var first = true
        while try next(closing: UInt8(ascii: "}"), first: first, "a comma or }") {
            _ = byteAfterSpace()
            nameStart = position
            let name = try name()
            try take(UInt8(ascii: ":"), "a colon")
            let start = position
            try member(&self, name)
            precondition(position > start, "the member \(name) was neither read nor skipped")
            first = false
        }
    }

    /// Calls `element` once for each element, in order; it has to read or skip the value.
    package mutating func array(_ element: (inout JSONReader) throws -> Void) throws {
        try open(UInt8(ascii: "["), "an array")
        var first = true
        while try next(closing: UInt8(ascii: "]"), first: first, "a comma or ]") {
            let start = position
            try element(&self)
            precondition(position > start, "an element was neither read nor skipped")
            first = false
        }
    }

    package mutating func bool() throws(JSONError) -> Bool {
        switch byteAfterSpace() {
        case UInt8(ascii: "t"):
            try word("true")
            return true
        case UInt8(ascii: "f"):
            try word("false")
            return false
        default: throw error("true or false")
        }
    }

    /// Whether the next value is null, which is then taken.
    package mutating func null() throws(JSONError) -> Bool {
        guard byteAfterSpace() == UInt8(ascii: "n") else { return false }
        try word("null")
        return true
    }

    /// `nil` for null, otherwise what `read` makes of the value: `try reader.orNull { try $0.string() }`.
    package mutating func orNull<Value>(_ read: (inout JSONReader) throws -> Value) throws -> Value? {
        try null() ? nil : try read(&self)
    }

    /// Passes over one value of any kind, and checks it as strictly as if it were read.
    package mutating func skip() throws(JSONError) {
        switch try kind() {
        case .object:
            try open(UInt8(ascii: "{"), "an object")
            var first = true
            while try next(closing: UInt8(ascii: "}"), first: first, "a comma or }") {
                try skipName()
                try take(UInt8(ascii: ":"), "a colon")
                try skip()
                first = false
            }
        case .array:
            try open(UInt8(ascii: "["), "an array")
            var first = true
            while try next(closing: UInt8(ascii: "]"), first: first, "a comma or ]") {
                try skip()
                first = false
            }
        case .string: _ = try scanString()
        case .number: _ = try scanNumber()
        case .bool: _ = try bool()
        case .null: _ = try null()
        }
    }

    /// An error at the next byte, for callers that read a value well and cannot use it.
    package func error(_ expected: String) -> JSONError {
        error(expected, at: position)
    }

    func error(_ expected: String, at offset: Int) -> JSONError {
        JSONError(expected, at: offset, of: bytes)
    }

    mutating func byteAfterSpace() -> UInt8? {
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): position += 1
            default: return byte
            }
        }
        return nil
    }

    private mutating func open(_ bracket: UInt8, _ expected: String) throws(JSONError) {
        try take(bracket, expected)
        guard depth < maxDepth else { throw error("at most \(maxDepth) levels", at: position - 1) }
        depth += 1
    }

    /// Whether another member or element follows; takes the comma before it, or else the closing bracket.
    private mutating func next(closing bracket: UInt8, first: Bool, _ expected: String) throws(JSONError) -> Bool {
        let byte = byteAfterSpace()
        if byte == bracket {
            position += 1
            depth -= 1
            return false
        }
        if first { return true }
        guard byte == UInt8(ascii: ",") else { throw error(expected) }
        position += 1
        // The member or element that has to follow refuses a closing bracket itself.
        return true
    }

    private mutating func take(_ wanted: UInt8, _ expected: String) throws(JSONError) {
        guard byteAfterSpace() == wanted else { throw error(expected) }
        position += 1
    }

    private mutating func word(_ word: StaticString) throws(JSONError) {
        let end = position + word.utf8CodeUnitCount
        guard end <= bytes.count,
            bytes[position..<end].elementsEqual(
                UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
            )
        else { throw error("\(word)") }
        position = end
    }
}
