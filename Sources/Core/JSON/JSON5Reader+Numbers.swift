extension JSON5Reader {
    mutating func number() throws(JSONError) -> JSON.Number {
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
}
