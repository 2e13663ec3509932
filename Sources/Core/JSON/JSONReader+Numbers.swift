extension JSONReader {
    /// The number exactly as it was written.
    package mutating func number() throws(JSONError) -> JSON.Number {
        let range = try scanNumber()
        return JSON.Number(checked: String(decoding: bytes[range], as: UTF8.self))
    }

    /// An exact decimal; refuses a number of more than 38 digits.
    package mutating func decimal() throws(JSONError) -> Decimal {
        let range = try scanNumber()
        guard let decimal = Decimal(utf8: bytes.extracting(range)) else {
            throw error("a number of at most \(Decimal.maxDigits) digits", at: range.lowerBound)
        }
        return decimal
    }

    /// A whole number, also when it is written as 12.0 or 1e3.
    package mutating func int() throws(JSONError) -> Int {
        let range = try scanNumber()
        guard let int = Decimal(utf8: bytes.extracting(range))?.int else {
            throw error("a whole number of at most 64 bits", at: range.lowerBound)
        }
        return int
    }

    mutating func scanNumber() throws(JSONError) -> Range<Int> {
        let first = byteAfterSpace()
        let start = position
        var at = start
        if first == UInt8(ascii: "-") { at += 1 }
        guard at < bytes.count, isDigit(bytes[at]) else { throw error(at == start ? "a number" : "a digit", at: at) }
        if bytes[at] == UInt8(ascii: "0") {
            at += 1
            // 012 would be octal to some and twelve to others.
            if at < bytes.count, isDigit(bytes[at]) { throw error("no digit after a leading zero", at: at) }
        } else {
            at = try digits(from: at)
        }
        if at < bytes.count, bytes[at] == UInt8(ascii: ".") { at = try digits(from: at + 1) }
        if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
            at += 1
            if at < bytes.count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
            at = try digits(from: at)
        }
        position = at
        return start..<at
    }

    private func digits(from start: Int) throws(JSONError) -> Int {
        var at = start
        while at < bytes.count, isDigit(bytes[at]) { at += 1 }
        guard at > start else { throw error("a digit", at: at) }
        return at
    }
}
