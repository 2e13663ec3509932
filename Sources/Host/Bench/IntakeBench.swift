import Core
import Glibc
import Store
import Transport

/// `bench intake`: webhooks into a server of this binary, or into another one with the same requests.
@OnLoop struct IntakeBench {
    struct Plan {
        var connections = [1, 64, 512]
        var seconds = 5.0
        var place = "/var/tmp"
        var duplicates = 0
        var identity = HookRules.Identity.header
        var spawner = ServeOptions.SpawnerKind.zygote
        /// The other server.
        var against: Target?
        var secret = Secret(text: "bench-intake")
    }

    struct Target {
        var host: String
        var port: Int
        var path: String
    }

    /// One line of the result.
    struct Run {
        var connections: Int
        var figures: LoadFigures
        /// Processor microseconds per request, by role; empty against another server.
        var processor: [(role: String, microseconds: Double)] = []
        /// From the last answer until all of it was in the tenant's own store.
        var deliverySeconds: Double?
    }

    struct Result {
        var runs: [Run] = []
        var disk: Latencies?
        var lone: LoneAck?
        var verdict: Verdict?
    }

    /// Acknowledgements against what the tenant's store holds when the server has ended.
    struct Verdict {
        var acknowledged = 0
        var unanswered = 0
        var repeated = 0
        var stored = 0

        /// What was never answered may have been stored or not.
        var isWell: Bool { acknowledged...acknowledged + unanswered ~= stored }
    }

    /// One webhook at a time with rest between, beside the disk in the same rhythm.
    struct LoneAck {
        var acknowledgement: Latencies
        var disk: Latencies
    }

    /// More than one generator can send: what is left over costs only the time to prepare it.
    private static let mostPerSecond = 140_000
    private static let mostPerSecondAndLane = 25_000

    let plan: Plan

    func measure() async throws -> Result {
        if let target = plan.against { return Result(runs: try await runs(to: target, of: nil)) }
        var server = BenchServer.Plan(place: plan.place)
        server.spawner = plan.spawner
        server.secret = plan.secret
        server.identity = plan.identity
        let bench = try await BenchServer(server)
        do {
            let result = try await measure(bench)
            bench.remove()
            return result
        } catch {
            BenchServer.endAll()
            bench.remove()
            throw error
        }
    }

    private func measure(_ bench: BenchServer) async throws -> Result {
        Progress.say("starting a server in \(bench.data)")
        _ = try await bench.allReady()
        let target = Target(host: "127.0.0.1", port: bench.port, path: bench.hookPaths[0])
        var result = Result()
        Progress.say("asking the disk alone")
        result.disk = try DiskProbe.measure(in: bench.data)
        Progress.say("one webhook at a time, with rest between")
        let (lone, loneSent) = try await measureLone(bench, target)
        result.lone = lone
        result.runs = try await runs(to: target, of: bench)
        try await bench.stop()
        result.verdict = try await verdict(bench, loneSent + result.runs.map(\.figures))
        return result
    }

    // MARK: Runs

    private func runs(to target: Target, of bench: BenchServer?) async throws -> [Run] {
        var runs: [Run] = []
        for connections in plan.connections {
            Progress.say("\(connections) connection\(connections == 1 ? "" : "s"), \(plan.seconds) s")
            var load = LoadGenerator.Plan(
                host: target.host,
                port: target.port,
                connections: connections,
                seconds: plan.seconds
            )
            load.warmUpSeconds = min(0.5, plan.seconds / 4)
            let perSecond = min(Self.mostPerSecond, connections * Self.mostPerSecondAndLane)
            let requests = try self.requests(Int(Double(perSecond) * (plan.seconds + load.warmUpSeconds)), to: target)
            runs.append(try await run(load, requests, of: bench))
        }
        return runs
    }

    private func requests(_ count: Int, to target: Target) throws -> LoadRequests {
        try LoadRequests(
            count,
            to: target.path,
            host: "\(target.host):\(target.port)",
            secret: plan.secret,
            duplicates: plan.duplicates
        )
    }

    private func run(_ load: LoadGenerator.Plan, _ requests: LoadRequests, of bench: BenchServer?) async throws -> Run {
        guard let bench else {
            return Run(connections: load.connections, figures: try await LoadGenerator(load, requests).run())
        }
        let before = try await bench.status()
        let usedBefore = processor(before)
        let figures = try await LoadGenerator(load, requests).run()
        let ended = Instant.now
        try await bench.delivered()
        let delivered = Instant.now - ended
        let used = zip(usedBefore, processor(before)).map { before, after in
            (before.role, (after.seconds - before.seconds) * 1e6 / Double(max(figures.sent, 1)))
        }
        return Run(
            connections: load.connections,
            figures: figures,
            processor: used,
            deliverySeconds: delivered.inSeconds
        )
    }

    private func processor(_ status: Status) -> [(role: String, seconds: Double)] {
        let pids = [("gateway", status.gateway.pid), ("worker", status.workers[0].pid), ("supervisor", status.pid)]
        return pids.map { role, pid in (role, pid.flatMap { ProcessFacts(pid: $0).processorSeconds } ?? 0) }
    }

    // MARK: One at a time

    private static let loneRounds = 10
    private static let loneTimes = 10
    private static let rest = Duration.milliseconds(60)

    /// In turns with the disk, because a disk that others use is another one a minute later.
    private func measureLone(_ bench: BenchServer, _ target: Target) async throws -> (LoneAck, [LoadFigures]) {
        var probe = try DiskProbe(in: bench.data)
        var figures: [LoadFigures] = []
        var acknowledgements = Latencies()
        for _ in 0..<Self.loneRounds {
            for _ in 0..<Self.loneTimes {
                try await EpollLoop.process.sleep(for: Self.rest)
                try probe.measureOnce()
            }
            let load = LoadGenerator.Plan(
                host: target.host,
                port: target.port,
                connections: 1,
                seconds: 600,
                warmUpSeconds: 0,
                pause: Self.rest
            )
            figures.append(try await LoadGenerator(load, try requests(Self.loneTimes, to: target)).run())
            acknowledgements.add(figures[figures.count - 1].latencies)
        }
        probe.close()
        acknowledgements.sort()
        return (LoneAck(acknowledgement: acknowledgements, disk: probe.latencies), figures)
    }

    // MARK: The verdict

    private func verdict(_ bench: BenchServer, _ figures: [LoadFigures]) async throws -> Verdict {
        var verdict = Verdict()
        for run in figures {
            verdict.acknowledged += run.acknowledged
            verdict.unanswered += run.unanswered
            verdict.repeated += run.successes - run.acknowledged
        }
        let store = try await SQLiteTenantStore.open(bench.data + "/tenants/bench/store.db")
        verdict.stored = Int(try await store.counts(for: 1).accepted)
        await store.close()
        return verdict
    }
}

/// What a long measurement is at, for the person who waits; the result alone goes to standard output.
enum Progress {
    static func say(_ text: String) {
        let line = Array("\(text) …\n".utf8)
        write(2, line, line.count)
    }
}
