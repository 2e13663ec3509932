import Core
import Engine
import Store
import Systems
import Transport

/// Business Central's records as items on Monday's boards. The board is a view: nothing is written back.
final class BusinessCentralMonday: Flow {
    private let file: BusinessCentralMondayFile
    private var parts: Parts?
    private var engine: SyncEngine?
    private var subscriptions: [SubscriptionKeeper] = []
    private var upkeep: MondayUpkeep?
    private var tasks: [Task<Void, Never>] = []
    private var forged: UInt64 = 0
    private var lastCount: (figures: WorkerFigures, stir: UInt64, at: Instant)?
    /// Doubled by each count that tells nothing new.
    private var countsAgain = countsFirst
    private static let countsFirst = Duration.seconds(30)
    private static let countsAtLeast = Duration.seconds(600)

    init(_ document: JSONField) throws {
        file = try BusinessCentralMondayFile(document)
    }

    // MARK: Notifications

    func take(_ event: WaitingEvent, in context: FlowContext) async throws -> [Mark] {
        guard let intake = try? BusinessCentral.Intake(event.arrival.body.span) else {
            context.log.warning("a notification that is none", record: "\(event.id)")
            return []
        }
        guard let secret = context.secrets[FlowHook.secretPlace] else { return [] }
        var marks: [Mark] = []
        for notification in intake.notifications {
            guard notification.isGenuine(expecting: secret) else {
                forged += 1
                context.log.warning("a notification with a wrong clientState is left aside", record: "\(event.id)")
                continue
            }
            guard file.routes.contains(where: { $0.entitySet == notification.entitySet }) else { continue }
            switch notification.subject {
            case .record(let id):
                marks.append(
                    Mark(
                        route: notification.entitySet,
                        key: id,
                        lane: .live,
                        cause: "webhook \(event.id)",
                        heardMilliseconds: event.arrival.receivedMilliseconds
                    )
                )
            case .collection: engine?.read(notification.entitySet)
            }
        }
        return marks
    }

    // MARK: Life

    func start(in context: FlowContext) async throws {
        let parts = try Parts(file, in: context)
        try await parts.begin()
        self.parts = parts
        let engine = SyncEngine(in: context)
        self.engine = engine
        for route in parts.routes {
            engine.add(route.route, every: route.file.poll, confirmsAfter: file.confirmsAfter)
        }
        try subscribe(parts, engine, context)
        let upkeep = MondayUpkeep(parts.monday, parts.mondayKeeper, in: context)
        self.upkeep = upkeep
        tasks.append(EpollLoop.process.task { await upkeep.run() })
    }

    private func subscribe(_ parts: Parts, _ engine: SyncEngine, _ context: FlowContext) throws {
        guard let url = context.hookURL, let secret = context.secrets[FlowHook.secretPlace] else {
            return context.log.warning(
                "no webhooks until the server is started with --public-url; changes are polled"
            )
        }
        for route in file.routes {
            let keeper = SubscriptionKeeper(
                route.entitySet,
                at: "\(url)/\(route.entitySet)",
                clientState: secret,
                client: parts.businessCentral,
                checksEvery: file.checksSubscriptions,
                log: context.log
            ) { engine.read(route.entitySet) }
            subscriptions.append(keeper)
            tasks.append(EpollLoop.process.task { await keeper.run() })
        }
    }

    func wake() {
        engine?.wake()
    }

    func nudged() {
        engine?.wake()
        engine?.nudged()
    }

    func drain() async {
        for keeper in subscriptions { keeper.drain() }
        upkeep?.drain()
        engine?.beginDrain()
        // Whoever waits for its turn stops waiting, and nothing of it is lost: the changes are in the store.
        await parts?.close()
        await engine?.drain()
        for task in tasks { await task.value }
    }

    var figures: WorkerFigures {
        get async {
            guard let parts, let engine else { return WorkerFigures() }
            var figures = await counted(parts, engine)
            figures.forgedNotifications = forged
            figures.subscriptionSeconds = subscriptions.compactMap(\.secondsLeft).min()
            let troubles = [engine.trouble] + subscriptions.map(\.trouble) + parts.routes.flatMap(\.route.shortcomings)
            figures.trouble = figures.withOutages(troubles.first { !$0.isEmpty } ?? "")
            return figures
        }
    }

    /// The store is asked when something has stirred, and now and then for windows that empty by themselves: a thousand
    /// idle workers would ask it for nothing four hundred times a second.
    private func counted(_ parts: Parts, _ engine: SyncEngine) async -> WorkerFigures {
        let stir = engine.stir &+ (await parts.stir)
        let last = lastCount
        if let last, last.stir == stir, .now - last.at < countsAgain { return last.figures }
        var figures = await engine.figures()
        await parts.add(to: &figures)
        countsAgain = figures == last?.figures ? min(countsAgain * 2, Self.countsAtLeast) : Self.countsFirst
        lastCount = (figures, stir, .now)
        return figures
    }

    func examine(in context: FlowContext) async -> [Finding] {
        do {
            let parts = try Parts(file, in: context, isTrial: true)
            let findings = await Examination(file: file, parts: parts, context: context).run()
            await parts.close()
            return findings
        } catch {
            return [Finding(.broken, "the connection's file", "\(error)")]
        }
    }

    func preview(
        _ wish: PreviewWish,
        in context: FlowContext,
        _ each: @OnLoop (PreviewNews) -> Void
    ) async throws {
        let parts = try Parts(file, in: context)
        do {
            for (_, route) in parts.routes {
                // Somebody looks at a few; all of them are nobody's hurry.
                let lane: Lane = wish.limit == nil ? .background : .interactive
                try await Preview(route, in: context, lane: lane).run(wish) { news in
                    each(news)
                    guard case .began = news else { return }
                    for words in route.shortcomings { each(.notice(route: route.name, words)) }
                }
            }
            await parts.close()
        } catch {
            await parts.close()
            throw error
        }
    }

    func retire(in context: FlowContext) async -> [Finding] {
        guard let url = context.hookURL else { return [] }
        do {
            let parts = try Parts(file, in: context, isTrial: true)
            for subscription in try await parts.businessCentral.subscriptions()
            where subscription.notificationURL.hasPrefix(url) {
                try await parts.businessCentral.unsubscribe(subscription)
            }
            await parts.close()
            return []
        } catch {
            return [
                Finding(
                    .notice,
                    "Business Central: subscriptions",
                    "\(error)",
                    remedy: "those that are left end by themselves within three days"
                )
            ]
        }
    }
}
