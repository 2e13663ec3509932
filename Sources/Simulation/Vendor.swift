import Core
import Engine
import Store
import Systems
import Transport

/// One account at one remote system, as strict as vendors are, and as unreliable: it counts what arrives, checks tokens,
/// answers late or not at all, and goes on with what it was asked whether or not anybody still waits.
@OnLoop final class Vendor {
    struct Limit {
        var window: String
        var units: Int
        var period: Duration
    }

    /// What becomes of one call, apart from what it is about.
    enum Exchange<Answer: Sendable> {
        case answered(Result<Answer, CallError>)
        case unauthorized
        case throttled(retryAfter: Duration?)
        case failed(CallError)
        case noAnswer(CallError)
    }

    private enum Fate {
        case fine, lost, doneButLost, late
        case failed(isDone: Bool, isSaid: Bool)
        case throttled(Duration?)
    }

    nonisolated let name: String
    nonisolated let limits: [Limit]
    private unowned let world: World
    private let chances: Scenario.Chances
    private var arrivals: [String: [(at: Instant, units: Int)]] = [:]
    private var isDown = false
    private var tokens: [String: Instant] = [:]
    private var issued = 0
    /// A request that nobody has answered is processed this much later at most.
    private let longestDelay: Duration

    nonisolated static let deadline = Duration.seconds(30)

    init(_ name: String, _ limits: [Limit], chances: Scenario.Chances, longestDelay: Duration, in world: World) {
        self.name = name
        self.limits = limits
        self.chances = chances
        self.longestDelay = longestDelay
        self.world = world
    }

    // MARK: Outages and tokens

    func goDown(for length: Duration) {
        isDown = true
        world.trace.note("\(name) is down for \(length.seconds) s")
        EpollLoop.process.after(length) { self.isDown = false }
    }

    func comeBack() {
        isDown = false
    }

    func revokeTokens() {
        world.trace.note("\(name) revokes all tokens")
        tokens = [:]
    }

    /// What a worker's token keeper asks.
    func issueToken() async throws -> TokenKeeper.Fresh {
        await rest(.milliseconds(20)...(.milliseconds(400)))
        if isDown || world.hits(chances.tokenFails) {
            world.struck("no token")
            throw CallError(.retry(after: nil), name, .outage, "no token now")
        }
        issued += 1
        let life = Duration.seconds(world.dice.roll(600...3_600))
        let ends = world.hits(chances.tokenEndsEarly) ? world.dice.roll(.seconds(20)...life) : life
        tokens["\(name) \(issued)"] = .now + ends
        return TokenKeeper.Fresh(Secret(text: "\(name) \(issued)"), lifetime: life)
    }

    private func takes(_ token: Secret) -> Bool {
        tokens[token.text].map { $0 > .now } ?? false
    }

    // MARK: Calls

    /// Does `work` as its fate will have it, and says what the caller gets to see of that.
    func call<Answer: Sendable>(
        _ units: [String: Int],
        _ token: Secret,
        isWrite: Bool,
        _ work: @escaping @OnLoop () -> Result<Answer, CallError>
    ) async -> Exchange<Answer> {
        let sent = Instant.now
        let fate = fate(isWrite)
        await rest(.milliseconds(3)...(.milliseconds(150)))
        if case .lost = fate {
            world.struck("lost")
            return await silence(since: sent, isWrite)
        }
        if let refusal: Exchange<Answer> = refusal(units, token) { return refusal }
        if case .throttled(let pause) = fate {
            world.struck("throttled for nothing")
            return .throttled(retryAfter: pause)
        }
        let isSlow = world.hits(chances.slow)
        await rest(.milliseconds(5)...(isSlow ? .seconds(20) : .milliseconds(300)))
        switch fate {
        case .late:
            world.struck("late")
            EpollLoop.process.after(world.dice.roll(.milliseconds(1)...longestDelay)) { _ = work() }
            return await silence(since: sent, isWrite)
        case .doneButLost:
            world.struck("done but lost")
            _ = work()
            return await silence(since: sent, isWrite)
        case .failed(let isDone, let isSaid):
            world.struck("server error")
            if isDone { _ = work() }
            return .failed(serverError(isUncertain: isWrite && !isSaid))
        case .fine, .lost, .throttled: break
        }
        let answer = work()
        await rest(.milliseconds(1)...(.milliseconds(50)))
        return .answered(answer)
    }

    private func fate(_ isWrite: Bool) -> Fate {
        guard world.isTroubled else { return .fine }
        if world.hits(chances.lost) { return .lost }
        if world.hits(chances.doneButLost) { return .doneButLost }
        if world.hits(chances.late) { return isWrite ? .late : .lost }
        if world.hits(chances.serverError) {
            let isSaid = world.dice.hits(0.4)
            return .failed(isDone: !isSaid && world.dice.hits(0.5), isSaid: isSaid)
        }
        if world.hits(chances.throttled) {
            return .throttled(world.dice.hits(0.3) ? nil : world.dice.roll(.zero...(.seconds(120))))
        }
        return .fine
    }

    private func serverError(isUncertain: Bool) -> CallError {
        CallError(.retry(after: nil), name, .outage, "an error of the server", isUncertain: isUncertain)
    }

    /// The caller waits until its deadline, or its connection breaks before that.
    private func silence<Answer: Sendable>(since sent: Instant, _ isWrite: Bool) async -> Exchange<Answer> {
        let rest = Self.deadline - (.now - sent)
        let isBroken = world.dice.hits(0.5)
        try? await EpollLoop.process.sleep(for: isBroken ? world.dice.roll(.zero...max(rest, .zero)) : rest)
        let kind: CallError.Kind = isBroken ? .network : .timeout
        return .noAnswer(CallError(.retry(after: nil), name, kind, "no answer", isUncertain: isWrite))
    }

    private func refusal<Answer: Sendable>(_ units: [String: Int], _ token: Secret) -> Exchange<Answer>? {
        if let exceeded = count(units) {
            let words = "\(name) was asked more than \(exceeded.units) \(exceeded.window) in \(exceeded.period)"
            // What was spent is written down with the calendar's time: set forward, it says that a minute has passed.
            if world.wasSetForward(within: exceeded.period) {
                world.struck("asked too much after a clock was set forward")
            } else {
                world.broken(words)
            }
            return .throttled(retryAfter: nil)
        }
        guard !isDown else { return .failed(serverError(isUncertain: false)) }
        return takes(token) ? nil : .unauthorized
    }

    /// Counted as they arrive. Nil while all is within the limits.
    private func count(_ units: [String: Int]) -> Limit? {
        var exceeded: Limit?
        for limit in limits {
            guard let count = units[limit.window], count > 0 else { continue }
            let since = Instant.now
            arrivals[limit.window, default: []].removeAll { $0.at + limit.period <= since }
            arrivals[limit.window, default: []].append((.now, count))
            let sum = arrivals[limit.window, default: []].reduce(0) { $0 + $1.units }
            if sum > limit.units { exceeded = limit }
        }
        return exceeded
    }

    private func rest(_ range: ClosedRange<Duration>) async {
        try? await EpollLoop.process.sleep(for: world.dice.roll(range))
    }
}
