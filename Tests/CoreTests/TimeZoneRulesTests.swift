import Core
import Testing

@Suite struct `the rules of a time zone` {
    /// As `date` of the GNU tools says them, with TZ set.
    @Test(arguments: [
        ("Europe/Copenhagen", "2026-03-29T00:59:59.9Z", 3_600), ("Europe/Copenhagen", "2026-03-29T01:00:00Z", 7_200),
        ("Europe/Copenhagen", "2026-10-25T00:59:59Z", 7_200), ("Europe/Copenhagen", "2026-10-25T01:00:00Z", 3_600),
        ("Europe/Copenhagen", "1970-01-01T00:00:00Z", 3_600), ("America/New_York", "1850-01-01T00:00:00Z", -17_762),
        // Behind the last change that any file lists.
        ("Europe/Copenhagen", "2100-07-01T12:00:00Z", 7_200), ("Europe/Copenhagen", "2100-12-01T12:00:00Z", 3_600),
        ("Europe/Copenhagen", "2100-03-28T00:59:59Z", 3_600), ("Europe/Copenhagen", "2100-03-28T01:00:00Z", 7_200),
        ("Europe/Copenhagen", "9999-12-31T23:59:59Z", 3_600),
        ("America/New_York", "2026-03-08T06:59:59Z", -18_000), ("America/New_York", "2026-03-08T07:00:00Z", -14_400),
        ("America/New_York", "2026-11-01T05:59:59Z", -14_400), ("America/New_York", "2026-11-01T06:00:00Z", -18_000),
        ("America/New_York", "2050-07-04T00:00:00Z", -14_400),
        ("Australia/Lord_Howe", "2026-04-04T14:59:59Z", 39_600),
        ("Australia/Lord_Howe", "2026-04-04T15:00:00Z", 37_800),
        ("Australia/Lord_Howe", "2060-10-02T15:29:59Z", 37_800),
        ("Australia/Lord_Howe", "2060-10-02T15:30:00Z", 39_600),
        ("Pacific/Apia", "2011-12-30T09:59:59Z", -36_000), ("Pacific/Apia", "2011-12-30T10:00:00Z", 50_400),
        ("Asia/Kathmandu", "2026-06-01T00:00:00Z", 20_700), ("Asia/Kathmandu", "1985-12-31T18:29:59Z", 19_800),
        ("Etc/UTC", "2026-06-01T00:00:00Z", 0), ("America/Nuuk", "2026-03-29T01:00:00Z", -3_600),
    ])
    func `know how far its clocks are from UTC`(name: String, time: String, offset: Int) throws {
        #expect(try TimeZoneSamples.rules(name).offset(at: #require(WallTime(time))) == offset)
    }

    @Test func `are read from every file of this machine`() throws {
        let names = try TimeZoneSamples.all()
        try #require(names.count > 300)
        for name in names {
            let bytes = try TimeZoneSamples.bytes(name)
            // These count leap seconds, so that their times are not the times of our clock.
            if name.hasPrefix("right/") {
                #expect(throws: TimeZoneRules.Malformed.self, "\(name)") { try TimeZoneRules(bytes) }
            } else {
                #expect(throws: Never.self, "\(name)") { try TimeZoneRules(bytes) }
            }
        }
    }

