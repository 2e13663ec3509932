import CPosix
import Core
import Glibc
import Store
import Transport

/// The process that listens: it takes webhooks in, hands them to the workers, and shows health and metrics. It calls no
/// remote system, and of all secrets it knows those alone that webhooks are checked with.
@OnLoop final class Gateway {
    nonisolated static let heartbeat = Duration.milliseconds(2_500)
    private nonisolated static let compactsEvery = Duration.seconds(60)
    /// The one before may still be answering what it had accepted.
    private nonisolated static let waitForInbox = Duration.seconds(10)

    private let control: Channel
    private let log = Log(role: "gateway")
    private var signals: Signals?
    private var heart: LoopTimer?
    private var compactor: LoopTimer?
    private var isCompacting = false
    private var server: HTTPServer?
    private(set) var intake: Intake?
    private var inbox: (any InboxStore)?
    private(set) var hooks = HookTable()
    private var outboxes: [Int64: Outbox] = [:]
    private var existing: Set<Int64> = []
    /// Links that came before the inbox was open.
    private var earlyLinks: [Int64: Channel] = [:]
    var metrics = GatewayMetrics()
    private var isStopping = false
    private var poolTask: Task<PoolFacts?, Never>?

    nonisolated static func run(control: Int32) -> Never {
        ml_die_with_parent(getppid())
        ml_set_process_name("ml gateway")
        EpollLoop.process.adopt()
        OnLoop.assumeIsolated {
            let gateway = Gateway(control: control)
            // What the loop watches holds it weakly; the process itself holds it for good.
            _ = Unmanaged.passRetained(gateway)
            gateway.start()
        }
        EpollLoop.process.run()
        exit(0)
    }

    private init(control descriptor: Int32) {
        control = Channel(descriptor: descriptor)
    }

    private func start() {
        signals = Signals([SIGTERM, SIGINT, SIGHUP]) { [weak self] number in
            if number == SIGTERM { self?.stop() }
        }
        control.on(GatewayAssignment.self) { [weak self] assignment, descriptors in
            if let listener = descriptors.first { self?.begin(assignment, listener: listener) }
        }
        control.on(Hooks.self) { [weak self] hooks in self?.use(hooks.hooks, connections: hooks.connections) }
        control.on(Link.self) { [weak self] link, descriptors in
            if let descriptor = descriptors.first { self?.use(Channel(descriptor: descriptor), for: link.connection) }
        }
        control.on(Unlink.self) { [weak self] unlink in self?.forget(unlink.connection) }
        control.onClose = { _ in _exit(0) }
        control.start()
    }

    // MARK: Beginning

    private func begin(_ assignment: GatewayAssignment, listener: Int32) {
        Log.use(assignment.logStyle)
        let missing = assignment.confinement.apply()
        // A change of user makes the kernel forget this.
        ml_die_with_parent(getppid())
        heart = EpollLoop.process.every(Self.heartbeat) { [weak self] in self?.control.tell(Beat()) }
        use(assignment.hooks, connections: assignment.connections)
        EpollLoop.process.task { [self] in
            do {
                try await open(assignment)
                try serve(assignment, on: listener)
                control.tell(Ready(missing: missing))
            } catch {
                control.tell(Parting(reason: "\(error)"))
                control.onClose = { _ in _exit(1) }
                control.closeWhenSent()
            }
        }
    }

    private func open(_ assignment: GatewayAssignment) async throws {
        let inbox = try await SQLiteInbox.open(
            assignment.folder + "/inbox.db",
            maximumBytes: Int64(assignment.limits.bytes) * 2,
            waitingAtMost: Self.waitForInbox
        )
        let intake = Intake(inbox: inbox, limits: assignment.limits, log: log)
        for entry in try await inbox.index() {
            intake.found(entry)
            outbox(of: entry.connection, inbox, intake).found(entry)
        }
        intake.onStored = { [weak self] events in
            for event in events { self?.outbox(of: event.connection, inbox, intake).stored(event) }
        }
        self.inbox = inbox
        self.intake = intake
        for (connection, channel) in earlyLinks { use(channel, for: connection) }
        earlyLinks = [:]
        discardPending()
        compactor = EpollLoop.process.every(Self.compactsEvery) { [weak self] in self?.compact() }
    }

