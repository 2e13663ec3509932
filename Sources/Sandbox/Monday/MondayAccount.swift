import Core
import Transport

/// All that an account holds: people, boards, items, updates. What the API, people and the control do ends here.
@OnLoop final class MondayAccount {
    struct User: Sendable {
        var id: Int
        var name: String
        var email: String
    }

    struct Tag: Sendable {
        var id: Int
        var name: String
    }

    let id = 1_825_529
    let slug = "example"
    /// Whose token it is.
    let ownUser = 7_000_001
    /// Who edits when a person does.
    let otherUser = 7_000_002
    let clock: SandboxClock
    var options: MondayOptions
    var random: SeededGenerator
    /// Is told of each change after it was made.
    var changed: (MondayChange) -> Void = { _ in }

    private(set) var users: [Int: User] = [:]
    private(set) var tags: [Int: Tag] = [:]
    private(set) var boards: [Int: MondayBoard] = [:]
    private(set) var items: [Int: MondayItem] = [:]
    private(set) var updates: [Int: MondayUpdate] = [:]
    /// Label sets of the account, as they are read.
    var managed: [MondayManagedColumn] = {
        var column = MondayColumn(id: "managed", title: "Vendor", type: "dropdown")
        column.labels = [MondayLabel(id: 1, text: "ACME")]
        return [MondayManagedColumn(id: "f01e6a70-2c4f", title: "Vendor", column: column)]
    }()
    private var lastID = 1_771_800_000

    init(clock: SandboxClock, options: MondayOptions, seed: UInt64) {
        self.clock = clock
        self.options = options
        random = SeededGenerator(seed: seed)
        for user in [
            User(id: ownUser, name: "Integration User", email: "integration@example.com"),
            User(id: otherUser, name: "Buyer", email: "buyer@example.com"),
        ] { users[user.id] = user }
    }

    var url: String { "https://\(slug).monday.com" }

    /// Ids grow by steps of no pattern, as if other customers made things too.
    func newID() -> Int {
        lastID += Int.random(in: 1...97, using: &random)
        return lastID
    }

    /// Hexadecimal digits of no pattern.
    func digits(_ count: Int) -> String {
        String((0..<count).map { _ in "0123456789abcdef".randomElement(using: &random) ?? "0" })
    }

    func happens(_ chance: Double) -> Bool {
        chance > 0 && Double.random(in: 0..<1, using: &random) < chance
    }

    // MARK: Making things

    func add(_ board: MondayBoard) { boards[board.id] = board }
    func add(_ item: MondayItem) { items[item.id] = item }
    func add(_ update: MondayUpdate) { updates[update.id] = update }

    /// The one that was there.
    func removeUpdate(_ id: Int) -> MondayUpdate? {
        guard let update = updates.removeValue(forKey: id) else { return nil }
        update.item.updates.removeAll { $0 === update }
        for other in update.item.updates { other.replies.removeAll { $0 === update } }
        return update
    }

    func tag(named name: String) -> Tag {
        if let tag = tags.values.first(where: { $0.name == name }) { return tag }
        let tag = Tag(id: newID(), name: name)
        tags[tag.id] = tag
        return tag
    }

    // MARK: Finding things

    func board(_ id: JSON?) throws(GraphQL.Fault) -> MondayBoard {
        guard let number = id.flatMap(Self.number), let board = boards[number], board.state != .deleted else {
            throw .noBoard(id)
        }
        return board
    }

    /// An item that can be written to.
    func item(_ id: JSON?, on board: MondayBoard? = nil) throws(GraphQL.Fault) -> MondayItem {
        guard let number = id.flatMap(Self.number), let item = items[number], item.state == .active,
            item.board.state == .active, board == nil || item.board === board
        else { throw .noItem(id) }
        return item
    }

    nonisolated static func number(_ id: JSON) -> Int? {
        switch id {
        case .string(let text): Int(text)
        case .number(let number): number.int
        case .null, .bool, .array, .object: nil
        }
    }
}

enum MondayState: String, Sendable {
    case active
    case archived
    case deleted
}

/// A comment on an item, or an answer to one.
@OnLoop final class MondayUpdate {
    let id: Int
    let item: MondayItem
    let creator: Int
    let created: WallTime
    var edited: WallTime
    var body: String
    var replies: [MondayUpdate] = []

    init(id: Int, item: MondayItem, creator: Int, created: WallTime, body: String) {
        self.id = id
        self.item = item
        self.creator = creator
        self.created = created
        edited = created
        self.body = body
    }

    /// Without its tags.
    var text: String {
        var text = ""
        var isTag = false
        for character in body {
            switch character {
            case "<": isTag = true
            case ">": isTag = false
            default: if !isTag { text.append(character) }
            }
        }
        return text
    }
}
