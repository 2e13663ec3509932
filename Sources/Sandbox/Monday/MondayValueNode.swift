import Core
import Transport

/// One cell as the API shows it, empty ones too.
@OnLoop struct MondayValueNode: GraphQL.Node {
    let item: MondayItem
    let column: MondayColumn
    let call: MondayCall

    var typeName: String { column.valueTypeName }
    private var entry: MondayCell.Entry? { item.cells[column.id] }
    private var account: MondayAccount { call.account }

    func resolve(_ field: String, _ arguments: JSON.Object) throws(GraphQL.Fault) -> GraphQL.Resolved {
        switch field {
        case "id": return .json(.string(column.id))
        case "type": return .json(.string(column.type))
        case "column": return .node(MondayColumnNode(column: column))
        case "is_leaf": return .json(true)
        case "text": return .json(text)
        case "value": return .json(value)
        case "updated_at" where column.type != "last_updated":
            return .json(entry.map { .string($0.changed.text(fractionDigits: 0)) } ?? .null)
        default: break
        }
        if let found = ofItem(field) ?? ofCell(field) { return found }
        return MondaySchema.nothing(in: field, of: typeName)
    }

    private var text: JSON {
        switch column.type {
        case "board_relation", "dependency", "mirror": return .null
        case "item_id": return .string("\(item.id)")
        case "creation_log": return .string("\(item.created.text(fractionDigits: 0))")
        case "last_updated": return .string("\(item.updated.text(fractionDigits: 0))")
        case "subtasks": return .string(item.subitems.map(\.name).joined(separator: ", "))
        default: break
        }
        if let text = entry?.cell.text(of: column, account) { return .string(text) }
        return ["status", "dropdown", "color_picker"].contains(column.type) ? .null : ""
    }

    /// JSON inside of a string.
    private var value: JSON {
        guard let entry, let value = entry.cell.value(of: column, changed: entry.changed, account) else { return .null }
        return .string(value.text())
    }

    /// Fields that come from the item, not from a cell.
    private func ofItem(_ field: String) -> GraphQL.Resolved? {
        switch (column.type, field) {
        case ("item_id", "item_id"): .json(.number(item.id))
        case ("creation_log", "created_at"): .json(.string(item.created.text(fractionDigits: 0)))
        case ("creation_log", "creator"): call.user(item.creator)
        case ("creation_log", "creator_id"): .json(.number(item.creator))
        case ("last_updated", "updated_at"): .json(.string(item.updated.text(fractionDigits: 0)))
        case ("last_updated", "updater"): call.user(item.updater)
        case ("last_updated", "updater_id"): .json(.number(item.updater))
        case ("subtasks", "subitems"): .list(item.subitems.map { call.item($0) })
        case ("subtasks", "subitems_ids"): .json(.array(item.subitems.map { .number($0.id) }))
        case ("subtasks", "display_value"): .json(.string(item.subitems.map(\.name).joined(separator: ", ")))
        case ("mirror", "display_value"): .json(.string(mirrored))
        case ("numbers", "symbol"): .json(unit?["symbol"] ?? .null)
        case ("numbers", "direction"): .json(unit?["direction"] ?? .null)
        case ("checkbox", "checked"): .json(.bool(entry != nil))
        default: nil
        }
    }

