import Core
import Testing

@Suite struct `an instant` {
    @Test func `is moved by a duration, and two are a duration apart`() {
        let start = Instant(nanoseconds: 5)
        #expect(start + .seconds(2) == Instant(nanoseconds: 2_000_000_005))
        #expect(start + .seconds(2) - start == .seconds(2))
        #expect(start - (start + .milliseconds(3)) == .milliseconds(-3))
        #expect(start < start + .nanoseconds(1))
    }

    /// Durations arrive in configurations and from other processes: none may end the one that reads it.
    @Test(arguments: [
        Duration.nanoseconds(Int64.max), .nanoseconds(Int64.min), .seconds(9_223_372_036.9), .seconds(-9_223_372_036.9),
        .seconds(Int64.max), .seconds(Int64.min),
    ])
    func `is never moved over its end`(duration: Duration) {
        let now = Instant(nanoseconds: 1_000_000_000_000_000)
        #expect((now + duration > now) == (duration > .zero))
        #expect((now + duration - now > .seconds(4_000_000_000)) == (duration > .zero))
    }
}

@Suite struct `a duration` {
    @Test(arguments: [
        (Duration.milliseconds(1_500), 1_500_000_000 as Int64), (.nanoseconds(-7), -7), (.zero, 0),
        (.seconds(-2.5), -2_500_000_000),
    ])
    func `is counted in whole nanoseconds`(duration: Duration, nanoseconds: Int64) {
        #expect(duration.nanoseconds == nanoseconds)
        #expect(duration.inSeconds == Double(nanoseconds) / 1e9)
    }
}
