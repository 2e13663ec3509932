import Core
import Testing

@Suite struct `a JSON value` {
    @Test func `keeps the order of members and the text of numbers`() throws {
        let text = #"{"z":1.10,"a":[-0,1E5,0.1000],"m":{"é":"\"\\\u0001\n/"},"n":null,"t":true}"#
        #expect(try JSON.parse(text).text() == text)
    }

    @Test func `is written for people with two spaces a level`() throws {
        let json: JSON = ["board": "1", "routes": [["a": 1], []], "none": [:]]
        #expect(
            json.text(.pretty) == """
                {
                  "board": "1",
                  "routes": [
                    {
                      "a": 1
                    },
                    []
                  ],
                  "none": {}
                }
                """
        )
        #expect(try JSON.parse(json.text(.pretty)) == json)
    }

    @Test func `holds money exactly`() throws {
        let json = try JSON.parse(#"{"amount": 0.1, "total": 12345678901234567890.123456789}"#)
        #expect(
            try JSONField(json)["amount"].decimal() + JSONField(json)["total"].decimal()
                == Decimal("12345678901234567890.223456789")
        )
        #expect(JSON.number(try #require(Decimal("-10.00"))).text() == "-10.00")
    }

    @Test func `tells spellings of a letter apart`() throws {
        #expect(JSON.string("\u{E9}") != JSON.string("e\u{301}"))
        let json = try JSON.parse("{\"\u{E9}\":1,\"e\u{301}\":2}")
        #expect(try JSONField(json)["e\u{301}"].int() == 2)
    }

    @Test func `finds, changes and removes members, few or many`() throws {
        for count in [3, 16, 17, 18, 200] {
            var object = JSON.Object()
            for number in 0..<count { object["n\(number)"] = .number(number) }
            object["n1"] = "changed"
            object["n0"] = nil
            object["new"] = true
            #expect(object.count == count)
            #expect(object["n0"] == nil)
            #expect(object["n1"] == "changed")
            #expect(object["n\(count - 1)"] == .number(count - 1))
            #expect(object.members.first?.name == "n1")
            #expect(object.members.last?.name == "new")
            #expect(try JSON.parse(JSON.object(object).text()) == .object(object))
        }
    }

    @Test func `refuses a repeated name among thousands without comparing each with each`() throws {
        let names = (0..<50_000).map { "\"member\($0)\":0" }
        #expect(throws: Never.self) { try JSON.parse("{\(names.joined(separator: ","))}") }
        let error = try #require(throws: JSONError.self) {
            try JSON.parse("{\((names + [names[123]]).joined(separator: ","))}")
        }
        #expect(error.expected == JSONError.uniqueName)
    }
}

@Suite struct `a field of a document` {
    private let document = JSONField([
        "name": "bc-board", "poll": nil, "live": true,
        "limits": ["monday": ["mutationsPerMinute": "40", "share": "half"]], "boards": [1, "two", 3_000],
    ])

    @Test func `gives what stands there`() throws {
        #expect(try document["name"].string() == "bc-board")
        #expect(try document["live"].bool())
        #expect(try document["boards"].elements().first?.int() == 1)
        #expect(try document["limits"].members().map(\.name) == ["monday"])
        #expect(document["poll"].orNil == nil)
        #expect(document["nowhere"]["deep"].orNil == nil)
        #expect(try document["name"].orNil?.string() == "bc-board")
    }

    @Test func `says where and what when something else stands there`() throws {
        func problem(_ body: () throws -> Void) throws -> String {
            try #require(throws: JSONField.Wrong.self) { try body() }.description
        }
        let monday = document["limits"]["monday"]
        #expect(
            try problem { _ = try monday["mutationsPerMinute"].int() }
                == "limits.monday.mutationsPerMinute: expected a number, found a string"
        )
        #expect(try problem { _ = try monday["perDay"].int() } == "limits.monday.perDay: missing; expected a number")
        #expect(try problem { _ = try document["boards"][1].int() } == "boards[1]: expected a number, found a string")
        #expect(try problem { _ = try document["boards"][9].int() } == "boards[9]: missing; expected a number")
        #expect(
            try problem { _ = try document["boards"][2].int(in: 1...100) }
                == "boards[2]: expected a whole number from 1 to 100"
        )
        #expect(try problem { _ = try document.string() } == "the document: expected a string, found an object")
        #expect(
            try problem { try monday.allowOnly(["mutationsPerMinute", "perDay"]) }
                == "limits.monday.share: unknown name; known here: mutationsPerMinute, perDay"
        )
    }
}

@Suite(.timeLimit(.minutes(1))) struct `a hostile document` {
    /// Two spellings of one letter, fifteen times: 32,768 names that Swift calls equal and hashes alike.
    @Test func `is read as fast as any, whatever its names are`() throws {
        var names = [""]
        for _ in 0..<15 { names = names.flatMap { [$0 + "\u{E9}", $0 + "e\u{301}"] } }
        let text = "{" + names.map { "\"\($0)\":1" }.joined(separator: ",") + "}"
        guard case .object(let object) = try JSON.parse(text) else {
            Issue.record("not an object")
            return
        }
        #expect(object.count == 32_768)
    }
}
