import Core
import Testing

@testable import Systems

private func column(_ type: String, _ settings: String = "{}", archived: Bool = false) throws -> Monday.Column {
    try Monday.Column(
        JSONField(
            try JSON.parse(
                #"{"id":"c1","title":"Column","type":"\#(type)","archived":\#(archived),"settings":\#(settings),"revision":"r-1","description":null}"#
            )
        )
    )
}

private let statusLabels = """
    {"type":"status","labels":[{"id":1,"label":"Done","color":1,"index":0,"is_done":true},{"id":0,"label":" Working ",\
    "color":"working_orange","index":1},{"id":5,"label":"2026","color":5,"index":2},{"id":7,"label":"Old","color":7,\
    "index":3,"is_deactivated":true}]}
    """
private let dropdownLabels =
    #"{"labels":[{"id":1,"label":"ACME"},{"id":2,"label":"Globex","is_deactivated":true},{"id":3,"name":"Ünit"}],"limit_select":true,"label_limit_count":2}"#

@Suite struct `a Monday column` {
    private static func row(
        _ type: String,
        _ settings: String,
        _ plain: JSON,
        _ value: Monday.ColumnValue
    ) -> (String, String, JSON, Monday.ColumnValue) { (type, settings, plain, value) }

    static let good: [(String, String, JSON, Monday.ColumnValue)] = [
        row("text", "{}", JSON.string("abc"), .text("abc")),
        row("text", "{}", .number(Decimal("10.50") ?? 0), .text("10.50")),
        row("text", "{}", true, .text("true")),
        row("long_text", "{}", "a\nb", .longText("a\nb")),
        row("name", "{}", "  two\nlines ", .name("two lines")),
        row("numbers", "{}", .number(Decimal("10.50") ?? 0), .number(Decimal("10.50") ?? 0)),
        row("numbers", "{}", " -7 ", .number(-7)),
        row("status", statusLabels, "done", .status(1)),
        row("status", statusLabels, " Working", .status(0)),
        row("status", statusLabels, "2026", .status(5)),
        row("status", statusLabels, 5, .status(5)),
        row("dropdown", dropdownLabels, "ACME", .dropdown([1])),
        row("dropdown", dropdownLabels, ["ACME", "U\u{308}nit"], .dropdown([1, 3])),
        row("date", "{}", "2026-12-01", .date(day)),
        row("date", "{}", "2026-12-01T23:59:59.9Z", .date(day)),
        row("week", "{}", "2026-12-01", .week(from: Day("2026-11-30") ?? .first)),
        row("week", "{}", "2026-11-30", .week(from: Day("2026-11-30") ?? .first)),
        row("week", "{}", "1969-12-31", .week(from: Day("1969-12-29") ?? .first)),
        row("timeline", "{}", ["2026-12-01", "2026-12-15"], .timeline(from: day, to: Day("2026-12-15") ?? .first)),
        row("timeline", "{}", ["from": "2026-12-01", "to": "2026-12-01"], .timeline(from: day, to: day)),
        row("hour", "{}", "09:30", .hour(9, minute: 30)),
        row("hour", "{}", "23:59:59", .hour(23, minute: 59)),
        row(
            "people",
            "{}",
            [7, "8", ["id": 9, "kind": "team"]],
            .people([.init(id: 7), .init(id: 8), .init(id: 9, isTeam: true)])
        ),
        row("board_relation", "{}", "1122334455", .items(["1122334455"])),
        row("dependency", "{}", [1, 2], .items(["1", "2"])),
        row("link", "{}", "https://a.example", .link(url: "https://a.example", text: "https://a.example")),
        row("link", "{}", ["url": "HTTPS://a", "text": "A"], .link(url: "HTTPS://a", text: "A")),
        row("email", "{}", "a@example.com", .email(address: "a@example.com", text: "a@example.com")),
        row("phone", "{}", "+1 (202) 555-0169", .phone("+12025550169", country: nil)),
        row("phone", "{}", ["phone": "2025550169", "country": "us"], .phone("2025550169", country: "US")),
        row("country", "{}", "dk", .country(code: "DK", name: nil)),
        row("checkbox", "{}", "Yes", .checkbox(true)),
        row("checkbox", "{}", 0, .checkbox(false)),
        row("rating", "{}", 4, .rating(4)),
        row("tags", "{}", 295_026, .tags([295_026])),
        row(
            "location",
            "{}",
            ["lat": "32.07", "lng": .number(Decimal("34.79") ?? 0), "address": "A"],
            .location(latitude: Decimal("32.07") ?? 0, longitude: Decimal("34.79") ?? 0, address: "A")
        ),
    ]

