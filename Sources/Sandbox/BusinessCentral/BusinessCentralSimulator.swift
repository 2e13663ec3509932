import Core
import Transport

/// Business Central online, as far as purchase invoices and their webhooks go, and the token endpoint before it.
///
/// It is as strict as the vendor is: what the vendor refuses, it refuses, with the vendor's status and code. Where nothing
/// is published, its settings choose.
@OnLoop package final class BusinessCentralSimulator: Simulator {
    package nonisolated static let name = "businessCentral"

    package var address = ""
    package var faults: FaultPlan
    package var settings: Settings {
        didSet {
            sender.settings = settings
            for company in companies { company.settings = settings }
        }
    }
    let clock: SandboxClock
    private(set) var companies: [Company] = []
    let sender: NotificationSender
    var desk: TokenDesk
    var log = Facts()
    var random: SeededGenerator
    var nextSubscription = 1
    private var turnstiles: [String: Turnstile] = [:]

    package init(_ settings: Settings = Settings(), clock: SandboxClock) {
        self.settings = settings
        self.clock = clock
        faults = FaultPlan(seed: settings.seed)
        desk = TokenDesk(settings)
        var random = SeededGenerator(seed: settings.seed)
        let sender = NotificationSender(settings, clock: clock, random: SeededGenerator(seed: random.next()))
        self.sender = sender
        for name in settings.companies {
            companies.append(
                Company(id: random.guid(), name: name, settings: settings, random: random, clock: clock) {
                    sender.changed($0)
                }
            )
        }
        self.random = random
        for company in companies { company.addBasics() }
        companies.first?.addInvoices(settings.seedInvoices)
        if settings.seedsOrders { companies.first?.addStory() }
    }

    package func stop() {
        sender.stop()
    }

    // MARK: What others see

    package var credentials: JSON {
        let application = settings.applications.first
        return [
            "entraTenant": .string(settings.entraTenant), "clientId": .string(application?.clientID ?? ""),
            "clientSecret": .string(application?.secret ?? ""), "environment": .string(settings.environment),
            "company": .string(settings.companies.first ?? ""), "apiURL": .string(address),
            "loginURL": .string(address),
            "onPremises": [
                "apiURL": .string("\(address)/\(settings.instance)/api/v2.0"), "user": .string(settings.user),
                "webServiceKey": .string(settings.webServiceKey),
            ],
        ]
    }

    package var facts: JSON {
        var object = log.json
        sender.removeExpired()
        let turnstiles = turnstiles.values
        object["highestRequestsInWindow"] = .number(turnstiles.map(\.arrivals.highest).max() ?? 0)
        object["highestAtOnce"] = .number(turnstiles.map(\.highestAtOnce).max() ?? 0)
        object["highestQueued"] = .number(turnstiles.map(\.highestQueued).max() ?? 0)
        object["faultsStruck"] = .number(faults.struck)
        object["subscriptions"] = .number(sender.subscriptions.count)
        object["invoices"] = .number(companies.map { $0[.purchaseInvoices].rows.count }.reduce(0, +))
        object["notifications"] = sender.counters.json
        return .object(object)
    }

    // MARK: Requests

    package func serve(_ exchange: HTTPExchange) {
        let correlation = random.guid()
        guard let request = Request(exchange) else {
            return exchange.answer(reply(to: .badURL("The address cannot be read.", rule: "bad address"), correlation))
        }
        EpollLoop.process.task {
            if request.segments.suffix(3).map(\.name) == ["oauth2", "v2.0", "token"], request.segments.count == 4 {
                await self.answer(exchange, "token") { self.token(request, correlation) }
            } else {
                await self.serve(request, exchange, correlation)
            }
        }
    }

    private func answer(
        _ exchange: HTTPExchange,
        _ operation: String,
        _ process: @OnLoop () async -> Reply
    ) async {
        let effect = faults.effect(for: operation)
        var status = 0
        await exchange.answer(spoiledBy: effect) {
            let reply = await process()
            status = Int(reply.status.rawValue)
            return reply
        }
        log.answered(operation, effect?.status ?? status)
    }

    private func token(_ request: Request, _ correlation: String) -> Reply {
        let isForm = request.contentType.lowercased().hasPrefix("application/x-www-form-urlencoded")
        let answer = desk.answer(
            tenant: request.segments[0].name,
            form: request.method == .post && isForm ? formFields(request.body) : nil,
            now: clock.instant,
            seconds: settings.tokenSeconds,
            &random
        )
        switch answer {
        case .token: log.gaveToken()
        case .refused(_, let error, let number, _): log.refused("token: \(error) \(number)")
        }
        return answer.reply(at: clock.now, trace: random.guid(), correlation: correlation)
    }

    private func serve(_ request: Request, _ exchange: HTTPExchange, _ correlation: String) async {
        guard let caller = caller(of: request) else {
            log.answered("unauthorized", 401)
            return exchange.answer(reply(to: .badCredentials, correlation))
        }
        let found = Result { () throws(Refusal) in try resource(request) }
        let name = (try? found.get())?.name ?? "unknown"
        let operation = "\(request.method.name) \(name)"
        let turnstile = turnstile(of: caller)
        if let refusal = await turnstile.enter(settings).refusal {
            log.answered(operation, refusal.status)
            return exchange.answer(reply(to: refusal, correlation))
        }
        await answer(exchange, operation) {
            if self.settings.processingMilliseconds > 0 {
                try? await EpollLoop.process.sleep(for: .milliseconds(self.settings.processingMilliseconds))
            }
            do throws(Refusal) {
                var reply = try await self.perform(request, try found.get())
                reply.headers += self.headers(correlation)
                return reply
            } catch {
                return self.reply(to: error, correlation)
            }
        }
        turnstile.leave()
    }

    private func perform(_ request: Request, _ resource: Resource) async throws(Refusal) -> Reply {
        guard request.method != .get else { return try read(request, resource) }
        guard !request.readsFromReplica else {
            throw Refusal(405, "BadRequest_MethodNotAllowed", "A replica is read-only.", rule: "write to a replica")
        }
        return try await write(request, resource)
    }

    /// Whose limits count: an application online, a user on a server of the customer's own.
    private func caller(of request: Request) -> String? {
        guard isOnPremises(request) else {
            return request.token.flatMap { desk.application(forToken: $0, at: clock.instant) }?.clientID
        }
        guard let login = request.login,
            Secret(text: login) == Secret(text: "\(settings.user):\(settings.webServiceKey)")
        else { return nil }
        return settings.user
    }

    private func turnstile(of caller: String) -> Turnstile {
        if let turnstile = turnstiles[caller] { return turnstile }
        let turnstile = Turnstile(clock, windowSeconds: settings.windowSeconds)
        turnstiles[caller] = turnstile
        return turnstile
    }

    private func headers(_ correlation: String) -> [HTTPHeader] {
        [HTTPHeader("OData-Version", "4.0"), HTTPHeader("ms-correlation-x", correlation)]
    }

    private func reply(to refusal: Refusal, _ correlation: String) -> Reply {
        log.refused(refusal.rule)
        var headers = headers(correlation)
        switch refusal.status {
        case 401: headers.append(HTTPHeader("WWW-Authenticate", "Bearer"))
        case 429:
            if let seconds = settings.retryAfterSeconds { headers.append(HTTPHeader("Retry-After", "\(seconds)")) }
        case 503: headers.append(HTTPHeader("Retry-After", "\(settings.retryAfterSeconds ?? 10)"))
        default: break
        }
        return refusal.reply(correlation: correlation, headers: headers)
    }
}

