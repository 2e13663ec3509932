import Core
import Testing
import Transport

@testable import Systems

private let board = """
    {"data":{"boards":[{"id":"1771812698","name":"AP invoices","state":"active","type":"board","hierarchy_type":"classic",
    "permissions":"everyone","items_count":412,"items_limit":10000,
    "groups":[{"id":"topics","title":"Open","archived":false,"deleted":false}],
    "columns":[{"id":"name","title":"Name","type":"name","archived":false,"settings":{},"revision":"r-0","description":null},
    {"id":"status","title":"Approval","type":"status","archived":false,"settings":{"type":"status","labels":[{"id":0,
    "label":"Pending","color":0,"index":0}]},"revision":"r-3","description":"x"},
    {"id":"new","title":"New","type":"quantum","archived":false,"settings":null,"revision":"r-9","description":null}]}]}}
    """

private func line(_ id: Int, _ type: String) -> String {
    #"{"id":"\#(id)","name":"B\#(id)","state":"active","type":"\#(type)","items_count":\#(id)}"#
}

@Suite(.onLoop) struct `setting a Monday board up` {
    @Test @OnLoop func `begins with what the board is`() async throws {
        try await withMonday { _, _ in
            .json(board)
        } _: { client, server, _ in
            let board = try #require(try await client.board("1771812698"))
            #expect(board.name == "AP invoices" && board.refusal == nil && board.groups.map(\.id) == ["topics"])
            #expect(board.column("status")?.labels.first?.color == "working_orange")
            #expect(board.column("status")?.revision == "r-3" && board.column("none") == nil)
            #expect(board.column("new")?.type == nil && board.column("new")?.refusal?.contains("quantum") == true)
            #expect(board.itemCount == 412 && board.mostItems == 10_000)
            #expect(try server.requests[0].variables["ids"][0].string() == "1771812698")
        }
    }

    @Test(arguments: [
        #"{"data":{"boards":[]}}"#, #"{"data":{"boards":[null]}}"#,
        #"{"data":{"boards":null},"errors":[{"message":"x","extensions":{"code":"InvalidBoardIdException"}}]}"#,
    ])
    @OnLoop func `finds no board where there is none`(body: String) async throws {
        try await withMonday { _, _ in
            .json(body)
        } _: { client, _, _ in
            let board = try await client.board("1")
            #expect(board == nil)
        }
    }

    @Test(arguments: [
        #"{"data":{"boards":null}}"#,
        #"{"data":{"boards":[{"id":"1","name":"x","state":"active","groups":null,"columns":[]}]}}"#,
        #"{"data":{"boards":[{"id":"1","name":"x","state":"active","groups":[],"columns":[null]}]}}"#,
    ])
    @OnLoop func `takes no half of a board`(body: String) async throws {
        try await withMonday { _, _ in
            .json(body)
        } _: { client, _, _ in
            let error = await mondayError { _ = try await client.board("1") }
            #expect(error?.kind == .garbage)
        }
    }

    @Test @OnLoop func `lists the boards in use, page by page, each once`() async throws {
        let first = (1...100).map { line($0, $0 % 2 == 0 ? "board" : "sub_items_board") }
        try await withMonday { _, number in
            // One that was made meanwhile has moved the last one to the second page.
            let lines = number == 0 ? first : [line(100, "board"), line(101, "board"), line(102, "document")]
            return .json(#"{"data":{"boards":[\#(lines.joined(separator: ","))]}}"#)
        } _: { client, server, _ in
            let boards = try await client.boards()
            #expect(boards.count == 51 && boards.first?.id == "2" && boards.last?.itemCount == 101)
            #expect(try server.requests.map { try $0.variables["page"].int() } == [1, 2])
        }
    }

    @Test @OnLoop func `takes no part of the boards for all of them`() async throws {
        try await withMonday { _, _ in
            .json(#"{"data":{"boards":null},"errors":[{"message":"x"}]}"#)
        } _: { client, _, _ in
            let error = await mondayError { _ = try await client.boards() }
            #expect(error != nil)
        }
    }

    @Test func `refuses boards on which writes come to nothing`() {
        var board = Monday.Board(id: "1", name: "B", state: "active", groups: [], columns: [])
        #expect(board.refusal == nil)
        board.hierarchy = "multi_level"
        #expect(board.refusal?.contains("several levels") == true)
        board.state = "archived"
        #expect(board.refusal?.contains("archived") == true)
    }

    @Test @OnLoop func `makes boards, groups and columns`() async throws {
        try await withMonday { request, _ in
            switch request.operation {
            case "MlCreateBoard": .json(#"{"data":{"create_board":{"id":"7","name":"B"}}}"#)
            case "MlCreateGroup": .json(#"{"data":{"create_group":{"id":"g1","title":"G"}}}"#)
            default:
                .json(
                    #"{"data":{"create_column":\#(column("text")),"create_status_column":\#(column("status")),"create_dropdown_column":\#(column("dropdown"))}}"#
                )
            }
        } _: { client, server, gate in
            let made = try await client.createBoard("B", key: "k")
            #expect(made == "7" && gate.charges[0].units["boardMutations"] == 1)
            let group = try await client.createGroup("G", on: "7")
            #expect(group == "g1" && gate.charges[1].units["boardMutations"] == 0)
            let key = try await client.createColumn(
                .init(.boardRelation, id: "erp_link", title: "L", settings: ["boardIds": [1]]),
                on: "7"
            )
            #expect(key.revision == "r-1")
            _ = try await client.createStatusColumn(id: "s", title: "S", labels: ["Open", "Done"], on: "7")
            _ = try await client.createDropdownColumn(id: "d", title: "D", labels: ["ACME"], most: 1, on: "7")
            let variables = server.requests.map(\.variables)
            #expect(
                server.requests[0].headers("Idempotency-Key") == ["k"]
                    && server.requests[1].headers("Idempotency-Key") == []
            )
            #expect(
                try variables[2]["defaults"].string() == #"{"boardIds":[1]}"#
                    && variables[2]["type"].string() == "board_relation"
            )
            #expect(
                variables[3]["defaults"].value?.text()
                    == #"{"labels":[{"label":"Open","color":"working_orange","index":0},{"label":"Done","color":"done_green","index":1}]}"#
            )
            #expect(
                variables[4]["defaults"].value?.text()
                    == #"{"labels":[{"label":"ACME"}],"limit_select":true,"label_limit_count":1}"#
            )
        }
    }