    private static func refusal(
        _ type: String,
        _ settings: String,
        _ plain: JSON,
        _ words: String
    ) -> (String, String, JSON, String) { (type, settings, plain, words) }

    static let bad: [(String, String, JSON, String)] = [
        refusal("name", "{}", JSON.null, "cannot be empty"),
        refusal("numbers", "{}", "ten", "takes a number, and “ten” is none"),
        refusal("numbers", "{}", true, "takes a number"),
        refusal("numbers", "{}", "1,234.50", "takes a number"),
        refusal("text", "{}", ["a": 1], "takes a text, and an object is none"),
        refusal("date", "{}", "01.12.2026", "takes a date"),
        refusal("date", "{}", "2026-02-30", "takes a date"),
        refusal("timeline", "{}", ["2026-12-15", "2026-12-01"], "in this order"),
        refusal("timeline", "{}", ["2026-12-15"], "two days"),
        refusal("hour", "{}", "25:00", "09:30"),
        refusal("hour", "{}", "9", "09:30"),
        refusal("people", "{}", "Ann", "takes a whole number"),
        refusal("board_relation", #"{"boardIds":[1],"allowMultipleItems":false}"#, [1, 2], "one item"),
        refusal("board_relation", "{}", "-1", "a whole number"),
        refusal("link", "{}", "example.com", "https://"),
        refusal("link", "{}", "javascript:alert(1)", "https://"),
        refusal("email", "{}", "nobody", "e-mail address"),
        refusal("phone", "{}", "n/a", "telephone number"),
        refusal("country", "{}", "Denmark", "two letters"),
        refusal("checkbox", "{}", "perhaps", "true or false"),
        refusal("rating", "{}", 11, "from 1 to 10"),
        refusal("tags", "{}", "urgent", "whole number"),
        refusal("location", "{}", "Tel Aviv", "lat, lng"),
        refusal("location", "{}", ["lat": 91, "lng": 0], "a place on the earth"),
        refusal("status", statusLabels, "Paid", "has no label “Paid”; it has “Done”, “ Working ”, “2026”"),
        refusal("status", statusLabels, "Old", "“Old” of “Column” is deactivated"),
        refusal("status", statusLabels, 42, "has no label “42”"),
        refusal("status", "{}", "Paid", "it has none at all"),
        refusal("dropdown", dropdownLabels, "Initech", "has no label “Initech”"),
        refusal("dropdown", dropdownLabels, ["ACME", "Ünit", "x"], "takes 2 labels at most"),
        refusal("mirror", "{}", "x", "map the column there"),
        refusal("formula", "{}", "x", "computed"),
        refusal("item_id", "{}", "x", "filled in by Monday"),
        refusal("file", "{}", "x", "uploaded"),
        refusal("quantum", "{}", "x", "of the kind quantum"),
    ]

    @Test(arguments: good)
    func `makes a cell's value of a plain one`(
        type: String,
        settings: String,
        plain: JSON,
        value: Monday.ColumnValue
    ) throws {
        #expect(try column(type, settings).value(from: plain) == Monday.Fitted(value))
    }

    @Test(arguments: Monday.ColumnType.allCases.filter { $0.refusal == nil && $0 != .name })
    func `is emptied by nothing`(type: Monday.ColumnType) throws {
        for plain in [JSON.null, "", " \n", []] {
            #expect(try column(type.rawValue).value(from: plain) == Monday.Fitted(nil))
        }
    }

    @Test(arguments: bad)
    func `says in words what it cannot take`(type: String, settings: String, plain: JSON, words: String) throws {
        let column = try column(type, settings)
        let error = #expect(throws: CallError.self) { try column.value(from: plain) }
        #expect(error?.remedy == .skipRecord && error?.kind == .validation && error?.isUncertain == false)
        #expect(error?.reason.contains(words) == true, "\(error?.reason ?? "")")
        let namesIt = error?.reason.contains("Column") == true || type == "name"
        #expect(namesIt)
    }

    @Test func `takes no long list as one cell`() throws {
        let error = #expect(throws: CallError.self) {
            try column("tags").value(from: .array(Array(repeating: 1, count: 501)))
        }
        #expect(error?.reason.contains("501 values") == true)
    }

