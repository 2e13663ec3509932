import Core
import Transport

/// One connection of the simulated installation, with the two systems it keeps in step.
@OnLoop final class Site {
    nonisolated let number: Int64
    nonisolated let tenant: String
    nonisolated let name: String
    nonisolated let isHealthy: Bool
    let books: Books
    let messenger: Messenger
    let board: Board
    let source: Vendor
    let target: Vendor
    private unowned let world: World
    /// Since when something of a record is not on the board.
    private var missing: [String: Instant] = [:]
    private(set) var longestLag = Duration.zero
    private var notedAt: [String: Int] = [:]

    /// How long a change may take where nothing goes wrong.
    nonisolated static let usualLag = Duration.seconds(180)

    init(
        _ number: Int64,
        of tenant: String,
        isHealthy: Bool,
        books: Books,
        messenger: Messenger,
        board: Board,
        source: Vendor,
        target: Vendor,
        in world: World
    ) {
        self.number = number
        self.tenant = tenant
        self.isHealthy = isHealthy
        name = "connection-\(number)"
        self.books = books
        self.messenger = messenger
        self.board = board
        self.source = source
        self.target = target
        self.world = world
        books.onSeen = { [unowned self] key in
            // A change back to what the board has, or to nothing new, leaves nothing to be written.
            if difference(key) == nil { missing[key] = nil } else if missing[key] == nil { missing[key] = .now }
            messenger.tell(of: key)
        }
        board.onWritten = { [unowned self] key in written(key) }
    }

    private func written(_ key: String) {
        guard let since = missing[key], difference(key) == nil else { return }
        missing[key] = nil
        let lag = Instant.now - since
        longestLag = max(longestLag, lag)
        guard isHealthy, lag > Self.usualLag else { return }
        world.broken("\(name), where nothing went wrong, had \(key) on its board after \(lag.seconds) s only")
    }

    /// What the board has not right; nil when it is as it should be.
    var difference: String? {
        for key in books.keys {
            if let difference = difference(key) { return "\(name): \(key): \(difference)" }
        }
        let unknown = board.byKey.keys.filter { !$0.isEmpty && books.entries[$0] == nil }.sorted()
        return unknown.first.map { "\(name): there is an item for \($0), which never was a record" }
    }

    private func difference(_ key: String) -> String? {
        guard let entry = books.entries[key] else { return nil }
        let items = board.byKey[key, default: []].compactMap { board.items[$0] }.filter { !$0.isArchived }
        guard items.count <= 1 else { return "has \(items.count) items" }
        if entry.isDeleted {
            return isDeletionKnown(key) && !items.isEmpty ? "is deleted and still on the board" : nil
        }
        if isRefused(entry) { return nil }
        guard let item = items.first else { return "is not on the board" }
        guard isNoteKnown(key) else { return nil }
        if let difference = noteDifference(key, entry, item) { return difference }
        let differing = entry.fields.differing(from: item.values)
        return differing.count == 0 ? nil : "should be \(JSON.object(differing).text())"
    }

    /// Of a deletion nothing tells but its notification, and a comparison of both sides.
    private func isDeletionKnown(_ key: String) -> Bool {
        if world.scenario.reconcile != nil { return true }
        return messenger.acknowledged[key, default: 0] > books.deletedAt[key, default: .max]
    }

    /// Somebody writes on the board, and the board's vendor tells of it.
    func takeNote() {
        guard let key = board.makeNote(at: books.tick()) else { return }
        notedAt[key] = books.tick()
        messenger.tell(of: key)
    }

    /// Of what people write on the board nothing tells but its notification.
    private func isNoteKnown(_ key: String) -> Bool {
        notedAt[key].map { messenger.acknowledged[key, default: 0] > $0 } ?? true
    }

    /// What the last note on the item has come to.
    private func noteDifference(_ key: String, _ entry: Books.Entry, _ item: Board.Item) -> String? {
        guard !entry.isPosted, let noted = board.noted[key], entry.fields[Board.note] != noted.text else { return nil }
        return "the note \(noted.text.text()) of its item never came to the books"
    }

    /// Cannot be written as it is.
    func isRefused(_ entry: Books.Entry) -> Bool {
        entry.fields["label"] == "wrong" || entry.fields["label"] == "unmappable"
    }

    var refused: [String] {
        books.keys.filter { key in books.entries[key].map { !$0.isDeleted && isRefused($0) } ?? false }
    }

    /// Acknowledged word of a record that was not looked at afterwards.
    var overlooked: String? {
        for (key, moment) in messenger.acknowledged.sorted(by: { $0.key < $1.key })
        where books.lookedAt[key, default: 0] < moment {
            return "\(name): word of \(key) was acknowledged, and nobody has looked at it since"
        }
        return nil
    }
}
