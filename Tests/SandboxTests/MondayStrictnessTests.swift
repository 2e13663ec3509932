import Core
import Sandbox
import Testing
import Transport

@Suite(.onLoop) struct `Monday's door` {
    private let me = #"{"query":"{ me { id } }"}"#

    @Test @OnLoop func `takes the raw token alone`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        func status(_ authorization: String?) async throws -> Int {
            let headers = [("Content-Type", "application/json")] + (authorization.map { [("Authorization", $0)] } ?? [])
            let answer = try await place.post(me, headers)
            if answer.status == 401 { #expect(answer.mondayCode == "NOT_AUTHENTICATED" && answer["data"].value == nil) }
            return answer.status
        }
        #expect(try await status(place.token) == 200)
        #expect(try await status(nil) == 401)
        #expect(try await status("another") == 401)
        #expect(try await status("Bearer \(place.token)") == 401)
        try await place.option(#"{"refusesBearer":false}"#)
        #expect(try await status("Bearer \(place.token)") == 200)
        #expect(try await place.place.control(.post, "/control/monday/token/revoke").status == 200)
        #expect(try await status(place.token) == 401)
        #expect(try await place.place.control(.post, "/control/monday/token/restore").status == 200)
        #expect(try await status(place.token) == 200)
        #expect(try await place.fact("refusals")["token"].int() == 4)
    }

    @Test @OnLoop func `tells version, request and limits with every answer`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        for (query, status) in [("{ me { id } }", 200), ("{ me { nope } }", 200), ("{ me", 200)] {
            let answer = try await place.ask(query)
            #expect(answer.status == status && answer.headers["api-version"] == "2026-10")
            let id = try answer["extensions"]["request_id"].string()
            #expect(answer.headers["x-request-id"] == id && id.utf8.count == 36)
            #expect(
                answer.headers["RateLimit-Policy"]
                    == #""minuteRate";q=1000;w=60, "concurrency";q=40;qu="concurrent-requests", "complexityMinute";q=10000000;w=60;qu="content-bytes""#
            )
            #expect(answer.headers["RateLimit"]?.hasPrefix(#""minuteRate";r=99"#) == true)
            #expect((answer["data"].value == nil) == (answer["errors"].value != nil))
        }
    }

    @Test(arguments: [
        (nil, "2026-10"), ("2026-10", "2026-10"), ("2027-01", "2027-01"), ("2026-07", "2026-07"), ("dev", "dev"),
        ("2024-01", "2026-07"), ("2031-04", "2026-10"), ("latest", "400"), ("2026/10", "400"),
    ])
    @OnLoop func `serves an old version by the oldest, and an unknown one by the current`(
        wanted: String?,
        served: String
    ) async throws {
        let place = try MondayPlace()
        defer { place.close() }
        let headers = [("Authorization", place.token), ("Content-Type", "application/json")]
        let answer = try await place.post(me, headers + (wanted.map { [("API-Version", $0)] } ?? []))
        if served == "400" {
            #expect(answer.status == 400 && answer.mondayCode == "InvalidVersionException")
        } else {
            #expect(answer.status == 200 && answer.headers["api-version"] == served)
        }
    }

    @Test(arguments: [
        ("{", 400, "JsonParseException"), ("[]", 400, "JsonParseException"), ("{}", 400, "Bad request"),
        (#"{"query":"{ me { id } }","variables":[]}"#, 400, "Bad request"),
        (#"{"query":"{ me { id"}"#, 200, "GRAPHQL_PARSE_FAILED"),
        (#"{"query":"{ me { nope } }"}"#, 200, "GRAPHQL_VALIDATION_FAILED"),
        (
            #"{"query":"query($l: Int) { items(limit: $l) { id } }","variables":{"l":"5"}}"#, 200,
            "GRAPHQL_VALIDATION_FAILED"
        ),
        (#"{"query":"query A { me { id } } query B { me { id } }"}"#, 200, "GRAPHQL_VALIDATION_FAILED"),
        (
            #"{"query":"query A { me { id } } query B { me { id } }","operationName":"C"}"#, 200,
            "GRAPHQL_VALIDATION_FAILED"
        ),
    ])
    @OnLoop func `refuses what it cannot execute with one error and no data`(
        body: String,
        status: Int,
        code: String
    ) async throws {
        let place = try MondayPlace()
        defer { place.close() }
        let answer = try await place.post(body)
        #expect(answer.status == status && answer.mondayCode == code, "\(answer.text)")
        #expect(try answer["errors"].elements().count == 1 && answer["data"].value == nil)
    }

    @Test @OnLoop func `wants POST, its path and JSON`() async throws {
        let place = try MondayPlace { $0.validationStatus = 400 }
        defer { place.close() }
        let url = place.monday.address
        #expect(try await place.place.send(.get, url + "/v2").status == 405)
        #expect(try await place.place.send(.post, url + "/v3").status == 404)
        let plain = try await place.post(me, [("Authorization", place.token), ("Content-Type", "text/plain")])
        #expect(plain.status == 400)
        #expect(try await place.ask("{ me { nope } }").status == 400)
        let named = try await place.post(
            #"{"query":"query A { me { id } } query B { account { slug } }","operationName":"B"}"#
        )
        #expect(try named["data"]["account"]["slug"].string() == "example")
    }

    @Test(arguments: [
        #"create_item(board_id: $b, item_name: "n", column_values: "{broken") { id }"#,
        #"create_item(board_id: $b, item_name: "n", column_values: "[]") { id }"#,
        #"create_item(board_id: $b, item_name: "n", column_values: {amount: "1"}) { id }"#,
        #"change_column_value(board_id: $b, item_id: 1, column_id: "status", value: "Paid") { id }"#,
        #"create_webhook(board_id: $b, url: "http://127.0.0.1:1", event: create_item, config: "x") { id }"#,
        #"create_column(board_id: $b, title: "t", column_type: status, defaults: "x") { id }"#,
    ])
    @OnLoop func `demands strings that hold JSON, before anything is done`(field: String) async throws {
        let place = try MondayPlace()
        defer { place.close() }
        let before = try await place.fact("items")
        let answer = try await place.ask(
            "mutation($b: ID!) { first: create_item(board_id: $b, item_name: \"first\") { id } \(field) }",
            ["b": .string(place.board)]
        )
        #expect(answer.status == 200 && answer["data"].value == nil)
        #expect(
            try answer["errors"][0]["extensions"]["problems"][0]["explanation"].string() == "Syntax error in JSON input"
        )
        #expect(try await place.fact("items").value == before.value)
    }

    @Test(arguments: [
        ("{ items(ids: [1], limit: 101) { id } }", "InvalidArgumentException"),
        ("{ items(ids: [1], limit: 0) { id } }", "InvalidArgumentException"),
        ("{ boards(ids: [B]) { items_page(limit: 501) { cursor } } }", "InvalidArgumentException"),
        ("{ next_items_page(cursor: \"\", limit: 5) { cursor } }", "InvalidArgumentException"),
        ("{ next_items_page(cursor: \"never given\", limit: 5) { cursor } }", "CursorException"),
        ("{ items_page_by_column_values(board_id: B) { cursor } }", "InvalidArgumentException"),
        ("{ items_page_by_column_values(board_id: 1, columns: []) { cursor } }", "InvalidBoardIdException"),
        (
            "{ items_page_by_column_values(board_id: B, columns: [{column_id: \"vendor_link\", column_values: [\"1\"]}]) { cursor } }",
            "InvalidArgumentException"
        ),
        (
            "{ items_page_by_column_values(board_id: B, columns: [{column_id: \"gone\", column_values: [\"1\"]}]) { cursor } }",
            "InvalidColumnIdException"
        ),
        (
            "{ boards(ids: [B]) { items_page(query_params: {rules: [{column_id: \"amount\", compare_value: [1, 2], operator: between}]}) { cursor } } }",
            "InvalidArgumentException"
        ),
        (
            "{ boards(ids: [B]) { items_page(query_params: {rules: [{column_id: \"erp_key\", compare_value: \"x\", operator: ends_with}]}) { cursor } } }",
            "InvalidArgumentException"
        ),
        ("{ webhooks(board_id: 1) { id } }", "InvalidBoardIdException"),
        ("mutation { create_item(board_id: 1, item_name: \"n\") { id } }", "InvalidBoardIdException"),
        (
            "mutation { create_item(board_id: B, item_name: \"n\", group_id: \"gone\") { id } }",
            "InvalidGroupIdException"
        ),
        ("mutation { create_item(board_id: B, item_name: \"\") { id } }", "ItemNameTooLongException"),
        ("mutation { archive_item(item_id: 1) { id } }", "InvalidItemIdException"),
        ("mutation { archive_item { id } }", "InvalidItemIdException"),
        ("mutation { delete_webhook(id: 1) { id } }", "ResourceNotFoundException"),
        ("mutation { edit_update(id: 1, body: \"x\") { id } }", "ResourceNotFoundException"),
        (
            "mutation { create_column(board_id: B, title: \"t\", column_type: text, id: \"9lives\") { id } }",
            "InvalidArgumentException"
        ),
        (
            "mutation { create_column(board_id: B, title: \"t\", column_type: text, id: \"abcdefghijklmnopqrstuvwxy\") { id } }",
            "InvalidArgumentException"
        ),
        (
            "mutation { create_column(board_id: B, title: \"t\", column_type: text, id: \"amount\") { id } }",
            "InvalidArgumentException"
        ),
        ("mutation { delete_group(board_id: V, group_id: \"topics\") { id } }", "DeleteLastGroupException"),
    ])
    @OnLoop func `refuses with the vendor's codes`(query: String, code: String) async throws {
        let place = try MondayPlace()
        defer { place.close() }
        var text = ""
        for character in query {
            text += character == "B" ? place.board : character == "V" ? place.vendors : String(character)
        }
        let answer = try await place.ask(text)
        #expect(answer.status == 200 && answer.mondayCode == code, "\(answer.text)")
        #expect(try answer["errors"][0]["path"].elements().isEmpty == false)
    }

    @Test @OnLoop func `holds names, boards and items to their limits`() async throws {
        let place = try MondayPlace { $0.itemsPerBoard = 2 }
        defer { place.close() }
        let create = "mutation($b: ID!, $n: String!) { create_item(board_id: $b, item_name: $n) { id } }"
        func code(_ name: String) async throws -> String? {
            try await place.ask(create, ["b": .string(place.board), "n": .string(name)]).mondayCode
        }
        #expect(try await code(String(repeating: "n", count: 256)) == "ItemNameTooLongException")
        #expect(try await code(String(repeating: "n", count: 255)) == nil)
        #expect(try await code("second") == nil)
        #expect(try await code("third") == "ItemsLimitationException")
        let ids = JSON.array((1...101).map { .number($0) })
        let many = try await place.ask("query($i: [ID!]) { items(ids: $i, limit: 100) { id } }", ["i": ids])
        #expect(many.mondayCode == "InvalidArgumentException")
    }

    @Test @OnLoop func `goes on with a batch when one alias fails`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        let (one, two) = (try await place.createItem("1"), try await place.createItem("2"))
        let answer = try await place.ask(
            """
            mutation($b: ID!, $i: ID!, $j: ID!, $v: JSON!, $w: JSON!) {
              m0: change_multiple_column_values(board_id: $b, item_id: $i, column_values: $v) { id }
              m1: change_multiple_column_values(board_id: $b, item_id: $j, column_values: $w) { id }
              m2: create_item(board_id: $b, item_name: "3") { name }
            }
            """,
            [
                "b": .string(place.board), "i": .string(one), "j": .string(two), "v": #"{"amount":"10"}"#,
                "w": #"{"amount":"10","gone":"1"}"#,
            ]
        )
        #expect(answer.status == 200 && answer["data"]["m1"].value == .null)
        #expect(try answer["data"]["m0"]["id"].string() == one && answer["data"]["m2"]["name"].string() == "3")
        #expect(try answer["errors"].elements().count == 1 && answer["errors"][0]["path"][0].string() == "m1")
        #expect(answer.mondayCode == "InvalidColumnIdException")
        #expect(try await place.value(one, "amount")["text"].string() == "10")
        // The alias that failed wrote none of its columns.
        #expect(try await place.value(two, "amount")["text"].string() == "")
    }

    @Test @OnLoop func `wants the values that a board demands`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        let path = "/control/monday/boards/\(place.board)"
        #expect(try await place.place.control(.patch, path, #"{"required":["erp_key"]}"#).status == 200)
        let answer = try await place.ask(
            "mutation($b: ID!) { create_item(board_id: $b, item_name: \"1\") { id } }",
            ["b": .string(place.board)]
        )
        #expect(answer.mondayCode == "DATA_VALIDATIONS_ERROR")
        #expect(try answer["errors"][0]["extensions"]["error_data"][0]["columnIds"][0].string() == "erp_key")
        let item = try await place.createItem("1", ["erp_key": "k"])
        #expect(try await place.change(item, ["erp_key": .null]).mondayCode == "DATA_VALIDATIONS_ERROR")
        #expect(try await place.change(item, ["amount": "1"]).mondayCode == nil)
    }
}
