import Core

/// What the supervisor was told last of a flow's figures.
struct SentFigures {
    /// What the supervisor reckons a subscription's end to be may be wrong by as much.
    private static let drift: Int64 = 30

    private var last: (figures: WorkerFigures, at: Instant)?

    /// True once for each that differs. That time passes is no news.
    mutating func isNews(_ figures: WorkerFigures, at now: Instant) -> Bool {
        if let last, expected(last, like: figures, at: now) == figures { return false }
        last = (figures, now)
        return true
    }

    private func expected(
        _ last: (figures: WorkerFigures, at: Instant),
        like figures: WorkerFigures,
        at now: Instant
    ) -> WorkerFigures {
        var expected = last.figures
        guard let then = expected.subscriptionSeconds, let left = figures.subscriptionSeconds else { return expected }
        let passed = (now - last.at).nanoseconds / 1_000_000_000
        let (difference, overflowed) = left.subtractingReportingOverflow(then - passed)
        if !overflowed, difference.magnitude <= Self.drift { expected.subscriptionSeconds = left }
        return expected
    }
}
