import Core
import Testing

@Suite struct `a schedule` {
    private static func schedule(_ text: String) throws -> Schedule {
        try Schedule(text) { name in try TimeZoneSamples.rules(name) }
    }

    @Test(arguments: [
        ("every 5m", Schedule.every(.seconds(300))), ("every 1s", .every(.seconds(1))),
        ("every 7d", .every(.seconds(604_800))), ("every 36h", .every(.seconds(129_600))),
        ("daily 02:00", .daily(minute: 120)), ("daily 23:59 UTC", .daily(minute: 1_439)),
        ("daily 00:00", .daily(minute: 0)),
    ])
    func `is read from words`(text: String, schedule: Schedule) throws {
        #expect(try Self.schedule(text) == schedule)
    }

    @Test func `is read with a time zone`() throws {
        let rules = try TimeZoneSamples.rules("Europe/Copenhagen")
        #expect(try Self.schedule("daily 02:30 Europe/Copenhagen") == .daily(minute: 150, in: rules))
    }

    @Test(arguments: [
        "", "every", "every m", "every 0m", "every -5m", "every 5", "every 5 m", "every 8d", "every 9999999d", "hourly",
        "daily 24:00", "daily 12:60", "daily 1:00", "daily 12", "daily :", "daily +1:-1", "daily 12:00:00",
        "every 5m UTC", "every 99999999999999999999s", "daily ١٢:٠٠", "daily", "daily  12:00", "daily 12:00 UTC UTC",
        " daily 12:00", "Europe/Copenhagen", "weekly 12:00",
    ])
    func `is refused in other words, which give examples`(text: String) {
        #expect {
            try Self.schedule(text)
        } throws: { error in
            "\((error as? Schedule.Wrong)?.description ?? "")".contains("every 1s to every 7d")
                || "\((error as? Schedule.Wrong)?.description ?? "")".contains("02:00")
        }
    }

    @Test func `says why there is no such zone`() {
        struct Unknown: Error {}
        #expect(throws: Unknown.self) { try Schedule("daily 02:00 Europe/Atlantis") { _ in throw Unknown() } }
    }

    @Test func `says when it is next due`() throws {
        let time = try #require(WallTime("2026-11-20T10:00:00Z"))
        #expect(Schedule.every(.seconds(90)).next(after: time).text == "2026-11-20T10:01:30Z")
        #expect(Schedule.daily(minute: 601).next(after: time).text == "2026-11-20T10:01:00Z")
        // At its own time it is due tomorrow: it has just been done.
        #expect(Schedule.daily(minute: 600).next(after: time).text == "2026-11-21T10:00:00Z")
        #expect(Schedule.daily(minute: 0).next(after: time).text == "2026-11-21T00:00:00Z")
        #expect(Schedule.daily(minute: 0).next(after: .last) == .last)
    }

    /// Each time after the one before it.
    @Test(arguments: [
        // Clocks skip from 02:00 to 03:00.
        (
            "daily 02:30 Europe/Copenhagen", "2026-03-28T00:00:00Z",
            ["2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]
        ),
        (
            "daily 02:00 Europe/Copenhagen", "2026-03-28T00:00:00Z",
            ["2026-03-28T01:00:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z"]
        ),
        (
            "daily 03:00 Europe/Copenhagen", "2026-03-28T00:00:00Z",
            ["2026-03-28T02:00:00Z", "2026-03-29T01:00:00Z", "2026-03-30T01:00:00Z"]
        ),
        // They show 02:00 to 03:00 twice.
        (
            "daily 02:30 Europe/Copenhagen", "2026-10-24T00:00:00Z",
            ["2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]
        ),
        ("daily 02:30 Europe/Copenhagen", "2026-10-25T01:29:59Z", ["2026-10-26T01:30:00Z"]),
        (
            "daily 03:00 Europe/Copenhagen", "2026-10-24T00:00:00Z",
            ["2026-10-24T01:00:00Z", "2026-10-25T02:00:00Z", "2026-10-26T02:00:00Z"]
        ),
        ("daily 01:30 America/New_York", "2026-11-01T00:00:00Z", ["2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"]),
        ("daily 02:30 America/New_York", "2026-03-08T00:00:00Z", ["2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z"]),
        // By half an hour: from 02:00 to 02:30, and from 02:00 to 01:30.
        ("daily 02:10 Australia/Lord_Howe", "2026-10-03T14:00:00Z", ["2026-10-03T15:30:00Z", "2026-10-04T15:10:00Z"]),
        ("daily 01:45 Australia/Lord_Howe", "2026-04-04T14:00:00Z", ["2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z"]),
        // There was no 30 December, and nothing is done on a day that does not come.
        (
            "daily 02:00 Pacific/Apia", "2011-12-28T13:00:00Z",
            ["2011-12-29T12:00:00Z", "2011-12-30T12:00:00Z", "2011-12-31T12:00:00Z"]
        ),
        ("daily 00:00 Pacific/Apia", "2011-12-29T11:00:00Z", ["2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"]),
        // From 23:00 of the day before to midnight: the last hour of Saturday is skipped.
        ("daily 23:30 America/Nuuk", "2026-03-28T12:00:00Z", ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]),
        ("daily 06:00 Asia/Kathmandu", "2026-06-01T00:15:00Z", ["2026-06-02T00:15:00Z"]),
    ])
    func `goes by the clocks of its zone`(text: String, start: String, dues: [String]) throws {
        let schedule = try Self.schedule(text)
        var time = try #require(WallTime(start))
        for due in dues {
            time = schedule.next(after: time)
            #expect(time.text == due)
        }
    }

    @Test(arguments: TimeZoneSamples.names)
    func `comes later and at the asked time, but for gaps`(name: String) throws {
        let rules = try TimeZoneSamples.rules(name)
        var start = try #require(WallTime("2008-01-01T00:00:00Z"))
        let end = try #require(WallTime("2045-01-01T00:00:00Z"))
        var minute = 0
        var gaps = 0
        while start < end {
            minute = (minute + 317) % 1_440
            let due = Schedule.daily(minute: minute, in: rules).next(after: start)
            guard due > start, due - start < .seconds(3 * 86_400) else {
                Issue.record("\(due) does not come next after \(start)")
                return
            }
            let shown = due + .seconds(rules.offset(at: due))
            if (shown - WallTime(startOf: shown.day)) != .seconds(minute * 60) {
                // Only where clocks have just been put forward, and over that time.
                let justBefore = due - .seconds(1)
                #expect(rules.offset(at: justBefore) < rules.offset(at: due), "\(name) at \(due)")
                gaps += 1
            }
            start = start + .seconds(2 * 86_400 + 3_607)
        }
        #expect(gaps < 100)
    }

    /// What the schedule computes, found by looking at the clock every minute for a week.
    @Test(arguments: [
        ("Europe/Copenhagen", "2026-03-26T00:00:00Z"), ("Europe/Copenhagen", "2040-10-26T00:00:00Z"),
        ("America/New_York", "2026-10-29T00:00:00Z"), ("Australia/Lord_Howe", "2026-10-01T00:00:00Z"),
        ("Australia/Lord_Howe", "2026-04-01T00:00:00Z"), ("Antarctica/Troll", "2026-10-22T00:00:00Z"),
        ("America/Nuuk", "2026-03-26T00:00:00Z"), ("America/Nuuk", "2026-10-22T00:00:00Z"),
        ("Pacific/Apia", "2011-12-27T00:00:00Z"),
    ])
    func `agrees with somebody who watches the clock`(name: String, start: String) throws {
        let rules = try TimeZoneSamples.rules(name)
        let start = try #require(WallTime(start))
        for minute in [0, 1, 105, 120, 150, 180, 1_380, 1_410, 1_439] {
            var watched: [WallTime] = []
            // The latest that the clock has shown. It counts from where one day was shown, not only jumped over.
            var latest = start + .seconds(rules.offset(at: start) - 60)
            for passed in 0..<7 * 1_440 {
                let now = start + .seconds(passed * 60)
                let shown = now + .seconds(rules.offset(at: now))
                guard shown > latest else { continue }
                var day = latest.day
                while day <= shown.day {
                    let wanted = WallTime(startOf: day) + .seconds(minute * 60)
                    let isSkipped = WallTime(startOf: day) > latest && day.adding(days: 1) <= shown.day
                    if wanted > latest, wanted <= shown, !isSkipped { watched.append(now) }
                    day = day.adding(days: 1)
                }
                latest = shown
            }
            var computed: [WallTime] = []
            let schedule = Schedule.daily(minute: minute, in: rules)
            var due = schedule.next(after: start - .seconds(60))
            while due < start + .seconds(7 * 86_400) {
                computed.append(due)
                due = schedule.next(after: due)
            }
            #expect(computed == watched, "\(name), minute \(minute)")
        }
    }
}
