import CPosix
import Core
import Engine
import Flows
import Glibc
import Store
import Transport

/// The process of one connection: it takes webhooks from the gateway into its tenant's store and runs the connection's
/// flow over them.
@OnLoop final class Worker {
    nonisolated static let heartbeat = Duration.milliseconds(2_500)

    private let control: Channel
    private var log = Log(role: "worker")
    private var link: Channel?
    /// The newest link, until there is a store to take events into.
    private var earlyLink: Int32?
    private var store: (any TenantStore)?
    private var connection: ConnectionFacts?
    private var runner: FlowRunner?
    private var flow: (any Flow)?
    private var housekeeper: Housekeeper?
    private var beat = Beat()
    private var sentFigures = SentFigures()
    private var isAsking = false
    /// The store has taken or settled events since it was asked.
    private var isCountOld = false
    private var signals: Signals?
    private var heart: LoopTimer?
    /// Why webhooks are left with the gateway; empty while they are taken.
    private var storeTrouble = ""
    private var isStopping = false

    /// Acknowledgements come before the work they lead to: where processors are short, the gateway goes first. Only once
    /// it is ready: a start that is starved would be taken for one that hangs.
    private nonisolated static let niceness: Int32 = 5

    nonisolated static func run(control: Int32) -> Never {
        ml_die_with_parent(getppid())
        EpollLoop.process.adopt()
        OnLoop.assumeIsolated {
            let worker = Worker(control: control)
            // What the loop watches holds it weakly; the process itself holds it for good.
            _ = Unmanaged.passRetained(worker)
            worker.start()
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
        control.on(Assignment.self) { [weak self] assignment, descriptors in
            self?.begin(assignment, link: descriptors.first)
        }
        control.on(Link.self) { [weak self] _, descriptors in
            if let descriptor = descriptors.first { self?.use(link: descriptor) }
        }
        control.on(Nudge.self) { [weak self] (_: Nudge) in self?.flow?.nudged() }
        // Without its supervisor a worker could be one of two for the same connection.
        control.onClose = { _ in _exit(0) }
        control.start()
    }

    // MARK: Beginning

    private func begin(_ assignment: Assignment, link descriptor: Int32?) {
        Log.use(assignment.logStyle)
        let facts = assignment.connection
        connection = facts
        log = log.about(tenant: facts.tenant, connection: facts.name)
        ml_set_process_name("\(facts.tenant)/\(facts.name)")
        let missing = assignment.confinement.apply()
        // A change of user makes the kernel forget this.
        ml_die_with_parent(getppid())
        if let descriptor { use(link: descriptor) }
        EpollLoop.process.task { [self] in
            do {
                let store = try await SQLiteTenantStore.open(facts.folder + "/store.db")
                let document = try JSON.parse(facts.document)
                let flow = try FlowCatalog.make(facts.flow, document: document)
                let context = FlowContext(
                    log: log,
                    store: store,
                    connection: facts.number,
                    tenant: facts.tenant,
                    name: facts.name,
                    secrets: assignment.secrets.byPlace,
                    hookURL: assignment.hookURL?.text
                )
                let runner = FlowRunner(flow: flow, context: context)
                let housekeeper = Housekeeper(try Retention(JSONField(document)["retention"]), in: context)
                runner.onSettled = { [weak self] in self?.isCountOld = true }
                self.store = store
                self.runner = runner
                self.flow = flow
                self.housekeeper = housekeeper
                runner.wake()
                housekeeper.start()
                if let earlyLink { use(link: earlyLink) }
                earlyLink = nil
                heart = EpollLoop.process.every(Self.heartbeat) { [weak self] in self?.sendBeat() }
                try await count()
                control.tell(Ready(missing: missing))
                sendBeat()
                log.debug("ready")
                _ = nice(Self.niceness)
                // What the start took and gave back.
                EpollLoop.process.after(Self.heartbeat) { ml_trim_heap() }
                // Last: what it asks of others may have to come back through the gateway, which needs no worker for it.
                await start(flow, in: context)
            } catch {
                leave("\(error)", Self.isHopeless(error) ? WorkerLife.hopelessCode : 1)
            }
        }
    }

    private func start(_ flow: any Flow, in context: FlowContext) async {
        guard !isStopping else { return }
        do {
            try await flow.start(in: context)
        } catch {
            // Another start may well work: what it needs of the world is not ours.
            if !isStopping { leave("\(error)", 1) }
        }
    }

    /// At once, for it says that the loop turns; and once more when store and flow have been asked and said something
    /// new. They may take their time, so they are not asked again meanwhile.
    private func sendBeat() {
        control.tell(beat)
        guard !isAsking else { return }
        isAsking = true
        EpollLoop.process.task { [self] in
            await tellNews()
            isAsking = false
        }
    }

    private func tellNews() async {
        let isOld = isCountOld
        isCountOld = false
        if isOld { try? await count() }
        var report = beat
        if var figures = await flow?.figures {
            if !storeTrouble.isEmpty { figures.trouble = storeTrouble }
            if sentFigures.isNews(figures, at: .now) { report.figures = figures }
        }
        if isOld || report.figures != nil { control.tell(report) }
    }

    /// What the store says, so that the figures outlive the process.
    private func count() async throws {
        guard let store, let connection else { return }
        let counts = try await store.counts(for: connection.number)
        beat.accepted = UInt64(counts.accepted)
        beat.duplicates = UInt64(counts.duplicates)
        beat.waiting = UInt64(counts.waiting)
    }

    /// Another start would end the same way. A store that is full or locked is another matter: that passes.
    private static func isHopeless(_ error: any Error) -> Bool {
        switch error as? StoreError {
        case .full, .busy, .owned, .closed, .other: false
        case .corrupt, .newerSchema, .foreign, .refused, nil: true
        }
    }

    private func leave(_ reason: String, _ code: Int32) {
        control.tell(Parting(reason: reason))
        control.onClose = { _ in _exit(code) }
        control.closeWhenSent()
    }

    // MARK: Events

    private func use(link descriptor: Int32) {
        guard store != nil else {
            // The gateway may be replaced while a worker starts: then the link that came with its work is a dead one.
            if let earlyLink { close(earlyLink) }
            earlyLink = descriptor
            return
        }
        link?.close("there is a new gateway")
        let channel = Channel(descriptor: descriptor)
        channel.answer(Deliver.self) { [weak self] deliver in
            guard let self, let store, let connection, !isStopping else { throw CancellationError() }
            let accepted = try await accept(deliver.events, into: store, for: connection.number)
            // Not added up here: a count that is under way may hold them already.
            isCountOld = true
            runner?.wake()
            return Deliver.Answer(stored: UInt32(accepted.stored), duplicates: UInt32(accepted.duplicates))
        }
        channel.start()
        link = channel
    }

    private func accept(
        _ events: [Event],
        into store: any TenantStore,
        for connection: Int64
    ) async throws -> Accepted {
        do {
            let accepted = try await store.accept(events, for: connection)
            storeTrouble = ""
            return accepted
        } catch {
            storeTrouble = "\(error)"
            throw error
        }
    }

    // MARK: Ending

    private func stop() {
        guard !isStopping else { _exit(143) }
        isStopping = true
        EpollLoop.process.task { [self] in
            // What is in hand is finished; what the gateway still holds comes again to the next worker.
            await runner?.drain()
            await flow?.drain()
            await housekeeper?.drain()
            isCountOld = true
            await tellNews()
            await store?.close()
            control.onClose = { _ in _exit(0) }
            control.closeWhenSent()
        }
    }
}
