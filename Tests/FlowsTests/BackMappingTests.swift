import Core
import Engine
import Testing

@testable import Flows
@testable import Systems

@Suite struct `what goes back of a board` {
    private static let file = """
        { board: "7", columns: {
            number: "name", amount: "amount", note: { column: "note", back: true }, due: { column: "due", back: true },
            dimension1: { column: "dept", labels: { SALES: "Sales", ADM: "Administration" }, back: true },
            status: {
                column: "status", labels: { Open: "Pending review", Released: "Approved" },
                actions: {
                    Approved: { do: "release" }, "Book  it": { do: "post" },
                    Accrue: { do: "journalLine", template: "G", batch: "B", account: "1", amount: "total", text: "{number} {who}" },
                },
            },
        } }
        """

    private func mapping(_ text: String = file, viewOf books: String? = nil) throws -> BoardMapping {
        try BoardMapping(JSONField(try JSON.parse5(text)), viewOf: books)
    }

    private func wrong(_ column: String, viewOf books: String? = nil) -> String {
        do {
            _ = try mapping("{ board: \"7\", columns: { number: \"name\", status: \(column) } }", viewOf: books)
            return "nothing is wrong"
        } catch {
            return "\(error)"
        }
    }

    private static func column(_ id: String, _ type: String, _ labels: String...) -> Monday.Column {
        var column = Monday.Column(id: id, title: id.uppercased(), typeName: type)
        column.labels = labels.enumerated().map { Monday.Label(id: $0 + 1, text: $1) }
        return column
    }

    private static let board = Monday.Board(
        id: "7",
        name: "Invoices",
        state: "active",
        groups: [],
        columns: [
            column("amount", "numbers"), column("note", "text"), column("due", "date"),
            column("dept", "dropdown", "Sales", "Administration"),
            column("status", "status", "Pending review", "Approved", "book it", "Accrue", "Own"),
        ]
    )

    private func fitted() throws -> BoardMapping.Fitted { try mapping().fit(to: Self.board) }

    private func item(_ cells: String...) throws -> Monday.Item {
        try Monday.Item(
            JSONField(
                try JSON.parse(
                    #"{"id":"1","name":" 107201 ","state":"active","column_values":[\#(cells.joined(separator: ","))]}"#
                )
            )
        )
    }

    // MARK: The file

    @Test func `is said column by column`() throws {
        let rules = try mapping().rules
        #expect(rules.filter(\.goesBack).map(\.field) == ["note", "due", "dimension1"])
        #expect(rules.last?.actions.keys.sorted() == ["Accrue", "Approved", "Book  it"])
        #expect(try mapping().fields == ["number", "amount", "note", "due", "dimension1", "status", "total", "who"])
    }

