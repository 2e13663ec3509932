import Core
import Transport

/// The rules and the order of `query_params`.
@OnLoop struct MondayFilter {
    let account: MondayAccount
    let board: MondayBoard

    func apply(_ query: JSON.Object, to items: [MondayItem]) throws(GraphQL.Fault) -> [MondayItem] {
        var items = items
        if let ids = query.ids("ids") {
            guard ids.count <= 100 else { throw .argument("At most 100 ids can be given") }
            items = items.filter { ids.contains($0.id) }
        }
        try check(query)
        var kept: [MondayItem] = []
        for item in items where try matches(item, query) { kept.append(item) }
        for order in (query.list("order_by") ?? []).reversed() {
            if case .object(let order) = order { kept = try sorted(kept, by: order) }
        }
        return kept
    }

    /// A rule that cannot be is refused even where there is nothing to hold it against.
    private func check(_ group: JSON.Object) throws(GraphQL.Fault) {
        for case .object(let rule) in group.list("rules") ?? [] {
            let id = rule.string("column_id") ?? ""
            guard Self.ofItems.contains(id) || board.column(id) != nil else { throw .noColumn(id) }
            let type = board.column(id)?.type ?? id
            let name = rule.string("operator") ?? "any_of"
            if name == "ends_with" || Self.unfiltered.contains(type) || type == "numbers" && name == "between" {
                throw .argument("The operator \(name) is not supported for the type \(type)")
            }
            if name.hasPrefix("within_") { throw .argument("The operator \(name) is not supported here") }
        }
        for case .object(let inner) in group.list("groups") ?? [] { try check(inner) }
    }

    private static let ofItems: Set<String> = ["__last_updated__", "__creation_log__", "group", "name"]
    private static let unfiltered: Set<String> = ["formula", "mirror", "auto_number"]

    private func matches(_ item: MondayItem, _ group: JSON.Object) throws(GraphQL.Fault) -> Bool {
        var verdicts: [Bool] = []
        for case .object(let rule) in group.list("rules") ?? [] { verdicts.append(matches(item, rule: rule)) }
        for case .object(let inner) in group.list("groups") ?? [] { verdicts.append(try matches(item, inner)) }
        guard !verdicts.isEmpty else { return true }
        return group.string("operator") == "or" ? verdicts.contains(true) : !verdicts.contains(false)
    }

    // MARK: Rules

    private func matches(_ item: MondayItem, rule: JSON.Object) -> Bool {
        let id = rule.string("column_id") ?? ""
        let name = rule.string("operator") ?? "any_of"
        let values: [JSON] =
            switch rule["compare_value"] {
            case .array(let values)?: values
            case let value?: [value]
            case nil: []
            }
        switch id {
        case "__last_updated__": return matches(time: item.updated, name, values)
        case "__creation_log__": return matches(time: item.created, name, values)
        case "group": return anyOf(name, values) { $0 == .string(item.groupID) }
        case "name": return matches(text: item.name, name, values)
        default: break
        }
        guard let column = board.column(id) else { return false }
        let cell = item.cells[id]?.cell
        if name == "is_empty" { return cell == nil }
        if name == "is_not_empty" { return cell != nil }
        switch (column.type, cell) {
        case ("status", _):
            return anyOf(name, values) { value in
                if case .status(let id)? = cell { MondayAccount.number(value) == id } else { value == .null }
            }
        case ("dropdown", _):
            return anyOf(name, values) { value in
                if case .dropdown(let ids)? = cell {
                    MondayAccount.number(value).map(ids.contains) ?? false
                } else {
                    false
                }
            }
        case ("board_relation", _), ("dependency", _):
            return anyOf(name, values) { value in
                // Ids as strings find nothing, and nobody is told.
                guard case .items(let ids)? = cell, case .number(let id) = value else { return false }
                return id.int.map(ids.contains) ?? false
            }
        case ("numbers", .number(let number)?):
            return compare(name, values) { value in MondayFilter.decimal(value).map { Self.order(number, $0) } }
        case ("date", .date(let day, _)?): return matches(day: day, name, values)
        case ("numbers", _), ("date", _): return false
        default: return matches(text: cell?.text(of: column, account) ?? "", name, values)
        }
    }

    private func anyOf(_ name: String, _ values: [JSON], _ fits: (JSON) -> Bool) -> Bool {
        switch name {
        case "any_of": values.contains(where: fits)
        case "not_any_of": !values.contains(where: fits)
        default: false
        }
    }

