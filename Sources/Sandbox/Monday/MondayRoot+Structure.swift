import Core
import Transport

/// Boards, groups and columns.
extension MondayRoot {
    func mutateStructure(_ name: String, _ arguments: JSON.Object) throws(GraphQL.Fault) -> GraphQL.Resolved {
        switch name {
        case "create_board":
            let board = account.newBoard(arguments.string("board_name") ?? "", empty: arguments.bool("empty") ?? false)
            board.kind = arguments.string("board_kind") ?? "public"
            board.description = arguments.string("description")
            board.workspace = arguments.string("workspace_id").flatMap(Int.init)
            return node(board)
        case "duplicate_board":
            let original = try account.board(arguments["board_id"])
            let copy = account.newBoard(arguments.string("board_name") ?? "Duplicate of \(original.name)", empty: true)
            copy.columns = original.columns
            copy.groups = original.groups
            return .node(
                MondayRecord(
                    "BoardDuplication",
                    JSON.Object(("is_async", false)),
                    nodes: ["board": { () throws(GraphQL.Fault) in node(copy) }]
                )
            )
        case "archive_board", "delete_board":
            let board = try account.board(arguments["board_id"])
            board.state = name == "archive_board" ? .archived : .deleted
            return node(board)
        case "create_group", "duplicate_group", "delete_group", "create_column", "create_status_column",
            "create_dropdown_column", "update_column", "update_status_column", "update_dropdown_column",
            "delete_column", "change_column_title":
            return try mutate(name, try account.board(arguments["board_id"]), arguments)
        default: return try mutateBulk(name, arguments)
        }
    }

    private func mutate(
        _ name: String,
        _ board: MondayBoard,
        _ arguments: JSON.Object
    ) throws(GraphQL.Fault) -> GraphQL.Resolved {
        switch name {
        case "create_group": return call.group(try account.newGroup(on: board, arguments), of: board)
        case "duplicate_group":
            var copy = try board.group(arguments.string("group_id") ?? "")
            copy.id = "duplicate_of_\(account.digits(8))"
            copy.title = arguments.string("group_title") ?? "Duplicate of \(copy.title)"
            board.groups.append(copy)
            return call.group(copy, of: board)
        case "delete_group":
            let group = try account.putAway(
                group: arguments.string("group_id") ?? "",
                of: board,
                .deleted,
                by: call.user
            )
            return call.group(group, of: board)
        case "create_column": return try create(arguments.string("column_type") ?? "", on: board, arguments)
        case "create_status_column": return try create("status", on: board, arguments)
        case "create_dropdown_column": return try create("dropdown", on: board, arguments)
        case "update_column": return try update(arguments.string("column_type") ?? "", on: board, arguments)
        case "update_status_column": return try update("status", on: board, arguments)
        case "update_dropdown_column": return try update("dropdown", on: board, arguments)
        case "delete_column":
            try account.deleteColumn(arguments.string("column_id") ?? "", on: board)
            // It is gone, and null is how the vendor says so.
            return .null
        case "change_column_title":
            let index = try board.columnIndex(arguments.string("column_id") ?? "")
            board.columns[index].title = arguments.string("title") ?? ""
            board.columns[index].revision += 1
            return .node(MondayColumnNode(column: board.columns[index]))
        default: return .null
        }
    }

    private func node(_ board: MondayBoard) -> GraphQL.Resolved { .node(MondayBoardNode(board: board, call: call)) }

    private func create(
        _ type: String,
        on board: MondayBoard,
        _ arguments: JSON.Object
    ) throws(GraphQL.Fault) -> GraphQL.Resolved {
        var defaults = arguments["defaults"] ?? .null
        if case .string(let text) = defaults { defaults = (try? JSON.parse(text)) ?? .null }
        let column = try account.newColumn(
            type,
            on: board,
            id: arguments.string("id"),
            title: arguments.string("title") ?? "",
            settings: defaults,
            after: arguments.string("after_column_id"),
            by: call.user
        ) { $0.description = arguments.string("description") }
        return .node(MondayColumnNode(column: column))
    }

    private func update(
        _ type: String,
        on board: MondayBoard,
        _ arguments: JSON.Object
    ) throws(GraphQL.Fault) -> GraphQL.Resolved {
        let index = try board.columnIndex(arguments.string("id") ?? "")
        var column = board.columns[index]
        guard column.type == type else { throw .argument("The column is of the type \(column.type)") }
        guard column.revisionText == arguments.string("revision") else {
            throw .monday("REVISION_MISMATCH", "The column was changed since that revision", status: 409)
        }
        if let title = arguments.string("title") { column.title = title }
        if let description = arguments.string("description") { column.description = description }
        if let width = arguments.int("width") { column.width = width }
        if let settings = arguments["settings"], settings != .null {
            guard case .object(let object) = settings else {
                throw .monday("INVALID_INPUT", "The settings have to be an object")
            }
            if object["labels"] != nil, type == "status" || type == "dropdown" {
                try column.replaceLabels(settings, inUse: account.labelsInUse(column.id, on: board))
            } else {
                for member in object.members { column.settings[member.name] = member.value }
            }
        }
        column.revision += 1
        board.columns[index] = column
        return .node(MondayColumnNode(column: column))
    }
}
