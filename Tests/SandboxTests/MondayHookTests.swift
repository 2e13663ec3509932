import Core
import Sandbox
import Testing
import Transport

/// Where Monday's webhooks go: answers challenges as told to, and keeps what arrives.
@OnLoop private final class HookEnd {
    var status: HTTPStatus = .ok
    var answersChallenges = true
    private(set) var events: [JSONField] = []
    /// What stood in `Authorization`, challenges too.
    private(set) var signatures: [String?] = []
    private(set) var challenges = 0
    private var server: HTTPServer?
    private let listener: HTTPServer.Listener

    init() throws {
        listener = try HTTPServer.Listener(host: "127.0.0.1", port: 0)
        var router = HTTPServer.Router()
        router.add(.post, "/{rest...}", bodyLimit: 1 << 20) { [unowned self] in take($0) }
        server = try HTTPServer(listener: listener.descriptor, router: router)
    }

    var url: String { "http://127.0.0.1:\(listener.port)/m/9f2c" }

    func close() {
        server?.stop()
        listener.close()
    }

    private func take(_ exchange: HTTPExchange) {
        guard let body = try? JSON.parse(exchange.bodyBytes.span) else { return exchange.hangUp() }
        signatures.append(exchange.header("Authorization"))
        if JSONField(body)["challenge"].value != nil {
            challenges += 1
            let answer: JSON = answersChallenges ? body : ["challenge": "another"]
            exchange.answer(.ok, [HTTPHeader("Content-Type", "application/json")], body: answer.bytes())
            return
        }
        events.append(JSONField(body)["event"])
        exchange.answer(status)
    }
}

@Suite(.onLoop) struct `Monday's webhooks` {
    private let create =
        "mutation($b: ID!, $u: String!, $e: WebhookEventType!, $c: JSON) { create_webhook(board_id: $b, url: $u, event: $e, config: $c) { id board_id event config } }"

    @OnLoop private func subscribe(
        _ place: MondayPlace,
        _ end: HookEnd,
        _ event: String,
        _ config: JSON = .null
    ) async throws
        -> Place.Answer
    {
        try await place.ask(
            create,
            [
                "b": .string(place.board), "u": .string(end.url), "e": .string(event),
                "c": config == .null ? .null : .string(config.text()),
            ]
        )
    }

