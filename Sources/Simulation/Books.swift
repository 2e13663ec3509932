import Core
import Transport

/// The books of one connection: records that people make, change, post and delete, read in pages with places that do not
/// last. A change gets its stamp when it is made, and is seen a little later, as in a long transaction.
@OnLoop final class Books {
    struct Entry {
        var fields: JSON.Object
        var stamp: WallTime
        var version: Int
        /// When it was first to be seen as it is now.
        var seenAt: Instant
        var isPosted = false
        var isDeleted = false
        var hiddenUntil: Instant?
    }

    private struct Place {
        var since: WallTime
        var after: (stamp: WallTime, key: String)
        var ends: Instant
    }

    private let name: String
    private unowned let world: World
    private let chances: Scenario.Chances
    private let pageSize: Int
    private(set) var entries: [String: Entry] = [:]
    private(set) var keys: [String] = []
    private var places: [String: Place] = [:]
    private var nextPlace = 0
    /// Counted up by whatever happens here, so that one can say what came after what.
    private(set) var moment = 0
    private(set) var lookedAt: [String: Int] = [:]
    private(set) var deletedAt: [String: Int] = [:]
    private var nextKey = 0
    /// Of what is not seen yet.
    private(set) var underWay = 0
    /// What is told to whoever has subscribed.
    var onSeen: ((String) -> Void)?

    init(_ name: String, pageSize: Int, chances: Scenario.Chances, in world: World) {
        self.name = name
        self.pageSize = pageSize
        self.chances = chances
        self.world = world
    }

    func tick() -> Int {
        moment += 1
        return moment
    }

    // MARK: What people do

    /// One thing done to one record, or to several at the same instant.
    func work() {
        let open = keys.filter { entries[$0].map { !$0.isDeleted } ?? false }
        let choice = world.dice.roll(1...100)
        let stamp = world.vendorTime
        switch choice {
        case _ where open.isEmpty || choice <= 25:
            for _ in 0..<(choice <= 5 ? world.dice.roll(2...4) : 1) { create(stamp) }
        case ...80:
            for _ in 0..<(choice <= 35 ? world.dice.roll(2...4) : 1) { change(pick(open), stamp) }
        case ...90: post(pick(open), stamp)
        default: delete(pick(open), stamp)
        }
    }

    private func pick(_ keys: [String]) -> String { keys[world.dice.roll(0...keys.count - 1)] }

    /// `isOld` is one that was there before anybody looked.
    func create(_ stamp: WallTime, isOld: Bool = false) {
        nextKey += 1
        let key = "r\(nextKey)"
        var fields = JSON.Object()
        fields["name"] = .string("record \(nextKey)")
        fields["amount"] = .string("\(world.dice.roll(1...9))")
        fields["status"] = "open"
        if world.scenario.isTwoWay { fields[Board.note] = "" }
        if world.hits(chances.badRecord) { fields["label"] = world.dice.hits(0.5) ? "wrong" : "unmappable" }
        keys.append(key)
        commit(key, stamp, isLate: !isOld) { $0 = Entry(fields: fields, stamp: stamp, version: 0, seenAt: .now) }
    }

    private func change(_ key: String, _ stamp: WallTime) {
        guard let entry = entries[key], !entry.isDeleted else { return }
        var changed = JSON.Object()
        if entry.isPosted {
            changed["status"] = world.dice.hits(0.5) ? "paid" : "posted"
        } else {
            changed["amount"] = .string("\(world.dice.roll(1...9))")
        }
        // What was wrong is mended by whoever looks at it next, or made wrong.
        changed["label"] = world.hits(chances.badRecord / 2) ? "wrong" : entry.fields["label"] == nil ? nil : "right"
        // What was written back meanwhile stays.
        commit(key, stamp) { entry in
            guard let fields = entry?.fields else { return }
            entry?.fields = changed.over(fields)
        }
    }

    private func post(_ key: String, _ stamp: WallTime) {
        commit(key, stamp) { entry in
            entry?.isPosted = true
            entry?.fields["status"] = "posted"
        }
    }

    private func delete(_ key: String, _ stamp: WallTime) {
        guard let entry = entries[key], !entry.isPosted else { return change(key, stamp) }
        commit(key, stamp) { $0?.isDeleted = true }
    }

