import Core
import Sandbox
import Testing
import Transport

@Suite struct `a GraphQL document` {
    private func faults(_ text: String) -> [String] {
        do {
            return MondaySchema.schema.faults(of: try GraphQL.Document(text)).map(\.message)
        } catch {
            return [error.message]
        }
    }

    // The verdicts on these lists were confirmed with another implementation (graphql-core) against the vendor's schema.

    @Test(arguments: [
        "{ me { id } }",
        "query Q { me { ...U } } fragment U on User { id name account { plan { tier } } }",
        "{ a: boards(ids: [1, \"2\"], limit: 5, state: all) { id } b: boards { ... on Board { id: name } __typename } }",
        "query($ids: [ID!], $on: Boolean!) { items(ids: $ids) { id @include(if: $on) name @skip(if: $on) } }",
        "query($l: Int = 7) { items(limit: $l) { id } }",
        "query($l: Int = 7) { next_items_page(cursor: \"c\", limit: $l) { cursor } }",
        "query($i: ID!) { items(ids: [$i]) { id } users(ids: [$i]) { id } }",
        "query($one: ID!) { items(ids: [$one]) { column_values { ... on StatusValue { x: label } ... on TextValue { x: text } } } }",
        "{ boards { items_page { items { column_values { ... on ColumnValue { id } ... on MirrorValue { display_value } } } } } }",
        "mutation { create_column(board_id: 1, title: \"t\", column_type: text, defaults: {a: [1, {b: null}], c: d}) { id } }",
        "query($q: ItemsQuery = {rules: [{column_id: \"a\", compare_value: [1]}]}) { boards { items_page(query_params: $q) { cursor } } }",
        "{ boards { items_page(query_params: {operator: or, rules: [{column_id: \"a\", compare_value: [\"x\", 1, null]}]}) { cursor } } }",
        "mutation($v: JSON!) { create_item(board_id: 1, item_name: \"n\", column_values: $v) { id } }",
        "# a comment, then commas,,,\n{ me, { id,,, name } }",
        #"mutation { create_item(board_id: 1, item_name: """a "quoted" name""") { id } }"#,
        #"mutation { create_item(board_id: 1, item_name: "\u00e9 \uD83D\uDE00 \u{1F600} \n") { id } }"#,
        "query A { me { id } } query B { account { id } }",
        "{ me { ...A ...B } } fragment A on User { id } fragment B on User { ...A name }",
    ])
    func `that is valid is accepted`(text: String) {
        #expect(faults(text) == [])
    }

