/// A day of the calendar, from 0001-01-01 to 9999-12-31: due dates, posting dates. It has no time zone.
package struct Day: Sendable, Hashable, Comparable {
    package static let first = Day(clamping: daysBefore(year: 1) - daysBefore(year: 1970))
    package static let last = Day(clamping: daysBefore(year: 10_000) - daysBefore(year: 1970) - 1)

    package let daysSince1970: Int

    /// A day outside of the calendar becomes its first or last.
    package init(clamping daysSince1970: Int) {
        let first = Self.daysBefore(year: 1) - Self.daysBefore(year: 1970)
        let last = Self.daysBefore(year: 10_000) - Self.daysBefore(year: 1970) - 1
        self.daysSince1970 = min(max(daysSince1970, first), last)
    }

    /// `nil` when there is no such day.
    package init?(year: Int, month: Int, day: Int) {
        guard 1...9999 ~= year, 1...12 ~= month, 1...Self.length(ofMonth: month, year: year) ~= day else { return nil }
        daysSince1970 =
            Self.daysBefore(year: year) - Self.daysBefore(year: 1970)
            + Self.daysBefore(month: month, year: year) + day - 1
    }

    /// Reads `2026-11-20` and nothing else.
    package init?(_ text: String) {
        var digits = DateScanner(text)
        guard let day = digits.day(), digits.isAtEnd else { return nil }
        self = day
    }

    package var text: String {
        let (year, month, day) = components
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }

    package var components: (year: Int, month: Int, day: Int) {
        let days = daysSince1970 + Self.daysBefore(year: 1970)
        // 400 years are 146,097 days. The guess is at most one year off, around the turn of a year.
        var year = days * 400 / 146_097 + 1
        while Self.daysBefore(year: year) > days { year -= 1 }
        while Self.daysBefore(year: year + 1) <= days { year += 1 }
        let dayOfYear = days - Self.daysBefore(year: year)
        var month = dayOfYear / 31 + 1
        while month < 12, Self.daysBefore(month: month + 1, year: year) <= dayOfYear { month += 1 }
        return (year, month, dayOfYear - Self.daysBefore(month: month, year: year) + 1)
    }

    package func adding(days: Int) -> Day {
        let (sum, overflowed) = daysSince1970.addingReportingOverflow(days)
        return overflowed ? (days < 0 ? .first : .last) : Day(clamping: sum)
    }

    package static func < (a: Day, b: Day) -> Bool {
        a.daysSince1970 < b.daysSince1970
    }

    /// Days from 0001-01-01 to the first of January of that year.
    private static func daysBefore(year: Int) -> Int {
        let past = year - 1
        return past * 365 + past / 4 - past / 100 + past / 400
    }

    private static func daysBefore(month: Int, year: Int) -> Int {
        (1..<month).reduce(0) { $0 + length(ofMonth: $1, year: year) }
    }

    private static func length(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension Day: CustomStringConvertible {
    package var description: String { text }
}

/// A whole number of at least `width` digits.
func padded(_ value: Int, _ width: Int) -> String {
    let digits = "\(value)"
    return String(repeating: "0", count: max(width - digits.utf8.count, 0)) + digits
}
