import Core
import Sandbox
import Testing
import Transport

/// Every kind of document that the product sends, short, and the shape of what comes back.
@Suite(.onLoop) struct `Monday's documents` {
    /// What the members are called, and what kinds of values they have: an answer without its figures.
    private func shape(_ json: JSON) -> String {
        switch json {
        case .object(let object):
            "{\(object.members.map { "\($0.name):\(shape($0.value))" }.joined(separator: ","))}"
        case .array(let elements): "[\(elements.first.map(shape) ?? "")]"
        case .null: "null"
        case .bool: "bool"
        case .number: "number"
        case .string: "string"
        }
    }

    @Test @OnLoop func `ping and read the versions`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        let ping = try await place.data(
            """
            query MlPing {
              me { id name email } account { id name slug tier plan { tier period version max_users } }
              version { kind value display_name } complexity { before after query reset_in_x_seconds }
            }
            """
        )
        #expect(
            shape(ping.value ?? .null)
                == "{me:{id:string,name:string,email:string},account:{id:string,name:string,slug:string,tier:string,"
                + "plan:{tier:string,period:string,version:number,max_users:number}},"
                + "version:{kind:string,value:string,display_name:string},"
                + "complexity:{before:number,after:number,query:number,reset_in_x_seconds:number}}"
        )
        #expect(try ping["version"]["value"].string() == "2026-10")
        let versions = try await place.data("query { versions { kind value display_name } }")["versions"]
        #expect(
            try versions.elements().map { try $0["kind"].string() } == ["release_candidate", "current", "maintenance"]
        )
        let budget = try await place.data(
            "{ platform_api { daily_limit { base total } daily_analytics { last_updated by_day { day usage } } } }"
        )
        #expect(try budget["platform_api"]["daily_limit"]["total"].int() == 1_000)
    }

    @Test @OnLoop func `list boards and read one's schema`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        let boards = try await place.data(
            """
            query($limit: Int!, $page: Int!, $w: [ID]) {
              boards(limit: $limit, page: $page, state: active, workspace_ids: $w) {
                id name state type board_kind hierarchy_type workspace_id items_count
              }
            }
            """,
            ["limit": 1, "page": 2, "w": .null]
        )["boards"]
        #expect(try boards.elements().count == 1)
        #expect(
            shape(boards[0].value ?? .null)
                == "{id:string,name:string,state:string,type:string,board_kind:string,hierarchy_type:string,"
                + "workspace_id:null,items_count:number}"
        )
        let board = try await place.data(
            """
            query($ids: [ID!]) { boards(ids: $ids) {
              id name state hierarchy_type permissions items_count groups { id title archived deleted position color }
              columns { id title type archived settings revision description }
            } }
            """,
            ["ids": [.string(place.board)]]
        )["boards"][0]
        let columns = try board["columns"].elements()
        #expect(
            try columns.map { try $0["id"].string() } == [
                "name", "erp_key", "amount", "currency", "due_date", "status", "vendor", "vendor_link",
            ]
        )
        let status = columns[5]["settings"]
        #expect(
            try status["labels"].elements().map { try $0["label"].string() } == [
                "Draft", "Open", "Paid", "Canceled", "In review", "Corrective",
            ]
        )
        #expect(try columns[2]["settings"]["unit"]["symbol"].string() == "$")
        #expect(try columns[7]["settings"]["boardIds"][0].int() == Int(place.vendors))
        #expect(try board["groups"][0]["position"].string() == "65536.0")
        // A board that the token cannot see is missing, without an error.
        #expect(try await place.data("{ boards(ids: [77]) { id } }")["boards"].elements().isEmpty)
    }

    private let core = """
        fragment ItemCore on Item {
          id name state created_at updated_at url board { id } group { id title }
          column_values(ids: $columnIds, capabilities: [CALCULATED]) {
            __typename id type text value
            ... on NumbersValue { number symbol direction } ... on StatusValue { index label is_done label_style { color } updated_at }
            ... on DateValue { date time } ... on DropdownValue { values { id label } }
            ... on BoardRelationValue { display_value linked_item_ids } ... on MirrorValue { display_value }
            ... on BatteryValue { battery_value { key count } } ... on CheckboxValue { checked }
          }
        }
        """

    @Test @OnLoop func `scan, read by id and find by key`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        let vendor = try await place.data(
            "query($b: [ID!]) { boards(ids: $b) { items_page { items { id name } } } }",
            ["b": [.string(place.vendors)]]
        )["boards"][0]["items_page"]["items"][0]
        let item = try await place.createItem(
            "PI-10023",
            [
                "erp_key": "purchaseInvoices/cronus/PI-10023", "amount": "1234.50", "due_date": ["date": "2026-12-01"],
                "status": ["index": 1], "vendor": ["ids": [1]],
                "vendor_link": ["item_ids": [.number(Int(try vendor["id"].string()) ?? 0)]],
            ]
        )
        let columnIds: JSON = ["erp_key", "amount", "status", "due_date", "vendor", "vendor_link"]
        let first = try await place.data(
            """
            query($boardIds: [ID!], $limit: Int!, $query: ItemsQuery, $columnIds: [String!]) {
              boards(ids: $boardIds) { id items_page(limit: $limit, query_params: $query) { cursor items { ...ItemCore } } }
            } \(core)
            """,
            [
                "boardIds": [.string(place.board)], "limit": 200, "columnIds": columnIds,
                "query": [
                    "rules": [
                        [
                            "column_id": "__last_updated__", "compare_value": ["EXACT", "2026-01-01T00:00:00Z"],
                            "operator": "greater_than_or_equals", "compare_attribute": "UPDATED_AT",
                        ]
                    ],
                    "order_by": [["column_id": "__last_updated__", "direction": "asc"]],
                ],
            ]
        )["boards"][0]["items_page"]
        #expect(first["cursor"].value == .null)
        let found = first["items"][0]
        #expect(try found["id"].string() == item && found["group"]["title"].string() == "Open")
        let values = try found["column_values"].elements()
        func text(_ place: Int) -> String { (values[place].value ?? .null).text() }
        #expect(
            text(0)
                == #"{"__typename":"TextValue","id":"erp_key","type":"text","text":"purchaseInvoices/cronus/PI-10023","value":"\"purchaseInvoices/cronus/PI-10023\""}"#
        )
        #expect(
            text(1)
                == #"{"__typename":"NumbersValue","id":"amount","type":"numbers","text":"1234.5","value":"\"1234.5\"","number":1234.5,"symbol":"$","direction":"left"}"#
        )
        #expect(
            text(2)
                == #"{"__typename":"DateValue","id":"due_date","type":"date","text":"2026-12-01","value":"{\"date\":\"2026-12-01\",\"time\":null}","date":"2026-12-01","time":""}"#
        )
        #expect(try values[3]["index"].int() == 1 && values[3]["label"].string() == "Open")
        #expect(try values[4]["values"][0]["label"].string() == "Fabrikam, Inc.")
        #expect(values[5]["text"].value == .null && values[5]["value"].value == .null)
        #expect(try values[5]["linked_item_ids"][0].string() == vendor["id"].string())
        #expect(try values[5]["display_value"].string() == vendor["name"].string())

        let byID = try await place.data(
            "query($ids: [ID!], $limit: Int!, $columnIds: [String!]) { items(ids: $ids, limit: $limit, exclude_nonactive: false) { ...ItemCore } } \(core)",
            ["ids": [.string(item)], "limit": 100, "columnIds": columnIds]
        )["items"][0]
        #expect(byID.value == found.value)
        let byKey = try await place.data(
            """
            query($boardId: ID!, $columns: [ItemsPageByColumnValuesQuery!], $limit: Int!, $columnIds: [String!]) {
              items_page_by_column_values(board_id: $boardId, columns: $columns, limit: $limit) {
                cursor items { id name state updated_at column_values(ids: $columnIds) { __typename id type text } }
              }
            }
            """,
            [
                "boardId": .string(place.board), "limit": 100, "columnIds": ["erp_key"],
                "columns": [
                    ["column_id": "erp_key", "column_values": ["nobody", "PURCHASEINVOICES/cronus/PI-10023"]]
                ],
            ]
        )["items_page_by_column_values"]
        #expect(try byKey["items"].elements().count == 1 && byKey["items"][0]["id"].string() == item)
    }

    @Test @OnLoop func `write items in all ways`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        let item = try await place.createItem("PI-1")
        let ids: JSON = ["b": .string(place.board), "i": .string(item)]
        #expect(try await place.change(item, ["name": "PI-1 ACME", "status": ["label": "Paid"]]).mondayCode == nil)
        _ = try await place.data(
            #"mutation($b: ID!, $i: ID!) { change_column_value(board_id: $b, item_id: $i, column_id: "status", value: "{\"label\":\"Open\"}") { id } }"#,
            ids
        )
        _ = try await place.data(
            #"mutation($b: ID!, $i: ID!) { change_simple_column_value(board_id: $b, item_id: $i, column_id: "due_date", value: "2026-12-01") { id } }"#,
            ids
        )
        #expect(try await place.value(item, "status")["text"].string() == "Open")
        #expect(try await place.value(item, "due_date")["text"].string() == "2026-12-01")
        let moved = try await place.data(
            #"mutation($i: ID!) { move_item_to_group(item_id: $i, group_id: "posted") { id name group { id } } }"#,
            ["i": .string(item)]
        )["move_item_to_group"]
        #expect(try moved["group"]["id"].string() == "posted" && moved["name"].string() == "PI-1 ACME")
        let sub = try await place.data(
            #"mutation($i: ID!) { create_subitem(parent_item_id: $i, item_name: "Line 10000", column_values: "{\"amount\":\"10\"}") { id board { id type } } }"#,
            ["i": .string(item)]
        )["create_subitem"]
        #expect(try sub["board"]["type"].string() == "sub_items_board" && sub["board"]["id"].string() != place.board)
        let archived = try await place.data(
            "mutation($i: ID!) { archive_item(item_id: $i) { id state } }",
            ["i": .string(item)]
        )
        #expect(try archived["archive_item"]["state"].string() == "archived")
        let deleted = try await place.data(
            "mutation($i: ID!) { delete_item(item_id: $i) { id state } }",
            ["i": .string(item)]
        )
        #expect(try deleted["delete_item"]["state"].string() == "deleted")
        // Still there by its id, and nowhere else.
        let gone = try await place.data(
            "query($i: [ID!]) { items(ids: $i) { state group { id } column_values { id } } }",
            ["i": [.string(item)]]
        )
        #expect((gone["items"][0].value ?? .null).text() == #"{"state":"deleted","group":null,"column_values":[]}"#)
        #expect(try await place.change(item, ["amount": "1"]).mondayCode == "InvalidItemIdException")
    }

    @Test @OnLoop func `comment, answer and read the comments`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        let item = try await place.createItem("PI-1")
        let document =
            "mutation($i: ID, $p: ID, $b: String!) { create_update(item_id: $i, parent_id: $p, body: $b) { id created_at } }"
        let update = try await place.data(document, ["i": .string(item), "p": .null, "b": "<p>Please check VAT</p>"])[
            "create_update"
        ]
        _ = try await place.data(document, ["i": .null, "p": update["id"].value ?? .null, "b": "Done"])
        let read = try await place.data(
            """
            query($ids: [ID!], $limit: Int!, $page: Int!) { items(ids: $ids, limit: 100) { id updates(limit: $limit, page: $page) {
              id body text_body created_at updated_at creator_id replies { id text_body creator_id created_at } } } }
            """,
            ["ids": [.string(item)], "limit": 25, "page": 1]
        )["items"][0]["updates"]
        #expect(try read[0]["text_body"].string() == "Please check VAT")
        #expect(try read[0]["replies"][0]["text_body"].string() == "Done")
        #expect(
            try await place.ask(document, ["i": .null, "p": .null, "b": "x"]).mondayCode == "InvalidArgumentException"
        )
    }

    @Test @OnLoop func `make columns, groups, boards and tags`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        let board: JSON = .string(place.board)
        let column = try await place.data(
            """
            mutation($b: ID!, $t: ColumnType!, $d: JSON) {
              create_column(board_id: $b, title: "ERP id", column_type: $t, id: "erp_id", description: "Ours.", defaults: $d) { id title type revision }
            }
            """,
            ["b": board, "t": "text", "d": .null]
        )["create_column"]
        #expect(try column["id"].string() == "erp_id" && column["type"].string() == "text")
        let dropdown = try await place.data(
            """
            mutation($b: ID!, $d: CreateDropdownColumnSettingsInput) { create_dropdown_column(board_id: $b, title: "V", id: "v", defaults: $d) { id type settings revision } }
            """,
            [
                "b": board,
                "d": [
                    "labels": [["label": "ACME"], ["label": "Globex"]], "limit_select": true, "label_limit_count": 1,
                ],
            ]
        )["create_dropdown_column"]
        #expect(
            (dropdown["settings"].value ?? .null).text()
                == #"{"labels":[{"id":1,"label":"ACME","is_deactivated":false},{"id":2,"label":"Globex","is_deactivated":false}],"limit_select":true,"label_limit_count":1}"#
        )
        let status = try await place.data(
            """
            mutation($b: ID!, $d: CreateStatusColumnSettingsInput) { create_status_column(board_id: $b, title: "A", id: "a", defaults: $d) { id settings revision } }
            """,
            ["b": board, "d": ["labels": [["label": "Yes", "color": "done_green", "index": 0, "is_done": true]]]]
        )["create_status_column"]
        #expect(
            (status["settings"].value ?? .null).text()
                == #"{"type":"status","labels":[{"id":0,"label":"Yes","color":1,"index":0,"is_done":true}]}"#
        )
        let group = try await place.data(
            "mutation($b: ID!) { create_group(board_id: $b, group_name: \"Posted\") { id title } }",
            ["b": board]
        )["create_group"]
        #expect(try group["title"].string() == "Posted")
        let made = try await place.data(
            "mutation($k: BoardKind!, $w: ID) { create_board(board_name: \"B\", board_kind: $k, workspace_id: $w, empty: true) { id name columns { id } } }",
            ["k": "public", "w": .null]
        )["create_board"]
        #expect(try made["columns"].elements().count == 1)
        let managed = try await place.data(
            "query($i: [String!], $s: [ManagedColumnState!]) { managed_column(id: $i, state: $s) { id title revision state settings_json } }",
            ["i": .null, "s": ["active"]]
        )["managed_column"]
        #expect(try managed[0]["title"].string() == "Vendor")
        let users = try await place.data(
            "query($e: [String!], $l: Int!, $p: Int!) { users(emails: $e, limit: $l, page: $p) { id name email } }",
            ["e": ["Buyer@example.com"], "l": 200, "p": 1]
        )["users"]
        #expect(try users[0]["id"].string() == "7000002")
        let tags = try await place.data(
            "mutation { a: create_or_get_tag(tag_name: \"x\") { id } b: create_or_get_tag(tag_name: \"x\") { id } }"
        )
        #expect(tags["a"].value == tags["b"].value)
        // What is gone answers null.
        let gone = try await place.data(
            "mutation($b: ID!) { delete_column(board_id: $b, column_id: \"erp_id\") { id } }",
            ["b": board]
        )
        #expect(gone["delete_column"].value == .null)
        let again = try await place.ask(
            "mutation($b: ID!) { create_column(board_id: $b, title: \"t\", column_type: text, id: \"erp_id\") { id } }",
            ["b": board]
        )
        #expect(again.mondayCode == "InvalidArgumentException")
    }

    @Test @OnLoop func `read who changed what`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        let item = try await place.createItem("PI-1")
        _ = try await place.change(item, ["status": ["index": 2]])
        let logs = try await place.data(
            """
            query($b: [ID!], $from: ISO8601DateTime, $to: ISO8601DateTime, $i: [ID!], $l: Int!, $p: Int!) { boards(ids: $b) {
              activity_logs(from: $from, to: $to, item_ids: $i, limit: $l, page: $p) { id event entity data user_id created_at } } }
            """,
            ["b": [.string(place.board)], "from": .null, "to": .null, "i": [.string(item)], "l": 1_000, "p": 1]
        )["boards"][0]["activity_logs"]
        #expect(try logs.elements().map { try $0["event"].string() } == ["update_column_value", "create_pulse"])
        #expect(try logs[0]["created_at"].string().utf8.count == 17)
        let told = try JSONField(JSON.parse(try logs[0]["data"].string()))
        #expect(try told["pulse_id"].int() == Int(item) && told["column_id"].string() == "status")
    }
}
