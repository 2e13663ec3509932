import Core

/// What a connection's engine keeps in its tenant's store: what waits, what is linked, what is about to be written, how
/// far it has read, and the audit of it all.
package protocol SyncStore: Actor {
    /// Takes marks over and moves the route's progress in one step: what is read as far as this is marked as far as this.
    func mark(_ marks: [Mark], advancing progress: Progress?, for connection: Int64) throws
    /// Forgets the bodies of events and keeps their keys, and takes over the marks that came of them: an event that is
    /// gone has left its mark. Answers how many were waiting; one settled before is not counted again.
    func settle(
        _ ids: [Int64],
        marking marks: [Mark],
        for connection: Int64,
        atMilliseconds now: Int64
    ) throws -> Int
    /// Changes that may be tried now, the longest due first.
    func changes(of route: String, lane: Lane, limit: Int, at now: Int64, for connection: Int64) throws -> [Change]
    func queue(of route: String?, at now: Int64, for connection: Int64) throws -> QueueFacts
    func progress(of route: String, for connection: Int64) throws -> JSON?

    func links(_ keys: [String], of route: String, for connection: Int64) throws -> [String: Link]
    /// Which records these items are of: where word of a change comes from the target. One that nobody is linked to is not
    /// among the answers.
    func keys(ofTargets targets: [String], of route: String, for connection: Int64) throws -> [String: [String]]
    /// Those whose items are in step, in the order of their keys, from the one behind that key on.
    func liveLinks(of route: String, after key: String?, limit: Int, for connection: Int64) throws -> [Link]
    /// What was written is written no more: every record of the route is looked up and written anew.
    func forgetLinks(of route: String, for connection: Int64) throws
    /// Stored before the writes are sent; answers them with their numbers.
    func intend(_ intents: [Intent], for connection: Int64) throws -> [Intent]
    /// Intents whose outcome nobody knows: their process died, or no answer came.
    func openIntents(of route: String, for connection: Int64) throws -> [Intent]
    func conclude(_ conclusions: [Conclusion], at now: Int64, for connection: Int64) throws

    func records(_ query: RecordQuery, for connection: Int64) throws -> [RecordFacts]
    /// Makes waiting changes of the parked ones that the query finds, in one step with a line of the audit for each, and
    /// answers them as they were. With a name alone it finds records that are not parked, too: they are looked at once
    /// more. What is not parked any more is left alone, so it may be asked again, at any time.
    func replay(_ query: RecordQuery, _ wish: ReplayWish, at now: Int64, for connection: Int64) throws -> [RecordFacts]
    /// Lines after that number, oldest first: of one connection, or of the whole tenant.
    func audit(after sequence: Int64, limit: Int, for connection: Int64?) throws -> [AuditLine]
    /// The lines that fit, oldest first, one page.
    func auditLines(_ query: AuditQuery) throws -> [AuditLine]
    /// After which line the last so many of those that fit begin.
    func auditPlace(beforeLast count: Int, of query: AuditQuery) throws -> Int64
    /// Where the audit ends, as it was written with its last line.
    func auditChain() throws -> AuditChain
}

/// How far a route has been read, in the words of whoever reads it.
package struct Progress: Sendable, Equatable {
    package var route: String
    package var state: JSON

    package init(route: String, state: JSON) {
        self.route = route
        self.state = state
    }
}

/// A line of the audit as it is stored, with the link of the chain that holds it.
package struct AuditLine: Sendable, Equatable {
    package var sequence: Int64
    package var text: String
    package var hash: [UInt8]

    package init(sequence: Int64, text: String, hash: [UInt8]) {
        self.sequence = sequence
        self.text = text
        self.hash = hash
    }
}
