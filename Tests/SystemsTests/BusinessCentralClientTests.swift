import Core
import Systems
import Testing
import Transport

private typealias Bench = BusinessCentralBench

@Suite(.onLoop) struct `a client of Business Central` {
    @Test @OnLoop func `sends what every call has, and is charged for it`() async throws {
        try await Bench.run { _ in
            .reply(200, ["ms-correlation-x": "5a6b7c8d-0000-1111-2222-333344445555"], #"{"value":[]}"#)
        } _: { bench in
            _ = try await bench.client.companies(lane: .background)
            let request = try #require(bench.apiRequests.first)
            #expect(request.method == "GET")
            #expect(request.target == "/v2.0/\(Bench.tenant)/production/api/v2.0/companies")
            #expect(request.headers["authorization"] == "Bearer token-1")
            #expect(request.headers["accept"] == "application/json")
            #expect(request.headers["accept-language"] == "en-US")
            #expect(bench.gate.told.entered == [.background])
            #expect(bench.gate.told.charges == [["requests": 1, "inFlight": 1]])
            #expect(bench.gate.told.outcomes == [.answered])
        }
    }

    @Test @OnLoop func `gets one token for ten callers`() async throws {
        try await Bench.run { _ in
            Bench.rows()
        } _: { bench in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<10 { group.addTask { _ = try await bench.client.companies() } }
                try await group.waitForAll()
            }
            #expect(bench.server.requests.count == 11)
            #expect(await bench.tokens.refreshes == 1)
        }
    }

