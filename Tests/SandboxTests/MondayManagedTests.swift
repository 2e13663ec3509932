import Core
import Sandbox
import Testing
import Transport

@Suite(.onLoop) struct `Monday's lists of labels` {
    private let update =
        "mutation($b: ID!, $r: String!, $s: UpdateDropdownColumnSettingsInput) { update_dropdown_column(board_id: $b, id: \"vendor\", revision: $r, settings: $s) { revision settings } }"

    @OnLoop private func column(_ place: MondayPlace, _ id: String) async throws -> JSONField {
        let data = try await place.data(
            "query($b: [ID!], $c: [String]) { boards(ids: $b) { columns(ids: $c) { id type revision settings } } }",
            ["b": [.string(place.board)], "c": [.string(id)]]
        )
        return data["boards"][0]["columns"][0]
    }

    @Test @OnLoop func `keep a label that a cell holds`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        _ = try await place.createItem("PI-1", ["vendor": ["ids": [1]]])
        let labels = try await column(place, "vendor")["settings"]["labels"].elements()
        func without(_ id: Int) throws -> JSON {
            let kept = try labels.filter { try $0["id"].int() != id }
            return [
                "labels": .array(
                    try kept.map { ["id": .number(try $0["id"].int()), "label": .string(try $0["label"].string())] }
                )
            ]
        }
        let revision = try await column(place, "vendor")["revision"].string()
        let used = try await place.ask(
            update,
            ["b": .string(place.board), "r": .string(revision), "s": try without(1)]
        )
        #expect(used.mondayCode == "INVALID_INPUT" && used.message.contains("in use"), "\(used.text)")
        let free = try await place.ask(
            update,
            ["b": .string(place.board), "r": .string(revision), "s": try without(2)]
        )
        #expect(free.mondayCode == nil, "\(free.text)")
    }

    @Test @OnLoop func `are the account's where a column is managed`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        let attach =
            "mutation($b: ID!) { attach_dropdown_managed_column(board_id: $b, managed_column_id: \"f01e6a70-2c4f\", title: \"Supplier\") { id title revision settings } }"
        let made = try await place.data(attach, ["b": .string(place.board)])["attach_dropdown_managed_column"]
        let id = try made["id"].string()
        #expect(try made["settings"]["labels"][0]["label"].string() == "ACME")
        let own = try await place.ask(
            "mutation($b: ID!, $i: String!, $r: String!, $s: UpdateDropdownColumnSettingsInput) { update_dropdown_column(board_id: $b, id: $i, revision: $r, settings: $s) { id } }",
            [
                "b": .string(place.board), "i": .string(id), "r": made["revision"].value ?? .null,
                "s": ["labels": [["id": 1, "label": "ACME"], ["label": "Other"]]],
            ]
        )
        #expect(own.mondayCode == "UserUnauthorizedException", "\(own.text)")
        let item = try await place.createItem("PI-1")
        let missing = try await place.change(item, [id: ["labels": ["Other"]]], createsLabels: true)
        #expect(missing.mondayCode == "UserUnauthorizedException", "\(missing.text)")
        let central =
            "mutation($r: Int!, $s: UpdateDropdownColumnSettingsInput) { update_dropdown_managed_column(id: \"f01e6a70-2c4f\", revision: $r, settings: $s) { revision settings_json } }"
        let wish: JSON = ["labels": [["id": 1, "label": "ACME"], ["label": "Other"]]]
        #expect(try await place.ask(central, ["r": 7, "s": wish]).mondayCode == "REVISION_MISMATCH")
        #expect(
            try await place.data(central, ["r": 0, "s": wish])["update_dropdown_managed_column"]["revision"].int() == 1
        )
        #expect(try await place.change(item, [id: ["labels": ["Other"]]]).mondayCode == nil)
        #expect(try await column(place, id)["settings"]["labels"].elements().count == 2)
    }

    @Test @OnLoop func `are edited by people too`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        let before = try await column(place, "status")["revision"].string()
        let path = "/control/monday/boards/\(place.board)/columns/status/labels"
        #expect(try await place.place.control(.post, path, #"{"label":"On hold"}"#).status == 200)
        #expect(try await place.place.control(.patch, path + "/6", #"{"label":"Waiting"}"#).status == 200)
        let item = try await place.createItem("PI-1", ["status": ["label": "Waiting"]])
        #expect(try await place.place.control(.delete, path + "/6").status == 400)
        #expect(try await place.place.control(.patch, path + "/6", #"{"deactivated":true}"#).status == 200)
        #expect(try await place.change(item, ["status": ["label": "Waiting"]]).mondayCode == "ColumnValueException")
        #expect(try await place.place.control(.delete, path + "/99").status == 404)
        #expect(try await column(place, "status")["revision"].string() != before)
        let managed = try await place.place.control(
            .post,
            "/control/monday/managed",
            #"{"title":"Site","labels":["A"]}"#
        )
        let id = try managed["id"].string()
        let attached = try await place.place.control(
            .post,
            "/control/monday/managed/\(id)/attach",
            #"{"board":"\#(place.board)"}"#
        )
        #expect(
            try await place.place.control(.patch, "/control/monday/managed/\(id)", #"{"labels":["A","B"]}"#).status
                == 200
        )
        #expect(try await column(place, try attached["id"].string())["settings"]["labels"].elements().count == 2)
    }

    @Test @OnLoop func `stand on boards whose groups and subitems people make`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        let boards = "/control/monday/boards/\(place.board)"
        let group = try await place.place.control(.post, boards + "/groups", #"{"title":"Later"}"#)["id"].string()
        let item = try await place.createItem("PI-1")
        #expect(
            try await place.place.control(.patch, "/control/monday/items/\(item)", #"{"group":"\#(group)"}"#).status
                == 200
        )
        let line = try await place.place.control(
            .post,
            "/control/monday/items/\(item)/subitems",
            #"{"name":"L1","values":{"amount":"3"}}"#
        )
        #expect(try line["board"].string() != place.board)
        #expect(try await place.place.control(.post, boards + "/groups/\(group)/archive").status == 200)
        #expect(try await place.place.control(.get, "/control/monday/items/\(item)")["state"].string() == "archived")
        #expect(try await place.place.control(.post, boards + "/items", #"{"name":"Many","count":50}"#).status == 200)
        #expect(try await place.place.control(.get, boards)["items"].int() == 50)
        let other = try await place.place.control(.get, boards + "/items").json
        let first = try JSONField(other)[1]["id"].string()
        let move =
            "mutation($b: ID!, $i: ID!, $m: [ColumnMappingInput!]) { move_item_to_board(board_id: $b, group_id: \"topics\", item_id: $i, columns_mapping: $m) { id board { id } } }"
        let wrong: JSON = [
            "b": .string(place.vendors), "i": .string(first), "m": [["source": "amount", "target": "erp_key"]],
        ]
        #expect(try await place.ask(move, wrong).mondayCode == "InvalidArgumentException")
        let moved = try await place.data(move, ["b": .string(place.vendors), "i": .string(first), "m": .null])
        #expect(try moved["move_item_to_board"]["board"]["id"].string() == place.vendors)
        #expect(try await place.place.control(.get, boards)["items"].int() == 49)
    }
}
