import Core
import Store
import Systems

/// Which of a record's fields goes to which column of a board, as the connection's file says.
///
///     columns: { number: "name", dueDate: "date4", status: { column: "status", labels: { "In Review": "To approve" } } }
package struct BoardMapping: Sendable, Equatable {
    package struct Rule: Sendable, Equatable {
        /// As the ERP calls it.
        package var field: String
        package var column: String
        /// Put together from several fields, or constant, instead of one field's value: `{ column: "text1", text: "{number} of
        /// {vendorName}" }`. Then `field` is only what the rule is called.
        var text: TextTemplate?
        /// What the board calls the ERP's words, where it calls them something else.
        package var labels: [String: String] = [:]
        /// Whether labels that the column lacks are made; nil leaves it to the kind of column.
        package var makesLabels: Bool?
        /// Whether what people change in the column goes back to the field.
        var goesBack = false
        /// What the books do when people choose one of these labels.
        var actions: [String: BookAction] = [:]
        /// Of another record that one of the fields names. Then `field` is only what the rule is called.
        var relation: BoardRelation?
    }

    package var board: String
    package var group: String?
    /// Holds who the record is: written by us, and looked up before anything is created.
    package var keyColumn: String
    package var rules: [Rule]

    package static let usualKeyColumn = "erp_key"

    /// `viewOf` names the books that nothing goes back to.
    package init(_ route: JSONField, viewOf books: String? = nil) throws {
        try self.init(route, board: try Self.number(route["board"]), viewOf: books)
    }

    init(_ route: JSONField, board: String, viewOf books: String? = nil) throws {
        self.board = board
        group = try route["group"].orNil.map { field throws in try Self.columnID(field) }
        keyColumn = try route["keyColumn"].orNil.map { field throws in try Self.columnID(field) } ?? Self.usualKeyColumn
        rules = []
        let columns = route["columns"]
        for (field, target) in try columns.members() { rules.append(try Rule(field, target, viewOf: books)) }
        guard rules.contains(where: { $0.column == "name" }) else {
            throw columns.wrong("no field goes to \"name\", and an item needs a name; for instance number: \"name\"")
        }
        var taken: Set<String> = [keyColumn]
        for rule in rules where !taken.insert(rule.column).inserted {
            throw columns[rule.field].wrong("the column \(rule.column) is given twice, or is the key column")
        }
    }

    /// The fields that have to be read.
    package var fields: [String] {
        var seen: Set<String> = []
        return rules.flatMap { rule in
            (rule.relation.map { [$0.by] } ?? rule.text?.fields ?? [rule.field])
                + rule.actions.values.flatMap(\.fields).sorted()
        }.filter {
            seen.insert($0).inserted
        }
    }

    /// Another one for other rules.
    package var fingerprint: String {
        let words = rules.map { rule in
            let labels = rule.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            let text = rule.text.map { ["\($0.parts)"] } ?? []
            let makes = rule.makesLabels.map { "\($0)" } ?? ""
            let relation = rule.relation.map { [$0.fingerprint] } ?? []
            return ([rule.field, rule.column, makes] + text + labels + relation).joined(separator: "\u{1}")
        }
        let text = ([keyColumn] + words).joined(separator: "\u{2}")
        return String(Digest(of: Array(text.utf8)).hexadecimal.prefix(16))
    }

    static func number(_ field: JSONField) throws -> String {
        if field.value == .string(BoardOrder.word) || field[BoardOrder.word].orNil != nil {
            throw field.wrong(
                "this board is still to be made: ml-connector connection add FILE --create-board makes it"
            )
        }
        let text = if case .number(let number) = field.value { number.text } else { try field.string() }
        guard (1...19).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw field.wrong("expected a board's number: the digits in its address, after /boards/")
        }
        return text
    }

    static func columnID(_ field: JSONField) throws -> String {
        let text = try field.string()
        guard (1...100).contains(text.utf8.count), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw field.wrong("expected an id as Monday shows it with developer mode on, such as date4")
        }
        return text
    }
}

