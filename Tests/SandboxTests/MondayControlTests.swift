import Core
import Sandbox
import Testing
import Transport

@Suite(.onLoop) struct `people at a Monday board` {
    @Test @OnLoop func `edit, rename, put away and bring back items`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        let id = try await place.createItem("PI-1", ["amount": "5", "erp_key": "k"])
        let item = "/control/monday/items/\(id)"
        let edited = try await place.place.control(
            .patch,
            item,
            #"{"name":"By hand","values":{"amount":"6.50","status":{"label":"Paid"}}}"#
        )
        #expect(try edited["name"].string() == "By hand" && edited["updated_by"].int() == 7_000_002)
        #expect(try edited["values"]["amount"]["text"].string() == "6.5")
        #expect(try edited["values"]["status"]["value"]["index"].int() == 2)
        #expect(try await place.value(id, "amount")["text"].string() == "6.5")
        #expect(try await place.place.control(.post, item + "/archive")["state"].string() == "archived")
        #expect(try await place.change(id, ["amount": "7"]).mondayCode == "InvalidItemIdException")
        #expect(try await place.place.control(.post, item + "/restore")["state"].string() == "active")
        #expect(try await place.change(id, ["amount": "7"]).mondayCode == nil)
        let all = try await place.place.control(.get, "/control/monday/boards/\(place.board)/items")
        #expect(try JSONField(all.json).elements().count == 1)
        #expect(try JSONField(all.json)[0]["values"]["erp_key"]["value"].string() == "k")
    }

    @Test @OnLoop func `take a column away between reading and writing`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        let item = try await place.createItem("PI-1", ["currency": "EUR"])
        let column = "/control/monday/boards/\(place.board)/columns/currency"
        #expect(try await place.place.control(.patch, column, #"{"title":"Money"}"#).status == 200)
        #expect(try await place.change(item, ["currency": "USD"]).mondayCode == nil)
        #expect(try await place.place.control(.delete, column).status == 200)
        #expect(
            try await place.change(item, ["currency": "EUR", "amount": "1"]).mondayCode == "InvalidColumnIdException"
        )
        #expect(try await place.value(item, "amount")["text"].string() == "")
    }

    @Test @OnLoop func `are told what they cannot do`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        for (method, path, body, status) in [
            (HTTPClient.Method.get, "boards/1", "", 404), (.get, "items/1", "", 404), (.get, "nothing", "", 404),
            (.post, "boards", #"{"name":5}"#, 400),
            (.post, "boards", #"{"name":"b","columns":[{"type":"nonsense"}]}"#, 400),
            (.patch, "options", #"{"plan":"gold"}"#, 400), (.patch, "options", #"{"nonsense":1}"#, 400),
            (.post, "boards/\(place.board)/items", #"{"name":"n","values":{"gone":1}}"#, 400),
            (.delete, "boards/\(place.board)/columns/name", "", 400), (.delete, "webhooks/1", "", 404),
            (.post, "token/steal", "", 404),
        ] {
            let answer = try await place.place.control(method, "/control/monday/\(path)", body)
            #expect(answer.status == status, "\(path): \(answer.text)")
        }
    }

    @Test @OnLoop func `find the board and the token in the description`() async throws {
        let place = try MondayPlace()
        defer { place.close() }
        let told = try await place.place.control(.get, "/")["monday"]
        #expect(try told["apiURL"].string() == place.monday.address + "/v2")
        #expect(try told["token"].string() == place.token && told["board"].string() == place.board)
    }
}
