import Core
import Testing

@Suite struct `a JSON5 reader` {
    @Test func `reads a connection as people write it`() throws {
        let json = try JSON.parse5(
            #"""
            // The board of the purchasing department.
            {
              tenant: 'acme', "name": "bc-board", /* kept
              in git */ $id_1: 0xFF, größe: .5, \u0061b: +12., c: -0x10, d: 1.50e+3,
              text: 'it\'s "one" \
            line\x21\0\v\q 😀 \ud83d\ude00',
              list: [1, -2,],
            }
            """#
        )
        #expect(
            json.text()
                == #"{"tenant":"acme","name":"bc-board","$id_1":255,"größe":0.5,"ab":12,"c":-16,"d":1.50e+3,"#
                + #""text":"it's \"one\" line!\u0000\u000bq 😀 😀","list":[1,-2]}"#
        )
    }

    @Test(arguments: [
        #"{"z":1.10,"a":[-0,1E5,0.1000],"m":{"é":"\"\\\u0001\n/"},"n":null,"t":true}"#, "[]", "  7 ", "\"\u{2028}\"",
    ])
    func `reads JSON as JSON is read`(text: String) throws {
        #expect(try JSON.parse5(text) == JSON.parse(text))
    }

    @Test(arguments: ["\n", "\r", "\r\n", "\u{2028}", "\u{2029}"])
    func `continues a string after any end of a line`(end: String) throws {
        #expect(try JSON.parse5("'a\\\(end)b'") == "ab")
        #expect(try JSON.parse5("// comment\(end)1\u{A0}\u{FEFF}\u{3000}") == 1)
    }

    @Test(arguments: invalid)
    func `says line, column and what was expected`(text: String, line: Int, column: Int, expected: String) throws {
        let error = try #require(throws: JSONError.self) { _ = try JSON.parse5(text) }
        #expect(error.line == line)
        #expect(error.column == column)
        #expect(error.expected == expected)
    }

    private static let invalid: [(String, Int, Int, String)] = [
        ("", 1, 1, "a value"), ("{\n  a: 1\n  b: 2\n}", 3, 3, "a comma or }"), ("{a 1}", 1, 4, "a colon"),
        ("{a:1,,}", 1, 6, "a name or }"), ("[,]", 1, 2, "a value"), ("[1 2]", 1, 4, "a comma or ]"),
        ("{1a: 1}", 1, 2, "a name or }"), ("{a: 1, 'a': 2}", 1, 8, JSONError.uniqueName),
        ("'a\nb'", 1, 3, "a closing quote, or a backslash to continue on the next line"),
        ("'a", 1, 3, "a closing quote"),
        ("/* never", 1, 1, "an end of this comment"), ("/x", 1, 1, "// or /*"), ("[1] 2", 1, 5, "the end of the text"),
        ("Infinity", 1, 1, "a number that JSON can hold"), ("NaN", 1, 1, "a number that JSON can hold"),
        ("-Infinity", 1, 2, "a digit"), ("010", 1, 1, "no digit after a leading zero"), (".", 1, 2, "a digit"),
        ("+", 1, 2, "a digit"), ("0x", 1, 3, "a hex digit"), ("1e", 1, 3, "a digit"), ("yes", 1, 1, "a value"),
        ("0x10000000000000000", 1, 1, "at most sixteen hex digits"), (#"'\1'"#, 1, 2, "an escape that is not a digit"),
        (#"'\01'"#, 1, 4, #"no digit after \0"#), (#"'\xZ1'"#, 1, 4, "two hex digits"),
        (#"'\ud83d'"#, 1, 2, "a surrogate pair, of which this is one half"), ("{\\u0020: 1}", 1, 2, "a letter"),
        (String(repeating: "[", count: 65), 1, 65, "at most 64 levels"),
    ]

    @Test func `refuses text that is not UTF-8 even in a comment`() throws {
        let error = try #require(throws: JSONError.self) { _ = try JSON.parse5(([0x2F, 0x2F, 0xFF] as [UInt8]).span) }
        #expect(error.offset == 2)
    }
}

@Suite struct `the places of a JSON5 text` {
    static let text = """
        // A board.
        {
          tenant: "acme",
          monday: { // here
            token: 7, 'a b': [
              1,
              { c: null },
            ],
          },
        }
        """

    @Test(arguments: [
        ("tenant", 3), ("monday", 4), ("monday.token", 5), ("monday.a b", 5), ("monday.a b[0]", 6),
        ("monday.a b[1].c", 7),
        // What is missing is looked for where it should be.
        ("monday.board", 4), ("monday.a b[5].d", 5), ("monday.token.file", 5), ("flow", 2), ("the document", 2),
        ("", 2), (".", 2), ("[3]", 2),
    ]) func `are known by line`(path: String, line: Int) throws {
        #expect(try JSON5Places(Self.text).line(of: path) == line)
    }

    @Test func `are not to be had of what cannot be read`() {
        #expect(throws: JSONError.self) { try JSON5Places("{") }
    }

    @Test func `has values replaced, and keeps everything around them`() throws {
        let text = "{ // a: 1\n  a: /* one */ 'x' , list: [ {b: 2}, { b : 3, }, ],\n  \"a.b\": 4 }"
        let places = try JSON5Places(text)
        #expect(
            places.replacing(["a": "\"new\"", "list[1].b": "33", "gone": "5"])
                == "{ // a: 1\n  a: /* one */ \"new\" , list: [ {b: 2}, { b : 33, }, ],\n  \"a.b\": 4 }"
        )
        #expect(places.replacing(["list": "[]"]) == "{ // a: 1\n  a: /* one */ 'x' , list: [],\n  \"a.b\": 4 }")
        #expect(places.replacing([:]) == text)
    }
}
