import Core
import Transport

/// The fields at the top of queries and mutations.
@OnLoop struct MondayRoot: GraphQL.Root {
    let call: MondayCall
    let kind: GraphQL.OperationKind
    /// A field that is refused by a limit of its own while the others are carried out.
    var refusedField: String?

    var account: MondayAccount { call.account }

    func resolve(_ field: GraphQL.RootField) async throws(GraphQL.Fault) -> GraphQL.Resolved {
        if field.responseName == refusedField {
            var fault = GraphQL.Fault("Rate limit exceeded for this operation")
            fault.extensions = JSON.Object(
                ("code", "tooManyRequests"),
                ("status_code", 400),
                ("service", "data-structure")
            )
            throw fault
        }
        if field.name == "complexity" { return complexity }
        if field.name == "create_webhook" { return call.webhook(try await call.hooks.create(field.arguments)) }
        return kind == .mutation
            ? try mutate(field.name, field.arguments) : try query(field.name, field.arguments)
    }

    private func query(_ name: String, _ arguments: JSON.Object) throws(GraphQL.Fault) -> GraphQL.Resolved {
        switch name {
        case "me": return call.user(call.user)
        case "account": return call.accountNode
        case "version": return MondayVersion.all.first { $0.value == call.version }.map(\.node) ?? .null
        case "versions": return .list(MondayVersion.all.map(\.node))
        case "platform_api": return platform
        case "boards": return try boards(arguments)
        case "next_items_page": return try call.nextPage(arguments)
        case "items_page_by_column_values": return try call.pageByColumnValues(arguments)
        case "items": return try items(arguments)
        case "users": return users(arguments)
        case "webhooks":
            let board = try account.board(arguments["board_id"])
            return .list(call.hooks.subscriptions.filter { $0.board == board.id }.map { call.webhook($0) })
        case "managed_column":
            let (ids, states) = (arguments.strings("id"), arguments.strings("state"))
            let columns = account.managed.filter { column in
                ids?.contains(column.id) ?? true && states?.contains(column.state) ?? true
            }
            return .list(columns.map { $0.node() })
        case "fetch_job_status": return try jobStatus(arguments)
        case "get_column_type_schema": return .json(["type": "object", "properties": [:]])
        case "tags":
            let ids = arguments.ids("ids")
            let tags = account.tags.values.filter { ids?.contains($0.id) ?? true }.sorted { $0.id < $1.id }
            return .list(tags.map { call.tag($0) })
        default: return .null
        }
    }

    private func boards(_ arguments: JSON.Object) throws(GraphQL.Fault) -> GraphQL.Resolved {
        guard let limit = arguments.int("limit"), limit > 0 else { throw .argument("The limit has to be above 0") }
        let (ids, kind) = (arguments.ids("ids"), arguments.string("board_kind"))
        let workspaces = arguments.ids("workspace_ids")
        let hierarchies = arguments.strings("hierarchy_types")
        let state = arguments.string("state") ?? "active"
        let boards = account.boards.values.filter { board in
            ids?.contains(board.id) ?? true
                && (state == "all" ? board.state != .deleted : board.state.rawValue == state)
                && kind.map { $0 == board.kind } ?? true
                && workspaces.map { $0.isEmpty || board.workspace.map($0.contains) ?? false } ?? true
                && hierarchies?.contains(board.hierarchy) ?? true
        }.sorted { $0.id < $1.id }
        return .list(call.page(boards, arguments).map { .node(MondayBoardNode(board: $0, call: call)) })
    }

    private func items(_ arguments: JSON.Object) throws(GraphQL.Fault) -> GraphQL.Resolved {
        guard let limit = arguments.int("limit"), 1...100 ~= limit else {
            throw .argument("The limit of items is from 1 to 100")
        }
        var items: [MondayItem]
        if let ids = arguments.list("ids") {
            guard ids.count <= 100 else { throw .argument("At most 100 ids can be given") }
            var seen: Set<Int> = []
            items = call.items(ids.compactMap(MondayAccount.number).filter { seen.insert($0).inserted })
            items.shuffle(using: &account.random)
        } else {
            items = account.items.values.filter { $0.state == .active }.sorted { $0.id < $1.id }
        }
        if arguments.bool("exclude_nonactive") == true { items.removeAll { $0.state != .active } }
        if arguments.bool("newest_first") == true { items.sort { $0.id > $1.id } }
        return .list(call.page(items, arguments).map { call.item($0) })
    }