    @Test @OnLoop func `begin with a challenge`() async throws {
        let place = try MondayPlace()
        let end = try HookEnd()
        defer {
            place.close()
            end.close()
        }
        let made = try await subscribe(place, end, "change_specific_column_value", ["columnId": "status"])["data"][
            "create_webhook"
        ]
        #expect(try made["config"].string() == #"{"columnId":"status"}"# && made["board_id"].string() == place.board)
        #expect(end.challenges == 1)
        let list = "query($b: ID!) { webhooks(board_id: $b, app_webhooks_only: true) { id board_id event config } }"
        let listed = try await place.data(list, ["b": .string(place.board)])["webhooks"]
        #expect(try listed.elements().count == 1 && listed[0]["id"].value == made["id"].value)

        end.answersChallenges = false
        let refused = try await subscribe(place, end, "create_item")
        #expect(refused.message == "Internal Server Error" && refused["data"]["create_webhook"].value == .null)
        let nobody: JSON = ["b": .string(place.board), "u": "http://127.0.0.1:1/x", "e": "create_item", "c": .null]
        #expect(try await place.ask(create, nobody).message == "Internal Server Error")
        let long: JSON = [
            "b": .string(place.board), "u": .string(end.url + String(repeating: "x", count: 256)), "e": "create_item",
            "c": .null,
        ]
        #expect(try await place.ask(create, long).mondayCode == "InvalidArgumentException")
        end.answersChallenges = true
        #expect(
            try await subscribe(place, end, "change_specific_column_value").mondayCode == "InvalidArgumentException"
        )
        #expect(
            try await subscribe(place, end, "change_specific_column_value", ["columnId": "gone"]).mondayCode
                == "InvalidColumnIdException"
        )
        let delete = "mutation($i: ID!) { delete_webhook(id: $i) { id board_id } }"
        #expect(try await place.ask(delete, ["i": made["id"].value ?? .null]).mondayCode == nil)
        #expect(try await place.ask(delete, ["i": made["id"].value ?? .null]).mondayCode == "ResourceNotFoundException")
    }

    @Test @OnLoop func `tell of changes under the old names`() async throws {
        let place = try MondayPlace()
        let end = try HookEnd()
        defer {
            place.close()
            end.close()
        }
        for event in [
            "create_item", "change_name", "item_archived", "item_deleted", "item_restored", "item_moved_to_any_group",
            "create_update", "create_column",
        ] {
            #expect(try await subscribe(place, end, event).mondayCode == nil)
        }
        #expect(
            try await subscribe(place, end, "change_specific_column_value", ["columnId": "status"]).mondayCode == nil
        )
        let control = "/control/monday/boards/\(place.board)"
        let made = try await place.place.control(
            .post,
            control + "/items",
            #"{"name":"PI-1","values":{"status":{"index":1},"amount":"5"}}"#
        )
        let item = "/control/monday/items/\(try made["id"].string())"
        // What a new item brings along is no change of its columns.
        try await until { end.events.count == 1 }
        for (method, path, body) in [
            (HTTPClient.Method.patch, item, #"{"values":{"status":{"index":2},"amount":"6"}}"#),
            (.patch, item, #"{"name":"PI-1 ACME"}"#), (.patch, item, #"{"group":"posted"}"#),
            (.post, item + "/updates", #"{"body":"<p>VAT?</p>"}"#), (.post, item + "/archive", ""),
            (.post, item + "/restore", ""),
            (.post, item + "/delete", ""), (.post, control + "/columns", #"{"type":"text","title":"More"}"#),
        ] {
            let count = end.events.count
            #expect(try await place.place.control(method, path, body).status == 200)
            try await until { end.events.count == count + 1 }
        }
        #expect(
            try end.events.map { try $0["type"].string() } == [
                "create_pulse", "update_column_value", "update_name", "move_pulse_into_group", "create_update",
                "archive_pulse",
                "restore_pulse", "delete_pulse", "create_column",
            ]
        )
        let number = Int(try made["id"].string())
        for event in end.events {
            #expect(try event["app"].string() == "monday" && event["boardId"].int() == Int(place.board))
            #expect(try event["userId"].int() == 7_000_002 && event["subscriptionId"].int() > 0)
            #expect(try event["triggerUuid"].string().utf8.count == 32 && !event["isRetry"].bool())
            #expect(WallTime(try event["triggerTime"].string()) != nil)
            let item = try event["pulseId"].orNil?.int() ?? event["itemId"].orNil?.int()
            #expect(try item == number || event["type"].string() == "create_column")
        }
        let status = end.events[1]
        #expect(try status["columnId"].string() == "status" && status["columnType"].string() == "color")
        #expect(try status["value"]["label"]["index"].int() == 2 && status["value"]["label"]["text"].string() == "Paid")
        #expect(try status["previousValue"]["label"]["index"].int() == 1)
        #expect(try end.events[2]["value"]["name"].string() == "PI-1 ACME")
        #expect(try end.events[3]["destGroup"]["title"].string() == "Posted")
    }

    @Test @OnLoop func `tell of our own writes too, unless switched off`() async throws {
        let place = try MondayPlace()
        let end = try HookEnd()
        defer {
            place.close()
            end.close()
        }
        #expect(try await subscribe(place, end, "change_column_value").mondayCode == nil)
        let item = try await place.createItem("one")
        _ = try await place.change(item, ["amount": "1", "status": ["index": 1]])
        try await until { end.events.count == 2 }
        #expect(try end.events[0]["userId"].int() == 7_000_001)
        // What changes nothing is told to nobody.
        _ = try await place.change(item, ["amount": "1.00"])
        try await place.option(#"{"hooksForOwnWrites":false}"#)
        _ = try await place.change(item, ["amount": "2"])
        #expect(
            try await place.place.control(.patch, "/control/monday/items/\(item)", #"{"values":{"amount":"3"}}"#).status
                == 200
        )
        try await until { end.events.count == 3 }
        #expect(try end.events[2]["userId"].int() == 7_000_002)
    }

    @Test @OnLoop func `are tried each minute for half an hour`() async throws {
        let place = try MondayPlace()
        let end = try HookEnd()
        defer {
            place.close()
            end.close()
        }
        #expect(try await subscribe(place, end, "create_item").mondayCode == nil)
        end.status = .unavailable
        _ = try await place.createItem("one")
        for attempt in 1...3 {
            try await until { end.events.count == attempt }
            try await until { try await place.fact("webhooks")["failed"].int() == attempt }
            place.clock.advance(by: .seconds(60))
        }
        end.status = .ok
        try await until {
            try await place.fact("webhooks")["failed"].int() + place.fact("webhooks")["accepted"].int() >= 4
        }
        #expect(try end.events.dropFirst().allSatisfy { try $0["isRetry"].bool() } && !end.events[0]["isRetry"].bool())
        #expect(Set(try end.events.map { try $0["triggerUuid"].string() }).count == 1)
        end.status = .unavailable
        _ = try await place.createItem("two")
        for _ in 0..<40 where try await place.fact("webhooks")["lost"].int() == 0 {
            let sent = try await place.fact("webhooks")["failed"].int()
            place.clock.advance(by: .seconds(60))
            try await until {
                let facts = try await place.fact("webhooks")
                return try facts["failed"].int() > sent || facts["lost"].int() > 0 || facts["pending"].int() == 0
            }
        }
        #expect(try await place.fact("webhooks")["lost"].int() == 1)
    }

    @Test @OnLoop func `are signed where the token is an app's`() async throws {
        let place = try MondayPlace { ($0.signsHooks, $0.signingSecret) = (true, "a secret of this test") }
        let end = try HookEnd()
        defer {
            place.close()
            end.close()
        }
        #expect(try await subscribe(place, end, "create_item").mondayCode == nil)
        #expect(end.signatures == [nil])
        end.status = .internalError
        _ = try await place.createItem("PI-1")
        try await until { end.signatures.count == 2 }
        let token = try #require(end.signatures.last ?? nil)
        let parts = token.split(separator: ".").map(String.init)
        #expect(parts.count == 3)
        let texts = try parts.prefix(2).map {
            String(decoding: try #require(Base64.bytes(of: $0, .url)), as: UTF8.self)
        }
        let head = try JSON.parse(texts[0])
        #expect(head == ["alg": "HS256", "typ": "JWT"])
        let claims = JSONField(try JSON.parse(texts[1]))
        #expect(try claims["accountId"].int() == 1_825_529 && claims["userId"].int() == 7_000_001)
        #expect(try claims["aud"].string() == end.url && claims["exp"].int() - claims["iat"].int() == 300)
        #expect(try !claims["shortLivedToken"].string().isEmpty)
        // Sent again a minute later, it is signed for that minute.
        place.clock.advance(by: .seconds(61))
        try await until { end.signatures.count == 3 }
        #expect(end.signatures[2] != token)
        #expect(end.events.count == 2)
    }

    @Test @OnLoop func `are told of comments that go`() async throws {
        let place = try MondayPlace()
        let end = try HookEnd()
        defer {
            place.close()
            end.close()
        }
        #expect(try await subscribe(place, end, "delete_update").mondayCode == nil)
        let item = try await place.createItem("PI-1")
        let made = try await place.data(
            "mutation($i: ID) { create_update(item_id: $i, body: \"x\") { id } }",
            ["i": .string(item)]
        )
        let delete = "mutation($u: ID!) { delete_update(id: $u) { id } }"
        #expect(try await place.ask(delete, ["u": made["create_update"]["id"].value ?? .null]).mondayCode == nil)
        try await until { !end.events.isEmpty }
        #expect(try end.events[0]["type"].string() == "delete_update")
        let again = try await place.ask(delete, ["u": made["create_update"]["id"].value ?? .null])
        #expect(again.mondayCode == "ResourceNotFoundException")
    }

    @Test @OnLoop func `arrive twice when they are told to`() async throws {
        let place = try MondayPlace { $0.duplicateHooks = 1 }
        let end = try HookEnd()
        defer {
            place.close()
            end.close()
        }
        #expect(try await subscribe(place, end, "create_item").mondayCode == nil)
        _ = try await place.createItem("one")
        try await until { end.events.count == 2 }
        #expect(try end.events[0]["triggerUuid"].string() == end.events[1]["triggerUuid"].string())
    }
}
