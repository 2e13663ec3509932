// sources: Core
// longest: 1024
// seed: R<+1030>-10:30<+11>-11,M10.1.0,M4.1.0
// seed: RCET-1CEST,M3.5.0,M10.5.0/3
// seed: REST5EDT,0/0,J365/25
// seed: R<-02>2<-01>,J60/-1,J300/167:59:59
// bytes: TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\x01\0\0\0\0\0\0\0TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x02\0\0\0\x02\0\0\0\x04\0\0\0\0\x10\0\0\0\0\0\0\0`\0\0\0\x01\0\0\0\x0e\x10\0\0\0\0\x1c\x20\x01\0CET\0\nCET-1CEST,M3.5.0,M10.5.0/3\n
// bytes: TZif\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\x01\0\0\0\x04\x10\0\0\0\0\0\0\x0e\x10\0\0CET\0
import Core

/// Whatever a file or the rule at its end says: clocks stay within a day or so of UTC, and a schedule always comes again,
/// later and at the time that it is asked for, unless clocks skip it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let rules: TimeZoneRules
    do {
        rules = try TimeZoneRules(bytes.first == UInt8(ascii: "R") ? file(endingWith: bytes.dropFirst()) : bytes)
    } catch {
        precondition(!error.description.isEmpty, "refused without a word")
        return 0
    }
    let minute = bytes.reduce(0) { ($0 + Int($1)) % 1_440 }
    let schedule = Schedule.daily(minute: minute, in: rules)
    for begin in [.first, second(0), second(1_795_000_000), second(253_402_000_000)] {
        var time = begin
        for _ in 0..<4 {
            let offset = rules.offset(at: time)
            precondition(-89_999...93_599 ~= offset, "clocks that nobody has")
            let due = schedule.next(after: time)
            precondition(due - time < .seconds(9 * 86_400), "it does not come again")
            precondition(due > time || due == .last, "it has been already")
            check(due, minute, rules)
            time = due
        }
    }
    return 0
}

private func check(_ due: WallTime, _ minute: Int, _ rules: TimeZoneRules) {
    guard due > .first + .seconds(200_000), due < .last - .seconds(900_000) else { return }
    let shown = due + .seconds(rules.offset(at: due))
    guard shown - WallTime(startOf: shown.day) != .seconds(minute * 60) else { return }
    precondition(rules.offset(at: due - .seconds(1)) < rules.offset(at: due), "another time, and no gap")
}

private func file(endingWith rule: some Sequence<UInt8>) -> [UInt8] {
    let counts = [UInt8](repeating: 0, count: 19) + [1, 0, 0, 0, 1]
    let header = Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15) + counts
    let block = [UInt8](repeating: 0, count: 7)
    return [header, block, header, block].joined() + [0x0A] + rule + [0x0A]
}

private func second(_ seconds: Int) -> WallTime {
    WallTime(millisecondsSince1970: seconds * 1_000)
}
