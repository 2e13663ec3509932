/// A point in time as calendars and vendors know it, to the 100 nanoseconds that Dynamics sends.
///
/// It lies between the years 1 and 9999 and always has a text of RFC 3339. What measures waiting is `Instant`: this one
/// jumps when somebody sets the clock.
package struct WallTime: Sendable, Hashable, Comparable {
    package static let ticksPerSecond = 10_000_000
    private static let ticksPerDay = 86_400 * ticksPerSecond

    package static let first = WallTime(ticks: Day.first.daysSince1970 * ticksPerDay)
    package static let last = WallTime(ticks: (Day.last.daysSince1970 + 1) * ticksPerDay - 1)

    /// Of 100 nanoseconds, since 1970-01-01T00:00:00Z.
    package let ticks: Int

    /// A point before the year 1 or after 9999 becomes the first or last that has a text.
    package init(ticks: Int) {
        let first = Day.first.daysSince1970 * Self.ticksPerDay
        let last = (Day.last.daysSince1970 + 1) * Self.ticksPerDay - 1
        self.ticks = min(max(ticks, first), last)
    }

    package init(millisecondsSince1970 milliseconds: Int) {
        let (ticks, overflowed) = milliseconds.multipliedReportingOverflow(by: 10_000)
        self.init(ticks: overflowed ? (milliseconds < 0 ? .min : .max) : ticks)
    }

    /// Midnight of UTC.
    package init(startOf day: Day) {
        self.init(ticks: day.daysSince1970 * Self.ticksPerDay)
    }

    /// Rounded down.
    package var millisecondsSince1970: Int { floored(ticks, by: 10_000) }
    /// Rounded down.
    package var secondsSince1970: Int { floored(ticks, by: Self.ticksPerSecond) }

    /// The day of UTC.
    package var day: Day { Day(clamping: floored(ticks, by: Self.ticksPerDay)) }

    /// Reads RFC 3339 and the other offsets of ISO 8601: `2026-11-20T07:14:00.1234567Z`, `+01:00`, `+0100`, `+01`.
    ///
    /// Digits finer than 100 ns are cut off. A time without an offset means a different moment in every office, so it
    /// is refused. The leap second `23:59:60` is read as the second after it.
    package init?(_ text: String) {
        var scanner = DateScanner(text)
        guard let day = scanner.day(), scanner.take("T") || scanner.take("t") || scanner.take(" "),
            let hour = scanner.number(digits: 2), hour < 24, scanner.take(":"),
            let minute = scanner.number(digits: 2), minute < 60, scanner.take(":"),
            let second = scanner.number(digits: 2), second < 60 || second == 60 && minute == 59
        else { return nil }
        var fraction = 0
        if scanner.take(".") {
            guard let digits = scanner.fraction(places: 7) else { return nil }
            fraction = digits
        }
        guard let offsetMinutes = Self.offsetMinutes(&scanner), scanner.isAtEnd else { return nil }
        let seconds = (hour * 60 + minute - offsetMinutes) * 60 + second
        let ticks = day.daysSince1970 * Self.ticksPerDay + seconds * Self.ticksPerSecond + fraction
        self.init(ticks: ticks)
        // An offset can carry the first and the last day out of the calendar.
        guard self.ticks == ticks else { return nil }
    }

    /// In UTC, with as many digits of the second as it takes to keep the value: `2026-11-20T07:14:00.5Z`.
    package var text: String {
        let fraction = ticks - secondsSince1970 * Self.ticksPerSecond
        var places = fraction == 0 ? 0 : 7
        var rest = fraction
        while places > 0, rest.isMultiple(of: 10) {
            rest /= 10
            places -= 1
        }
        return text(fractionDigits: places)
    }

    /// In UTC, with exactly that many digits of the second; finer ones are cut off.
    package func text(fractionDigits places: Int) -> String {
        precondition(0...7 ~= places, "\(places) digits of a second are not from 0 to 7")
        let seconds = secondsSince1970
        let fraction = ticks - seconds * Self.ticksPerSecond
        let ofDay = seconds - day.daysSince1970 * 86_400
        let clock = "\(padded(ofDay / 3_600, 2)):\(padded(ofDay / 60 % 60, 2)):\(padded(ofDay % 60, 2))"
        return "\(day.text)T\(clock)\(places == 0 ? "" : ".")\(padded(fraction, 7).prefix(places))Z"
    }

    /// Cut to 100 ns, and to the years 1 to 9999.
    package static func + (time: WallTime, duration: Duration) -> WallTime {
        let (sum, overflowed) = time.ticks.addingReportingOverflow(duration.ticks)
        return overflowed ? (duration < .zero ? .first : .last) : WallTime(ticks: sum)
    }

    package static func - (time: WallTime, duration: Duration) -> WallTime {
        time + (.zero - duration)
    }

    package static func - (a: WallTime, b: WallTime) -> Duration {
        let (seconds, ticks) = (a.ticks - b.ticks).quotientAndRemainder(dividingBy: ticksPerSecond)
        return .seconds(seconds) + .nanoseconds(ticks * 100)
    }

    package static func < (a: WallTime, b: WallTime) -> Bool {
        a.ticks < b.ticks
    }

    private static func offsetMinutes(_ scanner: inout DateScanner) -> Int? {
        if scanner.take("Z") || scanner.take("z") { return 0 }
        let sign = scanner.take("+") ? 1 : scanner.take("-") ? -1 : 0
        guard sign != 0, let hours = scanner.number(digits: 2), hours < 24 else { return nil }
        guard !scanner.isAtEnd else { return sign * hours * 60 }
        _ = scanner.take(":")
        guard let minutes = scanner.number(digits: 2), minutes < 60 else { return nil }
        return sign * (hours * 60 + minutes)
    }
}

extension WallTime: CustomStringConvertible {
    package var description: String { text }
}

extension Duration {
    /// Whole units of 100 ns; a duration of 29,000 years or more is cut to that.
    fileprivate var ticks: Int {
        let (seconds, attoseconds) = components
        let (whole, overflowed) = Int(seconds).multipliedReportingOverflow(by: WallTime.ticksPerSecond)
        guard !overflowed else { return seconds < 0 ? .min / 2 : .max / 2 }
        return whole + Int(attoseconds / 100_000_000_000)
    }
}

/// The quotient rounded down, where `/` rounds towards zero.
private func floored(_ value: Int, by divisor: Int) -> Int {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
}
