import Core
import Sandbox
import Testing
import Transport

@Suite(.onLoop) struct `Monday's scans` {
    @OnLoop private func fill(_ place: MondayPlace, _ count: Int) async throws {
        for number in 0..<count {
            let values: JSON = [
                "erp_key": .string("key-\(number)"), "amount": .string("\(number)"),
                "status": ["index": .number(number % 3)],
                "due_date": ["date": .string("2026-12-\(10 + number)")],
            ]
            let body: JSON = ["name": .string("PI-\(number)"), "values": values]
            let answer = try await place.place.control(
                .post,
                "/control/monday/boards/\(place.board)/items",
                body.text()
            )
            #expect(answer.status == 200, "\(answer.text)")
        }
    }

    private let page = """
        query($b: [ID!], $l: Int!, $q: ItemsQuery) { boards(ids: $b) { items_page(limit: $l, query_params: $q) { cursor items { id name } } } }
        """
    private let next =
        "query($c: String!, $l: Int!) { next_items_page(cursor: $c, limit: $l) { cursor items { id name } } }"

    @OnLoop private func first(_ place: MondayPlace, limit: Int, _ query: JSON = .null) async throws -> JSONField {
        try await place.data(page, ["b": [.string(place.board)], "l": .number(limit), "q": query])["boards"][0][
            "items_page"
        ]
    }

    private func names(_ page: JSONField) throws -> [String] {
        try page["items"].elements().map { try $0["name"].string() }
    }

