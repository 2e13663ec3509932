import Core
import Engine
import Systems
import Transport

/// What a record's own fields do not say of a column: the item that another route made of its vendor, or the label that
/// a list made of its cost centre. `by` is the field that names the other record.
///
///     vendorId: { column: "vendor_link", item: { route: "vendors" } }
///     vendorName: { column: "vendor", list: "vendors", by: "vendorNumber" }
enum BoardRelation: Sendable, Equatable {
    /// `board` is the route's, known once the whole file is read.
    case item(route: String, by: String, board: String)
    case label(list: String, by: String)

    var by: String {
        switch self {
        case .item(_, let by, _), .label(_, let by): by
        }
    }

    /// Nil for a rule that names no other record.
    init?(_ rule: JSONField, of field: String) throws {
        if let item = rule["item"].orNil {
            try item.allowOnly(["route", "by"])
            let by = try item["by"].orNil?.string() ?? field
            self = .item(route: try item["route"].string(), by: by, board: "")
        } else if let list = rule["list"].orNil {
            self = .label(list: try list.string(), by: try rule["by"].orNil?.string() ?? field)
        } else {
            guard rule["by"].orNil == nil else {
                throw rule["by"].wrong("expected with list: which list it is to be looked up in")
            }
            return nil
        }
        guard rule["text"].orNil == nil, rule["labels"].orNil == nil, rule["makeLabels"].orNil == nil else {
            throw rule.wrong("an item or a list's label is what it is: text, labels and makeLabels make no sense here")
        }
    }

    /// Other words for other rules.
    var fingerprint: String {
        switch self {
        case .item(let route, let by, let board): "item \(route) \(by) \(board)"
        case .label(let list, let by): "list \(list) \(by)"
        }
    }

    /// Why the column cannot hold it, for people; nil where it can.
    func refusal(by column: Monday.Column, of board: Monday.Board) -> String? {
        switch self {
        case .item(let route, _, let other):
            guard column.type == .boardRelation else {
                return "the column “\(column.title)” (\(column.id)) connects no boards"
            }
            guard column.boards.contains(other) else {
                return "the column “\(column.title)” (\(column.id)) is not connected to the board \(other), where "
                    + "\(route) are: connect it in the column's settings"
            }
            return nil
        case .label(let list, _):
            guard column.type == .dropdown || column.type == .status else {
                return "the column “\(column.title)” (\(column.id)) has no labels, which the list \(list) would be"
            }
            return nil
        }
    }

    /// Under which name a record holds what was found out for a rule.
    static func member(_ field: String) -> String { "@\(field)" }
}

extension BoardMapping.Rule {
    /// What the rule's column is to hold, of what was found out.
    func related(_ column: Monday.Column, _ found: JSON) throws(CallError) -> Monday.ColumnValue? {
        guard case .label = relation, case .number(let number) = found, let id = number.int else {
            return try column.value(from: found).value
        }
        // The list knows its labels, of which the column may have been read before they were made.
        return column.type == .status ? .status(id) : .dropdown([id])
    }
}

extension BoardFlowFile {
    /// Relations are between parts of the file, so they are checked when all of it is read.
    mutating func checkRelations(_ document: JSONField) throws {
        for place in routes.indices {
            let field = document["routes"][routes[place].name]
            try check(&routes[place].mapping, field["columns"])
            if let board = routes[place].lines?.mapping.board, !board.isEmpty, board == routes[place].mapping.board {
                throw field["lines"]["board"].wrong(
                    "expected the board that Monday keeps the subitems on, not this one"
                )
            }
        }
    }

    private func check(_ mapping: inout BoardMapping, _ columns: JSONField) throws {
        for place in mapping.rules.indices {
            let rule = mapping.rules[place]
            let field = columns[rule.field]
            switch rule.relation {
            case .item(let route, let by, _):
                guard let other = routes.first(where: { $0.name == route }) else {
                    throw field["item"]["route"].wrong(
                        "there is no route \(route) in this file; there are: \(routes.map(\.name).joined(separator: ", "))"
                    )
                }
                mapping.rules[place].relation = .item(route: route, by: by, board: other.mapping.board)
            case .label(let name, _):
                guard let list = lists.first(where: { $0.name == name }) else {
                    throw field["list"].wrong(
                        "there is no list \(name) in this file; expected lists: { \(name): { board, column, text } }"
                    )
                }
                guard list.board == mapping.board, list.column == rule.column else {
                    throw field["list"].wrong(
                        "the list \(name) is kept in the column \(list.column) of the board \(list.board), and its "
                            + "labels are known there only"
                    )
                }
            case nil: break
            }
        }
    }
}
