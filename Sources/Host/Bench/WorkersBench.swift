import Core
import Glibc
import Transport

/// `bench workers`: what a worker weighs, how fast it starts, and how fast it is back after a kill.
@OnLoop struct WorkersBench {
    struct Plan {
        var counts = [10, 300, 1_000]
        var spawners = [ServeOptions.SpawnerKind.zygote]
        var place = "/var/tmp"
        var kills = 200
        var idleSeconds = 20
    }

    /// One number of workers by one spawner.
    struct Run {
        var spawner: ServeOptions.SpawnerKind
        var count: Int
        /// From the start of the server until all are ready.
        var allReadySeconds = 0.0
        /// Each worker from the decision to start it to its word that it is ready, as its supervisor saw it. All are
        /// started at once, so most of it is waiting for a processor.
        var starts = Latencies()
        /// Of one worker, in the mean.
        var proportionalKiB = 0
        var privateDirtyKiB = 0
        var threads = 0.0
        /// Of all processes together.
        var allProportionalKiB = 0
        var supervisorKiB = 0
        var gatewayKiB = 0
        var zygoteKiB: Int?
        /// Of one core, by all processes together.
        var idlePercent = 0.0
        /// The same of workers that were started alone, after a kill.
        var loneStarts = Latencies()
        /// From `kill` to the next worker's word that it is ready.
        var recoveries = Latencies()
    }

    struct Result {
        var runs: [Run] = []
    }

    let plan: Plan

    func measure() async throws -> Result {
        var result = Result()
        for count in plan.counts {
            for spawner in plan.spawners { result.runs.append(try await run(count, spawner)) }
        }
        return result
    }

    private func run(_ count: Int, _ spawner: ServeOptions.SpawnerKind) async throws -> Run {
        Progress.say("\(count) workers by \(spawner.rawValue)")
        var server = BenchServer.Plan(place: plan.place)
        server.spawner = spawner
        server.connections = count
        server.separateTenants = true
        let bench = try await BenchServer(server)
        defer { bench.remove() }
        do {
            let run = try await measure(bench, count, spawner)
            try await bench.stop()
            return run
        } catch {
            BenchServer.endAll()
            throw error
        }
    }

    private func measure(_ bench: BenchServer, _ count: Int, _ spawner: ServeOptions.SpawnerKind) async throws -> Run {
        var run = Run(spawner: spawner, count: count)
        let status = try await bench.allReady()
        let lastReady = status.workers.map(\.readyNanoseconds).max() ?? 0
        run.allReadySeconds = (Instant(nanoseconds: lastReady) - bench.began).inSeconds
        for worker in status.workers { run.starts.add(nanoseconds: Int64(worker.startMicroseconds) * 1_000) }
        run.starts.sort()
        Progress.say("watching them do nothing for \(plan.idleSeconds) s")
        // What the start left behind is over: threads end after five seconds without work.
        try await EpollLoop.process.sleep(for: .seconds(8))
        let processes = everybody(status)
        let before = processorSeconds(processes)
        let began = Instant.now
        try await EpollLoop.process.sleep(for: .seconds(plan.idleSeconds))
        let used = processorSeconds(processes) - before
        run.idlePercent = 100 * used / (Instant.now - began).inSeconds
        weigh(status, processes, into: &run)
        if plan.kills > 0 { try await killSome(bench, into: &run) }
        return run
    }

    // MARK: Weight

    /// The supervisor and all that descend from it.
    private func everybody(_ status: Status) -> [Int32] {
        let workers = status.workers.compactMap(\.pid)
        let known = [status.pid] + [status.gateway.pid].compactMap { $0 } + workers
        return known + ProcessFacts(pid: status.pid).children.filter { !known.contains($0) }
    }

    private func processorSeconds(_ processes: [Int32]) -> Double {
        processes.reduce(0) { $0 + (ProcessFacts(pid: $1).processorSeconds ?? 0) }
    }

    private func weigh(_ status: Status, _ processes: [Int32], into run: inout Run) {
        let workers = status.workers.compactMap(\.pid).map { ProcessFacts(pid: $0) }
        let each = max(workers.count, 1)
        run.proportionalKiB = workers.reduce(0) { $0 + ($1.proportionalKiB ?? 0) } / each
        run.privateDirtyKiB = workers.reduce(0) { $0 + ($1.privateDirtyKiB ?? 0) } / each
        run.threads = Double(workers.reduce(0) { $0 + ($1.threads ?? 0) }) / Double(each)
        run.allProportionalKiB = processes.reduce(0) { $0 + (ProcessFacts(pid: $1).proportionalKiB ?? 0) }
        run.supervisorKiB = ProcessFacts(pid: status.pid).proportionalKiB ?? 0
        run.gatewayKiB = status.gateway.pid.flatMap { ProcessFacts(pid: $0).proportionalKiB } ?? 0
        let others = Set(processes).subtracting(status.workers.compactMap(\.pid))
            .subtracting([status.pid, status.gateway.pid ?? 0])
        run.zygoteKiB = others.first.flatMap { ProcessFacts(pid: $0).proportionalKiB }
    }

    // MARK: Kills

    /// One worker after the other, each ready again before the next.
    private func killSome(_ bench: BenchServer, into run: inout Run) async throws {
        Progress.say("killing \(plan.kills) of them, one after the other")
        var status = try await bench.status()
        for number in 0..<plan.kills {
            let victim = status.workers[number % status.workers.count]
            guard let pid = victim.pid else { throw BenchFailure("\(victim.tenant)/\(victim.name) does not run") }
            let killedAt = Instant.now
            kill(pid, SIGKILL)
            status = try await bench.until("\(victim.tenant)/\(victim.name) is back", every: pause(bench)) {
                status in
                status.workers.contains { $0.connection == victim.connection && $0.state == "up" && $0.pid != pid }
            }
            guard let back = status.workers.first(where: { $0.connection == victim.connection }) else { continue }
            run.loneStarts.add(nanoseconds: Int64(back.startMicroseconds) * 1_000)
            run.recoveries.add(nanoseconds: (Instant(nanoseconds: back.readyNanoseconds) - killedAt).nanoseconds)
            // Its first crash is what is measured: a second one would wait for its hold-down.
            if plan.kills > status.workers.count { status = try await renewed(back, bench) }
        }
        run.loneStarts.sort()
        run.recoveries.sort()
    }

    /// The supervisor itself notes when a worker is ready, so a rare look is as exact, and a status of a thousand
    /// processes takes it away from its work.
    private func pause(_ bench: BenchServer) -> Duration {
        .milliseconds(max(5, bench.hookPaths.count / 5))
    }

    private func renewed(_ worker: Status.Process, _ bench: BenchServer) async throws -> Status {
        let question = RetryQuestion(tenant: worker.tenant, name: worker.name)
        _ = try await ServerTalk.required(data: bench.data).ask(question)
        return try await bench.until("\(worker.tenant)/\(worker.name) is anew", every: pause(bench)) { status in
            status.workers.contains {
                $0.connection == worker.connection && $0.state == "up" && $0.pid != worker.pid
            }
        }
    }
}
