import CPosix
import Core
import Glibc
import Transport

/// The place of one child process: the gateway's, or one worker's. Processes come and go; the seat stays.
///
/// `WorkerLife` decides; the seat does what it says and reports what happened.
@OnLoop final class Seat {
    let role: Role
    /// What the worker serves; nil for the gateway.
    var connection: ConnectionFacts?
    let log: Log
    private(set) var life: WorkerLife
    private(set) var channel: Channel?
    private(set) var stateSince = Instant.now
    /// What the last process said when it ended.
    private(set) var reason: String?
    /// The last one; of a process that has ended, too.
    private(set) var beat = Beat()
    private(set) var figures = SeatFigures()
    /// From the decision to start the last process to its word that it was ready.
    private(set) var startTime = Duration.zero
    private(set) var readyAt = Instant(nanoseconds: 0)
    private var spawnedAt = Instant.now
    private var deadline: LoopTimer?
    private var place: StartGate.Place?
    private unowned let supervisor: Supervisor

    init(role: Role, connection: ConnectionFacts?, policy: WorkerLife.Policy, log: Log, supervisor: Supervisor) {
        self.role = role
        self.connection = connection
        self.log = log
        self.supervisor = supervisor
        life = WorkerLife(policy: policy)
    }

    var title: String {
        connection.map { "worker \($0.tenant)/\($0.name)" } ?? role.rawValue
    }

    // MARK: Wishes and facts

    func want() { apply { $0.wanted(at: $1) } }
    func unwant() { apply { $0.unwanted(at: $1) } }
    func use(_ policy: WorkerLife.Policy) { life.use(policy) }
    func replace() { apply { $0.replaced(at: $1) } }

    func exited(pid: Int32, _ exit: WorkerLife.Exit) {
        // Its exit may be known before its last words are read.
        channel?.closeWhenRead("the process ended")
        channel = nil
        figures.ended()
        if case .stopping(_, _, .drained, _) = life.state, exit == .code(0) {
            log.info("\(title) ended as asked")
        } else {
            log.warning("\(title) (pid \(pid)) ended: \(words(for: exit))\(reason.map { ": " + $0 } ?? "")")
        }
        apply { $0.exited(pid: pid, exit, at: $1) }
    }

    /// At once, whatever it is doing.
    func kill() {
        if let pid = life.pid { Glibc.kill(pid, SIGKILL) }
    }

    private func apply(_ fact: (inout WorkerLife, Instant) -> [WorkerLife.Action]) {
        let before = life.state
        let actions = fact(&life, .now)
        if life.state != before { stateSince = .now }
        if !life.isStarting { place?.give() }
        for action in actions { perform(action) }
        armDeadline()
        if life.state != before { supervisor.changed(self) }
    }

    private func armDeadline() {
        deadline?.cancel()
        deadline = life.nextDeadline.map { due in
            EpollLoop.process.after(max(due - .now, .zero)) { [weak self] in self?.apply { $0.tick(at: $1) } }
        }
    }

    // MARK: Actions

    private func perform(_ action: WorkerLife.Action) {
        switch action {
        case .spawn: spawn()
        case .terminate(let pid): Glibc.kill(pid, SIGTERM)
        case .kill(let pid):
            log.warning("\(title) (pid \(pid)) does not respond: killed")
            Glibc.kill(pid, SIGKILL)
        case .quarantined(let cause, let pause):
            let why = reason ?? "it ended as \(cause.rawValue)"
            supervisor.alert("\(title) is quarantined: \(why). Next try in \(readable(pause))", log)
        case .recovered: log.info("\(title) runs stably again")
        }
    }

    private func spawn() {
        EpollLoop.process.task { [self] in
            // The gateway is everybody's: it waits for nobody.
            place?.give()
            if role == .worker { place = await supervisor.startGate.enter() }
            await spawnNow()
        }
    }

    private func spawnNow() async {
        spawnedAt = .now
        var ends: [Int32] = [-1, -1]
        guard ml_socketpair(&ends) == 0 else {
            log.error("\(title) cannot be started: no descriptors are left")
            return apply { $0.notSpawned(at: $1) }
        }
        let (ours, theirs) = (ends[0], ends[1])
        supervisor.spawnsUnderWay += 1
        defer { supervisor.spawnsUnderWay -= 1 }
        do {
            let pid = try await supervisor.spawner.spawn(role, control: theirs)
            close(theirs)
            started(pid: pid, control: ours)
        } catch {
            close(theirs)
            close(ours)
            log.error("\(title) cannot be started: \(error)")
            apply { $0.notSpawned(at: $1) }
        }
    }

    private func started(pid: Int32, control: Int32) {
        reason = nil
        let channel = Channel(descriptor: control)
        self.channel = channel
        channel.on(Ready.self) { [weak self] ready in
            guard let self, case .starting = life.state else { return }
            supervisor.note(missing: ready.missing)
            readyAt = .now
            startTime = readyAt - spawnedAt
            apply { $0.ready(pid: pid, at: $1) }
        }
        channel.on(Beat.self) { [weak self] beat in
            self?.beat = beat.believable
            if let figures = beat.figures { self?.figures.reported(figures, at: .now) }
            self?.life.progressed(at: .now)
        }
        channel.on(Parting.self) { [weak self] parting in self?.reason = remark(parting.reason) }
        if role == .gateway {
            channel.answer(PoolQuestion.self) { [weak self] _ in
                guard let self else { throw CancellationError() }
                return supervisor.poolFacts()
            }
        }
        channel.start()
        apply { $0.spawned(pid: pid, at: $1) }
        supervisor.started(self, pid: pid, channel: channel)
    }

    private func words(for exit: WorkerLife.Exit) -> String {
        switch exit {
        case .code(let code): "exit code \(code)"
        case .signal(let number): "signal \(number)"
        }
    }
}

/// What a child process says, for people: short, on one line, and without what a terminal would obey. The process may be
/// in other hands by now.
func remark(_ text: String) -> String {
    var result = ""
    for character in text.unicodeScalars.prefix(500) {
        let isText = character.properties.generalCategory != .control && character.properties.generalCategory != .format
        result.unicodeScalars.append(isText ? character : " ")
    }
    return result
}

extension Beat {
    /// Figures that can be added up for all workers; no honest one comes near.
    fileprivate var believable: Beat {
        let most: UInt64 = 1 << 48
        return Beat(accepted: min(accepted, most), duplicates: min(duplicates, most), waiting: min(waiting, most))
    }
}
