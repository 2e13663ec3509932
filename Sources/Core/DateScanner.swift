/// Takes the pieces of a date or time off the front of a text, strictly.
struct DateScanner {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    var isAtEnd: Bool { position == bytes.count }

    mutating func day() -> Day? {
        guard let year = number(digits: 4), take("-"), let month = number(digits: 2), take("-"),
            let day = number(digits: 2)
        else { return nil }
        return Day(year: year, month: month, day: day)
    }

    /// Exactly that many digits.
    mutating func number(digits: Int) -> Int? {
        guard position + digits <= bytes.count, bytes[position..<(position + digits)].allSatisfy(isDigit) else {
            return nil
        }
        defer { position += digits }
        return bytes[position..<(position + digits)].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    /// As many digits as there are, at least one, as a fraction in units of 10^-`places`. Finer digits are cut off.
    mutating func fraction(places: Int) -> Int? {
        let start = position
        var value = 0
        while position < bytes.count, isDigit(bytes[position]) {
            if position - start < places { value = value * 10 + Int(bytes[position] - UInt8(ascii: "0")) }
            position += 1
        }
        guard position > start else { return nil }
        for _ in min(position - start, places)..<places { value *= 10 }
        return value
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }
}
