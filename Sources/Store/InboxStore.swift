import Core

/// Where the gateway keeps what it has acknowledged until a worker has it: one inbox, with one owner at a time.
///
/// It does not look for duplicates. Its owner holds the keys of `index()` in memory, and a tenant's store refuses what
/// slips through.
package protocol InboxStore: Actor {
    /// Stores all of `arrivals` under ascending sequences and forgets `removing`, in one durable step or not at all.
    ///
    /// After `.full` the removals may be tried alone: they make the room.
    func commit(_ arrivals: [Arrival], removing: [Int64]) throws -> CommitReceipt
    /// Everything there is, in the order it was stored: what an owner starts from.
    func index() throws -> [InboxEntry]
    /// In the order asked for; what is not there any more is left out.
    func load(_ sequences: [Int64]) throws -> [Event]
    func usage() throws -> InboxUsage
    /// Gives some room that is not used any more back to the disk; true when there is more. Not to be asked for while
    /// arrivals come in, who would have to take it again.
    func compact() throws -> Bool
    /// Gives the inbox up to the next owner. Every later call answers `.closed`.
    func close()
}

/// Says that a commit is on disk, and under which sequences.
package struct CommitReceipt: Sendable, Equatable {
    /// One for each arrival, in their order; empty without arrivals.
    package var sequences: Range<Int64>

    package init(sequences: Range<Int64>) {
        self.sequences = sequences
    }
}

package struct InboxEntry: Sendable, Equatable {
    package var sequence: Int64
    package var connection: Int64
    package var key: EventKey
    /// Of its body.
    package var bytes: Int

    package init(sequence: Int64, connection: Int64, key: EventKey, bytes: Int) {
        self.sequence = sequence
        self.connection = connection
        self.key = key
        self.bytes = bytes
    }
}

package struct InboxUsage: Sendable, Equatable {
    package var events: Int
    /// What the events take up in the store, which is more than their bodies.
    package var bytes: Int64
    /// What the store may grow to; nil when only the disk ends it.
    package var maximumBytes: Int64?

    package init(events: Int, bytes: Int64, maximumBytes: Int64?) {
        self.events = events
        self.bytes = bytes
        self.maximumBytes = maximumBytes
    }
}