extension BusinessCentralSimulator.Turnstile.Verdict {
    fileprivate var refusal: BusinessCentralSimulator.Refusal? {
        switch self {
        case .admitted: nil
        case .windowFull(let actual, let most): .tooMany(actual: actual, most: most, rule: "too many in the window")
        case .queueFull(let actual, let most): .tooMany(actual: actual, most: most, rule: "too many at once")
        case .waitedTooLong: .init(503, "ServiceUnavailable", "The request waited too long.", rule: "waited too long")
        }
    }
}

extension BusinessCentralSimulator.NotificationSender.Counters {
    var json: JSON {
        [
            "requests": .number(requests), "accepted": .number(accepted), "items": .number(items),
            "collections": .number(collections),
            "failed": .number(failed), "deletedByAnswer": .number(deletedByAnswer),
            "deletedByFailures": .number(deletedByFailures), "expired": .number(expired), "dropped": .number(dropped),
            "handshakes": .number(handshakes), "failedHandshakes": .number(failedHandshakes),
        ]
    }
}

extension Fault.Effect {
    /// What the client gets to see, where that is not what was done; 0 for nothing at all.
    fileprivate var status: Int? {
        switch self {
        case .status(let status, _, _, _): status
        case .hangUpBefore, .hangUpAfter: 0
        case .garbage: 200
        case .truncated, .stall, .delay, .named: nil
        }
    }
}
