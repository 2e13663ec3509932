import Core
import Transport

/// A board as the API shows it.
@OnLoop struct MondayBoardNode: GraphQL.Node {
    let board: MondayBoard
    let call: MondayCall
    var typeName: String { "Board" }

    func resolve(_ field: String, _ arguments: JSON.Object) throws(GraphQL.Fault) -> GraphQL.Resolved {
        switch field {
        case "id": return .json(.number(board.id))
        case "name": return .json(.string(board.name))
        case "state": return .json(.string(board.state.rawValue))
        case "type": return .json(.string(board.type))
        case "board_kind": return .json(.string(board.kind))
        case "hierarchy_type": return .json(.string(board.hierarchy))
        case "workspace_id": return .json(board.workspace.map { .number($0) } ?? .null)
        case "description": return .json(board.description.map { .string($0) } ?? .null)
        case "permissions": return .json("everyone")
        case "items_count": return .json(.number(board.activeCount))
        case "items_limit": return .json(.number(call.account.options.itemsPerBoard))
        case "url": return .json(.string("\(call.account.url)/boards/\(board.id)"))
        case "created_at", "updated_at": return .json(.string(board.created.text(fractionDigits: 0)))
        case "creator": return call.user(call.account.ownUser)
        case "top_group": return board.topGroup.map { call.group($0, of: board) } ?? .null
        case "columns":
            let (ids, types) = (arguments.strings("ids"), arguments.strings("types"))
            let columns = board.columns.filter { ids?.contains($0.id) ?? true && types?.contains($0.type) ?? true }
            return .list(columns.map { .node(MondayColumnNode(column: $0)) })
        case "groups":
            let ids = arguments.strings("ids")
            let groups = board.groups.filter { !$0.isDeleted && ids?.contains($0.id) ?? true }
            return .list(groups.map { call.group($0, of: board) })
        case "items_page": return try call.itemsPage(of: board, group: nil, arguments)
        case "activity_logs": return .list(call.activity(of: board, arguments))
        default: return MondaySchema.nothing(in: field, of: typeName)
        }
    }
}

@OnLoop struct MondayGroupNode: GraphQL.Node {
    let group: MondayBoard.Group
    let board: MondayBoard
    let call: MondayCall
    var typeName: String { "Group" }

    func resolve(_ field: String, _ arguments: JSON.Object) throws(GraphQL.Fault) -> GraphQL.Resolved {
        switch field {
        case "id": return .json(.string(group.id))
        case "title": return .json(.string(group.title))
        case "color": return .json(.string(group.color))
        case "archived": return .json(false)
        case "deleted": return .json(.bool(group.isDeleted))
        case "position":
            let place = board.groups.firstIndex { $0.id == group.id } ?? 0
            return .json(.string("\((place + 1) * 65_536).0"))
        case "items_page": return try call.itemsPage(of: board, group: group.id, arguments)
        default: return MondaySchema.nothing(in: field, of: typeName)
        }
    }
}

@OnLoop struct MondayColumnNode: GraphQL.Node {
    let column: MondayColumn
    var typeName: String { "Column" }

    func resolve(_ field: String, _ arguments: JSON.Object) throws(GraphQL.Fault) -> GraphQL.Resolved {
        switch field {
        case "id": .json(.string(column.id))
        case "title": .json(.string(column.title))
        case "type": .json(.string(column.type))
        case "description": .json(column.description.map { .string($0) } ?? .null)
        case "width": .json(column.width.map { .number($0) } ?? .null)
        case "archived": .json(false)
        case "settings": .json(column.settingsJSON)
        case "settings_str": .json(.string(column.legacySettingsText))
        case "revision": .json(.string(column.revisionText))
        default: MondaySchema.nothing(in: field, of: typeName)
        }
    }
}

@OnLoop struct MondayItemNode: GraphQL.Node {
    let item: MondayItem
    let call: MondayCall
    var typeName: String { "Item" }

    func resolve(_ field: String, _ arguments: JSON.Object) throws(GraphQL.Fault) -> GraphQL.Resolved {
        switch field {
        case "id": return .json(.number(item.id))
        case "name": return .json(.string(item.name))
        case "state": return .json(.string(item.state.rawValue))
        case "created_at": return .json(.string(item.created.text(fractionDigits: 0)))
        case "updated_at": return .json(.string(item.updated.text(fractionDigits: 0)))
        case "url": return .json(.string("\(call.account.url)/boards/\(item.board.id)/pulses/\(item.id)"))
        case "relative_link": return .json(.string("/boards/\(item.board.id)/pulses/\(item.id)"))
        case "email": return .json(.string("pulse-\(item.id)@\(call.account.slug).monday.com"))
        case "creator": return call.user(item.creator)
        case "creator_id": return .json(.string("\(item.creator)"))
        case "board": return .node(MondayBoardNode(board: item.board, call: call))
        case "group":
            // An item that is put away stands in no group any more.
            guard item.state == .active, let group = try? item.board.group(item.groupID) else { return .null }
            return call.group(group, of: item.board)
        case "parent_item": return item.parent.map { call.item($0) } ?? .null
        case "subitems": return .list(item.subitems.filter { $0.state == .active }.map { call.item($0) })
        case "column_values":
            guard item.state != .deleted else { return .list([]) }
            let (ids, types) = (arguments.strings("ids"), arguments.strings("types"))
            let columns = item.board.columns.filter {
                $0.type != "name" && ids?.contains($0.id) ?? true && types?.contains($0.type) ?? true
            }
            return .list(columns.map { .node(MondayValueNode(item: item, column: $0, call: call)) })
        case "linked_items":
            let board = arguments.string("linked_board_id").flatMap(Int.init)
            guard case .items(let ids)? = item.cells[arguments.string("link_to_item_column_id") ?? ""]?.cell else {
                return .list([])
            }
            return .list(call.items(ids).filter { $0.board.id == board }.map { call.item($0) })
        case "updates":
            let ids = arguments.ids("ids")
            let updates = item.updates.filter { ids?.contains($0.id) ?? true }
            return .list(call.page(updates, arguments).map { call.update($0) })
        default: return MondaySchema.nothing(in: field, of: typeName)
        }
    }
}

