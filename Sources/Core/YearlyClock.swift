/// A zone's clocks as they change every year from now on: the text of POSIX at the end of a TZif file.
///
///     CET-1CEST,M3.5.0,M10.5.0/3      ahead by 1 h; by 2 h from March's last Sunday 02:00 to October's last 03:00
///     <+0545>-5:45                    always ahead by 5 h 45 min
struct YearlyClock: Sendable, Equatable {
    struct Summer: Sendable, Equatable {
        var offset: Int
        var begins: Turn
        var ends: Turn
    }

    /// When clocks are put forward or back, by what they show until then.
    struct Turn: Sendable, Equatable {
        enum When: Sendable, Equatable {
            /// `J60`: the first of March in every year.
            case dayWithoutLeapDay(Int)
            /// `59`: the sixtieth day of the year.
            case day(Int)
            /// `M3.5.0`: the week 5 is the last; the weekday 0 is Sunday.
            case weekday(Int, week: Int, month: Int)
        }

        var when: When
        /// After midnight; negative for the day before.
        var seconds = 7_200
    }

    var standard: Int
    var summer: Summer?

    func offset(at second: Int) -> Int {
        guard let summer else { return standard }
        let last = turns(around: second).last { $0.since <= second }
        return last?.isSummer == true ? summer.offset : standard
    }

    /// The second of the first change after that one.
    func nextTurn(after second: Int) -> Int? {
        turns(around: second).first { $0.since > second }?.since
    }

    /// In ascending order. A turn may lie a week outside of its year, so two years on each side are enough for the last
    /// before and the first after.
    private func turns(around second: Int) -> [(since: Int, isSummer: Bool)] {
        guard let summer else { return [] }
        let year = WallTime(ticks: second * WallTime.ticksPerSecond).day.components.year
        return (year - 2...year + 2).flatMap { year in
            // Where one year's summer ends as the next one's begins, the later word counts: it is always summer.
            [
                summer.ends.second(in: year, offset: summer.offset).map { (since: $0, isSummer: false) },
                summer.begins.second(in: year, offset: standard).map { (since: $0, isSummer: true) },
            ].compactMap(\.self)
        }.sorted { $0.since == $1.since ? !$0.isSummer && $1.isSummer : $0.since < $1.since }
    }
}

extension YearlyClock.Turn {
    /// Nil outside of the calendar.
    fileprivate func second(in year: Int, offset: Int) -> Int? {
        day(in: year).map { $0 * 86_400 + seconds - offset }
    }

    /// As days since 1970.
    private func day(in year: Int) -> Int? {
        guard let newYear = Day(year: year, month: 1, day: 1)?.daysSince1970 else { return nil }
        switch when {
        case .day(let day): return newYear + day
        case .dayWithoutLeapDay(let day):
            let isLeapYear = Day(year: year, month: 2, day: 29) != nil
            return newYear + day - (isLeapYear && day >= 60 ? 0 : 1)
        case .weekday(let weekday, let week, let month):
            guard let first = Day(year: year, month: month, day: 1)?.daysSince1970 else { return nil }
            // 1970 began on a Thursday.
            let firstWeekday = ((first + 4) % 7 + 7) % 7
            let day = (weekday - firstWeekday + 7) % 7 + 7 * (week - 1)
            // Not every month has five of them.
            let isInMonth = Day(year: year, month: month, day: day + 1) != nil
            return first + (isInMonth ? day : day - 7)
        }
    }
}

// MARK: Reading

extension YearlyClock {
    /// Nil for what is no such text, or leaves open when summer begins.
    init?(_ text: some Sequence<UInt8>) {
        var reader = Reader(rest: Array(text)[...])
        guard reader.name(), let behind = reader.time(hours: 24) else { return nil }
        standard = -behind
        if !reader.isAtEnd {
            guard reader.name() else { return nil }
            var offset = standard + 3_600
            if reader.next != UInt8(ascii: ",") {
                guard let behind = reader.time(hours: 24) else { return nil }
                offset = -behind
            }
            guard let begins = reader.turn(), let ends = reader.turn(), reader.isAtEnd else { return nil }
            summer = Summer(offset: offset, begins: begins, ends: ends)
        }
        guard TimeZoneRules.offsets.contains(standard), TimeZoneRules.offsets.contains(summer?.offset ?? 0) else {
            return nil
        }
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        var next: UInt8? { rest.first }
        var isAtEnd: Bool { rest.isEmpty }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard next == UInt8(ascii: character) else { return false }
            rest.removeFirst()
            return true
        }

        /// `CEST`, or between angle brackets whatever has digits or signs in it: `<+0545>`.
        mutating func name() -> Bool {
            let isQuoted = take("<")
            let name = rest.prefix { isLetter($0) || isQuoted && (isDigit($0) || $0 == 0x2B || $0 == 0x2D) }
            rest = rest.dropFirst(name.count)
            return name.count >= 3 && (!isQuoted || take(">"))
        }

        /// `-5`, `+5:30` or `167:59:59`, in seconds.
        mutating func time(hours most: Int) -> Int? {
            let sign = take("-") ? -1 : 1
            if sign > 0 { _ = take("+") }
            guard let hours = number(in: 0...most) else { return nil }
            var seconds = hours * 3_600
            for unit in [60, 1] where take(":") {
                guard let count = number(in: 0...59) else { return nil }
                seconds += count * unit
            }
            return sign * seconds
        }

        /// `,M10.5.0/3`
        mutating func turn() -> Turn? {
            guard take(","), let when = when() else { return nil }
            guard take("/") else { return Turn(when: when) }
            // A week either way, which POSIX itself does not allow and zones make use of.
            return time(hours: 167).map { Turn(when: when, seconds: $0) }
        }

        private mutating func when() -> Turn.When? {
            if take("J") { return number(in: 1...365).map { .dayWithoutLeapDay($0) } }
            guard take("M") else { return number(in: 0...365).map { .day($0) } }
            guard let month = number(in: 1...12), take("."), let week = number(in: 1...5), take("."),
                let weekday = number(in: 0...6)
            else { return nil }
            return .weekday(weekday, week: week, month: month)
        }

        private mutating func number(in range: ClosedRange<Int>) -> Int? {
            let digits = rest.prefix(3).prefix(while: isDigit)
            rest = rest.dropFirst(digits.count)
            let number = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
            return !digits.isEmpty && range.contains(number) ? number : nil
        }

        private func isLetter(_ byte: UInt8) -> Bool {
            UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
        }
    }
}
