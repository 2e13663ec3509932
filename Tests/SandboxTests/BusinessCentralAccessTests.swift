import Core
import Sandbox
import Testing
import Transport

@Suite(.onLoop) struct `Business Central's door` {
    @Test @OnLoop func `opens with a token of Entra's`() async throws {
        let books = try await Books()
        defer { books.close() }
        let answer = try await books.askForToken()
        #expect(try answer.status == 200 && answer["token_type"].string() == "Bearer")
        #expect(try answer["expires_in"].int() == 3_599 && answer["access_token"].string().hasPrefix("eyJ0eXAi"))
        #expect(try await books.askForToken()["access_token"].value != answer["access_token"].value)
    }

    @Test(
        arguments: [
            (["client_secret": "wrong"], 401, "invalid_client", 7_000_215),
            (["client_secret": nil], 401, "invalid_client", 7_000_216),
            (["client_id": "nobody"], 400, "unauthorized_client", 700_016),
            (["client_id": nil], 400, "invalid_request", 900_144),
            (["scope": "https%3A%2F%2Fapi.businesscentral.dynamics.com%2Fread"], 400, "invalid_scope", 70_011),
            (["scope": "https%3A%2F%2Fgraph.microsoft.com%2F.default"], 400, "invalid_resource", 500_011),
            (["scope": nil], 400, "invalid_request", 900_144), (["grant_type": nil], 400, "invalid_request", 900_144),
            (["grant_type": "password"], 400, "unsupported_grant_type", 70_003),
        ] as [([String: String?], Int, String, Int)]
    )
    @OnLoop func `gives no token for what is wrong`(
        changes: [String: String?],
        status: Int,
        error: String,
        number: Int
    ) async throws {
        let books = try await Books()
        defer { books.close() }
        let answer = try await books.askForToken(changes)
        #expect(try answer.status == status && answer["error"].string() == error, "\(answer.text)")
        #expect(try answer["error_codes"][0].int() == number)
        #expect(try answer["error_description"].string().hasPrefix("AADSTS\(number): "))
        #expect(answer["access_token"].value == nil)
    }

    @Test @OnLoop func `knows one tenant, and forms only`() async throws {
        let books = try await Books()
        defer { books.close() }
        for tenant in ["common", "organizations", "11111111-2222-3333-4444-555555555555"] {
            let answer = try await books.askForToken(tenant: tenant)
            #expect(try answer.status == 400 && answer["error_codes"][0].int() == 90_002)
        }
        let json = try await books.askForToken(type: "application/json")
        #expect(try json.status == 400 && json["error_codes"][0].int() == 900_144)
        let url = "\(books.simulator.address)/\(books.simulator.settings.entraTenant)/oauth2/v2.0/token"
        #expect(try await books.place.send(.get, url).status == 400)
        #expect(try await books.askForToken(["client_secret": "%zz"]).status == 400)
    }