    @Test(arguments: [
        ("{ me { nickname } }", "Cannot query field \"nickname\" on type \"User\"."),
        ("{ me }", "must have a selection"),
        ("{ me { id { x } } }", "must not have a selection"),
        ("{ items(id: 1) { id } }", "Unknown argument \"id\""),
        ("{ next_items_page { cursor } }", "\"cursor\" of type \"String!\" is required"),
        ("{ items(ids: [null]) { id } }", "found null"),
        ("{ items(limit: \"5\") { id } }", "type \"Int\""),
        ("{ items(limit: 3000000000) { id } }", "type \"Int\""),
        ("{ boards(state: \"all\") { id } }", "type \"State\""),
        ("{ boards(state: gone) { id } }", "type \"State\""),
        ("{ boards(ids: [1.5]) { id } }", "type \"ID\""),
        ("query($l: String) { items(limit: $l) { id } }", "used in position expecting type \"Int\""),
        ("query($c: String) { next_items_page(cursor: $c) { cursor } }", "expecting type \"String!\""),
        (
            "query($l: Int) { next_items_page(cursor: \"c\", limit: $l) { items { ...I } } } fragment I on Item { nope }",
            "nope"
        ),
        ("query($i: [ID]) { items(ids: $i) { id } }", "expecting type \"[ID!]\""),
        ("query($x: Int) { me { id } }", "\"$x\" is never used"),
        ("{ items(limit: $x) { id } }", "\"$x\" is not defined"),
        ("query($x: Int, $x: Int) { items(limit: $x) { id } }", "only one variable named"),
        ("query($x: Item) { me { id } }", "non-input type"),
        ("query($x: Nothing) { items(limit: $x) { id } }", "Unknown type \"Nothing\""),
        ("{ me { ...Nobody } }", "Unknown fragment"),
        ("{ me { id } } fragment U on User { id }", "never used"),
        ("{ me { ...U } } fragment U on Nothing { id }", "Unknown type"),
        ("{ me { ...U } } fragment U on Item { id }", "can never be of type"),
        ("{ me { ... on State { id } } }", "non composite type"),
        ("{ me { ...A } } fragment A on User { ...B } fragment B on User { ...A }", "within itself"),
        ("{ boards { items_page { items { column_values { ... on Item { id } } } } } }", "can never be of type"),
        ("{ me { a: id a: name } }", "conflict because"),
        ("{ boards(limit: 1) { id } boards(limit: 2) { id } }", "differing arguments"),
        (
            "{ items { column_values { ... on StatusValue { x: index } ... on TextValue { x: text } } } }",
            "conflicting types"
        ),
        ("{ me { id } } { account { id } }", "anonymous operation"),
        ("query A { me { id } } query A { me { id } }", "only one operation named"),
        ("{ me { id @upper } }", "Unknown directive"),
        ("{ me { id @skip } }", "\"if\" of type \"Boolean!\" is required"),
        ("query @skip(if: true) { me { id } }", "may not be used here"),
        ("{ me { id @skip(if: true) @skip(if: false) } }", "can only be used once"),
        ("{ items(limit: 1, limit: 1) { id } }", "only one argument named"),
        (
            "mutation { create_column(board_id: 1, title: \"t\", column_type: text, defaults: {a: 1, a: 2}) { id } }",
            "only one input field"
        ),
        ("{ boards { items_page(query_params: {rule: []}) { cursor } } }", "not defined by type \"ItemsQuery\""),
        (
            "{ boards { items_page(query_params: {rules: [{column_id: \"a\"}]}) { cursor } } }",
            "\"CompareValue!\" was not provided"
        ),
        (
            "{ boards { items_page(query_params: {rules: [{column_id: \"a\", compare_value: null}]}) { cursor } } }",
            "found null"
        ),
        ("{ me { id }", "Syntax Error"), ("{ }", "Syntax Error"), ("", "Syntax Error"), ("{ me(", "Syntax Error"),
        ("query($x: Int = $y) { items(limit: $x) { id } }", "constant"), ("{ a: 01 }", "Syntax Error"),
        ("{ me { id } } fragment on on User { id }", "Syntax Error"), ("type Query { a: Int }", "Syntax Error"),
        ("{ items(ids: [\"a\nb\"]) { id } }", "Unterminated string"), (#"{ items(ids: ["\x"]) { id } }"#, "escape"),
        (#"{ items(ids: ["\uD83D"]) { id } }"#, "Unicode"), ("{ me ? }", "Unexpected character"),
    ])
    func `that is not is refused, and said why`(text: String, why: String) {
        let found = faults(text)
        #expect(found.contains { $0.contains(why) }, "\(found)")
    }

    @Test func `is bounded in depth, length and repetition`() throws {
        let deep = String(repeating: "{ a ", count: 4_000) + String(repeating: "}", count: 4_000)
        #expect(faults(deep).first?.contains("more than 48 levels") == true)
        let lists = "{ items(ids: " + String(repeating: "[", count: 4_000) + ") { id } }"
        #expect(faults(lists).first?.contains("more than 48 levels") == true)
        #expect(faults("{ me { " + String(repeating: "id ", count: 30_000) + "} }").first?.contains("tokens") == true)
        #expect(faults(String(repeating: " ", count: 1 << 20) + "{ me { id } }").first?.contains("bytes") == true)
        // Each fragment spreads the one before twice: written out, this would be 2^40 fields.
        var bomb = "{ me { ...F40 } } fragment F0 on User { account { id } }"
        for level in 1...40 {
            bomb += " fragment F\(level) on User { ...F\(level - 1) account { id } ...F\(level - 1) }"
        }
        #expect(faults(bomb) == [] || faults(bomb).first?.contains("too many fields") == true)
        let same = "{ " + String(repeating: "me { id } ", count: 2_000) + "}"
        #expect(faults(same).first?.contains("too many fields") == true)
    }

    @Test func `says where it is wrong`() throws {
        #expect(faults("subscription { me { id } }") == ["Schema is not configured to execute subscription operation."])
        let document = try GraphQL.Document("{\n  items(ids: [\"é\"]) { nope }\n}")
        let fault = try #require(MondaySchema.schema.faults(of: document).first)
        #expect(fault.locations.map(\.line) == [2] && fault.locations.map(\.column) == [23])
        let syntax = #expect(throws: GraphQL.Fault.self) { try GraphQL.Document("{ me { id } ") }
        #expect(syntax?.locations.map(\.column) == [13])
    }
}
