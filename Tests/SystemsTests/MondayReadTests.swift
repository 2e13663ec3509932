import Core
import Testing
import Transport

@testable import Systems

private func found(_ id: String, _ key: String) -> String {
    #"{"id":"\#(id)","name":"N\#(id)","state":"active","updated_at":"2026-11-19T09:30:00Z","column_values":[{"__typename":"TextValue","id":"erp_key","type":"text","text":"\#(key)"}]}"#
}

private func item(_ id: String, _ updated: String, state: String = "active") -> String {
    #"{"id":"\#(id)","name":"N","state":"\#(state)","created_at":"2026-11-18T08:00:00Z","updated_at":"\#(updated)","url":"https://x","board":{"id":"7"},"group":null,"column_values":[{"__typename":"NumbersValue","id":"amount","type":"numbers","text":"1.5","value":"\"1.5\""}]}"#
}

private let amount = Monday.Column(id: "amount", title: "Amount", typeName: "numbers")

@Suite(.onLoop) struct `looking items up on a Monday board` {
    @Test @OnLoop func `goes by key, over pages, and puts the oldest first`() async throws {
        try await withMonday { request, number in
            number == 0
                ? .json(
                    #"{"data":{"items_page_by_column_values":{"cursor":"c1","items":[\#(found("1000", "a/1")),\#(found("999", "A/1"))]}}}"#
                )
                : .json(
                    #"{"data":{"next_items_page":{"cursor":null,"items":[\#(found("5", "a/2")),\#(found("6", "other"))]}}}"#
                )
        } _: { client, server, gate in
            let items = try await client.find(
                on: "7",
                keyColumn: "erp_key",
                keys: ["a/1", "a/2", "a/3", "a/1", ""],
                lane: .live
            )
            #expect(items.mapValues { $0.map(\.id) } == ["a/1": ["999", "1000"], "a/2": ["5"]])
            #expect(items["a/2"]?.first?.updated == WallTime("2026-11-19T09:30:00Z"))
            let asked = try #require(server.requests.first?.variables)
            #expect(try asked["columns"][0]["column_values"].elements().count == 3)
            #expect(try asked["columns"][0]["column_id"].string() == "erp_key" && asked["limit"].int() == 25)
            #expect(try server.requests[1].variables["cursor"].string() == "c1")
            #expect(gate.outcomes.count == 2 && gate.lanes == [.live, .live])
        }
    }

