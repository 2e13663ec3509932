import Core
import Engine
import Store
import Transport

/// What a simulated connection does: it hears of changes, polls, and brings records to the board.
@OnLoop final class SimulatedFlow: Flow {
    private let site: Site
    private let process: SimulatedProcess
    private let scenario: Scenario
    private let sabotage: Sabotage?
    private var engine: SyncEngine?
    private var clients: [VendorClient] = []
    private var subscription: SubscriptionWatch?
    private var watching: Task<Void, Never>?
    private var isOver = false

    init(_ site: Site, of process: SimulatedProcess, in scenario: Scenario, sabotage: Sabotage?) {
        self.site = site
        self.process = process
        self.scenario = scenario
        self.sabotage = sabotage
    }

    func take(_ event: WaitingEvent, in context: FlowContext) async throws -> [Mark] {
        guard let body = try? JSON.parse(event.arrival.body.span) else { return [] }
        let field = JSONField(body)
        guard try field["secret"].string() == Messenger.secret else { return [] }
        return [
            Mark(
                route: "records",
                key: try field["key"].string(),
                lane: .live,
                cause: "webhook \(event.id)",
                heardMilliseconds: event.arrival.receivedMilliseconds
            )
        ]
    }

    func start(in context: FlowContext) async throws {
        let source = client(site.source, context)
        let target = client(site.target, context)
        clients = [source, target]
        for client in clients { try await client.keeper.begin() }
        // It may have been told to end meanwhile, and nobody would tell an engine that comes after that.
        guard process.isAlive, !isOver else { return }
        let engine = SyncEngine(in: context)
        self.engine = engine
        engine.add(
            scenario.isTwoWay
                ? SimulatedTwoWayRoute(site, from: source, to: target, in: scenario)
                : SimulatedRoute(site, from: source, to: target, in: scenario),
            every: .every(scenario.poll),
            confirmsAfter: .seconds(10),
            searchDelay: scenario.searchLag + .seconds(1)
        )
        let subscription = SubscriptionWatch(site.messenger, through: source) { engine.read("records") }
        self.subscription = subscription
        watching = EpollLoop.process.task { await subscription.run() }
    }

    private func client(_ vendor: Vendor, _ context: FlowContext) -> VendorClient {
        let isAlone = sabotage == .windowPerWorker
        return VendorClient(
            vendor,
            of: process,
            keeper: RateKeeper(
                account: isAlone ? "\(vendor.name) of \(context.connection)" : vendor.name,
                owner: context.connection,
                windows: vendor.limits.map { limit in
                    Window(limit.window, limit.units, .sliding(limit.period), reserve: limit.units / 4)
                },
                store: context.store
            )
        ) { [board = site.board] in board.isAllInDoubt = true }
    }

    func wake() {
        engine?.wake()
    }

    /// As a process that ends by itself does.
    func drain() async {
        abandon()
        for client in clients { await client.keeper.close() }
        await engine?.drain()
        await watching?.value
    }

    /// As far as the dead can: nothing of it goes on.
    func abandon() {
        isOver = true
        engine?.beginDrain()
        subscription?.drain()
    }

    func closeKeepers() async {
        for client in clients { await client.keeper.close() }
    }
}
