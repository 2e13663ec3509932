import Core
import Store
import Testing

@testable import Host

@Suite struct `the audit as CSV` {
    @Test(arguments: [
        ("plain", "plain"), ("", ""), ("a,b", #""a,b""#), (#"say "hi""#, #""say ""hi""""#),
        ("two\nlines", "\"two\nlines\""),
        ("a\r\nb", "\"a\r\nb\""), ("-12.50", "-12.50"), ("-7", "-7"), ("12.5", "12.5"),
    ])
    func `quotes what has to be quoted`(text: String, cell: String) {
        #expect(AuditCSV.cell(text) == cell)
    }

    @Test(arguments: [
        "=1+1", "+1", "-1+1", "-", "-.5", "-1.", "-1.2.3", "- 1", "@SUM(A1)", "\tx", "=cmd|' /C calc'!A0", "\u{FF1D}1",
        "-\u{661}",
    ])
    func `lets no spreadsheet take a cell for a formula`(text: String) {
        #expect(AuditCSV.cell(text) == "'" + text)
        #expect(AuditCSV.cell(text + ",\"") == "\"'" + text + ",\"\"\"")
    }

    @Test func `has a row for each field, and one for a line without any`() throws {
        var chain = AuditChain()
        var entry = AuditEntry(
            atMilliseconds: 1_763_600_000_123,
            connection: "bc-board",
            route: "r",
            key: "k",
            number: "=N1",
            target: "17",
            decision: .updated,
            cause: "webhook 81",
            fields: [
                AuditEntry.Field(name: "amount", before: nil, after: .number(Decimal("-12.50") ?? .zero)),
                AuditEntry.Field(name: "note", before: .string("a, \"b\""), after: .bool(true)),
            ],
            requestID: "q"
        )
        let common = "2025-11-20T00:53:20.123Z,bc-board,r,k,'=N1,17,updated,webhook 81,,q"
        #expect(
            AuditCSV.rows(of: chain.append(entry))
                == "1,\(common),amount,,-12.50\r\n1,\(common),note,\"a, \"\"b\"\"\",true\r\n"
        )
        entry.fields = []
        entry.reason = "two\nlines"
        #expect(
            AuditCSV.rows(of: chain.append(entry))
                == "2,2025-11-20T00:53:20.123Z,bc-board,r,k,'=N1,17,updated,webhook 81,\"two\nlines\",q,,,\r\n"
        )
        // As many cells in each, whatever is in a line.
        #expect(AuditCSV.header.split(separator: ",").count == 14)
        #expect(AuditCSV.rows(of: AuditLine(sequence: 3, text: "no JSON", hash: [])) == "3" + ",,,,,,,,,,,,,\r\n")
    }
}
