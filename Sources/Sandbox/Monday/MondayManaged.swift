import Core
import Transport

/// A column of the whole account: its labels are kept here, and boards that it is attached to show them.
struct MondayManagedColumn: Sendable {
    let id: String
    var title: String
    var description: String?
    var revision = 0
    var state = "active"
    /// Its type and labels.
    var column: MondayColumn
}

extension MondayAccount {
    func managedColumn(_ id: JSON?) throws(GraphQL.Fault) -> MondayManagedColumn {
        guard case .string(let id)? = id, let column = managed.first(where: { $0.id == id && $0.state != "deleted" })
        else {
            throw .monday("ResourceNotFoundException", "Managed column not found", status: 404)
        }
        return column
    }

    func createManaged(_ type: String, _ arguments: JSON.Object) throws(GraphQL.Fault) -> MondayManagedColumn {
        let title = arguments.string("title") ?? ""
        guard 1...255 ~= title.utf16.count else { throw .argument("A managed column needs a title") }
        var column = MondayColumn(id: "managed", title: title, type: type)
        if let settings = arguments["settings"], settings != .null { try column.setLabels(ofNew: settings) }
        let made = MondayManagedColumn(
            id: "\(digits(8))-\(digits(4))",
            title: title,
            description: arguments.string("description"),
            column: column
        )
        managed.append(made)
        return made
    }

    /// The whole list of labels is replaced, as with a board's own column; all boards that have it follow.
    func updateManaged(_ type: String, _ arguments: JSON.Object) throws(GraphQL.Fault) -> MondayManagedColumn {
        var changed = try managedColumn(arguments["id"])
        guard changed.column.type == type else { throw .argument("The column is of the type \(changed.column.type)") }
        guard changed.revision == arguments.int("revision") else {
            throw .monday("REVISION_MISMATCH", "The column was changed since that revision", status: 409)
        }
        if let title = arguments.string("title") { changed.title = title }
        if let description = arguments.string("description") { changed.description = description }
        if let settings = arguments["settings"], settings != .null {
            try changed.column.replaceLabels(settings, inUse: labelsInUse(ofManaged: changed.id))
        }
        changed.revision += 1
        keep(changed)
        return changed
    }

    func setState(_ state: String, ofManaged id: JSON?) throws(GraphQL.Fault) -> MondayManagedColumn {
        var changed = try managedColumn(id)
        changed.state = state
        keep(changed)
        return changed
    }

    private func keep(_ changed: MondayManagedColumn) {
        for place in managed.indices where managed[place].id == changed.id { managed[place] = changed }
        for board in boards.values {
            for place in board.columns.indices where board.columns[place].managedID == changed.id {
                board.columns[place].labels = changed.column.labels
                board.columns[place].revision += 1
            }
        }
    }

    func attach(
        _ type: String,
        to board: MondayBoard,
        _ arguments: JSON.Object,
        by user: Int
    ) throws(GraphQL.Fault)
        -> MondayColumn
    {
        let source = try managedColumn(arguments["managed_column_id"])
        guard source.column.type == type, source.state == "active" else {
            throw .argument("No active managed column of the type \(type) has this id")
        }
        return try newColumn(
            type,
            on: board,
            id: nil,
            title: arguments.string("title") ?? source.title,
            settings: ["labels": []],
            after: arguments.string("after_column_id"),
            by: user
        ) { column in
            column.managedID = source.id
            column.labels = source.column.labels
            column.description = arguments.string("description") ?? source.description
            for (name, value) in (arguments.object("settings") ?? JSON.Object()).members.map({ ($0.name, $0.value) }) {
                column.settings[name] = value
            }
        }
    }

    // MARK: Labels that cells hold

    func labelsInUse(_ column: String, on board: MondayBoard) -> Set<Int> {
        var used: Set<Int> = []
        for item in board.items where item.state != .deleted {
            switch item.cells[column]?.cell {
            case .status(let id)?: used.insert(id)
            case .dropdown(let ids)?: used.formUnion(ids)
            default: break
            }
        }
        return used
    }

    private func labelsInUse(ofManaged id: String) -> Set<Int> {
        var used: Set<Int> = []
        for board in boards.values {
            for column in board.columns where column.managedID == id {
                used.formUnion(labelsInUse(column.id, on: board))
            }
        }
        return used
    }
}

extension MondayManagedColumn {
    /// `DropdownManagedColumn` and `StatusManagedColumn` show the same fields as `ManagedColumn`.
    @OnLoop func node(as typeName: String = "ManagedColumn") -> GraphQL.Resolved {
        .node(
            MondayRecord(
                typeName,
                JSON.Object(
                    ("id", .string(id)),
                    ("title", .string(title)),
                    ("description", description.map { .string($0) } ?? .null),
                    ("revision", .number(revision)),
                    ("state", .string(state)),
                    (
                        "settings_json",
                        .object(JSON.Object(("labels", .array(column.labels.map { $0.json(of: column.type) }))))
                    )
                )
            )
        )
    }
}
