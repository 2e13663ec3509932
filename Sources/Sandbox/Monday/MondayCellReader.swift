import Core
import Transport

/// Makes cells of what is written, by the rules of each column type. Every refusal names the column.
@OnLoop struct MondayCellReader {
    let account: MondayAccount
    let board: MondayBoard
    var createsLabels = false

    /// The JSON of one column in `column_values`, or of `value`. Nil empties the cell. `column` gets the labels that are
    /// made on the way.
    func cell(_ value: JSON, _ column: inout MondayColumn) throws(GraphQL.Fault) -> MondayCell? {
        if MondayColumn.readOnlyTypes.contains(column.type) {
            throw .value(column, "This column is read only", value)
        }
        if value == .null { return nil }
        switch column.type {
        case "text": return try text(string(value, column), column)
        case "numbers": return try number(string(value, column), column)
        default: break
        }
        guard case .object(let object) = value else {
            throw .value(
                column,
                "Invalid value, please check our API documentation for the correct data structure",
                value
            )
        }
        return try cell(Members(object: object, column: column, value: value), &column)
    }

    private func cell(_ members: Members, _ column: inout MondayColumn) throws(GraphQL.Fault) -> MondayCell? {
        switch column.type {
        case "status": return try status(members, &column)
        case "dropdown": return try dropdown(members, &column)
        case "long_text":
            try members.allowOnly(["text"])
            return try longText(members.string("text"), column)
        case "date":
            try members.allowOnly(["date", "time"])
            return .date(try members.day("date"), time: try members.time("time"))
        case "timeline":
            try members.allowOnly(["from", "to"])
            let (from, to) = (try members.day("from"), try members.day("to"))
            guard from <= to else { throw members.refusal("The timeline ends before it begins") }
            return .timeline(from, to)
        case "week":
            try members.allowOnly(["week"])
            let week = try members.members("week")
            try week.allowOnly(["startDate", "endDate"])
            let (from, to) = (try week.day("startDate"), try week.day("endDate"))
            guard to == from.adding(days: 6) else { throw members.refusal("A week has seven days") }
            return .week(from, to)
        case "hour":
            try members.allowOnly(["hour", "minute"])
            return .hour(try members.int("hour", in: 0...23), try members.int("minute", in: 0...59, default: 0))
        case "people":
            try members.allowOnly(["personsAndTeams"])
            return try people(members)
        case "board_relation", "dependency":
            try members.allowOnly(["item_ids"])
            return try items(members)
        case "link":
            try members.allowOnly(["url", "text"])
            return .link(url: try members.string("url", atLeast: 1), text: try members.string("text", default: ""))
        case "email":
            try members.allowOnly(["email", "text"])
            let address = try members.string("email")
            guard address.contains("@") else { throw members.refusal("This is no e-mail address") }
            return .email(address, text: try members.string("text", default: address))
        case "phone":
            try members.allowOnly(["phone", "countryShortName"])
            let phone = try members.string("phone", atLeast: 1)
            guard phone.utf8.allSatisfy({ "0123456789+-() ".utf8.contains($0) }) else {
                throw members.refusal("This is no phone number")
            }
            return .phone(phone, country: try members.string("countryShortName", default: ""))
        case "country":
            try members.allowOnly(["countryCode", "countryName"])
            let code = try members.string("countryCode")
            guard code.utf8.count == 2, code.utf8.allSatisfy({ UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 }) else {
                throw members.refusal("A country code has two capital letters")
            }
            return .country(code: code, name: try members.string("countryName", default: code))
        case "checkbox":
            try members.allowOnly(["checked"])
            switch try members.string("checked") {
            case "true": return .checked
            case "false": return nil
            default: throw members.refusal("A checkbox is \"true\" or \"false\"")
            }
        case "rating":
            try members.allowOnly(["rating"])
            return .rating(try members.int("rating", in: 1...5))
        case "tags":
            try members.allowOnly(["tag_ids"])
            let ids = try members.ids("tag_ids")
            guard ids.allSatisfy({ account.tags[$0] != nil }) else { throw members.refusal("There is no such tag") }
            return ids.isEmpty ? nil : .tags(ids)
        case "location":
            try members.allowOnly(["lat", "lng", "address"])
            let (lat, lng) = (try members.string("lat"), try members.string("lng"))
            guard Decimal(lat) != nil, Decimal(lng) != nil else { throw members.refusal("This is no place on earth") }
            return .location(latitude: lat, longitude: lng, address: try members.string("address", default: ""))
        default: throw members.refusal("This column type cannot be written through the API")
        }
    }

