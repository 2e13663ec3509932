import Core

/// A tenant's own store, shared by the workers of its connections: what each has taken over and not yet settled, what its
/// engine keeps, and the limits they share.
package protocol TenantStore: SyncStore, WindowStore, ReconcileStore, HousekeepingStore {
    /// Takes events over, durably: when this returns the gateway may forget them. An event whose key the connection has
    /// accepted before, settled or not, is counted and dropped.
    func accept(_ events: [Event], for connection: Int64) throws -> Accepted
    /// The oldest events not settled, after the one given, in the order of their acceptance.
    func waiting(for connection: Int64, after id: Int64, limit: Int) throws -> [WaitingEvent]
    func counts(for connection: Int64) throws -> EventCounts
    /// Forgets keys settled before that time, oldest first and at most `limit`; answers how many. The time must lie
    /// further back than any sender repeats itself: a key that is forgotten would be accepted again.
    func forgetSettled(before milliseconds: Int64, limit: Int) throws -> Int
    func setting(_ name: String) throws -> String?
    /// Nil removes it.
    func put(_ value: String?, setting name: String) throws
    func close()
}

extension TenantStore {
    /// Forgets the bodies and keeps the keys. Answers how many were waiting; one settled before is not counted again.
    package func settle(_ ids: [Int64], for connection: Int64, atMilliseconds now: Int64) throws -> Int {
        try settle(ids, marking: [], for: connection, atMilliseconds: now)
    }
}

package struct Accepted: Sendable, Equatable {
    package var stored: Int
    package var duplicates: Int

    package init(stored: Int, duplicates: Int) {
        self.stored = stored
        self.duplicates = duplicates
    }
}

package struct WaitingEvent: Sendable, Equatable {
    /// The tenant's own number for it, never given twice.
    package var id: Int64
    package var arrival: Arrival

    package init(id: Int64, arrival: Arrival) {
        self.id = id
        self.arrival = arrival
    }
}

/// Of one connection, since it was made.
package struct EventCounts: Sendable, Equatable {
    package var accepted: Int64
    package var duplicates: Int64
    package var settled: Int64
    package var waiting: Int64 { accepted - settled }

    package init(accepted: Int64 = 0, duplicates: Int64 = 0, settled: Int64 = 0) {
        self.accepted = accepted
        self.duplicates = duplicates
        self.settled = settled
    }
}
