import Core
import Systems
import Testing
import Transport

private typealias Bench = BusinessCentralBench

@Suite(.onLoop) struct `subscriptions of Business Central` {
    private let key = "('it%27%27s%2Fc670ea73')"
    private let secret = Secret(text: "a secret of ours")

    @Test @OnLoop func `are listed`() async throws {
        let one = try businessCentralFixture("subscription")
        try await Bench.run { _ in
            Bench.rows(one)
        } _: { bench in
            let all = try await bench.client.subscriptions()
            #expect(all.count == 1 && all[0].subscriptionID == "it's/c670ea73")
            #expect(all[0].expires == WallTime("2026-08-04T07:52:31Z") && all[0].etag == #"W/"JzQ0Ozk5""#)
            #expect(all[0].clientState == secret && !"\(all)".contains("a secret of ours"))
            // They belong to the environment, not to a company.
            #expect(bench.apiRequests[0].target == "/v2.0/\(Bench.tenant)/production/api/v2.0/subscriptions")
        }
    }

    @Test @OnLoop func `are made for an entity of the company`() async throws {
        let one = try businessCentralFixture("subscription")
        try await Bench.run { _ in
            .reply(201, [:], one)
        } _: { bench in
            let made = try await bench.client.subscribe(
                to: "purchaseInvoices",
                notifying: "https://hooks.example.com/bc/3f0c/purchaseInvoices",
                clientState: secret
            )
            #expect(made.expires == WallTime("2026-08-04T07:52:31Z"))
            let request = bench.apiRequests[0]
            #expect(request.method == "POST" && request.path.hasSuffix("/api/v2.0/subscriptions"))
            #expect(request.headers["content-type"] == "application/json")
            let sent: JSON = [
                "notificationUrl": "https://hooks.example.com/bc/3f0c/purchaseInvoices",
                "resource": .string("/api/v2.0/companies(\(Bench.cronus))/purchaseInvoices"),
                "clientState": "a secret of ours",
            ]
            #expect(try JSON.parse(request.body) == sent)
        }
    }

    @Test @OnLoop func `are renewed with their tag, under a key in quotes`() async throws {
        let one = try businessCentralFixture("subscription")
        try await Bench.run { request in
            request.method == "GET" ? Bench.rows(one) : .reply(200, [:], one)
        } _: { bench in
            let all = try await bench.client.subscriptions()
            let renewed = try await bench.client.renew(all[0], clientState: secret)
            #expect(renewed == all[0])
            let request = bench.apiRequests[1]
            #expect(request.method == "PATCH" && request.path.hasSuffix("/subscriptions" + key))
            #expect(request.headers["if-match"] == #"W/"JzQ0Ozk5""#)
            #expect(try JSONField(JSON.parse(request.body))["resource"].string() == all[0].resource)
        }
    }

    @Test(arguments: ["Internal_RecordNotFound", "BadRequest_NotFound", "Anything"])
    @OnLoop func `are gone when they are not found`(code: String) async throws {
        let one = try businessCentralFixture("subscription")
        try await Bench.run { request in
            request.method == "GET" ? Bench.rows(one) : Bench.refused(404, code)
        } _: { bench in
            let all = try await bench.client.subscriptions()
            let renewed = try await bench.client.renew(all[0], clientState: secret)
            #expect(renewed == nil)
            try await bench.client.unsubscribe(all[0])
        }
    }

    @Test(arguments: ["BadRequest_ResourceNotFound", ""])
    @OnLoop func `are not taken for gone when the address is wrong`(code: String) async throws {
        let one = try businessCentralFixture("subscription")
        try await Bench.run { request in
            request.method == "GET" ? Bench.rows(one) : code.isEmpty ? .reply(404) : Bench.refused(404, code)
        } _: { bench in
            let all = try await bench.client.subscriptions()
            _ = try await Bench.callError { _ = try await bench.client.renew(all[0], clientState: secret) }
            _ = try await Bench.callError { try await bench.client.unsubscribe(all[0]) }
        }
    }

    @Test(arguments: [409, 412]) @OnLoop func `are looked at again when somebody else renewed them`(
        status: Int
    ) async throws {
        let one = try businessCentralFixture("subscription")
        try await Bench.run { request in
            request.method == "GET" ? Bench.rows(one) : Bench.refused(status, "Request_EntityChanged")
        } _: { bench in
            let all = try await bench.client.subscriptions()
            let error = try await Bench.callError { _ = try await bench.client.renew(all[0], clientState: secret) }
            #expect(error.remedy == .lookAgain && error.kind == .conflict)
        }
    }