    /// The plain text of `change_simple_column_value`; nothing empties the cell.
    func cell(simple text: String, _ column: inout MondayColumn) throws(GraphQL.Fault) -> MondayCell? {
        if MondayColumn.readOnlyTypes.contains(column.type) {
            throw .value(column, "This column is read only", .string(text))
        }
        if text.isEmpty { return nil }
        switch column.type {
        case "text": return try self.text(text, column)
        case "long_text": return try longText(text, column)
        case "numbers": return try number(text, column)
        case "status":
            return try status(
                Members(object: JSON.Object(("label", .string(text))), column: column, value: .string(text)),
                &column
            )
        case "dropdown":
            let parts = text.split(separator: ",").map { String($0).trimmed }
            let ids = parts.compactMap { Int($0) }
            let list: (String, JSON) =
                ids.count == parts.count
                ? ("ids", .array(ids.map { .number($0) })) : ("labels", .array(parts.map { .string($0) }))
            return try dropdown(Members(object: JSON.Object(list), column: column, value: .string(text)), &column)
        case "date":
            let parts = text.split(separator: " ", maxSplits: 1).map(String.init)
            var object = JSON.Object()
            object["date"] = parts.first.map { .string($0) }
            if parts.count == 2 { object["time"] = .string(parts[1]) }
            return try cell(Members(object: object, column: column, value: .string(text)), &column)
        case "people":
            let people = text.split(separator: ",").map { part -> JSON in
                let id = Int(String(part).trimmed) ?? -1
                return .object(JSON.Object(("id", .number(id)), ("kind", "person")))
            }
            return try self.people(
                Members(
                    object: JSON.Object(("personsAndTeams", .array(people))),
                    column: column,
                    value: .string(text)
                )
            )
        default:
            throw .monday("CorrectedValueException", "This column type takes its value as JSON only")
        }
    }

    // MARK: Types with rules of their own

    private func string(_ value: JSON, _ column: MondayColumn) throws(GraphQL.Fault) -> String {
        guard case .string(let text) = value else { throw .value(column, "A string is expected here", value) }
        return text
    }

    private func text(_ text: String, _ column: MondayColumn) throws(GraphQL.Fault) -> MondayCell? {
        guard text.utf16.count <= account.options.longestText else {
            throw .value(column, "Text has at most \(account.options.longestText) characters", .string(""))
        }
        return text.isEmpty ? nil : .text(text)
    }

    private func longText(_ text: String, _ column: MondayColumn) throws(GraphQL.Fault) -> MondayCell? {
        guard text.utf16.count <= 2_000 else {
            throw .value(column, "Long text has at most 2000 characters", .string(""))
        }
        return text.isEmpty ? nil : .text(text)
    }

    private func number(_ text: String, _ column: MondayColumn) throws(GraphQL.Fault) -> MondayCell {
        let isPlain = text.utf8.allSatisfy { "0123456789.-".utf8.contains($0) }
        guard isPlain, let number = Decimal(text) else {
            throw .value(column, "Invalid value: this is no number", .string(text))
        }
        return .number(number)
    }

