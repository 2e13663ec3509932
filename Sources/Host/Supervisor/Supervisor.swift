import CPosix
import Core
import Glibc
import Store
import Transport

/// The process that starts, watches, restarts and ends all others. It reads nothing that came from outside, opens no
/// tenant's data and calls no remote system, so nothing that breaks a worker or the gateway can break it.
@OnLoop final class Supervisor {
    let options: ServeOptions
    let log = Log(role: "supervisor")
    let began: Instant
    let beganAt: WallTime
    let folder: DataFolder
    let spawner: any Spawner
    private(set) var listener: Int32
    private let lock: Int32
    let control: any ControlPlane
    let masterKey: MasterKey

    private(set) lazy var gateway = Seat(
        role: .gateway,
        connection: nil,
        policy: gatewayPolicy,
        log: log,
        supervisor: self
    )
    var workers: [Int64: Seat] = [:]
    /// Of connections that are no more, until their processes have ended.
    var departing: [Seat] = []
    /// What was read of each connection last, to tell an edit from none.
    var revisions: [Int64: Int64] = [:]
    var hooks: [Hook] = []
    /// The numbers of all connections, paused ones included.
    var existing: [Int64] = []
    /// Processes of the supervisor before this one, from an upgrade, which are replaced one after the other.
    var predecessors: [Int32: Predecessor] = [:]
    /// A new binary being asked whether it could take over.
    var probe: (pid: Int32, answer: CheckedContinuation<WorkerLife.Exit, Never>)?
    let generation: UInt32
    private var seatsByPid: [Int32: Seat] = [:]
    /// Exits of processes whose pid was not known yet: a forked worker can end before the zygote has answered. Kept only
    /// while a spawn is under way, because a pid is given again.
    private var strayExits: [Int32: WorkerLife.Exit] = [:]
    let startGate = StartGate(places: 32)
    var spawnsUnderWay = 0 {
        didSet { if spawnsUnderWay == 0 { strayExits = [:] } }
    }
    private var signals: Signals?
    private var admin: AdminSocket?
    private(set) var phase = Phase.running
    /// What the gateway was given, to tell whether the files hold another certificate now.
    private(set) var servedTLS: TLSFiles?
    private var ending: CheckedContinuation<Void, Never>?
    private(set) var missing: Set<String> = []
    private(set) var alerts: [String] = []
    private(set) var alertCount: UInt64 = 0
    private(set) var retired = RetiredCounts()
    var lastFacts: (at: Instant, facts: PoolFacts)?

    enum Phase { case running, stopping, stopped }

    init(
        options: ServeOptions,
        folder: DataFolder,
        lock: Int32,
        listener: Int32,
        control: any ControlPlane,
        masterKey: MasterKey,
        handover: Handover?,
        spawner: (any Spawner)? = nil
    ) {
        self.options = options
        self.folder = folder
        self.lock = lock
        self.listener = listener
        self.control = control
        self.masterKey = masterKey
        began = .now
        beganAt = .now
        generation = (handover?.generation ?? 0) + 1
        self.spawner = spawner ?? (options.spawner == .zygote ? ZygoteSpawner(log: log) : ExecSpawner())
        for child in handover?.children ?? [] {
            predecessors[child.pid] = Predecessor(connection: child.connection, descriptor: child.descriptor)
        }
    }

    func start() throws {
        ml_become_subreaper()
        signals = Signals([SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR2]) { [weak self] in self?.received($0) }
        admin = try AdminSocket(path: folder.socket, supervisor: self)
        EpollLoop.process.task { [self] in
            do {
                let connections = try await readConnections()
                apply(connections)
                log.info("serving \(connections.count) connections on \(options.listen), data in \(folder.path)")
                if predecessors.isEmpty {
                    want(gateway)
                    for seat in workers.values { want(seat) }
                } else {
                    await replacePredecessors()
                }
                // Whoever ended before the signals were ours.
                reap()
            } catch {
                log.error("\(error)")
                exit(WorkerLife.hopelessCode)
            }
        }
    }

    // MARK: Signals

