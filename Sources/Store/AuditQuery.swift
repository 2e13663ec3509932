import Core

/// Which lines of the audit to show.
package struct AuditQuery: Sendable, Equatable {
    /// Of one connection, or of the whole tenant.
    package var connection: Int64?
    /// A record's id, or a number or an item that it ever had: all lines of that record fit.
    package var name: String?
    /// Written at that time or later, and before the other. A line whose time cannot be read is one that somebody wants
    /// to see: it fits.
    package var since: WallTime?
    package var until: WallTime?
    /// After the line of that number.
    package var after: Int64
    package var limit: Int

    package init(
        connection: Int64? = nil,
        name: String? = nil,
        since: WallTime? = nil,
        until: WallTime? = nil,
        after: Int64 = 0,
        limit: Int
    ) {
        self.connection = connection
        self.name = name
        self.since = since
        self.until = until
        self.after = after
        self.limit = limit
    }
}
