extension JSON5Reader {
    /// A name without quotes: letters, digits, `$` and `_`, in any script, and escapes of these.
    mutating func identifier(_ expected: String) throws(JSONError) -> String {
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

    mutating func string() throws(JSONError) -> String {
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
