import Core
import Engine
import Transport

extension BoardFlowFile {
    /// How a route's part of a connection's file says that the documents' lines become subitems.
    ///
    ///     lines: { columns: { description: "name", quantity: "numbers" }, keyColumn: "erp_key" }
    struct Lines: Sendable {
        /// Its board is the one that Monday keeps the subitems on; empty where Monday is asked for it.
        var mapping: BoardMapping
        var poll: Schedule

        /// `usualPoll` is the documents' own: a line that changes may change nothing of its document that is on the board.
        init?(_ field: JSONField, of route: String, usualPoll: Schedule) throws {
            guard let field = field.orNil else { return nil }
            try field.allowOnly(["board", "columns", "keyColumn", "poll"])
            let board = try field["board"].orNil.map { board throws in try BoardMapping.number(board) }
            mapping = try BoardMapping(field, board: board ?? "")
            for rule in mapping.rules where rule.relation != nil {
                throw field["columns"][rule.field].wrong("lines name no other items and no lists")
            }
            poll = usualPoll
            guard let text = field["poll"].orNil else { return }
            let words = try text.string()
            do { poll = try Schedule(words) { try TimeZoneRules(named: $0) } } catch { throw text.wrong("\(error)") }
        }

        /// What the lines' own route is called.
        static func name(of route: String) -> String { "\(route).lines" }
    }
}
