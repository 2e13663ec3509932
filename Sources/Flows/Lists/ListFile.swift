import Core
import Transport

/// A list of the books that is kept as the labels of a column, as the connection's file says.
///
///     lists: {
///       vendors: { board: "123", column: "vendor", text: "{displayName} ({number})", poll: "every 15m" },
///       departments: { from: "dimensionValues", dimension: "DEPARTMENT", board: "123", column: "dept", text: "{code}" },
///     }
struct ListFile: Sendable {
    var name: String
    /// What kind of record it is made of.
    var kind: String
    /// Of the values of one dimension.
    var dimension: String?
    var board: String
    var column: String
    var text: TextTemplate
    /// A field that says whether a record is blocked; nil where the books know.
    var blocked: String?
    var poll: Schedule
    var removesUnused: Bool

    init(_ name: String, _ field: JSONField) throws {
        try field.allowOnly(["from", "dimension", "board", "column", "text", "blocked", "poll", "removeUnused"])
        guard 1...40 ~= name.utf8.count else { throw field.wrong("a list's name has 1 to 40 bytes") }
        self.name = name
        kind = try field["from"].orNil?.string() ?? name
        dimension = try field["dimension"].orNil?.string()
        guard dimension.map({ 1...40 ~= $0.utf8.count }) ?? true else {
            throw field["dimension"].wrong("expected a dimension's code, such as \"DEPARTMENT\"")
        }
        guard (kind == "dimensionValues") == (dimension != nil) else {
            throw field["dimension"].wrong(
                "expected with from: \"dimensionValues\", and with nothing else: the code of the dimension"
            )
        }
        board = try BoardMapping.number(field["board"])
        column = try BoardMapping.columnID(field["column"])
        guard let template = TextTemplate(try field["text"].string()), !template.fields.isEmpty else {
            throw field["text"].wrong("expected words with fields in braces, such as \"{displayName} ({number})\"")
        }
        text = template
        blocked = try field["blocked"].orNil?.string()
        removesUnused = try field["removeUnused"].orNil?.bool() ?? false
        poll = .every(.seconds(900))
        guard let schedule = field["poll"].orNil else { return }
        let words = try schedule.string()
        do { poll = try Schedule(words) { try TimeZoneRules(named: $0) } } catch { throw schedule.wrong("\(error)") }
    }

    /// All lists of a file. Two of them in one column would turn each other's labels off.
    static func all(_ field: JSONField) throws -> [ListFile] {
        guard let field = field.orNil else { return [] }
        let lists = try field.members().map { name, field throws in try ListFile(name, field) }
        var taken: Set<String> = []
        for list in lists where !taken.insert("\(list.board)/\(list.column)").inserted {
            throw field[list.name].wrong(
                "the column \(list.column) of the board \(list.board) has another list already"
            )
        }
        return lists
    }
}
