import Core
import Testing

@Suite struct `how long things are kept` {
    private func retention(_ text: String) throws -> Retention {
        try Retention(JSONField(try JSON.parse5(text))["retention"])
    }

    @Test func `is as usual where the file says nothing`() throws {
        for text in ["{}", "{ retention: null }", "{ retention: {} }"] {
            let usual = try retention(text)
            #expect(usual == Retention())
            #expect(usual.auditDays == 4_018 && usual.archivedLinkDays == 400 && usual.eventKeyDays == 14)
        }
        let some = try retention("{ retention: { auditDays: 730, eventKeyDays: 3 } }")
        #expect(some.auditDays == 730 && some.archivedLinkDays == 400 && some.eventKeyDays == 3)
    }

    @Test(arguments: [
        ("{ auditDays: 29 }", "retention.auditDays"), ("{ auditDays: 36526 }", "retention.auditDays"),
        ("{ auditDays: '99' }", "retention.auditDays"), ("{ archivedLinkDays: 0 }", "retention.archivedLinkDays"),
        ("{ eventKeyDays: 2 }", "retention.eventKeyDays"), ("{ eventKeyDays: 366 }", "retention.eventKeyDays"),
        ("{ eventKeyDays: -1 }", "retention.eventKeyDays"), ("{ logDays: 1 }", "retention.logDays"),
        ("7", "retention"),
    ])
    func `refuses what is too short, too long or unknown`(text: String, path: String) throws {
        let error = #expect(throws: JSONField.Wrong.self) { try retention("{ retention: \(text) }") }
        #expect(error?.path == path)
    }

    @Test func `is the longest of all who share it`() {
        var (one, other) = (Retention(), Retention())
        (one.auditDays, one.archivedLinkDays, one.eventKeyDays) = (100, 9, 30)
        (other.auditDays, other.archivedLinkDays, other.eventKeyDays) = (90, 10, 20)
        #expect(one.orLonger(other) == other.orLonger(one))
        #expect(one.orLonger(other).text == "100 10 30")
        #expect(one.orLonger(one) == one)
    }

    @Test func `survives being stored, and is never read as something shorter`() {
        var one = Retention()
        (one.auditDays, one.archivedLinkDays, one.eventKeyDays) = (100, 9, 30)
        #expect(Retention(text: one.text) == one)
        for text in [
            "", "100 9", "100 9 30 1", "100  9 30", "1 9 30", "100 9 2", "100 9 x", "99999999999999999999 9 3",
        ] {
            #expect(Retention(text: text) == nil)
        }
    }

    @Test func `is reckoned in whole days`() {
        #expect(Retention.milliseconds(3, before: 300_000_000) == 40_800_000)
        #expect(Retention.milliseconds(36_525, before: 0) < 0)
    }
}
