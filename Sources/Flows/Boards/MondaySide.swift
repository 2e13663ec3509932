import Core
import Engine
import Systems
import Transport

/// Monday, on the other end of a flow: its client, and the keeper of the account's limits.
@OnLoop final class MondaySide {
    let client: Monday.Client
    let keeper: RateKeeper
    private let http: HTTPClient
    private var upkeep: MondayUpkeep?
    private var task: Task<Void, Never>?

    convenience init(_ file: BoardFlowFile, in context: FlowContext, isTrial: Bool) throws {
        try self.init(
            file.monday,
            windows: file.mondayWindows,
            longestCall: file.timing.longestCall,
            in: context,
            isTrial: isTrial
        )
    }

    init(
        _ monday: Monday.Client.Settings,
        windows: AccountWindows,
        longestCall: Duration?,
        in context: FlowContext,
        isTrial: Bool
    ) throws {
        let token = try context.secret("monday.token")
        http = HTTPClient(.init(allowed: try .init([monday.apiURL] + monday.uploads)))
        // Limits are counted per token.
        keeper = RateKeeper(
            account: AccountName.of(["monday", monday.apiURL], and: token),
            owner: context.connection,
            windows: Self.gathering(windows.windows),
            settled: windows.settled,
            isTrial: isTrial,
            store: context.store
        )
        var settings = monday
        settings.deadlines = .limited(to: longestCall, otherwise: settings.deadlines)
        client = Monday.Client(
            token: token,
            settings: settings,
            http: http,
            gate: keeper,
            listener: keeper,
            log: context.log
        )
    }

    /// Where the calls of a day are counted a full request is worth waiting for: one of 18 items costs as much as one of one
    /// item, and a thousand calls are not many.
    private static func gathering(_ windows: [Window]) -> [Window] {
        guard windows.contains(where: { $0.name == Monday.Limits.calls.name }) else { return windows }
        return windows.map { $0.name == Monday.Limits.mutations.name ? $0.gathering(Monday.Limits.mostWrites) : $0 }
    }

    func begin() async throws {
        try await keeper.begin()
    }

    func start(in context: FlowContext) {
        let upkeep = MondayUpkeep(client, keeper, in: context)
        self.upkeep = upkeep
        task = EpollLoop.process.task { await upkeep.run() }
    }

    func drain() {
        upkeep?.drain()
    }

    func close() async {
        await keeper.close()
    }

    func ended() async {
        await task?.value
    }
}