    @Test func `cuts what is too long, and says so`() throws {
        let long = String(repeating: "é🧾", count: 1_000)
        let fitted = try column("long_text").value(from: .string(long))
        guard case .longText(let text) = fitted.value else { throw CancellationError() }
        #expect(text.utf16.count <= 2_000 && text.utf16.count > 1_990 && text.hasSuffix("…"))
        #expect(fitted.note == "“Column” was cut to 2000 characters")
        #expect(try column("text").value(from: .string(String(repeating: "x", count: 2_000))).note == nil)

        let (name, note) = try Monday.itemName(String(repeating: "n", count: 256))
        #expect(name.count == 255 && note == "the name was cut to 255 characters")
        #expect(try Monday.itemName(String(repeating: "n", count: 255)).note == nil)
        #expect(throws: CallError.self) { try Monday.itemName(" \n ") }
    }

    @Test func `asks for new labels only where it may`() throws {
        let status = try column("status", statusLabels)
        #expect(try status.value(from: "Paid", mayMakeLabels: true).value == .newStatus("Paid"))
        #expect(try status.value(from: "Done", mayMakeLabels: true).value == .status(1))
        for text in [String(repeating: "x", count: 31), "2027"] {
            #expect(throws: CallError.self) { try status.value(from: .string(text), mayMakeLabels: true) }
        }
        let dropdown = try column("dropdown", dropdownLabels)
        // Ids and texts do not mix, so the known one goes by its text too.
        #expect(
            try dropdown.value(from: ["acme", "Initech"], mayMakeLabels: true).value
                == .newDropdown(["ACME", "Initech"])
        )
    }

    @Test func `reads labels in every form they come in`() throws {
        let status = try column("status", statusLabels)
        #expect(status.labels.map(\.color) == ["done_green", "working_orange", "explosive", "bright_blue"])
        #expect(status.labels.map(\.isDone) == [true, false, false, false])
        let legacy = try column("status", #"{"labels":{"0":"Working","1":"Done","x":"no"}}"#)
        #expect(legacy.labels.map(\.id) == [0, 1])
        let packed = try column("status", #""{\"labels\":[{\"id\":4,\"label\":\"A\"}]}""#)
        #expect(packed.labels == [Monday.Label(id: 4, text: "A")])
        #expect(try column("dropdown", #"{"labels":[{"label":"no id"},3,null]}"#).labels == [])
        #expect(try column("board_relation", #"{"boardIds":[9876543210]}"#).boards == ["9876543210"])
    }

    @Test func `tells why it cannot be written before anything is`() throws {
        #expect(try column("text").refusal == nil)
        #expect(try column("text", archived: true).refusal?.contains("archived") == true)
        #expect(try column("mirror").refusal?.contains("“Column” (c1)") == true)
    }
}

@Suite struct `a change of Monday's labels` {
    @Test func `keeps what is there and adds what is not`() throws {
        let dropdown = try column("dropdown", dropdownLabels)
        let list = try dropdown.labels(adding: ["Initech", "ACME", " Initech "])
        let text =
            #"{"labels":[{"id":1,"label":"ACME"},{"id":2,"label":"Globex","is_deactivated":true},{"id":3,"label":"Ünit"},{"label":"Initech"}]}"#
        #expect(try dropdown.settings(for: list).text() == text)
    }

    @Test func `gives a new status the next place and a colour of its own`() throws {
        let status = try column("status", statusLabels)
        let added = try #require(try status.labels(adding: ["Posted"]).last)
        #expect(added.id == nil && added.index == 4 && added.color == "stuck_red")
        let settings = try status.settings(for: try status.labels(adding: ["Posted"])).text()
        #expect(settings.hasSuffix(#"{"label":"Posted","color":"stuck_red","index":4}]}"#))
        #expect(settings.contains(#"{"id":1,"label":"Done","color":"done_green","index":0,"is_done":true}"#))
    }

    @Test func `never deletes two, nor deletes and adds at once`() throws {
        let dropdown = try column("dropdown", dropdownLabels)
        let all = dropdown.labels
        #expect(try dropdown.settings(for: Array(all.dropLast())) != .null)
        for wrong in [
            Array(all.dropLast(2)), Array(all.dropLast()) + [Monday.Label(text: "New")],
            all + [Monday.Label(id: 99, text: "Who")], all + [all[0]],
        ] {
            let error = #expect(throws: CallError.self) { try dropdown.settings(for: wrong) }
            #expect(error?.kind == .defect)
        }
    }

    @Test func `stops at forty of a status`() throws {
        var full = Monday.Column(id: "s", title: "S", typeName: "status")
        full.labels = try full.labels(adding: (1...40).map { "label \($0)" }).enumerated().map { number, label in
            var label = label
            label.id = number
            label.color = "done_green"
            return label
        }
        #expect(throws: CallError.self) { try full.settings(for: full.labels(adding: ["one more"])) }
        #expect(throws: CallError.self) { try full.value(from: "one more", mayMakeLabels: true) }
    }
}

private let day = Day("2026-12-01") ?? .first
