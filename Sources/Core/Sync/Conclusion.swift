/// What became of one change. All it touches is stored at once: a crash leaves either all of it or nothing.
package struct Conclusion: Sendable, Equatable {
    package enum End: Sendable, Equatable {
        /// Nothing is left to do, unless it was marked again meanwhile.
        case done
        /// To be tried again then.
        case later(dueMilliseconds: Int64, attempts: Int, missingSince: Int64?)
        /// Waits for a person, or for the next mark.
        case parked(kind: String, reason: String, attempts: Int)
    }

    package var route: String
    package var key: String
    /// Of the change as it was taken.
    package var version: Int64
    package var end: End
    /// The record's link as it is now; nil leaves it as it was.
    package var link: Link?
    /// The item is no longer there: the link is forgotten.
    package var unlinks = false
    /// The intent that is settled by this.
    package var intent: Int64?
    /// What is to be sent because of it, stored with it.
    package var next: [Intent]
    package var audit: [AuditEntry]

    package init(
        route: String,
        key: String,
        version: Int64,
        end: End,
        link: Link? = nil,
        unlinks: Bool = false,
        intent: Int64? = nil,
        next: [Intent] = [],
        audit: [AuditEntry] = []
    ) {
        self.route = route
        self.key = key
        self.version = version
        self.end = end
        self.link = link
        self.unlinks = unlinks
        self.intent = intent
        self.next = next
        self.audit = audit
    }
}
