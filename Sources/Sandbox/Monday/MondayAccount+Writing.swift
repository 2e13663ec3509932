import Core

/// What can be done to items, by the API or by a person. Nothing is written before all of it is known to be right.
extension MondayAccount {
    func createItem(
        on board: MondayBoard,
        name: String,
        group: String?,
        values: JSON.Object,
        createsLabels: Bool,
        by user: Int,
        parent: MondayItem? = nil,
        isQuiet: Bool = false
    ) throws(GraphQL.Fault) -> MondayItem {
        try check(name: name)
        guard board.state == .active else { throw .noBoard(.number(board.id)) }
        let groupID = try group.map { id throws(GraphQL.Fault) in try board.group(id).id } ?? board.topGroup?.id
        guard let groupID else { throw .noGroup("") }
        guard board.activeCount < options.itemsPerBoard else {
            throw .monday("ItemsLimitationException", "The board has reached its limit of items")
        }
        let plan = try plan(values, on: board, createsLabels: createsLabels)
        try checkRequired(board, plan, of: nil)
        let item = MondayItem(
            id: newID(),
            board: board,
            name: plan.name ?? name,
            groupID: groupID,
            creator: user,
            created: clock.now,
            isFoundFrom: clock.instant + .milliseconds(options.searchDelayMilliseconds),
            parent: parent
        )
        board.columns = plan.columns
        for (id, cell) in plan.cells {
            board.set(cell.map { MondayCell.Entry(cell: $0, changed: item.created) }, id, of: item)
        }
        add(item)
        board.add(item)
        parent?.subitems.append(item)
        if !isQuiet { tell(.created, item, by: user) }
        return item
    }

    /// Names and values at once, as `change_multiple_column_values` does.
    func change(
        _ item: MondayItem,
        values: JSON.Object,
        createsLabels: Bool,
        by user: Int
    ) throws(GraphQL.Fault) {
        let plan = try plan(values, on: item.board, createsLabels: createsLabels)
        try checkRequired(item.board, plan, of: item)
        apply(plan, to: item, by: user)
    }

    /// One column whose cell the caller makes.
    func change(
        _ item: MondayItem,
        column id: String,
        createsLabels: Bool,
        by user: Int,
        _ make: (MondayCellReader, inout MondayColumn) throws(GraphQL.Fault) -> MondayCell?
    ) throws(GraphQL.Fault) {
        var plan = Plan(columns: item.board.columns)
        let index = try item.board.columnIndex(id)
        let reader = MondayCellReader(account: self, board: item.board, createsLabels: createsLabels)
        plan.cells.append((id, try make(reader, &plan.columns[index])))
        try checkRequired(item.board, plan, of: item)
        apply(plan, to: item, by: user)
    }

    func rename(_ item: MondayItem, to name: String, by user: Int) throws(GraphQL.Fault) {
        try check(name: name)
        guard name != item.name else { return }
        let before = item.name
        item.name = name
        touch(item, by: user)
        tell(.renamed(before: before), item, by: user)
    }

    func move(_ item: MondayItem, to group: String, by user: Int) throws(GraphQL.Fault) {
        let group = try item.board.group(group).id
        guard group != item.groupID else { return }
        let before = item.groupID
        item.groupID = group
        touch(item, by: user)
        tell(.moved(from: before), item, by: user)
    }

    /// To another board, with those of its cells that have a column there.
    func move(
        _ item: MondayItem,
        to board: MondayBoard,
        group: String,
        _ cells: [String: MondayCell.Entry],
        by user: Int
    ) {
        let before = item.groupID
        for id in item.cells.keys { item.board.set(nil, id, of: item) }
        item.board.remove(item)
        item.board = board
        item.groupID = group
        board.add(item)
        for (id, entry) in cells { board.set(entry, id, of: item) }
        touch(item, by: user)
        tell(.moved(from: before), item, by: user)
    }

    func setState(_ state: MondayState, of item: MondayItem, by user: Int) {
        guard state != item.state else { return }
        item.board.set(state, of: item)
        touch(item, by: user)
        tell(state == .archived ? .archived : state == .deleted ? .deleted : .restored, item, by: user)
    }

    func comment(_ item: MondayItem, parent: MondayUpdate?, body: String, by user: Int) -> MondayUpdate {
        let update = MondayUpdate(
            id: newID(),
            item: item,
            creator: user,
            created: clock.now,
            body: body
        )
        add(update)
        if let parent { parent.replies.append(update) } else { item.updates.insert(update, at: 0) }
        tell(.commented(update), item, by: user)
        return update
    }

    func tell(_ what: MondayChange.What, _ item: MondayItem, by user: Int) {
        tell(MondayChange(what: what, board: item.board, item: item, user: user, time: clock.now))
    }

    func tell(_ change: MondayChange) {
        note(change)
        changed(change)
    }

    // MARK: Plans

    /// All that a write will do, worked out beforehand.
    private struct Plan {
        /// With the labels that the write makes.
        var columns: [MondayColumn]
        var name: String?
        var cells: [(id: String, cell: MondayCell?)] = []
    }

    private func plan(
        _ values: JSON.Object,
        on board: MondayBoard,
        createsLabels: Bool
    ) throws(GraphQL.Fault) -> Plan {
        var plan = Plan(columns: board.columns)
        let reader = MondayCellReader(account: self, board: board, createsLabels: createsLabels)
        for member in values.members {
            let index = try board.columnIndex(member.name)
            if plan.columns[index].type == "name" {
                guard case .string(let name) = member.value else {
                    throw .value(plan.columns[index], "A name cannot be empty", member.value)
                }
                try check(name: name)
                plan.name = name
            } else {
                plan.cells.append((member.name, try reader.cell(member.value, &plan.columns[index])))
            }
        }
        return plan
    }

    private func apply(_ plan: Plan, to item: MondayItem, by user: Int) {
        item.board.columns = plan.columns
        var changes: [MondayChange.What] = []
        if let name = plan.name, name != item.name {
            changes.append(.renamed(before: item.name))
            item.name = name
        }
        for (id, cell) in plan.cells {
            let before = item.cells[id]?.cell
            guard before != cell, let column = item.board.column(id) else { continue }
            item.board.set(cell.map { MondayCell.Entry(cell: $0, changed: clock.now) }, id, of: item)
            changes.append(.changed(column: column, before: before, after: cell))
        }
        guard !changes.isEmpty else { return }
        touch(item, by: user)
        for change in changes { tell(change, item, by: user) }
    }

    private func touch(_ item: MondayItem, by user: Int) {
        item.updated = clock.now
        item.updater = user
    }

    private func check(name: String) throws(GraphQL.Fault) {
        guard 1...255 ~= name.utf16.count else {
            throw .monday("ItemNameTooLongException", "An item name has from 1 to 255 characters")
        }
    }

    private func checkRequired(_ board: MondayBoard, _ plan: Plan, of item: MondayItem?) throws(GraphQL.Fault) {
        let missing = board.requiredColumns.filter { id in
            if let written = plan.cells.last(where: { $0.id == id }) { return written.cell == nil }
            return item?.cells[id] == nil
        }
        guard !missing.isEmpty else { return }
        var fault = GraphQL.Fault.monday(
            "DATA_VALIDATIONS_ERROR",
            "The item does not pass the board's validations",
            status: 422
        )
        fault.extensions["error_data"] = [
            [
                "itemId": item.map { .number($0.id) } ?? .null,
                "columnIds": .array(missing.sorted().map { .string($0) }),
                "message": "This column is required",
            ]
        ]
        throw fault
    }
}
