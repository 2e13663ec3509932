/// The life of a webhook subscription that its vendor lets expire: when to create it, renew it, and call for help.
///
///     missing ──▶ creating ──▶ active ──▶ renewing ──▶ active …
///                    │ ▲                     │  │
///                    ▼ │                     │  └─ gone (404) ─▶ creating
///                   failing ◀────────────────┘
///
/// It is told facts and answers with what to do now. Between two facts, `wake` is called at the instant it named.
package struct SubscriptionLife: Sendable, Equatable {
    package struct Policy: Sendable, Equatable {
        /// Renewed with this much left: time enough for somebody to see an alert and act.
        package var ahead: Duration = .seconds(86_400)
        /// Between two tries to renew.
        package var retry: Duration = .seconds(3_600)
        /// Of the first failed creation; each further one doubles it, up to `retry`. While there is no subscription,
        /// every change waits for a poll.
        package var firstRetry: Duration = .seconds(60)
        /// With less than this left, somebody has to know.
        package var alertBelow: Duration = .seconds(43_200)
        /// How long there may be none before somebody has to know.
        package var alertMissing: Duration = .seconds(600)

        package init() {}
    }

    package enum State: Sendable, Equatable {
        /// There is none. Becomes `creating` at the next wake.
        case missing
        case creating
        case active(expires: WallTime, renewal: WallTime)
        case renewing(expires: WallTime)
        /// The last try came to nothing. Tried again at `next`: created where `expires` is nil, else renewed, also after
        /// its end, because only the vendor knows whether it is gone.
        case failing(since: WallTime, next: WallTime, expires: WallTime?)
    }

    package enum Action: Sendable, Equatable {
        case create
        case renew
        /// Changes were made while nobody was told of them: read all since the last watermark.
        case readDelta
        /// Somebody should look. `left` is zero where there is no subscription at all.
        case alert(left: Duration)
        /// Wake it then; nil while a call is under way, whose end it has to be told.
        case nothing(until: WallTime?)
    }

    package private(set) var state: State
    private let policy: Policy
    private var trouble: Trouble?

    private struct Trouble: Sendable, Equatable {
        var since: WallTime
        var failures = 0
        var alerted = false
    }

    // A subscription that ends as soon as it is made must not be renewed without a pause.
    private static let shortest: Duration = .seconds(60)

    package init(policy: Policy = Policy()) {
        self.policy = policy
        state = .missing
    }

    /// What is left of it, for a gauge; nil while there is none.
    package func left(at now: WallTime) -> Duration? {
        switch state {
        case .missing, .creating, .failing(_, _, nil): nil
        case .active(let expires, _), .renewing(let expires), .failing(_, _, let expires?): max(expires - now, .zero)
        }
    }

    package mutating func wake(at now: WallTime) -> [Action] {
        switch state {
        case .missing:
            state = .creating
            return [.create]
        case .creating, .renewing:
            return [.nothing(until: nil)]
        case .active(let expires, let renewal):
            guard now >= renewal else { return [.nothing(until: renewal)] }
            state = .renewing(expires: expires)
            return [.renew]
        case .failing(_, let next, let expires):
            guard now >= next else { return [.nothing(until: next)] }
            guard let expires else {
                state = .creating
                return [.create]
            }
            state = .renewing(expires: expires)
            return [.renew]
        }
    }

    /// One from before was found at the vendor's, with its end: nothing was missed. What is to be done then, `wake` says.
    package mutating func found(expires: WallTime) {
        switch state {
        case .missing, .creating, .active:
            trouble = nil
            state = .active(expires: expires, renewal: expires - policy.ahead)
        // A try to renew it counts, whatever it looks like meanwhile.
        case .renewing: state = .renewing(expires: expires)
        case .failing(let since, let next, _): state = .failing(since: since, next: next, expires: expires)
        }
    }

    package mutating func created(expires: WallTime, at now: WallTime) -> [Action] {
        [.readDelta, .nothing(until: succeeded(expires: expires, at: now))]
    }

    package mutating func renewed(expires: WallTime, at now: WallTime) -> [Action] {
        [.nothing(until: succeeded(expires: expires, at: now))]
    }

    /// The vendor does not know it any more. What changed since then is known once there is a new one: see `created`.
    package mutating func gone() -> [Action] {
        if state == .creating { return [.nothing(until: nil)] }
        trouble = nil
        state = .creating
        return [.create]
    }

    /// A creation or a renewal came to nothing.
    package mutating func failed(at now: WallTime) -> [Action] {
        let expires: WallTime
        switch state {
        case .missing, .active, .failing: return wake(at: now)  // Of a try that nobody waits for any more.
        case .creating: return failedToCreate(at: now)
        case .renewing(let end): expires = end
        }
        let left = max(expires - now, .zero)
        var trouble = noted(at: now)
        let alert = left < policy.alertBelow && !trouble.alerted
        trouble.alerted = trouble.alerted || alert
        self.trouble = trouble
        let next = now + max(min(policy.retry, left / 4), min(Self.shortest, policy.retry))
        state = .failing(since: trouble.since, next: next, expires: expires)
        return (alert ? [.alert(left: left)] : []) + [.nothing(until: next)]
    }

    private mutating func failedToCreate(at now: WallTime) -> [Action] {
        var trouble = noted(at: now)
        let alert = now - trouble.since >= policy.alertMissing && !trouble.alerted
        trouble.alerted = trouble.alerted || alert
        self.trouble = trouble
        let next = now + min(policy.firstRetry * (1 << min(trouble.failures - 1, 20)), policy.retry)
        state = .failing(since: trouble.since, next: next, expires: nil)
        return (alert ? [.alert(left: .zero)] : []) + [.nothing(until: next)]
    }

    private func noted(at now: WallTime) -> Trouble {
        var trouble = trouble ?? Trouble(since: now)
        trouble.failures += 1
        return trouble
    }

    /// Answers when to renew it.
    private mutating func succeeded(expires: WallTime, at now: WallTime) -> WallTime {
        trouble = nil
        // Where a server lets them live for less than two days, half of the life is used.
        let renewal = max(expires - min(policy.ahead, (expires - now) / 2), now + Self.shortest)
        state = .active(expires: expires, renewal: renewal)
        return renewal
    }
}
