import Core
import Engine
import Testing

@testable import Host

@Suite struct `the report of a preview` {
    private static func line(
        _ key: String,
        _ decision: AuditEntry.Decision,
        number: String = "PI-1",
        target: String? = nil,
        fields: [AuditEntry.Field] = [],
        reason: String? = nil
    ) -> PreviewLine {
        PreviewLine(
            AuditEntry(
                atMilliseconds: 0,
                connection: "board",
                route: "invoices",
                key: key,
                number: number,
                target: target,
                decision: decision,
                cause: "preview",
                fields: fields,
                reason: reason
            )
        )
    }

    private static let due = AuditEntry.Field(name: "due", before: nil, after: ["date": "2026-11-20"])
    private static let amount = AuditEntry.Field(name: "amount", before: "1", after: .null)

    @Test func `shows one record after the other, field by field`() {
        func text(_ line: PreviewLine) -> String? { PreviewReport.text(.line(line)) }
        #expect(
            text(Self.line("a", .updated, target: "7", fields: [Self.due, Self.amount]))
                == """
                change   PI-1  a  item 7
                         due: - -> {"date":"2026-11-20"}
                         amount: "1" -> -
                """
        )
        #expect(text(Self.line("a", .created, number: "")) == "create   a")
        #expect(text(Self.line("a", .unchanged, target: "7")) == nil)
        #expect(text(Self.line("a", .parked, reason: "no label\u{1B}[2J")) == "refuse   PI-1  a: no label [2J")
        let long = AuditEntry.Field(name: "x", before: nil, after: .string(String(repeating: "y", count: 5_000)))
        #expect((text(Self.line("a", .updated, fields: [long])) ?? "").count < 200)
        #expect(
            PreviewReport.text(
                .began(
                    route: "invoices",
                    place: "board 5",
                    records: 20_000,
                    load: Estimate(seconds: 1_900_800, limit: "1000 calls a day")
                )
            )
                == "invoices -> board 5: 20000 records\na first load of all of them would last about 22 days: 1000 calls a day\n"
        )
    }

    @Test func `says how long all of it would take, where a limit says anything`() throws {
        let time = Estimate(seconds: 600, limit: "40 mutations in 60 s")
        let limited = PreviewNews.ended(route: "invoices", writes: 400, time: time)
        #expect(
            PreviewReport.text(limited) == "invoices: 400 writes, which would last about 10 min: 40 mutations in 60 s"
        )
        #expect(try JSONField(try #require(PreviewReport.json(limited)))["writeSeconds"].int() == 600)
        #expect(PreviewReport.text(.ended(route: "invoices", writes: 0, time: nil)) == "invoices: 0 writes")
    }

    @Test func `counts by decision, by column and by reason`() throws {
        var report = PreviewReport()
        report.add(.began(route: "invoices", place: "", records: nil, load: nil))
        report.add(.notice(route: "invoices", "no column"))
        for line in [
            Self.line("a", .created, fields: [Self.due]), Self.line("b", .updated, fields: [Self.due]),
            Self.line("c", .adopted, fields: [Self.due, Self.amount]), Self.line("d", .archived),
            Self.line("e", .unchanged), Self.line("f", .parked, reason: "no label"),
            Self.line("g", .parked, reason: "no label"),
        ] { report.add(.line(line)) }
        #expect(
            report.text == """
                of 7 records would be: 1 created, 1 taken over as they have the key already, 1 changed, 1 archived, \
                1 left as they are, 2 refused
                columns that would change: amount of 1, due of 2
                refused 2x: no label
                Nothing was written.
                """
        )
        let summary = JSONField(report.json)["summary"]
        #expect(try summary["records"].int() == 7 && summary["decisions"]["parked"].int() == 2)
        #expect(try summary["columns"]["due"].int() == 2 && summary["refusals"]["no label"].int() == 2)
    }

    @Test func `counts one record, and none`() {
        var report = PreviewReport()
        #expect(report.text == "there are no records\nNothing was written.")
        report.add(.line(Self.line("a", .unchanged)))
        #expect(report.text == "of 1 record would be: 1 left as they are\nNothing was written.")
    }

    @Test func `stays small, however many reasons there are`() throws {
        var report = PreviewReport()
        for number in 0..<10_000 { report.add(.line(Self.line("a", .parked, reason: "reason \(number)"))) }
        let refusals = try JSONField(report.json)["summary"]["refusals"].members()
        #expect(refusals.count == 201)
        #expect(try refusals.reduce(0) { try $0 + $1.field.int() } == 10_000)
    }

    @Test func `is JSON a script can set beside the audit`() throws {
        let line = JSONField(try #require(PreviewReport.json(.line(Self.line("a", .updated, fields: [Self.due])))))
        #expect(try line["record"].string() == "a" && line["decision"].string() == "updated")
        #expect(line["fields"]["due"]["before"].value == .null)
        #expect(try line["fields"]["due"]["after"]["date"].string() == "2026-11-20")
    }
}
