import Core
import Foundation
import Testing

@Suite struct `a wall time` {
    @Test(arguments: [
        ("2026-11-20T07:14:00.1234567Z", "2026-11-20T07:14:00.1234567Z"),
        ("2026-11-20T07:14:00Z", "2026-11-20T07:14:00Z"),
        ("2026-11-20t07:14:00.500z", "2026-11-20T07:14:00.5Z"),
        ("2026-11-20 07:14:00.000+0000", "2026-11-20T07:14:00Z"),
        ("2026-11-20T00:14:00+01:00", "2026-11-19T23:14:00Z"), ("2026-11-20T23:14:00-0130", "2026-11-21T00:44:00Z"),
        ("2026-11-20T07:14:00-05", "2026-11-20T12:14:00Z"),
        ("2026-11-20T07:14:00.12345678999Z", "2026-11-20T07:14:00.1234567Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999Z"),
        ("1969-12-31T23:59:59.9Z", "1969-12-31T23:59:59.9Z"), ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("2024-02-29T12:00:00Z", "2024-02-29T12:00:00Z"), ("2026-11-20T07:14:00-00:00", "2026-11-20T07:14:00Z"),
    ])
    func `reads what vendors send and writes UTC`(text: String, written: String) throws {
        #expect(try #require(WallTime(text)).text == written)
    }

    @Test(arguments: [
        "", "2026-11-20", "2026-11-20T07:14:00", "2026-11-20T07:14Z", "2026-11-20T24:00:00Z", "2026-11-20T07:60:00Z",
        "2026-11-20T07:14:60Z", "2026-02-29T00:00:00Z", "2026-11-20T07:14:00.Z", "2026-11-20T07:14:00,5Z",
        "2026-11-20T07:14:00+1", "2026-11-20T07:14:00+01:60", "2026-11-20T07:14:00+24:00", "2026-11-20T07:14:00ZZ",
        "2026-11-20T07:14:00+01:", " 2026-11-20T07:14:00Z", "26-11-20T07:14:00Z", "2026-11-20T7:14:00Z",
        "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:00-00:01", "0000-01-01T00:00:00Z", "+2026-11-20T07:14:00Z",
        "２026-11-20T07:14:00Z",
    ])
    func `refuses everything else`(text: String) {
        #expect(WallTime(text) == nil)
    }

    @Test func `agrees with the C library about a thousand moments`() throws {
        var seconds = -62_135_596_800
        while seconds < 253_402_300_800 {
            let time = WallTime(millisecondsSince1970: seconds * 1_000)
            var broken = tm()
            gmtime_r(&seconds, &broken)
            let text = String(
                format: "%04d-%02d-%02dT%02d:%02d:%02dZ",
                broken.tm_year + 1_900,
                broken.tm_mon + 1,
                broken.tm_mday,
                broken.tm_hour,
                broken.tm_min,
                broken.tm_sec
            )
            #expect(time.text == text)
            #expect(WallTime(text) == time)
            #expect(time.secondsSince1970 == seconds)
            seconds += 315_537_897
        }
    }

    @Test func `counts and cuts`() throws {
        let time = try #require(WallTime("2026-11-20T07:14:00.1239Z"))
        #expect(time.millisecondsSince1970 == 1_795_158_840_123)
        #expect(time.text(fractionDigits: 3) == "2026-11-20T07:14:00.123Z")
        #expect(time.text(fractionDigits: 0) == "2026-11-20T07:14:00Z")
        #expect(time.text(fractionDigits: 7) == "2026-11-20T07:14:00.1239000Z")
        #expect((time + .seconds(60)).text == "2026-11-20T07:15:00.1239Z")
        #expect((time - .milliseconds(124)).text == "2026-11-20T07:13:59.9999Z")
        #expect(time + .seconds(86_400) - time == .seconds(86_400))
        #expect(time.day == Day("2026-11-20"))
        #expect(WallTime(millisecondsSince1970: -1).millisecondsSince1970 == -1)
        #expect(WallTime(millisecondsSince1970: -1).secondsSince1970 == -1)
        #expect(try WallTime(startOf: #require(Day("2026-11-20"))).text == "2026-11-20T00:00:00Z")
    }

    @Test func `stays where it has a text`() {
        #expect(WallTime(ticks: .min) == .first)
        #expect(WallTime(millisecondsSince1970: .max) == .last)
        #expect(WallTime.last + .seconds(Int64.max) == .last)
        #expect(WallTime.first - .seconds(Int64.max) == .first)
        #expect(WallTime.first.text == "0001-01-01T00:00:00Z")
        #expect(WallTime.last.text == "9999-12-31T23:59:59.9999999Z")
    }
}

@Suite struct `a day` {
    /// The calendar repeats after 400 years.
    @Test func `follows the day before it, for 400 years`() throws {
        var day = try #require(Day("1799-12-31"))
        var before = (year: 1799, month: 12, day: 30)
        while day.text != "2201-01-02" {
            let now = day.components
            let follows =
                now.day == before.day + 1 && now.month == before.month && now.year == before.year
                || now.day == 1 && before.day >= 28 && now.month == before.month % 12 + 1
            guard follows, Day(year: now.year, month: now.month, day: now.day) == day else {
                Issue.record("\(before) is followed by \(now)")
                return
            }
            before = now
            day = day.adding(days: 1)
        }
        #expect(Day.first.text == "0001-01-01")
        #expect(Day.last.text == "9999-12-31")
        #expect(Day.last.daysSince1970 == 2_932_896)
    }

    @Test(arguments: [
        "2026-02-29", "1900-02-29", "2026-13-01", "2026-00-01", "2026-04-31", "2026-1-1", "2026-11-20Z", "0000-01-01",
        "",
    ])
    func `exists or is refused`(text: String) {
        #expect(Day(text) == nil)
    }

    @Test func `is counted and ordered`() throws {
        let day = try #require(Day("2024-02-28"))
        #expect(day.adding(days: 2).text == "2024-03-01")
        #expect(day.adding(days: -59).text == "2023-12-31")
        #expect(day < day.adding(days: 1))
        #expect(Day("2000-02-29")?.text == "2000-02-29")
        #expect(Day.last.adding(days: .max) == .last)
        #expect(Day.first.adding(days: .min) == .first)
        #expect(Day("1970-01-01")?.daysSince1970 == 0)
    }
}
