import Core
import Transport

/// Keys that the target was asked for and did not have, so that a first load asks for a hundred at once and not for each
/// batch it writes: where calls are counted by the day that is nearly half of them.
///
/// Only what this process was told lately counts, and only until it writes the key: an item that somebody else may have
/// made meanwhile is looked for.
struct Absences {
    /// So many are looked for at once.
    static let ahead = 100
    static let life = Duration.seconds(300)

    private var known: [String: Instant] = [:]

    func has(_ key: String, at now: Instant) -> Bool {
        known[key].map { now - $0 < Self.life } ?? false
    }

    mutating func note(_ keys: some Sequence<String>, at now: Instant) {
        for key in keys { known[key] = now }
        guard known.count > 10 * Self.ahead else { return }
        known = known.filter { now - $0.value < Self.life }
    }

    /// It is about to be written, and may be there whatever is heard of that.
    mutating func forget(_ keys: some Sequence<String>) {
        for key in keys { known[key] = nil }
    }

    mutating func forgetAll() {
        known = [:]
    }
}
