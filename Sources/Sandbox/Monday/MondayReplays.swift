import Core

/// The answers that are kept for their idempotency keys: for half an hour, when they are not too large and not too many.
struct MondayReplays: Sendable {
    static let life = Duration.seconds(1_800)
    static let largest = 1 << 20

    struct Kept: Sendable {
        /// A hash of the body.
        var request: Int
        /// Nil while the first request is under way.
        var answer: Reply?
        var began: Instant
    }

    private var kept: [String: Kept] = [:]
    /// The keys in the order they came, to forget the oldest.
    private var order: [(key: String, began: Instant)] = []

    enum Verdict {
        case first
        case replay(Reply)
        case conflict
        /// The key was used with another body.
        case different
        /// There is no room for another key, so nothing is kept for it.
        case unkept
    }

    mutating func begin(
        _ key: String,
        _ request: Int,
        _ choice: MondayOptions.ReusedKey,
        most: Int,
        at now: Instant
    ) -> Verdict {
        forget(at: now)
        guard let known = kept[key] else {
            guard kept.count < most else { return .unkept }
            kept[key] = Kept(request: request, began: now)
            order.append((key, now))
            return .first
        }
        guard let answer = known.answer else { return .conflict }
        guard known.request != request else { return .replay(answer) }
        switch choice {
        case .replay: return .replay(answer)
        case .execute: return .unkept
        case .refuse: return .different
        }
    }

    /// `answer` is nil when it is not to be kept.
    mutating func end(_ key: String, _ answer: Reply?) {
        if let answer, answer.body.count <= Self.largest { kept[key]?.answer = answer } else { kept[key] = nil }
    }

    private mutating func forget(at now: Instant) {
        let expired = order.prefix { $0.began + Self.life <= now }
        for entry in expired where kept[entry.key]?.began == entry.began { kept[entry.key] = nil }
        order.removeFirst(expired.count)
    }
}
