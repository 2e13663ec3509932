import Core
import Testing

@Suite struct `the life of a token` {
    let start = Instant(nanoseconds: 1_000_000_000_000)
    let outage = CallError(.retry(after: nil), "Somewhere", .outage, "down")
    let wrongSecret = CallError(.stopConnection, "Somewhere", .credentials, "wrong secret")

    @Test func `is asked for once, however many want one`() {
        var life = TokenLife()
        #expect(life.asked(at: start) == .refresh)
        #expect(life.asked(at: start) == .wait)
        #expect(life.asked(at: start + .seconds(9)) == .wait)
        life.received(expiresIn: .seconds(3_599), at: start)
        #expect(life.asked(at: start) == .use)
    }

    @Test func `is renewed when less than five minutes are left`() {
        var life = held(for: .seconds(3_599))
        #expect(life.asked(at: start + .seconds(3_298)) == .use)
        #expect(life.asked(at: start + .seconds(3_299)) == .refresh)
        #expect(life.asked(at: start + .seconds(3_299)) == .wait)
    }

    @Test func `has no end where nobody named one`() {
        var life = held(for: nil)
        #expect(life.asked(at: start + .seconds(1_000_000)) == .use)
        life.refused()
        #expect(life.asked(at: start + .seconds(1_000_000)) == .refresh)
    }

    @Test func `is half used at least, however short`() {
        var life = held(for: .seconds(60))
        #expect(life.asked(at: start + .seconds(29)) == .use)
        #expect(life.asked(at: start + .seconds(30)) == .refresh)
    }

    @Test(arguments: [Duration.zero, .seconds(-5)])
    func `survives a lifetime that is none`(lifetime: Duration) {
        var life = held(for: lifetime)
        #expect(life.asked(at: start) == .refresh)
    }

    @Test func `ends when it is refused, whatever was said of it`() {
        var life = held(for: .seconds(3_599))
        life.refused()
        #expect(life.state == .none)
        #expect(life.asked(at: start) == .refresh)
    }

    @Test func `lasts while a renewal fails`() {
        var life = held(for: .seconds(600))
        let late = start + .seconds(400)
        #expect(life.asked(at: late) == .refresh)
        #expect(fail(&life, outage, at: late) == .use)
        #expect(life.asked(at: late) == .use)
        // It is tried again meanwhile.
        #expect(life.asked(at: late + .seconds(2)) == .refresh)
        #expect(fail(&life, wrongSecret, at: late + .seconds(2)) == .use)
        #expect(life.asked(at: start + .seconds(600)) == .refuse(wrongSecret))
    }

    @Test func `does not last when it was refused during its renewal`() {
        var life = held(for: .seconds(600))
        let late = start + .seconds(400)
        #expect(life.asked(at: late) == .refresh)
        life.refused()
        #expect(refusal(fail(&life, outage, at: late))?.kind == .outage)
        guard case .refuse = life.asked(at: late) else {
            Issue.record("\(life)")
            return
        }
    }

    @Test func `tells everybody of a wrong secret, and tries again after five minutes`() {
        var life = TokenLife()
        _ = life.asked(at: start)
        #expect(fail(&life, wrongSecret, at: start) == .refuse(wrongSecret))
        for second in [0, 1, 100, 299] {
            #expect(life.asked(at: start + .seconds(second)) == .refuse(wrongSecret))
        }
        #expect(life.asked(at: start + .seconds(300)) == .refresh)
        life.received(expiresIn: .seconds(3_600), at: start + .seconds(300))
        #expect(life.asked(at: start + .seconds(300)) == .use)
    }

    @Test func `backs off from an outage, longer each time, and says how long`() throws {
        var life = TokenLife()
        var now = start
        var longest = Duration.zero
        for _ in 0..<40 {
            #expect(life.asked(at: now) == .refresh)
            let error = try #require(refusal(fail(&life, outage, at: now)))
            guard case .retry(let wait?) = error.remedy else {
                Issue.record("\(error)")
                return
            }
            longest = max(longest, wait)
            #expect(wait <= .seconds(60))
            now = now + wait
        }
        #expect(longest > .seconds(10))
    }

    @Test func `waits as long as it was told to`() throws {
        var life = TokenLife()
        _ = life.asked(at: start)
        let busy = CallError(.retry(after: .seconds(30)), "Somewhere", .throttled, "busy")
        let error = try #require(refusal(fail(&life, busy, at: start)))
        guard case .retry(let wait?) = error.remedy else {
            Issue.record("\(error)")
            return
        }
        #expect(wait >= .seconds(30) && wait <= .seconds(33))
        guard case .refuse = life.asked(at: start + .seconds(29)) else {
            Issue.record("\(life)")
            return
        }
        #expect(life.asked(at: start + .seconds(33)) == .refresh)
    }

    @Test func `is not asked for again and again when new ones are refused`() {
        var life = held(for: .seconds(3_599))
        let notLetIn = CallError(.stopConnection, "Somewhere", .credentials, "not let in")
        life.refusedForGood(notLetIn, at: start)
        #expect(life.asked(at: start + .seconds(299)) == .refuse(notLetIn))
        #expect(life.asked(at: start + .seconds(300)) == .refresh)
    }

    @Test func `takes a token that comes while an older one is refused for good`() {
        var life = held(for: .seconds(600))
        _ = life.asked(at: start + .seconds(400))
        life.refusedForGood(wrongSecret, at: start + .seconds(400))
        #expect(life.asked(at: start + .seconds(400)) == .wait)
        life.received(expiresIn: .seconds(600), at: start + .seconds(401))
        #expect(life.asked(at: start + .seconds(401)) == .use)
    }

    private func held(for lifetime: Duration?) -> TokenLife {
        var life = TokenLife()
        _ = life.asked(at: start)
        life.received(expiresIn: lifetime, at: start)
        return life
    }

    private func fail(_ life: inout TokenLife, _ error: CallError, at now: Instant) -> TokenLife.Action {
        var random = SystemRandomNumberGenerator()
        return life.failed(error, at: now, using: &random)
    }

    private func refusal(_ action: TokenLife.Action) -> CallError? {
        if case .refuse(let error) = action { error } else { nil }
    }
}
