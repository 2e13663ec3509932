import Core
import Transport

/// How a route's part of a connection's file says what is compared when, and what is done about it.
///
///     reconcile: { schedule: "daily 02:00 Europe/Copenhagen", missing: "repair", different: "report" }
extension ReconcilePolicy {
    /// Between one and five o'clock, where nobody has chosen a time. Boards take turns: a server with a thousand of them
    /// would compare all at once, and their vendors' servers with it.
    private static func usualMinute(_ board: String) -> Int {
        60 + board.utf8.reduce(0) { ($0 * 10 + Int($1)) % 240 }
    }

    init(_ section: JSONField, of board: String) throws {
        self.init(schedule: .daily(minute: Self.usualMinute(board)))
        guard let section = section.orNil else { return }
        try section.allowOnly(["schedule", "missing", "extra", "different", "duplicate"])
        if let text = section["schedule"].orNil {
            let words = try text.string()
            do {
                schedule = words == "never" ? nil : try Schedule(words) { try TimeZoneRules(named: $0) }
            } catch {
                throw text.wrong("\(error), or \"never\"")
            }
        }
        missing = try Self.choice(section["missing"]) ?? missing
        extra = try Self.choice(section["extra"]) ?? extra
        different = try Self.choice(section["different"]) ?? different
        duplicate = try Self.choice(section["duplicate"]) ?? duplicate
    }

    private static func choice(_ field: JSONField) throws -> Choice? {
        guard let field = field.orNil else { return nil }
        guard let choice = Choice(rawValue: try field.string()) else {
            throw field.wrong("expected \"repair\" or \"report\"")
        }
        return choice
    }
}