    /// Of a new record nothing is seen before its commit; of an old one, what it was.
    private func commit(_ key: String, _ stamp: WallTime, isLate: Bool = true, _ edit: @escaping (inout Entry?) -> Void)
    {
        let wait = isLate && world.hits(chances.lateCommit) ? world.dice.roll(.milliseconds(1)...(.seconds(90))) : .zero
        underWay += 1
        let apply = { [self] in
            underWay -= 1
            guard entries[key].map({ !$0.isDeleted }) ?? true else { return }
            var edited = entries[key]
            edit(&edited)
            guard var entry = edited else { return }
            // Of two transactions, the one that is committed last is what there is: its stamp is not always the latest.
            entry.stamp = max(stamp, entry.stamp)
            entry.version += 1
            entry.seenAt = .now
            entries[key] = entry
            if entry.isDeleted { deletedAt[key] = tick() }
            world.facts.changes += 1
            world.trace.note("\(name): \(key) is \(words(key))")
            onSeen?(key)
        }
        if wait > .zero { EpollLoop.process.after(wait) { apply() } } else { apply() }
    }

    private func words(_ key: String) -> String {
        guard let entry = entries[key] else { return "nothing" }
        return entry.isDeleted ? "deleted" : "\(JSON.object(entry.fields).text()) of \(entry.stamp)"
    }

    // MARK: What is asked of them

    func read(_ wanted: [String]) -> Result<[Record], CallError> {
        let now = tick()
        for key in wanted { lookedAt[key] = now }
        return .success(
            wanted.compactMap { key in
                guard let entry = entries[key], !entry.isDeleted else { return nil }
                if let until = entry.hiddenUntil, until > .now { return nil }
                // On its way between two tables it is in neither. Once: nobody can tell twice from gone.
                if entry.hiddenUntil == nil, world.hits(chances.hidden) {
                    world.struck("hidden")
                    entries[key]?.hiddenUntil = .now + world.dice.roll(.zero...(.seconds(4)))
                    return nil
                }
                return record(key, entry)
            }
        )
    }

    private func record(_ key: String, _ entry: Entry) -> Record {
        Record(id: key, etag: "\(entry.version)", modified: entry.stamp, fields: entry.fields)
    }

    /// From the board: only for what is still as it was read.
    func writeBack(_ values: JSON.Object, to key: String, etag: String?) -> Result<String?, CallError> {
        guard var entry = entries[key], !entry.isDeleted else {
            return .failure(CallError(.skipRecord, "books", .missing, "no such record"))
        }
        guard etag == "\(entry.version)" else {
            world.struck("stale etag")
            return .failure(CallError(.lookAgain, "books", .conflict, "somebody else has changed it"))
        }
        guard !entry.isPosted else {
            world.broken("\(name): \(key) is posted, and was to be changed all the same")
            return .failure(CallError(.skipRecord, "books", .validation, "it is posted"))
        }
        entry.fields = values.over(entry.fields)
        entry.stamp = max(entry.stamp, world.vendorTime)
        entry.version += 1
        entry.seenAt = .now
        entries[key] = entry
        world.struck("written back")
        world.trace.note("\(name): \(key) got \(JSON.object(values).text()) from its board")
        onSeen?(key)
        return .success("b\(entry.version)")
    }

    func page(since: WallTime?) -> Result<RecordPage, CallError> {
        .success(page(since: since ?? .first, after: nil))
    }

    func page(next: String) -> Result<RecordPage, CallError> {
        guard let place = places.removeValue(forKey: next), place.ends > .now, !world.hits(chances.cursorEnds) else {
            world.struck("place lost")
            return .failure(CallError(.lookAgain, "books", .expired, "the place is not known any more"))
        }
        return .success(page(since: place.since, after: place.after))
    }

    private func page(since: WallTime, after: (stamp: WallTime, key: String)?) -> RecordPage {
        let rest = keys.compactMap { key in entries[key].map { (key: key, entry: $0) } }
            .filter { !$0.entry.isDeleted && $0.entry.stamp >= since }
            .filter { row in after.map { ($0.stamp, $0.key) < (row.entry.stamp, row.key) } ?? true }
            .sorted { ($0.entry.stamp, $0.key) < ($1.entry.stamp, $1.key) }
        let some = rest.prefix(pageSize)
        var next: String?
        if some.count < rest.count, let last = some.last {
            nextPlace += 1
            let name = "place \(nextPlace)"
            places[name] = Place(since: since, after: (last.entry.stamp, last.key), ends: .now + .seconds(600))
            next = name
        }
        return RecordPage(records: some.map { record($0.key, $0.entry) }, next: next)
    }
}
