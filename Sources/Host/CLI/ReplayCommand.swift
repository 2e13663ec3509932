import Core
import Glibc
import Store
import Transport

/// `replay`: parked records are tried again because a person says so, and what was only one record is looked at anew.
enum ReplayCommand {
    private static let page = 200
    /// What one person may wait for; more than that is a load, and leaves live changes their room.
    private static let mostInteractive = 50

    static let command = Command(
        name: "replay",
        arguments: "TENANT/NAME",
        summary: "try parked records again: one, those of a class, a time or an event, or all that failed",
        flags: [
            CommandTable.data, CommandTable.json,
            Flag(
                "record",
                "TEXT",
                "the record's id or number, or its item's id; looked at anew even if it is not parked"
            ),
            Flag("class", "KIND", "those parked for that kind of failure: \(Parked.kinds)"),
            Flag("since", "TIME", "those parked from then on, such as 2026-11-20 or 2026-11-20T10:00:00Z"),
            Flag("until", "TIME", "those parked before then"),
            Flag("event", "N", "those that the webhook of that number was the last word of, as audit shows it"),
            Flag("route", "ROUTE", "of one route only"),
            Flag("all-failed", nil, "all that are parked"),
            Flag("dry-run", nil, "show which these would be, and change nothing"),
        ]
    ) { arguments in
        let (tenant, name) = try ConnectionCommand.names(arguments.words.first)
        let query = try query(arguments)
        let folder = try DataFolder(arguments.data, firstUser: nil)
        let control = try await SQLiteControlPlane.open(folder.control)
        let connection = try await control.known(tenant, name)
        await control.close()
        // Before the visit, which has the tenant's rights only: both ask who we are.
        let person = person
        let server = ServerTalk(data: folder.path)
        let store = try await TenantVisit.required(tenant, in: folder)
        let replay = Replay(
            title: "\(tenant)/\(name)",
            query: query,
            store: store,
            connection: connection.number,
            isJSON: arguments.has("json")
        )
        if arguments.has("dry-run") {
            try await replay.show()
            await store.close()
            return .done
        }
        let wish = ReplayWish(
            by: person,
            lane: try await replay.isMore(than: mostInteractive) ? .background : .interactive,
            connection: name.text
        )
        let question = NudgeQuestion(tenant: tenant.text, name: name.text)
        let count = try await replay.run(wish) { (try? await server?.ask(question)) != nil }
        await store.close()
        return count == 0 && query.name != nil && !query.isOfParked ? .failed : .done
    }

    private static func query(_ arguments: Arguments) throws(UsageError) -> RecordQuery {
        var query = RecordQuery(route: arguments["route"], name: arguments["record"], limit: page)
        try query.narrow(by: arguments)
        query.cause = try arguments.integer("event", in: 1...Int.max).map { "webhook \($0)" }
        let isNarrowed = query.name != nil || query.isOfParked
        guard isNarrowed != arguments.has("all-failed") else {
            throw UsageError(
                isNarrowed
                    ? "--all-failed goes alone, or with --route"
                    : "say which: --record, --class, --since, --until, --event, or --all-failed"
            )
        }
        // Without a name, nothing but what is parked is ever meant.
        query.parked = query.name == nil
        return query
    }

    /// For the audit: who typed it, also behind sudo.
    private static var person: String {
        let user = getuid()
        if user == 0, let name = getenv("SUDO_USER").map({ String(cString: $0) }), !name.isEmpty {
            return String(remark(name).prefix(64))
        }
        return getpwuid(user).map { String(remark(String(cString: $0.pointee.pw_name)).prefix(64)) } ?? "user \(user)"
    }
}

@OnLoop private struct Replay {
    let title: String
    let query: RecordQuery
    let store: SQLiteTenantStore
    let connection: Int64
    let isJSON: Bool

    func isMore(than most: Int) async throws -> Bool {
        var query = query
        query.limit = most + 1
        return try await store.records(query, for: connection).count > most
    }

    func show() async throws {
        var count = 0
        try await pages { query in
            let records = try await store.records(query, for: connection)
            count += records.count
            say(records)
            return records
        }
        if !isJSON { Terminal.print(count == 0 ? nothing : "\n\(count) would be tried again; nothing was changed") }
    }

    /// `nudge` tells the connection's worker, and answers whether there was one to tell.
    func run(_ wish: ReplayWish, nudge: () async -> Bool) async throws -> Int {
        var count = 0
        var isHeard = false
        try await pages { query in
            let now = Int64(WallTime.now.millisecondsSince1970)
            let records = try await store.replay(query, wish, at: now, for: connection)
            count += records.count
            if !records.isEmpty { isHeard = await nudge() }
            say(records)
            return records
        }
        let pace = wish.lane == .background ? ", at the pace of the background" : ""
        let rest = isHeard ? "" : "; its worker does not run, and will find them when it does"
        if isJSON {
            if count > 0, !isHeard {
                Terminal.complain("the connection's worker does not run, and will find them when it does")
            }
        } else {
            Terminal.print(
                count == 0
                    ? nothing : "\n\(count) \(count == 1 ? "record is" : "records are") tried again\(pace)\(rest)"
            )
        }
        return count
    }

    /// Each record's turn comes once, even if it is parked again before the last page.
    private func pages(_ body: (RecordQuery) async throws -> [RecordFacts]) async throws {
        var query = query
        while true {
            let records = try await body(query)
            guard records.count == query.limit, let last = records.last else { return }
            query.after = last.place
        }
    }

    private var nothing: String {
        query.name.map { "\(title) has no such record: \(remark($0))" } ?? "nothing of that kind is parked"
    }

    private func say(_ records: [RecordFacts]) {
        if isJSON {
            for record in records { Terminal.print(RecordsCommand.json(record).text()) }
            return
        }
        let rows = records.map { record in
            [
                remark(record.link?.number ?? "-"), remark(record.key), remark(record.parking?.kind ?? "not parked"),
                remark(record.reason ?? ""),
            ]
        }
        if !rows.isEmpty { Terminal.print(Terminal.table(rows)) }
    }
}
