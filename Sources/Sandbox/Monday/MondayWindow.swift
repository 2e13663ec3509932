import Core

/// Counts what happened within the last span of time, exactly, and remembers the highest count there ever was.
struct MondayWindow: Sendable {
    let period: Duration
    private(set) var highest = 0
    /// Ever.
    private(set) var total = 0
    private var times: [Instant] = []
    private var gone = 0

    init(per period: Duration) {
        self.period = period
    }

    mutating func count(at now: Instant) -> Int {
        while gone < times.count, times[gone] + period <= now { gone += 1 }
        if gone > 1_024, gone > times.count / 2 {
            times.removeFirst(gone)
            gone = 0
        }
        return times.count - gone
    }

    mutating func add(_ count: Int = 1, at now: Instant) {
        total += count
        times.append(contentsOf: repeatElement(now, count: count))
        highest = max(highest, self.count(at: now))
    }

    /// Seconds until `count` more have room under `limit`, rounded up.
    mutating func wait(for count: Int, under limit: Int, at now: Instant) -> Int {
        let used = self.count(at: now)
        let surplus = used + count - limit
        guard surplus > 0 else { return 0 }
        guard surplus <= used else { return Int(period.inSeconds) }
        return max(1, Int((times[gone + surplus - 1] + period - now).inSeconds.rounded(.up)))
    }
}
