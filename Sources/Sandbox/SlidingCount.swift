import Core

/// How many events lie in the period that ends now, counted exactly.
package struct SlidingCount: Sendable {
    package let period: Duration
    /// The most there ever were in one period.
    package private(set) var highest = 0
    private var instants: [Instant] = []
    private var oldest = 0

    package init(per period: Duration) {
        self.period = period
    }

    package mutating func count(at now: Instant) -> Int {
        while oldest < instants.count, instants[oldest] + period <= now { oldest += 1 }
        if oldest > 1_024, oldest > instants.count / 2 {
            instants.removeFirst(oldest)
            oldest = 0
        }
        return instants.count - oldest
    }

    package mutating func add(at now: Instant) {
        instants.append(now)
        highest = max(highest, count(at: now))
    }
}
