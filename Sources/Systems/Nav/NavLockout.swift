import Core

extension Nav {
    /// Keeps us from knocking again and again with a credential that was refused: a Windows account is locked after a few
    /// wrong passwords, and then nobody gets in.
    struct Lockout: Sendable {
        private var refusals = 0
        private var until: Instant?
        private(set) var error: CallError?

        /// What to throw instead of asking; nil where asking is in order. A person who tests the connection may always try.
        func refusal(of lane: Lane, at now: Instant) -> CallError? {
            guard lane != .interactive, let until, now < until else { return nil }
            return error
        }

        mutating func refused(_ error: CallError, at now: Instant) {
            refusals = min(refusals + 1, 10)
            let pause = Limits.pauseAfterRefusal * (1 << (refusals - 1))
            until = now + min(pause, Limits.longestPauseAfterRefusal)
            self.error = error
        }

        mutating func admitted() {
            self = Lockout()
        }
    }
}
