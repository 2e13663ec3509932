import Core
import Transport

/// The webhooks of an account: registered with a challenge, told of changes, tried again each minute for half an hour.
@OnLoop final class MondayHooks {
    struct Subscription: Sendable {
        var id: Int
        var board: Int
        var event: String
        var url: String
        var config: String?
    }

    struct Counts: Sendable {
        var challenges = 0
        var refusedChallenges = 0
        var sent = 0
        var accepted = 0
        var failed = 0
        /// Not accepted in half an hour.
        var lost = 0
        var pending = 0
    }

    private static let tries = 31
    private static let mostPending = 100_000

    private(set) var subscriptions: [Subscription] = []
    private(set) var counts = Counts()
    private unowned let account: MondayAccount
    private var clients: [String: HTTPClient] = [:]
    private var isStopped = false

    init(_ account: MondayAccount) {
        self.account = account
    }

    func stop() {
        isStopped = true
        for client in clients.values { client.close() }
        clients = [:]
    }

    // MARK: Subscriptions

    func create(_ arguments: JSON.Object) async throws(GraphQL.Fault) -> Subscription {
        let board = try account.board(arguments["board_id"])
        let url = arguments.string("url") ?? ""
        guard url.utf8.count <= 255, url.hasPrefix("http://") || url.hasPrefix("https://") else {
            throw .argument("The URL is not valid, or longer than 255 characters")
        }
        let event = arguments.string("event") ?? ""
        let config = arguments.string("config")
        try check(event, config, board)
        guard await answersChallenge(url) else { throw .internalError }
        let subscription = Subscription(id: account.newID(), board: board.id, event: event, url: url, config: config)
        subscriptions.append(subscription)
        return subscription
    }

    /// The one that was there.
    func remove(_ id: Int?) -> Subscription? {
        guard let index = subscriptions.firstIndex(where: { $0.id == id }) else { return nil }
        return subscriptions.remove(at: index)
    }

    private func check(_ event: String, _ config: String?, _ board: MondayBoard) throws(GraphQL.Fault) {
        let members = config.flatMap { try? JSON.parse($0) }.flatMap {
            if case .object(let object) = $0 { object } else { nil }
        }
        switch event {
        case "change_specific_column_value", "change_status_column_value":
            guard let id = members?.string("columnId") else { throw .argument("The config needs a columnId") }
            guard board.column(id) != nil else { throw .noColumn(id) }
        case "item_moved_to_specific_group":
            guard let id = members?.string("groupId") else { throw .argument("The config needs a groupId") }
            _ = try board.group(id)
        default: break
        }
    }

    private func answersChallenge(_ url: String) async -> Bool {
        counts.challenges += 1
        let challenge: JSON = ["challenge": .string(account.digits(32))]
        let signature = account.options.signsChallenges ? signature(for: url, by: account.ownUser) : nil
        let response = await send(
            challenge,
            to: url,
            within: .seconds(account.options.challengeSeconds),
            signed: signature
        )
        if let response, response.status == 200, (try? JSON.parse(response.body.span)) == challenge { return true }
        counts.refusedChallenges += 1
        return false
    }

    // MARK: Deliveries

    func tell(_ change: MondayChange) {
        if change.user == account.ownUser, !account.options.hooksForOwnWrites { return }
        let board = change.subscribedBoard.id
        let events = change.events
        for subscription in subscriptions where subscription.board == board && events.contains(subscription.event) {
            guard concerns(change, subscription) else { continue }
            let payload = MondayHookPayload(change: change, subscription: subscription.id, account: account)
            schedule(payload, subscription)
            if account.happens(account.options.duplicateHooks) { schedule(payload, subscription) }
        }
    }

