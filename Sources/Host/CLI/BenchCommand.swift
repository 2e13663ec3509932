import Core
import Glibc
import Transport

/// `bench`: figures of this machine.
enum BenchCommand {
    static let command = Command(
        name: "bench",
        arguments: "intake | workers | store",
        summary: "measure this machine, with a server of its own that goes afterwards",
        flags: [
            Flag("in", "DIR", "on which disk", usually: "/var/tmp"),
            Flag("connections", "N,N", "intake: at once, one run each", usually: "1,64,512"),
            Flag("seconds", "S", "intake: for each run", usually: "5"),
            Flag("duplicates", "PERCENT", "intake: requests that repeat an earlier one", usually: "0"),
            Flag("identity", "header|body", "intake: what tells events apart", usually: "header"),
            Flag("against", "URL", "intake: another server, asked with the same requests"),
            Flag("secret", "TEXT", "intake: what the requests are signed with", usually: "bench-intake"),
            Flag("count", "N,N", "workers: how many, one run each", usually: "10,300,1000"),
            Flag("spawner", "zygote|exec|both", "how workers are started", usually: "zygote"),
            Flag("kills", "N", "workers: how many are killed", usually: "200"),
            Flag("idle", "S", "workers: how long they are watched doing nothing", usually: "20"),
            Flag("records", "N,N", "store: how many, one store each", usually: "10000,100000,1000000"),
            Flag("rounds", "N", "store: how often each call is made", usually: "1000"),
            CommandTable.json,
        ]
    ) { arguments in
        // Before the first thread, which would otherwise get the signals itself.
        let signals = Signals([SIGINT, SIGTERM, SIGHUP]) { number in
            BenchServer.endAll()
            StoreBench.endAll()
            exit(128 + number)
        }
        defer { withExtendedLifetime(signals) {} }
        switch arguments.words {
        case ["intake"]: return try await intake(arguments)
        case ["workers"]: return try await workers(arguments)
        case ["store"]: return try await store(arguments)
        default: throw UsageError("bench intake, bench workers or bench store; see ml-connector bench --help")
        }
    }

    @OnLoop private static func intake(_ arguments: Arguments) async throws -> ExitCode {
        var plan = IntakeBench.Plan()
        plan.connections = try numbers("connections", in: 1...10_000, arguments) ?? plan.connections
        plan.seconds = Double(try arguments.integer("seconds", in: 1...600) ?? 5)
        plan.duplicates = try arguments.integer("duplicates", in: 0...90) ?? 0
        plan.place = arguments["in"] ?? plan.place
        plan.identity = try arguments.choice("identity") ?? .header
        plan.spawner = try spawners(arguments)[0]
        plan.against = try arguments["against"].map { text throws(UsageError) in try target(text) }
        if let secret = arguments["secret"] { plan.secret = Secret(text: secret) }
        let result = try await IntakeBench(plan: plan).measure()
        Terminal.print(arguments.has("json") ? result.json.text(.pretty) : result.text)
        return result.verdict?.isWell == false ? .failed : .done
    }

    @OnLoop private static func workers(_ arguments: Arguments) async throws -> ExitCode {
        var plan = WorkersBench.Plan()
        plan.counts = try numbers("count", in: 1...10_000, arguments) ?? plan.counts
        plan.place = arguments["in"] ?? plan.place
        plan.spawners = try spawners(arguments)
        plan.kills = try arguments.integer("kills", in: 0...100_000) ?? plan.kills
        plan.idleSeconds = try arguments.integer("idle", in: 1...3_600) ?? plan.idleSeconds
        let result = try await WorkersBench(plan: plan).measure()
        Terminal.print(arguments.has("json") ? result.json.text(.pretty) : result.text)
        return .done
    }

    @OnLoop private static func store(_ arguments: Arguments) async throws -> ExitCode {
        var plan = StoreBench.Plan()
        plan.records = try numbers("records", in: 100...10_000_000, arguments) ?? plan.records
        plan.rounds = try arguments.integer("rounds", in: 10...100_000) ?? plan.rounds
        plan.place = arguments["in"] ?? plan.place
        let result = try await StoreBench(plan: plan).measure()
        Terminal.print(arguments.has("json") ? result.json.text(.pretty) : result.text)
        return .done
    }

    private static func spawners(_ arguments: Arguments) throws -> [ServeOptions.SpawnerKind] {
        if arguments["spawner"] == "both" { return [.exec, .zygote] }
        return [try arguments.choice("spawner") ?? .zygote]
    }

    private static func numbers(
        _ name: String,
        in range: ClosedRange<Int>,
        _ arguments: Arguments
    ) throws(UsageError) -> [Int]? {
        guard let text = arguments[name] else { return nil }
        let numbers = text.split(separator: ",").compactMap { Int($0) }.filter { range.contains($0) }
        guard !numbers.isEmpty, numbers.count == text.split(separator: ",").count else {
            throw UsageError("--\(name) takes whole numbers with commas between, such as 1,64, not '\(text)'")
        }
        return numbers
    }

    private static func target(_ text: String) throws(UsageError) -> IntakeBench.Target {
        let wrong = UsageError("--against takes http://HOST:PORT/PATH, not '\(text)'")
        guard text.hasPrefix("http://") else { throw wrong }
        let rest = text.dropFirst("http://".count)
        let place = rest.prefix { $0 != "/" }
        guard let colon = place.lastIndex(of: ":"), let port = Int(place[place.index(after: colon)...]) else {
            throw wrong
        }
        let path = rest.dropFirst(place.count)
        return IntakeBench.Target(host: String(place[..<colon]), port: port, path: path.isEmpty ? "/" : String(path))
    }
}
