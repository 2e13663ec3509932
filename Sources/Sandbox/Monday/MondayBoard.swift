import Core
import Transport

/// A board with its columns, groups and items.
@OnLoop final class MondayBoard {
    struct Group: Sendable {
        var id: String
        var title: String
        var color = "#579bfc"
        var isDeleted = false
    }

    nonisolated let id: Int
    var name: String
    var kind = "public"
    var type = "board"
    var hierarchy = "classic"
    var state = MondayState.active
    var description: String?
    var workspace: Int?
    let created: WallTime
    var columns: [MondayColumn] = []
    var groups: [Group] = []
    private(set) var items: [MondayItem] = []
    private(set) var activeCount = 0
    /// Which items have a text in a column, in small letters: what was searched for once is found at once.
    private var texts: [String: [String: Set<Int>]] = [:]
    /// A deleted column's id is never given again.
    var reservedColumns: Set<String> = []
    /// Without a value in these, nothing is written: the board's own validation.
    var requiredColumns: Set<String> = []
    var activity: [MondayActivity] = []
    /// Where the subitems of its items are, once there are any.
    var subitemBoard: MondayBoard?
    /// Mutations that are under way on it.
    var holders = 0

    init(id: Int, name: String, created: WallTime) {
        self.id = id
        self.name = name
        self.created = created
    }

    // MARK: Items

    func add(_ item: MondayItem) {
        items.append(item)
        if item.state == .active { activeCount += 1 }
    }

    func remove(_ item: MondayItem) {
        items.removeAll { $0 === item }
        if item.state == .active { activeCount -= 1 }
    }

    func set(_ state: MondayState, of item: MondayItem) {
        if item.state == .active { activeCount -= 1 }
        item.state = state
        if state == .active { activeCount += 1 }
    }

    func set(_ entry: MondayCell.Entry?, _ column: String, of item: MondayItem) {
        if case .text(let before)? = item.cells[column]?.cell { texts[column]?[before.lowercased()]?.remove(item.id) }
        item.cells[column] = entry
        if case .text(let text)? = entry?.cell { texts[column]?[text.lowercased(), default: []].insert(item.id) }
    }

    func forgetTexts(of column: String) { texts[column] = nil }

    /// The items that have this text in a column of texts, whatever the case of its letters.
    func items(with text: String, in column: String) -> Set<Int> {
        if texts[column] == nil {
            var index: [String: Set<Int>] = [:]
            for item in items {
                guard case .text(let known)? = item.cells[column]?.cell else { continue }
                index[known.lowercased(), default: []].insert(item.id)
            }
            texts[column] = index
        }
        return texts[column]?[text] ?? []
    }

    // MARK: Columns and groups

    func columnIndex(_ id: String) throws(GraphQL.Fault) -> Int {
        guard let index = columns.firstIndex(where: { $0.id == id }) else { throw .noColumn(id) }
        return index
    }

    func column(_ id: String) -> MondayColumn? { columns.first { $0.id == id } }

    func group(_ id: String) throws(GraphQL.Fault) -> Group {
        guard let group = groups.first(where: { $0.id == id && !$0.isDeleted }) else { throw .noGroup(id) }
        return group
    }

    var topGroup: Group? { groups.first { !$0.isDeleted } }
}

/// One item: its cells by column, and where it is in its life.
@OnLoop final class MondayItem {
    nonisolated let id: Int
    var board: MondayBoard
    var name: String
    var state = MondayState.active
    var groupID: String
    let creator: Int
    let created: WallTime
    var updated: WallTime
    var updater: Int
    var cells: [String: MondayCell.Entry] = [:]
    /// When searches begin to find it.
    let isFoundFrom: Instant
    var updates: [MondayUpdate] = []
    let parent: MondayItem?
    var subitems: [MondayItem] = []

    init(
        id: Int,
        board: MondayBoard,
        name: String,
        groupID: String,
        creator: Int,
        created: WallTime,
        isFoundFrom: Instant,
        parent: MondayItem? = nil
    ) {
        self.id = id
        self.board = board
        self.name = name
        self.groupID = groupID
        self.creator = creator
        self.created = created
        updated = created
        updater = creator
        self.isFoundFrom = isFoundFrom
        self.parent = parent
    }
}

/// One line of a board's activity log.
struct MondayActivity: Sendable {
    var id: String
    var event: String
    var data: JSON
    var user: Int
    var time: WallTime
    var itemID: Int?
    var columnID: String?
    var groupID: String?
}
