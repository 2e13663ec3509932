import Core

/// Which records to show or to replay. What only parked ones have, only they fit.
package struct RecordQuery: Sendable, Equatable {
    package var route: String?
    /// Only those that wait for a person.
    package var parked: Bool
    /// The record's id or number, or the item's id; nil for all.
    package var name: String?
    /// What kind of failure they are parked for: a `CallError.Kind`.
    package var kind: String?
    /// Parked at that time or later, and before the other.
    package var sinceMilliseconds: Int64?
    package var untilMilliseconds: Int64?
    /// What brought the last word of it: `webhook 81`.
    package var cause: String?
    package var after: RecordPlace?
    package var limit: Int

    package init(
        route: String? = nil,
        parked: Bool = false,
        name: String? = nil,
        after: RecordPlace? = nil,
        limit: Int
    ) {
        self.route = route
        self.parked = parked
        self.name = name
        self.after = after
        self.limit = limit
    }

    /// Whether a record that is not parked can fit.
    package var isOfParked: Bool {
        parked || kind != nil || sinceMilliseconds != nil || untilMilliseconds != nil || cause != nil
    }
}

/// Where a record stands among all of a connection: by route, then by id.
package struct RecordPlace: Sendable, Equatable {
    package var route: String
    package var key: String

    package init(route: String, key: String) {
        self.route = route
        self.key = key
    }
}

/// A record as an operator sees it: its link, and what waits or failed.
package struct RecordFacts: Sendable, Equatable {
    package var route: String
    package var key: String
    package var link: Link?
    package var isWaiting: Bool
    /// Why it is parked; nil while it is not.
    package var parking: Parking?
    /// Tries that came to nothing: since the last mark, or, of what is parked, since it was done last.
    package var attempts: Int

    package struct Parking: Sendable, Equatable {
        /// A `CallError.Kind`, by name.
        package var kind: String
        /// In the vendor's words, where it was the vendor that refused.
        package var reason: String
        /// What brought the last word of it.
        package var cause: String
        package var parkedMilliseconds: Int64
        /// When it was parked for the first time since it was done last.
        package var failingSinceMilliseconds: Int64
    }

    package var isParked: Bool { parking != nil }
    package var reason: String? { parking?.reason }
    package var place: RecordPlace { RecordPlace(route: route, key: key) }
}

/// Who wants records to be tried again, and how urgently.
package struct ReplayWish: Sendable, Equatable {
    package var person: String
    package var lane: Lane
    /// The connection's name, for the audit.
    package var connection: String

    package init(by person: String, lane: Lane, connection: String) {
        self.person = person
        self.lane = lane
        self.connection = connection
    }
}
