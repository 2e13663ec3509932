import Core
import Engine
import Store
import Systems
import Transport

/// The books of a company in Business Central.
final class BusinessCentralBooks: Books {
    nonisolated var name: String { BusinessCentral.name }

    let client: BusinessCentral.Client
    private let tokens: TokenKeeper?
    private let http: HTTPClient
    private let keeper: RateKeeper
    private let file: BusinessCentralFile
    /// By the routes' names.
    private var sources: [String: BusinessCentralSource] = [:]
    /// Along the routes of extensions.
    private var others: [(route: BusinessCentral.Settings.Route, client: BusinessCentral.Client)] = []
    private var subscriptions: [SubscriptionKeeper] = []
    private var tasks: [Task<Void, Never>] = []

    init(_ file: BusinessCentralFile, in context: FlowContext, isTrial: Bool) throws {
        let settings = file.settings
        self.file = file
        var web = HTTPClient.Settings(allowed: try .init(settings.origins))
        web.authoritiesFile = settings.server?.authoritiesFile
        http = HTTPClient(web)
        // Limits are counted per application and environment.
        let account =
            if let server = settings.server {
                ["businessCentral", server.url, server.user]
            } else {
                [
                    "businessCentral", settings.apiURL, settings.entraTenant, settings.environment, settings.clientID,
                ]
            }
        keeper = RateKeeper(
            account: AccountName.of(account),
            owner: context.connection,
            windows: file.windows.windows,
            settled: file.windows.settled,
            isTrial: isTrial,
            store: context.store
        )
        let admission: BusinessCentral.Admission
        if let server = settings.server {
            tokens = nil
            admission = .user(server.user, key: try context.secret("businessCentral.key"))
        } else {
            let clientSecret = try context.secret("businessCentral.clientSecret")
            let tokens = BusinessCentral.EntraTokens(settings, clientSecret: clientSecret, http: http).keeper()
            self.tokens = tokens
            admission = .application(tokens)
        }
        client = BusinessCentral.Client(
            settings,
            http: http,
            gate: keeper,
            admission: admission,
            log: context.log,
            deadlines: .limited(to: file.timing.longestCall, otherwise: BusinessCentral.Limits.deadlines)
        )
    }

    func source(of route: BoardFlowFile.Route) throws -> any RecordSource {
        let records = file.routes[route.name] ?? BusinessCentralRoute(route.name)
        let source = BusinessCentralSource(records, fields: route.mapping.fields, client: client(for: records))
        sources[route.name] = source
        return source
    }

    func lines(of route: BoardFlowFile.Route, fields: [String]) throws -> any LineSource {
        let documents = file.routes[route.name] ?? BusinessCentralRoute(route.name)
        let client = client(for: documents)
        guard let lines = BusinessCentralLineSource(of: documents, fields: fields, client: client) else {
            throw CallError(.stopConnection, name, .configuration, "routes.\(route.name).lines: these have no lines")
        }
        return lines
    }

    private func client(for route: BusinessCentralRoute) -> BusinessCentral.Client {
        guard let api = route.api, api != client.settings.route else { return client }
        if let known = others.first(where: { $0.route == api }) { return known.client }
        let other = client.along(api)
        others.append((api, other))
        return other
    }

    func source(of list: ListFile, fields: [String]) throws -> any RecordSource {
        switch list.kind {
        case "vendors", "customers", "items", "accounts":
            let source = BusinessCentralSource(BusinessCentralRoute(list.kind), fields: fields, client: client)
            // A route of that name hears of the same records.
            if sources[list.kind] == nil { sources[list.kind] = source }
            return source
        case "dimensionValues":
            return DimensionValueSource(of: list.dimension ?? "", fields: fields, client: client)
        default:
            throw CallError(
                .stopConnection,
                name,
                .configuration,
                "lists.\(list.name): there is no list of \(list.kind); expected from: \"vendors\", \"customers\", "
                    + "\"items\", \"accounts\" or \"dimensionValues\""
            )
        }
    }

    nonisolated func blockedField(of list: ListFile) -> String? {
        ["vendors", "customers", "items", "accounts"].contains(list.kind) ? "blocked" : nil
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
        var told: [ObjectIdentifier: WebhookSurvey] = [:]
        for group in groups(of: routes) {
            let client = group.client
            let survey = told[ObjectIdentifier(client)] ?? WebhookSurvey(client, every: file.timing.checksSubscriptions)
            told[ObjectIdentifier(client)] = survey
            let names = group.routes
            let keeper = SubscriptionKeeper(
                group.entitySet,
                at: "\(url)/\(group.place)",
                clientState: secret,
                client: client,
                survey: survey,
                checksEvery: file.timing.checksSubscriptions,
                log: context.log
            ) {
                for name in names { read(name) }
            }
            subscriptions.append(keeper)
            tasks.append(EpollLoop.process.task { await keeper.run() })
        }
    }

    /// One subscription tells all routes that show the same entity set.
    private func groups(
        of routes: [String]
    ) -> [(client: BusinessCentral.Client, entitySet: String, place: String, routes: [String])] {
        var groups: [(client: BusinessCentral.Client, entitySet: String, place: String, routes: [String])] = []
        for name in routes {
            guard let source = sources[name] else { continue }
            let entitySet = source.route.entitySet
            if let known = groups.firstIndex(where: { $0.client === source.client && $0.entitySet == entitySet }) {
                groups[known].routes.append(name)
                continue
            }
            // No two have the same address: that of an extension's has its own name in it.
            let isOther = source.client !== client
            let place = (isOther ? source.client.settings.route.segments : []) + [entitySet]
            groups.append((source.client, entitySet, place.joined(separator: "."), [name]))
        }
        return groups
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
            for (route, source) in sources.sorted(by: { $0.key < $1.key })
            where source.route.entitySet == notification.entitySet {
                switch notification.subject {
                case .record(let id):
                    heard.marks.append(
                        Mark(
                            route: route,
                            key: id,
                            lane: .live,
                            cause: "webhook \(event.id)",
                            heardMilliseconds: event.arrival.receivedMilliseconds
                        )
                    )
                case .collection(let changedAfter):
                    heard.routes.insert(route)
                    // Records were deleted among so many changes that none of them is named.
                    if changedAfter == nil { heard.compares.insert(route) }
                }
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
        if let tokens {
            figures.tokens = [
                .init(system: name, name: "refreshed", count: UInt64(await tokens.refreshes)),
                .init(system: name, name: "failed", count: UInt64(await tokens.failures)),
            ]
        }
        figures.subscriptionSeconds = subscriptions.compactMap(\.secondsLeft).min()
    }

    var troubles: [String] { subscriptions.map(\.trouble) }

    func isHeld() async -> Bool {
        await keeper.isHeld()
    }

    func examine(_ findings: inout [Finding]) async {
        let parts = sources.sorted { $0.key < $1.key }.map(\.value)
        await BusinessCentralExamination(client: client, tokens: tokens, sources: parts).run(&findings)
    }

    func retire(in context: FlowContext) async -> [Finding] {
        guard let url = context.hookURL else { return [] }
        do {
            for client in [client] + others.map(\.client) {
                for subscription in try await client.subscriptions() where subscription.notificationURL.hasPrefix(url) {
                    try await client.unsubscribe(subscription)
                }
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
