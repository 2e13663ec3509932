import Core
import Transport

/// Managed columns, and what is done to many items or to a whole group.
extension MondayRoot {
    func mutateBulk(_ name: String, _ arguments: JSON.Object) throws(GraphQL.Fault) -> GraphQL.Resolved {
        switch name {
        case "bulk_archive_items":
            let board = try account.board(arguments["board_id"])
            for id in arguments.ids("item_ids") ?? [] {
                guard let item = account.items[id], item.board === board, item.state == .active else { continue }
                account.setState(.archived, of: item, by: call.user)
            }
            return .node(MondayRecord("BulkDeleteInit", JSON.Object(("job_id", .string("\(account.newID())")))))
        case "move_item_to_board": return try moveToBoard(arguments)
        case "archive_group":
            let board = try account.board(arguments["board_id"])
            let group = try account.putAway(
                group: arguments.string("group_id") ?? "",
                of: board,
                .archived,
                by: call.user
            )
            return call.group(group, of: board)
        case "delete_update":
            guard let id = arguments.string("id").flatMap(Int.init), let update = account.removeUpdate(id) else {
                throw .monday("ResourceNotFoundException", "Update not found", status: 404)
            }
            account.tell(.uncommented(update), update.item, by: call.user)
            return call.update(update)
        case "create_dropdown_managed_column":
            return try account.createManaged("dropdown", arguments).node(as: "DropdownManagedColumn")
        case "create_status_managed_column":
            return try account.createManaged("status", arguments).node(as: "StatusManagedColumn")
        case "update_dropdown_managed_column":
            return try account.updateManaged("dropdown", arguments).node(as: "DropdownManagedColumn")
        case "update_status_managed_column":
            return try account.updateManaged("status", arguments).node(as: "StatusManagedColumn")
        case "activate_managed_column": return try account.setState("active", ofManaged: arguments["id"]).node()
        case "deactivate_managed_column": return try account.setState("inactive", ofManaged: arguments["id"]).node()
        case "delete_managed_column": return try account.setState("deleted", ofManaged: arguments["id"]).node()
        case "attach_dropdown_managed_column", "attach_status_managed_column":
            let type = name == "attach_status_managed_column" ? "status" : "dropdown"
            let board = try account.board(arguments["board_id"])
            return .node(MondayColumnNode(column: try account.attach(type, to: board, arguments, by: call.user)))
        default: return .null
        }
    }

    /// With a mapping, what it names goes along; without one, columns of the same id and type do.
    private func moveToBoard(_ arguments: JSON.Object) throws(GraphQL.Fault) -> GraphQL.Resolved {
        let item = try account.item(arguments["item_id"])
        let board = try account.board(arguments["board_id"])
        let group = try board.group(arguments.string("group_id") ?? "").id
        var targets: [String: String] = [:]
        let mapping = arguments.list("columns_mapping")
        if let mapping {
            for case .object(let pair) in mapping { targets[pair.string("source") ?? ""] = pair.string("target") }
        } else {
            for column in item.board.columns { targets[column.id] = column.id }
        }
        var cells: [String: MondayCell.Entry] = [:]
        for (source, target) in targets {
            guard let from = item.board.column(source), let to = board.column(target), from.type == to.type else {
                guard mapping == nil else {
                    throw .argument("No such pair of columns: \(source), \(target)")
                }
                continue
            }
            cells[target] = item.cells[source]
        }
        account.move(item, to: board, group: group, cells, by: call.user)
        return call.item(item)
    }
}