    /// What a flood left behind goes back to the disk, a little at a time, while nothing waits.
    private func compact() {
        guard let inbox, let intake, !isCompacting else { return }
        isCompacting = true
        EpollLoop.process.task { [self] in
            while !isStopping, intake.ledger.total.events == 0, (try? await inbox.compact()) == true {
                try? await EpollLoop.process.sleep(for: .milliseconds(20))
            }
            isCompacting = false
        }
    }

    private func serve(_ assignment: GatewayAssignment, on listener: Int32) throws {
        var router = HTTPServer.Router()
        addHooks(to: &router)
        router.add(.get, "/healthz") { $0.answer(.healthy) }
        router.add(.get, "/readyz") { [weak self] in self?.answerReadiness($0) }
        router.add(.get, "/metrics") { [weak self] in self?.answerMetrics($0) }
        let tls = assignment.certificate.flatMap { certificate in
            assignment.certificateKey.map { HTTPServer.TLS(certificateChain: Array(certificate.utf8), key: $0) }
        }
        server = try HTTPServer(listener: listener, router: router, tls: tls)
    }

    // MARK: Workers

    private func use(_ hooks: [Hook], connections: [Int64]) {
        existing = Set(connections)
        discardPending()
        do {
            try self.hooks.replace(with: hooks)
        } catch {
            log.error("the webhook addresses could not be set up: \(error)")
        }
    }

    /// What waits for a connection that was removed would take everybody's room in the inbox for ever.
    private func discardPending() {
        for (connection, outbox) in outboxes where !existing.contains(connection) {
            outboxes[connection] = nil
            outbox.discard()
        }
    }

    private func use(_ channel: Channel, for connection: Int64) {
        guard let inbox, let intake else {
            earlyLinks.updateValue(channel, forKey: connection)?.close("there is a new worker")
            return
        }
        outbox(of: connection, inbox, intake).attach(channel)
    }

    private func forget(_ connection: Int64) {
        earlyLinks.removeValue(forKey: connection)?.close("the connection is gone")
        guard let outbox = outboxes[connection] else { return }
        outbox.detach()
        if outbox.isIdle { outboxes[connection] = nil }
    }

    private func outbox(of connection: Int64, _ inbox: any InboxStore, _ intake: Intake) -> Outbox {
        if let outbox = outboxes[connection] { return outbox }
        let outbox = Outbox(connection: connection, inbox: inbox, intake: intake, log: log)
        outboxes[connection] = outbox
        return outbox
    }

    // MARK: Health

    private func answerReadiness(_ exchange: HTTPExchange) {
        let isReady = !isStopping && intake.map { !$0.isFull } ?? false
        exchange.answer(isReady ? .healthy : .notReady)
    }

    private func answerMetrics(_ exchange: HTTPExchange) {
        EpollLoop.process.task { [self] in
            // Without the supervisor's part the page says less, but it says it.
            let page = metrics.page(server: server, intake: intake, pool: await pool())
            exchange.answer(
                .ok,
                [HTTPHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8")],
                body: page.utf8
            )
        }
    }

    /// One question for all who wait for its answer.
    private func pool() async -> PoolFacts? {
        if let poolTask { return await poolTask.value }
        let control = control
        let task = EpollLoop.process.task { try? await control.ask(PoolQuestion(), within: .seconds(1)) }
        poolTask = task
        defer { poolTask = nil }
        return await task.value
    }

    // MARK: Ending

    private func stop() {
        guard !isStopping else { _exit(143) }
        isStopping = true
        EpollLoop.process.task { [self] in
            // In this order: nothing new comes in, what came is answered, and then the inbox is free for the next.
            let cut = await server?.drain(within: .seconds(2)) ?? 0
            if cut > 0 { log.warning("\(cut) requests were cut: they had not come whole within the drain time") }
            await intake?.drain()
            await inbox?.close()
            control.onClose = { _ in _exit(0) }
            control.closeWhenSent()
        }
    }
}

extension HTTPServer.Answer {
    static let healthy = HTTPServer.Answer(.ok, text: "ok\n")
    static let notReady = HTTPServer.Answer(.unavailable, [HTTPHeader("Retry-After", "5")])
}
