import Core
import Store

extension ProcessStore {
    package func replace(_ old: String?, with new: String?, setting name: String) throws -> Bool {
        try stepped { try $0.replace(old, with: new, setting: name) }
    }

    package func settings(named beginning: String) throws -> [String: String] {
        try stepped { try $0.settings(named: beginning) }
    }

    package func forgetArchivedLinks(before milliseconds: Int64, limit: Int) throws -> Int {
        try stepped { try $0.forgetArchivedLinks(before: milliseconds, limit: limit) }
    }

    package func pruneAudit(before milliseconds: Int64, limit: Int, by remover: AuditRemover) throws -> AuditRemoval {
        try stepped { try $0.pruneAudit(before: milliseconds, limit: limit, by: remover) }
    }

    package func auditStart() throws -> AuditChain {
        try stepped { try $0.auditStart() }
    }

    package func forgetAccounts(spentBefore now: Int64, unusedSince unused: Int64) throws {
        try stepped { try $0.forgetAccounts(spentBefore: now, unusedSince: unused) }
    }

    package func compact() throws -> Bool {
        try stepped { try $0.compact() }
    }
}