    /// `order` is -1, 0 or 1 against a value of the rule, nil where that makes no sense.
    private func compare(_ name: String, _ values: [JSON], _ order: (JSON) -> Int?) -> Bool {
        let first = values.lazy.compactMap(order).first
        return switch name {
        case "any_of": values.contains { order($0) == 0 }
        case "not_any_of": !values.contains { order($0) == 0 }
        case "greater_than": first == 1
        case "greater_than_or_equals": first == 0 || first == 1
        case "lower_than": first == -1
        case "lower_than_or_equal": first == 0 || first == -1
        default: false
        }
    }

    private func matches(text: String, _ name: String, _ values: [JSON]) -> Bool {
        let text = text.lowercased()
        let wanted = values.map { value -> String in
            if case .string(let text) = value { text.lowercased() } else { value.text() }
        }
        return switch name {
        case "any_of": wanted.contains(text)
        case "not_any_of": !wanted.contains(text)
        case "contains_text", "contains_terms": wanted.contains { text.contains($0) }
        case "not_contains_text": !wanted.contains { text.contains($0) }
        case "starts_with": wanted.contains { text.hasPrefix($0) }
        case "is_empty": text.isEmpty
        case "is_not_empty": !text.isEmpty
        default:
            compare(name, values) { Self.decimal($0).flatMap { value in Decimal(text).map { Self.order($0, value) } } }
        }
    }

    private func matches(time: WallTime, _ name: String, _ values: [JSON]) -> Bool {
        guard account.options.comparesSeconds, name != "between" else { return matches(day: time.day, name, values) }
        let second = time.secondsSince1970
        return compare(name, values) { value in
            guard case .string(let text) = value else { return nil }
            if let wanted = WallTime(text) { return Self.order(second, wanted.secondsSince1970) }
            return self.day(text).map { Self.order(time.day, $0) }
        }
    }

    private func matches(day: Day, _ name: String, _ values: [JSON]) -> Bool {
        let days = values.compactMap { value -> Day? in
            if case .string(let text) = value { self.day(text) ?? WallTime(text)?.day } else { nil }
        }
        if name == "between" { return days.count == 2 && days[0] <= day && day <= days[1] }
        if values.first == "THIS_WEEK" {
            // Weeks begin on Monday; 1970 began on a Thursday.
            func week(_ day: Day) -> Int { (day.daysSince1970 + 3) / 7 }
            return anyOf(name, values) { _ in week(day) == week(account.clock.now.day) }
        }
        return compare(name, days.map { .string($0.text) }) { value in
            if case .string(let text) = value { Day(text).map { Self.order(day, $0) } } else { nil }
        }
    }

    private func day(_ text: String) -> Day? {
        switch text {
        case "TODAY": account.clock.now.day
        case "TOMORROW": account.clock.now.day.adding(days: 1)
        case "YESTERDAY": account.clock.now.day.adding(days: -1)
        default: Day(text)
        }
    }

    private static func decimal(_ value: JSON) -> Decimal? {
        switch value {
        case .number(let number): number.decimal
        case .string(let text): Decimal(text)
        case .null, .bool, .array, .object: nil
        }
    }

    private static func order<Value: Comparable>(_ a: Value, _ b: Value) -> Int {
        a < b ? -1 : a == b ? 0 : 1
    }

    // MARK: Order

    private func sorted(_ items: [MondayItem], by order: JSON.Object) throws(GraphQL.Fault) -> [MondayItem] {
        let id = order.string("column_id") ?? ""
        let descending = order.string("direction") == "desc"
        let before: (MondayItem, MondayItem) -> Bool
        switch id {
        case "__last_updated__": before = { $0.updated < $1.updated }
        case "__creation_log__": before = { $0.created < $1.created }
        case "name": before = { $0.name < $1.name }
        case "group": before = { $0.groupID < $1.groupID }
        default:
            guard let column = board.column(id) else { throw .noColumn(id) }
            before = { a, b in
                if case (.number(let a)?, .number(let b)?) = (a.cells[id]?.cell, b.cells[id]?.cell) { return a < b }
                let texts = [a, b].map { $0.cells[id]?.cell.text(of: column, account) ?? "" }
                return texts[0] < texts[1]
            }
        }
        // Sorting is stable, so that several orders can be laid over each other.
        return items.sorted { descending ? before($1, $0) : before($0, $1) }
    }
}
