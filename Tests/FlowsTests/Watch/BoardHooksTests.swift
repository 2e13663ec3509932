import Core
import Testing

@testable import Flows
@testable import Systems

@Suite struct `the webhooks of a connection` {
    static let here = "a1b2c3"

    static func wishes(_ boards: String..., columns: Set<String> = ["name", "status"]) -> [BoardHooks.Wish] {
        boards.flatMap { BoardHooks.wishes($0, columns: columns) }
    }

    /// As Monday answers: each that was asked for is made, each that was to go is gone.
    static func perform(_ actions: [BoardHooks.Action], _ hooks: inout BoardHooks) {
        for action in actions {
            switch action {
            case .create(_, let slot): hooks.created(slot, id: "46670\(slot)")
            case .delete(let slot, _): hooks.deleted(slot)
            }
        }
    }

    static func settled(_ wishes: [BoardHooks.Wish]) -> BoardHooks {
        var hooks = BoardHooks()
        perform(hooks.plan(wishes, at: here), &hooks)
        return hooks
    }

    static func webhook(_ kept: BoardHooks.Kept) -> Monday.Webhook {
        Monday.Webhook(id: kept.id ?? "", board: kept.board, event: kept.event, config: nil)
    }

    @Test func `are one for each board and event, and few`() {
        func names(_ columns: Set<String>) -> [String] {
            BoardHooks.wishes("7", columns: columns).map { $0.event.name + ($0.event.column.map { " \($0)" } ?? "") }
        }
        let always = ["item_archived", "item_deleted", "item_restored", "create_column"]
        #expect(names([]) == always)
        #expect(names(["name"]) == always + ["change_name"])
        let specific = ["change_specific_column_value amount", "change_specific_column_value status"]
        #expect(names(["status", "name", "amount"]) == always + ["change_name"] + specific)
        #expect(names(["a", "b", "c"]).count == 7)
        #expect(names(["a", "b", "c", "d"]) == always + ["change_column_value"])
    }

    @Test func `are asked for once, and known in the next life`() {
        var hooks = BoardHooks()
        let actions = hooks.plan(Self.wishes("7", "8"), at: Self.here)
        #expect(actions.count == 12 && !hooks.covers(Self.wishes("7", "8"), at: Self.here))
        Self.perform(actions, &hooks)
        #expect(hooks.covers(Self.wishes("7", "8"), at: Self.here) && hooks.boards == ["7", "8"])
        #expect(hooks.plan(Self.wishes("7", "8"), at: Self.here).isEmpty)
        hooks.checked = WallTime("2026-11-20T10:00:00Z")
        var next = BoardHooks(hooks.text)
        #expect(next == hooks && next.plan(Self.wishes("7", "8"), at: Self.here).isEmpty)
    }

    @Test func `are asked for under the same slot while no answer was seen`() throws {
        var hooks = BoardHooks()
        let first = hooks.plan(Self.wishes("7"), at: Self.here)
        guard case .create(_, let slot) = try #require(first.first) else { return }
        hooks.created(slot, id: "1")
        // The process died before the others were answered.
        var next = BoardHooks(hooks.text)
        #expect(next.plan(Self.wishes("7"), at: Self.here) == Array(first.dropFirst()))
        #expect(next[slot]?.id == "1" && next.kept.count == 6)
    }

    @Test func `go when nobody wishes for them any more`() {
        var hooks = Self.settled(Self.wishes("7", "8"))
        let gone = hooks.plan(Self.wishes("7"), at: Self.here)
        #expect(gone.count == 6)
        for case .delete(let slot, let id) in gone { #expect(hooks[slot]?.board == "8" && id == "46670\(slot)") }
        Self.perform(gone, &hooks)
        #expect(hooks.boards == ["7"])
        // A column that is mapped no more, and one that is now.
        let other = hooks.plan(Self.wishes("7", columns: ["name", "amount"]), at: Self.here)
        #expect(other.count == 2)
        Self.perform(other, &hooks)
        #expect(Set(hooks.kept.map(\.slot)).count == 6)
        let slots = Set(hooks.kept.map(\.slot))
        Self.perform(hooks.plan([], at: Self.here), &hooks)
        #expect(hooks.kept.isEmpty && hooks.boards.isEmpty)
        // What comes late for one that went is for nobody.
        _ = hooks.plan(Self.wishes("7"), at: Self.here)
        #expect(slots.isDisjoint(with: hooks.kept.map(\.slot)))
    }

    @Test func `are made anew where the server has another address`() {
        var hooks = Self.settled(Self.wishes("7"))
        let actions = hooks.plan(Self.wishes("7"), at: "elsewhere")
        #expect(actions.count == 12 && !hooks.covers(Self.wishes("7"), at: "elsewhere"))
        Self.perform(actions, &hooks)
        #expect(hooks.covers(Self.wishes("7"), at: "elsewhere") && hooks.kept.allSatisfy { $0.address == "elsewhere" })
    }

    @Test func `are missed when Monday's list has them no more`() {
        var hooks = Self.settled(Self.wishes("7", "8"))
        let all = hooks.kept.map(Self.webhook)
        #expect(hooks.missing(among: all, on: "7").isEmpty)
        let foreign = Monday.Webhook(id: "1", board: "7", event: "create_item", config: nil)
        let lost = hooks.missing(among: [foreign] + all.dropFirst(2), on: "7")
        #expect(lost.map(\.slot) == ["1", "2"])
        // One of which no answer was seen is asked for again, and not missed.
        for kept in lost { hooks.deleted(kept.slot) }
        _ = hooks.plan(Self.wishes("7", "8"), at: Self.here)
        #expect(hooks.missing(among: Array(all.dropFirst(2)), on: "7").isEmpty)
        #expect(hooks.missing(among: [], on: "9").isEmpty)
    }

    @Test(arguments: ["", "null", "[]", #"{"hooks":7}"#, #"{"hooks":[{}, null, {"slot":1}],"checked":"x"}"#])
    func `begin again where what was kept makes no sense`(text: String) {
        #expect(BoardHooks(text) == BoardHooks() && BoardHooks(nil) == BoardHooks())
    }
}
