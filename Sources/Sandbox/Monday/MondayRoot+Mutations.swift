import Core
import Transport

extension MondayRoot {
    func mutate(_ name: String, _ arguments: JSON.Object) throws(GraphQL.Fault) -> GraphQL.Resolved {
        let user = call.user
        let createsLabels = arguments.bool("create_labels_if_missing") ?? false
        switch name {
        case "create_item":
            let item = try account.createItem(
                on: try account.board(arguments["board_id"]),
                name: arguments.string("item_name") ?? "",
                group: arguments.string("group_id"),
                values: values(arguments),
                createsLabels: createsLabels,
                by: user
            )
            return call.item(item)
        case "create_subitem":
            let parent = try account.item(arguments["parent_item_id"])
            let item = try account.createItem(
                on: account.subitemBoard(of: parent.board),
                name: arguments.string("item_name") ?? "",
                group: nil,
                values: values(arguments),
                createsLabels: createsLabels,
                by: user,
                parent: parent
            )
            return call.item(item)
        case "change_multiple_column_values":
            let item = try account.item(arguments["item_id"], on: try account.board(arguments["board_id"]))
            try account.change(item, values: values(arguments), createsLabels: createsLabels, by: user)
            return call.item(item)
        case "change_column_value", "change_simple_column_value": return try changeOne(name, arguments, createsLabels)
        case "move_item_to_group":
            let item = try account.item(arguments["item_id"])
            try account.move(item, to: arguments.string("group_id") ?? "", by: user)
            return call.item(item)
        case "archive_item":
            let item = try account.item(arguments["item_id"])
            account.setState(.archived, of: item, by: user)
            return call.item(item)
        case "delete_item":
            guard let id = arguments["item_id"].flatMap(MondayAccount.number), let item = account.items[id],
                item.state != .deleted
            else { throw .noItem(arguments["item_id"]) }
            account.setState(.deleted, of: item, by: user)
            return call.item(item)
        case "create_update": return try createUpdate(arguments)
        case "edit_update":
            guard let update = arguments.string("id").flatMap(Int.init).flatMap({ account.updates[$0] }) else {
                throw .monday("ResourceNotFoundException", "Update not found", status: 404)
            }
            update.body = arguments.string("body") ?? ""
            update.edited = account.clock.now
            account.tell(.edited(update), update.item, by: user)
            return call.update(update)
        case "delete_webhook":
            guard let removed = call.hooks.remove(arguments.string("id").flatMap(Int.init)) else {
                throw .monday("ResourceNotFoundException", "Webhook not found", status: 404)
            }
            return call.webhook(removed)
        case "create_or_get_tag":
            guard let name = arguments.string("tag_name"), !name.isEmpty else { throw .argument("A tag needs a name") }
            return call.tag(account.tag(named: name))
        default: return try mutateStructure(name, arguments)
        }
    }

    /// Validation has seen that it is JSON, and an object.
    private func values(_ arguments: JSON.Object) -> JSON.Object {
        guard let text = arguments.string("column_values"), case .object(let object)? = try? JSON.parse(text) else {
            return JSON.Object()
        }
        return object
    }

    private func changeOne(
        _ name: String,
        _ arguments: JSON.Object,
        _ createsLabels: Bool
    ) throws(GraphQL.Fault) -> GraphQL.Resolved {
        let item = try account.item(arguments["item_id"], on: try account.board(arguments["board_id"]))
        let id = arguments.string("column_id") ?? ""
        let isSimple = name == "change_simple_column_value"
        let text = arguments.string("value")
        let column = item.board.columns[try item.board.columnIndex(id)]
        if column.type == "name" {
            let name = isSimple ? text : try? JSONField(JSON.parse(text ?? "")).string()
            try account.rename(item, to: name ?? "", by: call.user)
            return call.item(item)
        }
        if column.type == "board_relation" {
            let problem = "Connected boards are changed with change_multiple_column_values only (linkedPulseIds)"
            guard isSimple else { throw .value(column, problem, .string(text ?? "")) }
            throw .monday("CorrectedValueException", problem)
        }
        try account.change(item, column: id, createsLabels: createsLabels, by: call.user) {
            (reader, column) throws(GraphQL.Fault) in
            if isSimple { return try reader.cell(simple: text ?? "", &column) }
            let value = (try? JSON.parse(text ?? "")) ?? .null
            // An empty object was the way to clear a cell before null was.
            if value == .object(JSON.Object()), !MondayColumn.readOnlyTypes.contains(column.type) { return nil }
            return try reader.cell(value, &column)
        }
        return call.item(item)
    }

    private func createUpdate(_ arguments: JSON.Object) throws(GraphQL.Fault) -> GraphQL.Resolved {
        let body = arguments.string("body") ?? ""
        guard !body.isEmpty else { throw .argument("The body is empty") }
        var parent: MondayUpdate?
        if let id = arguments.string("parent_id") {
            guard let update = Int(id).flatMap({ account.updates[$0] }) else {
                throw .monday("ResourceNotFoundException", "Update not found", status: 404)
            }
            parent = update
        }
        var item = parent?.item
        if let id = arguments["item_id"], id != .null { item = try account.item(id) }
        guard let item else { throw .argument("An item or an update is needed") }
        return call.update(account.comment(item, parent: parent, body: body, by: call.user))
    }
}
