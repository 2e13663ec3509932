import Core
import Testing
import Transport

@testable import Systems

@Suite(.onLoop) struct `a board's log` {
    static func answer(_ logs: String) -> MondayServer.Reply {
        .json(#"{"data":{"boards":[{"id":"7","activity_logs":\#(logs)}]}}"#)
    }

    static let lines = #"""
        [{"id":"b9c1-1","event":"update_column_value","entity":"pulse","user_id":"7000002","created_at":"17950806000000000",
          "data":"{\"board_id\":7,\"pulse_id\":1772099344,\"column_id\":\"status\",\"value\":{\"label\":{\"index\":1}}}"},
         {"id":"b9c1-2","event":"create_column","entity":"board","user_id":"7000002","created_at":"17950806010000000",
          "data":"{\"board_id\":7,\"column_id\":\"text_1\"}"},
         {"id":"b9c1-3","event":"delete_pulse","entity":"pulse","user_id":null,"created_at":"soon","data":"{\"item_id\":\"9\"}"},
         {"id":"b9c1-4","event":"board_view_added","entity":"board","user_id":7,"created_at":17950806020000000,"data":"no JSON"},
         {"id":null}, null, 7]
        """#

    @Test @OnLoop func `says who changed what, and when`() async throws {
        try await withMonday { _, _ in
            Self.answer(Self.lines)
        } _: { client, server, gate in
            let since = try #require(WallTime("2026-11-19T00:00:00.5Z"))
            let page = try await client.activity(of: "7", from: since, page: 2)
            #expect(page.lines.map(\.id) == ["b9c1-1", "b9c1-2", "b9c1-3", "b9c1-4"] && !page.isFull)
            #expect(page.lines.map(\.kind) == [.columnChanged, .columnCreated, .deleted, .other("board_view_added")])
            #expect(page.lines.map(\.item) == ["1772099344", nil, "9", nil])
            #expect(page.lines.map(\.column) == ["status", "text_1", nil, nil])
            #expect(page.lines.map(\.user) == ["7000002", "7000002", nil, "7"])
            // Tenths of a microsecond since 1970.
            #expect(
                page.lines[0].time == WallTime(millisecondsSince1970: 1_795_080_600_000) && page.lines[2].time == nil
            )
            let variables = server.requests[0].variables
            #expect(try variables["boardIds"][0].string() == "7" && variables["page"].int() == 2)
            #expect(try variables["from"].string() == "2026-11-19T00:00:00Z" && variables["limit"].int() == 1_000)
            #expect(gate.lanes == [.background])
        }
    }

    @Test(arguments: ["null", "[]"])
    @OnLoop func `may be empty, or nothing`(logs: String) async throws {
        try await withMonday { _, _ in
            Self.answer(logs)
        } _: { client, _, _ in
            let page = try await client.activity(of: "7", from: .first, page: 1)
            #expect(page == Monday.ActivityPage(lines: [], isFull: false))
        }
    }

    @Test @OnLoop func `goes on while its pages are full`() async throws {
        let line = #"{"id":"1","event":"update_name","data":"{}","user_id":"1","created_at":"1"}"#
        try await withMonday { _, _ in
            Self.answer("[" + Array(repeating: line, count: 1_000).joined(separator: ",") + "]")
        } _: { client, _, _ in
            let page = try await client.activity(of: "7", from: .first, page: 1)
            #expect(page.isFull && page.lines.count == 1_000)
        }
    }

    @Test(arguments: [
        (#"{"data":{"boards":[]}}"#, CallError.Kind.missing), (#"{"data":{"boards":null}}"#, .missing),
        (#"{"data":{"boards":[{"id":"7","activity_logs":7}]}}"#, .garbage),
    ])
    @OnLoop func `is not taken for empty where it cannot be read`(body: String, kind: CallError.Kind) async throws {
        try await withMonday { _, _ in
            .json(body)
        } _: { client, _, _ in
            let error = await mondayError { _ = try await client.activity(of: "7", from: .first, page: 1) }
            #expect(error?.kind == kind)
        }
    }

    @Test @OnLoop func `is not needed where items are looked at, the newest change first`() async throws {
        try await withMonday { _, _ in
            .json(#"{"data":{"boards":[{"id":"7","items_page":{"cursor":null,"items":[]}}]}}"#)
        } _: { client, server, _ in
            _ = try await client.page(.newest, of: "7", columns: [])
            let query = server.requests[0].variables["query"]
            #expect(try query["order_by"][0]["direction"].string() == "desc" && query["rules"].value == nil)
        }
    }
}