    private func status(_ members: Members, _ column: inout MondayColumn) throws(GraphQL.Fault) -> MondayCell? {
        try members.allowOnly(["index", "label"])
        if members.object.count == 0 { return nil }
        guard members.object.count == 1 else { throw members.refusal("Either an index or a label is expected") }
        var label: MondayLabel?
        if members.object["index"] != nil {
            let id = try members.int("index", in: 0...Int(Int32.max))
            label = column.labels.first { $0.id == id }
        } else {
            let text = try members.string("label")
            // A text of digits is taken for an id.
            if let id = Int(text) {
                label = column.labels.first { $0.id == id }
            } else {
                label = try column.label(named: text, createIfMissing: createsLabels)
            }
        }
        guard let label, !label.isDeactivated else {
            let known = column.labels.map { "\($0.id): \($0.text)" }.joined(separator: ", ")
            throw members.refusal("This status label doesn't exist, possible statuses are: {\(known)}")
        }
        return .status(label.id)
    }

    private func dropdown(_ members: Members, _ column: inout MondayColumn) throws(GraphQL.Fault) -> MondayCell? {
        try members.allowOnly(["ids", "labels"])
        guard members.object.count == 1 else { throw members.refusal("Either ids or labels are expected") }
        var ids: [Int] = []
        if members.object["ids"] != nil {
            ids = try members.ids("ids")
        } else {
            for text in try members.strings("labels") {
                guard let label = try column.label(named: text, createIfMissing: createsLabels) else {
                    throw members.refusal(unknownLabel(text, column))
                }
                ids.append(label.id)
            }
        }
        var seen: Set<Int> = []
        ids = ids.filter { seen.insert($0).inserted }
        for id in ids {
            guard let label = column.labels.first(where: { $0.id == id }), !label.isDeactivated else {
                throw members.refusal(unknownLabel("\(id)", column))
            }
        }
        let limit = column.settings["limit_select"] == .bool(true) ? limit(column) : nil
        guard ids.count <= limit ?? .max else { throw members.refusal("This column takes fewer labels") }
        return ids.isEmpty ? nil : .dropdown(ids)
    }

    private func limit(_ column: MondayColumn) -> Int? {
        if case .number(let count)? = column.settings["label_limit_count"] { return count.int }
        return nil
    }

    private func unknownLabel(_ text: String, _ column: MondayColumn) -> String {
        let known = column.labels.prefix(100).map { "\($0.id): \($0.text)" }.joined(separator: ", ")
        return "The dropdown label '\(text)' does not exist, possible labels are: {\(known)}"
    }

    private func people(_ members: Members) throws(GraphQL.Fault) -> MondayCell? {
        var people: [MondayCell.Person] = []
        for member in try members.list("personsAndTeams") {
            try member.allowOnly(["id", "kind"])
            let person = MondayCell.Person(id: try member.int("id", in: 0...Int.max), kind: try member.string("kind"))
            guard person.kind == "team" || person.kind == "person" && account.users[person.id] != nil else {
                throw members.refusal("There is no such person")
            }
            people.append(person)
        }
        return people.isEmpty ? nil : .people(people)
    }

    private func items(_ members: Members) throws(GraphQL.Fault) -> MondayCell? {
        let column = members.column
        let ids = try members.ids("item_ids")
        let boards: [Int] = column.type == "dependency" ? [board.id] : column.connectedBoards
        for id in ids {
            guard let item = account.items[id], item.state == .active, boards.contains(item.board.id) else {
                throw members.refusal("Item \(id) is on no connected board (linkedPulseIds)")
            }
        }
        guard ids.count <= 1 || column.settings["allowMultipleItems"] != .bool(false) else {
            throw members.refusal("This column takes one item")
        }
        return ids.isEmpty ? nil : .items(ids)
    }
}

extension MondayColumn {
    var connectedBoards: [Int] {
        guard case .array(let boards)? = settings["boardIds"] else { return [] }
        return boards.compactMap { if case .number(let id) = $0 { id.int } else { nil } }
    }
}

extension String {
    var trimmed: String {
        var text = self[...]
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
