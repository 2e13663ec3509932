import Core

/// Which records wait for the item or the label of another one, so that they are looked at again once it is there.
///
/// It is kept in memory and is bounded: what is forgotten is found by the nightly comparison.
struct RelationWaiting: Sendable, Equatable {
    /// A record by its route; of a list, an option by its name.
    struct Place: Hashable, Sendable {
        var route: String
        var key: String
    }

    private var waiters: [Place: [Place: Lane]] = [:]
    private(set) var count = 0
    private let most: Int

    init(most: Int = 20_000) {
        self.most = most
    }

    /// With the lane in which it was looked at.
    mutating func wait(_ waiter: Place, for other: Place, _ lane: Lane) {
        if let known = waiters[other]?[waiter] {
            waiters[other]?[waiter] = min(known, lane)
        } else if count < most {
            waiters[other, default: [:]][waiter] = lane
            count += 1
        }
    }

    /// Whom to look at, now that it is there.
    mutating func came(_ other: Place) -> [(waiter: Place, lane: Lane)] {
        guard let some = waiters.removeValue(forKey: other) else { return [] }
        count -= some.count
        return some.map { ($0.key, $0.value) }.sorted {
            ($0.waiter.route, $0.waiter.key) < ($1.waiter.route, $1.waiter.key)
        }
    }
}
