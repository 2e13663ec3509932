/// How long to wait before the next try, after so many that failed.
///
/// Full jitter: anything from nothing to a bound that doubles with each failure. Many who fail together then come back
/// apart. What the other side asked for wins, with a little added for the same reason.
package struct Backoff: Sendable, Equatable {
    package var first: Duration
    package var longest: Duration
    package private(set) var failures = 0

    package init(first: Duration = .seconds(1), longest: Duration = .seconds(300)) {
        precondition(first > .zero && longest >= first, "a backoff from \(first) to \(longest)")
        self.first = first
        self.longest = longest
    }

    /// The bound of the next wait.
    package var bound: Duration {
        let doublings = min(max(failures - 1, 0), 40)
        let (bound, overflowed) = first.nanoseconds.multipliedReportingOverflow(by: 1 << doublings)
        return overflowed ? longest : min(.nanoseconds(bound), longest)
    }

    /// The wait after one more failure. `asked` is what the other side named (`Retry-After`); it is obeyed, up to `most`.
    package mutating func failed(
        asked: Duration? = nil,
        most: Duration = .seconds(3_600),
        using random: inout some RandomNumberGenerator
    ) -> Duration {
        failures += 1
        if let asked {
            let floor = min(max(asked, .zero), most)
            return floor + share(of: min(.nanoseconds(floor.nanoseconds / 10), .seconds(10)), using: &random)
        }
        return share(of: bound, using: &random)
    }

    package mutating func succeeded() {
        failures = 0
    }

    private func share(of bound: Duration, using random: inout some RandomNumberGenerator) -> Duration {
        .nanoseconds(Int64.random(in: 0...max(bound.nanoseconds, 0), using: &random))
    }
}
