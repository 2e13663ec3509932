import Core
import Testing

@testable import Systems

@Suite struct `a Monday cell's value` {
    private static func column(_ type: String, _ labels: [(Int, String)] = []) -> Monday.Column {
        var column = Monday.Column(id: "c", title: "C", typeName: type)
        column.labels = labels.map { Monday.Label(id: $0, text: $1) }
        return column
    }

    private static func cell(_ type: String, _ rest: String) throws -> Monday.Cell {
        try Monday.Cell(JSONField(try JSON.parse(#"{"id":"c","type":"\#(type)",\#(rest)}"#)))
    }

    private static let labels = [(1, "Approved"), (2, "A"), (10, "B"), (3, "7")]

    @Test(arguments: `a Monday cell`.pairs, [false, true])
    func `has the form in which it was written`(
        pair: (value: Monday.ColumnValue?, type: String, answer: String),
        byText: Bool
    ) throws {
        let column = Self.column(pair.type, Self.labels)
        let written: JSON = pair.value.map { column.normal($0, labelsByText: byText).json } ?? .null
        let held = try #require(column.held(in: try Self.cell(pair.type, pair.answer), labelsByText: byText))
        #expect(held == written || column.areAlike(held, written))
        #expect(pair.type == "phone" || held == written)
    }

    @Test func `of a kind that is not known says nothing`() throws {
        let cell = try Self.cell("integration", #""__typename":"UnsupportedValue","text":"x""#)
        #expect(Self.column("integration").held(in: cell, labelsByText: false) == nil)
    }

    /// Somebody made it since the board was looked at; or we did, and know its text alone.
    @Test func `is known by its text where its label is not known yet`() throws {
        let status = try Self.cell("status", #""__typename":"StatusValue","text":" New ","index":8"#)
        #expect(Self.column("status").held(in: status, labelsByText: true) == ["label": "New"])
        #expect(Self.column("status").held(in: status, labelsByText: false) == ["index": 8])
        let column = Self.column("dropdown", [(2, "A")])
        let one = try Self.cell("dropdown", #""__typename":"DropdownValue","text":"N","values":[{"id":"9"}]"#)
        #expect(column.held(in: one, labelsByText: true) == ["labels": ["N"]])
        let two = #""__typename":"DropdownValue","text":"A, N, M","values":[{"id":"2"},{"id":"9"}]"#
        #expect(column.held(in: try Self.cell("dropdown", two), labelsByText: true) == nil)
    }

    /// Monday takes digits for the number of a label.
    @Test func `goes by its id where its text is digits`() {
        let column = Self.column("status", Self.labels)
        #expect(column.normal(.status(3), labelsByText: true) == .status(3))
        #expect(column.normal(.status(1), labelsByText: true) == .newStatus("Approved"))
    }

    @Test(
        arguments: [
            ("text", "a", "a"), ("name", "a", "a"), ("long_text", ["text": "a"], "a"),
            ("numbers", "12.5", .number(JSON.Number(Decimal("12.5") ?? 0))),
            ("status", ["index": 1], "Approved"), ("status", ["label": "New"], "New"), ("status", ["index": 99], nil),
            ("dropdown", ["ids": [2]], "A"), ("dropdown", ["labels": ["N"]], "N"), ("dropdown", ["ids": [2, 10]], nil),
            ("date", ["date": "2026-12-01"], "2026-12-01"),
            ("date", ["date": "2026-12-01", "time": "09:00:00"], nil), ("checkbox", ["checked": "true"], true),
            ("checkbox", .null, false), ("text", .null, .null), ("status", .null, .null), ("people", ["x": 1], nil),
        ] as [(String, JSON, JSON?)]
    )
    func `is read by people as`(type: String, value: JSON, plain: JSON?) {
        #expect(Self.column(type, Self.labels).plain(value) == plain)
    }
}
