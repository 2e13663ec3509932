import Core
import Transport

/// Microsoft Dynamics NAV 2018 on a customer's own server: pages published as web services, over OData V4 at one port and
/// over SOAP at another, with purchase documents behind them that people approve, post and pay.
///
/// It is as strict as the vendor is: what the vendor refuses, it refuses. Where nothing is published, its settings choose.
@OnLoop package final class NavSimulator: Simulator {
    package nonisolated static let name = "nav"

    package var address = ""
    package var faults: FaultPlan
    package var settings: Settings {
        didSet { for company in companies { company.settings = settings } }
    }
    let clock: SandboxClock
    let companies: [Company]
    package let soap: NavSoapDoor
    var publications = Page.all.map { Publication($0.service, $0.page) }
    var customerFunctions = Function.usual
    private(set) var calls: [FunctionCall] = []
    var log = NavFacts()
    private var atOnce = 0
    private static let mostCalls = 10_000

    package init(_ settings: Settings = Settings(), clock: SandboxClock) {
        self.settings = settings
        self.clock = clock
        faults = FaultPlan(seed: settings.seed)
        var random = SeededGenerator(seed: settings.seed)
        companies = settings.companies.map { name in
            Company(name, settings, clock: clock, random: SeededGenerator(seed: random.next()))
        }
        soap = NavSoapDoor()
        for company in companies { company.addMasters() }
        companies.first?.addDocuments(settings)
        soap.simulator = self
    }

    package var sideDoors: [any SideDoor] { [soap] }

    package func stop() {}

    package var credentials: JSON {
        [
            "url": .string("\(address)/\(settings.instance)"),
            "soapURL": .string("\(soap.address)/\(settings.instance)"),
            "company": .string(settings.companies.first ?? ""), "user": .string(settings.user),
            "key": .string(settings.key),
        ]
    }

    package var facts: JSON {
        var object = log.json
        object["faultsStruck"] = .number(faults.struck)
        object["calls"] = .number(calls.count)
        object["highestAtOnce"] = .number(log.highestAtOnce)
        for (name, table) in [
            ("documents", TableName.purchaseHeaders), ("posted", .postedHeaders), ("vendors", .vendors),
            ("journalLines", .journalLines),
        ] {
            object[name] = .number(companies.map { $0.count(table) }.reduce(0, +))
        }
        return .object(object)
    }

    func note(_ call: FunctionCall) {
        if calls.count < Self.mostCalls { calls.append(call) }
    }

    // MARK: Requests

    package func serve(_ exchange: HTTPExchange) {
        EpollLoop.process.task { await self.serveOData(exchange) }
    }

    private func serveOData(_ exchange: HTTPExchange) async {
        guard let request = NavRequest(exchange) else {
            return refuse(exchange, "unreadable", .badRequest("The address cannot be read.", rule: "bad address"))
        }
        if let refusal = refusal(of: request.authorization) {
            log.answered("unauthorized", 401)
            log.refused("unauthorized")
            return exchange.answer(refusal)
        }
        let found = Result { () throws(Refusal) in try resource(request) }
        let operation = "\(request.method.name) \((try? found.get())?.name ?? "unknown")"
        guard request.body.count <= settings.mostBytes else {
            return refuse(
                exchange,
                operation,
                Refusal(.request, 413, "BadRequest", "The request is too large.", rule: "request too large")
            )
        }
        guard settings.mostConnections == 0 || atOnce < settings.mostConnections else {
            return refuse(
                exchange,
                operation,
                Refusal(.request, 429, "TooManyRequests", "Too many requests.", rule: "too many at once")
            )
        }
        await answer(exchange, operation) {
            do throws(Refusal) {
                return try self.perform(request, try found.get())
            } catch {
                self.log.refused(error.rule)
                return error.reply
            }
        }
    }

    private func refuse(_ exchange: HTTPExchange, _ operation: String, _ refusal: Refusal) {
        log.answered(operation, refusal.status)
        log.refused(refusal.rule)
        exchange.answer(refusal.reply)
    }

    /// What both doors do with a request that got past them.
    func answer(_ exchange: HTTPExchange, _ operation: String, _ process: @OnLoop () -> Reply) async {
        atOnce += 1
        defer { atOnce -= 1 }
        log.highestAtOnce = max(log.highestAtOnce, atOnce)
        let effect = faults.effect(for: operation)
        var status = 0
        await exchange.answer(spoiledBy: effect) {
            if self.settings.processingMilliseconds > 0 {
                try? await EpollLoop.process.sleep(for: .milliseconds(self.settings.processingMilliseconds))
            }
            let reply = process()
            status = Int(reply.status.rawValue)
            return reply
        }
        log.answered(operation, status)
    }

    /// Nil for a user who is let in.
    func refusal(of authorization: String) -> Reply? {
        let schemes: [String]
        switch settings.authentication {
        case .basic:
            let wanted = "\(settings.user.uppercased()):\(settings.key)"
            if !settings.isKeyExpired, Self.credentials(in: authorization) == wanted { return nil }
            schemes = ["Basic realm=\"\""]
        case .negotiate: schemes = ["Negotiate"]
        case .ntlm: schemes = ["NTLM", "Negotiate"]
        }
        return Reply(.unauthorized, schemes.map { HTTPHeader("WWW-Authenticate", $0) })
    }

    /// User names are the same in either case, keys are not.
    private static func credentials(in authorization: String) -> String? {
        guard authorization.hasPrefix("Basic "),
            let bytes = Base64.bytes(of: String(authorization.dropFirst("Basic ".count))),
            let text = String(validating: bytes, as: UTF8.self), let colon = text.firstIndex(of: ":")
        else { return nil }
        return text[..<colon].uppercased() + text[colon...]
    }
}
