import Core
import Sandbox
import Testing
import Transport

@Suite(.onLoop) struct `Monday's limits` {
    private let create = "mutation($b: ID!) { create_item(board_id: $b, item_name: \"n\") { id } }"

    @Test @OnLoop func `count requests by the minute, and open again`() async throws {
        let place = try MondayPlace { $0.requestsPerMinute = 3 }
        defer { place.close() }
        for _ in 0..<3 { #expect(try await place.ask("{ me { id } }").status == 200) }
        let refused = try await place.ask("{ me { id } }")
        #expect(refused.status == 429 && refused.mondayCode == "MINUTE_RATE_LIMIT_EXCEEDED")
        let seconds = try refused["errors"][0]["extensions"]["retry_in_seconds"].int()
        #expect(1...60 ~= seconds && refused.headers["Retry-After"] == "\(seconds)")
        #expect(refused.headers["RateLimit"]?.contains("\"minuteRate\";r=0;t=") == true)
        place.clock.advance(by: .seconds(61))
        #expect(try await place.ask("{ me { id } }").status == 200)
        #expect(try await place.fact("refusals")["minute"].int() == 1)
    }

    @Test @OnLoop func `close for the day at midnight of UTC`() async throws {
        let place = try MondayPlace { $0.requestsPerDay = 2 }
        defer { place.close() }
        // A call that only asks for the complexity costs a tenth.
        for _ in 0..<5 { #expect(try await place.ask("{ complexity { before } }").status == 200) }
        #expect(try await place.ask("{ me { id } }").status == 200)
        let refused = try await place.ask("{ me { id } }")
        #expect(refused.status == 429 && refused.mondayCode == "DAILY_LIMIT_EXCEEDED")
        let seconds = try refused["errors"][0]["extensions"]["retry_in_seconds"].int()
        place.clock.advance(by: .seconds(seconds))
        #expect(try await place.ask("{ me { id } }").status == 200)
    }

    @Test @OnLoop func `allow so many requests at once`() async throws {
        let place = try MondayPlace {
            $0.concurrentRequests = 3
            $0.queryMilliseconds = 300
        }
        defer { place.close() }
        try await place.warm()
        let tasks = (0..<5).map { _ in EpollLoop.process.task { try await place.ask("{ me { id } }").status } }
        var statuses: [Int] = []
        for task in tasks { statuses.append(try await task.value) }
        #expect(statuses.sorted() == [200, 200, 200, 429, 429])
        #expect(try await place.fact("highestInFlight").int() == 4)
    }

    @Test @OnLoop func `spend complexity, and give it back`() async throws {
        let place = try MondayPlace { $0.complexityPerMinute = 25_000 }
        defer { place.close() }
        let document =
            "mutation($b: ID!) { create_item(board_id: $b, item_name: \"n\") { id } complexity { before after query } }"
        let first = try await place.data(document, ["b": .string(place.board)])["complexity"]
        #expect(try first["before"].int() == 25_000 && first["query"].int() > 10_000)
        let refused = try await place.ask(document, ["b": .string(place.board)])
        #expect(refused.status == 429 && refused.mondayCode == "COMPLEXITY_BUDGET_EXHAUSTED")
        place.clock.advance(by: .seconds(61))
        #expect(try await place.ask(document, ["b": .string(place.board)]).status == 200)
        let large =
            "{ boards(limit: 500) { items_page(limit: 500) { items { column_values { id text value type } updates(limit: 100) { id } } } } }"
        try await place.option(#"{"complexityPerMinute":null}"#)
        #expect(try await place.ask(large).mondayCode == "COMPLEXITY_BUDGET_EXHAUSTED")
    }

    @Test @OnLoop func `make 40 boards a minute`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        let aliases = (0..<20).map { "b\($0): create_board(board_name: \"b\", board_kind: public) { id }" }
        let document = "mutation { \(aliases.joined(separator: " ")) }"
        #expect(try await place.ask(document).status == 200)
        #expect(try await place.ask(document).status == 200)
        let refused = try await place.ask("mutation { create_board(board_name: \"b\", board_kind: public) { id } }")
        #expect(refused.status == 429 && refused.message == "Call limit exceeded for CreateBoard")
        #expect(try await place.ask(create, ["b": .string(place.board)]).status == 200)
        place.clock.advance(by: .seconds(60))
        #expect(
            try await place.ask("mutation { create_board(board_name: \"b\", board_kind: public) { id } }").status == 200
        )
    }

    @Test @OnLoop func `hold mutations to what we promise, and count them exactly`() async throws {
        let place = try MondayPlace { $0.mutationsPerMinute = 4 }
        defer { place.close() }
        let pair =
            "mutation($b: ID!) { a: create_item(board_id: $b, item_name: \"a\") { id } b: create_item(board_id: $b, item_name: \"b\") { id } }"
        let board: JSON = ["b": .string(place.board)]
        #expect(try await place.ask(pair, board).status == 200)
        place.clock.advance(by: .seconds(30))
        #expect(try await place.ask(create, board).status == 200)
        // Two do not fit any more, and neither is done.
        let refused = try await place.ask(pair, board)
        #expect(refused.status == 429 && refused.mondayCode == "MINUTE_RATE_LIMIT_EXCEEDED")
        #expect(try 29...30 ~= refused["errors"][0]["extensions"]["retry_in_seconds"].int())
        #expect(try await place.ask(create, board).status == 200)
        #expect(try await place.ask("{ me { id } }").status == 200)
        place.clock.advance(by: .seconds(30))
        #expect(try await place.ask(pair, board).status == 200)
        let facts = try await place.fact("mutations")
        #expect(try facts["arrived"].int() == 8 && facts["executed"].int() == 6)
        #expect(try facts["highestExecutedIn60s"].int() == 4 && facts["highestArrivedIn60s"].int() == 6)
        #expect(try await place.fact("refusals")["mutationsPerMinute"].int() == 1)
        #expect(try await place.fact("requests")["create_item"].int() == 5)
    }

    @Test(arguments: [
        ("minute:7", 429, "MINUTE_RATE_LIMIT_EXCEEDED"), ("concurrency:7", 429, "MAX_CONCURRENCY_EXCEEDED"),
        ("daily:7", 429, "DAILY_LIMIT_EXCEEDED"), ("ip:7", 429, "IP_RATE_LIMIT_EXCEEDED"),
        ("complexity:7", 429, "COMPLEXITY_BUDGET_EXHAUSTED"), ("callLimit:7", 429, "MutationCallsExceeded"),
        ("fieldLimit:7", 429, "FIELD_LIMIT_EXCEEDED"), ("fieldLimitExtensions:7", 429, "FIELD_LIMIT_EXCEEDED"),
        ("legacyComplexity200:7", 200, "ComplexityException"), ("legacyComplexity429:7", 429, "ComplexityException"),
        ("blocked", 200, "API_TEMPORARILY_BLOCKED"), ("locked", 423, nil), ("timeout", 503, "TIMEOUT_EXCEEDED"),
        ("internal", 500, "INTERNAL_SERVER_ERROR"), ("unauthorized", 401, "NOT_AUTHENTICATED"),
        ("denied", 403, "USER_ACCESS_DENIED"), ("conflict", 409, "IDEMPOTENCY_CONFLICT"),
        ("nullBoards", 200, "INTERNAL_SERVER_ERROR"),
    ])
    @OnLoop func `show each envelope when a fault asks for it, and do nothing`(
        name: String,
        status: Int,
        code: String?
    ) async throws {
        let place = try MondayPlace()
        defer { place.close() }
        let before = try await place.fact("items")
        let fault: JSON = ["system": "monday", "on": "create_item", "effect": ["named": .string(name)], "times": 1]
        #expect(try await place.place.control(.post, "/faults", fault.text()).status == 200)
        let answer = try await place.ask(create, ["b": .string(place.board)])
        #expect(answer.status == status && answer.mondayCode == code, "\(answer.text)")
        if name.hasSuffix(":7") { #expect(answer.text.contains("7")) }
        if name.hasPrefix("legacy") { #expect(try answer["errors"][0].string().contains("reset in 7 seconds")) }
        if name == "nullBoards" { #expect(answer["data"]["boards"].value == .null) }
        #expect(try await place.fact("items").value == before.value)
        #expect(try await place.ask(create, ["b": .string(place.board)]).mondayCode == nil)
    }

    @Test @OnLoop func `can refuse one field of a batch and answer 200`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        let fault = #"{"system":"monday","effect":{"named":"tooManyRequests200"},"times":1}"#
        #expect(try await place.place.control(.post, "/faults", fault).status == 200)
        let answer = try await place.ask(
            "mutation($b: ID!) { a: create_item(board_id: $b, item_name: \"a\") { name } b: create_item(board_id: $b, item_name: \"b\") { name } }",
            ["b": .string(place.board)]
        )
        #expect(answer.status == 200 && answer.mondayCode == "tooManyRequests")
        #expect(answer.message.hasPrefix("Rate limit exceeded for"))
        #expect(try answer["data"]["a"]["name"].string() == "a")
        #expect(answer["data"]["b"].value == .null)
    }
}
