import Core
import Engine
import Systems

/// A board that a connection's file asks for: `board: "new"`, or `board: { new: "AP invoices" }`. Without `columns` it gets
/// those of its kind of record, and what goes where is written into the file with its number.
package struct BoardOrder: Sendable, Equatable {
    package var route: String
    package var name: String
    package var columns: [BoardTemplate.Column]
    package var keyColumn: String
    /// Whether the file says nothing of columns, so that the mapping has to be put into it.
    package var mapsAll: Bool

    package static let word = "new"

    /// All that the document asks for.
    package static func all(in document: JSON) throws -> [BoardOrder] {
        let root = JSONField(document)
        guard root["routes"].orNil != nil else { return [] }
        return try root["routes"].members().compactMap { route, field throws in
            guard let name = try wanted(field["board"]) else { return nil }
            return try BoardOrder(route, field, called: name, kind: kind(of: root), company: company(root))
        }
    }

    /// What the board is to be called, empty where the file leaves that open; nil where it names one that there is.
    private static func wanted(_ board: JSONField) throws -> String? {
        switch board.value {
        case .string(word): return ""
        case .object:
            try board.allowOnly([word])
            let name = try board[word].string()
            guard 1...Monday.mostNameCharacters ~= name.utf16.count else {
                throw board.wrong("a board's name has 1 to \(Monday.mostNameCharacters) characters")
            }
            return name
        case .null, .bool, .number, .string, .array, nil: return nil
        }
    }

    private init(
        _ route: String,
        _ field: JSONField,
        called name: String,
        kind: BoardTemplate.BooksKind?,
        company: String
    ) throws {
        self.route = route
        let entity = (try? field["entity"].string()) ?? route
        let template = kind.flatMap { BoardTemplate.of(entity, in: $0) }
        keyColumn =
            try field["keyColumn"].orNil.map { field throws in try BoardMapping.columnID(field) }
            ?? BoardMapping.usualKeyColumn
        self.name =
            name.isEmpty ? [template?.title ?? route, company].filter { !$0.isEmpty }.joined(separator: " ") : name
        mapsAll = field["columns"].orNil == nil
        if mapsAll {
            guard let template else {
                throw field["board"].wrong("there is no template for \(entity), so say under columns what goes where")
            }
            columns = template.columns
        } else {
            columns = try field["columns"].members().map { name, rule throws in
                try Self.column(name, rule, template)
            }
        }
    }

    /// Made for a rule that the file has already: under its id, of the type that suits its field.
    private static func column(
        _ field: String,
        _ rule: JSONField,
        _ template: BoardTemplate?
    ) throws -> BoardTemplate.Column {
        let isPlain = if case .string = rule.value { true } else { false }
        guard isPlain || rule["item"].orNil == nil else {
            throw rule.wrong("a column that connects boards is made by hand, for both boards have to be there")
        }
        let id = try BoardMapping.columnID(isPlain ? rule : rule["column"])
        if let known = template?.columns.first(where: { $0.field == field && ($0.type == .name) == (id == "name") }) {
            var column = known
            column.id = id
            let words = isPlain ? nil : try rule["labels"].orNil?.members().map { ($0.name, try $0.field.string()) }
            let labels = Dictionary(words ?? []) { first, _ in first }
            column.labels = known.labels.map { labels[$0] ?? $0 }
            return column
        }
        let isList = !isPlain && rule["list"].orNil != nil
        let title = ColumnLikeness.words(field).joined(separator: " ")
        return BoardTemplate.Column(
            field: field,
            id: id,
            title: title.prefix(1).uppercased() + title.dropFirst(),
            type: id == "name" ? .name : isList ? .dropdown : .text
        )
    }

    private static func kind(of document: JSONField) -> BoardTemplate.BooksKind? {
        document["nav"].orNil != nil ? .nav : document["businessCentral"].orNil != nil ? .businessCentral : nil
    }

    private static func company(_ document: JSONField) -> String {
        let name = (try? document["nav"]["company"].string()) ?? (try? document["businessCentral"]["company"].string())
        return name ?? ""
    }
}

extension BoardOrder {
    /// The file's text with the boards' numbers, and with what goes where; everything else in it stays as it was.
    package static func filled(_ text: String, with boards: [(order: BoardOrder, board: String)]) throws -> String {
        var values: [String: String] = [:]
        for (order, board) in boards {
            values["routes.\(order.route).board"] = "\"\(board)\"" + (order.mapsAll ? ",\n      " + order.mapping : "")
        }
        return try JSON5Places(text).replacing(values)
    }

    /// The member `columns` of the route.
    private var mapping: String {
        let lines = columns.map { column in
            column.type == .status
                ? "        \(column.field): { column: \"\(column.id)\", makeLabels: true },"
                : "        \(column.field): \"\(column.id)\","
        }
        return "columns: {\n" + lines.joined(separator: "\n") + "\n      }"
    }

    /// The same as members of a document.
    package var rules: JSON {
        var rules = JSON.Object()
        for column in columns {
            rules[column.field] =
                column.type == .status
                ? ["column": .string(column.id), "makeLabels": true] : .string(column.id)
        }
        return .object(rules)
    }
}
