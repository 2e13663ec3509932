import Core
import Store
import Transport

/// Lines of the audit as a person or a program asked for them, page by page: it holds one page, however many there are.
@OnLoop struct AuditExport {
    private static let page = 1_000

    private enum Form {
        case text, json, csv
    }

    private var query: AuditQuery
    /// Nil without end.
    private let limit: Int?
    /// The first ones that fit, not the last ones.
    private let wantsFirst: Bool
    private let form: Form

    init(_ arguments: Arguments) throws(UsageError) {
        guard !arguments.has("json") || !arguments.has("csv") else { throw UsageError("--json or --csv, not both") }
        guard !arguments.has("all") || !arguments.has("limit") else { throw UsageError("--all or --limit, not both") }
        form = arguments.has("json") ? .json : arguments.has("csv") ? .csv : .text
        query = AuditQuery(
            name: arguments["record"],
            since: try arguments.time("since"),
            until: try arguments.time("until"),
            limit: Self.page
        )
        let after = try arguments.integer("after", in: 0...Int.max)
        query.after = Int64(after ?? 0)
        limit = arguments.has("all") ? nil : try arguments.integer("limit", in: 1...Int.max) ?? 100
        wantsFirst = query.since != nil || after != nil || limit == nil
    }

    mutating func run(over store: SQLiteTenantStore, of connection: Int64?) async throws {
        query.connection = connection
        if let limit, !wantsFirst { query.after = try await store.auditPlace(beforeLast: limit, of: query) }
        var printed = 0
        while true {
            query.limit = min(limit.map { $0 - printed } ?? Self.page, Self.page)
            guard query.limit > 0 else { return await sayMore(in: store) }
            let lines = try await store.auditLines(query)
            guard Terminal.send(text(lines, isFirst: printed == 0)) else { return }
            printed += lines.count
            guard lines.count == query.limit, let last = lines.last else { break }
            query.after = last.sequence
        }
        if printed == 0, form == .text { Terminal.print("no such lines") }
    }

    /// An export that ends early must not look like one that is complete.
    private func sayMore(in store: SQLiteTenantStore) async {
        var query = query
        query.limit = 1
        guard wantsFirst, (try? await store.auditLines(query).isEmpty) == false else { return }
        Terminal.complain("there are more lines: go on with --after \(query.after), or --all")
    }

    private func text(_ lines: [AuditLine], isFirst: Bool) -> String {
        switch form {
        case .json: return lines.map { $0.text + "\n" }.joined()
        case .csv: return (isFirst ? AuditCSV.header : "") + lines.map { AuditCSV.rows(of: $0) }.joined()
        case .text:
            guard !lines.isEmpty else { return "" }
            let titles = ["LINE", "AT", "CONNECTION", "NUMBER", "DECISION", "ITEM", "CAUSE", "WHAT"]
            return Terminal.table((isFirst ? [titles] : []) + lines.map { cells(of: $0) }) + "\n"
        }
    }

    private func cells(of line: AuditLine) -> [String] {
        let fields = JSONField((try? JSON.parse(line.text)) ?? .null)
        func cell(_ name: String) -> String { remark((try? fields[name].string()) ?? "-") }
        let changed = ((try? fields["fields"].orNil?.members()) ?? []).map(\.name)
        let what = (try? fields["reason"].orNil?.string()) ?? changed.joined(separator: ", ")
        return [
            "\(line.sequence)", cell("at"), cell("connection"), cell("number"), cell("decision"), cell("item"),
            cell("cause"), remark(what),
        ]
    }
}
