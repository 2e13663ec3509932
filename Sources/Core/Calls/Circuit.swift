/// Keeps an account's workers from a system that is down, and finds out when it is up again.
///
///     closed ──outages in a row──▶ open ──its pause is over──▶ half open ──one caller──▶ probed
///        ▲                          ▲                                                  │
///        └────── any answer ────────┴──────────── an outage, for a longer pause ───────┘
///
/// It parks nothing: whoever wants to call waits. A 429 is no outage, for the system is there and says so; neither is a
/// refusal. Times are milliseconds since 1970, because it outlives processes.
package struct Circuit: Sendable, Equatable {
    package enum State: Sendable, Equatable {
        case closed
        case open(until: Int64)
        /// The next caller tries.
        case halfOpen
        /// One call is under way. If its process dies, the next one may try at that time.
        case probed(until: Int64)
    }

    /// So many in a row open it: one page that is too large and one bad minute do not.
    package static let threshold = 5
    package static let shortestPause = Duration.seconds(1)
    /// A call in a minute costs nobody anything, and what waits when a system is back waits no longer than this.
    package static let longestPause = Duration.seconds(120)
    /// How often those who wait look whether the probe has come back: in milliseconds.
    private static let probeCheck: Int64 = 250
    private static let mostOutages = 1_000

    /// In a row, of any worker.
    package private(set) var outages: Int
    /// When the first of them was; 0 without any.
    package private(set) var since: Int64
    /// Until when it is open or probed.
    package private(set) var until: Int64
    /// The pass of the call that tries, and whose it is; 0 when nobody does.
    package private(set) var probe: Int64
    package private(set) var prober: Int64

    package init(outages: Int = 0, since: Int64 = 0, until: Int64 = 0, probe: Int64 = 0, prober: Int64 = 0) {
        self.outages = min(max(outages, 0), Self.mostOutages)
        self.since = since
        self.until = until
        self.probe = probe
        self.prober = prober
    }

    package func state(at now: Int64) -> State {
        guard outages >= Self.threshold else { return .closed }
        guard until > now else { return .halfOpen }
        return probe == 0 ? .open(until: until) : .probed(until: until)
    }

    package var isClosed: Bool { outages < Self.threshold }

    /// When to ask again; nil for a caller that may go now, perhaps as the one who tries.
    package func wait(at now: Int64) -> Int64? {
        switch state(at: now) {
        case .closed, .halfOpen: nil
        case .open(let until): until
        case .probed(let until): min(until, now + Self.probeCheck)
        }
    }

    /// A call goes. It is the one that tries, if one has to; `until` is when its process must be dead if it has not said
    /// how it ended.
    package mutating func entered(_ pass: Int64, of owner: Int64, until: Int64, at now: Int64) {
        guard state(at: now) == .halfOpen else { return }
        (probe, prober, self.until) = (pass, owner, until)
    }

    package mutating func ended(
        _ pass: Int64,
        _ outcome: CallOutcome,
        at now: Int64,
        using random: inout some RandomNumberGenerator
    ) {
        switch outcome {
        case .answered, .throttled: self = Circuit()
        case .notSent, .givenUp:
            // It says nothing of the system, so another one tries.
            if pass == probe, probe != 0 { (probe, prober, until) = (0, 0, now) }
        case .failed, .lost, .unreached: failed(pass, at: now, using: &random)
        }
    }

    /// What a dead process has tried nobody will tell.
    package mutating func died(_ owner: Int64, at now: Int64) {
        guard probe != 0, prober == owner else { return }
        (probe, prober, until) = (0, 0, now)
    }

    /// The clock was set back by so much.
    package mutating func follow(back: Int64) {
        since = max(since - back, 0)
        until = max(until - back, 0)
    }

    /// The longest pause after so many outages.
    package static func bound(after outages: Int) -> Duration {
        let doublings = min(max(outages, threshold - 1), threshold + 19) - threshold + 1
        return min(.nanoseconds(shortestPause.nanoseconds << doublings), longestPause)
    }

    private mutating func failed(_ pass: Int64, at now: Int64, using random: inout some RandomNumberGenerator) {
        // Those that were under way when it opened say nothing new.
        guard isClosed || pass == probe && probe != 0 else { return }
        if outages == 0 { since = now }
        outages = min(outages + 1, Self.mostOutages)
        guard !isClosed else { return }
        let most = Self.bound(after: outages).milliseconds
        let pause = Int64.random(in: Self.shortestPause.milliseconds...most, using: &random)
        (probe, prober, until) = (0, 0, now + pause)
    }
}