    private func received(_ signal: Int32) {
        switch signal {
        case SIGCHLD: reap()
        case SIGHUP:
            EpollLoop.process.task { [self] in
                do {
                    _ = try await reload()
                } catch {
                    log.error("the connections could not be read again, all stays as it was: \(error)")
                }
            }
        case SIGUSR2:
            EpollLoop.process.task { [self] in
                do {
                    try await upgrade()
                } catch {
                    log.error("\(error)")
                }
            }
        default: stop()
        }
    }

    private func reap() {
        var ended = ml_exit()
        while ml_reap(&ended) == 1 {
            let exit: WorkerLife.Exit = ended.signal != 0 ? .signal(ended.code) : .code(ended.code)
            if let seat = seatsByPid.removeValue(forKey: ended.pid) {
                seat.exited(pid: ended.pid, exit)
            } else if let probe, probe.pid == ended.pid {
                self.probe = nil
                probe.answer.resume(returning: exit)
            } else if let predecessor = predecessors.removeValue(forKey: ended.pid) {
                predecessor.ended()
            } else {
                spawner.exited(pid: ended.pid)
                if spawnsUnderWay > 0 { strayExits[ended.pid] = exit }
            }
        }
        finishIfStopped()
    }

    // MARK: Seats

    /// Nothing is started any more once the end has begun, nor while the process of before an upgrade still runs: its
    /// turn to be replaced comes.
    func want(_ seat: Seat) {
        if mayStart(seat) { seat.want() }
    }

    /// Ends its process, if it has one, and starts the next.
    func replace(_ seat: Seat) {
        if mayStart(seat) { seat.replace() }
    }

    private func mayStart(_ seat: Seat) -> Bool {
        phase == .running && !predecessors.values.contains { $0.connection == seat.connection?.number }
    }

    /// A connection is no more, and neither is its process.
    func retire(_ seat: Seat) {
        retired.add(seat)
    }

    /// A process came to be: it gets its work, and the exit that was seen before its pid was known.
    func started(_ seat: Seat, pid: Int32, channel: Channel) {
        seatsByPid[pid] = seat
        if let connection = seat.connection {
            assign(connection, to: channel, of: seat)
        } else {
            assignGateway(to: channel)
        }
        if let exit = strayExits.removeValue(forKey: pid) {
            seatsByPid[pid] = nil
            seat.exited(pid: pid, exit)
        }
    }

    /// The gateway, a worker, or one that an upgrade has not replaced yet.
    func isOwn(_ pid: Int32) -> Bool {
        seatsByPid[pid] != nil || predecessors[pid] != nil
    }

    func changed(_ seat: Seat) {
        if seat.role == .gateway, seat.life.isUp { log.info("gateway ready on \(options.listen)") }
        if case .down = seat.life.state, let index = departing.firstIndex(where: { $0 === seat }) {
            retired.add(departing.remove(at: index))
        }
        if phase == .stopping { endWorkersAfterGateway() }
    }

    private func assign(_ connection: ConnectionFacts, to channel: Channel, of seat: Seat) {
        EpollLoop.process.task { [self] in
            do {
                guard let tenant = try await control.tenant(try Name(connection.tenant)) else {
                    throw DataFolder.Failure(description: "tenant \(connection.tenant) is gone")
                }
                guard let stored = try await control.connection(try Name(connection.name), of: tenant.name) else {
                    throw DataFolder.Failure(description: "the connection is gone")
                }
                let dataKey = try masterKey.unwrap(tenant.wrappedKey, for: tenant.name)
                _ = try folder.tenant(tenant)
                let assignment = Assignment(
                    connection: connection,
                    dataKey: dataKey.secret,
                    secrets: try stored.secrets(openedWith: dataKey),
                    hookURL: options.hookURL(of: stored),
                    confinement: confinement(of: tenant, connection),
                    logStyle: options.logStyle
                )
                let ends = socketPair()
                channel.tell(assignment, handing: ends.map { [$0.far] } ?? [])
                if let ends { hand(ends.near, of: connection.number) }
            } catch {
                supervisorFault(seat, "\(error)")
            }
        }
    }

    private func supervisorFault(_ seat: Seat, _ reason: String) {
        alert("\(seat.title) cannot be given its work: \(reason)", log)
        seat.kill()
    }

