import Core
import Testing

@Suite struct `a JSON reader` {
    private struct Invoice: Equatable {
        var number = ""
        var amount: Decimal?
        var lines: [Int] = []
        var posted = false
    }

    private func invoices(in text: String) throws -> [Invoice] {
        var invoices: [Invoice] = []
        try JSONReader.read(Array(text.utf8).span) { reader in
            try reader.object { reader, name in
                guard name == "value" else { return try reader.skip() }
                try reader.array { reader in
                    var invoice = Invoice()
                    try reader.object { reader, name in
                        switch name {
                        case "number": invoice.number = try reader.string()
                        case "totalAmountIncludingTaxInLocalCurrency":
                            invoice.amount = try reader.orNull { try $0.decimal() }
                        case "lines": try reader.array { invoice.lines.append(try $0.int()) }
                        case "posted": invoice.posted = try reader.bool()
                        default: try reader.skip()
                        }
                    }
                    invoices.append(invoice)
                }
            }
        }
        return invoices
    }

    @Test func `reads a page row by row and skips what nobody asked for`() throws {
        let rows = try invoices(
            in: """
                \u{FEFF}{ "@odata.context": "x", "value": [
                  {"number": "A-1", "totalAmountIncludingTaxInLocalCurrency": 100.00, "lines": [1, 2.0, 3e1], "posted": true},
                  {"extra": {"deep": [null, true, -0.5e-3, "\\u0041"]}, "number": "Z\\u00fcrich \\ud83d\\ude00 \\/\\n",
                   "totalAmountIncludingTaxInLocalCurrency": null, "nu\\u006dber": "by an escaped name"}
                ] }
                """
        )
        #expect(rows.count == 2)
        #expect(rows[0] == Invoice(number: "A-1", amount: Decimal("100"), lines: [1, 2, 30], posted: true))
        #expect(rows[0].amount?.text == "100.00")
        #expect(rows[1].number == "by an escaped name")
        #expect(rows[1].amount == nil)
    }

    @Test func `decodes every escape`() throws {
        #expect(try read(#""\"\\\/\b\f\n\r\tA\u00e9\uD83D\uDE00\u0000""#) == "\"\\/\u{8}\u{C}\n\r\tA\u{E9}\u{1F600}\0")
        #expect(try read("\"plain ASCII of more than sixteen bytes\"") == "plain ASCII of more than sixteen bytes")
        #expect(try read("\"sieben Stück, ünïcödé, 日本語, 😀\"") == "sieben Stück, ünïcödé, 日本語, 😀")
    }

    private func read(_ text: String) throws -> String {
        try JSONReader.read(Array(text.utf8).span) { try $0.string() }
    }

    @Test(arguments: valid) func `takes what RFC 8259 allows`(text: String) throws {
        try skip(Array(text.utf8))
        _ = try JSON.parse(text)
    }

    private static let valid = [
        "0", "-0", "-0.0", "1E+10", "12.5e-3", #""""#, "[]", "{}", "[[], {}]", " \t\r\n null \n",
        #"{"":"","a":[1,2,{"b":false}]}"#, "\"\u{7F}\u{2028}\"", #""\ud800\udc00""#,
    ]

    /// Skipping and reading are different code; both have to refuse.
    @Test(arguments: invalid)
    func `refuses everything else, read or skipped`(text: String, offset: Int, expected: String) throws {
        let skipping = try #require(throws: JSONError.self) { try skip(Array(text.utf8)) }
        let parsing = try #require(throws: JSONError.self) { _ = try JSON.parse(text) }
        #expect(skipping == parsing)
        #expect(skipping.offset == offset)
        #expect(skipping.expected == expected)
    }