    @Test(arguments: ["1st", "Ünit", "with space", "", "a_very_long_name_of_25_xxx"])
    @OnLoop func `asks for no column that Monday would refuse`(id: String) async throws {
        try await withMonday { _, _ in
            .json("{}")
        } _: { client, server, _ in
            let error = await mondayError {
                _ = try await client.createColumn(.init(.text, id: id, title: "T"), on: "7")
            }
            #expect(error?.kind == .configuration && server.requests.isEmpty)
        }
    }

    @Test @OnLoop func `changes labels by revision, and looks again when somebody was quicker`() async throws {
        try await withMonday { _, number in
            number == 0
                ? .json(#"{"data":{"update_dropdown_column":\#(column("dropdown"))}}"#)
                : .json(#"{"data":null,"errors":[{"message":"x","extensions":{"code":"REVISION_MISMATCH"}}]}"#)
        } _: { client, server, _ in
            var column = Monday.Column(id: "d", title: "D", typeName: "dropdown", revision: "r-0")
            column.labels = [Monday.Label(id: 1, text: "ACME")]
            let changed = try await client.updateLabels(of: column, to: column.labels(adding: ["Globex"]), on: "7")
            #expect(changed.revision == "r-1")
            let variables = server.requests[0].variables
            #expect(try variables["revision"].string() == "r-0")
            #expect(variables["settings"].value?.text() == #"{"labels":[{"id":1,"label":"ACME"},{"label":"Globex"}]}"#)
            let error = await mondayError { _ = try await client.updateLabels(of: column, to: column.labels, on: "7") }
            #expect(error?.remedy == .lookAgain && error?.kind == .conflict)
            let text = Monday.Column(id: "t", title: "T", typeName: "text")
            let wrong = await mondayError { _ = try await client.updateLabels(of: text, to: [], on: "7") }
            #expect(wrong?.kind == .defect && server.requests.count == 2)
        }
    }
}

private func column(_ type: String) -> String {
    #"{"id":"c","title":"C","type":"\#(type)","archived":false,"settings":{},"revision":"r-1","description":null}"#
}

@Suite(.onLoop) struct `a Monday account` {
    @Test @OnLoop func `says who we are in it`() async throws {
        let body =
            #"{"data":{"me":{"id":"7","name":"U","email":"u@example.com"},"account":{"id":"1","name":"A","slug":"a","tier":"pro","plan":null},"version":{"kind":"current","value":"2026-10"}}}"#
        try await withMonday { _, _ in
            .json(body)
        } _: { client, _, _ in
            let ping = try await client.ping()
            #expect(ping.user == Monday.User(id: "7", name: "U", email: "u@example.com"))
            #expect(ping.account?.tier == "pro" && ping.version == "2026-10" && ping.complaints.isEmpty)
        }
    }

    @Test @OnLoop func `may be hidden from a token that works`() async throws {
        let body =
            #"{"data":{"me":{"id":"7","name":"U","email":"u@example.com"},"account":null,"version":null},"errors":[{"message":"x","path":["account"],"extensions":{"code":"missingRequiredPermissions"}}]}"#
        try await withMonday { _, _ in
            .json(body)
        } _: { client, _, _ in
            let ping = try await client.ping()
            #expect(ping.account == nil && ping.complaints.map(\.kind) == [.permission])
        }
    }

    @Test(arguments: [
        (
            401, #"{"errors":[{"message":"Not authenticated","extensions":{"code":"NOT_AUTHENTICATED"}}]}"#,
            CallError.Kind.credentials
        ),
        (200, #"{"data":{"me":null}}"#, .garbage), (200, #"{"data":{"me":{"id":"7"}}}"#, .garbage),
    ])
    @OnLoop func `turns a ping into words when it fails`(status: Int, body: String, kind: CallError.Kind) async throws {
        try await withMonday { _, _ in
            .json(body, status: status)
        } _: { client, _, _ in
            let error = await mondayError { _ = try await client.ping() }
            #expect(error?.kind == kind)
        }
    }

    @Test @OnLoop func `tells the gate how many calls a day it has`() async throws {
        let bodies = [
            #"{"data":{"platform_api":{"daily_limit":{"base":1000,"total":12000},"daily_analytics":{"last_updated":"x","by_day":[{"day":"2026-11-19","usage":640}]}}}}"#,
            #"{"data":{"platform_api":{"daily_limit":{"base":1000,"total":1000},"daily_analytics":null}},"errors":[{"message":"x","path":["platform_api","daily_analytics"]}]}"#,
            #"{"data":{"platform_api":null},"errors":[{"message":"x","extensions":{"code":"UserUnauthorizedException"}}]}"#,
            #"{"data":{"platform_api":null}}"#,
            #"{"data":{"platform_api":null},"errors":[{"message":"Internal Server Error"}]}"#,
        ]
        try await withMonday { _, number in
            .json(bodies[number])
        } _: { client, _, gate in
            var budgets: [Monday.DailyBudget?] = []
            for _ in 0..<4 { budgets.append(try await client.dailyBudget()) }
            #expect(
                budgets == [.init(total: 12_000, used: ["2026-11-19": 640]), .init(total: 1_000, used: [:]), nil, nil]
            )
            #expect(gate.learned == ["calls 12000 per 86400", "calls 1000 per 86400"])
            let error = await mondayError { _ = try await client.dailyBudget() }
            #expect(error?.kind == .outage)
        }
    }

    @Test @OnLoop func `finds its users by their addresses`() async throws {
        try await withMonday { _, _ in
            .json(#"{"data":{"users":[{"id":"7","name":"B","email":"b@example.com"}]}}"#)
        } _: { client, server, _ in
            let users = try await client.users((0..<101).map { "\($0)@example.com" })
            #expect(users.count == 2 && server.requests.count == 2)
            #expect(try server.requests[1].variables["emails"].elements().count == 1)
        }
    }
}

@Suite(.onLoop) struct `a Monday webhook` {
    @Test @OnLoop func `is made, listed and deleted`() async throws {
        let hook =
            #"{"id":"466701570","board_id":"7","event":"change_specific_column_value","config":"{\"columnId\":\"status\"}"}"#
        try await withMonday { request, number in
            switch request.operation {
            case "MlCreateWebhook": .json(#"{"data":{"create_webhook":\#(hook)}}"#)
            case "MlWebhooks":
                .json(number == 1 ? #"{"data":{"webhooks":[\#(hook)]}}"# : #"{"data":{"webhooks":null}}"#)
            default:
                number == 3
                    ? .json(#"{"data":{"delete_webhook":{"id":"466701570","board_id":"7"}}}"#)
                    : .json(
                        #"{"data":{"delete_webhook":null},"errors":[{"message":"x","extensions":{"code":"ResourceNotFoundException"}}]}"#
                    )
            }
        } _: { client, server, _ in
            let made = try await client.createWebhook(
                on: "7",
                url: "https://h.example/s3cret",
                event: .columnChanged("status")
            )
            #expect(made.id == "466701570" && made.board == "7")
            let sent = server.requests[0].variables
            #expect(try sent["event"].string() == "change_specific_column_value")
            #expect(try sent["config"].string() == #"{"columnId":"status"}"#)
            let hooks = try await client.webhooks(on: "7")
            #expect(hooks == [made])
            let missing = await mondayError { _ = try await client.webhooks(on: "7") }
            #expect(missing?.kind == .garbage)
            let first = try await client.deleteWebhook("466701570")
            let second = try await client.deleteWebhook("466701570")
            #expect(first && !second)
        }
    }

    @Test @OnLoop func `that could not be registered is explained, without its secret path`() async throws {
        try await withMonday { _, _ in
            .json(#"{"errors":[{"message":"Internal Server Error"}]}"#)
        } _: { client, _, _ in
            let error = await mondayError {
                _ = try await client.createWebhook(on: "7", url: "https://h.example:8443/s3cret", event: .archived)
            }
            #expect(error?.reason.contains("could not reach this server at https://h.example:8443,") == true)
            #expect(error?.reason.contains("s3cret") == false && error?.isUncertain == true)
            let long = await mondayError {
                let url = "https://h.example/" + String(repeating: "x", count: 238)
                _ = try await client.createWebhook(on: "7", url: url, event: .archived)
            }
            #expect(long?.kind == .configuration && long?.reason.contains("xxx") == false)
        }
    }

    @Test @OnLoop func `is beside a comment that shows its text as it is`() async throws {
        try await withMonday { _, _ in
            .json(#"{"data":{"create_update":{"id":"3836","created_at":"x"}}}"#)
        } _: { client, server, _ in
            let id = try await client.createUpdate("a < b & c\n\"d\"", item: "1", board: "7")
            #expect(id == "3836")
            #expect(try server.requests[0].variables["body"].string() == "a &lt; b &amp; c<br>\"d\"")
        }
    }
}