    @Test(arguments: [
        (#"{"secret":"revoked"}"#, 7_000_215), (#"{"secret":"expired"}"#, 7_000_222),
        (#"{"provisioned":false}"#, 500_011),
    ]) @OnLoop func `closes when its keeper says so`(change: String, number: Int) async throws {
        let books = try await Books()
        defer { books.close() }
        _ = try await books.control(.post, "application", change)
        #expect(try await books.askForToken()["error_codes"][0].int() == number)
        // A token that was given counts on.
        #expect(try await books.get(books.company).status == 200)
        _ = try await books.control(.post, "application", #"{"secret":"good","provisioned":true}"#)
        #expect(try await books.askForToken().status == 200)
    }

    @Test @OnLoop func `stays shut for a token that is none`() async throws {
        let books = try await Books()
        defer { books.close() }
        for authorization in ["", "Bearer ", "Bearer nonsense", "bearer \(books.token)", "Basic \(books.token)"] {
            let answer = try await books.get(books.company, [("Authorization", authorization)])
            #expect(answer.status == 401 && answer.code == "Authentication_InvalidCredentials")
            #expect(answer.headers["WWW-Authenticate"] == "Bearer")
        }
    }

    @Test @OnLoop func `lets no token live longer than it was told to`() async throws {
        let books = try await Books()
        defer { books.close() }
        books.place.clock.advance(by: .seconds(3_590))
        #expect(try await books.get(books.company).status == 200)
        books.place.clock.advance(by: .seconds(10))
        #expect(try await books.get(books.company).status == 401)
        try await books.renewToken()
        #expect(try await books.get(books.company).status == 200)
        _ = try await books.control(.post, "tokens/expire")
        #expect(try await books.get(books.company).status == 401)
    }

    @Test @OnLoop func `answers 401, and still gives tokens, while the application is switched off`() async throws {
        let books = try await Books()
        defer { books.close() }
        _ = try await books.control(.post, "application", #"{"enabled":false}"#)
        try await books.renewToken()
        #expect(try await books.get(books.company).status == 401)
        _ = try await books.control(.post, "application", #"{"enabled":true}"#)
        #expect(try await books.get(books.company).status == 200)
    }
}

@Suite(.onLoop) struct `Business Central's limits` {
    @Test(arguments: [nil, 17]) @OnLoop func `let so many requests into any window`(retryAfter: Int?) async throws {
        let books = try await Books {
            $0.requestsPerWindow = 6
            $0.retryAfterSeconds = retryAfter
        }
        defer { books.close() }
        // One was needed to find the company.
        for _ in 0..<5 { #expect(try await books.get(books.company).status == 200) }
        let refused = try await books.get(books.company)
        #expect(refused.status == 429 && refused.code == "Application_TooManyRequests")
        #expect(
            try refused["error"]["message"].string().hasPrefix("Too many requests reached. Actual (7). Maximum (6).")
        )
        #expect(refused.headers["Retry-After"] == retryAfter.map { "\($0)" })
        books.place.clock.advance(by: .seconds(290))
        #expect(try await books.get(books.company).status == 429)
        books.place.clock.advance(by: .seconds(11))
        #expect(try await books.get(books.company).status == 200)
        let facts = try await books.place.facts("businessCentral")
        #expect(try facts["highestRequestsInWindow"].int() == 8)
        #expect(try facts["requests"]["GET companies(id)"]["429"].int() == 2)
    }

    @Test @OnLoop func `work on so many at once, queue so many, and refuse the rest`() async throws {
        let books = try await Books {
            $0.parallelRequests = 2
            $0.queuedRequests = 3
            $0.processingMilliseconds = 40
        }
        defer { books.close() }
        let url = books.company
        let tasks = (0..<8).map { _ in EpollLoop.process.task { try await books.get(url).status } }
        var statuses: [Int] = []
        for task in tasks { statuses.append(try await task.value) }
        #expect(statuses.sorted() == [200, 200, 200, 200, 200, 429, 429, 429])
        let facts = try await books.place.facts("businessCentral")
        #expect(try facts["highestAtOnce"].int() == 5 && facts["highestQueued"].int() == 3)
        #expect(try facts["refusals"]["too many at once"].int() == 3)
        #expect(try await books.get(url).status == 200)
    }

    @Test @OnLoop func `let nobody wait in the queue for ever`() async throws {
        let books = try await Books { $0.parallelRequests = 1 }
        defer { books.close() }
        _ = try await books.place.control(
            .post,
            "/faults",
            #"{"system":"businessCentral","on":"GET vendors","effect":{"delayMilliseconds":300},"times":1}"#
        )
        let url = books.company
        let slow = EpollLoop.process.task { try await books.get(url + "/vendors").status }
        try await until { books.simulator.faults.struck == 1 }
        let waiting = EpollLoop.process.task { try await books.get(url) }
        try await until { try await books.place.facts("businessCentral")["highestQueued"].int() == 1 }
        books.place.clock.advance(by: .seconds(481))
        let refused = try await waiting.value
        #expect(refused.status == 503 && refused.headers["Retry-After"] != nil)
        #expect(try await slow.value == 200)
        #expect(try await books.get(url).status == 200)
    }

    @Test @OnLoop func `are each application's own`() async throws {
        let books = try await Books {
            $0.requestsPerWindow = 2
            $0.applications.append(.init(clientID: "second", secret: "other"))
        }
        defer { books.close() }
        #expect(try await books.get(books.company).status == 200)
        #expect(try await books.get(books.company).status == 429)
        books.token = try await books.askForToken(["client_id": "second", "client_secret": "other"])["access_token"]
            .string()
        #expect(try await books.get(books.company).status == 200)
    }

    @Test @OnLoop func `leave faults room, and facts tell what was asked`() async throws {
        let books = try await Books()
        defer { books.close() }
        let faults = """
            [{"system":"businessCentral","on":"POST purchaseInvoices","effect":"hangUpAfter","times":1},
             {"system":"businessCentral","on":"GET purchaseInvoices*","effect":{"status":503,"retryAfterSeconds":3},"times":2},
             {"system":"businessCentral","on":"token","effect":{"status":500},"times":1}]
            """
        #expect(try await books.place.control(.post, "/faults", faults).status == 200)
        await #expect(throws: HTTPClient.Failure.self) {
            try await books.send(.post, books.company + "/purchaseInvoices", body: #"{"vendorNumber":"V00010"}"#)
        }
        #expect(try await books.invoices().headers["Retry-After"] == "3")
        #expect(try await books.invoices("/$count").status == 503)
        #expect(try await books.askForToken().status == 500)
        #expect(try await books.invoices().rows.count == 5)
        let requests = try await books.place.facts("businessCentral")["requests"]
        #expect(try requests["POST purchaseInvoices"]["0"].int() == 1)
        #expect(try requests["GET purchaseInvoices"]["503"].int() == 1)
        #expect(try requests["GET purchaseInvoices"]["200"].int() == 1)
        #expect(try requests["token"]["200"].int() == 1 && requests["token"]["500"].int() == 1)
    }
}
