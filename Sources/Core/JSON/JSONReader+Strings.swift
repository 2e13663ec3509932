extension JSONReader {
    /// Where the inside of a string stands, and what its reader has to do to it.
    struct StringBounds {
        var start: Int
        var end: Int
        var hasEscapes: Bool
    }

    package mutating func string() throws(JSONError) -> String {
        let bounds = try scanString()
        guard bounds.hasEscapes else { return String(decoding: bytes[bounds.start..<bounds.end], as: UTF8.self) }
        return try unescaped(bounds)
    }

    mutating func name() throws(JSONError) -> JSONName {
        let bounds = try scanName()
        guard bounds.hasEscapes else { return JSONName(bytes[bounds.start..<bounds.end]) }
        let text = try unescaped(bounds)
        return JSONName(Array(text.utf8)[...])
    }

    mutating func skipName() throws(JSONError) {
        _ = try scanName()
    }

    private mutating func scanName() throws(JSONError) -> StringBounds {
        guard byteAfterSpace() == UInt8(ascii: "\"") else { throw error("a name in double quotes") }
        return try scanString()
    }

    /// Finds the end of the string that comes next, and checks everything inside it.
    mutating func scanString() throws(JSONError) -> StringBounds {
        guard byteAfterSpace() == UInt8(ascii: "\"") else { throw error("a string") }
        let start = position + 1
        var at = start
        var hasEscapes = false
        var isASCII = true
        while true {
            at = plainEnd(from: at)
            guard at < bytes.count else { throw error("a closing quote", at: at) }
            switch bytes[at] {
            case UInt8(ascii: "\""):
                if !isASCII { try checkUTF8(start..<at) }
                position = at + 1
                return StringBounds(start: start, end: at, hasEscapes: hasEscapes)
            case UInt8(ascii: "\\"):
                hasEscapes = true
                _ = try escape(at: &at)
            case 0x80...:
                isASCII = false
                at += 1
            case ..<0x20:
                throw error("an escape instead of a bare control character", at: at)
            default: at += 1
            }
        }
    }

    /// Jumps over bytes that are neither a quote nor a backslash nor a control character and all ASCII, eight at a time;
    /// the last few of the text are left to the caller.
    private func plainEnd(from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        var at = start
        while at + 8 <= bytes.count {
            let eight = UInt64(
                littleEndian: UnsafeRawBufferPointer(bytes).loadUnaligned(fromByteOffset: at, as: UInt64.self)
            )
            let quotes = eight ^ (ones &* UInt64(UInt8(ascii: "\"")))
            let backslashes = eight ^ (ones &* UInt64(UInt8(ascii: "\\")))
            // Subtracting sets the top bit of a byte that was too small. A borrow can mark bytes after the first such
            // one wrongly, never before it, and the first is all we look for.
            let special =
                ((quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes | (eight &- ones &* 0x20) | eight)
                & tops
            guard special == 0 else { return at + special.trailingZeroBitCount / 8 }
            at += 8
        }
        return at
    }

    private func checkUTF8(_ range: Range<Int>) throws(JSONError) {
        do {
            _ = try UTF8Span(validating: bytes.extracting(range).span)
        } catch {
            throw self.error("UTF-8", at: range.lowerBound + error.byteOffsets.lowerBound)
        }
    }

    private func unescaped(_ bounds: StringBounds) throws(JSONError) -> String {
        var plain: [UInt8] = []
        plain.reserveCapacity(bounds.end - bounds.start)
        var at = bounds.start
        while at < bounds.end {
            if bytes[at] == UInt8(ascii: "\\") {
                plain.append(contentsOf: UTF8.encode(try escape(at: &at)) ?? UTF8.encodedReplacementCharacter)
            } else {
                plain.append(bytes[at])
                at += 1
            }
        }
        return String(decoding: plain, as: UTF8.self)
    }

    /// What the escape that begins at `at` stands for; moves `at` behind it.
    private func escape(at: inout Int) throws(JSONError) -> Unicode.Scalar {
        let start = at
        guard at + 1 < bytes.count else { throw error("a closing quote", at: bytes.count) }
        let letter = bytes[at + 1]
        at += 2
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw error(#"one of " \ / b f n r t u after the backslash"#, at: start + 1)
        }
        let unit = try fourHexDigits(at: &at)
        if let scalar = Unicode.Scalar(unit) { return scalar }
        // The upper half of a pair comes first, and is worth nothing alone.
        let halves = "a surrogate pair, of which this is one half"
        guard unit < 0xDC00, at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u")
        else { throw error(halves, at: start) }
        at += 2
        let low = try fourHexDigits(at: &at)
        guard 0xDC00..<0xE000 ~= low,
            let scalar = Unicode.Scalar(0x1_0000 + ((unit & 0x3FF) << 10 | low & 0x3FF))
        else { throw error(halves, at: start) }
        return scalar
    }

    private func fourHexDigits(at: inout Int) throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard at < bytes.count, let digit = Hex.digit(bytes[at]) else { throw error("four hex digits", at: at) }
            value = value << 4 | UInt32(digit)
            at += 1
        }
        return value
    }
}
