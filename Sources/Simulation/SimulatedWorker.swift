import Core
import Engine
import Store
import Transport

/// The worker of one connection: the real engine over a real store, in a process that can be killed.
@OnLoop final class SimulatedWorker: SimulatedGateway.Receiver {
    private let process: SimulatedProcess
    private let site: Site
    private let world: World
    private var real: SQLiteTenantStore?
    private var store: ProcessStore?
    private var runner: FlowRunner?
    private var flow: SimulatedFlow?
    private var isStopping = false
    private var deliveries = 0

    init(_ process: SimulatedProcess, for site: Site, in world: World) {
        self.process = process
        self.site = site
        self.world = world
    }

    /// `onReady` is called before it begins to work, as the real one says so.
    func start(onReady: () -> Void) async throws {
        try await process.pass()
        let real = try await SQLiteTenantStore.open(
            world.disk.path("\(site.tenant).db"),
            options: world.disk.options(for: process.pid),
            on: process.executor
        )
        self.real = real
        // Told to end meanwhile, it begins nothing that nobody would end.
        guard !isStopping else { return await real.close() }
        let store = ProcessStore(real, of: process, watch: world.storeWatch, sabotage: world.sabotage)
        self.store = store
        let flow = SimulatedFlow(site, of: process, in: world.scenario, sabotage: world.sabotage)
        self.flow = flow
        let context = FlowContext(
            log: Log(role: "worker", tenant: site.tenant, connection: site.name),
            store: store,
            connection: site.number,
            tenant: site.tenant,
            name: site.name
        )
        let runner = FlowRunner(flow: flow, context: context)
        self.runner = runner
        runner.wake()
        try await process.pass()
        onReady()
        world.gatewayDelivers(to: site.number)
        guard !isStopping else { return }
        try await flow.start(in: context)
    }

    // MARK: From the gateway

    var isOpen: Bool { process.isAlive && store != nil && !isStopping }

    func deliver(_ events: [Event]) async throws {
        try await process.pass()
        guard let store, !isStopping else { throw CancellationError() }
        _ = try await store.accept(events, for: site.number)
        runner?.wake()
        try await process.pass()
    }

    // MARK: Ending

    /// What it has in hand is finished.
    func stop() async {
        isStopping = true
        await runner?.drain()
        await flow?.drain()
        if let real { await real.close() }
    }

    /// It was killed: whatever it still runs comes to an end by itself.
    func abandon() async {
        isStopping = true
        flow?.abandon()
        await flow?.closeKeepers()
        await runner?.drain()
        if let real { await real.close() }
    }

    /// Nothing waits, no write is without an answer, and what cannot be written is parked.
    func isQuiet() async -> Bool {
        guard let real, process.isAlive, !process.isFrozen else { return false }
        do {
            let now = Int64(WallTime.now.millisecondsSince1970)
            let queue = try await real.queue(of: nil, at: now, for: site.number)
            guard queue.live == 0, queue.background == 0 else { return false }
            guard try await real.openIntents(of: "records", for: site.number).isEmpty else { return false }
            guard try await real.counts(for: site.number).waiting == 0 else { return false }
            let refused = site.refused
            guard !refused.isEmpty else { return true }
            let parked = try await real.records(RecordQuery(parked: true, limit: 1_000), for: site.number)
            return Set(refused).isSubset(of: parked.map(\.key))
        } catch {
            return false
        }
    }
}