    @Test @OnLoop func `gets one new token for ten callers whose token has expired`() async throws {
        try await Bench.run { request in
            request.headers["authorization"] == "Bearer token-1"
                ? Bench.refused(401, "Authentication_InvalidCredentials") : Bench.rows()
        } _: { bench in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<10 { group.addTask { _ = try await bench.client.companies() } }
                try await group.waitForAll()
            }
            #expect(await bench.tokens.refreshes == 2)
            #expect(bench.gate.told.outcomes.allSatisfy { $0 == .answered })
        }
    }

    @Test(arguments: [#"{"error":{"code":"Authentication_InvalidCredentials","message":"No."}}"#, ""])
    @OnLoop func `stops at a second 401, says where to mend it, and does not ask in a loop`(
        body: String
    ) async throws {
        try await Bench.run { _ in
            .reply(401, [:], body)
        } _: { bench in
            for _ in 0..<5 {
                let error = try await Bench.callError { _ = try await bench.client.companies() }
                #expect(error.remedy == .stopConnection && error.kind == .credentials)
                #expect(error.reason.contains("\"Microsoft Entra applications\""))
                #expect(error.reason.contains(bench.settings.clientID) && error.reason.contains("production"))
            }
            #expect(bench.apiRequests.count == 2)
            #expect(await bench.tokens.refreshes == 2)
            // The last four came to the gate, found no token and sent nothing.
            #expect(bench.gate.told.outcomes == [.answered, .answered, .notSent, .notSent, .notSent, .notSent])
        }
    }

    @Test(arguments: [
        (["Retry-After": "7"], Duration.seconds(7)), ([:], nil), (["Retry-After": "soon"], nil),
        (["Retry-After": "-1"], nil), (["Retry-After": "99999999999999999999999"], .seconds(86_400)),
        (["Retry-After": "Fri, 20 Nov 2026 07:14:30 GMT", "Date": "Fri, 20 Nov 2026 07:14:00 GMT"], .seconds(30)),
        (["Retry-After": "Fri, 20 Nov 2026 07:13:30 GMT", "Date": "Fri, 20 Nov 2026 07:14:00 GMT"], .zero),
    ])
    @OnLoop func `closes the account when it was too much`(headers: [String: String], wait: Duration?) async throws {
        try await Bench.run { _ in
            Bench.refused(429, "Application_TooManyRequests", headers)
        } _: { bench in
            let error = try await Bench.callError { _ = try await bench.client.companies() }
            #expect(error.kind == .throttled && error.remedy == .retry(after: wait))
            #expect(error.requestID == "5a6b7c8d-0000-1111-2222-333344445555")
            #expect(bench.gate.told.outcomes == [.throttled(for: wait)])
        }
    }

    @Test(arguments: [502, 503]) @OnLoop func `obeys an outage that says how long it takes`(
        status: Int
    ) async throws {
        try await Bench.run { request in
            .reply(status, request.index == 1 ? ["Retry-After": "20"] : [:], "<html>")
        } _: { bench in
            let named = try await Bench.callError { _ = try await bench.client.companies() }
            #expect(named.kind == .outage && named.remedy == .retry(after: .seconds(20)))
            let unnamed = try await Bench.callError { _ = try await bench.client.companies() }
            #expect(unnamed.kind == .outage && unnamed.remedy == .retry(after: nil))
            #expect(bench.gate.told.outcomes == [.throttled(for: .seconds(20)), .failed])
        }
    }

    @Test(arguments: [
        "", "<html>Welcome to the hotel</html>", "{", "null", "[]", "{}", #"{"value":7}"#, #"{"value":[7]}"#,
        #"{"value":[{"id":"x"}]}"#, #"{"value":[]} trailing"#, "\u{0}",
        #"{"value":"# + String(repeating: "[", count: 500),
    ])
    @OnLoop func `does not believe an answer that is none`(body: String) async throws {
        try await Bench.run { _ in
            .reply(200, [:], body)
        } _: { bench in
            let error = try await Bench.callError { _ = try await bench.client.companies() }
            #expect(error.kind == .garbage && error.remedy == .retry(after: nil))
            #expect(!error.reason.contains("hotel"))
            #expect(bench.gate.told.outcomes == [.answered])
        }
    }

    @Test @OnLoop func `tells a truncated answer from a whole one`() async throws {
        try await Bench.run { _ in
            .raw("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"value\":[]}")
        } _: { bench in
            let error = try await Bench.callError { _ = try await bench.client.companies() }
            #expect(error.kind == .network && error.remedy == .retry(after: nil) && !error.isUncertain)
            #expect(bench.gate.told.outcomes == [.lost])
        }
    }

    @Test @OnLoop func `does not swallow more than it can`() async throws {
        try await Bench.run { _ in
            .reply(200, [:], #"{"value":[""# + String(repeating: "x", count: 9 << 20) + #""]}"#)
        } _: { bench in
            let error = try await Bench.callError { _ = try await bench.client.companies() }
            #expect(error.kind == .garbage)
            #expect(bench.gate.told.outcomes == [.answered])
        }
    }

    @Test @OnLoop func `leaves a server that says nothing`() async throws {
        var deadlines = BusinessCentral.Limits.deadlines
        deadlines.idle = .milliseconds(100)
        try await Bench.run(deadlines: deadlines) { _ in
            .silence
        } _: { bench in
            let error = try await Bench.callError { _ = try await bench.client.companies() }
            #expect(error.kind == .timeout && error.remedy == .retry(after: nil) && !error.isUncertain)
            #expect(bench.gate.told.outcomes == [.lost])
        }
    }

    @Test @OnLoop func `tells a lost write from a lost read`() async throws {
        try await Bench.run { _ in
            .hangUp
        } _: { bench in
            let read = try await Bench.callError { _ = try await bench.client.companies() }
            #expect(read.kind == .network && !read.isUncertain)
            let write = try await Bench.callError {
                _ = try await bench.client.subscribe(
                    to: "purchaseInvoices",
                    notifying: "https://hooks.example.com/a",
                    clientState: Secret(text: "s")
                )
            }
            #expect(write.kind == .network && write.isUncertain)
            #expect(bench.gate.told.outcomes == [.lost, .lost])
            #expect(bench.apiRequests.filter { $0.method == "POST" }.count == 1)
        }
    }

    @Test @OnLoop func `says that nothing was sent where nobody listens`() async throws {
        try await Bench.run { _ in
            .hangUp
        } change: {
            $0.apiURL = "http://127.0.0.1:1"
        } _: { bench in
            let error = try await Bench.callError { _ = try await bench.client.companies() }
            #expect(error.kind == .network && error.reason.contains("127.0.0.1:1"))
            #expect(bench.gate.told.outcomes == [.unreached])
        }
    }

    @Test(arguments: [301, 302, 303, 307, 308]) @OnLoop func `follows no redirect`(status: Int) async throws {
        try await Bench.run { _ in
            .reply(status, ["Location": "/elsewhere"])
        } _: { bench in
            let error = try await Bench.callError { _ = try await bench.client.companies() }
            #expect(error.kind == .configuration && error.reason.contains("redirect"))
            #expect(bench.apiRequests.count == 1)
        }
    }

    @Test @OnLoop func `gives its place back when its caller gives up`() async throws {
        try await Bench.run { _ in
            .silence
        } _: { bench in
            let call = EpollLoop.process.task { _ = try await bench.client.companies() }
            while bench.apiRequests.isEmpty { try await EpollLoop.process.sleep(for: .milliseconds(1)) }
            call.cancel()
            await #expect(throws: CancellationError.self) { try await call.value }
            #expect(bench.gate.told.outcomes == [.givenUp])
        }
    }

    /// A server that repeats what it was sent, in every place where an error has words.
    @Test(arguments: [400, 401, 403, 404, 405, 408, 409, 410, 412, 413, 429, 500, 501, 503, 504, 302])
    @OnLoop func `shows a secret nowhere`(status: Int) async throws {
        try await Bench.run { request in
            let token = request.headers["authorization"] ?? ""
            let headers = ["ms-correlation-x": token, "Retry-After": token]
            return .reply(status, headers, #"{"error":{"code":"\#(token)","message":"You sent \#(token)."}}"#)
        } login: { _ in
            .reply(200, [:], #"{"token_type":"Bearer","expires_in":3599,"access_token":"\#(Bench.canaryToken)"}"#)
        } _: { bench in
            let error = try await Bench.callError { _ = try await bench.client.companies() }
            for text in ["\(error)", String(reflecting: error)] {
                #expect(!text.contains("eyJ0") && !text.contains("canary"), "\(text)")
            }
        }
    }
}