    private func assignGateway(to channel: Channel) {
        do {
            let tls = try TLSFiles(options)
            servedTLS = tls
            let assignment = GatewayAssignment(
                folder: folder.inbox,
                limits: options.intake,
                certificate: tls?.certificate,
                certificateKey: tls?.key,
                confinement: gatewayConfinement,
                logStyle: options.logStyle,
                hooks: hooks,
                connections: existing
            )
            let listener = fcntl(listener, F_DUPFD_CLOEXEC, 3)
            channel.tell(assignment, handing: [listener])
        } catch {
            return supervisorFault(gateway, "\(error)")
        }
        for seat in workers.values where seat.channel?.isOpen == true { link(seat) }
    }

    /// A new pair of ends for a worker that runs already, when the gateway is another one.
    private func link(_ seat: Seat) {
        guard let connection = seat.connection, let ends = socketPair() else { return }
        seat.channel?.tell(Link(connection: connection.number), handing: [ends.far])
        hand(ends.near, of: connection.number)
    }

    private func hand(_ descriptor: Int32, of connection: Int64) {
        guard let channel = gateway.channel, channel.isOpen else {
            close(descriptor)
            return
        }
        channel.tell(Link(connection: connection), handing: [descriptor])
    }

    private func socketPair() -> (near: Int32, far: Int32)? {
        var ends: [Int32] = [-1, -1]
        return ml_socketpair(&ends) == 0 ? (ends[0], ends[1]) : nil
    }

    // MARK: What people should know

    func alert(_ text: String, _ log: Log) {
        log.alert("\(text)")
        alertCount += 1
        alerts.append("\(WallTime.now.text) \(text)")
        if alerts.count > 20 { alerts.removeFirst() }
    }

    /// Says once, not for each process, what this machine does not offer.
    func note(missing measures: [String]) {
        for measure in measures.prefix(20).map(remark) where missing.count < 100 && missing.insert(measure).inserted {
            log.warning("processes run without \(measure)")
        }
    }

    // MARK: Stopping

    private func stop() {
        guard phase == .running else {
            log.warning("asked twice: ending at once")
            gateway.kill()
            for seat in workers.values { seat.kill() }
            exit(1)
        }
        phase = .stopping
        log.info("draining \(workers.count) workers")
        spawner.stop()
        close(listener)
        listener = -1
        for pid in predecessors.keys { kill(pid, SIGTERM) }
        // First the gateway: what it has acknowledged is on disk, and workers are not sent more while they finish.
        gateway.unwant()
        endWorkersAfterGateway()
    }

    private func endWorkersAfterGateway() {
        guard case .down = gateway.life.state else { return }
        for seat in workers.values { seat.unwant() }
        finishIfStopped()
    }

    private func finishIfStopped() {
        let everyone = [gateway] + workers.values + departing
        guard phase == .stopping, predecessors.isEmpty, everyone.allSatisfy({ $0.life.state == .down }) else { return }
        phase = .stopped
        log.info("all ended")
        admin?.close()
        ending?.resume()
        ending = nil
    }

    /// Returns when everything has been stopped.
    func ended() async {
        await withCheckedContinuation { ending = $0 }
    }

    /// What the next supervisor is handed when the binary is replaced.
    var ownDescriptors: [Int32] { [listener, lock] }
}

/// Certificate chain and key, as they lie in their files.
struct TLSFiles: Equatable {
    var certificate: String
    var key: Secret

    init?(_ options: ServeOptions) throws {
        guard let certificate = options.certificate, let key = options.certificateKey else { return nil }
        self.certificate = try textFile(certificate)
        self.key = Secret(text: try textFile(key))
    }
}

/// Counts of seats that are gone, so that sums never fall.
struct RetiredCounts {
    var restarts: [WorkerLife.Cause: Int] = [:]
    var accepted: UInt64 = 0
    var duplicates: UInt64 = 0
    var work = WorkCounters()

    @OnLoop mutating func add(_ seat: Seat) {
        restarts.merge(seat.life.restarts) { $0 + $1 }
        accepted += seat.beat.accepted
        duplicates += seat.beat.duplicates
        work.add(seat.figures.counters)
    }
}
