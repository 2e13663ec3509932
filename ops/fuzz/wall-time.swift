// sources: Core
// longest: 64
// seed: 2026-11-20T07:14:00.1234567Z
// seed: 0001-01-01T00:00:00+01:00
// seed: 9999-12-31t23:59:60.9-0130
// seed: 2024-02-29
import Core

/// Whatever is read can be written, and reads as the same moment again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: start, count: count)
    let text = String(decoding: bytes, as: UTF8.self)
    if let day = Day(text) {
        precondition(day.text == text, "a day with two spellings")
        precondition(Day(clamping: day.daysSince1970) == day, "another day")
    }
    if let time = WallTime(text) { check(time) }
    if count >= 8 { check(WallTime(ticks: UnsafeRawPointer(start).loadUnaligned(as: Int.self))) }
    return 0
}

private func check(_ time: WallTime) {
    precondition(time >= .first && time <= .last, "outside of the calendar")
    precondition(WallTime(time.text) == time, "written and read again, it is another moment")
    precondition(WallTime(time.text(fractionDigits: 7)) == time, "the long text is another moment")
    precondition(time.text.hasPrefix(time.day.text), "the day is another one")
    let midnight = WallTime(startOf: time.day)
    precondition(midnight <= time && time - midnight < .seconds(86_400), "not within its day")
    precondition(midnight + (time - midnight) == time, "adding a difference does not lead there")
}
