import Core
import Store
import Transport

/// `audit`: every decision on every record, and whether the chain that holds them is whole.
enum AuditCommand {
    private static let page = 1_000

    static let command = Command(
        name: "audit",
        arguments: "TENANT[/NAME] | verify TENANT",
        summary: "show what was decided on each record and why, or verify that nothing of it was changed",
        flags: [
            CommandTable.data, CommandTable.json, Flag("record", "TEXT", "the record's id or number, or its item's id"),
            Flag("since", "TIME", "from then on, such as 2026-11-20 or 2026-11-20T10:00:00Z"),
            Flag("after", "N", "from the line after that number on"),
            Flag(
                "limit",
                "N",
                "so many at most: the first ones with --since or --after, else the last",
                usually: "100"
            ),
        ]
    ) { arguments in
        let words = arguments.words
        if words.count == 2, words[0] == "verify" { return try await verify(try Name(words[1]), arguments) }
        guard words.count == 1 else { throw UsageError("audit TENANT, audit TENANT/NAME, or audit verify TENANT") }
        let search = try Search(arguments)
        let (store, connection) = try await visit(words[0], arguments)
        let lines = try await search.lines(in: store, of: connection)
        await store.close()
        if arguments.has("json") {
            for line in lines { Terminal.print(line.text) }
        } else {
            Terminal.print(text(lines))
        }
        return .done
    }

    private static func visit(
        _ word: String,
        _ arguments: Arguments
    ) async throws -> (SQLiteTenantStore, connection: Int64?) {
        let folder = try DataFolder(arguments.data, firstUser: nil)
        guard word.contains("/") else { return (try await TenantVisit.required(try Name(word), in: folder), nil) }
        let (tenant, name) = try ConnectionCommand.names(word)
        let control = try await SQLiteControlPlane.open(folder.control)
        let connection = try await control.known(tenant, name)
        await control.close()
        return (try await TenantVisit.required(tenant, in: folder), connection.number)
    }

    // MARK: Showing

    private struct Search {
        var record: String?
        var since: WallTime?
        var after: Int64?
        var limit: Int

        init(_ arguments: Arguments) throws(UsageError) {
            record = arguments["record"]
            after = try arguments.integer("after", in: 0...Int.max).map { Int64($0) }
            limit = try arguments.integer("limit", in: 1...100_000) ?? 100
            guard let text = arguments["since"] else { return }
            since = WallTime(text) ?? Day(text).map { WallTime(startOf: $0) }
            if since == nil {
                throw UsageError("--since takes a time such as 2026-11-20 or 2026-11-20T10:00:00Z, not '\(text)'")
            }
        }

        func lines(in store: SQLiteTenantStore, of connection: Int64?) async throws -> [AuditLine] {
            let wantsFirst = since != nil || after != nil
            var found: [AuditLine] = []
            var last = after ?? 0
            while true {
                let lines = try await store.audit(after: last, limit: AuditCommand.page, for: connection)
                for line in lines where fits(line) {
                    found.append(line)
                    if wantsFirst, found.count == limit { return found }
                }
                if found.count > limit { found.removeFirst(found.count - limit) }
                guard lines.count == AuditCommand.page, let line = lines.last else { return found }
                last = line.sequence
            }
        }

        private func fits(_ line: AuditLine) -> Bool {
            guard record != nil || since != nil else { return true }
            let fields = parsed(line)
            if let record, !["record", "number", "item"].contains(where: { (try? fields[$0].string()) == record }) {
                return false
            }
            guard let since else { return true }
            // A line that cannot be read is one that somebody wants to see.
            return (try? fields["at"].string()).flatMap { WallTime($0) }.map { $0 >= since } ?? true
        }
    }

    private static func parsed(_ line: AuditLine) -> JSONField {
        JSONField((try? JSON.parse(line.text)) ?? .null)
    }

    private static func text(_ lines: [AuditLine]) -> String {
        guard !lines.isEmpty else { return "no such lines" }
        var rows = [["LINE", "AT", "CONNECTION", "NUMBER", "DECISION", "ITEM", "CAUSE", "WHAT"]]
        for line in lines {
            let fields = parsed(line)
            func cell(_ name: String) -> String { remark((try? fields[name].string()) ?? "-") }
            let changed = ((try? fields["fields"].orNil?.members()) ?? []).map(\.name)
            let what = (try? fields["reason"].orNil?.string()) ?? changed.joined(separator: ", ")
            rows.append([
                "\(line.sequence)", cell("at"), cell("connection"), cell("number"), cell("decision"), cell("item"),
                cell("cause"), remark(what),
            ])
        }
        return Terminal.table(rows)
    }

    // MARK: Verifying

    private static func verify(_ tenant: Name, _ arguments: Arguments) async throws -> ExitCode {
        let folder = try DataFolder(arguments.data, firstUser: nil)
        let store = try await TenantVisit.required(tenant, in: folder)
        var chain = AuditChain()
        var fault: AuditChain.Fault?
        while fault == nil {
            let lines = try await store.audit(after: chain.sequence, limit: page, for: nil)
            do throws(AuditChain.Fault) {
                for line in lines { try chain.follow(line) }
            } catch {
                fault = error
            }
            if lines.count < page { break }
        }
        if fault == nil { fault = await missingEnd(of: chain, in: store) }
        await store.close()
        if arguments.has("json") {
            let result: JSON = [
                "tenant": .string(tenant.text), "lines": .number(Int(chain.sequence)), "whole": .bool(fault == nil),
                "fault": fault.map { .string("\($0)") } ?? .null,
            ]
            Terminal.print(result.text())
        } else {
            Terminal.print("\(tenant): " + (fault.map { "\($0)" } ?? "\(chain.sequence) lines, whole"))
        }
        return fault == nil ? .done : .failed
    }

    /// A line that was written while the others were read belongs to them: it is followed, too.
    private static func missingEnd(of chain: AuditChain, in store: SQLiteTenantStore) async -> AuditChain.Fault? {
        var chain = chain
        do {
            let end = try await store.auditChain()
            let rest = try await store.audit(after: chain.sequence, limit: page, for: nil)
            for line in rest where line.sequence <= end.sequence { try chain.follow(line) }
            try chain.end(at: end)
            return nil
        } catch {
            return error as? AuditChain.Fault ?? .changed(chain.sequence)
        }
    }
}
