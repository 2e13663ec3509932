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
            CommandTable.data, CommandTable.json, Flag("csv", nil, "print CSV: a row for each field that was changed"),
            Flag("record", "TEXT", "the record's id, or a number or an item that it ever had"),
            Flag("since", "TIME", "from then on, such as 2026-11-20 or 2026-11-20T10:00:00Z"),
            Flag("until", "TIME", "before then"),
            Flag("after", "N", "from the line after that number on"),
            Flag(
                "limit",
                "N",
                "so many at most: the first ones with --since or --after, else the last",
                usually: "100"
            ),
            Flag("all", nil, "without a limit"),
        ]
    ) { arguments in
        let words = arguments.words
        if words == ["verify"] { throw UsageError("audit verify needs the TENANT") }
        if words.count == 2, words[0] == "verify" { return try await verify(try Name(words[1]), arguments) }
        guard words.count == 1 else { throw UsageError("audit TENANT, audit TENANT/NAME, or audit verify TENANT") }
        var export = try AuditExport(arguments)
        let (store, connection) = try await visit(words[0], arguments)
        try await export.run(over: store, of: connection)
        await store.close()
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

    // MARK: Verifying

    private static func verify(_ tenant: Name, _ arguments: Arguments) async throws -> ExitCode {
        let folder = try DataFolder(arguments.data, firstUser: nil)
        let store = try await TenantVisit.required(tenant, in: folder)
        let result = try await AuditInspection.make(of: store, page: page)
        await store.close()
        if arguments.has("json") {
            Terminal.print(json(tenant, result).text())
        } else {
            Terminal.print("\(tenant): \(text(result))")
        }
        return result.fault == nil ? .done : .failed
    }

    private static func text(_ result: AuditInspection.Result) -> String {
        if let fault = result.fault { return "\(fault)" }
        let seen = result.inspection
        guard seen.removed > 0 else { return "\(seen.lines) lines, whole" }
        let day = seen.removedAt.map { " on \($0.prefix(10))" } ?? ""
        let removed = "lines 1 to \(seen.removed) were removed by policy, the last of them\(day)"
        return "\(removed); \(seen.lines) lines after them, whole"
    }

    private static func json(_ tenant: Name, _ result: AuditInspection.Result) -> JSON {
        [
            "tenant": .string(tenant.text), "lines": .number(Int(result.inspection.lines)),
            "whole": .bool(result.fault == nil), "fault": result.fault.map { .string("\($0)") } ?? .null,
            "removed": .number(Int(result.inspection.removed)),
            "removedAt": result.inspection.removedAt.map { .string($0) } ?? .null,
        ]
    }
}
