import Core

/// Follows an audit from where it begins to its end, and finds whether it begins there by policy.
///
/// Lines that were removed by policy are named by a line that is still there, with the hash of the last of them. So
/// whoever removes lines by hand, and even moves the beginning of the audit with them, has to forge the chain, too.
package struct AuditInspection: Sendable {
    private let start: AuditChain
    private var chain: AuditChain
    private var tells: Bool
    /// When the lines before its beginning were removed, as the audit itself says.
    package private(set) var removedAt: String?

    package init(from start: AuditChain = AuditChain()) {
        self.start = start
        chain = start
        tells = start.sequence == 0
    }

    /// The number of the last line followed.
    package var last: Int64 { chain.sequence }
    /// So many lines were removed by policy.
    package var removed: Int64 { start.sequence }
    package var lines: Int64 { chain.sequence - start.sequence }

    package mutating func follow(_ line: AuditLine) throws(AuditChain.Fault) {
        try chain.follow(line)
        guard !tells, line.text.contains(AuditEntry.Decision.pruned.rawValue), let text = try? JSON.parse(line.text)
        else { return }
        let entry = JSONField(text)
        guard (try? entry["decision"].string()) == AuditEntry.Decision.pruned.rawValue,
            (try? entry["fields"]["through"]["after"].string()) == start.text
        else { return }
        tells = true
        removedAt = try? entry["at"].string()
    }

    /// After the last line: is it the one that was written last, and was nothing but old lines removed?
    package func end(at end: AuditChain) throws(AuditChain.Fault) {
        try chain.end(at: end)
        guard tells else { throw .unaccounted(through: start.sequence) }
    }
}

extension AuditEntry {
    /// Says that the lines after the one where the audit began before were removed, as far as where it begins now.
    static func pruned(from before: AuditChain, to after: AuditChain, by remover: AuditRemover) -> AuditEntry {
        AuditEntry(
            atMilliseconds: remover.atMilliseconds,
            connection: remover.name,
            route: "",
            key: "",
            number: "",
            decision: .pruned,
            cause: "retention",
            fields: [
                Field(
                    name: "through",
                    before: before.sequence > 0 ? .string(before.text) : nil,
                    after: .string(after.text)
                )
            ],
            reason: "the lines \(before.sequence + 1) to \(after.sequence) were older than the audit is kept"
        )
    }
}

extension AuditInspection {
    /// What was seen of an audit, and the first thing that is not as it should be.
    package struct Result: Sendable {
        package var inspection: AuditInspection
        package var fault: AuditChain.Fault?
    }

    /// Of the whole audit, a page at a time, while others write to it and remove its oldest lines.
    package static func make(of store: any TenantStore, page: Int = 1_000) async throws -> Result {
        while true {
            let start = try await store.auditStart()
            var inspection = AuditInspection(from: start)
            do {
                try await inspection.followAll(of: store, page: page)
                return Result(inspection: inspection, fault: nil)
            } catch let fault as AuditChain.Fault {
                // What was to be read next may have been removed meanwhile: then it begins anew behind that.
                if case .missing = fault, try await store.auditStart().sequence > start.sequence { continue }
                return Result(inspection: inspection, fault: fault)
            }
        }
    }

    private mutating func followAll(of store: any TenantStore, page: Int) async throws {
        while true {
            let lines = try await store.audit(after: last, limit: page, for: nil)
            for line in lines { try follow(line) }
            if lines.count < page { break }
        }
        // A line that was written while the others were read belongs to them: it is followed, too.
        let end = try await store.auditChain()
        while last < end.sequence {
            let lines = try await store.audit(after: last, limit: page, for: nil)
            for line in lines where line.sequence <= end.sequence { try follow(line) }
            if lines.isEmpty { break }
        }
        try self.end(at: end)
    }
}
