import Core
import Simulation
import Testing

/// Each runs in a process of its own: a simulation takes the loop, and with it everything that runs there.
@Suite(.timeLimit(.minutes(4))) struct `a simulated installation` {
    @Test(arguments: [1...20, 21...40])
    func `keeps its promises whatever goes wrong`(seeds: ClosedRange<UInt64>) async {
        await #expect(processExitsWith: .success) { [seeds] in
            for seed in seeds {
                let outcome = Runner.run(Scenario(seed: seed))
                precondition(outcome.broken.isEmpty, "\(outcome.scenario): \(outcome.broken)")
                precondition(outcome.facts.changes > 0)
            }
        }
    }

    @Test func `does exactly the same with the same seed, and something else with another`() async {
        await #expect(processExitsWith: .success) {
            for seed: UInt64 in [3, 13, 338] {
                let outcomes = (0..<2).map { _ in Runner.run(Scenario(seed: seed), trace: .digest) }
                precondition(outcomes[0].digest == outcomes[1].digest && outcomes[0].facts == outcomes[1].facts)
                precondition(outcomes[0].digest != Runner.run(Scenario(seed: seed + 1), trace: .digest).digest)
            }
        }
    }

    /// A test that finds nothing proves nothing: each of these is a mistake that such systems have made.
    @Test(arguments: Sabotage.allCases)
    func `notices a mistake that was put in on purpose`(sabotage: Sabotage) async {
        await #expect(processExitsWith: .success) { [name = sabotage.rawValue as String] in
            guard let sabotage = Sabotage(rawValue: name) else { preconditionFailure("there is no \(name)") }
            let scenarios = (1...2_000).lazy.map { Scenario(seed: $0) }.filter { sabotage.shows(in: $0) }
            let seed = scenarios.prefix(150).first { !Runner.run($0, sabotage: sabotage).broken.isEmpty }
            precondition(seed != nil, "nothing of \(name) was noticed in 150 runs")
        }
    }
}

@Suite struct `a scenario` {
    @Test func `is drawn from its seed, and says in one line what it is`() {
        #expect(Scenario(seed: 7) == Scenario(seed: 7))
        #expect(Scenario(seed: 7) != Scenario(seed: 8))
        for seed: UInt64 in 1...500 {
            let scenario = Scenario(seed: seed)
            #expect(0.1...24 ~= scenario.hours && 1...3 ~= scenario.tenants.count)
            #expect(scenario.tenants.allSatisfy { 1...3 ~= $0.connections.count })
            #expect("\(scenario)".hasPrefix("seed \(seed); ") && !"\(scenario)".contains("\n"))
            let healthy = scenario.tenants.filter(\.isHealthy)
            #expect(healthy.isEmpty || scenario.powerCuts == 0 && scenario.clockJumps.isEmpty)
        }
    }
}

@Suite struct `the line of a seed` {
    @Test func `says the same when it is read`() {
        var facts = Facts()
        facts.hours = 2
        facts.kills = 3
        facts.faults = ["lost": 4]
        let line = SeedLine.ended(.max, broken: ["“this”\nand that"], facts, digest: .max)
        #expect(SeedLine(line.text) == line && !line.text.contains("\n"))
        #expect(SeedLine(SeedLine.begins(9).text) == .begins(9))
        for text in ["", "{}", "[1]", #"{"ended":"x"}"#, #"{"begins":7}"#] { #expect(SeedLine(text) == nil) }
    }
}