    private static let invalid: [(String, Int, String)] = [
        ("", 0, "a value"), ("   ", 3, "a value"), ("nul", 0, "null"), ("True", 0, "a value"), ("nan", 0, "null"),
        ("[1,]", 3, "a value"), ("[1 2]", 3, "a comma or ]"), ("[", 1, "a value"), ("[1", 2, "a comma or ]"),
        (#"{"a"}"#, 4, "a colon"), (#"{"a":}"#, 5, "a value"), (#"{"a":1,}"#, 7, "a name in double quotes"),
        ("{a:1}", 1, "a name in double quotes"), (#"{"a":1"#, 6, "a comma or }"), ("1 2", 2, "the end of the text"),
        ("01", 1, "no digit after a leading zero"), ("-", 1, "a digit"), ("1.", 2, "a digit"), (".5", 0, "a value"),
        ("1e", 2, "a digit"), ("1e+", 3, "a digit"), ("+1", 0, "a value"), ("0x10", 1, "the end of the text"),
        ("\"abc", 4, "a closing quote"), ("\"abc\\", 5, "a closing quote"),
        ("\"a\nb\"", 2, "an escape instead of a bare control character"),
        (#""\x41""#, 2, #"one of " \ / b f n r t u after the backslash"#),
        (#""\u12g4""#, 5, "four hex digits"), (#""\u+123""#, 3, "four hex digits"), (#""\u12"#, 5, "four hex digits"),
        (#""\ud83d""#, 1, "a surrogate pair, of which this is one half"),
        (#""\ud83dA""#, 1, "a surrogate pair, of which this is one half"),
        (#""\ud83d\ud83d""#, 1, "a surrogate pair, of which this is one half"),
        (#""\ude00""#, 1, "a surrogate pair, of which this is one half"),
        ("'a'", 0, "a value"), ("[1] // no", 4, "the end of the text"), ("\0", 0, "a value"),
    ]

    @Test(arguments: [
        [0x80], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0xFF],
        [0xF0, 0x82, 0x82, 0xAC],
    ])
    func `refuses strings and names that are not UTF-8`(bad: [UInt8]) throws {
        for (before, after) in [("[\"", "\"]"), ("[\"a few more bytes \u{E9}", " and more\"]"), ("{\"", "\":1}")] {
            let text = Array(before.utf8) + bad + Array(after.utf8)
            let skipping = try #require(throws: JSONError.self) { try skip(text) }
            let parsing = try #require(throws: JSONError.self) { _ = try JSON.parse(text.span) }
            #expect(skipping == parsing)
            #expect(skipping.expected == "UTF-8")
            #expect(skipping.offset == before.utf8.count)
        }
    }

    private func skip(_ text: [UInt8]) throws {
        try JSONReader.read(text.span) { try $0.skip() }
    }

    @Test(arguments: 0..<24) func `sees what ends a string wherever in eight bytes it stands`(place: Int) throws {
        let plain = String(repeating: "x", count: place)
        #expect(try read("\"\(plain)\"") == plain)
        #expect(try read("\"\(plain)\\n\"") == plain + "\n")
        #expect(try read("\"\(plain)!#[]\u{7F}é!\"") == plain + "!#[]\u{7F}é!")
        let bare = try #require(throws: JSONError.self) { try skip(Array("\"\(plain)\u{1F}\"".utf8)) }
        #expect(bare.offset == place + 1)
    }

    @Test func `stops at 64 levels, or at those it is given`() throws {
        func nested(_ levels: Int) -> [UInt8] {
            Array((String(repeating: "[", count: levels) + String(repeating: "]", count: levels)).utf8)
        }
        try skip(nested(64))
        #expect(try #require(throws: JSONError.self) { try skip(nested(65)) }.expected == "at most 64 levels")
        #expect(throws: JSONError.self) { try JSON.parse(nested(65).span) }
        #expect(throws: JSONError.self) { try JSON.parse(nested(3).span, maxDepth: 2) }
        // An endless nesting must not reach the end of the stack.
        #expect(throws: JSONError.self) { try skip(Array(repeating: UInt8(ascii: "["), count: 1_000_000)) }
        // Levels that were left again do not count.
        try skip(Array("[\(Array(repeating: "[]", count: 100).joined(separator: ","))]".utf8))
    }

    @Test func `says line and column as an editor counts them`() throws {
        let error = try #require(throws: JSONError.self) { _ = try JSON.parse("{\n  \"é\": 1,\n  \"日本\" 2\n}") }
        #expect(error.description == "line 3, column 8: expected a colon")
    }

    @Test func `shows members of one name, which the value refuses`() throws {
        var seen: [Int] = []
        try JSONReader.read(Array(#"{"a":1,"a":2}"#.utf8).span) { reader in
            try reader.object { reader, _ in seen.append(try reader.int()) }
        }
        #expect(seen == [1, 2])
        let error = try #require(throws: JSONError.self) { _ = try JSON.parse(#"{"a":1, "\u0061":2}"#) }
        #expect(error.expected == JSONError.uniqueName)
        #expect(error.offset == 8)
    }

    @Test func `tells what comes next without taking it`() throws {
        var kinds: [JSONReader.Kind] = []
        try JSONReader.read(Array(#"[{}, [], "", -1, true, null]"#.utf8).span) { reader in
            try reader.array { reader in
                kinds.append(try reader.kind())
                try reader.skip()
            }
        }
        #expect(kinds == [.object, .array, .string, .number, .bool, .null])
    }

    @Test(arguments: ["1.5", "9223372036854775808", "1e19", "1e-1"])
    func `refuses a number that is no whole number`(text: String) {
        #expect(throws: JSONError.self) { try JSONReader.read(Array(text.utf8).span) { try $0.int() } }
    }

    @Test func `compares names of every length by their bytes`() throws {
        let long = String(repeating: "n", count: 40)
        var met: [String] = []
        try JSONReader.read(Array("{\"\":0,\"ab\":0,\"abc\":0,\"e\u{301}\":0,\"\(long)\":0}".utf8).span) { reader in
            try reader.object { reader, name in
                switch name {
                case "": met.append("empty")
                case "ab": met.append("ab")
                case "é": met.append("composed, which was not sent")
                case "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn": met.append("long")
                default: met.append(name.text)
                }
                try reader.skip()
            }
        }
        #expect(met == ["empty", "ab", "abc", "e\u{301}", "long"])
    }

    @Test func `ends the process when a member is left unread`() async {
        await #expect(processExitsWith: .failure) {
            try JSONReader.read(Array(#"{"a":1}"#.utf8).span) { try $0.object { _, _ in } }
        }
    }
}
