import Core

/// What a tenant's store keeps of the comparisons of its connections' routes: which one is under way, what it has seen
/// so far on both sides, and what the last one found.
package protocol ReconcileStore: Actor {
    /// All routes of a connection that can be compared, in the order of their names.
    func reconciles(for connection: Int64) throws -> [ReconcileFacts]
    /// A route that is new here rests from now on.
    func reconcile(of route: String, at now: Int64, for connection: Int64) throws -> ReconcileFacts
    /// False where there is no such route.
    func wish(_ wish: ReconcileWish, reconciling route: String, for connection: Int64) throws -> Bool
    /// The wish that it fulfils is taken off; another one that came meanwhile stays.
    func begin(_ reconciliation: Reconciliation, of route: String, for connection: Int64) throws
    func saw(
        _ seen: [Seen],
        of route: String,
        going reconciliation: Reconciliation,
        for connection: Int64
    ) throws
    /// Forgets what was seen on one side, at most so much at once. True when nothing is left.
    func forget(_ side: Seen.Side, of route: String, limit: Int, for connection: Int64) throws -> Bool
    /// How many records have items, and how many of those records were not seen.
    func weigh(_ route: String, for connection: Int64) throws -> (items: Int, extra: Int)
    /// The next keys whose two sides do not match as they were seen.
    func suspects(after key: String, of route: String, limit: Int, for connection: Int64) throws -> Suspects
    func standings(of keys: [String], on route: String, for connection: Int64) throws -> [String: Standing]
    /// Whose items these are, as far as links say so.
    func owners(of items: [String], on route: String, for connection: Int64) throws -> [String: String]
    func conclude(_ check: ReconcileCheck, of route: String, for connection: Int64) throws
    func finish(
        _ reconciliation: Reconciliation,
        of route: String,
        audit: AuditEntry,
        for connection: Int64
    ) throws
    /// What one run found, in the order of the records' keys.
    func drifts(of route: String, run: Int, from line: Int, limit: Int, for connection: Int64) throws -> [Drift]
}

/// One side of a record, as a page showed it.
package struct Seen: Sendable, Equatable {
    package enum Side: Sendable, CaseIterable {
        case records
        case items
    }

    package var side: Side
    /// Nil for an item that is no record's.
    package var key: String?
    package var item: String
    /// Equal ones hold equal values; nil for a record that cannot be written as it is.
    package var print: [UInt8]?

    package init(record key: String, print: [UInt8]?) {
        side = .records
        self.key = key
        item = ""
        self.print = print
    }

    package init(item: String, key: String?, print: [UInt8]?) {
        side = .items
        self.key = key
        self.item = item
        self.print = print
    }
}

package struct ReconcileFacts: Sendable, Equatable {
    package var route: String
    /// The number of the last one that was begun.
    package var run: Int
    /// When the last one ended, or the route was seen first.
    package var restedMilliseconds: Int64
    package var wish: ReconcileWish?
    package var running: Reconciliation?
    package var last: Reconciliation?
}

package struct Suspects: Sendable, Equatable {
    /// In their order, with the items that were seen with each.
    package var keys: [(key: String, items: [String])] = []
    /// All keys as far as this one have been gone through; nil when all have.
    package var through: String?

    package init() {}

    package static func == (a: Suspects, b: Suspects) -> Bool {
        a.through == b.through && a.keys.elementsEqual(b.keys) { $0 == $1 }
    }
}

/// Whether something is being done about a record anyway.
package struct Standing: Sendable, Equatable {
    package var isWaiting = false
    package var isParked = false
    /// A write of it was begun, and its outcome is not known.
    package var isWriting = false

    package init(isWaiting: Bool = false, isParked: Bool = false, isWriting: Bool = false) {
        self.isWaiting = isWaiting
        self.isParked = isParked
        self.isWriting = isWriting
    }
}

/// A link that is to be another one, unless it has become another one meanwhile or the record is being written.
package struct Relink: Sendable, Equatable {
    package var key: String
    /// As it was when the item was read; nil where there was none.
    package var before: Link?
    /// Nil forgets it.
    package var after: Link?
    /// Only if it was done.
    package var audit: [AuditEntry]

    package init(key: String, before: Link?, after: Link?, audit: [AuditEntry] = []) {
        self.key = key
        self.before = before
        self.after = after
        self.audit = audit
    }
}

/// What one batch of suspects came to. All it touches is stored at once.
package struct ReconcileCheck: Sendable, Equatable {
    package var reconciliation: Reconciliation
    package var relinks: [Relink] = []
    package var marks: [Mark] = []
    package var lines: [Drift] = []

    package init(_ reconciliation: Reconciliation) {
        self.reconciliation = reconciliation
    }
}