    private func users(_ arguments: JSON.Object) -> GraphQL.Resolved {
        let (ids, emails) = (arguments.ids("ids"), arguments.strings("emails")?.map { $0.lowercased() })
        let name = arguments.string("name")?.lowercased()
        let users = account.users.values.filter { user in
            ids?.contains(user.id) ?? true && emails?.contains(user.email.lowercased()) ?? true
                && name.map { user.name.lowercased().contains($0) } ?? true
        }.sorted { $0.id < $1.id }
        return .list(call.page(users, arguments).map { call.user($0.id) })
    }

    private var complexity: GraphQL.Resolved {
        let (before, cost, reset) = call.complexity
        return .node(
            MondayRecord(
                "Complexity",
                JSON.Object(
                    ("before", .number(before)),
                    ("after", .number(before - cost)),
                    ("query", .number(cost)),
                    ("reset_in_x_seconds", .number(reset))
                )
            )
        )
    }

    private var platform: GraphQL.Resolved {
        let limit = JSON.Object(("base", .number(call.dailyLimit)), ("total", .number(call.dailyLimit)))
        let days = call.dailyUsage.map { usage in
            GraphQL.Resolved.node(
                MondayRecord(
                    "PlatformApiDailyAnalyticsByDay",
                    JSON.Object(("day", .string(usage.day.text)), ("usage", .number(usage.calls)))
                )
            )
        }
        let now = account.clock.now.text(fractionDigits: 0)
        return .node(
            MondayRecord(
                "PlatformApi",
                JSON.Object(),
                nodes: [
                    "daily_limit": { () throws(GraphQL.Fault) in .node(MondayRecord("DailyLimit", limit)) },
                    "daily_analytics": { () throws(GraphQL.Fault) in
                        .node(
                            MondayRecord(
                                "DailyAnalytics",
                                JSON.Object(("last_updated", .string(now))),
                                nodes: ["by_day": { () throws(GraphQL.Fault) in .list(days) }]
                            )
                        )
                    },
                ]
            )
        )
    }
}

extension MondayCall {
    func webhook(_ subscription: MondayHooks.Subscription) -> GraphQL.Resolved {
        .node(
            MondayRecord(
                "Webhook",
                JSON.Object(
                    ("id", .number(subscription.id)),
                    ("board_id", .number(subscription.board)),
                    ("event", .string(subscription.event)),
                    ("config", subscription.config.map { .string($0) } ?? .null)
                )
            )
        )
    }
}

/// The versions of the API that live at once.
struct MondayVersion: Sendable {
    let value: String
    let kind: String
    let spoken: String

    static let current = "2026-10"
    static let maintenance = "2026-07"
    static let all = [
        MondayVersion(value: "2027-01", kind: "release_candidate", spoken: "Release Candidate"),
        MondayVersion(value: current, kind: "current", spoken: "Current"),
        MondayVersion(value: maintenance, kind: "maintenance", spoken: "Maintenance"),
    ]

    /// Which one serves a request that asks for `wanted`; nil when that is no version at all. One that is gone is served
    /// by the oldest there is, one that is unknown by the current one, and nobody is told.
    static func serving(_ wanted: String?) -> String? {
        guard let wanted else { return current }
        if wanted == "dev" || all.contains(where: { $0.value == wanted }) { return wanted }
        let parts = wanted.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 4, Int(parts[0]) != nil, parts[1].utf8.count == 2,
            Int(parts[1]) != nil
        else { return nil }
        return ["01", "04", "07", "10"].contains(parts[1]) && wanted < maintenance ? maintenance : current
    }

    @OnLoop var node: GraphQL.Resolved {
        .node(
            MondayRecord(
                "Version",
                JSON.Object(("kind", .string(kind)), ("value", .string(value)), ("display_name", .string(spoken)))
            )
        )
    }
}
