import Core
import Glibc
import Transport

/// What the supervisor tells of the pool: to the gateway for its metrics, and to the command line.
extension Supervisor {
    /// Looked up once a second at most: strangers may ask for metrics, and every worker costs a look into `/proc`.
    func poolFacts(at now: Instant = .now) -> PoolFacts {
        if let lastFacts, now - lastFacts.at < .seconds(1) { return lastFacts.facts }
        let facts = currentFacts(at: now)
        lastFacts = (now, facts)
        return facts
    }

    private func currentFacts(at now: Instant) -> PoolFacts {
        let seats = Array(workers.values) + departing
        var states: [String: UInt64] = [:]
        var restarts = retired.restarts
        var memory: UInt64 = 0
        for seat in seats {
            states[seat.life.state.word, default: 0] += 1
            restarts.merge(seat.life.restarts) { $0 + $1 }
            memory += seat.life.pid.flatMap { ProcessFacts(pid: $0).residentBytes } ?? 0
        }
        let own = ProcessFacts()
        return PoolFacts(
            workersByState: WorkerLife.State.words.map { PoolFacts.Count(name: $0, count: states[$0, default: 0]) },
            restartsByCause: WorkerLife.Cause.allCases.map {
                PoolFacts.Count(name: $0.rawValue, count: UInt64(restarts[$0, default: 0]))
            },
            gatewayRestarts: UInt64(gateway.life.restarts.values.reduce(0, +)),
            workersMemoryBytes: memory,
            supervisorMemoryBytes: own.residentBytes ?? 0,
            supervisorDescriptors: own.descriptors ?? 0,
            supervisorCPUSeconds: own.processorSeconds ?? 0,
            accepted: seats.reduce(retired.accepted) { $0 + $1.beat.accepted },
            duplicates: seats.reduce(retired.duplicates) { $0 + $1.beat.duplicates },
            alerts: alertCount,
            startSeconds: Double(beganAt.secondsSince1970),
            work: PoolFigures(
                of: seats.map { ($0.connection?.tenant ?? "", $0.figures) },
                retired: retired.work,
                at: now
            )
        )
    }

    var status: Status {
        let seats = workers.values.sorted { ($0.connection?.number ?? 0) < ($1.connection?.number ?? 0) }
        return Status(
            build: Build.version,
            pid: getpid(),
            generation: generation,
            replacing: UInt32(predecessors.count),
            upSeconds: (Instant.now - began).inSeconds,
            listen: options.listen,
            publicURL: options.publicURL,
            webhooksAt: options.outsideAddress,
            spawner: spawner.name,
            gateway: process(gateway),
            workers: seats.map { process($0) },
            alerts: alerts
        )
    }

    private func process(_ seat: Seat) -> Status.Process {
        Status.Process(
            connection: seat.connection?.number ?? 0,
            tenant: seat.connection?.tenant ?? "",
            name: seat.connection?.name ?? seat.role.rawValue,
            flow: seat.connection?.flow ?? "",
            state: seat.life.state.word,
            pid: seat.life.pid,
            stateSeconds: (Instant.now - seat.stateSince).inSeconds,
            restarts: UInt32(clamping: seat.life.restarts.values.reduce(0, +)),
            lastCause: seat.life.lastCause?.rawValue,
            reason: seat.reason,
            memoryBytes: seat.life.pid.flatMap { ProcessFacts(pid: $0).residentBytes } ?? 0,
            accepted: seat.beat.accepted,
            waiting: seat.beat.waiting,
            startMicroseconds: UInt64(seat.startTime.nanoseconds / 1_000),
            readyNanoseconds: seat.readyAt.nanoseconds,
            trouble: seat.figures.trouble,
            queuedLive: seat.figures.queuedLive,
            queuedBackground: seat.figures.queuedBackground,
            parked: seat.figures.parked,
            windows: seat.figures.windows.map {
                Status.Window(system: $0.system, name: $0.window, used: $0.used, limit: $0.limit)
            },
            progress: seat.figures.progress,
            subscriptionSeconds: seat.figures.subscriptionEnds.map {
                max(0, ($0 - .now).nanoseconds / 1_000_000_000)
            }
        )
    }
}

extension WorkerLife.State {
    static let words = ["down", "starting", "up", "draining", "waiting", "quarantined"]

    var word: String {
        switch self {
        case .down: "down"
        case .starting: "starting"
        case .up: "up"
        case .stopping: "draining"
        case .waiting: "waiting"
        case .quarantined: "quarantined"
        }
    }
}
