/// How long a tenant's store keeps what nobody works with any more, in days.
///
/// A connection's file says it. A tenant has one store and one audit, so of several connections the longest time holds.
package struct Retention: Sendable, Equatable {
    /// Ten years is the longest that books and vouchers have to be kept in the countries where Dynamics is at home, and
    /// it is counted from the end of the year they belong to.
    package var auditDays = 11 * 365 + 3
    /// A record that comes back after a year is looked up on its target, so that even then it gets no second item.
    package var archivedLinkDays = 400
    /// Vendors repeat a webhook for three days at most: a key that is forgotten earlier would be accepted again.
    package var eventKeyDays = 14

    package init() {}

    package init(_ field: JSONField) throws(JSONField.Wrong) {
        guard let field = field.orNil else { return }
        try field.allowOnly(["auditDays", "archivedLinkDays", "eventKeyDays"])
        if let days = field["auditDays"].orNil { auditDays = try days.int(in: Self.auditBounds) }
        if let days = field["archivedLinkDays"].orNil { archivedLinkDays = try days.int(in: Self.linkBounds) }
        if let days = field["eventKeyDays"].orNil { eventKeyDays = try days.int(in: Self.keyBounds) }
    }

    // Less than a month of audit explains nothing any more, and a hundred years are for ever.
    private static let auditBounds = 30...36_525
    private static let linkBounds = 1...36_525
    private static let keyBounds = 3...365

    package func orLonger(_ other: Retention) -> Retention {
        var both = self
        both.auditDays = max(auditDays, other.auditDays)
        both.archivedLinkDays = max(archivedLinkDays, other.archivedLinkDays)
        both.eventKeyDays = max(eventKeyDays, other.eventKeyDays)
        return both
    }

    /// What is older than that many days is older than this.
    package static func milliseconds(_ days: Int, before now: Int64) -> Int64 {
        now - Int64(days) * 86_400_000
    }

    // MARK: As it is stored

    package var text: String { "\(auditDays) \(archivedLinkDays) \(eventKeyDays)" }

    /// Nil for what is none: it is better kept too long than not long enough.
    package init?(text: String) {
        let days = text.split(separator: " ", omittingEmptySubsequences: false).map { Int($0) }
        guard days.count == 3, let audit = days[0], let links = days[1], let keys = days[2],
            Self.auditBounds ~= audit, Self.linkBounds ~= links, Self.keyBounds ~= keys
        else { return nil }
        auditDays = audit
        archivedLinkDays = links
        eventKeyDays = keys
    }
}
