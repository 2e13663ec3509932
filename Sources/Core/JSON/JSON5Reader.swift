/// Reads a configuration file as people write one: JSON5 (https://spec.json5.org), which is JSON with comments,
/// trailing commas, names without quotes, single quotes, continued lines and numbers such as `0xFF`, `.5` and `+1`.
///
/// What comes out is a plain `JSON` value: numbers are rewritten as JSON has them, and `Infinity` and `NaN`, which JSON
/// cannot say, are refused.
struct JSON5Reader {
    let bytes: UnsafeBufferPointer<UInt8>
    private let maxDepth: Int
    var position = 0
    private var depth = 0
    private let notesPlaces: Bool
    /// Of the value that is read, as `JSONField` says it; kept up only while places are noted.
    private var path = ""
    /// Where each value begins, by its path; that of a member begins with its name.
    private(set) var places: [String: Int] = [:]
    /// Of each value itself, without its name.
    private(set) var spans: [String: Range<Int>] = [:]

    init(_ bytes: UnsafeBufferPointer<UInt8>, maxDepth: Int, notesPlaces: Bool = false) {
        self.bytes = bytes
        self.maxDepth = maxDepth
        self.notesPlaces = notesPlaces
    }

    mutating func document() throws(JSONError) -> JSON {
        do {
            _ = try UTF8Span(validating: bytes.span)
        } catch {
            throw self.error("UTF-8", at: error.byteOffsets.lowerBound)
        }
        _ = try next()
        let start = position
        let value = try value(at: "", from: start)
        guard try next() == nil else { throw error("the end of the text") }
        return value
    }

    private mutating func value(at step: String, from start: Int) throws(JSONError) -> JSON {
        guard notesPlaces else { return try value() }
        let outer = path
        path += step
        defer { path = outer }
        places[path] = start
        _ = try next()
        let begin = position
        let value = try value()
        spans[path] = begin..<position
        return value
    }

    private mutating func value() throws(JSONError) -> JSON {
        switch try next() {
        case "{": return try object()
        case "[": return try array()
        case "\"", "'": return .string(try string())
        case "+"?, "-"?, "."?, ("0"..."9")?: return .number(try number())
        default: break
        }
        let start = position
        switch try identifier("a value") {
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "null": return .null
        case "Infinity", "NaN": throw error("a number that JSON can hold", at: start)
        default: throw error("a value", at: start)
        }
    }

    private mutating func object() throws(JSONError) -> JSON {
        var object = JSON.Object()
        try open()
        while try next() != "}" {
            let start = position
            let name =
                switch scalar() {
                case "\"", "'": try string()
                default: try identifier("a name or }")
                }
            guard try next() == ":" else { throw error("a colon") }
            position += 1
            let value = try value(at: path.isEmpty ? name : "." + name, from: start)
            guard object.add(name, value) else { throw error(JSONError.uniqueName, at: start) }
            guard try separator(before: "}") else { throw error("a comma or }") }
        }
        close()
        return .object(object)
    }

    private mutating func array() throws(JSONError) -> JSON {
        var elements: [JSON] = []
        try open()
        while try next() != "]" {
            elements.append(try value(at: "[\(elements.count)]", from: position))
            guard try separator(before: "]") else { throw error("a comma or ]") }
        }
        close()
        return .array(elements)
    }

    private mutating func open() throws(JSONError) {
        guard depth < maxDepth else { throw error("at most \(maxDepth) levels") }
        depth += 1
        position += 1
    }

    private mutating func close() {
        depth -= 1
        position += 1
    }

    /// Takes a comma, or sees that the closing bracket comes next.
    private mutating func separator(before bracket: Unicode.Scalar) throws(JSONError) -> Bool {
        let next = try next()
        if next == "," { position += 1 }
        return next == "," || next == bracket
    }

    /// The next character that is neither space nor comment, without taking it.
    private mutating func next() throws(JSONError) -> Unicode.Scalar? {
        while let letter = scalar() {
            if isSpace(letter) {
                position += UTF8.width(letter)
            } else if letter == "/" {
                try skipComment()
            } else {
                return letter
            }
        }
        return nil
    }

    private mutating func skipComment() throws(JSONError) {
        let start = position
        position += 1
        switch scalar() {
        case "/":
            while let letter = scalar(), !isLineEnd(letter) { position += UTF8.width(letter) }
        case "*":
            position += 1
            while position + 1 < bytes.count,
                bytes[position] != UInt8(ascii: "*") || bytes[position + 1] != UInt8(ascii: "/")
            {
                position += 1
            }
            guard position + 1 < bytes.count else { throw error("an end of this comment", at: start) }
            position += 2
        default: throw error("// or /*", at: start)
        }
    }

    /// The character at `position`. The whole text has been found to be UTF-8, so its first byte tells its length.
    func scalar() -> Unicode.Scalar? {
        guard position < bytes.count else { return nil }
        let first = bytes[position]
        guard first >= 0x80 else { return Unicode.Scalar(first) }
        let width = (~first).leadingZeroBitCount
        let payload = UInt32(first & (0x7F >> UInt8(width)))
        let value = bytes[(position + 1)..<(position + width)].reduce(payload) { $0 << 6 | UInt32($1 & 0x3F) }
        return Unicode.Scalar(value)
    }

    func error(_ expected: String, at offset: Int? = nil) -> JSONError {
        JSONError(expected, at: offset ?? position, of: bytes)
    }
}

/// Where a comment ends and a string may not go on.
private func isLineEnd(_ letter: Unicode.Scalar) -> Bool {
    switch letter {
    case "\n", "\r", "\u{2028}", "\u{2029}": true
    default: false
    }
}

private func isSpace(_ letter: Unicode.Scalar) -> Bool {
    switch letter {
    case " ", "\t", "\u{B}", "\u{C}", "\u{FEFF}": true
    default: isLineEnd(letter) || !letter.isASCII && letter.properties.generalCategory == .spaceSeparator
    }
}
