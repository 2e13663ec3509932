import Core

/// What keeps a tenant's store from growing for ever. Each call is one short transaction, and none waits for the disk:
/// should the machine's own end undo it, it is done again.
package protocol HousekeepingStore: Actor {
    /// Replaces the setting only where it still is `old`: of several processes that want it, one gets it.
    func replace(_ old: String?, with new: String?, setting name: String) throws -> Bool
    /// The settings whose names begin so.
    func settings(named beginning: String) throws -> [String: String]
    /// Forgets links that were archived before that time and of which nothing waits; answers how many, at most `limit`.
    func forgetArchivedLinks(before milliseconds: Int64, limit: Int) throws -> Int
    /// Removes lines of the audit older than that time, from its beginning and at most `limit`, and adds a line that says
    /// so. What does not follow from the line before it is left where it is, for whoever looks into it.
    func pruneAudit(before milliseconds: Int64, limit: Int, by remover: AuditRemover) throws -> AuditRemoval
    /// The last line that was removed from the audit by policy; with no line, nothing was.
    func auditStart() throws -> AuditChain
    /// Forgets what accounts have spent and is free again, and accounts that nobody has asked since `unused`.
    func forgetAccounts(spentBefore now: Int64, unusedSince unused: Int64) throws
    /// Gives some room that is not used any more back to the disk; true when there is more.
    func compact() throws -> Bool
}

/// Who removes lines, for the line that says so.
package struct AuditRemover: Sendable, Equatable {
    package var connection: Int64
    package var name: String
    package var atMilliseconds: Int64

    package init(connection: Int64, name: String, atMilliseconds: Int64) {
        self.connection = connection
        self.name = name
        self.atMilliseconds = atMilliseconds
    }
}

package struct AuditRemoval: Sendable, Equatable {
    /// How many lines.
    package var lines = 0
    /// There may be more that are old enough.
    package var isMore = false
    /// The first line that is not as it should be; nothing from there on is removed.
    package var fault: AuditChain.Fault?

    package init() {}
}
