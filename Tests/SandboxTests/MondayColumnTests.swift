import Core
import Sandbox
import Testing
import Transport

@Suite(.onLoop) struct `Monday's columns` {
    private static let types = [
        "text", "long_text", "numbers", "status", "dropdown", "date", "timeline", "week", "hour", "people", "link",
        "email",
        "phone", "country", "checkbox", "rating", "location", "board_relation", "dependency", "formula", "mirror",
        "item_id",
        "creation_log", "last_updated", "auto_number", "button", "time_tracking", "vote", "progress", "file",
    ]

    /// A board with a column `c_<type>` of every type; its labels are Working and Done, A and B.
    @OnLoop private func board(_ place: MondayPlace) async throws -> String {
        let columns = Self.types.map { type -> JSON in
            let settings: JSON =
                switch type {
                case "status": ["labels": ["Working", "Done"]]
                case "dropdown": ["labels": ["A", "B"]]
                case "board_relation": ["boardIds": .array([.number(Int(place.vendors) ?? 0)])]
                default: .null
                }
            return ["id": .string("c_\(type)"), "title": .string(type), "type": .string(type), "settings": settings]
        }
        let body: JSON = ["name": "All types", "columns": .array(columns)]
        return try await place.place.control(.post, "/control/monday/boards", body.text())["id"].string()
    }

