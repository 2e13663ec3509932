/// One record on both sides: who it is there and here, and what we last made of it.
///
/// The values are those last written, under the target's names. A record whose values are the same costs no write, and a
/// change that comes back from the target is known for our own by them. On a route that goes both ways they are the mirror:
/// per field what both sides last agreed on.
package struct Link: Sendable, Equatable {
    package enum State: String, Sendable {
        case live
        /// Its record is gone; the item was put away.
        case archived
    }

    package var route: String
    package var key: String
    package var target: String
    /// What people call it: the document's number.
    package var number: String
    package var values: JSON.Object
    /// What people have made of the source's fields on the target, where the route leaves it: said once in the audit.
    package var kept: JSON.Object
    package var state: State
    package var writtenMilliseconds: Int64

    package init(
        route: String,
        key: String,
        target: String,
        number: String,
        values: JSON.Object,
        kept: JSON.Object = JSON.Object(),
        state: State = .live,
        writtenMilliseconds: Int64
    ) {
        self.route = route
        self.key = key
        self.target = target
        self.number = number
        self.values = values
        self.kept = kept
        self.state = state
        self.writtenMilliseconds = writtenMilliseconds
    }
}

/// A write that is about to be made, stored before it is sent: whatever happens then, the next process knows what to
/// look for.
package struct Intent: Sendable, Equatable {
    package enum Action: String, Sendable {
        case create
        case update
        case archive
        /// What people changed on the target goes to the source.
        case back
        /// Word for people, on the item.
        case tell
    }

    /// The store's number for it; 0 before it is stored.
    package var id: Int64 = 0
    /// The idempotency key of the request it goes with, which may carry others.
    package var batch: String
    package var route: String
    package var key: String
    package var action: Action
    /// The item to be changed; nil for one that is to be made.
    package var target: String?
    package var number: String
    /// Exactly what is sent: all values of a new item, the changed ones of another.
    package var values: JSON.Object
    /// What it goes over, on a route that goes both ways.
    package var aside: Aside?
    package var cause: String
    /// Of the change it comes from.
    package var version: Int64
    package var sinceMilliseconds: Int64
    package var madeMilliseconds: Int64

    package init(
        batch: String,
        route: String,
        key: String,
        action: Action,
        target: String?,
        number: String,
        values: JSON.Object,
        aside: Aside? = nil,
        cause: String,
        version: Int64,
        sinceMilliseconds: Int64,
        madeMilliseconds: Int64
    ) {
        self.batch = batch
        self.route = route
        self.key = key
        self.action = action
        self.target = target
        self.number = number
        self.values = values
        self.aside = aside
        self.cause = cause
        self.version = version
        self.sinceMilliseconds = sinceMilliseconds
        self.madeMilliseconds = madeMilliseconds
    }
}
