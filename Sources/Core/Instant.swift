/// A point on the machine's monotonic clock. It never jumps, and means nothing to another machine or after a boot.
///
/// Decisions take an `Instant` as an argument; only Transport asks the kernel for one.
package struct Instant: Sendable, Hashable, Comparable {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    package static func < (a: Instant, b: Instant) -> Bool {
        a.nanoseconds < b.nanoseconds
    }

    package static func + (instant: Instant, duration: Duration) -> Instant {
        Instant(nanoseconds: instant.nanoseconds + duration.nanoseconds)
    }

    package static func - (a: Instant, b: Instant) -> Duration {
        .nanoseconds(a.nanoseconds - b.nanoseconds)
    }
}

extension Duration {
    /// Whole nanoseconds; a duration of 146 years or more is cut to that, so that an instant can always be moved by it.
    package var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let most: Int64 = (1 << 62) / 1_000_000_000
        guard (-most..<most).contains(seconds) else { return (seconds < 0 ? -most : most) * 1_000_000_000 }
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    package var inSeconds: Double {
        Double(nanoseconds) / 1e9
    }
}