    @Test @OnLoop func `take what each type takes, and show it`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        let board = try await board(place)
        let item = try await place.createItem("one", on: board)
        let cases: [(String, JSON, String, String)] = [
            ("text", "abc \"ü\"", "", #""text":"abc \"ü\"""#),
            ("long_text", ["text": "a\nb"], "", #""text":"a\nb""#),
            (
                "numbers", "-12.50", "... on NumbersValue { number }",
                #""text":"-12.5","value":"\"-12.5\"","number":-12.5"#
            ),
            ("numbers", "0", "", #""text":"0""#),
            ("status", ["index": 1], "... on StatusValue { index label }", #""index":1,"label":"Done""#),
            ("status", ["label": "Working"], "... on StatusValue { index }", #""index":0"#),
            ("status", ["label": "1"], "... on StatusValue { label }", #""label":"Done""#),
            (
                "dropdown", ["ids": [2, 1, 2]], "... on DropdownValue { values { id label } }",
                #""values":[{"id":"2","label":"B"},{"id":"1","label":"A"}]"#
            ),
            ("dropdown", ["labels": ["A"]], "", #""text":"A","value":"{\"ids\":[1]}""#),
            (
                "date", ["date": "2026-12-01", "time": "09:30:00"], "... on DateValue { date time }",
                #""date":"2026-12-01","time":"09:30:00""#
            ),
            (
                "timeline", ["from": "2026-12-01", "to": "2026-12-15"], "... on TimelineValue { from to }",
                #""from":"2026-12-01T00:00:00Z","to":"2026-12-15T00:00:00Z""#
            ),
            (
                "week", ["week": ["startDate": "2026-11-30", "endDate": "2026-12-06"]],
                "... on WeekValue { start_date }", #""start_date":"2026-11-30""#
            ),
            ("hour", ["hour": 9, "minute": 5], "... on HourValue { hour minute }", #""hour":9,"minute":5"#),
            (
                "people", ["personsAndTeams": [["id": 7_000_002, "kind": "person"]]],
                "... on PeopleValue { persons_and_teams { id kind } }",
                #""persons_and_teams":[{"id":"7000002","kind":"person"}]"#
            ),
            (
                "link", ["url": "https://a.example", "text": "A"], "... on LinkValue { url url_text }",
                #""url":"https://a.example","url_text":"A""#
            ),
            (
                "email", ["email": "a@example.com", "text": "A"], "... on EmailValue { email label }",
                #""email":"a@example.com","label":"A""#
            ),
            (
                "phone", ["phone": "+12025550169", "countryShortName": "US"],
                "... on PhoneValue { phone country_short_name }", #""phone":"+12025550169","country_short_name":"US""#
            ),
            (
                "country", ["countryCode": "US", "countryName": "United States"],
                "... on CountryValue { country { code name } }", #""country":{"code":"US","name":"United States"}"#
            ),
            ("checkbox", ["checked": "true"], "... on CheckboxValue { checked }", #""text":"v""#),
            ("rating", ["rating": 4], "... on RatingValue { rating }", #""rating":4"#),
            (
                "location", ["lat": "32.07", "lng": "34.79", "address": "There"],
                "... on LocationValue { lat lng address }", #""lat":32.07,"lng":34.79,"address":"There""#
            ),
            (
                "dependency", ["item_ids": [.number(Int(item) ?? 0)]], "... on DependencyValue { linked_item_ids }",
                #""text":null,"value":null,"linked_item_ids":["\#(item)"]"#
            ),
        ]
        for (type, value, fields, shown) in cases {
            let column = "c_\(type)"
            let answer = try await place.change(item, .object([column: value]), on: board)
            #expect(answer.mondayCode == nil, "\(type) \(value.text()): \(answer.text)")
            let read = try await place.value(item, column, fields)
            #expect((read.value ?? .null).text().contains(shown), "\(type): \((read.value ?? .null).text())")
            // Null empties every one of them.
            #expect(try await place.change(item, .object([column: .null]), on: board).mondayCode == nil)
            let text = try await place.value(item, column)["text"].value
            let none: [JSON?] = ["status", "dropdown", "dependency"].contains(type) ? [.null] : [""]
            #expect(none.contains(text), "\(type) \(String(describing: text))")
        }
    }

    @Test @OnLoop func `refuse what each type refuses`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        let board = try await board(place)
        let item = try await place.createItem("one", on: board)
        let cases: [(String, [JSON])] = [
            ("text", [5, ["text": "a"], true]),
            ("long_text", ["a", ["text": .string(String(repeating: "x", count: 2_001))], ["text": 5]]),
            ("numbers", [12, "1,5", "1e3", "+5", "12 $", "", ["number": 5]]),
            (
                "status",
                ["Done", ["label": "Nothing"], ["index": 7], ["index": "1"], ["index": 1, "label": "Done"], ["id": 1]]
            ),
            ("dropdown", [["ids": [9]], ["labels": ["C"]], ["ids": [1], "labels": ["A"]], ["labels": "A"], [:]]),
            (
                "date",
                [
                    "2026-12-01", ["date": "01.12.2026"], ["date": "2026-02-30"],
                    ["date": "2026-12-01", "time": "25:00:00"], ["time": "09:00:00"],
                ]
            ),
            ("timeline", [["from": "2026-12-01"], ["from": "2026-12-02", "to": "2026-12-01"]]),
            (
                "week",
                [
                    ["startDate": "2026-11-30", "endDate": "2026-12-06"],
                    ["week": ["startDate": "2026-11-30", "endDate": "2026-12-05"]],
                ]
            ),
            ("hour", [["hour": 24], ["hour": 9, "minute": 60], ["hour": "9"]]),
            (
                "people",
                [
                    ["personsAndTeams": [["id": 5, "kind": "person"]]], ["personsAndTeams": [["id": 7_000_002]]],
                    ["ids": [7_000_002]],
                ]
            ),
            ("link", [["url": ""], ["text": "A"], "https://a.example"]),
            ("email", [["email": "nobody"], ["text": "A"]]),
            ("phone", [["phone": ""], ["phone": "call me"]]),
            ("country", [["countryCode": "us"], ["countryName": "United States"]]),
            ("checkbox", [["checked": true], ["checked": "yes"], true]),
            ("rating", [["rating": 6], ["rating": 0], 4]),
            ("location", [["lat": "x", "lng": "1"], ["address": "There"]]),
            (
                "board_relation",
                [["item_ids": [.number(Int(item) ?? 0)]], ["item_ids": [1]], ["linkedPulseIds": []], "1"]
            ),
            ("file", [["files": []], "a"]),
        ]
        for (type, values) in cases {
            for value in values {
                let answer = try await place.change(
                    item,
                    .object(["c_\(type)": value, "name": "renamed"]),
                    on: board
                )
                #expect(answer.mondayCode == "ColumnValueException", "\(type) \(value.text()): \(answer.text)")
                let told = try answer["errors"][0]["extensions"]["error_data"]["column_type"].string()
                #expect(told == type)
            }
        }
        for type in [
            "formula", "mirror", "item_id", "creation_log", "last_updated", "auto_number", "button", "time_tracking",
            "vote", "progress",
        ] {
            for value: JSON in ["x", .null, ["index": 1]] {
                let answer = try await place.change(item, .object(["c_\(type)": value]), on: board)
                #expect(answer.mondayCode == "ColumnValueException", "\(type) \(value.text())")
            }
        }
        // Nothing of a refused write is written.
        let read = try await place.data("query($i: [ID!]) { items(ids: $i) { name } }", ["i": [.string(item)]])
        #expect(try read["items"][0]["name"].string() == "one")
    }

    @Test @OnLoop func `keep connected boards for one mutation, and plain text for simple types`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        let item = try await place.createItem("one")
        func change(_ name: String, _ column: String, _ value: String) async throws -> String? {
            try await place.ask(
                "mutation($b: ID!, $i: ID!, $c: String!, $v: \(name == "change_column_value" ? "JSON!" : "String")) { \(name)(board_id: $b, item_id: $i, column_id: $c, value: $v) { id } }",
                ["b": .string(place.board), "i": .string(item), "c": .string(column), "v": .string(value)]
            ).mondayCode
        }
        #expect(try await change("change_column_value", "vendor_link", #"{"item_ids":[]}"#) == "ColumnValueException")
        #expect(try await change("change_simple_column_value", "vendor_link", "1") == "CorrectedValueException")
        for (column, value, text) in [
            ("status", "Paid", "Paid"), ("status", "1", "Open"),
            ("vendor", "1, 2", "Fabrikam, Inc., First Up Consultants"),
            ("amount", "7.5", "7.5"), ("due_date", "2026-12-01 09:00:00", "2026-12-01 09:00"), ("erp_key", "k", "k"),
        ] {
            #expect(try await change("change_simple_column_value", column, value) == nil)
            #expect(try await place.value(item, column)["text"].string() == text)
            #expect(try await change("change_simple_column_value", column, "") == nil)
            #expect(try await change("change_column_value", column, "null") == nil)
        }
        #expect(try await change("change_simple_column_value", "name", "two") == nil)
        #expect(try await change("change_column_value", "name", "\"three\"") == nil)
        #expect(try await change("change_column_value", "status", "{}") == nil)
        #expect(try await change("change_simple_column_value", "gone", "x") == "InvalidColumnIdException")
        let read = try await place.data("query($i: [ID!]) { items(ids: $i) { name } }", ["i": [.string(item)]])
        #expect(try read["items"][0]["name"].string() == "three")
    }

    @Test @OnLoop func `make labels only when they are told to`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        let item = try await place.createItem("one")
        let write: JSON = ["vendor": ["labels": ["Contoso"]], "status": ["label": "Posted"]]
        let refused = try await place.change(item, write)
        #expect(
            refused.mondayCode == "ColumnValueException" && refused.message.contains("1: Fabrikam, Inc."),
            "\(refused.text)"
        )
        #expect(try await place.change(item, write, createsLabels: true).mondayCode == nil)
        let value = try await place.value(item, "vendor", "... on DropdownValue { values { id } }")
        #expect(try value["values"][0]["id"].string() == "5")
        #expect(try await place.value(item, "status", "... on StatusValue { index }")["index"].int() == 6)
        // A write that fails makes no labels either.
        let failed: JSON = ["vendor": ["labels": ["Nobody"]], "amount": "x"]
        #expect(try await place.change(item, failed, createsLabels: true).mondayCode == "ColumnValueException")
        #expect(try await place.change(item, ["vendor": ["labels": ["Nobody"]]]).mondayCode == "ColumnValueException")
        let long: JSON = ["status": ["label": .string(String(repeating: "l", count: 31))]]
        #expect(try await place.change(item, long, createsLabels: true).mondayCode == "INVALID_INPUT")
    }

    @Test @OnLoop func `replace label lists whole, at their revision, with one deletion at most`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        var revision = ""
        func update(_ labels: JSON, at: String? = nil) async throws -> Place.Answer {
            let answer = try await place.ask(
                """
                mutation($b: ID!, $r: String!, $s: UpdateDropdownColumnSettingsInput) {
                  update_dropdown_column(board_id: $b, id: "vendor", revision: $r, settings: $s) { id settings revision }
                }
                """,
                ["b": .string(place.board), "r": .string(at ?? revision), "s": ["labels": labels]]
            )
            if let new = try? answer["data"]["update_dropdown_column"]["revision"].string() { revision = new }
            return answer
        }
        let columns = try await place.data(
            "query($b: [ID!]) { boards(ids: $b) { columns(ids: [\"vendor\"]) { revision } } }",
            ["b": [.string(place.board)]]
        )
        revision = try columns["boards"][0]["columns"][0]["revision"].string()
        let first = revision
        let four: [JSON] = [
            ["id": 1, "label": "Fabrikam"], ["id": 2, "label": "First Up"],
            ["id": 3, "label": "Graphic", "is_deactivated": true],
            ["id": 4, "label": "Wide World"],
        ]
        let grown = try await update(.array(four + [["label": "Contoso"]]))
        let labels = grown["data"]["update_dropdown_column"]["settings"]["labels"]
        #expect(
            try labels[4]["id"].int() == 5 && labels[2]["is_deactivated"].bool()
                && labels[0]["label"].string() == "Fabrikam"
        )
        #expect(revision != first)
        #expect(try await update(.array(four), at: first).mondayCode == "REVISION_MISMATCH")
        #expect(try await update(.array(Array(four.prefix(3)))).mondayCode == "INVALID_INPUT")
        #expect(try await update(.array(four + [["label": "New"]])).mondayCode == "INVALID_INPUT")
        #expect(try await update(.array(four + [["id": 9, "label": "Unknown"]])).mondayCode == "INVALID_INPUT")
        #expect(try await update(.array(four)).mondayCode == nil)
        let item = try await place.createItem("one")
        #expect(try await place.change(item, ["vendor": ["ids": [3]]]).mondayCode == "ColumnValueException")

        let wrongType = try await place.ask(
            "mutation($b: ID!, $r: String!) { update_status_column(board_id: $b, id: \"vendor\", revision: $r) { id } }",
            ["b": .string(place.board), "r": .string(revision)]
        )
        #expect(wrongType.mondayCode == "InvalidArgumentException")
        let many = (0..<41).map { place -> JSON in
            ["label": .string("l\(place)"), "color": "teal", "index": .number(min(place, 39))]
        }
        let tooMany = try await place.ask(
            "mutation($b: ID!, $d: CreateStatusColumnSettingsInput) { create_status_column(board_id: $b, title: \"t\", defaults: $d) { id } }",
            ["b": .string(place.board), "d": ["labels": .array(many)]]
        )
        #expect(tooMany.mondayCode == "INVALID_INPUT")
    }
}

extension JSON {
    /// An object whose names are computed.
    fileprivate static func object(_ members: KeyValuePairs<String, JSON>) -> JSON {
        var object = Object()
        for (name, value) in members { object[name] = value }
        return .object(object)
    }
}
