/// One child process as its supervisor sees it: a worker, or the gateway.
///
/// It is told facts and answers with actions; it starts and kills nothing itself.
///
///     down ──wanted──▶ starting ──ready──▶ up ──unwanted, replaced──▶ stopping ──exited──▶ down | starting
///                          ▲                │
///                          │              crash
///                          │                ▼
///                          └──── waiting (a growing hold-down)
///                          └──── quarantined (more crashes than the window allows; a slow, growing schedule)
package struct WorkerLife: Sendable, Equatable {
    package struct Policy: Sendable, Equatable {
        /// One crash more than this many within the period leads to quarantine.
        package var crashes = 5
        package var period = Duration.seconds(60)
        /// The first restart is immediate; later ones wait this long, doubled each time.
        package var holdDown = Duration.milliseconds(100)
        package var longestHoldDown = Duration.seconds(30)
        package var quarantine = Duration.seconds(60)
        package var longestQuarantine = Duration.seconds(3_600)
        /// Up for this long, and everything before is forgiven.
        package var stableAfter = Duration.seconds(60)
        /// From spawn to ready.
        package var startLimit = Duration.seconds(10)
        /// A process that has shown no progress for this long is replaced.
        package var silenceLimit = Duration.milliseconds(7_500)
        package var drainLimit = Duration.seconds(10)
        /// A process that was killed and is still there is killed again, and somebody hears of it again.
        package var killAgainAfter = Duration.seconds(5)
        /// A tick this late says that the supervisor itself was held up: what its processes said meanwhile lies unread,
        /// so their silence proves nothing yet. They are given the same time once more to be heard.
        package var lateness = Duration.seconds(1)

        package init() {}
    }

    package enum State: Sendable, Equatable {
        /// Not wanted.
        case down
        /// Spawn was asked for; `pid` is nil until it is known. Until then there is no deadline: whoever spawns owes
        /// `spawned` or `notSpawned`, and a spawn cannot be called back.
        case starting(pid: Int32?, since: Instant)
        case up(pid: Int32, since: Instant)
        /// Was told to end, or killed. At `killAt` it is killed, again if need be.
        case stopping(pid: Int32, killAt: Instant, cause: Cause, then: Next)
        /// Crashed; spawned again at that instant.
        case waiting(until: Instant)
        /// Crashed more often than the policy allows; tried again at that instant, and by an operator's command.
        case quarantined(until: Instant)
    }

    package enum Next: Sendable, Equatable {
        case stayDown
        case startAgain
    }

    /// Why a process ended, or had to.
    package enum Cause: String, Sendable, CaseIterable {
        case crashed
        case killed
        case hung
        case neverReady = "never_ready"
        case notSpawned = "not_spawned"
        /// It said itself that another start would not help.
        case hopeless
        case drained
        case drainOverdue = "drain_overdue"
    }

    package enum Exit: Sendable, Equatable {
        case code(Int32)
        case signal(Int32)
    }

    /// The exit code of a process that knows another start would end the same way (`EX_CONFIG`).
    package static let hopelessCode: Int32 = 78

    package enum Action: Sendable, Equatable {
        /// Answered by `spawned` or `notSpawned`, always, and once.
        case spawn
        case terminate(pid: Int32)
        case kill(pid: Int32)
        case quarantined(Cause, retryIn: Duration)
        case recovered
    }

    package private(set) var state = State.down
    package private(set) var restarts: [Cause: Int] = [:]
    package private(set) var lastCause: Cause?
    private var policy: Policy
    private var crashes: SlidingWindow
    private var crashesInARow = 0
    private var quarantines = 0
    private var lastProgress = Instant(nanoseconds: 0)
    /// Set while a process is heard out.
    private var graceUntil: Instant?
    /// What becomes of the process whose pid is under way: nil when it is kept.
    private var afterSpawn: Next?

    package init(policy: Policy) {
        self.policy = policy
        crashes = SlidingWindow(limit: policy.crashes, per: policy.period)
    }

    /// Another one from now on. The crashes that were counted by the one before are forgotten.
    package mutating func use(_ policy: Policy) {
        guard policy != self.policy else { return }
        self.policy = policy
        crashes = SlidingWindow(limit: policy.crashes, per: policy.period)
    }

    package var pid: Int32? {
        switch state {
        case .starting(let pid, _): pid
        case .up(let pid, _), .stopping(let pid, _, _, _): pid
        case .down, .waiting, .quarantined: nil
        }
    }

    package var isUp: Bool {
        if case .up = state { true } else { false }
    }

    package var isStarting: Bool {
        if case .starting = state { true } else { false }
    }

    package var isSuspect: Bool { quarantines > 0 }

    /// When `tick` has something to do at the latest.
    package var nextDeadline: Instant? {
        switch state {
        case .down, .starting(nil, _): nil
        case .starting(_, let since): extended(since + policy.startLimit)
        case .up(_, let since):
            crashesInARow > 0
                ? min(extended(lastProgress + policy.silenceLimit), since + policy.stableAfter)
                : extended(lastProgress + policy.silenceLimit)
        case .stopping(_, let killAt, _, _): killAt
        case .waiting(let until), .quarantined(let until): until
        }
    }

    // MARK: Wishes

    package mutating func wanted(at now: Instant) -> [Action] {
        switch state {
        case .down: return start(at: now)
        case .stopping(let pid, let killAt, let cause, .stayDown):
            state = .stopping(pid: pid, killAt: killAt, cause: cause, then: .startAgain)
            return []
        case .starting(nil, _):
            if afterSpawn == .stayDown { afterSpawn = .startAgain }
            return []
        case .starting, .up, .stopping, .waiting, .quarantined: return []
        }
    }

    package mutating func unwanted(at now: Instant) -> [Action] {
        stop(cause: .drained, then: .stayDown, at: now)
    }

    /// Ends it and starts it anew, whatever it is doing: its binary or its configuration is another one now.
    package mutating func replaced(at now: Instant) -> [Action] {
        crashesInARow = 0
        quarantines = 0
        crashes.clear()
        return stop(cause: .drained, then: .startAgain, at: now)
    }

    private mutating func stop(cause: Cause, then next: Next, at now: Instant) -> [Action] {
        switch state {
        case .starting(let pid?, _), .up(let pid, _):
            state = .stopping(pid: pid, killAt: now + policy.drainLimit, cause: cause, then: next)
            return [.terminate(pid: pid)]
        case .stopping(let pid, let killAt, let cause, _):
            state = .stopping(pid: pid, killAt: killAt, cause: cause, then: next)
            return []
        case .starting(nil, _):
            // It cannot be called back, and it may have begun with what is out of date: `spawned` ends it.
            afterSpawn = next
            return []
        case .down, .waiting, .quarantined:
            if next == .startAgain { return start(at: now) }
            state = .down
            return []
        }
    }

    // MARK: Facts

    package mutating func spawned(pid: Int32, at now: Instant) -> [Action] {
        switch state {
        case .starting(nil, _):
            state = .starting(pid: pid, since: now)
            graceUntil = nil
            return afterSpawn.map { stop(cause: .drained, then: $0, at: now) } ?? []
        case .down, .starting, .up, .stopping, .waiting, .quarantined:
            preconditionFailure("a second process \(pid) was spawned in state \(state)")
        }
    }

    package mutating func notSpawned(at now: Instant) -> [Action] {
        guard case .starting(nil, _) = state else { return [] }
        switch afterSpawn {
        case nil: return crashed(.notSpawned, at: now)
        case .startAgain: return start(at: now)
        case .stayDown:
            state = .down
            return []
        }
    }

    package mutating func ready(pid: Int32, at now: Instant) -> [Action] {
        guard case .starting(pid, _) = state else { return [] }
        state = .up(pid: pid, since: now)
        progressed(at: now)
        return []
    }

    package mutating func progressed(at now: Instant) {
        lastProgress = now
        graceUntil = nil
    }

    package mutating func exited(pid: Int32, _ exit: Exit, at now: Instant) -> [Action] {
        switch state {
        case .starting(pid, _), .up(pid, _):
            return crashed(exit == .code(Self.hopelessCode) ? .hopeless : exit.cause, at: now)
        case .stopping(pid, _, .hung, _): return crashed(.hung, at: now)
        case .stopping(pid, _, .neverReady, _): return crashed(.neverReady, at: now)
        case .stopping(pid, _, let cause, let next):
            lastCause = cause
            guard next == .startAgain else {
                state = .down
                return []
            }
            restarts[cause, default: 0] += 1
            return start(at: now)
        case .down, .starting, .up, .stopping, .waiting, .quarantined:
            return []  // An exit nobody waits for any more.
        }
    }

    package mutating func tick(at now: Instant) -> [Action] {
        switch state {
        case .down: return []
        case .starting(let pid?, let since) where extended(since + policy.startLimit) <= now:
            return killing(pid, for: .neverReady, due: since + policy.startLimit, at: now)
        case .up(let pid, _) where extended(lastProgress + policy.silenceLimit) <= now:
            return killing(pid, for: .hung, due: lastProgress + policy.silenceLimit, at: now)
        case .up(_, let since) where crashesInARow > 0 && since + policy.stableAfter <= now:
            let wasSuspect = isSuspect
            crashesInARow = 0
            quarantines = 0
            crashes.clear()
            return wasSuspect ? [.recovered] : []
        case .stopping(let pid, let killAt, let cause, let next) where killAt <= now:
            state = .stopping(
                pid: pid,
                killAt: now + policy.killAgainAfter,
                cause: cause == .drained ? .drainOverdue : cause,
                then: next
            )
            return [.kill(pid: pid)]
        case .waiting(let until) where until <= now: return start(at: now)
        case .quarantined(let until) where until <= now: return start(at: now)
        case .starting, .up, .stopping, .waiting, .quarantined: return []
        }
    }

    // MARK: Decisions

    private mutating func start(at now: Instant) -> [Action] {
        state = .starting(pid: nil, since: now)
        afterSpawn = nil
        return [.spawn]
    }

    private func extended(_ deadline: Instant) -> Instant {
        graceUntil.map { max($0, deadline) } ?? deadline
    }

    private mutating func killing(_ pid: Int32, for cause: Cause, due: Instant, at now: Instant) -> [Action] {
        // Once only: a machine that is always late must still get rid of a process that hangs.
        if graceUntil == nil, now - due > policy.lateness {
            graceUntil = now + policy.lateness
            return []
        }
        state = .stopping(pid: pid, killAt: now + policy.killAgainAfter, cause: cause, then: .startAgain)
        return [.kill(pid: pid)]
    }

    private mutating func crashed(_ cause: Cause, at now: Instant) -> [Action] {
        lastCause = cause
        if case .stopping(_, _, _, .stayDown) = state {
            state = .down
            return []
        }
        restarts[cause, default: 0] += 1
        crashesInARow += 1
        // On probation one crash is enough.
        guard cause != .hopeless, quarantines == 0, crashes.admit(at: now) == .admit else {
            let pause = doubled(policy.quarantine, times: quarantines, atMost: policy.longestQuarantine)
            quarantines += 1
            state = .quarantined(until: now + pause)
            return [.quarantined(cause, retryIn: pause)]
        }
        guard crashesInARow > 1 else { return start(at: now) }
        state = .waiting(
            until: now + doubled(policy.holdDown, times: crashesInARow - 2, atMost: policy.longestHoldDown)
        )
        return []
    }

    private func doubled(_ base: Duration, times: Int, atMost longest: Duration) -> Duration {
        min(base * (1 << min(max(times, 0), 20)), longest)
    }
}

extension WorkerLife.Exit {
    fileprivate var cause: WorkerLife.Cause {
        switch self {
        case .code: .crashed
        case .signal(9), .signal(15): .killed
        case .signal: .crashed
        }
    }
}