extension MondayCall {
    func item(_ item: MondayItem) -> GraphQL.Resolved { .node(MondayItemNode(item: item, call: self)) }

    func items(_ ids: [Int]) -> [MondayItem] { ids.compactMap { account.items[$0] } }

    func group(_ group: MondayBoard.Group, of board: MondayBoard) -> GraphQL.Resolved {
        .node(MondayGroupNode(group: group, board: board, call: self))
    }

    func user(_ id: Int) -> GraphQL.Resolved {
        guard let user = account.users[id] else { return .null }
        let fields = JSON.Object(
            ("id", .number(user.id)),
            ("name", .string(user.name)),
            ("email", .string(user.email)),
            ("title", ""),
            ("url", .string("\(account.url)/users/\(user.id)")),
            ("created_at", "2024-01-08T09:00:00Z"),
            ("account_id", .number(account.id)),
            ("kind", "MEMBER"),
            ("status", "ACTIVE"),
            ("is_deleted", false)
        )
        return .node(MondayRecord("User", fields, nodes: ["account": { () throws(GraphQL.Fault) in self.accountNode }]))
    }

    /// A reply is shown as an update where it was just made.
    func update(_ update: MondayUpdate, asReply: Bool = false) -> GraphQL.Resolved {
        let fields = JSON.Object(
            ("id", .number(update.id)),
            ("body", .string(update.body)),
            ("text_body", .string(update.text)),
            ("kind", "reply"),
            ("creator_id", .string("\(update.creator)")),
            ("created_at", .string(update.created.text(fractionDigits: 0))),
            ("updated_at", .string(update.edited.text(fractionDigits: 0))),
            ("edited_at", .string(update.edited.text(fractionDigits: 0))),
            ("item_id", .string("\(update.item.id)"))
        )
        return .node(
            MondayRecord(
                asReply ? "Reply" : "Update",
                fields,
                nodes: [
                    "creator": { () throws(GraphQL.Fault) in self.user(update.creator) },
                    "item": { () throws(GraphQL.Fault) in self.item(update.item) },
                    "replies": { () throws(GraphQL.Fault) in
                        .list(update.replies.map { self.update($0, asReply: true) })
                    },
                ]
            )
        )
    }

    func activity(of board: MondayBoard, _ arguments: JSON.Object) -> [GraphQL.Resolved] {
        let (items, columns, groups, users) =
            (
                arguments.ids("item_ids"), arguments.strings("column_ids"), arguments.strings("group_ids"),
                arguments.ids("user_ids")
            )
        let from = arguments.string("from").flatMap { WallTime($0) } ?? .first
        let to = arguments.string("to").flatMap { WallTime($0) } ?? .last
        let lines = board.activity.reversed().filter { line in
            from <= line.time && line.time <= to
                && items.map { ids in line.itemID.map(ids.contains) ?? false } ?? true
                && columns.map { ids in line.columnID.map(ids.contains) ?? false } ?? true
                && groups.map { ids in line.groupID.map(ids.contains) ?? false } ?? true
                && users?.contains(line.user) ?? true
        }
        return page(lines, arguments).map { line in
            .node(
                MondayRecord(
                    "ActivityLogType",
                    JSON.Object(
                        ("id", .string(line.id)),
                        ("event", .string(line.event)),
                        ("entity", line.itemID == nil ? "board" : "pulse"),
                        ("data", .string(line.data.text())),
                        ("user_id", .string("\(line.user)")),
                        ("account_id", .string("\(account.id)")),
                        // In units of 100 ns.
                        ("created_at", .string("\(line.time.ticks)"))
                    )
                )
            )
        }
    }

    /// The part that `limit` and `page` cut out.
    func page<Element>(_ elements: [Element], _ arguments: JSON.Object) -> ArraySlice<Element> {
        let limit = max(arguments.int("limit") ?? 25, 0)
        let page = max(arguments.int("page") ?? 1, 1)
        let (start, overflow) = limit.multipliedReportingOverflow(by: page - 1)
        guard !overflow, start < elements.count else { return [] }
        return elements[start..<min(start + limit, elements.count)]
    }

    var accountNode: GraphQL.Resolved {
        let tier = account.options.plan.rawValue
        let plan = JSON.Object(
            ("tier", .string(tier)),
            ("period", "yearly"),
            ("version", .number(10)),
            ("max_users", .number(50))
        )
        let fields = JSON.Object(
            ("id", .number(account.id)),
            ("name", "Example Ltd"),
            ("slug", .string(account.slug)),
            ("tier", .string(tier))
        )
        return .node(
            MondayRecord(
                "Account",
                fields,
                nodes: ["plan": { () throws(GraphQL.Fault) in .node(MondayRecord("Plan", plan)) }]
            )
        )
    }
}
