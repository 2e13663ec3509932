import Core
import Engine
import Store
import Systems
import Transport

/// The books of a company in Business Central.
final class BusinessCentralBooks: Books {
    nonisolated var name: String { BusinessCentral.name }

    private let client: BusinessCentral.Client
    private let tokens: TokenKeeper
    private let http: HTTPClient
    private let keeper: RateKeeper
    private let file: BusinessCentralFile
    /// By their routes' names.
    private var entitySets: Set<String> = []
    private var subscriptions: [SubscriptionKeeper] = []
    private var tasks: [Task<Void, Never>] = []

    init(_ file: BusinessCentralFile, in context: FlowContext, isTrial: Bool) throws {
        let clientSecret = try context.secret("businessCentral.clientSecret")
        let settings = file.settings
        self.file = file
        http = HTTPClient(.init(allowed: try .init(settings.origins)))
        // Limits are counted per application and environment.
        keeper = RateKeeper(
            account: AccountName.of([
                "businessCentral", settings.apiURL, settings.entraTenant, settings.environment, settings.clientID,
            ]),
            owner: context.connection,
            windows: file.windows.windows,
            settled: file.windows.settled,
            isTrial: isTrial,
            store: context.store
        )
        tokens = BusinessCentral.EntraTokens(settings, clientSecret: clientSecret, http: http).keeper()
        client = BusinessCentral.Client(
            settings,
            http: http,
            gate: keeper,
            admission: .application(tokens),
            log: context.log,
            deadlines: .limited(to: file.timing.longestCall, otherwise: BusinessCentral.Limits.deadlines)
        )
    }

    func source(of route: BoardFlowFile.Route) throws -> any RecordSource {
        entitySets.insert(route.name)
        return BusinessCentralSource(route.name, fields: route.mapping.fields, client: client)
    }

    // MARK: Life

    func begin() async throws {
        try await keeper.begin()
    }

    func listen(
        for routes: [String],
        in context: FlowContext,
        read: @escaping @OnLoop (String) -> Void
    ) throws {
        guard let url = context.hookURL, let secret = context.secrets[FlowHook.secretPlace] else {
            return context.log.warning(
                "no webhooks until the server is started with --public-url; changes are polled"
            )
        }
        for route in routes {
            let keeper = SubscriptionKeeper(
                route,
                at: "\(url)/\(route)",
                clientState: secret,
                client: client,
                checksEvery: file.timing.checksSubscriptions,
                log: context.log
            ) { read(route) }
            subscriptions.append(keeper)
            tasks.append(EpollLoop.process.task { await keeper.run() })
        }
    }

    func drain() {
        for keeper in subscriptions { keeper.drain() }
    }

    func close() async {
        await keeper.close()
    }

    func ended() async {
        for task in tasks { await task.value }
    }

    // MARK: Notifications

    func take(_ event: WaitingEvent, in context: FlowContext) -> Heard? {
        guard let intake = try? BusinessCentral.Intake(event.arrival.body.span) else { return nil }
        guard let secret = context.secrets[FlowHook.secretPlace] else { return Heard() }
        var heard = Heard()
        for notification in intake.notifications {
            guard notification.isGenuine(expecting: secret) else {
                heard.forged += 1
                context.log.warning("a notification with a wrong clientState is left aside", record: "\(event.id)")
                continue
            }
            guard entitySets.contains(notification.entitySet) else { continue }
            switch notification.subject {
            case .record(let id):
                heard.marks.append(
                    Mark(
                        route: notification.entitySet,
                        key: id,
                        lane: .live,
                        cause: "webhook \(event.id)",
                        heardMilliseconds: event.arrival.receivedMilliseconds
                    )
                )
            case .collection: heard.routes.insert(notification.entitySet)
            }
        }
        return heard
    }

    // MARK: For operators

    var stir: UInt64 {
        get async { await keeper.stir }
    }

    func add(to figures: inout WorkerFigures) async {
        await figures.add(keeper, of: name)
        figures.tokens = [
            .init(system: name, name: "refreshed", count: UInt64(await tokens.refreshes)),
            .init(system: name, name: "failed", count: UInt64(await tokens.failures)),
        ]
        figures.subscriptionSeconds = subscriptions.compactMap(\.secondsLeft).min()
    }

    var troubles: [String] { subscriptions.map(\.trouble) }

    func isHeld() async -> Bool {
        await keeper.isHeld()
    }

    func examine(_ findings: inout [Finding]) async {
        let before = findings.count
        await findings.look("Business Central: sign in") {
            _ = try await tokens.token()
            return "Microsoft Entra gives a token to the application \(file.settings.clientID)"
        }
        guard findings[before].verdict == .works else { return }
        await findings.look("Business Central: company") {
            let company = try await client.company()
            return "\(company.name) in the environment \(file.settings.environment)"
        }
    }

    func retire(in context: FlowContext) async -> [Finding] {
        guard let url = context.hookURL else { return [] }
        do {
            for subscription in try await client.subscriptions() where subscription.notificationURL.hasPrefix(url) {
                try await client.unsubscribe(subscription)
            }
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
