import Core
import Transport

/// What a person does at a board, and what an administrator does to the account.
///
///     GET    boards                        POST boards {"name", "columns": [...], "hierarchy", "required": [...]}
///     GET    boards/ID                     PATCH boards/ID {"name", "state", "required"}
///     GET    boards/ID/items               POST boards/ID/items {"name", "values", "group", "count"}
///     POST   boards/ID/columns {"id", "title", "type", "settings"}
///     PATCH  boards/ID/columns/C {"title"} DELETE boards/ID/columns/C
///     GET    items/ID                      PATCH items/ID {"name", "values", "group"}
///     POST   items/ID/archive|delete|restore
///     POST   items/ID/updates {"body"}     POST items/ID/subitems {"name", "values"}
///     POST   token/revoke|restore          GET webhooks, DELETE webhooks/ID
///     PATCH  options {"mutationsPerMinute": 40, …}
///
/// `values` holds what a mutation's `column_values` would: one JSON value a column.
extension MondaySimulator {
    package func control(_ path: [Substring], _ method: HTTPMethod, body: JSON) async throws -> JSON {
        let field = JSONField(body)
        do {
            switch (method, path.first, path.count) {
            case (.get, "boards", 1):
                return .array(account.boards.values.sorted { $0.id < $1.id }.map(shown))
            case (.post, "boards", 1): return try makeBoard(field)
            case (_, "boards", 2...): return try control(board(path[1]), path.dropFirst(2), method, field)
            case (_, "managed", _): return try controlManaged(path.dropFirst(), method, field)
            case (_, "items", 2...): return try control(item(path[1]), path.dropFirst(2), method, field)
            case (.post, "token", 2) where path[1] == "revoke" || path[1] == "restore":
                isRevoked = path[1] == "revoke"
                return ["revoked": .bool(isRevoked)]
            case (.get, "webhooks", 1): return .array(hooks.subscriptions.map(shown))
            case (.delete, "webhooks", 2):
                guard let removed = hooks.remove(Int(path[1])) else { throw ControlRefusal.unknown("no such webhook") }
                return shown(removed)
            case (.patch, "options", 1):
                var options = account.options
                try options.change(field)
                account.options = options
                return [:]
            default: throw ControlRefusal.unknown("there is no \(method.name) /\(path.joined(separator: "/")) here")
            }
        } catch let fault as GraphQL.Fault {
            throw ControlRefusal(.badRequest, fault.message)
        }
    }

    private func board(_ id: Substring) throws -> MondayBoard {
        guard let board = Int(id).flatMap({ account.boards[$0] }) else {
            throw ControlRefusal.unknown("no board \(id)")
        }
        return board
    }

    private func item(_ id: Substring) throws -> MondayItem {
        guard let item = Int(id).flatMap({ account.items[$0] }) else { throw ControlRefusal.unknown("no item \(id)") }
        return item
    }

    // MARK: Boards

    private func makeBoard(_ field: JSONField) throws -> JSON {
        try field.allowOnly(["name", "columns", "hierarchy", "required"])
        let board = account.newBoard(try field["name"].string(), empty: true)
        board.hierarchy = try field["hierarchy"].orNil?.string() ?? "classic"
        for column in try field["columns"].orNil?.elements() ?? [] { try makeColumn(column, on: board) }
        try setRequired(field["required"], of: board)
        return shown(board)
    }

    private func makeColumn(_ field: JSONField, on board: MondayBoard) throws {
        try field.allowOnly(["id", "title", "type", "settings"])
        let type = try field["type"].string()
        guard MondaySchema.schema.types["ColumnType"]?.values.contains(type) == true else {
            throw field["type"].wrong("there is no column type \(type)")
        }
        var settings = field["settings"].value ?? .null
        if case .object(let object) = settings, type == "status" || type == "dropdown" {
            settings = .object(Self.labels(object))
        }
        _ = try account.newColumn(
            type,
            on: board,
            id: try field["id"].orNil?.string(),
            title: try field["title"].orNil?.string() ?? type,
            settings: settings,
            by: account.otherUser
        )
    }

    /// Labels may be given by their texts alone.
    private static func labels(_ settings: JSON.Object) -> JSON.Object {
        var settings = settings
        let labels = (settings.list("labels") ?? []).enumerated().map { place, label -> JSON in
            guard case .string(let text) = label else { return label }
            return ["label": .string(text), "index": .number(place)]
        }
        settings["labels"] = .array(labels)
        return settings
    }

    private func setRequired(_ field: JSONField, of board: MondayBoard) throws {
        guard let field = field.orNil else { return }
        var required: Set<String> = []
        for element in try field.elements() { required.insert(try element.string()) }
        board.requiredColumns = required
    }

