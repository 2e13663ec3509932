import Core

/// Reading an ERP's plain values, and saying in words what is wrong with one.
extension Monday.Column {
    func text(_ plain: JSON) throws(CallError) -> String {
        switch plain {
        case .string(let text): text
        case .number(let number): number.text
        case .bool(let flag): flag ? "true" : "false"
        case .null, .array, .object: throw wrong(plain, "a text")
        }
    }

    func amount(_ plain: JSON) throws(CallError) -> Decimal {
        let amount: Decimal? =
            switch plain {
            case .number(let number): number.decimal
            case .string(let text): Decimal(Monday.trimmed(text))
            case .null, .bool, .array, .object: nil
            }
        guard let amount else { throw wrong(plain, "a number") }
        return amount
    }

    func whole(_ plain: JSON) throws(CallError) -> Int {
        guard let number = try? amount(plain).int, number >= 0 else { throw wrong(plain, "a whole number") }
        return number
    }

    /// A moment becomes its day of UTC.
    func day(_ plain: JSON) throws(CallError) -> Day {
        if case .string(let text) = plain {
            if let day = Day(text) { return day }
            if let time = WallTime(text) { return time.day }
        }
        throw wrong(plain, "a date such as 2026-11-20")
    }

    func flag(_ plain: JSON) throws(CallError) -> Bool {
        switch plain {
        case .bool(let flag): return flag
        case .number(let number) where number.int == 0: return false
        case .number(let number) where number.int == 1: return true
        case .string(let text):
            switch Monday.trimmed(text).lowercased() {
            case "true", "yes", "1": return true
            case "false", "no", "0": return false
            default: break
            }
        case .null, .number, .array, .object: break
        }
        throw wrong(plain, "true or false")
    }

    /// A text, or an object of two.
    func pair(_ plain: JSON, _ first: String, _ second: String) throws(CallError) -> (String, String) {
        guard case .object(let parts) = plain else { return (Monday.trimmed(try text(plain)), "") }
        guard let one = parts[first] else { throw wrong(plain, "an object with “\(first)”") }
        let other = parts[second] ?? .null
        return (Monday.trimmed(try text(one)), other == .null ? "" : Monday.trimmed(try text(other)))
    }

    /// The elements of a list, or the one value that is none.
    func each<Element>(
        _ plain: JSON,
        _ make: (JSON) throws(CallError) -> Element
    ) throws(CallError) -> [Element] {
        guard case .array(let elements) = plain else { return [try make(plain)] }
        guard elements.count <= Self.mostInOneCell else {
            throw invalid("“\(title)” is given \(elements.count) values; one cell takes \(Self.mostInOneCell) at most")
        }
        var made: [Element] = []
        for element in elements { made.append(try make(element)) }
        return made
    }

    // Ours: far above what any cell shows, and a bound for what one value may cost.
    private static let mostInOneCell = 500

    func wrong(_ plain: JSON, _ expected: String) -> CallError {
        let shown: String =
            switch plain {
            case .string(let text): "“\(Monday.cut(text, to: 60))”"
            case .number(let number): Monday.cut(number.text, to: 60)
            case .bool(let flag): flag ? "true" : "false"
            case .null, .array, .object: plain.kindName
            }
        return invalid("the column “\(title)” (\(id), \(typeName)) takes \(expected), and \(shown) is none")
    }

    func invalid(_ reason: String) -> CallError {
        CallError(.skipRecord, Monday.name, .validation, reason)
    }
}
