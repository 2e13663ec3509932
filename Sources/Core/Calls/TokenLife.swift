/// When an access token is asked for, used, and given up.
///
/// It holds no token, only what is known of one: whoever is told an action keeps the token and does the asking. However
/// many ask for it, one request is under way; and a credential that a person has to mend is tried again so rarely that
/// nobody is locked out, and often enough that the connection heals by itself once it is mended.
package struct TokenLife: Sendable, Equatable {
    package enum State: Sendable, Equatable {
        /// Nothing to show. Becomes `refreshing` when somebody asks.
        case none
        /// A token that works until then; until it is refused where nobody said how long. Becomes `refreshing` when it
        /// is asked for after `renewal`, and `none` when it is refused.
        case held(until: Instant?, renewal: Instant?)
        /// A new token has been asked for. One from before may still work until `old`. Becomes `held` or `failed`.
        case refreshing(old: Instant?)
        /// No token was given. Becomes `refreshing` when somebody asks after `again`.
        case failed(CallError, again: Instant, old: Instant?)
    }

    package enum Action: Sendable, Equatable {
        /// The token that is there.
        case use
        /// Ask for a token, then tell what came of it.
        case refresh
        /// Somebody is asking already.
        case wait
        case refuse(CallError)
    }

    package private(set) var state = State.none
    /// A token with less than this left is renewed.
    package let margin: Duration
    /// How long nobody asks again after an error that only a person can mend.
    package let credentialPause: Duration
    private var backoff: Backoff

    package init(
        margin: Duration = .seconds(300),
        credentialPause: Duration = .seconds(300),
        backoff: Backoff = Backoff(first: .seconds(1), longest: .seconds(60))
    ) {
        self.margin = margin
        self.credentialPause = credentialPause
        self.backoff = backoff
    }

    package mutating func asked(at now: Instant) -> Action {
        switch state {
        case .none:
            return refresh(old: nil)
        case .held(let until, let renewal):
            guard let renewal, now >= renewal else { return .use }
            return refresh(old: until)
        case .refreshing:
            return .wait
        case .failed(let error, let again, let old):
            if now >= again { return refresh(old: old) }
            return answer(error, again: again, old: old, at: now)
        }
    }

    /// A token came. `lifetime` is nil where nobody said how long it works.
    package mutating func received(expiresIn lifetime: Duration?, at now: Instant) {
        backoff.succeeded()
        guard let lifetime = lifetime.map({ max($0, .zero) }) else {
            state = .held(until: nil, renewal: nil)
            return
        }
        // One that lives hardly longer than the margin would be renewed at every call.
        let used = max(lifetime - margin, lifetime / 2)
        state = .held(until: now + lifetime, renewal: now + used)
    }

    /// No token came. The answer is what those who wait are told: the old token still does, or the error.
    package mutating func failed(
        _ error: CallError,
        at now: Instant,
        using random: inout some RandomNumberGenerator
    ) -> Action {
        let old: Instant? = if case .refreshing(let old) = state { old } else { nil }
        let again =
            switch error.remedy {
            case .stopConnection: now + credentialPause
            case .retry(let asked): now + backoff.failed(asked: asked, using: &random)
            case .refreshToken, .skipRecord, .lookAgain: now + backoff.failed(using: &random)
            }
        state = .failed(error, again: again, old: old)
        return answer(error, again: again, old: old, at: now)
    }

    /// The token we have is not taken any more, whatever was said of its life.
    package mutating func refused() {
        switch state {
        case .none: break
        case .held: state = .none
        case .refreshing: state = .refreshing(old: nil)
        case .failed(let error, let again, _): state = .failed(error, again: again, old: nil)
        }
    }

    /// Not even a new token is taken: a person has to mend something, and until then each new one would be refused too.
    package mutating func refusedForGood(_ error: CallError, at now: Instant) {
        switch state {
        case .none, .held, .failed: state = .failed(error, again: now + credentialPause, old: nil)
        // What is under way may bring a token that is taken.
        case .refreshing: state = .refreshing(old: nil)
        }
    }

    private mutating func refresh(old: Instant?) -> Action {
        state = .refreshing(old: old)
        return .refresh
    }

    private func answer(_ error: CallError, again: Instant, old: Instant?, at now: Instant) -> Action {
        if let old, now < old { return .use }
        guard case .retry = error.remedy else { return .refuse(error) }
        var error = error
        error.remedy = .retry(after: max(again - now, .zero))
        return .refuse(error)
    }
}
