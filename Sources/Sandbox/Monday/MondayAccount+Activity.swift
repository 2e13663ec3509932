import Core

extension MondayAccount {
    private static let mostActivities = 10_000

    /// Adds a line to the log of the board; the oldest goes when there are too many.
    func note(_ change: MondayChange) {
        var data = JSON.Object(("board_id", .number(change.board.id)))
        if let item = change.item {
            data["pulse_id"] = .number(item.id)
            data["pulse_name"] = .string(item.name)
            data["group_id"] = .string(item.groupID)
        }
        var columnID: String?
        switch change.what {
        case .changed(let column, let before, let after):
            columnID = column.id
            data["column_id"] = .string(column.id)
            data["column_type"] = .string(column.hookType)
            data["value"] = after?.hookValue(of: column) ?? .null
            data["previous_value"] = before?.hookValue(of: column) ?? .null
        case .renamed(let before): data["previous_value"] = ["name": .string(before)]
        case .columnCreated(let column): data["column_id"] = .string(column.id)
        case .created, .moved, .archived, .deleted, .restored, .commented, .edited, .uncommented: break
        }
        change.board.activity.append(
            MondayActivity(
                id: "\(digits(8))-\(digits(4))",
                event: change.type,
                data: .object(data),
                user: change.user,
                time: change.time,
                itemID: change.item?.id,
                columnID: columnID,
                groupID: change.item?.groupID
            )
        )
        if change.board.activity.count > Self.mostActivities { change.board.activity.removeFirst(1_000) }
    }
}
