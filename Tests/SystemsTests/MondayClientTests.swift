import Core
import Testing
import Transport

@testable import Systems

private let key = "ml1-0123456789abcdef0123456789abcdef01234567"
private let made = #"{"data":{"create_item":{"id":"11","name":"A","updated_at":"2026-11-18T08:00:00Z"}}}"#

private func create(_ name: String = "A", board: String = "7") -> Monday.Write {
    .create(
        board: board,
        group: nil,
        name: name,
        values: [.init("k", .text(name)), .init("d", nil)],
        makeLabels: false
    )
}

@Suite(.onLoop) struct `a Monday client` {
    @Test @OnLoop func `sends the token alone, the version and the key`() async throws {
        try await withMonday { _, _ in
            .json(made)
        } _: { client, server, gate in
            let results = try await client.write([create()], idempotencyKey: key, lane: .live)
            let written = try #require(results.first).get()
            #expect(written.item == "11" && written.updated == WallTime("2026-11-18T08:00:00Z"))
            #expect(results.count == 1 && !written.wasReplayed)
            let request = try #require(server.requests.first)
            #expect(request.head.hasPrefix("POST /v2 HTTP/1.1\r\n"))
            #expect(request.headers("Authorization") == ["t0ken-that-nobody-may-see"])
            #expect(request.headers("API-Version") == ["2026-10"])
            #expect(request.headers("Content-Type") == ["application/json"])
            #expect(request.headers("User-Agent") == ["ml-connector"])
            #expect(request.headers("Idempotency-Key") == [key])
            #expect(request.body == String(decoding: Monday.body(of: [create()]), as: UTF8.self))
            #expect(try request.variables["v0"].string() == #"{"k":"A"}"#)
            #expect(request.operation == "MlCreateItem")
            #expect(gate.charges == [["requests": 1, "inFlight": 1, "calls": 1, "mutations": 1, "boardMutations": 0]])
            #expect(gate.outcomes == [.answered] && gate.inside == 0)
            #expect(client.counts.calls == 1 && client.counts.mutations == 1)
        }
    }

