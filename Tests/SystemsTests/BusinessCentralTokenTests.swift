import Core
import Systems
import Testing
import Transport

private typealias Bench = BusinessCentralBench

@Suite(.onLoop) struct `a token of Microsoft Entra` {
    @Test @OnLoop func `is asked for with a form`() async throws {
        let answer = try businessCentralFixture("token")
        try await Bench.run { _ in
            Bench.rows()
        } login: { _ in
            .reply(200, [:], answer)
        } _: { bench in
            #expect(try await bench.tokens.token() == Secret(text: "eyJ0eXAi.abc-_.d"))
            let request = try #require(bench.server.requests.first)
            #expect(request.method == "POST" && request.target == "/\(Bench.tenant)/oauth2/v2.0/token")
            #expect(request.headers["content-type"] == "application/x-www-form-urlencoded")
            #expect(
                request.body == "grant_type=client_credentials&client_id=81aa0000-0000-4000-8000-000000000002"
                    + "&client_secret=Canary~S3cret%2F%2B%3D%26%25-quite-a-long-one"
                    + "&scope=https%3A%2F%2Fapi.businesscentral.dynamics.com%2F.default"
            )
        }
    }

    @Test(arguments: [
        ("invalid_client", 7_000_215, CallError.Kind.credentials, "copy the Value (not the Secret ID)"),
        ("invalid_client", 7_000_222, .credentials, "has expired"),
        ("invalid_client", 0, .credentials, "Certificates & secrets"),
        ("unauthorized_client", 700_016, .credentials, "not known in the directory"),
        ("invalid_request", 90_002, .configuration, "compare entraTenant"),
        ("invalid_scope", 70_011, .configuration, "scope"),
        ("invalid_resource", 500_011, .configuration, "has no Business Central"),
        ("something_new", 1, .credentials, "something_new"),
    ])
    @OnLoop func `is refused with what to mend and where`(
        error: String,
        code: Int,
        kind: CallError.Kind,
        words: String
    ) async throws {
        try await Bench.run { _ in
            Bench.rows()
        } login: { _ in
            .reply(
                401,
                [:],
                #"{"error":"\#(error)","error_description":"AADSTS\#(code): No.\r\nTrace ID: 7","error_codes":[\#(code)]}"#
            )
        } _: { bench in
            let thrown = try await Bench.callError { _ = try await bench.client.companies() }
            #expect(thrown.remedy == .stopConnection && thrown.kind == kind)
            #expect(thrown.reason.contains(words) && thrown.reason.hasSuffix(": AADSTS\(code): No."), "\(thrown)")
            _ = try await Bench.callError { _ = try await bench.client.companies() }
            #expect(bench.server.requests.count == 1)
            #expect(bench.gate.told.outcomes == [.notSent, .notSent])
        }
    }

    @Test @OnLoop func `is refused with the id that the vendor's support asks for`() async throws {
        let answer = try businessCentralFixture("token-refused")
        try await Bench.run { _ in
            Bench.rows()
        } login: { _ in
            .reply(401, [:], answer)
        } _: { bench in
            let error = try await Bench.callError { _ = try await bench.tokens.token() }
            #expect(error.requestID == "aaaa0000-bb11-2222-33cc-444444dddddd")
        }
    }

    @Test(arguments: [
        (400, #"{"error":"temporarily_unavailable"}"#, CallError.Kind.outage), (429, "", .throttled),
        (500, "", .outage),
        (503, "<html>", .outage), (407, "<html>", .garbage), (400, "{}", .garbage), (302, "", .configuration),
        (200, "", .garbage), (200, "{}", .garbage), (200, #"{"access_token":"a b","expires_in":1}"#, .garbage),
        (200, #"{"access_token":"","expires_in":1}"#, .garbage), (200, #"{"access_token":"a"}"#, .garbage),
        (200, #"{"access_token":"a","expires_in":-1}"#, .garbage),
    ])
    @OnLoop func `is waited for when it only takes time`(
        status: Int,
        body: String,
        kind: CallError.Kind
    ) async throws {
        try await Bench.run { _ in
            Bench.rows()
        } login: { _ in
            .reply(status, [:], body)
        } _: { bench in
            let error = try await Bench.callError { _ = try await bench.tokens.token() }
            guard case .retry = error.remedy else {
                Issue.record("\(error)")
                return
            }
            #expect(error.kind == kind, "\(error)")
        }
    }

    @Test @OnLoop func `is waited for as long as the login service says`() async throws {
        try await Bench.run { _ in
            Bench.rows()
        } login: { _ in
            .reply(429, ["Retry-After": "40"])
        } _: { bench in
            let error = try await Bench.callError { _ = try await bench.tokens.token() }
            guard case .retry(let wait?) = error.remedy else {
                Issue.record("\(error)")
                return
            }
            #expect(wait >= .seconds(39))
        }
    }

    /// A login service that repeats what it was sent, raw or as it came.
    @Test(arguments: [200, 400, 401, 403, 500], [true, false])
    @OnLoop func `comes without its secret in any error`(status: Int, asItCame: Bool) async throws {
        let secret = asItCame ? "Canary~S3cret%2F%2B%3D%26%25-quite-a-long-one" : Bench.canary
        try await Bench.run { _ in
            Bench.rows()
        } login: { _ in
            .reply(
                status,
                [:],
                #"{"error":"invalid_client","error_description":"You sent \#(secret)","access_token":"\#(secret) "}"#
            )
        } _: { bench in
            let error = try await Bench.callError { _ = try await bench.tokens.token() }
            for text in ["\(error)", String(reflecting: error)] { #expect(!text.contains("Canary"), "\(text)") }
        }
    }

    @Test @OnLoop func `is asked for once more when the first has too little life left`() async throws {
        let short = #"{"token_type":"Bearer","expires_in":0,"access_token":"short"}"#
        try await Bench.run { _ in
            Bench.rows()
        } login: { _ in
            .reply(200, [:], short)
        } _: { bench in
            for _ in 0..<3 { _ = try await bench.client.companies() }
            #expect(await bench.tokens.refreshes == 3)
        }
    }
}
