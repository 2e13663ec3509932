import Core
import Glibc
import Host
import Simulation
import Transport

/// `simulate`: the engine on machines that are only simulated, with everything going wrong, thousands of times.
enum SimulateCommand {
    static let command = Command(
        name: "simulate",
        summary: "run the engine in simulations where everything goes wrong, and say what did not hold",
        flags: [
            Flag("seeds", "N", "how many", usually: "1000"),
            Flag("from", "SEED", "the first one", usually: "1"),
            Flag("jobs", "J", "processes side by side", usually: "one for each processor"),
            Flag("seed", "SEED", "only this one"),
            Flag("trace", nil, "with --seed: a line for each event"),
            Flag("sabotage", "NAME", "with a mistake put in on purpose; exits 1 when it is noticed"),
            CommandTable.json,
        ]
    ) { arguments in
        let sabotage = try sabotage(arguments)
        if let seed = arguments["seed"] {
            guard Repetition.isDeterministic else { Repetition.become(CommandLine.arguments) }
            return try one(number(seed, "seed"), arguments, sabotage)
        }
        let processors = max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1)
        let count = try number(arguments["seeds"] ?? "1000", "seeds")
        let jobs = try number(arguments["jobs"] ?? "\(processors)", "jobs")
        guard 1...1_000_000_000 ~= count, 1...1_024 ~= jobs else {
            throw UsageError("--seeds takes 1 to 1000000000, and --jobs 1 to 1024")
        }
        let first = try number(arguments["from"] ?? "1", "from")
        let began = Instant.now
        var crew = Crew(Crew.Work(first: first, count: Int(count), jobs: Int(min(jobs, count)), sabotage: sabotage))
        try crew.run()
        let seconds = (Instant.now - began).inSeconds
        Terminal.print(
            arguments.has("json") ? crew.report.json(seconds: seconds).text() : crew.report.text(seconds: seconds)
        )
        return crew.report.failures.isEmpty ? .done : .failed
    }

    /// What a process of the crew is started as: a line before each seed, and one after it.
    static let seeds = Command(
        name: "simulate-seeds",
        summary: "",
        flags: [
            Flag("from", "SEED", ""), Flag("until", "SEED", ""), Flag("step", "N", ""), Flag("sabotage", "NAME", ""),
        ],
        isInternal: true
    ) { arguments in
        let until = try number(arguments["until"] ?? "0", "until")
        let step = max(try number(arguments["step"] ?? "1", "step"), 1)
        let sabotage = try sabotage(arguments)
        for seed in stride(from: try number(arguments["from"] ?? "1", "from"), to: until, by: Int(step)) {
            Terminal.print(SeedLine.begins(seed).text)
            let outcome = Runner.run(Scenario(seed: seed), sabotage: sabotage)
            Terminal.print(SeedLine(outcome).text)
        }
        return .done
    }

    @OnLoop private static func one(_ seed: UInt64, _ arguments: Arguments, _ sabotage: Sabotage?) throws -> ExitCode {
        let scenario = Scenario(seed: seed)
        let isTraced = arguments.has("trace")
        if isTraced { Terminal.print("\(scenario)\n") }
        let began = Instant.now
        let outcome = Runner.run(
            scenario,
            trace: isTraced ? .print { Terminal.print($0) } : .digest,
            sabotage: sabotage
        )
        var report = Report(of: sabotage)
        report.add(seed, broken: outcome.broken, outcome.facts)
        let seconds = (Instant.now - began).inSeconds
        if isTraced { Terminal.print("") }
        Terminal.print(arguments.has("json") ? report.json(seconds: seconds).text() : report.text(seconds: seconds))
        if !arguments.has("json") { Terminal.print("digest \(outcome.digest)") }
        return report.failures.isEmpty ? .done : .failed
    }

    private static func number(_ text: String, _ flag: String) throws(UsageError) -> UInt64 {
        guard let number = UInt64(text), number < 1 << 62 else { throw UsageError("--\(flag) takes a whole number") }
        return number
    }

    private static func sabotage(_ arguments: Arguments) throws(UsageError) -> Sabotage? {
        guard let name = arguments["sabotage"] else { return nil }
        guard let sabotage = Sabotage(rawValue: name) else {
            throw UsageError("--sabotage takes one of \(Sabotage.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return sabotage
    }
}