    @Test @OnLoop func `are ended`() async throws {
        let one = try businessCentralFixture("subscription")
        try await Bench.run { request in
            request.method == "GET" ? Bench.rows(one) : .reply(204)
        } _: { bench in
            let all = try await bench.client.subscriptions()
            try await bench.client.unsubscribe(all[0])
            let request = bench.apiRequests[1]
            #expect(request.method == "DELETE" && request.path.hasSuffix("/subscriptions" + key))
            #expect(request.headers["if-match"] == #"W/"JzQ0Ozk5""#)
        }
    }

    @Test @OnLoop func `that are refused leave the connection running, and say what to look at`() async throws {
        try await Bench.run { _ in
            Bench.refused(400, "BadRequest")
        } _: { bench in
            let error = try await Bench.callError {
                _ = try await bench.client.subscribe(to: "vendors", notifying: "https://a.example", clientState: secret)
            }
            #expect(error.remedy == .retry(after: nil) && error.kind == .configuration)
            #expect(error.reason.contains("within 5 s"))
        }
    }

    @Test(arguments: [
        "", "{}",
        #"{"subscriptionId":"","notificationUrl":"","resource":"","expirationDateTime":"2026-08-04T07:52:31Z"}"#,
        #"{"subscriptionId":"a","notificationUrl":"","resource":"","expirationDateTime":"tomorrow"}"#,
    ])
    @OnLoop func `of no sense are not believed, and may have been made`(body: String) async throws {
        try await Bench.run { _ in
            .reply(201, [:], body)
        } _: { bench in
            let error = try await Bench.callError {
                _ = try await bench.client.subscribe(to: "vendors", notifying: "https://a.example", clientState: secret)
            }
            #expect(error.kind == .garbage && error.isUncertain)
        }
    }

    @Test @OnLoop func `are possible for what the environment says`() async throws {
        try await Bench.run { _ in
            .reply(
                200,
                [:],
                #"{"value":[{"resource":"v2.0/vendors"},{"resource":"V2.0/items"},{"resource":"a/b/v1/c"}]}"#
            )
        } _: { bench in
            let resources = try await bench.client.webhookSupportedResources()
            #expect(resources == ["vendors", "items"])
            #expect(
                bench.apiRequests[0].plainTarget
                    == "/v2.0/\(Bench.tenant)/production/api/microsoft/runtime/beta/companies(\(Bench.cronus))"
                    + "/webhookSupportedResources?$filter=resource eq 'v2.0*'"
            )
        }
    }

    @Test(arguments: [400, 403, 404, 501])
    @OnLoop func `are possible for nobody knows what where the environment does not say`(status: Int) async throws {
        try await Bench.run { _ in
            Bench.refused(status, "BadRequest_ResourceNotFound")
        } _: { bench in
            let resources = try await bench.client.webhookSupportedResources()
            #expect(resources == nil)
        }
    }

    /// A server that is down is no server that talks nonsense.
    @Test(arguments: [(503, CallError.Kind.outage), (401, .credentials)])
    @OnLoop func `are not known where the environment cannot be asked, and why is said`(
        status: Int,
        kind: CallError.Kind
    ) async throws {
        try await Bench.run { _ in
            Bench.refused(status, "Internal_ServerError")
        } _: { bench in
            let error = await #expect(throws: CallError.self) {
                _ = try await bench.client.webhookSupportedResources()
            }
            #expect(error?.kind == kind)
        }
    }

    @Test @OnLoop func `of an extension have its route`() async throws {
        let one = try businessCentralFixture("subscription")
        try await Bench.run { request in
            request.target.contains("runtime")
                ? .reply(200, [:], #"{"value":[{"resource":"acme/books/v1.0/bills"},{"resource":"v2.0/vendors"}]}"#)
                : .reply(201, [:], one)
        } change: {
            $0.route = .custom(publisher: "acme", group: "books", version: "v1.0")
        } _: { bench in
            let resources = try await bench.client.webhookSupportedResources()
            #expect(resources == ["bills"])
            _ = try await bench.client.subscribe(to: "bills", notifying: "https://a.example", clientState: secret)
            let request = bench.apiRequests[1]
            #expect(request.path.hasSuffix("/production/api/acme/books/v1.0/subscriptions"))
            #expect(request.body.contains("/api/acme/books/v1.0/companies(\(Bench.cronus))/bills"))
        }
    }
}
