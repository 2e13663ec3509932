import Core
import Testing

@Suite struct `a schedule` {
    @Test(arguments: [
        ("every 5m", Schedule.every(.seconds(300))), ("every 1s", .every(.seconds(1))),
        ("every 7d", .every(.seconds(604_800))), ("every 36h", .every(.seconds(129_600))),
        ("daily 02:00", .daily(minute: 120)), ("daily 23:59 UTC", .daily(minute: 1_439)),
        ("daily 00:00", .daily(minute: 0)),
    ])
    func `is read from words`(text: String, schedule: Schedule) {
        #expect(Schedule(text) == schedule)
    }

    @Test(arguments: [
        "", "every", "every m", "every 0m", "every -5m", "every 5", "every 5 m", "every 8d", "every 9999999d", "hourly",
        "daily 24:00", "daily 12:60", "daily 1:00", "daily 12", "daily 12:00 CET", "daily :", "daily +1:-1",
        "daily 12:00:00",
        "every 5m UTC", "every 99999999999999999999s", "daily ١٢:٠٠",
    ])
    func `is refused in other words`(text: String) {
        #expect(Schedule(text) == nil)
    }

    @Test func `says when it is next due`() throws {
        let time = try #require(WallTime("2026-11-20T10:00:00Z"))
        #expect(Schedule.every(.seconds(90)).next(after: time).text == "2026-11-20T10:01:30Z")
        #expect(Schedule.daily(minute: 601).next(after: time).text == "2026-11-20T10:01:00Z")
        // At its own time it is due tomorrow: it has just been done.
        #expect(Schedule.daily(minute: 600).next(after: time).text == "2026-11-21T10:00:00Z")
        #expect(Schedule.daily(minute: 0).next(after: time).text == "2026-11-21T00:00:00Z")
    }
}
