/// Reads a configuration file as people write one: JSON5 (https://spec.json5.org), which is JSON with comments, trailing
/// commas, names without quotes, single quotes, continued lines and numbers such as `0xFF`, `.5` and `+1`.
///
/// What comes out is a plain `JSON` value: numbers are rewritten as JSON has them, and `Infinity` and `NaN`, which JSON
/// cannot say, are refused.
struct JSON5Reader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let maxDepth: Int
    private var position = 0
    private var depth = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>, maxDepth: Int) {
        self.bytes = bytes
        self.maxDepth = maxDepth
    }

    mutating func document() throws(JSONError) -> JSON {
        do {
            _ = try UTF8Span(validating: bytes.span)
        } catch {
            throw self.error("UTF-8", at: error.byteOffsets.lowerBound)
        }
        let value = try value()
        guard try next() == nil else { throw error("the end of the text") }
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
            let value = try value()
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
            elements.append(try value())
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

    /// A name without quotes: letters, digits, `$` and `_`, in any script, and escapes of these.
    private mutating func identifier(_ expected: String) throws(JSONError) -> String {
        let start = position
        var name = String.UnicodeScalarView()
        while var letter = scalar() {
            let letterStart = position
            if letter == "\\" {
                position += 1
                guard scalar() == "u" else { throw error("u and four hex digits") }
                position += 1
                guard let escaped = Unicode.Scalar(try hexDigits(4)), isNamePart(escaped, first: name.isEmpty) else {
                    throw error("a letter", at: letterStart)
                }
                letter = escaped
            } else if isNamePart(letter, first: name.isEmpty) {
                position += UTF8.width(letter)
            } else {
                break
            }
            name.append(letter)
        }
        guard !name.isEmpty else { throw error(expected, at: start) }
        return String(name)
    }

    private mutating func number() throws(JSONError) -> JSON.Number {
        let start = position
        var sign = ""
        if let first = scalar(), first == "-" || first == "+" {
            sign = first == "-" ? "-" : ""
            position += 1
        }
        if scalar() == "0", position + 1 < bytes.count, bytes[position + 1] | 0x20 == UInt8(ascii: "x") {
            position += 2
            return JSON.Number(checked: sign + (try hexNumber(from: start)))
        }
        var whole = digits()
        if whole.count > 1, whole.first == "0" { throw error("no digit after a leading zero", at: start) }
        var fraction = ""
        if scalar() == "." {
            position += 1
            fraction = digits()
        }
        guard !whole.isEmpty || !fraction.isEmpty else { throw error("a digit") }
        if whole.isEmpty { whole = "0" }
        if !fraction.isEmpty { fraction = ".\(fraction)" }
        return JSON.Number(checked: sign + whole + fraction + (try exponent()))
    }

    private mutating func exponent() throws(JSONError) -> String {
        guard let letter = scalar(), letter == "e" || letter == "E" else { return "" }
        position += 1
        var text = String(letter)
        if let sign = scalar(), sign == "+" || sign == "-" {
            text.unicodeScalars.append(sign)
            position += 1
        }
        let digits = digits()
        guard !digits.isEmpty else { throw error("a digit") }
        return text + digits
    }

    private mutating func hexNumber(from start: Int) throws(JSONError) -> String {
        let digitsStart = position
        var value: UInt64 = 0
        while position < bytes.count, let digit = Hex.digit(bytes[position]) {
            guard value >> 60 == 0 else { throw error("at most sixteen hex digits", at: start) }
            value = value << 4 | UInt64(digit)
            position += 1
        }
        guard position > digitsStart else { throw error("a hex digit") }
        return "\(value)"
    }

    private mutating func digits() -> String {
        let start = position
        while position < bytes.count, isDigit(bytes[position]) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func string() throws(JSONError) -> String {
        let quote = scalar()
        position += 1
        var text = String.UnicodeScalarView()
        while let letter = scalar() {
            switch letter {
            case quote:
                position += 1
                return String(text)
            case "\\":
                if let escaped = try escape() { text.append(escaped) }
            case "\n", "\r":
                throw error("a closing quote, or a backslash to continue on the next line")
            default:
                text.append(letter)
                position += UTF8.width(letter)
            }
        }
        throw error("a closing quote")
    }

    /// What an escape stands for: nothing at all when it continues the string on the next line.
    private mutating func escape() throws(JSONError) -> Unicode.Scalar? {
        let start = position
        position += 1
        guard let letter = scalar() else { throw error("a closing quote") }
        position += UTF8.width(letter)
        switch letter {
        case "b": return "\u{8}"
        case "f": return "\u{C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "v": return "\u{B}"
        case "0":
            // \01 would be octal to some and a zero byte before a 1 to others.
            if position < bytes.count, isDigit(bytes[position]) { throw error("no digit after \\0") }
            return "\0"
        case "1"..."9": throw error("an escape that is not a digit", at: start)
        case "x": return Unicode.Scalar(try hexDigits(2))
        case "u": return try unicodeEscape(from: start)
        case "\r":
            if scalar() == "\n" { position += 1 }
            return nil
        case "\n", "\u{2028}", "\u{2029}": return nil
        default: return letter
        }
    }

    private mutating func unicodeEscape(from start: Int) throws(JSONError) -> Unicode.Scalar {
        let unit = try hexDigits(4)
        if let scalar = Unicode.Scalar(unit) { return scalar }
        let halves = "a surrogate pair, of which this is one half"
        guard unit < 0xDC00, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { throw error(halves, at: start) }
        position += 2
        let low = try hexDigits(4)
        guard 0xDC00..<0xE000 ~= low, let scalar = Unicode.Scalar(0x1_0000 + ((unit & 0x3FF) << 10 | low & 0x3FF))
        else { throw error(halves, at: start) }
        return scalar
    }

    private mutating func hexDigits(_ count: Int) throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<count {
            guard position < bytes.count, let digit = Hex.digit(bytes[position]) else {
                throw error("\(count == 2 ? "two" : "four") hex digits")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
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
    private func scalar() -> Unicode.Scalar? {
        guard position < bytes.count else { return nil }
        let first = bytes[position]
        guard first >= 0x80 else { return Unicode.Scalar(first) }
        let width = (~first).leadingZeroBitCount
        let payload = UInt32(first & (0x7F >> UInt8(width)))
        let value = bytes[(position + 1)..<(position + width)].reduce(payload) { $0 << 6 | UInt32($1 & 0x3F) }
        return Unicode.Scalar(value)
    }

    private func error(_ expected: String, at offset: Int? = nil) -> JSONError {
        JSONError(expected, at: offset ?? position, of: bytes)
    }
}

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

/// What ECMAScript 5 takes for a letter of a name.
private func isNamePart(_ letter: Unicode.Scalar, first: Bool) -> Bool {
    switch letter {
    case "a"..."z", "A"..."Z", "$", "_": return true
    case "0"..."9": return !first
    case "\u{200C}", "\u{200D}": return !first
    default: break
    }
    guard !letter.isASCII else { return false }
    switch letter.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .letterNumber: return true
    case .nonspacingMark, .spacingMark, .decimalNumber, .connectorPunctuation: return !first
    default: return false
    }
}
