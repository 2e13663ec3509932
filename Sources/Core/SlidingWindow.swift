/// At most `limit` events in any span of `period`: a worker's crashes, an account's calls.
///
/// A token bucket of 40 refilled at 40 a minute lets 79 through in the minute after a quiet one. Remembering the last
/// 40 instants never does.
package struct SlidingWindow: Sendable, Equatable {
    package let limit: Int
    package let period: Duration
    private var admitted: [Instant] = []

    package enum Verdict: Sendable, Equatable {
        case admit
        case wait(until: Instant)
    }

    package init(limit: Int, per period: Duration) {
        precondition(limit > 0, "a window that admits nothing is no window")
        self.limit = limit
        self.period = period
    }

    package mutating func admit(at now: Instant) -> Verdict {
        admitted.removeAll { $0 + period <= now }
        guard admitted.count == limit else {
            admitted.append(now)
            return .admit
        }
        return .wait(until: admitted[0] + period)
    }

    package mutating func clear() {
        admitted.removeAll()
    }
}