    private func ofCell(_ field: String) -> GraphQL.Resolved? {
        switch (entry?.cell, field) {
        case (.number(let number)?, "number"):
            // A Float, which has no trailing zeros.
            return .json(Decimal(number.withoutTrailingZeros).map { .number($0) } ?? .null)
        case (.status(let id)?, _): return ofStatus(id, field)
        case (.dropdown(let ids)?, "values"):
            return .list(
                ids.map { id in
                    let text = column.label(id)?.text ?? ""
                    return .node(
                        MondayRecord("DropdownValueOption", JSON.Object(("id", .number(id)), ("label", .string(text))))
                    )
                }
            )
        case (.date(let day, _)?, "date"): return .json(.string(day.text))
        case (.date(_, let time)?, "time"): return .json(.string(time ?? ""))
        case (.timeline(let from, _)?, "from"): return .json(.string("\(from.text)T00:00:00Z"))
        case (.timeline(_, let to)?, "to"): return .json(.string("\(to.text)T00:00:00Z"))
        case (.week(let from, _)?, "start_date"): return .json(.string(from.text))
        case (.week(_, let to)?, "end_date"): return .json(.string(to.text))
        case (.hour(let hour, _)?, "hour"): return .json(.number(hour))
        case (.hour(_, let minute)?, "minute"): return .json(.number(minute))
        case (.people(let people)?, "persons_and_teams"):
            return .list(
                people.map {
                    .node(MondayRecord("PeopleEntity", JSON.Object(("id", .number($0.id)), ("kind", .string($0.kind)))))
                }
            )
        case (.items(let ids)?, "linked_item_ids"): return .json(.array(ids.map { .number($0) }))
        case (.items(let ids)?, "linked_items"): return .list(call.items(ids).map { call.item($0) })
        case (.items(let ids)?, "display_value"):
            return .json(.string(call.items(ids).map(\.name).joined(separator: ", ")))
        case (.link(let url, _)?, "url"): return .json(.string(url))
        case (.link(_, let text)?, "url_text"): return .json(.string(text))
        case (.email(let email, _)?, "email"): return .json(.string(email))
        case (.email(_, let text)?, "label"): return .json(.string(text))
        case (.phone(let phone, _)?, "phone"): return .json(.string(phone))
        case (.phone(_, let country)?, "country_short_name"): return .json(.string(country))
        case (.country(let code, let name)?, "country"):
            return .node(MondayRecord("Country", JSON.Object(("code", .string(code)), ("name", .string(name)))))
        case (.rating(let rating)?, "rating"): return .json(.number(rating))
        case (.tags(let ids)?, "tag_ids"): return .json(.array(ids.map { .number($0) }))
        case (.tags(let ids)?, "tags"): return .list(ids.compactMap { account.tags[$0] }.map { call.tag($0) })
        case (.location(let latitude, _, _)?, "lat"): return .json(Decimal(latitude).map { .number($0) } ?? .null)
        case (.location(_, let longitude, _)?, "lng"): return .json(Decimal(longitude).map { .number($0) } ?? .null)
        case (.location(_, _, let address)?, "address"): return .json(.string(address))
        default: return nil
        }
    }

    private func ofStatus(_ id: Int, _ field: String) -> GraphQL.Resolved? {
        let label = column.label(id)
        switch field {
        case "index": return .json(.number(id))
        case "label": return .json(label.map { .string($0.text) } ?? .null)
        case "is_done": return .json(.bool(label?.isDone ?? false))
        case "label_style":
            let color = MondayColor.hex(label?.color ?? 5)
            return .node(
                MondayRecord("StatusLabelStyle", JSON.Object(("color", .string(color)), ("border", .string(color))))
            )
        default: return nil
        }
    }

    private var unit: JSON.Object? { column.settings.object("unit") }

    /// The text of one column of the items that another column links.
    private var mirrored: String {
        let relation = column.settings.object("relation_column")?.members.first?.name ?? ""
        guard case .items(let ids)? = item.cells[relation]?.cell else { return "" }
        let shown = column.settings.object("displayed_linked_columns")
        return call.items(ids).compactMap { linked in
            guard let id = shown?.strings("\(linked.board.id)")?.first, let column = linked.board.column(id) else {
                return linked.name
            }
            return linked.cells[id]?.cell.text(of: column, account)
        }.joined(separator: ", ")
    }
}

extension MondayCall {
    func tag(_ tag: MondayAccount.Tag) -> GraphQL.Resolved {
        .node(
            MondayRecord(
                "Tag",
                JSON.Object(("id", .number(tag.id)), ("name", .string(tag.name)), ("color", "#00c875"))
            )
        )
    }
}
