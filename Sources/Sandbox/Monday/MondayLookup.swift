import Core
import Transport

/// The search by column values: whole texts, without regard to case. One entry matches any of its values.
@OnLoop struct MondayLookup {
    let account: MondayAccount
    let board: MondayBoard

    private static let unsupported: Set<String> = [
        "auto_number", "color_picker", "board_relation", "creation_log", "file", "formula", "item_id", "last_updated",
        "location", "mirror", "rating", "tags", "time_tracking", "vote", "dependency", "subtasks", "button", "progress",
    ]
    /// These match one value only.
    private static let single: Set<String> = ["date", "dropdown"]

    /// By the first entry that asks for texts; nil where every item has to be looked at.
    func candidates(_ entries: [JSON]) throws(GraphQL.Fault) -> [MondayItem]? {
        for case .object(let entry) in entries {
            let id = entry.string("column_id") ?? ""
            guard let column = board.column(id), column.type == "text" else { continue }
            var found: Set<Int> = []
            for value in entry.strings("column_values") ?? [] {
                guard !value.isEmpty else { return nil }
                found.formUnion(board.items(with: value.lowercased(), in: id))
            }
            return found.sorted().compactMap { account.items[$0] }
        }
        return nil
    }

    func apply(_ entry: JSON.Object, to items: [MondayItem]) throws(GraphQL.Fault) -> [MondayItem] {
        let id = entry.string("column_id") ?? ""
        guard let column = board.column(id) else { throw .noColumn(id) }
        guard !Self.unsupported.contains(column.type) else {
            throw .argument("Columns of the type \(column.type) cannot be searched by value")
        }
        let values = (entry.strings("column_values") ?? []).map { $0.lowercased() }
        guard values.count <= 100 else { throw .argument("At most 100 values can be searched for") }
        guard values.count <= 1 || !Self.single.contains(column.type) else {
            throw .argument("Columns of the type \(column.type) can be searched for one value")
        }
        return items.filter { item in
            let text = text(of: item, column)
            return values.contains { value in
                switch column.type {
                case "numbers": Decimal(value) != nil && Decimal(value) == Decimal(text)
                case "dropdown": text.contains(value)
                default: text == value
                }
            }
        }
    }

    private func text(of item: MondayItem, _ column: MondayColumn) -> String {
        if column.type == "name" { return item.name.lowercased() }
        switch item.cells[column.id]?.cell {
        case .timeline(let from, _)?: return from.text
        case .date(let day, _)?: return day.text
        case let cell?: return (cell.text(of: column, account) ?? "").lowercased()
        case nil: return ""
        }
    }
}
