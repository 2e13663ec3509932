import Core
import Transport

/// What people do to a board's columns, labels and groups, and to managed columns.
///
///     POST   boards/ID/columns/C/labels {"label"}       PATCH …/labels/N {"label", "deactivated"}     DELETE …/labels/N
///     POST   boards/ID/groups {"title"}                 POST boards/ID/groups/G/archive|delete
///     GET    managed                                    POST managed {"title", "type", "labels": ["A", "B"]}
///     PATCH  managed/ID {"labels": ["A", "B", "C"]}     POST managed/ID/attach {"board", "title"}
extension MondaySimulator {
    func controlLabels(
        of board: MondayBoard,
        _ path: ArraySlice<Substring>,
        _ method: HTTPMethod,
        _ field: JSONField
    ) throws -> JSON {
        let parts = path.map(String.init)
        let index = try board.columnIndex(parts[0])
        var column = board.columns[index]
        guard column.type == "status" || column.type == "dropdown" else {
            throw ControlRefusal(.badRequest, "no labels")
        }
        switch (method, parts.count) {
        case (.post, 2):
            try field.allowOnly(["label"])
            _ = try column.label(named: try field["label"].string(), createIfMissing: true)
            column.revision = board.columns[index].revision
        case (.patch, 3), (.delete, 3):
            guard let place = column.labels.firstIndex(where: { "\($0.id)" == parts[2] }) else {
                throw ControlRefusal.unknown("the column has no label \(parts[2])")
            }
            if method == .delete {
                guard !account.labelsInUse(column.id, on: board).contains(column.labels[place].id) else {
                    throw ControlRefusal(.badRequest, "the label is in use")
                }
                column.labels.remove(at: place)
            } else {
                try field.allowOnly(["label", "deactivated"])
                if let text = try field["label"].orNil?.string() { column.labels[place].text = text }
                if let isOff = try field["deactivated"].orNil?.bool() { column.labels[place].isDeactivated = isOff }
            }
        default: throw ControlRefusal.unknown("labels have no \(method.name)")
        }
        column.revision += 1
        board.columns[index] = column
        return column.settingsJSON
    }

    func controlGroups(
        of board: MondayBoard,
        _ path: ArraySlice<Substring>,
        _ method: HTTPMethod,
        _ field: JSONField
    ) throws -> JSON {
        let parts = path.map(String.init)
        switch (method, parts.count) {
        case (.post, 0):
            let group = try account.newGroup(
                on: board,
                JSON.Object(("group_name", .string(try field["title"].string())))
            )
            return ["id": .string(group.id), "title": .string(group.title)]
        case (.post, 2) where parts[1] == "archive" || parts[1] == "delete":
            let state: MondayState = parts[1] == "archive" ? .archived : .deleted
            let group = try account.putAway(group: parts[0], of: board, state, by: account.otherUser)
            return ["id": .string(group.id)]
        default: throw ControlRefusal.unknown("groups have no \(method.name) \(parts.joined(separator: "/"))")
        }
    }

    func controlManaged(_ path: ArraySlice<Substring>, _ method: HTTPMethod, _ field: JSONField) throws -> JSON {
        switch (method, path.count) {
        case (.get, 0): return .array(account.managed.map(Self.shown))
        case (.post, 0):
            try field.allowOnly(["title", "type", "labels"])
            let wish = JSON.Object(
                ("title", .string(try field["title"].string())),
                ("settings", .object(JSON.Object(("labels", .array(try labels(field["labels"], of: nil))))))
            )
            return Self.shown(try account.createManaged(try field["type"].orNil?.string() ?? "dropdown", wish))
        case (.patch, 1):
            try field.allowOnly(["labels"])
            let known = try account.managedColumn(.string(String(path.first ?? "")))
            let wish = JSON.Object(
                ("id", .string(known.id)),
                ("revision", .number(known.revision)),
                ("settings", .object(JSON.Object(("labels", .array(try labels(field["labels"], of: known))))))
            )
            return Self.shown(try account.updateManaged(known.column.type, wish))
        case (.post, 2) where path.last == "attach":
            let known = try account.managedColumn(.string(String(path.first ?? "")))
            let board = try account.board(.string(try field["board"].string()))
            var wish = JSON.Object(("managed_column_id", .string(known.id)))
            wish["title"] = try field["title"].orNil.map { .string(try $0.string()) }
            let column = try account.attach(known.column.type, to: board, wish, by: account.otherUser)
            return ["id": .string(column.id)]
        default: throw ControlRefusal.unknown("managed columns have no \(method.name) like that")
        }
    }

    /// By their texts; those that are there already keep their ids.
    private func labels(_ field: JSONField, of known: MondayManagedColumn?) throws -> [JSON] {
        try field.elements().enumerated().map { place, element in
            let text = try element.string()
            var object = JSON.Object(("label", .string(text)), ("index", .number(place)))
            if let label = known?.column.labels.first(where: { $0.text == text }) { object["id"] = .number(label.id) }
            return .object(object)
        }
    }

    private static func shown(_ managed: MondayManagedColumn) -> JSON {
        [
            "id": .string(managed.id), "title": .string(managed.title), "state": .string(managed.state),
            "revision": .number(managed.revision), "type": .string(managed.column.type),
            "labels": .array(managed.column.labels.map { .string($0.text) }),
        ]
    }
}