    @Test @OnLoop func `show every item once, in an order of their own`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        try await fill(place, 12)
        var orders: Set<[String]> = []
        for _ in 0..<4 {
            var page = try await first(place, limit: 5)
            var seen = try names(page)
            while let cursor = page["cursor"].orNil {
                page = try await place.data(next, ["c": .string(try cursor.string()), "l": 5])["next_items_page"]
                seen += try names(page)
            }
            #expect(seen.count == 12 && Set(seen).count == 12)
            orders.insert(seen)
        }
        #expect(orders.count > 1)
        let ordered = try await first(place, limit: 500, ["order_by": [["column_id": "amount", "direction": "desc"]]])
        #expect(try names(ordered) == (0..<12).reversed().map { "PI-\($0)" })
        // Without a limit there are 25 at most, and nobody says so.
        #expect(try names(try await first(place, limit: 25)).count == 12)
    }

    @Test(arguments: [false, true])
    @OnLoop func `end an hour after they began, whatever they read since`(isLegacy: Bool) async throws {
        let place = try MondayPlace { $0.legacyCursorError = isLegacy }
        defer { place.close() }
        try await fill(place, 6)
        let start = try await first(place, limit: 2)
        place.clock.advance(by: .seconds(3_000))
        let second = try await place.data(next, ["c": start["cursor"].value ?? .null, "l": 2])["next_items_page"]
        // The same cursor once more gives the same page.
        let again = try await place.data(next, ["c": start["cursor"].value ?? .null, "l": 2])["next_items_page"]
        #expect(try names(second) == names(again))
        place.clock.advance(by: .seconds(599))
        #expect(try await place.ask(next, ["c": second["cursor"].value ?? .null, "l": 2]).mondayCode == nil)
        place.clock.advance(by: .seconds(2))
        let late = try await place.ask(next, ["c": second["cursor"].value ?? .null, "l": 2])
        #expect(late.status == 200)
        if isLegacy {
            #expect(try late["error_code"].string() == "CursorException")
            #expect(try late["error_message"].string().hasPrefix("CursorExpiredError"))
        } else {
            #expect(late.mondayCode == "CursorExpiredError" && late["data"].value == .null)
        }
    }

    @Test @OnLoop func `refuse a cursor beside a question`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        try await fill(place, 3)
        let cursor = try await first(place, limit: 1)["cursor"].value ?? .null
        let both = try await place.ask(
            "query($b: [ID!], $c: String) { boards(ids: $b) { items_page(cursor: $c, query_params: {}) { cursor } } }",
            ["b": [.string(place.board)], "c": cursor]
        )
        #expect(both.mondayCode == "InvalidArgumentException")
        let columns = try await place.ask(
            "query($b: ID!, $c: String) { items_page_by_column_values(board_id: $b, cursor: $c, columns: [{column_id: \"amount\", column_values: [\"1\"]}]) { cursor } }",
            ["b": .string(place.board), "c": cursor]
        )
        #expect(columns.mondayCode == "InvalidArgumentException")
    }

    @Test @OnLoop func `filter as the vendor does, silences included`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        try await fill(place, 6)
        func found(_ rule: JSON) async throws -> [String] {
            let query: JSON = ["rules": [rule], "order_by": [["column_id": "amount"]]]
            return try names(try await first(place, limit: 100, query)).map { String($0.dropFirst(3)) }
        }
        #expect(try await found(["column_id": "status", "compare_value": [0, 2]]) == ["0", "2", "3", "5"])
        #expect(try await found(["column_id": "status", "compare_value": ["Draft"]]) == [])
        #expect(
            try await found(["column_id": "amount", "compare_value": 3, "operator": "greater_than_or_equals"]) == [
                "3", "4", "5",
            ]
        )
        #expect(
            try await found(["column_id": "amount", "compare_value": "3", "operator": "lower_than"]) == ["0", "1", "2"]
        )
        #expect(try await found(["column_id": "erp_key", "compare_value": ["key-4"]]) == ["4"])
        #expect(
            try await found(["column_id": "erp_key", "compare_value": "KEY-", "operator": "starts_with"]).count == 6
        )
        #expect(try await found(["column_id": "vendor", "compare_value": [], "operator": "is_empty"]).count == 6)
        #expect(try await found(["column_id": "vendor", "compare_value": [], "operator": "is_not_empty"]) == [])
        #expect(try await found(["column_id": "due_date", "compare_value": ["EXACT", "2026-12-12"]]) == ["2"])
        #expect(
            try await found([
                "column_id": "due_date", "compare_value": ["2026-12-11", "2026-12-13"], "operator": "between",
            ])
                == ["1", "2", "3"]
        )
        #expect(try await found(["column_id": "group", "compare_value": ["topics"]]).count == 6)
        #expect(try await found(["column_id": "group", "compare_value": ["posted"]]) == [])
        #expect(try await found(["column_id": "vendor_link", "compare_value": ["5"]]) == [])
        let either: JSON = [
            "operator": "or",
            "rules": [
                ["column_id": "amount", "compare_value": ["1"]], ["column_id": "name", "compare_value": ["PI-2"]],
            ],
        ]
        #expect(try names(try await first(place, limit: 100, either)).count == 2)
    }

    @Test @OnLoop func `find what changed since an instant, by the second or by the day`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        try await fill(place, 2)
        place.clock.advance(by: .seconds(60))
        let since = place.clock.now
        place.clock.advance(by: .seconds(1))
        let item = try await place.createItem("new")
        func changed() async throws -> [String] {
            let rule: JSON = [
                "column_id": "__last_updated__", "compare_value": ["EXACT", .string(since.text(fractionDigits: 0))],
                "operator": "greater_than_or_equals", "compare_attribute": "UPDATED_AT",
            ]
            let query: JSON = ["rules": [rule], "order_by": [["column_id": "__last_updated__", "direction": "asc"]]]
            return try names(try await first(place, limit: 100, query))
        }
        #expect(try await changed() == ["new"])
        _ = try await place.ask("mutation($i: ID!) { archive_item(item_id: $i) { id } }", ["i": .string(item)])
        #expect(try await changed() == [])
        try await place.option(#"{"comparesSeconds":false}"#)
        #expect(try await changed().count >= 2 || since.day != place.clock.now.day)
    }

    @Test @OnLoop func `find whole values without regard to case`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        try await fill(place, 4)
        func found(_ columns: JSON) async throws -> Int {
            try await place.data(
                "query($b: ID!, $c: [ItemsPageByColumnValuesQuery!]) { items_page_by_column_values(board_id: $b, columns: $c, limit: 100) { items { id } } }",
                ["b": .string(place.board), "c": columns]
            )["items_page_by_column_values"]["items"].elements().count
        }
        #expect(try await found([["column_id": "erp_key", "column_values": ["KEY-1", "key-2", "key"]]]) == 2)
        #expect(
            try await found([
                ["column_id": "erp_key", "column_values": ["key-1", "key-2"]],
                ["column_id": "amount", "column_values": ["2.0"]],
            ]) == 1
        )
        #expect(try await found([["column_id": "status", "column_values": ["open"]]]) == 1)
        #expect(try await found([["column_id": "name", "column_values": ["pi-3"]]]) == 1)
    }

    @Test @OnLoop func `may see a new item late`() async throws {
        let place = try MondayPlace { $0.searchDelayMilliseconds = 60_000 }
        defer { place.close() }
        let item = try await place.createItem("new", ["erp_key": "k"])
        #expect(try names(try await first(place, limit: 100)) == [])
        let read = try await place.data("query($i: [ID!]) { items(ids: $i) { name } }", ["i": [.string(item)]])
        #expect(try read["items"].elements().count == 1)
        place.clock.advance(by: .seconds(61))
        #expect(try names(try await first(place, limit: 100)) == ["new"])
    }
}
