import Core
import Store
import Transport

/// Keeps the calls of one account within its limits, and from a system that is down: asks the tenant's store, which all
/// workers of the account ask, and lets the callers of this process in as it answers. Whose turn it is the store decides;
/// of one lane they go as they came, but nobody waits behind a caller for room that it does not need itself.
package actor RateKeeper: CallGate, LimitsListener {
    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        EpollLoop.process.asUnownedSerialExecutor()
    }

    package nonisolated let account: String
    private let owner: Int64
    private let store: any WindowStore
    private var windows: [String: Window] = [:]
    /// Set by whoever runs the product: what the vendor says of them is not taken over.
    private let settled: Set<String>
    private let isTrial: Bool
    private var queue = CallQueue()
    private var asks: [Int64: WindowAsk] = [:]
    private var isServing = false
    /// Counted up by whatever may let somebody in earlier than the store has said.
    private var news = 0
    private var nap: Task<Void, Never>?
    private var backoff = Backoff(first: .seconds(5), longest: .seconds(300))
    private var random = Chance()
    private var isClosed = false
    /// Whose call met the system down, last.
    private var unluckyLane: Lane?
    package private(set) var outcomes: [String: UInt64] = [:]
    /// Counted up by whatever may change what an account has used.
    package private(set) var stir: UInt64 = 0

    /// `owner` is the connection; `settled` are the windows whose limits somebody chose. One for a trial calls a system
    /// that is down as well: a person wants to know whether it still is.
    package init(
        account: String,
        owner: Int64,
        windows: [Window],
        settled: Set<String> = [],
        isTrial: Bool = false,
        store: any WindowStore
    ) {
        self.account = account
        self.owner = owner
        self.settled = settled
        self.isTrial = isTrial
        self.store = store
        for window in windows { self.windows[window.name] = window }
    }

    /// To be called once, before the first call: the process before this one may have died in the middle of some.
    package func begin() async throws {
        try await store.takeOver(account, windows: Array(windows.values), owner: owner, at: now)
    }

    // MARK: Entering and leaving

    package func enter(_ charge: Charge, lane: Lane, longest: Duration) async throws -> CallPass {
        guard !isClosed else { throw CancellationError() }
        stir &+= 1
        let ask = WindowAsk(
            account: account,
            owner: owner,
            windows: charge.units.keys.compactMap { windows[$0] },
            charge: charge,
            lane: lane,
            longest: longest,
            isTrial: isTrial
        )
        return try await withCheckedThrowingContinuation { continuation in
            queue.add(ask, continuation)
            askAgain()
            serve()
        }
    }

    package func leave(_ pass: CallPass, _ outcome: CallOutcome) async {
        var outcome = outcome
        stir &+= 1
        let ask = asks.removeValue(forKey: pass.number)
        switch outcome {
        case .answered:
            backoff.succeeded()
            outcomes["answered", default: 0] += 1
            unluckyLane = nil
        case .throttled(let asked):
            outcome = .throttled(for: backoff.failed(asked: asked, using: &random))
            outcomes["throttled", default: 0] += 1
        case .failed:
            outcomes["failed", default: 0] += 1
            unluckyLane = ask?.lane
        case .unreached:
            outcomes["unreached", default: 0] += 1
            unluckyLane = ask?.lane
        case .lost:
            outcomes["lost", default: 0] += 1
            unluckyLane = ask?.lane
        case .givenUp: outcomes["lost", default: 0] += 1
        case .notSent: break
        }
        // Should the store fail, the units stay taken until the call's deadline: too few calls, never too many.
        try? await store.leave(pass, ask ?? free, outcome, at: now)
        // There may be room for the next one now; or none for longer than it thinks.
        askAgain()
    }

    /// A call without limits has nothing to give back; but it may have been turned away, or have met nobody.
    private var free: WindowAsk {
        WindowAsk(account: account, owner: owner, windows: [], charge: [:], lane: .live, longest: .zero)
    }

    /// Whether nobody is let in for now, whatever room there is: the vendor has closed the account, or the system is down.
    package func isHeld() async -> Bool {
        guard let facts = try? await store.facts(of: account, in: [], at: now) else { return false }
        return facts.opens(at: now) != nil
    }

    /// How many units of a window a batch of that lane may take now, or when to ask again. All, of one without a limit,
    /// while the account is open.
    package func room(_ window: String, lane: Lane) async throws -> WindowRoom {
        guard let window = windows[window] else {
            let opens = try await store.facts(of: account, in: [], at: now).opens(at: now)
            return WindowRoom(units: opens == nil ? .max : 0, untilMilliseconds: opens ?? now)
        }
        return try await store.room(in: window, of: account, lane: lane, at: now)
    }

    package func learned(_ name: String, limit: Int, per period: Duration) {
        guard !settled.contains(name), limit > 0, let known = windows[name] else { return }
        var window = known.with(limit: limit)
        if case .sliding = known.kind {
            // So many in no time is no limit that anybody can keep.
            guard period > .zero else { return }
            window.kind = .sliding(period)
        }
        windows[name] = window
    }

    package func facts() async throws -> (AccountFacts, [Window]) {
        let all = windows.values.sorted { $0.name < $1.name }
        return (try await store.facts(of: account, in: all, at: now), all)
    }

    /// Callers of the background that still wait give up: there is something better to do.
    package func dismissBackground() {
        queue.giveUp(.background)
        askAgain()
    }

    /// Whoever waits gives up; nobody enters any more.
    package func close() {
        isClosed = true
        for lane in Lane.allCases { queue.giveUp(lane) }
        askAgain()
    }

    private var now: Int64 { Int64(WallTime.now.millisecondsSince1970) }

    // MARK: Serving the queue

    private func serve() {
        guard !isServing else { return }
        isServing = true
        EpollLoop.process.task { await self.serveAll() }
    }

    private func serveAll() async {
        while !queue.isEmpty {
            let before = news
            let until = await askForAll()
            // What came while the store was asked came before the nap, and would not end it.
            if news == before, let until { await rest(until: until) }
        }
        isServing = false
    }

    /// Asks once for each who may get in: when to do so again, nil where somebody was let in last.
    ///
    /// A lane without room is no reason not to ask for the next: it may be that one's turn.
    private func askForAll() async -> Int64? {
        var earliest: Int64?
        var full: [Lane: Set<String>] = [:]
        for caller in queue.callers(last: unluckyLane) {
            let ask = caller.ask
            guard full[ask.lane, default: []].isDisjoint(with: ask.charge.units.keys) else { continue }
            do {
                switch try await store.enter(ask, at: now) {
                case .entered(let pass): await admit(caller, pass)
                case .wait(let until, let windows):
                    earliest = min(earliest ?? until, until)
                    // Closed to one is closed to all.
                    guard !windows.isEmpty else { return earliest }
                    full[ask.lane, default: []].formUnion(windows)
                }
            } catch {
                queue.take(caller)?.resume(throwing: error)
            }
        }
        return earliest
    }

    private func admit(_ caller: CallQueue.Caller, _ pass: CallPass) async {
        if let continuation = queue.take(caller) {
            if pass.number != 0 { asks[pass.number] = caller.ask }
            continuation.resume(returning: pass)
        } else {
            try? await store.leave(pass, caller.ask, .notSent, at: now)
        }
    }

    private func askAgain() {
        news += 1
        nap?.cancel()
    }

    /// Until then, or until a caller comes who goes first, or a call ends that held what this one waits for.
    private func rest(until: Int64) async {
        let wait = Duration.milliseconds(max(until - now, 1))
        // A clock may be set meanwhile: nothing is believed for longer than a few seconds.
        let nap = EpollLoop.process.task { () async -> Void in
            try? await EpollLoop.process.sleep(for: min(wait, .seconds(5)))
        }
        self.nap = nap
        await nap.value
        self.nap = nil
    }
}