    @Test @OnLoop func `takes another token from the next call on`() async throws {
        try await withMonday { request, _ in
            request.headers("Authorization") == ["second"]
                ? .json(#"{"data":{"versions":[]}}"#) : .json("{}", status: 401)
        } _: { client, _, gate in
            let error = await mondayError { _ = try await client.versions() }
            #expect(error?.kind == .credentials && error?.remedy == .stopConnection)
            client.use(Secret(text: "second"))
            let versions = try await client.versions()
            #expect(versions.isEmpty)
            #expect(gate.charges.allSatisfy { $0.units["mutations"] == 0 })
        }
    }

    @Test @OnLoop func `shows its token in no error`() async throws {
        let canary = "c4nary-t0ken-zz9"
        let bodies = [
            #"{"errors":[{"message":"token CANARY is bad","extensions":{"code":"CANARY","error_data":{"column_id":"CANARY"}}}]}"#,
            #"{"errors":[{"message":"CANARY","extensions":{"code":"ColumnValueException","error_data":{"column_id":"CANARY","column_type":"CANARY"}}}]}"#,
            #"{"errors":[{"message":"CANARY","extensions":{"code":"DATA_VALIDATIONS_ERROR","error_data":[{"columnIds":["CANARY"],"message":"CANARY"}]}}]}"#,
            #"{"error_code":"CANARY","error_message":"CANARY CANARY","error_data":{}}"#, "CANARY",
            #"{"data":{"create_item":"CANARY"}}"#,
        ].map { $0.replacing("CANARY", with: canary) }
        for status in [200, 400, 401, 403, 404, 429, 500] {
            try await withMonday(token: canary) { request, number in
                .json(bodies[number], status: status, "x-request-id: \(canary)")
            } _: { client, _, _ in
                for _ in bodies {
                    let error = await mondayError {
                        for result in try await client.write([create()], idempotencyKey: key, lane: .live) {
                            _ = try result.get()
                        }
                    }
                    let text = try #require(error.map { "\($0.reason) \($0)" })
                    #expect(!text.contains(canary) || text.contains("(request \(canary))"), "\(text)")
                    #expect(!(error?.reason.contains(canary) ?? true))
                }
            }
        }
    }

    @Test @OnLoop func `alerts once when another version answers`() async throws {
        try await withMonday { _, number in
            .json(#"{"data":{"versions":[]}}"#, "api-version: \(number == 0 ? "2026-10" : "2026-07")")
        } _: { client, _, _ in
            for _ in 0..<3 { _ = try await client.versions() }
            #expect(client.counts.otherVersion == 2)
        }
    }

    @Test @OnLoop func `tells what the head says of the limits, when it is new`() async throws {
        try await withMonday { _, number in
            .json(
                #"{"data":{"versions":[]}}"#,
                "RateLimit-Policy: \"minuteRate\";q=\(number < 2 ? 1_000 : 5_000);w=60, \"concurrency\";q=40",
                "RateLimit: \"minuteRate\";r=\(990 - number), \"concurrency\";r=39"
            )
        } _: { client, _, gate in
            for _ in 0..<3 { _ = try await client.versions() }
            #expect(gate.learned == ["inFlight 40 per 0", "requests 1000 per 60", "requests 5000 per 60"])
            #expect(client.counts.left == ["requests": 988, "inFlight": 39])
        }
    }

    @Test @OnLoop func `sends no body that is too large`() async throws {
        var settings = Monday.Client.Settings()
        settings.largestRequest = 2_000
        try await withMonday(settings) { _, _ in
            .json(made)
        } _: { client, server, gate in
            let write = create(String(repeating: "x", count: 2_000))
            let error = await mondayError { _ = try await client.write([write], idempotencyKey: key, lane: .live) }
            #expect(error?.kind == .validation && error?.isUncertain == false)
            #expect(server.requests.isEmpty && gate.charges.isEmpty)
        }
    }
}

@Suite(.onLoop) struct `a Monday client without a usable answer` {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var reply: MondayServer.Reply
        var kind: CallError.Kind
        var outcome: CallOutcome
    }

    static let cases = [
        Case(testDescription: "garbage", reply: .json("<html>"), kind: .garbage, outcome: .answered),
        Case(testDescription: "half", reply: .json(#"{"data":{"create_it"#), kind: .garbage, outcome: .answered),
        Case(
            testDescription: "too large",
            reply: .json(String(repeating: " ", count: 70_000)),
            kind: .garbage,
            outcome: .answered
        ),
        Case(testDescription: "nothing", reply: .raw(""), kind: .network, outcome: .lost),
        Case(
            testDescription: "cut off",
            reply: .raw("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"data\":"),
            kind: .network,
            outcome: .lost
        ),
        Case(testDescription: "not HTTP", reply: .raw("hello\r\n\r\n"), kind: .garbage, outcome: .answered),
        Case(testDescription: "stalled", reply: .silence, kind: .timeout, outcome: .lost),
        Case(testDescription: "unavailable", reply: .json("", status: 503), kind: .outage, outcome: .failed),
    ]

    @Test(arguments: cases)
    @OnLoop func `says that a change may have been made, and that a question changes nothing`(bad: Case) async throws {
        var settings = Monday.Client.Settings()
        settings.largestAnswer = 60_000
        settings.deadlines.idle = .milliseconds(80)
        try await withMonday(settings) { _, _ in
            bad.reply
        } _: { client, _, gate in
            let change = await mondayError { _ = try await client.write([create()], idempotencyKey: key, lane: .live) }
            #expect(change?.kind == bad.kind && change?.isUncertain == true, "\(String(describing: change))")
            #expect(change?.remedy == .retry(after: nil))
            #expect(change?.reason.contains("create_it") == false)
            let question = await mondayError { _ = try await client.versions() }
            #expect(question?.kind == bad.kind && question?.isUncertain == false)
            #expect(gate.outcomes == [bad.outcome, bad.outcome] && gate.inside == 0)
        }
    }

    @Test @OnLoop func `knows when nothing was sent`() async throws {
        let server = MondayServer { _, _ in .json(made) }
        let url = server.url
        server.stop()
        let http = HTTPClient(.init(allowed: try .init([String(url.dropLast(3))])))
        defer { http.close() }
        var settings = Monday.Client.Settings()
        settings.apiURL = url
        let gate = MondayGate()
        let client = Monday.Client(
            token: Secret(text: "t"),
            settings: settings,
            http: http,
            gate: gate,
            log: Log(role: "test")
        )
        let error = await mondayError { _ = try await client.write([create()], idempotencyKey: key, lane: .live) }
        #expect(error?.kind == .network && error?.isUncertain == false && error?.remedy == .retry(after: nil))
        #expect(gate.outcomes == [.unreached])
    }

    @Test(arguments: ["https://elsewhere.example/v2", "nonsense", "http://127.0.0.1:1/v2"])
    @OnLoop func `stops at an address it may not speak to`(url: String) async throws {
        var settings = Monday.Client.Settings()
        settings.apiURL = url
        try await withMonday(settings) { _, _ in
            .json(made)
        } _: { client, server, gate in
            let error = await mondayError { _ = try await client.ping() }
            #expect(error?.remedy == .stopConnection && error?.kind == .configuration)
            #expect(server.requests.isEmpty && gate.outcomes == [.notSent])
        }
    }
}

@Suite(.onLoop) struct `a refusal by Monday's limits` {
    static let envelopes: [(Int, [String], String, Int?)] = [
        (
            429, [],
            #"{"errors":[{"message":"x","extensions":{"code":"MINUTE_RATE_LIMIT_EXCEEDED","retry_in_seconds":58}}]}"#,
            58
        ),
        (
            200, [],
            #"{"data":{"m0":null,"m1":null},"errors":[{"message":"Rate limit exceeded for x","path":["m0"],"extensions":{"code":"tooManyRequests"}},{"message":"Rate limit exceeded for x","path":["m1"],"extensions":{"code":"tooManyRequests"}}]}"#,
            nil
        ),
        (
            429, ["Retry-After: 20"],
            #"{"error_message":"x","error_code":"FIELD_LIMIT_EXCEEDED","error_data":{"retry_in_seconds":15},"status_code":429}"#,
            20
        ),
        (
            200, [],
            #"{"error_code":"ComplexityException","error_message":"Complexity budget exhausted, reset in 16 seconds","errors":["Complexity budget exhausted, reset in 16 seconds"]}"#,
            16
        ),
        (429, ["Retry-After: 9"], "busy", 9),
    ]

    @Test(arguments: envelopes)
    @OnLoop func `closes the account for as long as it says, whatever its envelope`(
        status: Int,
        headers: [String],
        body: String,
        seconds: Int?
    ) async throws {
        try await withMonday { _, _ in
            .answer(status, headers, body)
        } _: { client, _, gate in
            let writes = [create("A"), create("B")]
            let error = await mondayError { _ = try await client.write(writes, idempotencyKey: key, lane: .background) }
            let wait = seconds.map { Duration.seconds($0) }
            #expect(error?.kind == .throttled && error?.isUncertain == false && error?.remedy == .retry(after: wait))
            #expect(gate.outcomes == [.throttled(for: wait)] && gate.lanes == [.background])
            #expect(gate.charges.first?.units["mutations"] == 2)
            #expect(client.counts.throttled == 1)
        }
    }

    @Test @OnLoop func `leaves alone what was done before it came`() async throws {
        let body =
            #"{"data":{"m0":{"id":"1"},"m1":null},"errors":[{"message":"Rate limit exceeded for x","path":["m1"],"extensions":{"code":"tooManyRequests"}}]}"#
        try await withMonday { _, _ in
            .json(body)
        } _: { client, _, gate in
            let results = try await client.write([create("A"), create("B")], idempotencyKey: key, lane: .live)
            #expect(try results[0].get().item == "1")
            let error = #expect(throws: CallError.self) { try results[1].get() }
            #expect(error?.kind == .throttled && error?.isUncertain == false)
            #expect(gate.outcomes == [.throttled(for: nil)])
        }
    }

    @Test @OnLoop func `lasts until midnight when the day's calls are used up`() async throws {
        let body = #"{"errors":[{"message":"x","extensions":{"code":"DAILY_LIMIT_EXCEEDED"}}]}"#
        try await withMonday { _, _ in
            .json(body, status: 429)
        } _: { client, _, gate in
            let error = await mondayError { _ = try await client.versions() }
            guard case .retry(let wait?) = error?.remedy else {
                return #expect(Bool(false), "\(String(describing: error))")
            }
            #expect(error?.kind == .quota && wait > .zero && wait <= .seconds(86_400))
            guard case .throttled(let closed?) = gate.outcomes.first else { return #expect(Bool(false)) }
            #expect(closed == wait)
        }
    }
}

@Suite(.onLoop) struct `a batch of Monday writes` {
    @Test @OnLoop func `says of each in order what became of it`() async throws {
        let body = """
            {"data":{"m0":{"id":"1","updated_at":"2026-11-19T09:30:00Z"},"m1":null,"m2":{"id":3},"m3":null,"m4":{"id":"5"}},
            "errors":[{"message":"no such label","path":["m1"],"extensions":{"code":"ColumnValueException",
            "error_data":{"column_type":"status"}}},{"message":"odd, but it is there","path":["m4"]}],
            "extensions":{"request_id":"r-77"}}
            """
        try await withMonday { _, _ in
            .json(body)
        } _: { client, server, gate in
            let writes: [Monday.Write] = [
                create("A"), create("B"), .archive(board: "7", item: "3"),
                .update(board: "7", item: "4", values: [.init("d", nil), .init("name", .name("N"))], makeLabels: true),
                create("E", board: "8"),
            ]
            let results = try await client.write(writes, idempotencyKey: key, lane: .live)
            #expect(results.count == 5)
            #expect(try results[0].get().item == "1" && results[2].get().item == "3" && results[4].get().item == "5")
            let refused = #expect(throws: CallError.self) { try results[1].get() }
            #expect(refused?.remedy == .skipRecord && refused?.reason.contains("of type status") == true)
            #expect(refused?.requestID == "r-77" && refused?.isUncertain == false)
            // Null without a word: nobody knows.
            let unknown = #expect(throws: CallError.self) { try results[3].get() }
            #expect(unknown?.kind == .garbage && unknown?.isUncertain == true)
            let variables = try #require(server.requests.first?.variables)
            #expect(try variables["v3"].string() == #"{"d":null,"name":"N"}"#)
            #expect(try variables["l3"].bool() && variables["i2"].string() == "3" && variables["b4"].string() == "8")
            #expect(gate.outcomes == [.answered] && gate.charges.first?.units["mutations"] == 5)
        }
    }

    @Test(
        arguments: [
            (
                #"{"data":null,"errors":[{"message":"Internal Server Error","path":["m1"]}]}"#, CallError.Kind.outage,
                true
            ),
            (
                #"{"data":null,"errors":[{"message":"x","path":["m1"],"extensions":{"code":"ColumnValueException"}}]}"#,
                .validation, true
            ),
            (#"{"errors":[{"message":"x","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}"#, .defect, false),
            (#"{"data":{},"errors":[{"message":"Not authenticated"}]}"#, .credentials, false),
            (#"{"data":[],"errors":[{"message":"Internal Server Error"}]}"#, .outage, true),
            (#"{"data":{"m0":null,"m1":null},"errors":["Resource is currently locked"]}"#, .conflict, false),
        ] as [(String, CallError.Kind, Bool)]
    )
    @OnLoop func `fails as a whole where nothing of it is told`(
        body: String,
        kind: CallError.Kind,
        isUncertain: Bool
    ) async throws {
        try await withMonday { _, _ in
            .json(body)
        } _: { client, _, _ in
            let error = await mondayError {
                _ = try await client.write([create("A"), create("B")], idempotencyKey: key, lane: .live)
            }
            #expect(error?.kind == kind && error?.isUncertain == isUncertain, "\(String(describing: error))")
        }
    }

    @Test @OnLoop func `says when Monday only repeats an answer`() async throws {
        try await withMonday { _, _ in
            .json(made, "Idempotency-Replayed: true")
        } _: { client, _, _ in
            let results = try await client.write([create()], idempotencyKey: key, lane: .live)
            #expect(try results[0].get().wasReplayed && client.counts.replayed == 1)
        }
    }

    @Test @OnLoop func `waits while the same key is still at work`() async throws {
        let body = #"{"errors":[{"message":"…","extensions":{"code":"IDEMPOTENCY_CONFLICT"}}]}"#
        try await withMonday { _, _ in
            .json(body, status: 409, "Retry-After: 5")
        } _: { client, _, gate in
            let error = await mondayError { _ = try await client.write([create()], idempotencyKey: key, lane: .live) }
            #expect(error?.remedy == .retry(after: .seconds(5)) && error?.isUncertain == true)
            #expect(gate.outcomes == [.answered])
        }
    }

    @Test func `has the same bytes for the same writes`() {
        let one = Monday.Write.update(
            board: "1",
            item: "2",
            values: [.init("a", .number(1)), .init("b", nil)],
            makeLabels: false
        )
        let same = Monday.Write.update(
            board: "1",
            item: "2",
            values: [.init("b", nil), .init("a", .number(1))],
            makeLabels: false
        )
        #expect(Monday.body(of: [one]) == Monday.body(of: [same]))
        #expect(Monday.body(of: [one]) != Monday.body(of: [one, one]))
    }

    @Test func `is of 1 to 20`() async {
        await #expect(processExitsWith: .failure) { _ = Monday.Documents.write([]) }
        await #expect(processExitsWith: .failure) {
            _ = Monday.Documents.write(Array(repeating: .create, count: 21))
        }
    }
}

@Suite(.onLoop) struct `changes of Monday boards` {
    @Test @OnLoop func `are sent one at a time for each`() async throws {
        try await withMonday { _, _ in
            usleepABit()
            return .json(made)
        } _: { client, server, gate in
            let tasks = (0..<12).map { number in
                EpollLoop.process.task {
                    try await client.write(
                        [create("\(number)")],
                        idempotencyKey: key,
                        lane: number.isMultiple(of: 2) ? .live : .background
                    )
                }
            }
            for task in tasks { _ = try await task.value }
            #expect(server.requests.count == 12 && server.mostInHand == 1)
            #expect(gate.inside == 0 && gate.outcomes.filter { $0 == .answered }.count == 12)
            #expect(gate.outcomes.allSatisfy { $0 == .answered || $0 == .notSent })
        }
    }

    @Test @OnLoop func `of two boards go side by side`() async throws {
        let both = Rendezvous(2)
        try await withMonday { _, number in
            // Answered when both have come: one after the other, the test would never end.
            if number > 0 { both.meet() }
            return .json(made)
        } _: { client, server, _ in
            // Until a first answer libcurl hopes to send all on one connection.
            _ = try await client.write([create()], idempotencyKey: key, lane: .live)
            let tasks = ["1", "2"].map { board in
                EpollLoop.process.task {
                    try await client.write([create(board: board)], idempotencyKey: key, lane: .live)
                }
            }
            for task in tasks { _ = try await task.value }
            #expect(server.mostInHand == 2)
        }
    }

    @Test @OnLoop func `that somebody waits for pass one that the gate holds back`() async throws {
        try await withMonday { _, _ in
            .json(made)
        } _: { client, server, gate in
            gate.isFull = true
            let slow = EpollLoop.process.task {
                try await client.write([create("slow")], idempotencyKey: key, lane: .background)
            }
            while gate.waitingCount == 0 { try await EpollLoop.process.sleep(for: .milliseconds(1)) }
            _ = try await client.write([create("quick")], idempotencyKey: key, lane: .live)
            gate.open()
            _ = try await slow.value
            #expect(try server.requests.map { try $0.variables["n0"].string() } == ["quick", "slow"])
        }
    }

    @Test @OnLoop func `that come out of the gate together are sent one after the other all the same`() async throws {
        try await withMonday { _, _ in
            usleepABit()
            return .json(made)
        } _: { client, server, gate in
            gate.isFull = true
            let tasks = (0..<3).map { number in
                EpollLoop.process.task {
                    try await client.write([create("\(number)")], idempotencyKey: key, lane: .background)
                }
            }
            while gate.waitingCount < 3 { try await EpollLoop.process.sleep(for: .milliseconds(1)) }
            gate.open()
            for task in tasks { _ = try await task.value }
            #expect(server.requests.count == 3 && server.mostInHand == 1)
            // Who found the board taken gave its place back.
            #expect(gate.outcomes.filter { $0 == .notSent }.count >= 2 && gate.inside == 0)
        }
    }

    @Test @OnLoop func `go on after one that was cancelled`() async throws {
        try await withMonday { _, number in
            number == 0 ? .silence : .json(made)
        } _: { client, server, gate in
            let stuck = EpollLoop.process.task {
                try await client.write([create("stuck")], idempotencyKey: key, lane: .live)
            }
            while server.requests.isEmpty { try await EpollLoop.process.sleep(for: .milliseconds(1)) }
            let cancelled = EpollLoop.process.task {
                try await client.write([create("cancelled")], idempotencyKey: key, lane: .live)
            }
            let next = EpollLoop.process.task {
                try await client.write([create("next")], idempotencyKey: key, lane: .live)
            }
            cancelled.cancel()
            stuck.cancel()
            _ = try await next.value
            await #expect(throws: CancellationError.self) { try await cancelled.value }
            await #expect(throws: CallError.self) { try await stuck.value }
            #expect(gate.inside == 0 && server.requests.count == 2)
        }
    }
}
