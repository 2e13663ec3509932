import Core

/// What would be done about one record: the line that the audit would get, if every write came off.
package struct PreviewLine: Sendable, Equatable {
    package var route: String
    package var key: String
    package var number: String
    /// The item that there is already.
    package var target: String?
    /// In the audit's words; `parked` for what would be refused.
    package var decision: AuditEntry.Decision
    package var fields: [AuditEntry.Field]
    package var reason: String?

    package init(_ entry: AuditEntry) {
        route = entry.route
        key = entry.key
        number = entry.number
        target = entry.target
        decision = entry.decision
        fields = entry.fields
        reason = entry.reason
    }
}

extension PreviewLine {
    /// Whether the target would be told of it.
    package var isWrite: Bool {
        switch decision {
        // A record that is gone may leave its item as it is.
        case .archived: reason == nil
        case .created, .updated, .adopted, .wroteBack: true
        // What was lost by a write stands in a line beside that of the write.
        case .conflict, .refused, .overwritten: false
        case .unchanged, .kept, .lost, .parked, .ignored, .replayed, .reconciled, .pruned: false
        }
    }
}

/// How much of a connection to look at.
package struct PreviewWish: Sendable, Equatable {
    /// Records of each route, the longest unchanged first; all, with nil.
    package var limit: Int?

    package init(limit: Int?) {
        self.limit = limit
    }
}

/// What a preview has to tell, in this order for each route.
package enum PreviewNews: Sendable, Equatable {
    /// `records` is how many there are, where their system says; `load` is how long it takes to bring over all of them,
    /// where none are there yet.
    case began(route: String, place: String, records: Int?, load: Estimate?)
    case line(PreviewLine)
    /// Something in the way of the whole route: a column that the target does not have.
    case notice(route: String, String)
    /// Of all records, so many would be written, which takes so long.
    case ended(route: String, writes: Int, time: Estimate?)
}

/// A flow that cannot say beforehand what it would do.
package struct NoPreview: Error, Sendable, CustomStringConvertible {
    package init() {}

    package var description: String { "its flow writes nothing anywhere, so there is nothing to preview" }
}