    @Test(arguments: [
        (#"{ column: "s", back: true, actions: { a: { do: "post" } } }"#, "give one of the two"),
        (#"{ column: "s", actions: {} }"#, "expected at least one label"),
        (#"{ column: "s", actions: { a: { do: "pay" } } }"#, "columns.status.actions.a.do: expected"),
        (#"{ column: "s", text: "{a}", back: true }"#, "put together from fields does not go back"),
        (#"{ column: "s", back: 1 }"#, "expected true or false"),
        (#"{ column: "s", back: true, labels: { a: "X", b: "x" } }"#, "two words are called “x”"),
    ])
    func `is refused where it makes no sense`(column: String, words: String) {
        #expect(wrong(column).contains(words), "\(wrong(column))")
    }

    @Test(arguments: [#"{ column: "s", back: true }"#, #"{ column: "s", actions: { a: { do: "post" } } }"#])
    func `is nothing of a view`(column: String) {
        #expect(wrong(column) == "nothing is wrong")
        let words = wrong(column, viewOf: "Business Central")
        #expect(words.contains("the board is a view of Business Central, and nothing goes back"))
    }

    @Test func `needs columns that can hold it`() throws {
        #expect(try fitted().complaints.isEmpty)
        var board = Self.board
        board.columns[0] = Self.column("amount", "numbers")
        board.columns[2] = Self.column("due", "timeline")
        board.columns[4] = Self.column("status", "status", "Approved")
        let complaints = try mapping().fit(to: board).complaints
        #expect(complaints.count == 2)
        #expect(complaints.first?.contains("of the kind timeline, which does not go back") == true)
        #expect(
            complaints.last?.contains("has no label “Accrue”, so nobody can ask for status by it, nor by 1") == true
        )
        board.columns[4] = Self.column("status", "text")
        #expect(try mapping().fit(to: board).complaints.last?.contains("use a status column") == true)
    }

    // MARK: Values

    @Test func `is compared in one form on both sides`() throws {
        let fitted = try fitted()
        let fields: [String: JSON] = [
            "number": "107201", "amount": .number(JSON.Number(Decimal("12.50") ?? 0)), "note": " a b ",
            "due": "2026-12-01", "dimension1": "ADM", "status": "Open",
        ]
        let record = try fitted.values { fields[$0] ?? .null }
        let held = fitted.held(
            try item(
                #"{"id":"amount","type":"numbers","__typename":"NumbersValue","text":"12.5","value":"\"12.5\""}"#,
                #"{"id":"note","type":"text","__typename":"TextValue","text":"a b "}"#,
                #"{"id":"due","type":"date","__typename":"DateValue","date":"2026-12-01","time":""}"#,
                #"{"id":"dept","type":"dropdown","__typename":"DropdownValue","text":"x","values":[{"id":"2"}]}"#,
                #"{"id":"status","type":"status","__typename":"StatusValue","text":"Pending review","index":1}"#
            )
        )
        #expect(held.differing(from: record).count == 0 && record.differing(from: held).count == 0)
        let empty = fitted.held(
            try item(#"{"id":"status","type":"status","__typename":"StatusValue","text":null,"index":null}"#)
        )
        #expect(empty["status"] == .null && empty["note"] == nil && empty["name"] == "107201")
    }

    /// A list's label says “IT Computers”, and the books know IT.
    @Test func `is the record's own number where the labels are a list's`() throws {
        let mapping = try mapping(
            #"{ board: "7", columns: { number: "name", dimension1: { column: "dept", list: "d", back: true } } }"#
        )
        let fitted = mapping.fit(to: Self.board)
        #expect(fitted.complaints.isEmpty)
        func changes(_ value: JSON) throws -> [BackChange] {
            var values = JSON.Object()
            values["dept"] = value
            return try fitted.changes(values) { list, label in list == "d" && label == 2 ? "ADM" : nil }
        }
        #expect(try changes(["ids": [2]]) == [.set(field: "dimension1", to: "ADM")])
        #expect(try changes(.null) == [.set(field: "dimension1", to: .null)])
        for other: JSON in [["ids": [1]], ["ids": [1, 2]], ["ids": []]] {
            let error = #expect(throws: CallError.self) { try changes(other) }
            #expect(error?.remedy == .skipRecord && error?.reason.contains("not in the list d") == true)
        }
    }

    @Test func `becomes what the books are to hold or to do, fields first`() throws {
        let fitted = try fitted()
        var values = JSON.Object()
        values["status"] = ["index": 3]
        values["dept"] = ["labels": ["Administration"]]
        values["due"] = .null
        values["note"] = "n"
        #expect(
            try fitted.changes(values) == [
                .set(field: "dimension1", to: "ADM"), .set(field: "due", to: .null), .set(field: "note", to: "n"),
                .act(.post, label: "book it"),
            ]
        )
        values["dept"] = ["labels": ["Sales", "Administration"]]
        #expect(throws: CallError.self) { try fitted.changes(values) }
    }

    @Test func `asks by labels that stand for actions alone`() throws {
        let fitted = try fitted()
        let (rule, column) = try #require(fitted.part("status"))
        let asked = (1...6).map { rule.action(for: ["index": .number($0)], in: column)?.label }
        #expect(asked == [nil, "Approved", "book it", "Accrue", nil, nil])
        #expect(rule.action(for: .null, in: column) == nil)
    }

    /// A telephone number's cell does not tell the country it was written with.
    @Test func `takes the same telephone number for the same`() throws {
        let text = #"{ board: "7", columns: { number: "name", phone: "phone" } }"#
        var board = Self.board
        board.columns = [Self.column("phone", "phone")]
        let fitted = try mapping(text).fit(to: board)
        let draft = try fitted.values { $0 == "phone" ? ["phone": "+12025550169", "country": "US"] : "1" }
        let cell = #"{"id":"phone","type":"phone","__typename":"PhoneValue","text":"1","phone":"12025550169"}"#
        let held = fitted.held(try item(cell))
        #expect(held["phone"] != draft["phone"] && fitted.likened(held, to: draft)["phone"] == draft["phone"])
        let other = fitted.held(try item(cell.replacing("169\"}", with: "160\"}")))
        #expect(fitted.likened(other, to: draft)["phone"] == other["phone"])
    }
}
