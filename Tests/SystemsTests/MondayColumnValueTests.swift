import Core
import Testing

@testable import Systems

private let day = Day("2026-12-01") ?? .first
private let later = Day("2026-12-15") ?? .first

@Suite struct `a value of a Monday cell` {
    private static func row(_ value: Monday.ColumnValue, _ text: String) -> (Monday.ColumnValue, String) {
        (value, text)
    }

    static let encodings: [(Monday.ColumnValue, String)] = [
        row(.name("PI-1 \"ACME\""), #""PI-1 \"ACME\"""#),
        row(.text("a\\b\n„ü“ 🧾 שלום"), #""a\\b\n„ü“ 🧾 שלום""#),
        row(.longText("abc\ndef"), #"{"text":"abc\ndef"}"#),
        row(.number(Decimal("1234.50") ?? 0), #""1234.50""#),
        row(.number(Decimal("-0.05") ?? 0), #""-0.05""#),
        row(.number(Decimal("12345678901234567890.123456789") ?? 0), #""12345678901234567890.123456789""#),
        row(.status(1), #"{"index":1}"#),
        row(.newStatus("Paid \"net\""), #"{"label":"Paid \"net\""}"#),
        row(.dropdown([1, 3]), #"{"ids":[1,3]}"#),
        row(.newDropdown(["ACME", "Globex, Inc."]), #"{"labels":["ACME","Globex, Inc."]}"#),
        row(.date(day), #"{"date":"2026-12-01"}"#),
        row(.moment(WallTime("2026-12-01T09:05:00.5Z") ?? .first), #"{"date":"2026-12-01","time":"09:05:00"}"#),
        row(.timeline(from: day, to: later), #"{"from":"2026-12-01","to":"2026-12-15"}"#),
        row(.week(from: Day("2026-11-30") ?? .first), #"{"week":{"startDate":"2026-11-30","endDate":"2026-12-06"}}"#),
        row(.hour(9, minute: 30), #"{"hour":9,"minute":30}"#),
        row(
            .people([.init(id: 7_000_002), .init(id: 51, isTeam: true)]),
            #"{"personsAndTeams":[{"id":7000002,"kind":"person"},{"id":51,"kind":"team"}]}"#
        ),
        row(.items(["1122334455"]), #"{"item_ids":[1122334455]}"#),
        row(
            .link(url: "https://a.example/?q=1&r=2", text: "Open"),
            #"{"url":"https://a.example/?q=1&r=2","text":"Open"}"#
        ),
        row(.email(address: "a@example.com", text: "A"), #"{"email":"a@example.com","text":"A"}"#),
        row(.phone("+12025550169", country: "US"), #"{"phone":"+12025550169","countryShortName":"US"}"#),
        row(.phone("+12025550169", country: nil), #"{"phone":"+12025550169"}"#),
        row(.country(code: "US", name: "United States"), #"{"countryCode":"US","countryName":"United States"}"#),
        row(.country(code: "US", name: nil), #"{"countryCode":"US"}"#),
        row(.checkbox(true), #"{"checked":"true"}"#),
        row(.checkbox(false), "null"),
        row(.rating(4), #"{"rating":4}"#),
        row(.tags([295_026]), #"{"tag_ids":[295026]}"#),
        row(
            .location(latitude: Decimal("32.07") ?? 0, longitude: Decimal("-34.79") ?? 0, address: "Ä"),
            #"{"lat":"32.07","lng":"-34.79","address":"Ä"}"#
        ),
    ]

    @Test(arguments: encodings)
    func `encodes to the JSON that Monday takes`(value: Monday.ColumnValue, text: String) {
        #expect(value.json.text() == text)
    }

    @Test func `is covered for every type that can be written`() {
        let writable = Set(Monday.ColumnType.allCases.filter { $0.refusal == nil })
        #expect(writable.count == 21)
        #expect(writable.isDisjoint(with: [.mirror, .formula, .file, .itemID, .creationLog, .lastUpdated, .vote]))
        #expect(Monday.ColumnType.allCases.allSatisfy { $0.refusal != "" })
        #expect(Monday.ColumnType(word: "connect_boards") == .boardRelation)
        #expect(Monday.ColumnType(word: "color") == nil)
    }

    @Test func `stands in one text with the others, sorted, and null empties`() throws {
        let text = Monday.columnValues([
            .init("status", .status(1)), .init("amount", .number(10)), .init("due", nil), .init("amount", .number(11)),
        ])
        #expect(text == #"{"amount":"11","due":null,"status":{"index":1}}"#)
        #expect(
            text == Monday.columnValues([.init("due", nil), .init("amount", .number(11)), .init("status", .status(1))])
        )
        #expect(Monday.columnValues([]) == "{}")
    }

    @Test func `survives any characters on its way`() throws {
        var random = MondayRandom(seed: 7)
        let pieces = [
            "\"", "\\", "\n", "\u{0}", "\u{1f}", "é", "e\u{301}", "🧾", "ﷺ", "'", "\r\n", "{", "\u{2028}", "x", "𝄞",
        ]
        for _ in 0..<500 {
            let text = (0..<12).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            let body = Monday.body(of: [
                .create(board: "1", group: nil, name: text, values: [.init("t", .text(text))], makeLabels: false)
            ])
            let request = JSONField(try JSON.parse(body.span))
            #expect(try Array(request["variables"]["n0"].string().utf8) == Array(text.utf8))
            let values = JSONField(try JSON.parse(try request["variables"]["v0"].string()))
            #expect(try Array(values["t"].string().utf8) == Array(text.utf8))
        }
    }
}

@Suite struct `a Monday cell` {
    private func cell(_ type: String, _ rest: String) throws -> Monday.Cell {
        try Monday.Cell(JSONField(try JSON.parse(#"{"id":"c","type":"\#(type)",\#(rest)}"#)))
    }

    /// What is written, and how Monday shows it afterwards.
    private static func pair(
        _ value: Monday.ColumnValue?,
        _ type: String,
        _ answer: String
    ) -> (Monday.ColumnValue?, String, String) { (value, type, answer) }

    static let pairs: [(Monday.ColumnValue?, String, String)] = [
        pair(.text("abc"), "text", #""__typename":"TextValue","text":"abc","value":"\"abc\"""#),
        pair(nil, "text", #""__typename":"TextValue","text":"","value":null"#),
        pair(
            .longText("a\nb"),
            "long_text",
            #""__typename":"LongTextValue","text":"a\nb","value":"{\"text\":\"a\\nb\",\"changed_at\":\"x\"}""#
        ),
        pair(
            .number(Decimal("1234.50") ?? 0),
            "numbers",
            #""__typename":"NumbersValue","text":"1234.5","value":"\"1234.5\"""#
        ),
        pair(
            .number(Decimal("1234.50") ?? 0),
            "numbers",
            #""__typename":"NumbersValue","text":"$1,234.5","value":null"#
        ),
        pair(.number(Decimal("-3.00") ?? 0), "numbers", #""__typename":"NumbersValue","text":"-3","value":"-3""#),
        pair(nil, "numbers", #""__typename":"NumbersValue","text":"","value":null"#),
        pair(
            .status(1),
            "status",
            #""__typename":"StatusValue","text":"Approved","value":"{\"index\":1}","index":1,"label":"Approved""#
        ),
        pair(nil, "status", #""__typename":"StatusValue","text":null,"value":null,"index":null,"label":null"#),
        pair(
            .dropdown([10, 2]),
            "dropdown",
            #""__typename":"DropdownValue","text":"A, B","values":[{"id":"2","label":"A"},{"id":"10","label":"B"}]"#
        ),
        pair(nil, "dropdown", #""__typename":"DropdownValue","text":null,"values":[]"#),
        pair(
            .date(day),
            "date",
            #""__typename":"DateValue","text":"2026-12-01","value":"{\"date\":\"2026-12-01\",\"time\":null}","date":"2026-12-01","time":"""#
        ),
        pair(
            .moment(WallTime("2026-12-01T23:30:00Z") ?? .first),
            "date",
            #""__typename":"DateValue","text":"2026-12-02 00:30","value":"{\"date\":\"2026-12-01\",\"time\":\"23:30:00\"}","date":"2026-12-02","time":"00:30""#
        ),
        pair(nil, "date", #""__typename":"DateValue","text":"","value":null,"date":"","time":"""#),
        pair(
            .timeline(from: day, to: later),
            "timeline",
            #""__typename":"TimelineValue","text":"x","from":"2026-12-01T00:00:00Z","to":"2026-12-15T00:00:00Z""#
        ),
        pair(
            .week(from: Day("2026-11-30") ?? .first),
            "week",
            #""__typename":"WeekValue","text":"x","start_date":"2026-11-30","end_date":"2026-12-06""#
        ),
        pair(.hour(9, minute: 5), "hour", #""__typename":"HourValue","text":"09:05 AM","hour":9,"minute":5"#),
        pair(
            .people([.init(id: 51, isTeam: true), .init(id: 7)]),
            "people",
            #""__typename":"PeopleValue","text":"A","persons_and_teams":[{"id":"7","kind":"person"},{"id":"51","kind":"team"}]"#
        ),
        pair(nil, "people", #""__typename":"PeopleValue","text":"","persons_and_teams":null"#),
        pair(
            .items(["9", "1122334455"]),
            "board_relation",
            #""__typename":"BoardRelationValue","text":null,"value":null,"display_value":"A, B","linked_item_ids":["1122334455","9"]"#
        ),
        pair(
            .items(["9"]),
            "dependency",
            #""__typename":"DependencyValue","text":null,"display_value":"A","linked_item_ids":["9"]"#
        ),
        pair(
            .link(url: "https://a", text: "Open"),
            "link",
            #""__typename":"LinkValue","text":"Open - https://a","url":"https://a","url_text":"Open""#
        ),
        pair(
            .email(address: "a@b", text: "a@b"),
            "email",
            #""__typename":"EmailValue","text":"a@b","email":"a@b","label":"a@b""#
        ),
        pair(
            .phone("+12025550169", country: "US"),
            "phone",
            #""__typename":"PhoneValue","text":"1","phone":"12025550169","country_short_name":"US""#
        ),
        pair(
            .country(code: "US", name: nil),
            "country",
            #""__typename":"CountryValue","text":"U","country":{"code":"US","name":"United States"}"#
        ),
        pair(.checkbox(true), "checkbox", #""__typename":"CheckboxValue","text":"v","checked":true"#),
        pair(.checkbox(false), "checkbox", #""__typename":"CheckboxValue","text":"","checked":null"#),
        pair(.rating(4), "rating", #""__typename":"RatingValue","text":"4","rating":4"#),
        pair(.tags([2, 1]), "tags", #""__typename":"TagsValue","text":"a","tag_ids":[1,2]"#),
    ]

    @Test(arguments: pairs)
    func `compares equal to what was written`(value: Monday.ColumnValue?, type: String, answer: String) throws {
        let cell = try cell(type, answer)
        #expect(cell.isReadable)
        #expect(cell.canonical == value?.canonical)
    }

    @Test func `tells different values apart`() throws {
        let texts = Self.pairs.compactMap { value, type, _ in value?.canonical.map { "\(type) \($0)" } }
        // The same amount is there twice in other words.
        #expect(Set(texts).count == texts.count - 1)
        #expect(Monday.ColumnValue.newStatus("1").canonical != Monday.ColumnValue.status(1).canonical)
    }

    @Test func `of a kind that is not known is kept and not compared`() throws {
        let cell = try cell("integration", #""__typename":"UnsupportedValue","text":"x""#)
        #expect(!cell.isReadable && cell.canonical == nil && cell.shown == "x")
    }

    @Test func `that connects boards is never taken as empty when its list is missing`() throws {
        #expect(throws: JSONField.Wrong.self) {
            try cell("board_relation", #""__typename":"BoardRelationValue","text":null,"linked_item_ids":null"#)
        }
    }

    @Test func `shows a mirrored value as people see it`() throws {
        let cell = try cell("mirror", #""__typename":"MirrorValue","text":null,"display_value":"A, B""#)
        #expect(cell.shown == "A, B")
    }
}
