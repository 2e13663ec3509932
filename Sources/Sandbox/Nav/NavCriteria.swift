import Core

/// A condition as people write it into a filter of NAV, and SOAP's `Criteria`: `10000..20000`, `A|B`, `<>X`, `@*text*`.
///
/// Days are written as the session's language writes them. What stands in quotation marks stands for itself.
struct NavCriteria {
    typealias Value = NavSimulator.Value
    typealias Kind = NavSimulator.Field.Kind
    typealias Refusal = NavSimulator.Refusal

    private enum Term {
        case equal(Value)
        case unequal(Value)
        case less(Value, orEqual: Bool)
        case more(Value, orEqual: Bool)
        case range(Value?, Value?)
        case pattern([Character], ignoresCase: Bool, isNegated: Bool)
    }

    /// One of the first must hold, with all of it.
    private var terms: [[Term]] = []

    init(_ text: String, _ kind: Kind, dates: NavSimulator.Settings.DateOrder) throws(Refusal) {
        for choice in Self.split(text, at: "|") {
            var all: [Term] = []
            for part in Self.split(choice, at: "&") { all.append(try Self.term(part, kind, dates)) }
            terms.append(all)
        }
    }

    func holds(_ value: Value) -> Bool {
        terms.contains { $0.allSatisfy { Self.holds($0, value) } }
    }

    private static func holds(_ term: Term, _ value: Value) -> Bool {
        switch term {
        case .equal(let wanted): return value.compared(to: wanted) == 0
        case .unequal(let wanted): return value.compared(to: wanted) != 0
        case .less(let wanted, let orEqual):
            return value.compared(to: wanted).map { $0 < 0 || orEqual && $0 == 0 } ?? false
        case .more(let wanted, let orEqual):
            return value.compared(to: wanted).map { $0 > 0 || orEqual && $0 == 0 } ?? false
        case .range(let low, let high):
            let isHighEnough = low.map { value.compared(to: $0) ?? -1 >= 0 } ?? true
            return isHighEnough && (high.map { value.compared(to: $0) ?? 1 <= 0 } ?? true)
        case .pattern(let pattern, let ignoresCase, let isNegated):
            guard case .text(let text) = value else { return false }
            let characters = Array(ignoresCase ? text.uppercased() : text)
            return matches(characters[...], pattern[...]) != isNegated
        }
    }

