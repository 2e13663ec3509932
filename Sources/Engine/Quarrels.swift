import Core

/// Keeps two systems from correcting each other without end, where one of them never holds a value just as the other one
/// gives it: each correction comes back as a change by people, whom nobody can tell from it.
package struct Quarrels: Sendable, Equatable {
    package enum Kind: Sendable, Hashable {
        /// People who fill in an item write back once for each field.
        case writeBack
        case overwriting

        fileprivate var most: Int {
            switch self {
            case .writeBack: 20
            case .overwriting: 5
            }
        }
    }

    private struct Place: Sendable, Hashable {
        var key: String
        var kind: Kind
    }

    package static let span = Duration.seconds(600)
    private static let mostPlaces = 10_000

    /// When, of each record lately written to because of what its item held.
    private var recent: [Place: [Int64]] = [:]

    package init() {}

    /// Nil when the record may be written now, otherwise when it may.
    package mutating func admit(_ key: String, _ kind: Kind, at now: Int64) -> Int64? {
        let span = Self.span.milliseconds
        let place = Place(key: key, kind: kind)
        // A time to come is one of before the clock was set back.
        var times = recent[place, default: []].filter { $0 + span > now && $0 <= now }
        guard times.count < kind.most else { return (times.first ?? now) + span }
        times.append(now)
        if recent[place] == nil, recent.count >= Self.mostPlaces {
            recent = recent.filter { ($0.value.last ?? 0) + span > now }
            if recent.count >= Self.mostPlaces { recent = [:] }
        }
        recent[place] = times
        return nil
    }
}