    /// Newer files list no change that the rule at their end tells as well.
    @Test(arguments: [
        ("Europe/Copenhagen", "CET-1CEST,M3.5.0,M10.5.0/3"), ("Europe/Dublin", "IST-1GMT0,M10.5.0,M3.5.0/1"),
        ("America/New_York", "EST5EDT,M3.2.0,M11.1.0"), ("America/Nuuk", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0"),
        ("Australia/Lord_Howe", "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"),
        ("Antarctica/Troll", "<+00>0<+02>-2,M3.5.0/1,M10.5.0/3"), ("Asia/Kathmandu", "<+0545>-5:45"),
        ("Pacific/Chatham", "<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45"), ("Etc/UTC", "UTC0"),
    ])
    func `can be the rule at the end of a file alone`(name: String, rule: String) throws {
        let whole = try TimeZoneSamples.rules(name)
        let short = try TimeZoneRules(TimeZoneSamples.file(footer: rule))
        let first = try #require(WallTime("2025-01-01T00:00:00Z"))
        for step in 0..<365 * 12 {
            let time = first + .seconds(step * 25 * 3_600)
            guard whole.offset(at: time) != short.offset(at: time) else { continue }
            Issue.record("\(name) differs at \(time)")
            break
        }
    }

    @Test(arguments: [
        // The sixtieth day is the first of March in every year, or in three of four.
        ("AAA0BBB,J60/0,J300/0", "2028-02-29T23:59:59Z", 0), ("AAA0BBB,J60/0,J300/0", "2028-03-01T00:00:00Z", 3_600),
        ("AAA0BBB,J60/0,J300/0", "2027-03-01T00:00:00Z", 3_600),
        ("AAA0BBB,59/0,300/0", "2028-02-29T00:00:00Z", 3_600), ("AAA0BBB,59/0,300/0", "2028-02-28T23:59:59Z", 0),
        ("AAA0BBB,59/0,300/0", "2027-02-28T23:59:59Z", 0), ("AAA0BBB,59/0,300/0", "2027-03-01T00:00:00Z", 3_600),
        // Always summer, as the standard writes it.
        ("EST5EDT,0/0,J365/25", "2026-12-31T12:00:00Z", -14_400),
        ("EST5EDT,0/0,J365/25", "2027-01-01T04:30:00Z", -14_400),
        ("EST5EDT,0/0,J365/25", "2027-01-01T05:00:00Z", -14_400),
        ("EST5EDT,0/0,J365/25", "2026-07-01T00:00:00Z", -14_400),
        // Six days before a Sunday, and the day after one.
        ("AAA0BBB,M3.5.0/-144,M10.5.0/26", "2026-03-23T00:00:00Z", 3_600),
        ("AAA0BBB,M3.5.0/-144,M10.5.0/26", "2026-03-22T23:59:59Z", 0),
        ("AAA0BBB,M3.5.0/-144,M10.5.0/26", "2026-10-26T00:59:59Z", 3_600),
        ("AAA0BBB,M3.5.0/-144,M10.5.0/26", "2026-10-26T01:00:00Z", 0),
        ("AAA+1:02:03BBB-0:30,M1.1.1/0,M12.5.6/24", "2026-06-01T00:00:00Z", 1_800),
        ("AAA+1:02:03BBB-0:30,M1.1.1/0,M12.5.6/24", "2026-12-30T00:00:00Z", -3_723),
    ])
    func `are read as POSIX writes them`(rule: String, time: String, offset: Int) throws {
        let rules = try TimeZoneRules(TimeZoneSamples.file(footer: rule))
        #expect(rules.offset(at: try #require(WallTime(time))) == offset)
    }

    @Test(arguments: [
        "CET", "CE-1", "-1", "CET-25", "CET-1:60", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M3.5.0,M10.5.0,",
        "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.0.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0",
        "CET-1CEST,J0,J300", "CET-1CEST,J366,J300", "CET-1CEST,366,1", "CET-1CEST,1/168,2", "CET-1CEST,1/-168,2",
        "CET-1CEST,1/,2", "<+0545-5:45", "<+05 45>-5:45", "CET-1 ", "CET-9999999999999999999999", "\n", "CET-1\nCET-1",
    ])
    func `are refused where the rule at the end makes no sense`(rule: String) {
        #expect(throws: TimeZoneRules.Malformed.self) { try TimeZoneRules(TimeZoneSamples.file(footer: rule)) }
    }
}

@Suite struct `a file of a time zone` {
    @Test(arguments: ["1", "2", "3", "4", "5"] as [Character])
    func `is read in every version`(version: Character) throws {
        let rules = try TimeZoneRules(
            TimeZoneSamples.file(version: version, changes: [(-10, 1), (10, 0), (20, 2)], kinds: [60, -3_600, 7_200])
        )
        for (second, offset) in [(-11, 60), (-10, -3_600), (9, -3_600), (10, 60), (20, 7_200), (1 << 33, 7_200)] {
            #expect(rules.offset(at: WallTime(millisecondsSince1970: second * 1_000)) == offset)
        }
    }

    @Test func `is refused where it does not fit together`() {
        let refused = [
            "its times go back": TimeZoneSamples.file(changes: [(5, 0), (5, 0)]),
            "it changes to a kind of time that it lacks": TimeZoneSamples.file(changes: [(5, 1)]),
            "it is a day or more from UTC": TimeZoneSamples.file(kinds: [100_000]),
            "it knows no kind of time": TimeZoneSamples.file(kinds: []),
            "its end is missing": TimeZoneSamples.file(footer: nil),
            "there is something behind its end": TimeZoneSamples.file(version: "1") + [0],
            "it does not begin as a time zone does": Array("TZDB".utf8),
            "its version is unknown": Array("TZif1".utf8) + [UInt8](repeating: 0, count: 39),
            "it is cut short": Array("TZif2".utf8) + [UInt8](repeating: 0xFF, count: 200),
        ]
        for (reason, bytes) in refused {
            #expect("\(reason)") {
                try TimeZoneRules(bytes)
            } throws: { error in
                "\(error)" == reason
            }
        }
    }

    @Test func `is refused at whatever byte it is cut`() throws {
        for name in ["Europe/Copenhagen", "Asia/Kathmandu"] {
            let bytes = try TimeZoneSamples.bytes(name)
            // Without its last line feed alone, a file could end in any other one: none is in a rule.
            for count in bytes.indices {
                #expect(throws: TimeZoneRules.Malformed.self, "\(count) bytes") { try TimeZoneRules(bytes[..<count]) }
            }
        }
    }

    @Test func `never traps, whatever byte is changed`() throws {
        let time = try #require(WallTime("2026-03-29T00:30:00Z"))
        var readable = 0
        for bytes in [
            try TimeZoneSamples.bytes("Asia/Kathmandu"),
            TimeZoneSamples.file(
                changes: [(-5, 1), (5, 0)],
                kinds: [3_600, 7_200],
                footer: "CET-1CEST,M3.5.0,M10.5.0/3"
            ),
        ] {
            for index in bytes.indices {
                for value in [0, 0x0A, 0x39, 0x7F, 0x80, 0xFF] as [UInt8] {
                    var changed = bytes
                    changed[index] = value
                    guard let rules = try? TimeZoneRules(changed) else { continue }
                    readable += 1
                    let schedule = Schedule.daily(minute: 120, in: rules)
                    for start in [WallTime.first, time, .last] {
                        let next = schedule.next(after: start)
                        #expect(next > start || start == .last)
                    }
                }
            }
        }
        #expect(readable > 500)
    }
}
