import Core
import Systems

/// What an event on a board means for its records.
enum BoardWord: Sendable, Equatable {
    /// The item holds something else, or is gone, or is back: its record is compared with it.
    case item(String, column: String?)
    /// What is known of the board's columns is out of date.
    case lookAgain
    case nothing

    /// `columns` are those whose values are ours to compare.
    init(_ event: Monday.Event, columns: Set<String>) {
        self = .nothing
        // A subitem is an item of another board.
        guard event.parent == nil else { return }
        switch event.kind {
        case .columnChanged:
            guard let item = event.item, let column = event.column, columns.contains(column) else { return }
            self = .item(item, column: column)
        case .renamed:
            guard let item = event.item, columns.contains("name") else { return }
            self = .item(item, column: "name")
        case .archived, .deleted, .restored: if let item = event.item { self = .item(item, column: nil) }
        case .columnCreated: self = .lookAgain
        // Where it stands on the board is nobody's value, and what is new there has no record.
        case .itemCreated, .moved, .updateCreated, .updateEdited, .updateDeleted, .other: break
        }
    }
}

extension Monday.Event {
    /// Whether it surely tells of nothing but what the item is known to hold: most of what is heard is our own writing. In
    /// doubt it does not; then the item is read, and the values themselves decide.
    func echoes(_ known: JSON?) -> Bool {
        guard let known else { return false }
        let (told, ours) = (Self.spellings(value), Self.spellings(known))
        return !told.isDisjoint(with: ours)
    }

    /// All the ways a value says what it is: a status by its label and by its index. Empty for one that is not understood.
    private static func spellings(_ value: JSON?) -> Set<String> {
        switch value {
        case nil: return []
        case .null: return ["nothing"]
        case .string(let text): return text.isEmpty ? ["nothing"] : amount(Decimal(text)).union(["text \(text)"])
        case .number(let number): return amount(number.decimal)
        case .bool, .array: return []
        case .object(let object): return object.count == 0 ? ["nothing"] : spellings(of: object)
        }
    }

    private static func spellings(of object: JSON.Object) -> Set<String> {
        let field = JSONField(.object(object))
        if let day = try? field["date"].string() {
            return ["date \(day) \((try? field["time"].string()) ?? "")"]
        }
        if let name = try? field["name"].string() { return ["text \(name)"] }
        for member in ["value", "text"] where field[member].orNil != nil { return spellings(field[member].value) }
        var found: Set<String> = []
        let label = field["label"]
        for text in [label, label["text"]] { if let text = try? text.string() { found.insert("label \(text)") } }
        for index in [field["index"], label["index"]] {
            if let index = try? index.int() { found.insert("index \(index)") }
        }
        return found.union(list("labels", field["labels"], "name", field["chosenValues"]))
            .union(list("ids", field["ids"], "id", field["chosenValues"]))
    }

    /// A list of words, or of objects with a member each.
    private static func list(_ kind: String, _ plain: JSONField, _ member: String, _ objects: JSONField) -> Set<String>
    {
        let elements = (try? plain.elements()) ?? (try? objects.elements().map { $0[member] })
        guard let elements else { return [] }
        let words = elements.compactMap { field in
            if case .number(let number) = field.value { number.text } else { try? field.string() }
        }
        guard !words.isEmpty, words.count == elements.count else { return [] }
        return ["\(kind) \(words.sorted().joined(separator: "\u{1F}"))"]
    }

    private static func amount(_ decimal: Decimal?) -> Set<String> {
        decimal.map { ["amount \($0.text)"] } ?? []
    }
}
