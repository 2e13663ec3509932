import Core
import Testing

@Suite struct `a circuit` {
    private enum Fact {
        case goes(Int64)
        case ends(Int64, CallOutcome)
        case passes(Int64)
        case dies(Int64)
    }
    private static let start: Int64 = 1_800_000_000_000

    private static func after(_ facts: [Fact]) -> (Circuit, now: Int64) {
        var (circuit, now, random) = (Circuit(), start, SeededGenerator(seed: 7))
        for fact in facts {
            switch fact {
            case .goes(let pass): circuit.entered(pass, of: 70 + pass, until: now + 30_000, at: now)
            case .ends(let pass, let outcome): circuit.ended(pass, outcome, at: now, using: &random)
            case .passes(let milliseconds): now += milliseconds
            case .dies(let owner): circuit.died(owner, at: now)
            }
        }
        return (circuit, now)
    }

    private static let opened = (1...5).map { Fact.ends($0, .failed) }
    /// Longer than the first pause can be.
    private static let probing = opened + [.passes(2_000), .goes(6)]

    private struct Life: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var facts: [Fact]
        /// Nil where any pause will do.
        var state: String
    }

    private static let lives = [
        Life(testDescription: "new", facts: [], state: "closed"),
        Life(testDescription: "four outages", facts: (1...4).map { .ends($0, .lost) }, state: "closed"),
        Life(testDescription: "five of any kind", facts: opened, state: "open"),
        Life(
            testDescription: "five with an answer between",
            facts: [.ends(1, .failed), .ends(2, .lost), .ends(3, .answered)] + (4...7).map { .ends($0, .unreached) },
            state: "closed"
        ),
        Life(
            testDescription: "a 429 is no outage",
            facts: Array(repeating: .ends(1, .throttled(for: nil)), count: 9),
            state: "closed"
        ),
        Life(
            testDescription: "what we gave up or never sent is none",
            facts: (1...9).flatMap { [.ends($0, .givenUp), .ends($0, .notSent)] },
            state: "closed"
        ),
        Life(testDescription: "its pause is over", facts: opened + [.passes(2_000)], state: "half open"),
        Life(testDescription: "one tries", facts: probing, state: "probed"),
        Life(testDescription: "a second one goes after it", facts: probing + [.goes(7)], state: "probed"),
        Life(testDescription: "it gets an answer", facts: probing + [.ends(6, .answered)], state: "closed"),
        Life(testDescription: "it is turned away", facts: probing + [.ends(6, .throttled(for: nil))], state: "closed"),
        Life(testDescription: "it fails", facts: probing + [.ends(6, .failed)], state: "open"),
        Life(testDescription: "an older call fails", facts: probing + [.ends(3, .lost)], state: "probed"),
        Life(testDescription: "an older call is answered", facts: probing + [.ends(3, .answered)], state: "closed"),
        Life(testDescription: "it was never sent", facts: probing + [.ends(6, .notSent)], state: "half open"),
        Life(testDescription: "its process dies", facts: probing + [.dies(76)], state: "half open"),
        Life(testDescription: "another process dies", facts: probing + [.dies(71)], state: "probed"),
        Life(testDescription: "its deadline passes", facts: probing + [.passes(30_000)], state: "half open"),
        Life(
            testDescription: "it comes back after its deadline",
            facts: probing + [.passes(30_000), .goes(8), .ends(6, .failed)],
            state: "probed"
        ),
    ]

    @Test(arguments: lives) private func `lives as it should`(life: Life) {
        let (circuit, now) = Self.after(life.facts)
        let word =
            switch circuit.state(at: now) {
            case .closed: "closed"
            case .open: "open"
            case .halfOpen: "half open"
            case .probed: "probed"
            }
        #expect(word == life.state)
        #expect((circuit.wait(at: now) == nil) == ["closed", "half open"].contains(word))
        #expect(circuit.wait(at: now).map { $0 > now } ?? true)
        #expect(circuit.isClosed == (word == "closed"))
        // Another process reads what this one has kept.
        let kept = Circuit(
            outages: circuit.outages,
            since: circuit.since,
            until: circuit.until,
            probe: circuit.probe,
            prober: circuit.prober
        )
        #expect(kept == circuit)
    }

    @Test func `pauses longer each time, with full jitter between its bounds`() {
        var longest: [Int64] = []
        for seed in 0..<300 as Range<UInt64> {
            var (circuit, random, now) = (Circuit(), SeededGenerator(seed: seed), Self.start)
            var pauses: [Int64] = []
            for pass in 1...40 as ClosedRange<Int64> {
                circuit.entered(pass, of: 1, until: now + 30_000, at: now)
                circuit.ended(pass, .failed, at: now, using: &random)
                guard case .open(let until) = circuit.state(at: now) else { continue }
                let pause = until - now
                #expect(pause >= 1_000 && pause <= Circuit.bound(after: circuit.outages).milliseconds)
                pauses.append(pause)
                now = until
            }
            #expect(pauses.count == 36 && circuit.since == Self.start)
            longest = longest.isEmpty ? pauses : zip(longest, pauses).map(max)
        }
        // The bounds are reached, and double up to two minutes.
        for (step, pause) in longest.enumerated() {
            let bound = min(Int64(2_000) << min(step, 10), 120_000)
            #expect(pause <= bound && pause > bound * 8 / 10, "step \(step): \(pause)")
        }
    }

    /// Two workers, each with callers who always want to: what a vendor that is down for an hour sees of them.
    @Test(arguments: 0..<50 as Range<UInt64>) func `asks seldom during an hour, one at a time, and soon after it`(
        seed: UInt64
    ) {
        var (circuit, random, now) = (Circuit(), SeededGenerator(seed: seed), Self.start)
        let end = now + 3_600_000
        var (pass, calls): (Int64, [Int64]) = (0, [])
        while calls.last ?? 0 < end {
            if let until = circuit.wait(at: now) {
                #expect(until > now)
                now = until
                continue
            }
            pass += 1
            calls.append(now)
            circuit.entered(pass, of: 1, until: now + 30_000, at: now)
            if !circuit.isClosed { #expect(circuit.wait(at: now) != nil, "two tried at once") }
            now += Int64(random.next() % 3_000)
            circuit.ended(pass, now < end ? .lost : .answered, at: now, using: &random)
        }
        #expect(30...130 ~= calls.count, "\(calls.count) calls")
        let late = (calls.last ?? 0) - end
        #expect(0...120_000 ~= late, "found \(late) ms after its end")
        #expect(circuit == Circuit())
    }

    @Test func `goes back with the clock, and is believed only within bounds`() {
        var (circuit, now) = Self.after(Self.opened)
        now -= 3_600_000
        circuit.follow(back: 3_600_000)
        #expect(circuit.wait(at: now).map { $0 - now <= 2_000 } ?? false)
        #expect(Circuit(outages: .max).outages <= 1_000 && Circuit(outages: .min).isClosed)
        #expect(Circuit.bound(after: .max) == Circuit.longestPause && Circuit.bound(after: .min) == .seconds(1))
    }
}
