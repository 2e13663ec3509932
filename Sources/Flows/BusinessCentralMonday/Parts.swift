import Core
import Engine
import Store
import Systems
import Transport

/// What the flow is put together from: the clients of both systems, the keepers of their limits and tokens, the routes.
@OnLoop final class Parts {
    let businessCentral: BusinessCentral.Client
    let monday: Monday.Client
    let routes: [(file: BusinessCentralMondayFile.Route, route: EntityRoute)]
    let tokens: TokenKeeper
    private let http: (businessCentral: HTTPClient, monday: HTTPClient)
    private let keepers: (businessCentral: RateKeeper, monday: RateKeeper)

    struct Missing: Error, CustomStringConvertible {
        var description: String
    }

    /// A trial calls systems that are down as well.
    init(_ file: BusinessCentralMondayFile, in context: FlowContext, isTrial: Bool = false) throws {
        let clientSecret = try Self.secret("businessCentral.clientSecret", context)
        let mondayToken = try Self.secret("monday.token", context)
        http = (
            HTTPClient(.init(allowed: try .init(file.businessCentral.origins))),
            HTTPClient(.init(allowed: try .init([file.monday.apiURL])))
        )
        // Limits are counted per application and environment there, per token here.
        keepers = (
            RateKeeper(
                account: Self.account([
                    "businessCentral", file.businessCentral.apiURL, file.businessCentral.entraTenant,
                    file.businessCentral.environment, file.businessCentral.clientID,
                ]),
                owner: context.connection,
                windows: file.businessCentralWindows.windows,
                settled: file.businessCentralWindows.settled,
                isTrial: isTrial,
                store: context.store
            ),
            RateKeeper(
                account: Self.account(["monday", file.monday.apiURL], and: mondayToken),
                owner: context.connection,
                windows: file.mondayWindows.windows,
                settled: file.mondayWindows.settled,
                isTrial: isTrial,
                store: context.store
            )
        )
        tokens = BusinessCentral.EntraTokens(
            file.businessCentral,
            clientSecret: clientSecret,
            http: http.businessCentral
        ).keeper()
        let businessCentral = BusinessCentral.Client(
            file.businessCentral,
            http: http.businessCentral,
            gate: keepers.businessCentral,
            tokens: tokens,
            log: context.log,
            deadlines: Self.deadlines(file.longestCall, otherwise: BusinessCentral.Limits.deadlines)
        )
        var settings = file.monday
        settings.deadlines = Self.deadlines(file.longestCall, otherwise: settings.deadlines)
        let monday = Monday.Client(
            token: mondayToken,
            settings: settings,
            http: http.monday,
            gate: keepers.monday,
            listener: keepers.monday,
            log: context.log
        )
        let (mutations, reads, log) = (keepers.monday, keepers.businessCentral, context.log)
        routes = file.routes.map { route in
            (
                route,
                EntityRoute(route, from: businessCentral, to: monday, mutations: mutations, reads: reads, log: log)
            )
        }
        self.businessCentral = businessCentral
        self.monday = monday
    }

    var mondayKeeper: RateKeeper { keepers.monday }

    /// To be called once by the one process that works for the connection.
    func begin() async throws {
        try await keepers.businessCentral.begin()
        try await keepers.monday.begin()
    }

    func close() async {
        await keepers.businessCentral.close()
        await keepers.monday.close()
    }

    var stir: UInt64 {
        get async { await keepers.businessCentral.stir &+ keepers.monday.stir }
    }

    func add(to figures: inout WorkerFigures) async {
        await add(keepers.businessCentral, BusinessCentral.name, to: &figures)
        await add(keepers.monday, Monday.name, to: &figures)
        figures.tokens = [
            .init(system: BusinessCentral.name, name: "refreshed", count: UInt64(await tokens.refreshes)),
            .init(system: BusinessCentral.name, name: "failed", count: UInt64(await tokens.failures)),
        ]
    }

    private func add(_ keeper: RateKeeper, _ system: String, to figures: inout WorkerFigures) async {
        for (outcome, count) in await keeper.outcomes {
            figures.calls.append(.init(system: system, name: outcome, count: count))
        }
        guard let (facts, windows) = try? await keeper.facts() else { return }
        for window in windows {
            figures.windows.append(
                .init(
                    system: system,
                    window: window.name,
                    account: keeper.account,
                    used: UInt32(clamping: facts.used[window.name] ?? 0),
                    limit: UInt32(clamping: window.limit)
                )
            )
        }
        guard !facts.circuit.isClosed else { return }
        figures.outages.append(
            .init(system: system, account: keeper.account, sinceMilliseconds: facts.circuit.since)
        )
    }

    private static func deadlines(
        _ longest: Duration?,
        otherwise usual: HTTPClient.Deadlines
    ) -> HTTPClient.Deadlines {
        guard let longest else { return usual }
        var deadlines = usual
        deadlines.connect = min(usual.connect, longest)
        deadlines.idle = longest
        deadlines.total = longest
        return deadlines
    }

    // MARK: Names and secrets

    private static func secret(_ place: String, _ context: FlowContext) throws -> Secret {
        guard let secret = context.secrets[place] else {
            throw Missing(
                description: "\(place): there is no such secret; expected { env: \"NAME\" } or { file: \"PATH\" }"
            )
        }
        return secret
    }

    /// Half a digest: tells accounts apart and shows nothing of them.
    private static func account(_ names: [String], and secret: Secret? = nil) -> String {
        let digest = SHA256().digest { hash in
            for name in names { Array("\(name.utf8.count):\(name)".utf8).withUnsafeBytes { hash.add($0) } }
            secret?.withBytes { hash.add($0) }
        }
        return "\(names[0])-\(digest.hexadecimal.prefix(16))"
    }
}
