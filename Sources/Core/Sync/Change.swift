/// Word that a record may have changed. It says nothing of the record itself, which is read before anything is done.
package struct Mark: Sendable, Equatable {
    package var route: String
    /// The record's id in the system it comes from.
    package var key: String
    package var lane: Lane
    /// What brought the word, for the audit: `webhook 81`, `poll`, `backfill`.
    package var cause: String
    package var heardMilliseconds: Int64
    /// Whether the word is of the record's item: that it may hold something else than was written.
    package var isOfTarget: Bool

    package init(
        route: String,
        key: String,
        lane: Lane,
        cause: String,
        heardMilliseconds: Int64,
        isOfTarget: Bool = false
    ) {
        self.route = route
        self.key = key
        self.lane = lane
        self.cause = cause
        self.heardMilliseconds = heardMilliseconds
        self.isOfTarget = isOfTarget
    }
}

/// A record that waits to be looked at: all marks for it since it was done last, as one.
package struct Change: Sendable, Equatable {
    package var route: String
    package var key: String
    package var lane: Lane
    /// That of its last mark, behind those of the marks that were of its item: who changed what there has to be known.
    package var cause: String
    /// Whether one of its marks was of its item.
    package var isOfTarget: Bool
    /// When the first of its marks was heard.
    package var sinceMilliseconds: Int64
    /// Tries that came to nothing since the last mark.
    package var attempts: Int
    /// Counted up by each mark: a change is done only if none came while it was worked on.
    package var version: Int64
    /// When its system first said that there is no such record.
    package var missingSinceMilliseconds: Int64?

    package init(
        route: String,
        key: String,
        lane: Lane,
        cause: String,
        sinceMilliseconds: Int64,
        attempts: Int = 0,
        version: Int64 = 1,
        missingSinceMilliseconds: Int64? = nil,
        isOfTarget: Bool = false
    ) {
        self.route = route
        self.key = key
        self.lane = lane
        self.cause = cause
        self.sinceMilliseconds = sinceMilliseconds
        self.attempts = attempts
        self.version = version
        self.missingSinceMilliseconds = missingSinceMilliseconds
        self.isOfTarget = isOfTarget
    }
}

/// What waits in one connection's queue.
package struct QueueFacts: Sendable, Equatable {
    package var live = 0
    package var background = 0
    package var parked = 0
    /// When the next change that may not be tried yet becomes due.
    package var nextDueMilliseconds: Int64?

    package init() {}
}
