import Core

/// The keys of the last events, as many as fit: what a vendor sends twice within minutes is known again without asking
/// the disk. An older repetition is caught by the tenant's own store.
struct RecentKeys: Sendable {
    private let half: Int
    private var current: Set<EventKey> = []
    private var previous: Set<EventKey> = []

    /// Remembers at least half of `limit` keys and at most all of them.
    init(limit: Int) {
        half = max(limit / 2, 1)
    }

    func contains(_ key: EventKey) -> Bool {
        current.contains(key) || previous.contains(key)
    }

    mutating func insert(_ key: EventKey) {
        if current.count >= half {
            previous = current
            current = Set(minimumCapacity: half)
        }
        current.insert(key)
    }
}
