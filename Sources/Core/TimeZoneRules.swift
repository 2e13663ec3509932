/// How far the clocks of a place are from UTC, at any time, past and to come.
///
/// It is read from the bytes of a TZif file; what asks for the file is not here.
package struct TimeZoneRules: Sendable, Equatable {
    /// From that second since 1970 on, clocks are so many seconds ahead of UTC.
    struct Change: Sendable, Equatable {
        var since: Int
        var offset: Int
    }

    /// More than any clock ever was behind or ahead of UTC; a file that says more is refused.
    static let offsets = -89_999...93_599

    /// Until the first change.
    let first: Int
    /// In ascending order.
    let changes: [Change]
    /// What holds after the last change, year after year; nil where nothing changes any more.
    let yearly: YearlyClock?

    package static let utc = TimeZoneRules(first: 0, changes: [], yearly: nil)

    init(first: Int, changes: [Change], yearly: YearlyClock?) {
        self.first = first
        self.changes = changes
        self.yearly = yearly
    }

    /// Seconds that clocks are ahead of UTC at that time; negative where they are behind.
    package func offset(at time: WallTime) -> Int {
        offset(at: time.secondsSince1970)
    }

    /// The first moment at which clocks show that minute of the day, or any later time: the end of the gap where they
    /// skip it, the first of the two where they show it twice. Nil for a day that they skip as a whole, as Samoa's did
    /// on 2011-12-30.
    package func moment(of minute: Int, on day: Day) -> WallTime? {
        let midnight = day.daysSince1970 * 86_400
        guard moment(ofClock: midnight) < moment(ofClock: midnight + 86_400) else { return nil }
        return WallTime(ticks: moment(ofClock: midnight + minute * 60) * WallTime.ticksPerSecond)
    }

    /// The day that clocks show.
    package func day(at time: WallTime) -> Day {
        (time + .seconds(offset(at: time))).day
    }

    /// `clock` is what clocks show, as seconds since they showed 1970-01-01 00:00.
    private func moment(ofClock clock: Int) -> Int {
        // Before this second no clock can show it yet; and one round for each change until it does.
        var from = clock - Self.offsets.upperBound
        while true {
            let moment = max(from, clock - offset(at: from))
            guard let change = nextChange(after: from), change <= moment else { return moment }
            from = change
        }
    }

    private func offset(at second: Int) -> Int {
        let past = changesUpTo(second)
        if past == changes.count, let yearly { return yearly.offset(at: second) }
        return past == 0 ? first : changes[past - 1].offset
    }

    private func nextChange(after second: Int) -> Int? {
        let past = changesUpTo(second)
        return past < changes.count ? changes[past].since : yearly?.nextTurn(after: second)
    }

    /// How many there are.
    private func changesUpTo(_ second: Int) -> Int {
        var (low, high) = (0, changes.count)
        while low < high {
            let middle = (low + high) / 2
            if changes[middle].since <= second { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