    private static func matches(_ text: ArraySlice<Character>, _ pattern: ArraySlice<Character>) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        switch first {
        case "*":
            return (text.startIndex...text.endIndex).contains { matches(text[$0...], pattern.dropFirst()) }
        case "?": return !text.isEmpty && matches(text.dropFirst(), pattern.dropFirst())
        default: return text.first == first && matches(text.dropFirst(), pattern.dropFirst())
        }
    }

    // MARK: Reading

    /// At separators that do not stand in quotation marks.
    private static func split(_ text: String, at separator: Character) -> [String] {
        var parts = [""]
        var isQuoted = false
        for character in text {
            if character == "'" { isQuoted.toggle() }
            if character == separator, !isQuoted { parts.append("") } else { parts[parts.count - 1].append(character) }
        }
        return parts
    }

    private static func term(
        _ text: String,
        _ kind: Kind,
        _ dates: NavSimulator.Settings.DateOrder
    ) throws(Refusal) -> Term {
        for (sign, makes) in signs {
            guard text.hasPrefix(sign) else { continue }
            let rest = String(text.dropFirst(sign.count))
            if sign == "<>", let pattern = pattern(rest, kind, isNegated: true) { return pattern }
            return makes(try value(rest, kind, dates))
        }
        if let dots = range(in: text) {
            let low = text[..<dots]
            let high = text[text.index(dots, offsetBy: 2)...]
            return .range(
                low.isEmpty ? nil : try value(String(low), kind, dates),
                high.isEmpty ? nil : try value(String(high), kind, dates)
            )
        }
        if let pattern = pattern(text, kind, isNegated: false) { return pattern }
        return .equal(try value(text, kind, dates))
    }

    /// The longer signs first.
    private static let signs: [(String, @Sendable (Value) -> Term)] = [
        ("<>", { .unequal($0) }), ("<=", { .less($0, orEqual: true) }), (">=", { .more($0, orEqual: true) }),
        ("<", { .less($0, orEqual: false) }), (">", { .more($0, orEqual: false) }),
    ]

    private static func range(in text: String) -> String.Index? {
        var isQuoted = false
        var index = text.startIndex
        while index < text.endIndex {
            if text[index] == "'" { isQuoted.toggle() }
            if !isQuoted, text[index...].hasPrefix("..") { return index }
            index = text.index(after: index)
        }
        return nil
    }

    private static func pattern(_ text: String, _ kind: Kind, isNegated: Bool) -> Term? {
        switch kind {
        case .code, .text: break
        case .option, .integer, .decimal, .flag, .day, .time: return nil
        }
        guard !text.hasPrefix("'"), text.contains(where: { "*?@".contains($0) }) else { return nil }
        var ignoresCase = text.first == "@"
        var text = ignoresCase ? String(text.dropFirst()) : text
        if case .code = kind { ignoresCase = true }
        if ignoresCase { text = text.uppercased() }
        return .pattern(Array(text), ignoresCase: ignoresCase, isNegated: isNegated)
    }

    private static func value(
        _ text: String,
        _ kind: Kind,
        _ dates: NavSimulator.Settings.DateOrder
    ) throws(Refusal) -> Value {
        let plain = unquoted(text)
        let value: Value?
        switch kind {
        case .code: value = .text(plain.uppercased())
        case .text: value = .text(plain)
        case .option(let members):
            let caption = plain == " " ? "" : plain
            let place = Int(plain).flatMap { members.indices.contains($0) ? members[$0] : nil }
            value = (members.first { $0.uppercased() == caption.uppercased() } ?? place).map { .text($0) }
        case .integer: value = Int(plain).map { .number(Decimal($0)) }
        case .decimal: value = Decimal(plain).map { .number($0) }
        case .flag:
            value =
                ["YES", "TRUE", "1"].contains(plain.uppercased())
                ? .flag(true) : ["NO", "FALSE", "0"].contains(plain.uppercased()) ? .flag(false) : nil
        case .day: value = plain.isEmpty ? .day(.first) : dates.day(plain).map { .day($0) }
        case .time: value = WallTime(plain).map { .time($0) }
        }
        guard let value else {
            throw Refusal(.invalid, 500, "", "The filter '\(text)' is not valid for this field.", rule: "filter syntax")
        }
        return value
    }

    private static func unquoted(_ text: String) -> String {
        guard text.count >= 2, text.first == "'", text.last == "'" else { return text }
        return text.dropFirst().dropLast().split(separator: "''", omittingEmptySubsequences: false).joined(
            separator: "'"
        )
    }
}

extension NavSimulator.Settings {
    /// How the language of a session writes days.
    package enum DateOrder: String, Sendable, CaseIterable {
        /// `01/31/2018`, `01/31/18`
        case monthFirst
        /// `31-01-2018`
        case dayFirst
        /// `2018-01-31`
        case yearFirst

        func day(_ text: String) -> Day? {
            let separator: Character = self == .monthFirst ? "/" : "-"
            let parts = text.split(separator: separator, omittingEmptySubsequences: false).compactMap { Int($0) }
            guard parts.count == 3 else { return nil }
            let (year, month, day) =
                switch self {
                case .monthFirst: (parts[2], parts[0], parts[1])
                case .dayFirst: (parts[2], parts[1], parts[0])
                case .yearFirst: (parts[0], parts[1], parts[2])
                }
            return Day(year: year < 100 ? 2_000 + year : year, month: month, day: day)
        }
    }
}