extension BoardMapping.Rule {
    fileprivate init(_ field: String, _ target: JSONField, viewOf books: String?) throws {
        self.field = field
        guard (1...100).contains(field.utf8.count) else { throw target.wrong("a field's name has 1 to 100 bytes") }
        if case .string = target.value {
            column = try BoardMapping.columnID(target)
            return
        }
        try target.allowOnly(["column", "labels", "makeLabels", "text", "back", "actions", "list", "by", "item"])
        relation = try BoardRelation(target, of: field)
        column = try BoardMapping.columnID(target["column"])
        makesLabels = try target["makeLabels"].orNil?.bool()
        if let words = target["text"].orNil {
            guard let template = TextTemplate(try words.string()) else {
                throw words.wrong("expected words with fields in braces, such as \"{number} of {vendorName}\"")
            }
            text = template
        }
        for (word, label) in try target["labels"].orNil?.members() ?? [] { labels[word] = try label.string() }
        try readBack(target, viewOf: books)
    }
}

extension BoardMapping {
    /// The rules as far as the board has their columns, and what is in the way of the others.
    package struct Fitted: Sendable {
        package var columns: [(rule: Rule, column: Monday.Column)] = []
        package var complaints: [String] = []
    }

    package func fit(to board: Monday.Board) -> Fitted {
        var fitted = Fitted()
        for rule in rules {
            guard rule.column != "name" else {
                fitted.columns.append((rule, .name))
                continue
            }
            guard let column = board.column(rule.column) else {
                let known = board.columns.filter { $0.refusal == nil }.prefix(20).map { "\($0.id) (\($0.title))" }
                fitted.complaints.append(
                    "the board “\(board.name)” has no column \(rule.column), so \(rule.field) is not written; it has "
                        + known.joined(separator: ", ")
                )
                continue
            }
            if let refusal = column.refusal ?? rule.relation?.refusal(by: column, of: board) {
                fitted.complaints.append("\(refusal), so \(rule.field) is not written")
            } else {
                fitted.columns.append((rule, column))
                if let complaint = rule.backComplaint(column) { fitted.complaints.append(complaint) }
            }
        }
        return fitted
    }
}

extension BoardMapping.Fitted {
    /// The columns' values for a record, in the form in which they are sent and compared with what was sent last. `plain`
    /// gives a field's value, null where there is none.
    package func values(_ plain: (String) -> JSON) throws(CallError) -> JSON.Object {
        var values = JSON.Object()
        for (rule, column) in columns {
            let value = try value(rule, column, plain)
            values[column.id] =
                value.map { column.normal($0, labelsByText: rule.makesLabels(in: column)).json } ?? .null
        }
        return values
    }

    /// The same values in the form in which an item's cells are compared with them: two of them are equal where people
    /// see the same, whatever Monday makes of amounts and labels on the way.
    package func comparable(_ plain: (String) -> JSON) throws(CallError) -> JSON.Object {
        var values = JSON.Object()
        for (rule, column) in columns {
            values[column.id] = try value(rule, column, plain)?.canonical.map { .string($0) } ?? .null
        }
        return values
    }

    /// What an item holds in these columns, and those of them that cannot be read.
    package func comparable(_ item: Monday.Item) -> (values: JSON.Object, unreadable: Set<String>) {
        var values = JSON.Object()
        var unreadable: Set<String> = []
        for (_, column) in columns {
            if column.type == .name {
                values[column.id] = item.name.isEmpty ? .null : .string(item.name)
            } else if let cell = item[column.id], cell.isReadable {
                values[column.id] = cell.canonical.map { .string($0) } ?? .null
            } else {
                unreadable.insert(column.id)
            }
        }
        return (values, unreadable)
    }

    private func value(
        _ rule: BoardMapping.Rule,
        _ column: Monday.Column,
        _ plain: (String) -> JSON
    ) throws(CallError) -> Monday.ColumnValue? {
        if rule.relation != nil { return try rule.related(column, plain(BoardRelation.member(rule.field))) }
        var value = plain(rule.field)
        if let text = rule.text {
            let words = text.filled(plain)
            value = words.isEmpty ? .null : .string(words)
        }
        if case .string(let word) = value, let label = rule.labels[word] { value = .string(label) }
        return try column.value(from: value, mayMakeLabels: rule.makesLabels(in: column)).value
    }
}

extension BoardMapping.Rule {
    func makesLabels(in column: Monday.Column) -> Bool {
        relation == nil && (makesLabels ?? (column.type == .dropdown))
    }
}
