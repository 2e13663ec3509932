import Core
import Transport

/// How a connection hears of what people do on its boards, as its file says.
///
///     monday: { signingSecret: { env: "…" }, webhooks: true, catchUp: "every 15m", activityLogs: false }
struct BoardWatchFile: Sendable, Equatable {
    /// Whether Monday is asked to tell of it.
    var hasWebhooks = true
    /// Whose webhooks come signed, where the file says so.
    var account: String?
    /// How often the boards are looked at where Monday cannot tell.
    var catchUp = Schedule.every(.seconds(900))
    /// Looks at the boards' logs and not at their items: they say who it was, and cost a call for each thousand lines,
    /// our own writes among them.
    var readsLogs = false

    init(_ monday: JSONField) throws {
        let isSigned = monday["signingSecret"].orNil != nil
        if let choice = monday["webhooks"].orNil { hasWebhooks = try choice.bool() }
        if let choice = monday["activityLogs"].orNil { readsLogs = try choice.bool() }
        if let text = monday["catchUp"].orNil {
            let words = try text.string()
            do { catchUp = try Schedule(words) { try TimeZoneRules(named: $0) } } catch { throw text.wrong("\(error)") }
        }
        for name in ["account", "checkAudience"] where !isSigned && monday[name].orNil != nil {
            throw monday[name].wrong("has no meaning without monday.signingSecret")
        }
        if let choice = monday["checkAudience"].orNil { _ = try choice.bool() }
        if let account = monday["account"].orNil {
            let text = if case .number(let number) = account.value { number.text } else { try account.string() }
            self.account = text
            guard (1...19).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                throw account.wrong("expected the account's number, as Monday's API gives it: account { id }")
            }
        }
    }
}
