import Core
import Store
import Systems

/// The webhooks that a connection keeps at Monday: one for each board and event.
///
/// Monday lists a board's webhooks without saying where they lead, so whoever wants to know its own has to remember their
/// ids; and people can switch them off in the board's menu, so they are looked for now and then. Each is written down
/// before it is asked for, with a slot that its address is made of: what comes there is ours, even if the answer with its
/// id was never seen. This value decides; somebody else calls Monday and stores it.
struct BoardHooks: Sendable, Equatable {
    struct Wish: Sendable, Hashable {
        var board: String
        var event: Monday.WebhookEvent
    }

    struct Kept: Sendable, Equatable {
        /// Tells its address from the others'.
        var slot: String
        var board: String
        var event: String
        var column: String?
        /// A digest of what stands before the slot: an address that is not ours any more makes it worthless.
        var address: String
        /// Monday's; nil while no answer has been seen.
        var id: String?
    }

    enum Action: Sendable, Equatable {
        case create(Wish, slot: String)
        /// Nil for one that perhaps never was.
        case delete(slot: String, id: String?)
    }

    private(set) var kept: [Kept] = []
    /// When Monday was asked last whether they are still there.
    var checked: WallTime?
    /// No slot is given twice: what comes late for another one must not be taken for news.
    private var lastSlot = 0

    /// Each column alone, as long as that takes no more webhooks than this: one for all columns of a board tells of
    /// every change anybody makes there.
    static let mostColumns = 3
    /// More than any file can ask for.
    private static let most = 10_000

    init() {}

    /// What has to be heard of a board: of these columns, of items that go and come back, and of new columns.
    static func wishes(_ board: String, columns: Set<String>) -> [Wish] {
        let cells = columns.subtracting(["name"]).sorted()
        var events: [Monday.WebhookEvent] = [.archived, .deleted, .restored, .columnCreated]
        if columns.contains("name") { events.append(.renamed) }
        events += cells.count > mostColumns ? [.anyColumnChanged] : cells.map { .columnChanged($0) }
        return events.map { Wish(board: board, event: $0) }
    }

    subscript(slot: String) -> Kept? {
        kept.first { $0.slot == slot }
    }

    /// Whether all that is wished for is there, as far as anybody knows.
    func covers(_ wishes: [Wish], at address: String) -> Bool {
        wishes.allSatisfy { wish in kept.contains { $0.fits(wish, at: address) && $0.id != nil } }
    }

    /// What is to be done now, each with a slot of its own. To be stored before any of it is done.
    mutating func plan(_ wishes: [Wish], at address: String) -> [Action] {
        let idle = kept.filter { kept in !wishes.contains { kept.fits($0, at: address) } }
        var actions = idle.map { Action.delete(slot: $0.slot, id: $0.id) }
        for wish in wishes {
            guard let known = kept.first(where: { $0.fits(wish, at: address) }) else {
                guard kept.count < Self.most else { continue }
                lastSlot += 1
                let slot = "\(lastSlot)"
                kept.append(
                    Kept(
                        slot: slot,
                        board: wish.board,
                        event: wish.event.name,
                        column: wish.event.column,
                        address: address
                    )
                )
                actions.append(.create(wish, slot: slot))
                continue
            }
            // Asked for, and not answered: the same again, under the same key.
            if known.id == nil { actions.append(.create(wish, slot: known.slot)) }
        }
        return actions
    }

    mutating func created(_ slot: String, id: String) {
        guard let index = kept.firstIndex(where: { $0.slot == slot }) else { return }
        kept[index].id = id
    }

    mutating func deleted(_ slot: String) {
        kept.removeAll { $0.slot == slot }
    }

    /// Those of ours that are not in Monday's list of a board's webhooks.
    func missing(among there: [Monday.Webhook], on board: String) -> [Kept] {
        let ids = Set(there.map(\.id))
        return kept.filter { kept in kept.board == board && kept.id.map { !ids.contains($0) } ?? false }
    }

    /// Which boards have some that can be looked for.
    var boards: [String] {
        Set(kept.filter { $0.id != nil }.map(\.board)).sorted()
    }
}

extension BoardHooks.Kept {
    fileprivate func fits(_ wish: BoardHooks.Wish, at address: String) -> Bool {
        board == wish.board && event == wish.event.name && column == wish.event.column && self.address == address
    }
}

// MARK: Kept between two lives

extension BoardHooks {
    /// Where a connection's are kept among the settings.
    static func place(of connection: Int64) -> String { "monday.hooks.\(connection)" }

    /// What is not understood any more is left out: what it was about is found to be missing, and made again.
    init(_ text: String?) {
        guard let text, let document = try? JSON.parse(text) else { return }
        let field = JSONField(document)
        checked = (try? field["checked"].string()).flatMap { WallTime($0) }
        lastSlot = (try? field["lastSlot"].int(in: 0...1_000_000_000)) ?? 0
        for each in (try? field["hooks"].elements()) ?? [] {
            guard let slot = try? each["slot"].string(), let board = try? each["board"].string(),
                let event = try? each["event"].string(), let address = try? each["address"].string()
            else { continue }
            kept.append(
                Kept(
                    slot: slot,
                    board: board,
                    event: event,
                    column: try? each["column"].string(),
                    address: address,
                    id: try? each["id"].string()
                )
            )
        }
    }

    var text: String {
        var state = JSON.Object()
        state["checked"] = checked.map { .string($0.text) }
        state["lastSlot"] = .number(lastSlot)
        state["hooks"] = .array(
            kept.map { kept in
                var object = JSON.Object()
                object["slot"] = .string(kept.slot)
                object["board"] = .string(kept.board)
                object["event"] = .string(kept.event)
                object["column"] = kept.column.map { .string($0) }
                object["address"] = .string(kept.address)
                object["id"] = kept.id.map { .string($0) }
                return .object(object)
            }
        )
        return JSON.object(state).text()
    }
}