    private func concerns(_ change: MondayChange, _ subscription: Subscription) -> Bool {
        let config = subscription.config.flatMap { try? JSON.parse($0) }
        guard case .object(let members)? = config else { return subscription.event != "change_specific_column_value" }
        switch (subscription.event, change.what) {
        case ("change_specific_column_value", .changed(let column, _, _)):
            return members.string("columnId") == column.id
        case ("change_status_column_value", .changed(let column, _, let after)):
            guard column.type == "status", members.string("columnId") == column.id else { return false }
            guard let index = members.object("columnValue")?.int("index") else { return true }
            return after == .status(index)
        case ("item_moved_to_specific_group", .moved): return members.string("groupId") == change.item?.groupID
        default: return true
        }
    }

    private func schedule(_ payload: MondayHookPayload, _ subscription: Subscription) {
        guard counts.pending < Self.mostPending else {
            counts.lost += 1
            return
        }
        counts.pending += 1
        var payload = payload
        payload.signature = signature(for: subscription.url, by: payload.user)
        var delay = Duration.milliseconds(account.options.hookDelayMilliseconds)
        if account.happens(account.options.reorderedHooks) {
            delay += .milliseconds(Int.random(in: 50...400, using: &account.random))
        }
        deliver(payload, subscription, after: delay, attempt: 0)
    }

    private func deliver(
        _ payload: MondayHookPayload,
        _ subscription: Subscription,
        after delay: Duration,
        attempt: Int
    ) {
        account.clock.after(delay) { [weak self] in
            EpollLoop.process.task { await self?.attempt(payload, subscription, attempt) }
        }
    }

    private func attempt(_ payload: MondayHookPayload, _ subscription: Subscription, _ attempt: Int) async {
        guard !isStopped else { return }
        guard subscriptions.contains(where: { $0.id == subscription.id }) else {
            counts.pending -= 1
            return
        }
        counts.sent += 1
        let identity = attempt > 0 && !account.options.keepsHookIdentity ? account.digits(32) : payload.identity
        let body = payload.body(identity: identity, isRetry: attempt > 0)
        let fresh = attempt > 0 && account.options.signsRetriesAnew
        let signature = fresh ? signature(for: subscription.url, by: payload.user) : payload.signature
        let response = await send(body, to: subscription.url, within: .seconds(20), signed: signature)
        if let response, response.isSuccess {
            counts.accepted += 1
            counts.pending -= 1
        } else {
            counts.failed += 1
            guard attempt + 1 < Self.tries else {
                counts.lost += 1
                counts.pending -= 1
                return
            }
            deliver(payload, subscription, after: .seconds(60), attempt: attempt + 1)
        }
    }

    /// Nil where the token is a person's: then nothing is signed.
    private func signature(for url: String, by user: Int) -> String? {
        let options = account.options
        guard options.signsHooks else { return nil }
        return MondayHookToken(
            account: account.id,
            user: user,
            audience: url,
            issued: account.clock.now,
            lifeSeconds: options.hookTokenSeconds,
            shortLivedToken: account.digits(40)
        ).signed(with: options.signingSecret)
    }

    private func send(
        _ body: JSON,
        to url: String,
        within total: Duration,
        signed signature: String?
    ) async -> HTTPClient.Response? {
        guard !isStopped, let client = client(for: url) else { return nil }
        var request = HTTPClient.Request(
            .post,
            url,
            headers: [.init("Content-Type", "application/json")]
                + (signature.map { [.init("Authorization", $0)] } ?? []),
            body: body.bytes()
        )
        request.deadlines.total = total
        request.limits.bodyBytes = 65_536
        // Sent again by us, each minute, and not by the client.
        request.mayRepeat = false
        return try? await client.send(request)
    }

    private func client(for url: String) -> HTTPClient? {
        // Up to the first slash behind the scheme.
        let scheme = url.hasPrefix("https://") ? "https://" : "http://"
        let origin = scheme + url.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        if let client = clients[origin] { return client }
        guard let allowed = try? HTTPClient.AllowedOrigins([origin]) else { return nil }
        if clients.count >= 64 {
            for client in clients.values { client.close() }
            clients = [:]
        }
        let client = HTTPClient(HTTPClient.Settings(allowed: allowed))
        clients[origin] = client
        return client
    }
}
