import Core
import Testing

@testable import Systems

@Suite struct `the sheet of an import` {
    private static func column(_ id: String, _ type: String, labels: [Monday.Label] = []) -> Monday.Column {
        var column = Monday.Column(id: id, title: id, typeName: type)
        column.labels = labels
        return column
    }

    private static let columns = [
        column("erp_key", "text"), column("amount", "numbers"), column("due", "date"),
        column("status", "status", labels: [.init(id: 1, text: "Done"), .init(id: 0, text: "Working, slowly")]),
        column("vendor", "dropdown", labels: [.init(id: 1, text: "ACME"), .init(id: 2, text: "Smith, Jones")]),
        column("notes", "long_text"), column("who", "people"),
    ]

    private func rows(_ values: JSON...) -> (taken: [Bool], text: String) {
        var sheet = Monday.ImportSheet(Self.columns)
        let taken = values.map { value in
            if case .object(let values) = value { sheet.add(values) } else { false }
        }
        return (taken, String(decoding: sheet.bytes, as: UTF8.self))
    }

    @Test func `holds values as people read them, and leaves people out`() {
        let (taken, text) = rows([
            "name": "108001", "erp_key": "a/b/1", "amount": "-10.50", "due": ["date": "2026-12-01"],
            "status": ["index": 1], "vendor": ["ids": [1]], "notes": ["text": "a \"b\",\nc"],
            "who": ["personsAndTeams": []],
        ])
        #expect(taken == [true])
        let expected = """
            name,erp_key,amount,due,status,vendor,notes\r
            108001,a/b/1,-10.50,2026-12-01,Done,ACME,"a ""b"",\nc"\r

            """
        #expect(text == expected)
        #expect(!Monday.ImportSheet(Self.columns).holds("who"))
    }

    @Test func `empties what is null`() {
        let (taken, text) = rows(["name": "x", "erp_key": "k"])
        #expect(taken == [true] && text.contains("x,k,<NULL>,<NULL>,<NULL>,<NULL>,<NULL>\r\n"))
    }

    @Test(
        arguments: [
            ["erp_key": "k"], ["name": "", "erp_key": "k"],
            ["name": "x", "vendor": ["ids": [1, 2]]], ["name": "x", "vendor": ["ids": [9]]],
            ["name": "x", "erp_key": "<NULL>"], ["name": "x", "due": ["date": "2026-12-01", "time": "09:00:00"]],
            ["name": "x", "amount": ["odd": 1]],
        ] as [JSON]
    )
    func `takes no row that it could not tell truly`(values: JSON) {
        let (taken, text) = rows(values)
        #expect(taken == [false] && text.split(separator: "\r\n").count == 1)
    }

    @Test func `has a report that is read by its head`() {
        let text =
            "\u{FEFF}serialNo,status,itemId,error\r\n1,CREATED,123,\r\n"
            + "2,FAILED,,\"bad \"\"date\"\", twice\"\n3,?,x1,\n"
        let lines = Monday.ImportSheet.report(Array(text.utf8))
        #expect(
            lines == [
                .init(row: 1, item: "123", error: ""), .init(row: 2, item: nil, error: "bad \"date\", twice"),
                .init(row: 3, item: nil, error: ""),
            ]
        )
        #expect(Monday.ImportSheet.report(Array("<html>".utf8)) == nil)
        #expect(Monday.ImportSheet.report([]) == nil)
    }
}
