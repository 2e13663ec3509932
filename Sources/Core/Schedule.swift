/// When something is to be done again and again: `every 5m`, or `daily 02:00` (UTC).
package enum Schedule: Sendable, Equatable {
    case every(Duration)
    /// Minutes after midnight, UTC.
    case daily(minute: Int)

    package init?(_ text: String) {
        let words = text.split(separator: " ")
        guard words.count == 2 || words.count == 3 && words[2] == "UTC" && words[0] == "daily" else { return nil }
        switch (words[0], words[1]) {
        case ("every", let span):
            guard let seconds = Self.seconds(span), seconds >= 1, seconds <= 7 * 86_400 else { return nil }
            self = .every(.seconds(seconds))
        case ("daily", let clock):
            let parts = clock.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 }), let hour = Int(parts[0]),
                let minute = Int(parts[1]), (0..<24).contains(hour), (0..<60).contains(minute)
            else { return nil }
            self = .daily(minute: hour * 60 + minute)
        default: return nil
        }
    }

    /// The first time after that one.
    package func next(after time: WallTime) -> WallTime {
        switch self {
        case .every(let period): return time + period
        case .daily(let minute):
            let today = WallTime(startOf: time.day) + .seconds(minute * 60)
            return today > time ? today : today + .seconds(86_400)
        }
    }

    private static func seconds(_ span: Substring) -> Int? {
        guard let unit = span.last, let count = Int(span.dropLast()), count > 0, count < 1_000_000 else { return nil }
        switch unit {
        case "s": return count
        case "m": return count * 60
        case "h": return count * 3_600
        case "d": return count * 86_400
        default: return nil
        }
    }
}
