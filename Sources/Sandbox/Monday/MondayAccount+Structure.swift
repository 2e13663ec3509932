import Core

/// Boards, groups and columns, as the API and people make them.
extension MondayAccount {
    private static let mostColumns = 500
    private static let uncreatable: Set<String> = [
        "name", "subtasks", "unsupported", "direct_doc", "person", "item_assignees", "group", "team",
    ]

    func newBoard(_ name: String, empty: Bool) -> MondayBoard {
        let board = MondayBoard(id: newID(), name: name, created: clock.now)
        board.columns = [MondayColumn(id: "name", title: "Name", type: "name")]
        board.groups = [MondayBoard.Group(id: "topics", title: "Group Title")]
        if !empty {
            var status = MondayColumn(id: "status", title: "Status", type: "status")
            status.labels = [
                MondayLabel(id: 0, index: 0, text: "Working on it", color: 0),
                MondayLabel(id: 1, index: 1, text: "Done", color: 1, isDone: true),
                MondayLabel(id: 2, index: 2, text: "Stuck", color: 2),
            ]
            board.columns += [
                MondayColumn(id: "person", title: "Owner", type: "people"), status,
                MondayColumn(id: "date4", title: "Date", type: "date"),
            ]
        }
        add(board)
        return board
    }

    /// The board that holds the subitems of another one's items; made with the first of them.
    func subitemBoard(of board: MondayBoard) -> MondayBoard {
        if let board = board.subitemBoard { return board }
        let subitems = newBoard("Subitems of \(board.name)", empty: true)
        subitems.type = "sub_items_board"
        subitems.groups = [MondayBoard.Group(id: "topics", title: "Subitems")]
        subitems.columns += [
            MondayColumn(id: "amount", title: "Amount", type: "numbers"),
            MondayColumn(id: "erp_key", title: "ERP key", type: "text"),
        ]
        board.subitemBoard = subitems
        board.columns.append(MondayColumn(id: "subitems", title: "Subitems", type: "subtasks"))
        return subitems
    }

    func newGroup(on board: MondayBoard, _ arguments: JSON.Object) throws(GraphQL.Fault) -> MondayBoard.Group {
        let title = arguments.string("group_name") ?? ""
        guard 1...255 ~= title.utf16.count else { throw .argument("A group needs a name") }
        let color = arguments.string("group_color") ?? "#579bfc"
        let group = MondayBoard.Group(id: "new_group_mk\(digits(6))", title: title, color: color)
        var place = 0
        if let relative = arguments.string("relative_to") {
            _ = try board.group(relative)
            place = board.groups.firstIndex { $0.id == relative } ?? 0
            if arguments.string("position_relative_method") == "after_at" { place += 1 }
        }
        board.groups.insert(group, at: place)
        return group
    }

    func newColumn(
        _ type: String,
        on board: MondayBoard,
        id: String?,
        title: String,
        settings: JSON,
        after: String? = nil,
        by user: Int,
        _ change: (inout MondayColumn) -> Void = { _ in }
    ) throws(GraphQL.Fault) -> MondayColumn {
        guard 1...255 ~= title.utf16.count else { throw .argument("A column needs a title") }
        guard !Self.uncreatable.contains(type) else { throw .argument("No column of the type \(type) can be made") }
        guard board.columns.count < Self.mostColumns else { throw .argument("The board has too many columns") }
        let id = id ?? "\(type)_mk\(digits(6))"
        guard MondayColumn.isValid(id: id) else {
            throw .argument("A column id has from 1 to 24 characters of a to z, 0 to 9 and _, and begins with no digit")
        }
        guard board.column(id) == nil, !board.reservedColumns.contains(id) else {
            throw .argument("The column id \(id) is taken or was taken before")
        }
        guard type != "dependency" || !board.columns.contains(where: { $0.type == "dependency" }) else {
            throw .argument("A board has one dependency column at most")
        }
        var column = MondayColumn(id: id, title: title, type: type)
        try set(settings, of: &column)
        change(&column)
        let place = try after.map { id throws(GraphQL.Fault) in try board.columnIndex(id) + 1 } ?? board.columns.count
        board.columns.insert(column, at: place)
        tell(MondayChange(what: .columnCreated(column), board: board, item: nil, user: user, time: clock.now))
        return column
    }

    private func set(_ settings: JSON, of column: inout MondayColumn) throws(GraphQL.Fault) {
        guard case .object(let object) = settings else {
            guard settings == .null else { throw .argument("The defaults of a column are an object") }
            if column.type == "status" {
                column.labels = [
                    MondayLabel(id: 0, index: 0, text: "Working on it", color: 0),
                    MondayLabel(id: 1, index: 1, text: "Done", color: 1, isDone: true),
                    MondayLabel(id: 2, index: 2, text: "Stuck", color: 2),
                ]
            }
            return
        }
        if column.type == "status" || column.type == "dropdown" { return try column.setLabels(ofNew: settings) }
        for member in object.members { column.settings[member.name] = member.value }
        guard column.connectedBoards.allSatisfy({ boards[$0] != nil }) else { throw .noBoard(object["boardIds"]) }
    }

    /// All items of the group go the same way.
    func putAway(
        group id: String,
        of board: MondayBoard,
        _ state: MondayState,
        by user: Int
    ) throws(GraphQL.Fault) -> MondayBoard.Group {
        let group = try board.group(id)
        guard board.groups.count(where: { !$0.isDeleted }) > 1 else {
            throw .monday("DeleteLastGroupException", "The last group of a board cannot be deleted", status: 409)
        }
        for index in board.groups.indices where board.groups[index].id == group.id {
            board.groups[index].isDeleted = true
        }
        for item in board.items where item.groupID == group.id && item.state == .active {
            setState(state, of: item, by: user)
        }
        return group
    }

    func deleteColumn(_ id: String, on board: MondayBoard) throws(GraphQL.Fault) {
        let index = try board.columnIndex(id)
        guard board.columns[index].type != "name" else { throw .argument("The name cannot be deleted") }
        board.columns.remove(at: index)
        board.reservedColumns.insert(id)
        board.requiredColumns.remove(id)
        for item in board.items { item.cells[id] = nil }
        board.forgetTexts(of: id)
    }
}
