import Core
import Transport

/// Something that happened to a board: what webhooks tell of, and the activity log notes.
struct MondayChange {
    enum What {
        case created
        case changed(column: MondayColumn, before: MondayCell?, after: MondayCell?)
        case renamed(before: String)
        case moved(from: String)
        case archived
        case deleted
        case restored
        case commented(MondayUpdate)
        case edited(MondayUpdate)
        case uncommented(MondayUpdate)
        case columnCreated(MondayColumn)
    }

    var what: What
    let board: MondayBoard
    /// Nil for what happens to the board itself.
    let item: MondayItem?
    var user: Int
    var time: WallTime

    /// As payloads and logs call it.
    var type: String {
        switch what {
        case .created: "create_pulse"
        case .changed: "update_column_value"
        case .renamed: "update_name"
        case .moved: "move_pulse_into_group"
        case .archived: "archive_pulse"
        case .deleted: "delete_pulse"
        case .restored: "restore_pulse"
        case .commented: "create_update"
        case .edited: "edit_update"
        case .uncommented: "delete_update"
        case .columnCreated: "create_column"
        }
    }

    /// As subscriptions call it; several may tell of one change.
    @OnLoop var events: [String] {
        let isSubitem = item?.parent != nil
        return switch what {
        case .created: isSubitem ? ["create_subitem"] : ["create_item"]
        case .changed:
            isSubitem
                ? ["change_subitem_column_value"]
                : ["change_column_value", "change_specific_column_value", "change_status_column_value"]
        case .renamed: isSubitem ? ["change_subitem_name"] : ["change_name"]
        case .moved: ["item_moved_to_any_group", "item_moved_to_specific_group"]
        case .archived: isSubitem ? ["subitem_archived"] : ["item_archived"]
        case .deleted: isSubitem ? ["subitem_deleted"] : ["item_deleted"]
        case .restored: ["item_restored"]
        case .commented: isSubitem ? ["create_subitem_update"] : ["create_update"]
        case .edited: ["edit_update"]
        case .uncommented: ["delete_update"]
        case .columnCreated: ["create_column"]
        }
    }

    /// Where subscriptions to it stand: events of subitems are told on the parent's board.
    @OnLoop var subscribedBoard: MondayBoard { item?.parent?.board ?? board }
}
