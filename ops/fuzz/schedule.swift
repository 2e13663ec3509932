// sources: Core
// longest: 64
// seed: every 5m
// seed: every 7d
// seed: daily 02:00
// seed: daily 23:59 UTC
// seed: daily 02:30 Europe/Copenhagen
import Core

/// A schedule that is taken always comes again, later than now and within the time that it names; one that is not taken is
/// refused in words. A zone is asked for only where one is named, and by that name.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    var asked: [String] = []
    do {
        let schedule = try Schedule(text) { name in
            asked.append(name)
            return .utc
        }
        precondition(asked.count <= 1 && asked.allSatisfy { text.hasSuffix(" " + $0) }, "another zone was asked for")
        for now in moments {
            let next = schedule.next(after: now)
            precondition(next > now, "it comes before now")
            switch schedule {
            case .every(let period): precondition(next == now + period, "it comes after another time")
            case .daily(let minute, _):
                precondition(next - now <= .seconds(86_400), "a day without it")
                precondition(next.secondsSince1970 % 86_400 == minute * 60, "at another time of the day")
            }
        }
    } catch {
        precondition(!"\(error)".isEmpty, "refused without a word")
    }
    return 0
}

private let moments = [0, 951_782_399_999, 1_795_172_400_000, 4_107_542_400_000].map {
    WallTime(millisecondsSince1970: $0)
}