    private func control(
        _ board: MondayBoard,
        _ path: ArraySlice<Substring>,
        _ method: HTTPMethod,
        _ field: JSONField
    ) throws -> JSON {
        let user = account.otherUser
        switch (method, path.first, path.count) {
        case (.get, nil, 0): return shown(board)
        case (.patch, nil, 0):
            try field.allowOnly(["name", "state", "required"])
            if let name = try field["name"].orNil?.string() { board.name = name }
            if let state = try field["state"].orNil?.string() {
                board.state = MondayState(rawValue: state) ?? board.state
            }
            try setRequired(field["required"], of: board)
            return shown(board)
        case (.get, "items", 1): return .array(board.items.map(shown))
        case (.post, "items", 1):
            try field.allowOnly(["name", "values", "group", "count"])
            let count = try field["count"].orNil?.int(in: 1...100_000)
            let name = try field["name"].string()
            let group = try field["group"].orNil?.string()
            let values = try values(field["values"])
            var made: MondayItem?
            for number in 1...(count ?? 1) {
                made = try account.createItem(
                    on: board,
                    name: count == nil ? name : "\(name) \(number)",
                    group: group,
                    values: values,
                    createsLabels: true,
                    by: user
                )
            }
            return made.map(shown) ?? [:]
        case (.post, "columns", 1):
            try makeColumn(field, on: board)
            return shown(board)
        case (.patch, "columns", 2):
            let index = try board.columnIndex(String(path.last ?? ""))
            board.columns[index].title = try field["title"].string()
            board.columns[index].revision += 1
            return shown(board)
        case (_, "columns", 3...4) where path.dropFirst(2).first == "labels":
            return try controlLabels(of: board, path.dropFirst(), method, field)
        case (_, "groups", _): return try controlGroups(of: board, path.dropFirst(), method, field)
        case (.delete, "columns", 2):
            try account.deleteColumn(String(path.last ?? ""), on: board)
            return shown(board)
        default: throw ControlRefusal.unknown("a board has no \(method.name) \(path.joined(separator: "/"))")
        }
    }

    // MARK: Items

    private func control(
        _ item: MondayItem,
        _ path: ArraySlice<Substring>,
        _ method: HTTPMethod,
        _ field: JSONField
    ) throws -> JSON {
        let user = account.otherUser
        switch (method, path.first, path.count) {
        case (.get, nil, 0): return shown(item)
        case (.patch, nil, 0):
            try field.allowOnly(["name", "values", "group"])
            var values = try values(field["values"])
            if let name = try field["name"].orNil?.string() { values["name"] = .string(name) }
            try account.change(item, values: values, createsLabels: true, by: user)
            if let group = try field["group"].orNil?.string() { try account.move(item, to: group, by: user) }
        case (.post, "archive", 1): account.setState(.archived, of: item, by: user)
        case (.post, "delete", 1): account.setState(.deleted, of: item, by: user)
        case (.post, "restore", 1): account.setState(.active, of: item, by: user)
        case (.post, "subitems", 1):
            try field.allowOnly(["name", "values"])
            let subitem = try account.createItem(
                on: account.subitemBoard(of: item.board),
                name: try field["name"].string(),
                group: nil,
                values: try values(field["values"]),
                createsLabels: true,
                by: user,
                parent: item
            )
            return shown(subitem)
        case (.post, "updates", 1):
            return ["id": .number(account.comment(item, parent: nil, body: try field["body"].string(), by: user).id)]
        default: throw ControlRefusal.unknown("an item has no \(method.name) \(path.joined(separator: "/"))")
        }
        return shown(item)
    }

    private func values(_ field: JSONField) throws -> JSON.Object {
        guard let field = field.orNil else { return JSON.Object() }
        guard case .object(let object)? = field.value else { throw field.wrong("expected an object") }
        return object
    }

    // MARK: Showing

    private func shown(_ board: MondayBoard) -> JSON {
        [
            "id": .string("\(board.id)"), "name": .string(board.name), "state": .string(board.state.rawValue),
            "items": .number(board.activeCount),
            "columns": .array(
                board.columns.map { column in
                    [
                        "id": .string(column.id), "title": .string(column.title), "type": .string(column.type),
                        "settings": column.settingsJSON,
                    ]
                }
            ),
            "groups": .array(
                board.groups.filter { !$0.isDeleted }.map { ["id": .string($0.id), "title": .string($0.title)] }
            ),
        ]
    }

    private func shown(_ item: MondayItem) -> JSON {
        var values = JSON.Object()
        for column in item.board.columns {
            guard let entry = item.cells[column.id] else { continue }
            switch entry.cell {
            case .items(let ids): values[column.id] = ["item_ids": .array(ids.map { .number($0) })]
            default:
                let text = entry.cell.text(of: column, account)
                let value = entry.cell.value(of: column, changed: entry.changed, account)
                values[column.id] = ["text": text.map { .string($0) } ?? .null, "value": value ?? .null]
            }
        }
        return [
            "id": .string("\(item.id)"), "name": .string(item.name), "state": .string(item.state.rawValue),
            "group": .string(item.groupID), "board": .string("\(item.board.id)"),
            "created_at": .string(item.created.text), "updated_at": .string(item.updated.text),
            "updated_by": .number(item.updater), "values": .object(values),
            "updates": .array(item.updates.map { .string($0.body) }),
        ]
    }

    private func shown(_ subscription: MondayHooks.Subscription) -> JSON {
        [
            "id": .string("\(subscription.id)"), "board": .string("\(subscription.board)"),
            "event": .string(subscription.event), "url": .string(subscription.url),
            "config": subscription.config.map { .string($0) } ?? .null,
        ]
    }
}