    @Test @OnLoop func `asks for a hundred keys at a time, and for none at all`() async throws {
        try await withMonday { _, _ in
            .json(#"{"data":{"items_page_by_column_values":{"cursor":null,"items":[]}}}"#)
        } _: { client, server, _ in
            let items = try await client.find(
                on: "7",
                keyColumn: "k",
                keys: (0..<250).map { "\($0)" },
                lane: .background
            )
            #expect(items.isEmpty && server.requests.count == 3)
            let counts = try server.requests.map { try $0.variables["columns"][0]["column_values"].elements().count }
            #expect(counts == [100, 100, 50])
            _ = try await client.find(on: "7", keyColumn: "k", keys: [], lane: .background)
            #expect(server.requests.count == 3)
        }
    }

    @Test(arguments: [
        #"{"data":{"items_page_by_column_values":null}}"#,
        #"{"data":{"items_page_by_column_values":{"cursor":null,"items":null}}}"#,
        #"{"data":{"items_page_by_column_values":{"cursor":null}}}"#,
        #"{"data":{}}"#,
        #"{"data":{"items_page_by_column_values":{"cursor":null,"items":[]}},"errors":[{"message":"Internal Server Error"}]}"#,
        #"{"data":{"items_page_by_column_values":{"cursor":null,"items":[null]}}}"#,
    ])
    @OnLoop func `never takes a missing list for an empty one`(body: String) async throws {
        try await withMonday { _, _ in
            .json(body)
        } _: { client, _, _ in
            let error = await mondayError {
                _ = try await client.find(on: "7", keyColumn: "erp_key", keys: ["a"], lane: .live)
            }
            #expect([.garbage, .outage].contains(error?.kind) && error?.remedy == .retry(after: nil))
        }
    }

    @Test @OnLoop func `ends where pages do not`() async throws {
        try await withMonday { _, _ in
            .json(
                #"{"data":{"items_page_by_column_values":{"cursor":"c","items":[]},"next_items_page":{"cursor":"c","items":[]}}}"#
            )
        } _: { client, server, _ in
            let error = await mondayError {
                _ = try await client.find(on: "7", keyColumn: "erp_key", keys: ["a"], lane: .live)
            }
            #expect(error?.kind == .conflict && server.requests.count == 50)
        }
    }
}

@Suite(.onLoop) struct `reading Monday items by id` {
    @Test @OnLoop func `asks with a limit, a hundred at a time, and matches by id`() async throws {
        try await withMonday { request, _ in
            let ids = (try? request.variables["ids"].elements().map { try $0.string() }) ?? []
            let items = ids.reversed().filter { $0 != "100" }.map {
                item($0, "2026-11-19T09:30:00Z", state: "archived")
            }
            return .json(#"{"data":{"items":[\#(items.joined(separator: ","))]}}"#)
        } _: { client, server, _ in
            let ids = (0..<150).map { "\($0)" }
            let items = try await client.items(ids + ids, columns: [amount], lane: .background)
            #expect(items.count == 149 && items["100"] == nil && items["7"]?.state == "archived")
            #expect(items["7"]?["amount"]?.canonical == "1.5" && items["7"]?.board == "7")
            #expect(server.requests.count == 2)
            let sizes = try server.requests.map { try $0.variables["ids"].elements().count }
            #expect(sizes == [100, 50])
            #expect(try server.requests[0].variables["limit"].int() == 100)
            #expect(try server.requests[0].variables["columnIds"][0].string() == "amount")
        }
    }

    @Test(arguments: [#"{"data":{"items":null}}"#, #"{"data":{"items":{}}}"#, #"{"data":{"items":[{"id":"1"}]}}"#])
    @OnLoop func `never takes a missing list for an empty one`(body: String) async throws {
        try await withMonday { _, _ in
            .json(body)
        } _: { client, _, _ in
            let error = await mondayError { _ = try await client.items(["1"], columns: [], lane: .live) }
            #expect(error?.kind == .garbage)
        }
    }
}

@Suite(.onLoop) struct `scanning a Monday board` {
    @Test @OnLoop func `goes through pages in the order of change`() async throws {
        let one = item("1", "2026-11-19T09:00:00Z")
        let two = item("2", "2026-11-19T10:00:00Z")
        try await withMonday { request, _ in
            request.operation == "MlItemsFirst"
                ? .json(#"{"data":{"boards":[{"id":"7","items_page":{"cursor":"c1","items":[\#(one)]}}]}}"#)
                : .json(#"{"data":{"next_items_page":{"cursor":null,"items":[\#(two)]}}}"#)
        } _: { client, server, gate in
            var scan = Monday.Scan(changedSince: WallTime("2026-11-18T00:00:00Z"))
            var ids: [String] = []
            let start = Instant.now
            while let page = try await client.page(scan.step(at: start), of: "7", columns: [amount]) {
                ids += scan.took(page).map(\.id)
            }
            #expect(ids == ["1", "2"] && gate.lanes == [.background, .background])
            let query = try #require(server.requests.first?.variables["query"])
            // Two days earlier than asked: Monday may compare whole days.
            #expect(try query["rules"][0]["compare_value"][1].string() == "2026-11-16T00:00:00Z")
            #expect(try query["rules"][0]["operator"].string() == "greater_than_or_equals")
            #expect(try query["order_by"][0]["column_id"].string() == "__last_updated__")
            #expect(server.requests.count == 2 && server.requests[1].variables["query"].value == nil)
        }
    }

    @Test(arguments: [
        #"{"errors":[{"message":"x","extensions":{"code":"CursorExpiredError"}}]}"#,
        #"{"error_code":"CursorException","error_message":"CursorExpiredError: the cursor has expired"}"#,
    ])
    @OnLoop func `says when Monday has forgotten its place`(body: String) async throws {
        try await withMonday { _, _ in
            .json(body)
        } _: { client, _, gate in
            let error = await mondayError { _ = try await client.page(.next(cursor: "c"), of: "7", columns: []) }
            #expect(error?.remedy == .lookAgain && error?.kind == .expired)
            #expect(gate.outcomes == [.answered])
        }
    }

    @Test(arguments: [
        (#"{"data":{"boards":null}}"#, CallError.Kind.garbage), (#"{"data":{"boards":[]}}"#, .missing),
        (#"{"data":{"boards":[null]}}"#, .missing), (#"{"data":{"boards":[{"id":"7","items_page":null}]}}"#, .garbage),
    ])
    @OnLoop func `never takes what is missing for an empty board`(body: String, kind: CallError.Kind) async throws {
        try await withMonday { _, _ in
            .json(body)
        } _: { client, _, _ in
            let error = await mondayError { _ = try await client.page(.begin(since: nil), of: "7", columns: []) }
            #expect(error?.kind == kind)
        }
    }

    private func page(_ items: [(String, String)], _ cursor: String?) throws -> Monday.ItemPage {
        Monday.ItemPage(
            items: try items.map { try Monday.Item(JSONField(try JSON.parse(item($0.0, $0.1)))) },
            cursor: cursor
        )
    }

    @Test func `begins again before Monday forgets, and gives nothing twice`() throws {
        let start = Instant(nanoseconds: 0)
        var scan = Monday.Scan()
        #expect(scan.step(at: start) == .begin(since: nil))
        #expect(
            scan.took(try page([("1", "2026-11-10T00:00:00Z"), ("2", "2026-11-12T00:00:00Z")], "c")).map(\.id) == [
                "1", "2",
            ]
        )
        #expect(scan.step(at: start + .seconds(49 * 60)) == .next(cursor: "c"))
        let late = start + .seconds(50 * 60)
        #expect(scan.step(at: late) == .begin(since: WallTime("2026-11-10T00:00:00Z")))
        // The second changed meanwhile, so it comes again.
        let again = try page(
            [("1", "2026-11-10T00:00:00Z"), ("2", "2026-11-13T00:00:00Z"), ("3", "2026-11-13T00:00:00Z")],
            "d"
        )
        #expect(scan.took(again).map(\.id) == ["2", "3"])
        #expect(scan.step(at: late + .seconds(49 * 60)) == .next(cursor: "d"))
        scan.restart()
        #expect(scan.step(at: late) == .begin(since: WallTime("2026-11-11T00:00:00Z")))
        #expect(scan.took(try page([("3", "2026-11-13T00:00:00Z")], nil)).isEmpty)
        #expect(scan.step(at: late) == .done && scan.seenCount == 3)
    }
}
