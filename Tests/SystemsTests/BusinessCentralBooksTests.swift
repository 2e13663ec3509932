import Core
import Engine
import Foundation
import Store
import Systems
import Testing
import Transport

@testable import Flows

private typealias Bench = BusinessCentralBench

/// The books of a company on a scripted server, as a worker would have them.
@OnLoop private struct BooksBench {
    let books: BusinessCentralBooks
    let context: FlowContext
    let server: BusinessCentralServer

    static func run(
        routes: String,
        company: String = Bench.cronus,
        _ api: @escaping @Sendable (BusinessCentralServer.Request) -> BusinessCentralServer.Answer,
        _ body: @OnLoop (BooksBench) async throws -> Void
    ) async throws {
        let server = BusinessCentralServer { request in
            request.path.hasSuffix("/oauth2/v2.0/token")
                ? .reply(200, [:], #"{"token_type":"Bearer","expires_in":3599,"access_token":"t"}"#) : api(request)
        }
        defer { server.stop() }
        let folder = FileManager.default.temporaryDirectory.appending(path: "ml-books-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let document = JSONField(
            try JSON.parse5(
                #"""
                {tenant:"acme",name:"a",flow:"business-central-monday",
                 businessCentral:{entraTenant:"\#(Bench.tenant)",clientId:"81aa",clientSecret:{env:"X"},
                  environment:"production",company:"\#(company)",apiURL:"\#(server.url)",loginURL:"\#(server.url)"},
                 monday:{token:{env:"Y"}},routes:\#(routes)}
                """#
            )
        )
        let file = try BoardFlowFile(
            document,
            books: "businessCentral",
            routes: BusinessCentralFile.routes,
            own: BusinessCentralRoute.members,
            usualPoll: BusinessCentralFile.usualPoll
        )
        let context = FlowContext(
            log: Log(role: "test"),
            store: try await SQLiteTenantStore.open(folder.appending(path: "tenant.db").path),
            connection: 1,
            tenant: "acme",
            name: "a",
            secrets: [
                "businessCentral.clientSecret": Secret(text: "s"), FlowHook.secretPlace: Secret(text: "state"),
            ],
            hookURL: "https://hooks.example.com/hooks/abc"
        )
        let theirs = try BusinessCentralFile(document, timing: file.timing)
        let books = try BusinessCentralBooks(theirs, in: context, isTrial: true)
        for route in file.routes { _ = try books.source(of: route) }
        try await books.begin()
        try await body(BooksBench(books: books, context: context, server: server))
        books.drain()
        await books.close()
        await books.ended()
    }

    func requests(_ method: String) -> [BusinessCentralServer.Request] {
        server.requests.filter { $0.method == method && !$0.path.hasSuffix("/token") }
    }
}

@Suite(.onLoop, .timeLimit(.minutes(2))) struct `the books of Business Central` {
    private let routes = #"""
        {purchaseInvoices:{board:"1",columns:{number:"name"}},
         drafts:{entity:"purchaseInvoices",filter:{status:"Draft"},board:"2",columns:{number:"name"}},
         purchaseOrders:{board:"3",columns:{number:"name",lines:"long"}},
         machines:{api:{publisher:"acme",group:"plant",version:"v1.0"},board:"4",columns:{name:"name"}}}
        """#

    private static func subscription(_ request: BusinessCentralServer.Request) -> BusinessCentralServer.Answer {
        guard let fields = try? JSONField(JSON.parse(request.body)), let url = try? fields["notificationUrl"].string(),
            let resource = try? fields["resource"].string()
        else { return .reply(400) }
        let end = (WallTime.now + .seconds(3 * 86_400)).text(fractionDigits: 3)
        let answer =
            #"{"subscriptionId":"s","notificationUrl":"\#(url)","resource":"\#(resource)","expirationDateTime":"\#(end)"}"#
        return .reply(201, [:], answer)
    }

    @Test @OnLoop func `subscribe once to what the environment tells of, each along its route`() async throws {
        try await BooksBench.run(routes: routes) { request in
            switch request.path {
            case let path where request.method == "POST" && path.hasSuffix("/subscriptions"): Self.subscription(request)
            case let path where path.hasSuffix("/subscriptions"): Bench.rows()
            case let path where path.contains("/runtime/") && request.target.contains("acme"):
                .reply(200, [:], #"{"value":[{"resource":"acme/plant/v1.0/machines"}]}"#)
            case let path where path.contains("/runtime/"):
                .reply(200, [:], #"{"value":[{"resource":"v2.0/purchaseInvoices"},{"resource":"v2.0/vendors"}]}"#)
            default: .reply(404)
            }
        } _: { bench in
            var read: [String] = []
            let names = ["drafts", "machines", "purchaseInvoices", "purchaseOrders"]
            try bench.books.listen(for: names, in: bench.context) { read.append($0) }
            while bench.requests("POST").count < 2 { try await EpollLoop.process.sleep(for: .milliseconds(5)) }
            let made = bench.requests("POST").map { JSONField((try? JSON.parse($0.body)) ?? .null) }
            let urls = try made.map { try $0["notificationUrl"].string() }.sorted()
            let hook = "https://hooks.example.com/hooks/abc"
            #expect(urls == ["\(hook)/acme.plant.v1.0.machines", "\(hook)/purchaseInvoices"])
            #expect(bench.requests("POST").map(\.path).contains { $0.hasSuffix("/api/acme/plant/v1.0/subscriptions") })
            // What may have been missed before is read, on both boards.
            while read.count < 3 { try await EpollLoop.process.sleep(for: .milliseconds(5)) }
            #expect(read.sorted() == ["drafts", "machines", "purchaseInvoices"])
            #expect(bench.books.troubles.allSatisfy { $0.isEmpty })
        }
    }

    @Test @OnLoop func `hear for every route that shows the record`() async throws {
        try await BooksBench.run(routes: routes) { _ in
            .reply(404)
        } _: { bench in
            let place = "api/v2.0/companies(\(Bench.cronus))"
            func item(_ resource: String, state: String = "state") -> String {
                #"{"subscriptionId":"s","clientState":"\#(state)","resource":"\#(place)/\#(resource)","changeType":"updated"}"#
            }
            let items = [
                item("purchaseInvoices(\(Bench.invoice1))"), item("purchaseOrders"),
                item("purchaseInvoices?$filter=lastModifiedDateTime%20gt%202026-08-01T12:54:20.417Z"),
                item("vendors(\(Bench.invoice2))"),
                item("purchaseInvoices(\(Bench.invoice2))", state: "forged"),
            ]
            let body = Array(#"{"value":[\#(items.joined(separator: ","))]}"#.utf8)
            let key = EventKey(high: 1, low: 1)
            let arrival = Arrival(connection: 1, key: key, kind: "x", receivedMilliseconds: 5, body: body)
            let heard = try #require(bench.books.take(WaitingEvent(id: 81, arrival: arrival), in: bench.context))
            #expect(heard.marks.map(\.route) == ["drafts", "purchaseInvoices"])
            #expect(heard.marks.allSatisfy { $0.key == Bench.invoice1 && $0.lane == .live && $0.cause == "webhook 81" })
            #expect(heard.routes == ["drafts", "purchaseInvoices", "purchaseOrders"] && heard.forged == 1)
            // Those of which nobody said since when.
            #expect(heard.compares == ["purchaseOrders"])
        }
    }

    @Test @OnLoop func `say which field there is not`() async throws {
        let metadata = """
            <Schema><EntityType Name="vendor"><Property Name="number"/><Property Name="displayName"/></EntityType>
            <EntitySet Name="vendors" EntityType="Microsoft.NAV.vendor"/></Schema>
            """
        let routes = #"{vendors:{board:"1",columns:{number:"name",dispalyName:"text"},filter:{country:"NO"}}}"#
        let company = #"{"value":[{"id":"\#(Bench.cronus)","name":"CRONUS"}]}"#
        try await BooksBench.run(routes: routes) { request in
            if request.target.contains("/runtime/") { return .reply(404) }
            return .reply(200, [:], request.target.hasSuffix("/$metadata") ? metadata : company)
        } _: { bench in
            var findings: [Finding] = []
            await bench.books.examine(&findings)
            #expect(findings.map(\.verdict) == [.works, .works, .broken, .broken, .works])
            #expect(findings[2].seen.contains("no field dispalyName in this environment; there is displayName"))
            #expect(
                findings[3].seen.contains("no field country")
                    && findings[3].seen.contains("it has displayName, number")
            )
        }
    }

    @Test @OnLoop func `say which companies and environments there are`() async throws {
        let companies = #"{"value":[{"id":"\#(Bench.cronus)","name":"CRONUS"}]}"#
        try await BooksBench.run(routes: #"{vendors:{board:"1",columns:{number:"name"}}}"#, company: "Chronos") {
            request in
            request.path == "/environments/v1.2"
                ? .reply(200, [:], #"{"value":[{"name":"Live","type":"Production"}]}"#) : .reply(200, [:], companies)
        } _: { bench in
            var findings: [Finding] = []
            await bench.books.examine(&findings)
            #expect(findings.map(\.verdict) == [.works, .broken, .broken])
            #expect(findings[1].seen.contains(#"companies there: "CRONUS" (\#(Bench.cronus))"#))
            #expect(findings[2].seen.contains("there is no environment production; there are: Live (Production)"))
        }
    }
}

@Suite(.onLoop) struct `which records have webhooks` {
    @Test(arguments: [("vendors", true), ("purchaseOrders", false), ("dimensionValues", false)])
    @OnLoop func `the published list says where the environment does not`(entitySet: String, has: Bool) async throws {
        try await Bench.run { _ in
            .reply(404)
        } _: { bench in
            let survey = WebhookSurvey(bench.client, every: .seconds(60))
            let answer = try await survey.supports(entitySet)
            let again = try await survey.supports(entitySet)
            #expect(answer == has && again == has && bench.apiRequests.count == 1)
            let other = bench.client.along(.custom(publisher: "acme", group: "plant", version: "v1.0"))
            let tries = try await WebhookSurvey(other, every: .seconds(60)).supports("machines")
            #expect(tries)
        }
    }

    @Test @OnLoop func `the environment knows better`() async throws {
        let list = #"{"value":[{"resource":"v2.0/purchaseOrders"}]}"#
        try await Bench.run { _ in
            .reply(200, [:], list)
        } _: { bench in
            let survey = WebhookSurvey(bench.client, every: .seconds(60))
            let orders = try await survey.supports("purchaseOrders")
            let vendors = try await survey.supports("vendors")
            #expect(orders && !vendors)
        }
    }
}
