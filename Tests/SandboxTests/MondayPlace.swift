import Core
import Sandbox
import Testing
import Transport

/// A Monday simulator on a free port, and a client that asks it over real HTTP.
@OnLoop final class MondayPlace {
    let place: Place
    let monday: MondaySimulator
    let clock = SandboxClock()
    let token = "a-token-of-this-test"

    init(_ change: (inout MondayOptions) -> Void = { _ in }) throws {
        var options = MondayOptions()
        options.mutationMilliseconds = 0
        options.hookDelayMilliseconds = 0
        change(&options)
        monday = MondaySimulator(clock: clock, token: token, options: options)
        place = try Place([monday], clock: clock)
    }

    func close() { place.close() }

    var board: String { "\(monday.board)" }
    var vendors: String { "\(monday.vendorBoard)" }

    /// Asks once, and waits for the answer: until libcurl knows how a server speaks, it sends it one request at a time.
    func warm() async throws {
        #expect(try await ask("{ __typename }").status == 200)
    }

    /// The raw answer to any request.
    func post(_ body: String, _ headers: [(String, String)]? = nil, key: String? = nil) async throws -> Place.Answer {
        var headers =
            headers ?? [
                ("Authorization", token), ("Content-Type", "application/json"), ("API-Version", "2026-10"),
            ]
        if let key { headers.append(("Idempotency-Key", key)) }
        return try await place.send(.post, monday.address + "/v2", headers, body: body)
    }

    func ask(_ query: String, _ variables: JSON = [:], key: String? = nil) async throws -> Place.Answer {
        let body: JSON = ["query": .string(query), "variables": variables]
        return try await post(body.text(), key: key)
    }

    /// What stands under `data`; the answer must have no error.
    func data(
        _ query: String,
        _ variables: JSON = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> JSONField {
        let answer = try await ask(query, variables)
        let isClean = answer.status == 200 && answer["errors"].value == nil
        #expect(isClean, "\(answer.status) \(answer.text)", sourceLocation: sourceLocation)
        return answer["data"]
    }

    func createItem(_ name: String, _ values: JSON = [:], on board: String? = nil) async throws -> String {
        let data = try await data(
            "mutation($b: ID!, $n: String!, $v: JSON) { create_item(board_id: $b, item_name: $n, column_values: $v) { id } }",
            ["b": .string(board ?? self.board), "n": .string(name), "v": .string(values.text())]
        )
        return try data["create_item"]["id"].string()
    }

    /// Writes columns, and gives the answer whatever it is.
    func change(
        _ item: String,
        _ values: JSON,
        createsLabels: Bool = false,
        on board: String? = nil
    ) async throws
        -> Place.Answer
    {
        try await ask(
            """
            mutation($b: ID!, $i: ID!, $v: JSON!, $c: Boolean) {
              change_multiple_column_values(board_id: $b, item_id: $i, column_values: $v, create_labels_if_missing: $c) { id }
            }
            """,
            [
                "b": .string(board ?? self.board), "i": .string(item), "v": .string(values.text()),
                "c": .bool(createsLabels),
            ]
        )
    }

    /// One column of an item, with `fields` of its own type.
    func value(_ item: String, _ column: String, _ fields: String = "") async throws -> JSONField {
        let data = try await data(
            "query($i: [ID!], $c: [String!]) { items(ids: $i) { column_values(ids: $c) { __typename id type text value \(fields) } } }",
            ["i": [.string(item)], "c": [.string(column)]]
        )
        return data["items"][0]["column_values"][0]
    }

    func option(_ body: String) async throws {
        #expect(try await place.control(.patch, "/control/monday/options", body).status == 200)
    }

    func fact(_ name: String) async throws -> JSONField { try await place.facts("monday")[name] }
}

extension Place.Answer {
    /// The code of the first error, wherever it stands.
    var mondayCode: String? {
        (try? self["errors"][0]["extensions"]["code"].string()) ?? (try? self["error_code"].string())
    }

    var message: String { (try? self["errors"][0]["message"].string()) ?? "" }
}
