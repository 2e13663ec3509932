/// One decision on one record: what was done, why, and what each field was before and after.
package struct AuditEntry: Sendable, Equatable {
    package enum Decision: String, Sendable, CaseIterable {
        case created, updated, archived, unchanged
        /// An item that was there already, and is ours by its key.
        case adopted
        /// The item of a record was gone; it is made again.
        case lost
        /// Cannot be written as it is, and waits for a person or a newer change.
        case parked
        /// The record is gone and never had an item.
        case ignored
        /// A person wants it tried again.
        case replayed
        /// A change made on the target is in the source now.
        case wroteBack
        /// Changed on both sides: the owner's value stands, the other one is lost but for this line.
        case conflict
        /// A change made on the target that the source does not take: what the source holds was written over it.
        case refused
        /// A change made by hand on the target, of a field that the source owns, was written over.
        case overwritten
        /// Such a change was left, as the route says.
        case kept
        /// Both sides of a route were compared as a whole.
        case reconciled
        /// Of the audit itself: its oldest lines were removed.
        case pruned
    }

    package struct Field: Sendable, Equatable {
        package var name: String
        package var before: JSON?
        package var after: JSON?
        /// What the other side held, where that was a change and nobody has it any more.
        package var lost: JSON?

        package init(name: String, before: JSON?, after: JSON?, lost: JSON? = nil) {
            self.name = name
            self.before = before
            self.after = after
            self.lost = lost
        }
    }

    package var atMilliseconds: Int64
    package var connection: String
    package var route: String
    package var key: String
    package var number: String
    package var target: String?
    package var decision: Decision
    package var cause: String
    package var fields: [Field]
    /// What the vendor's support asks for.
    package var requestID: String?
    package var reason: String?

    package init(
        atMilliseconds: Int64,
        connection: String,
        route: String,
        key: String,
        number: String,
        target: String? = nil,
        decision: Decision,
        cause: String,
        fields: [Field] = [],
        requestID: String? = nil,
        reason: String? = nil
    ) {
        self.atMilliseconds = atMilliseconds
        self.connection = connection
        self.route = route
        self.key = key
        self.number = number
        self.target = target
        self.decision = decision
        self.cause = cause
        self.fields = fields
        self.requestID = requestID
        self.reason = reason
    }

    /// The line as it is stored, chained and exported, with the place it has in the chain.
    package func json(sequence: Int64) -> JSON {
        var line = JSON.Object()
        line["seq"] = .number(Int(sequence))
        line["at"] = .string(WallTime(millisecondsSince1970: Int(atMilliseconds)).text(fractionDigits: 3))
        line["connection"] = .string(connection)
        line["route"] = .string(route)
        line["record"] = .string(key)
        line["number"] = .string(number)
        if let target { line["item"] = .string(target) }
        line["decision"] = .string(decision.rawValue)
        line["cause"] = .string(cause)
        if let reason { line["reason"] = .string(reason) }
        if let requestID { line["request"] = .string(requestID) }
        if !fields.isEmpty {
            var changed = JSON.Object()
            for field in fields {
                var values = JSON.Object()
                values["before"] = field.before ?? .null
                values["after"] = field.after ?? .null
                if let lost = field.lost { values["lost"] = lost }
                changed[field.name] = .object(values)
            }
            line["fields"] = .object(changed)
        }
        return .object(line)
    }
}
