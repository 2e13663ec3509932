import Core
import Testing
import Transport

@testable import Systems

@Suite(.onLoop) struct `Monday's subitems` {
    private static func subitem(_ id: String, _ key: String, _ state: String = "active") -> String {
        #"{"id":"\#(id)","name":"Line","state":"\#(state)","updated_at":"2026-11-19T09:30:00Z","column_values":[{"__typename":"TextValue","id":"erp_key","type":"text","text":"\#(key)"}],"board":{"id":"8"}}"#
    }

    @Test @OnLoop func `are asked of the items that they stand under`() async throws {
        try await withMonday { _, number in
            number == 0
                ? .json(
                    #"{"data":{"items":[{"id":"1","subitems":[\#(Self.subitem("11", "a:1")),\#(Self.subitem("12", "a:2", "archived"))]},{"id":"2","subitems":null}]}}"#
                )
                : .json(#"{"data":{"items":[]}}"#)
        } _: { client, server, _ in
            let found = try await client.subitems(
                of: (1...21).map { "\($0)" },
                keyColumn: "erp_key",
                lane: .live
            )
            #expect(found.map(\.item.id) == ["11"] && found[0].parent == "1" && found[0].key == "a:1")
            #expect(found[0].board == "8" && server.requests.count == 2)
            #expect(try server.requests.map { try $0.variables["ids"].elements().count } == [20, 1])
            let none = try await client.subitems(of: [], keyColumn: "erp_key", lane: .live)
            #expect(none.isEmpty && server.requests.count == 2)
        }
    }

    @Test(arguments: [#"{"data":{"items":null}}"#, #"{"data":{"items":[{"id":"1","subitems":[{"id":"2"}]}]}}"#])
    @OnLoop func `that cannot be read are no empty list`(body: String) async throws {
        try await withMonday { _, _ in
            .json(body)
        } _: { client, _, _ in
            let error = await mondayError {
                _ = try await client.subitems(of: ["1"], keyColumn: "erp_key", lane: .live)
            }
            #expect(error?.kind == .garbage)
        }
    }

    @Test @OnLoop func `are made under their parents, among other writes`() async throws {
        try await withMonday { _, _ in
            .json(#"{"data":{"m0":{"id":"11","name":"Line","updated_at":null},"m1":{"id":"12","name":"x"}}}"#)
        } _: { client, server, _ in
            let results = try await client.write(
                [
                    .createSubitem(
                        board: "8",
                        parent: "1",
                        name: "Line",
                        values: [.init("amount", .number(Decimal(5))), .init("gone", nil)],
                        makeLabels: false
                    ), .archive(board: "8", item: "12"),
                ],
                idempotencyKey: "k",
                lane: .live
            )
            #expect(try results.map { try $0.get().item } == ["11", "12"])
            let sent = try #require(server.requests.first)
            #expect(try sent.json["query"].string().contains("m0: create_subitem(parent_item_id: $i0"))
            let variables = sent.variables
            #expect(try variables["i0"].string() == "1" && variables["n0"].string() == "Line")
            #expect(try variables["v0"].string() == #"{"amount":"5"}"# && variables["b0"].value == nil)
        }
    }
}

@Suite(.onLoop) struct `a Monday label` {
    @Test(arguments: [(#"[{"id":"9"}]"#, true), ("[]", false)])
    @OnLoop func `is used or not, by its id`(items: String, isUsed: Bool) async throws {
        try await withMonday { _, _ in
            .json(#"{"data":{"boards":[{"id":"7","items_page":{"items":\#(items)}}]}}"#)
        } _: { client, server, _ in
            let answer = try await client.isLabelUsed(3, in: "vendor", on: "7", lane: .background)
            #expect(answer == isUsed)
            let rule = try #require(server.requests.first).variables["query"]["rules"][0]
            #expect(try rule["compare_value"][0].int() == 3 && rule["column_id"].string() == "vendor")
        }
    }

    @Test(arguments: [#"{"data":{"boards":[]}}"#, #"{"data":{"boards":null}}"#, #"{"data":{"boards":[{"id":"7"}]}}"#])
    @OnLoop func `is not taken for unused where nobody says so`(body: String) async throws {
        try await withMonday { _, _ in
            .json(body)
        } _: { client, _, _ in
            let error = await mondayError {
                _ = try await client.isLabelUsed(3, in: "vendor", on: "7", lane: .background)
            }
            #expect(error?.kind == .garbage)
        }
    }

    @Test func `is in the same column by either of the vendor's words for it`() {
        #expect(Monday.Column(id: "c", title: "C", typeName: "connect_boards").type == .boardRelation)
        #expect(Monday.Column(id: "c", title: "C", typeName: "board_relation").type == .boardRelation)
    }
}
