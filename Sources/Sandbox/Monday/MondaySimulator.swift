import Core
import Transport

/// monday.com as strictly as the vendor plays it: `POST /v2`, boards, limits, idempotency keys and webhooks.
///
/// A request goes through the vendor's doors in this order: is the fault plan against it, whose token is it, are the
/// account's windows open, is the document valid, was the key used before, is the board free. Then it is carried out.
@OnLoop package final class MondaySimulator: Simulator {
    package nonisolated static let name = "monday"

    package var address = ""
    package var faults: FaultPlan
    let account: MondayAccount
    let scans: MondayScans
    let hooks: MondayHooks
    let imports: MondayImports
    let clock: SandboxClock
    let token: String
    var isRevoked = false
    var limits = MondayLimits()
    var replays = MondayReplays()
    var tally = MondayTally()
    /// The board of purchase invoices, and the board of vendors that it is connected to.
    package let board: Int
    package let vendorBoard: Int
    /// The board of purchase orders, on which people approve.
    package let orderBoard: Int

    package init(
        clock: SandboxClock,
        token: String = "sandbox-monday-token",
        options: MondayOptions = MondayOptions(),
        seed: UInt64 = 1
    ) {
        self.clock = clock
        self.token = token
        faults = FaultPlan(seed: seed)
        account = MondayAccount(clock: clock, options: options, seed: seed)
        scans = MondayScans(account)
        hooks = MondayHooks(account)
        imports = MondayImports(account)
        (board, vendorBoard) = account.seedBoards()
        orderBoard = account.seedOrderBoard(vendors: vendorBoard)
        account.changed = { [weak hooks] in hooks?.tell($0) }
    }

    package var credentials: JSON {
        [
            "apiURL": .string("\(address)/v2"), "token": .string(token), "board": .string("\(board)"),
            "vendorBoard": .string("\(vendorBoard)"), "orderBoard": .string("\(orderBoard)"),
            "signingSecret": .string(account.options.signingSecret),
        ]
    }

    package func stop() {
        hooks.stop()
    }

    package func serve(_ exchange: HTTPExchange) {
        guard exchange.path == "/v2" else { return serveFiles(exchange) }
        guard exchange.method == .post else {
            exchange.answer(.methodNotAllowed, [HTTPHeader("Allow", "POST")])
            return
        }
        let body = exchange.bodyBytes
        let question = MondayQuestion(
            token: exchange.header("Authorization"),
            version: exchange.header("API-Version"),
            key: exchange.header("Idempotency-Key"),
            bodyHash: body.hashValue,
            content: MondayQuestion.content(
                body,
                contentType: exchange.header("Content-Type"),
                status: account.options.validationStatus
            )
        )
        tally.request(question.label)
        limits.arrived(question.mutations.count, at: clock.instant)
        let effect = faults.effect(for: question.label)
        exchange.reply(spoiledBy: effect) {
            self.limits.begin()
            let reply = await self.answer(question, named: effect)
            self.limits.end()
            self.tally.answer(Int(reply.status.rawValue))
            return reply
        }
    }

    /// Where imports are uploaded and their reports lie: no token is asked for, the address is the secret.
    private func serveFiles(_ exchange: HTTPExchange) {
        let parts = exchange.path.split(separator: "/").map(String.init)
        switch (exchange.method, parts.first, parts.count) {
        case (.put, "upload", 2): exchange.answer(imports.upload(parts[1], exchange.bodyBytes))
        case (.get, "report", 2):
            let report = imports.report(parts[1])
            exchange.answer(
                report == nil ? .forbidden : .ok,
                [HTTPHeader("Content-Type", "text/csv")],
                body: (report ?? "").utf8
            )
        default: exchange.answer(.notFound)
        }
    }

    private func answer(_ question: MondayQuestion, named effect: Fault.Effect?) async -> Reply {
        guard let version = MondayVersion.serving(question.version) else {
            return reply(.error(400, "InvalidVersionException", "The API version is not valid"), rule: "version")
        }
        let served = account.options.servedVersion ?? version
        guard authorizes(question.token) else {
            return reply(.notAuthenticated, rule: "token", served)
        }
        var refusedField: String?
        if case .named(let name)? = effect {
            if name == "tooManyRequests200", case .operation(let operation) = question.content {
                // The last field is refused, the others are carried out.
                refusedField = operation.rootFields.last?.responseName
            } else if let envelope = MondayEnvelope.named(name) {
                limits.charge(1, clock.now.day)
                return reply(envelope, rule: "fault \(name)", served)
            }
        }
        let options = account.options
        if let refusal = limits.admit(quota, enforcesPlan: options.enforcesPlan, at: clock.instant, clock.now) {
            return refuse(refusal, served)
        }
        let reply =
            switch question.content {
            case .refused(let envelope, let rule): reply(envelope, rule: rule, served)
            case .operation(let operation): await execute(operation, question, refusedField, served)
            }
        limits.charge(reply.status == .tooManyRequests ? 1 : tenths(question), clock.now.day)
        return reply
    }

    // MARK: Doors

    private func authorizes(_ header: String?) -> Bool {
        guard let header, !isRevoked else { return false }
        if header == token { return true }
        return !account.options.refusesBearer && header == "Bearer \(token)"
    }

    private var quota: MondayLimits.Quota { MondayLimits.Quota(account.options) }

    /// A call costs a call; one that only asks for the complexity costs a tenth.
    private func tenths(_ question: MondayQuestion) -> Int {
        guard case .operation(let operation) = question.content else { return 10 }
        if !operation.rootFields.isEmpty, operation.rootFields.allSatisfy({ $0.name == "complexity" }) { return 1 }
        return account.options.dailyCostPerAlias ? 10 * max(operation.rootFields.count, 1) : 10
    }

    private func execute(
        _ operation: GraphQL.Prepared,
        _ question: MondayQuestion,
        _ refusedField: String?,
        _ version: String
    ) async -> Reply {
        let cost = MondayComplexity.estimate(operation)
        let (left, reset) = limits.complexityLeft(quota, at: clock.instant)
        let isTooLarge = account.options.enforcesPlan && cost > MondayLimits.queryComplexity
        guard !isTooLarge, cost <= left else { return refuse(.complexity(reset), version) }
        guard operation.kind == .mutation else {
            await pause(account.options.queryMilliseconds)
            return await run(operation, refusedField, version, cost: cost)
        }
        guard let key = question.key, !key.isEmpty else {
            return await mutate(operation, refusedField, version, cost: cost)
        }
        let options = account.options
        switch replays.begin(key, question.bodyHash, options.reusedKey, most: options.keptAnswers, at: clock.instant) {
        case .first:
            let reply = await mutate(operation, refusedField, version, cost: cost)
            replays.end(key, keeps(reply) ? reply : nil)
            return reply
        case .unkept: return await mutate(operation, refusedField, version, cost: cost)
        case .replay(var reply):
            tally.replays += 1
            reply.headers.append(HTTPHeader("Idempotency-Replayed", "true"))
            return reply
        case .conflict: return reply(.conflict, rule: "idempotencyConflict", version)
        case .different:
            let envelope = MondayEnvelope.error(422, "IDEMPOTENCY_KEY_REUSED", "The key was used with another request")
            return reply(envelope, rule: "idempotencyKeyReused", version)
        }
    }

    /// An answer with data in it is kept; one without only where the options say so. A refusal by a limit never is.
    private func keeps(_ reply: Reply) -> Bool {
        guard reply.status == .ok, case .object(let object)? = try? JSON.parse(reply.body.span) else { return false }
        if object["errors"] == nil { return true }
        guard case .object(let data)? = object["data"] else { return account.options.keepsErrors }
        return data.members.contains { $0.value != .null } || account.options.keepsErrors
    }

    private func mutate(
        _ operation: GraphQL.Prepared,
        _ refusedField: String?,
        _ version: String,
        cost: Int
    ) async -> Reply {
        let boards = boards(of: operation)
        if boards.contains(where: { $0.holders > 0 }), account.happens(account.options.lockChance) {
            return reply(.locked, rule: "locked", version)
        }
        let names = operation.rootFields.filter { $0.responseName != refusedField }.map(\.name)
        let options = account.options
        if let refusal = limits.admit(
            mutations: names,
            perMinute: options.mutationsPerMinute,
            enforcesPlan: options.enforcesPlan,
            at: clock.instant
        ) {
            return refuse(refusal, version)
        }
        tally.mutations(names.count, at: clock.now)
        for board in boards { board.holders += 1 }
        await pause(options.mutationMilliseconds)
        let reply = await run(operation, refusedField, version, cost: cost)
        for board in boards { board.holders -= 1 }
        return reply
    }

    /// The boards that a mutation holds while it runs.
    private func boards(of operation: GraphQL.Prepared) -> [MondayBoard] {
        var boards: [MondayBoard] = []
        for field in operation.rootFields where !["create_webhook", "create_or_get_tag"].contains(field.name) {
            let item = (field.arguments["item_id"] ?? field.arguments["parent_item_id"])
                .flatMap(MondayAccount.number).flatMap { account.items[$0] }
            let named = field.arguments["board_id"].flatMap(MondayAccount.number).flatMap { account.boards[$0] }
            guard let board = named ?? item?.board, !boards.contains(where: { $0 === board }) else { continue }
            boards.append(board)
        }
        return boards
    }

    private func pause(_ milliseconds: Int) async {
        if milliseconds > 0 { try? await EpollLoop.process.sleep(for: .milliseconds(milliseconds)) }
    }

    // MARK: Answers

    private func run(
        _ operation: GraphQL.Prepared,
        _ refusedField: String?,
        _ version: String,
        cost: Int
    ) async -> Reply {
        let call = MondayCall(account: account, scans: scans, hooks: hooks, imports: imports, address: address)
        let (left, reset) = limits.complexityLeft(quota, at: clock.instant)
        call.complexity = (left, cost, reset)
        call.version = version
        call.dailyLimit = quota.perDay
        call.dailyUsage = limits.days.keys.sorted().map { ($0, limits.usage(of: $0)) }
        let outcome = await operation.execute(MondayRoot(call: call, kind: operation.kind, refusedField: refusedField))
        limits.spend(
            complexity: MondayComplexity.actual(operation, fields: outcome.fieldCount),
            at: clock.instant
        )
        tally.faults(outcome.errors)
        if let refusal = call.legacyRefusal { return self.reply(MondayEnvelope(status: 200, body: refusal), version) }
        var body = JSON.Object(("data", outcome.data))
        if !outcome.errors.isEmpty { body["errors"] = .array(outcome.errors.map(\.json)) }
        return reply(MondayEnvelope(status: 200, body: .object(body)), version)
    }

    private func refuse(_ refusal: MondayLimits.Refusal, _ version: String) -> Reply {
        reply(.refusal(refusal, callLimitCode: account.options.callLimitCode), rule: refusal.rule, version)
    }

    private func reply(_ envelope: MondayEnvelope, rule: String, _ version: String = MondayVersion.current) -> Reply {
        tally.refusal(rule)
        return reply(envelope, version)
    }

    private func reply(_ envelope: MondayEnvelope, _ version: String) -> Reply {
        let id =
            "\(account.digits(8))-\(account.digits(4))-4\(account.digits(3))-a\(account.digits(3))-\(account.digits(12))"
        var body = envelope.body
        if case .object(var object) = body {
            object["extensions"] = ["request_id": .string(id)]
            body = .object(object)
        }
        let (policy, state) = limits.headers(quota, at: clock.instant)
        var headers = [
            HTTPHeader("api-version", version), HTTPHeader("x-request-id", id),
            HTTPHeader("RateLimit-Policy", policy), HTTPHeader("RateLimit", state),
        ]
        if let seconds = envelope.retryAfterSeconds { headers.append(HTTPHeader("Retry-After", "\(seconds)")) }
        return Reply(HTTPStatus(rawValue: UInt16(clamping: envelope.status)), headers, json: body)
    }
}
