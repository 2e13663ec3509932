import Core
import Transport

/// Imports, managed columns, and what is done to many items or to a whole group.
extension MondayRoot {
    func mutateBulk(_ name: String, _ arguments: JSON.Object) throws(GraphQL.Fault) -> GraphQL.Resolved {
        switch name {
        case "ingest_items", "backfill_items":
            let job = try call.imports.begin(arguments, isBackfill: name == "backfill_items")
            return .node(
                MondayRecord(
                    "UploadJobInit",
                    JSON.Object(
                        ("job_id", .string(job.id)),
                        ("upload_url", .string("\(call.address)/upload/\(job.id)"))
                    )
                )
            )
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

    func jobStatus(_ arguments: JSON.Object) throws(GraphQL.Fault) -> GraphQL.Resolved {
        let job = try call.imports.job(arguments.string("job_id") ?? "")
        let counts = JSON.Object(
            ("submitted", .number(job.counts.submitted)),
            ("invalid", .number(job.counts.invalid)),
            ("skipped", .number(job.counts.skipped)),
            ("created", .number(job.counts.created)),
            ("updated", .number(job.counts.updated)),
            ("failed", .number(job.counts.failed))
        )
        let isDone = job.state == "COMPLETED"
        let fields = JSON.Object(
            ("status", .string(job.state)),
            ("progress_percentage", .number(isDone ? 100 : 0)),
            ("failure_reason", job.reason.map { .string($0) } ?? .null),
            ("failure_message", job.message.map { .string($0) } ?? .null),
            // Rows that were not valid do not count against it.
            ("fully_imported", .bool(isDone && job.counts.failed == 0)),
            ("report_created", .bool(isDone)),
            ("report_url", isDone ? .string("\(call.address)/report/\(job.id)") : .null)
        )
        return .node(
            MondayRecord(
                "ItemsJobStatus",
                fields,
                nodes: ["counts": { () throws(GraphQL.Fault) in .node(MondayRecord("ItemsJobItemCounts", counts)) }]
            )
        )
    }
}