/// Callers in the order in which they are asked for: by lane, and within a lane as they came.
private struct CallQueue {
    struct Caller {
        var number: UInt64
        var ask: WindowAsk
    }

    private var lines: [Lane: [(Caller, CheckedContinuation<CallPass, any Error>)]] = [:]
    private var next: UInt64 = 0

    var isEmpty: Bool { lines.values.allSatisfy(\.isEmpty) }

    /// One lane may come last: what failed may have been its call and not the system, so another tries first.
    func callers(last: Lane?) -> [Caller] {
        let lanes = Lane.allCases.filter { $0 != last } + [last].compactMap { $0 }
        return lanes.flatMap { lane in lines[lane, default: []].map(\.0) }
    }

    mutating func add(_ ask: WindowAsk, _ continuation: CheckedContinuation<CallPass, any Error>) {
        next += 1
        lines[ask.lane, default: []].append((Caller(number: next, ask: ask), continuation))
    }

    /// Nil when it has given up meanwhile.
    mutating func take(_ caller: Caller) -> CheckedContinuation<CallPass, any Error>? {
        guard let index = lines[caller.ask.lane]?.firstIndex(where: { $0.0.number == caller.number }) else {
            return nil
        }
        return lines[caller.ask.lane]?.remove(at: index).1
    }

    mutating func giveUp(_ lane: Lane) {
        for (_, continuation) in lines.removeValue(forKey: lane) ?? [] {
            continuation.resume(throwing: CancellationError())
        }
    }
}
