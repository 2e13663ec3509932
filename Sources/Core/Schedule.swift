/// When something is to be done again and again: `every 5m`, `daily 02:00` (UTC), or `daily 02:00 Europe/Copenhagen`.
package enum Schedule: Sendable, Equatable {
    /// What was expected instead, with examples.
    package struct Wrong: Error, Sendable, Equatable, CustomStringConvertible {
        package let description: String
    }

    case every(Duration)
    /// Minutes after midnight, as clocks show them in that zone.
    case daily(minute: Int, in: TimeZoneRules = .utc)

    /// `zone` finds a time zone's rules by its name. What it throws is thrown on.
    package init(_ text: String, zone: (String) throws -> TimeZoneRules) throws {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        switch (words.first, words.count) {
        case ("every", 2):
            guard let seconds = Self.seconds(words[1]), 1...7 * 86_400 ~= seconds else {
                throw Wrong(description: "expected from every 1s to every 7d, with s, m, h or d behind a whole number")
            }
            self = .every(.seconds(seconds))
        case ("daily", 2), ("daily", 3):
            guard let minute = Self.minute(words[1]) else {
                throw Wrong(description: "expected a time from 00:00 to 23:59, as in \"daily 02:00\"")
            }
            let zone = words.count == 2 || words[2] == "UTC" ? TimeZoneRules.utc : try zone(String(words[2]))
            self = .daily(minute: minute, in: zone)
        default:
            throw Wrong(
                description: "expected a schedule such as \"every 5m\", \"daily 02:00\" (UTC) or "
                    + "\"daily 02:00 Europe/Copenhagen\""
            )
        }
    }

    /// The first time after that one. Where clocks skip the time, the first moment after the gap; where they show it
    /// twice, only the first.
    package func next(after time: WallTime) -> WallTime {
        switch self {
        case .every(let period): return time + period
        case .daily(let minute, let zone):
            let today = zone.day(at: time)
            // Tomorrow, unless clocks were put forward or back by a day or two.
            for days in 0...8 {
                if let due = zone.moment(of: minute, on: today.adding(days: days)), due > time { return due }
            }
            return .last
        }
    }

    private static func minute(_ clock: Substring) -> Int? {
        let parts = clock.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy(isDigit) }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
        else { return nil }
        return hour * 60 + minute
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
