import Core
import Transport

/// Keeps the processes of the simulated machine running, by the product's own policy.
@OnLoop final class SimulatedSupervisor {
    /// How a seat's process is begun, ended in peace, and cleared away.
    struct Job {
        var name: String
        /// Whether chance may end it.
        var isKillable: Bool
        var begin: @OnLoop (SimulatedProcess, _ onReady: @escaping @OnLoop () -> Void) async throws -> Void
        var drain: @OnLoop () async -> Void
        var bury: @OnLoop () async -> Void
    }

    @OnLoop final class Seat {
        let job: Job
        var life = WorkerLife(policy: WorkerLife.Policy())
        var process: SimulatedProcess?
        var upSince: Instant?
        var timer: LoopTimer?

        init(_ job: Job) {
            self.job = job
        }
    }

    private unowned let world: World
    private(set) var seats: [Seat] = []
    private var nextPID: Int32 = 100
    private var isGone = false

    init(_ jobs: [Job], in world: World) {
        self.world = world
        seats = jobs.map { Seat($0) }
    }

    func start() {
        for seat in seats { perform(seat.life.wanted(at: .now), seat) }
    }

    /// All end in peace.
    func stop() async {
        for seat in seats { perform(seat.life.unwanted(at: .now), seat) }
        let end = Instant.now + .seconds(60)
        while seats.contains(where: { $0.life.state != .down }), Instant.now < end {
            try? await EpollLoop.process.sleep(for: .milliseconds(100))
        }
        if seats.contains(where: { $0.life.state != .down }) {
            world.broken("processes do not end when they are told to")
        }
        isGone = true
    }

    /// The machine goes, with all that ran on it.
    func losePower() {
        isGone = true
        for seat in seats {
            seat.timer?.cancel()
            seat.process?.finish(.power)
        }
    }

    func replace(_ seat: Seat) {
        perform(seat.life.replaced(at: .now), seat)
    }

    func freeze(_ seat: Seat, for length: Duration) {
        guard let process = seat.process, process.isAlive, seat.life.isUp else { return }
        world.trace.note("\(process.name) \(process.pid) is frozen for \(length.milliseconds) ms")
        world.facts.freezes += 1
        process.freeze()
        seat.life.progressed(at: .now)
        arm(seat)
        EpollLoop.process.after(length) { process.thaw() }
    }

    // MARK: Actions

    private func perform(_ actions: [WorkerLife.Action], _ seat: Seat) {
        for action in actions {
            switch action {
            case .spawn: spawn(seat)
            case .terminate(let pid): terminate(seat, pid)
            case .kill(let pid): if seat.process?.pid == pid { seat.process?.finish(.killed) }
            case .quarantined(let cause, let pause):
                world.trace.note("\(seat.job.name) is in quarantine for \(pause.seconds) s: \(cause.rawValue)")
            case .recovered: break
            }
        }
        arm(seat)
    }

    private func spawn(_ seat: Seat) {
        nextPID += 1
        let process = SimulatedProcess(pid: nextPID, name: seat.job.name)
        process.isKillable = seat.job.isKillable
        if seat.job.isKillable { process.diesAt = world.stepOfDeath() }
        EpollLoop.process.after(world.dice.roll(.milliseconds(1)...(.milliseconds(40)))) { [self] in
            guard !isGone else { return }
            seat.process = process
            process.onEnd = { [weak self, weak seat] end in
                if let self, let seat { ended(seat, process, end) }
            }
            perform(seat.life.spawned(pid: process.pid, at: .now), seat)
            begin(seat, process)
        }
    }

    private func begin(_ seat: Seat, _ process: SimulatedProcess) {
        world.trace.note("\(process.name) \(process.pid) begins")
        EpollLoop.process.task { [self] in
            try? await EpollLoop.process.sleep(for: world.dice.roll(.milliseconds(10)...(.milliseconds(500))))
            do {
                try await seat.job.begin(process) {
                    seat.upSince = .now
                    self.perform(seat.life.ready(pid: process.pid, at: .now), seat)
                }
            } catch {
                guard process.isAlive else { return }
                world.trace.note("\(process.name) \(process.pid) gives up: \(error)")
                process.finish(.exited(code: 1))
            }
        }
    }

    private func terminate(_ seat: Seat, _ pid: Int32) {
        guard let process = seat.process, process.pid == pid else { return }
        EpollLoop.process.task { [self] in
            await seat.job.drain()
            guard process.isAlive else { return }
            world.trace.note("\(process.name) \(process.pid) has ended in peace")
            process.finish(.exited(code: 0))
        }
    }

    private func ended(_ seat: Seat, _ process: SimulatedProcess, _ end: SimulatedProcess.End) {
        let exit: WorkerLife.Exit
        switch end {
        case .killed:
            world.facts.kills += 1
            world.trace.note("\(process.name) \(process.pid) is killed at step \(process.steps)")
            exit = .signal(9)
        case .exited(let code): exit = .code(code)
        case .power: exit = .signal(9)
        }
        let bury = seat.job.bury
        let disk = world.disk
        // Before it could tidy up: the dead write nothing.
        if exit != .code(0) { disk.processDied(process.pid) }
        EpollLoop.process.task { [self] in
            await bury()
            disk.processDied(process.pid)
            guard !isGone else { return }
            perform(seat.life.exited(pid: process.pid, exit, at: .now), seat)
        }
    }

    // MARK: Time

    /// A process that is not frozen has always just shown that it goes on; so it needs no beats.
    private func arm(_ seat: Seat) {
        seat.timer?.cancel()
        guard !isGone else { return }
        if seat.life.isUp, seat.process?.isFrozen == false {
            guard let since = seat.upSince, Instant.now - since < .seconds(61) else { return }
            seat.timer = EpollLoop.process.after(max(since + .seconds(60) - .now, .milliseconds(10))) {
                self.tick(seat)
            }
            return
        }
        guard let due = seat.life.nextDeadline else { return }
        seat.timer = EpollLoop.process.after(max(due - .now, .milliseconds(1))) { self.tick(seat) }
    }

    private func tick(_ seat: Seat) {
        if seat.process?.isFrozen == false { seat.life.progressed(at: .now) }
        perform(seat.life.tick(at: .now), seat)
    }
}
