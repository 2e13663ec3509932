import Core
import Systems

/// What goes back of a column, as the connection's file says.
///
///     columns: {
///         dimension1: { column: "dropdown", back: true },
///         status: {
///             column: "status", labels: { "Open": "Pending review", "Released": "Approved" },
///             actions: { "Approved": { do: "release" }, "Rejected": { do: "reopen" } },
///         },
///     }
extension BoardMapping.Rule {
    mutating func readBack(_ target: JSONField, viewOf books: String?) throws {
        for part in [target["back"], target["actions"]] where part.orNil != nil {
            if let books { throw part.wrong("the board is a view of \(books), and nothing goes back: take this out") }
            if column == "name" { throw part.wrong("an item's name does not go back") }
            if text != nil { throw part.wrong("a text put together from fields does not go back; name one field") }
        }
        goesBack = try target["back"].orNil?.bool() ?? false
        if goesBack, let word = twoWords(for: labels.values) {
            throw target["labels"].wrong("two words are called “\(word)”, so nobody can say which one goes back")
        }
        guard let labels = target["actions"].orNil else { return }
        guard !goesBack else {
            throw labels.wrong("a column that goes back by itself has no actions: give one of the two")
        }
        for (label, action) in try labels.members() {
            guard (1...255).contains(label.utf8.count) else { throw action.wrong("a label has 1 to 255 bytes") }
            actions[label] = try BookAction(action)
        }
        guard !actions.isEmpty else {
            throw labels.wrong("expected at least one label, such as \"Approved\": { do: \"release\" }")
        }
    }

    private func twoWords(for labels: some Sequence<String>) -> String? {
        var seen: Set<String> = []
        return labels.sorted().first { !seen.insert($0.lowercased()).inserted }
    }

    /// What is in the way of anything going back from the column, in words; nil where nothing is.
    func backComplaint(_ column: Monday.Column) -> String? {
        let place = "the column “\(column.title)” (\(column.id))"
        switch column.type {
        case .status, .dropdown: break
        case .text, .longText, .numbers, .date, .checkbox:
            guard !actions.isEmpty else { return nil }
            return "\(place) has no labels, so nobody can ask for anything by \(field); use a status column"
        default:
            guard goesBack || !actions.isEmpty else { return nil }
            return "\(place) is of the kind \(column.typeName), which does not go back, so \(field) does not"
        }
        let known = Set(column.labels.filter { !$0.isDeactivated }.map { Self.folded($0.text) })
        let missing = actions.keys.filter { !known.contains(Self.folded($0)) }.sorted()
        guard let first = missing.first else { return nil }
        return "\(place) has no label “\(first)”, so nobody can ask for \(field) by it"
            + (missing.count > 1 ? ", nor by \(missing.count - 1) more" : "")
    }

    /// What people ask for by a value of the column.
    func action(for value: JSON, in column: Monday.Column) -> (label: String, action: BookAction)? {
        guard case .string(let shown)? = column.plain(value) else { return nil }
        let alike = actions.sorted { $0.key < $1.key }.filter { Self.folded($0.key) == Self.folded(shown) }
        return (alike.first { $0.key == shown } ?? alike.first).map { (shown, $0.value) }
    }

    /// Spaces and capitals make no other label; of several an exact one goes first.
    private static func folded(_ text: String) -> String {
        text.split(separator: " ").joined(separator: " ").lowercased()
    }

    /// A value of the column as the books have it, under their own word for it.
    func plain(_ value: JSON, in column: Monday.Column) -> JSON? {
        guard let plain = column.plain(value), case .string(let label) = plain else { return column.plain(value) }
        return labels.first { $0.value == label }.map { .string($0.key) } ?? plain
    }
}

extension BoardMapping.Fitted {
    func part(_ column: String) -> (rule: BoardMapping.Rule, column: Monday.Column)? {
        columns.first { $0.column.id == column }
    }

    /// What an item holds, in the form in which `values` gives what a record has. What cannot be read is left out.
    func held(_ item: Monday.Item) -> JSON.Object {
        var values = JSON.Object()
        for (rule, column) in columns {
            if column.type == .name {
                let name = (try? Monday.itemName(item.name))?.name
                values[column.id] = name.map { .string($0) } ?? .null
            } else if let cell = item[column.id],
                let value = column.held(in: cell, labelsByText: rule.makesLabels(in: column))
            {
                values[column.id] = value
            }
        }
        return values
    }

    /// The same in the words of a draft, where the item does not tell all that was written.
    func likened(_ held: JSON.Object, to draft: JSON.Object) -> JSON.Object {
        var values = held
        for (_, column) in columns {
            guard let here = held[column.id], let there = draft[column.id], column.areAlike(here, there) else {
                continue
            }
            values[column.id] = there
        }
        return values
    }

    /// What people decided by these values, fields first: what a document is released with has to be in it. `number` says
    /// what the books call the record that a list's label stands for.
    func changes(
        _ values: JSON.Object,
        number: (_ list: String, _ label: Int) -> String? = { _, _ in nil }
    ) throws(CallError) -> [BackChange] {
        var fields: [BackChange] = []
        var actions: [BackChange] = []
        for member in values.members {
            guard let (rule, column) = part(member.name) else {
                throw refused("the board has no column \(member.name) any more")
            }
            if let (label, action) = rule.action(for: member.value, in: column) {
                actions.append(.act(action, label: label))
            } else if rule.goesBack, case .label(let list, let by) = rule.relation, member.value != .null {
                guard let number = column.label(in: member.value).flatMap({ number(list, $0) }) else {
                    throw refused("“\(column.title)” holds what is not in the list \(list): choose one of its labels")
                }
                fields.append(.set(field: by, to: .string(number)))
            } else if rule.goesBack, case .label(_, let by) = rule.relation {
                fields.append(.set(field: by, to: .null))
            } else if rule.goesBack, let plain = rule.plain(member.value, in: column) {
                fields.append(.set(field: rule.field, to: plain))
            } else {
                throw refused("“\(column.title)” holds what does not go back: one value is expected")
            }
        }
        return fields + actions
    }

    private func refused(_ reason: String) -> CallError {
        CallError(.skipRecord, Monday.name, .validation, reason)
    }
}
