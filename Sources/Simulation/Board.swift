import Core
import Engine
import Transport

/// The board of one connection: items that are found by key only after a while, writes that are made once for each
/// idempotency key while the key lives, and values that are refused.
@OnLoop final class Board {
    struct Item {
        var id: String
        /// Empty for one that people have made.
        var key: String
        var values: JSON.Object
        var isArchived = false
        var foundFrom: Instant
    }

    private struct Answered {
        var at: Instant
        var results: [Result<Written, CallError>]
    }

    /// The field that people on the board own, where the connection goes both ways.
    nonisolated static let note = "note"

    private unowned let world: World
    private let name: String
    private let searchLag: Duration
    private let keyLife: Duration
    private(set) var items: [String: Item] = [:]
    private(set) var ids: [String] = []
    private(set) var byKey: [String: [String]] = [:]
    private var answers: [String: Answered] = [:]
    /// Records of which somebody may not know what was written of them.
    var doubted: Set<String> = []
    var isAllInDoubt = false
    var onWritten: ((String) -> Void)?
    /// The last note of each record that people wrote, and when.
    private(set) var noted: [String: (text: JSON, at: Int)] = [:]
    private var nextNote = 0

    init(_ name: String, searchLag: Duration, keyLife: Duration, in world: World) {
        self.name = name
        self.searchLag = searchLag
        self.keyLife = keyLife
        self.world = world
    }

    func find(_ keys: [String]) -> Result<[String: [String]], CallError> {
        var found: [String: [String]] = [:]
        for key in keys {
            let visible = byKey[key, default: []].filter { id in
                items[id].map { !$0.isArchived && $0.foundFrom <= .now } ?? false
            }
            if !visible.isEmpty { found[key] = visible }
        }
        return .success(found)
    }

    func write(_ writes: [Write], _ key: String) -> Result<[Result<Written, CallError>], CallError> {
        if let known = answers[key], .now - known.at < keyLife {
            world.struck("repeated request")
            return .success(known.results)
        }
        let results = writes.map(perform)
        answers[key] = Answered(at: .now, results: results)
        world.trace.note("\(name): \(writes.count) writes under \(key.suffix(6))")
        return .success(results)
    }

    private func perform(_ write: Write) -> Result<Written, CallError> {
        world.facts.writes += 1
        if write.values["label"] == "wrong" {
            return .failure(CallError(.skipRecord, "board", .validation, "the label “wrong” is not known"))
        }
        switch write.action {
        case .create: return .success(create(write))
        case .update, .archive:
            guard let id = write.target, let item = items[id] else {
                return .failure(CallError(.skipRecord, "board", .missing, "no such item"))
            }
            guard !item.isArchived else {
                return .failure(CallError(.skipRecord, "board", .missing, "the item is put away"))
            }
            return .success(change(item, write))
        }
    }

    private func create(_ write: Write) -> Written {
        let id = "\(name)-\(ids.count + 1)"
        if let others = byKey[write.key], !others.isEmpty {
            world.broken("\(name): \(write.key) has the item \(others[0]) and was made again as \(id)")
        }
        let lag = world.dice.roll(.zero...searchLag)
        items[id] = Item(id: id, key: write.key, values: write.values, foundFrom: .now + lag)
        ids.append(id)
        byKey[write.key, default: []].append(id)
        doubted.remove(write.key)
        world.trace.note("\(name): made \(id) for \(write.key): \(JSON.object(write.values).text())")
        onWritten?(write.key)
        return Written(target: id, requestID: "q\(world.facts.writes)")
    }

    private func change(_ item: Item, _ write: Write) -> Written {
        if item.key != write.key {
            world.broken("\(name): \(item.id) belongs to \(item.key) and was written as \(write.key)'s")
        }
        var changed = item
        changed.values = write.values.over(item.values)
        changed.isArchived = write.action == .archive
        let isNews = changed.isArchived || changed.values.differing(from: item.values).count > 0
        if !isNews, !isAllInDoubt, doubted.remove(write.key) == nil {
            world.broken("\(name): \(item.id) was written again although nothing had changed")
        }
        items[item.id] = changed
        world.trace.note(
            "\(name): \(write.action) \(item.id) of \(write.key): \(JSON.object(write.values).text())"
        )
        onWritten?(write.key)
        return Written(target: item.id, requestID: "q\(world.facts.writes)")
    }

    // MARK: As a whole

    /// Items in the order in which they were made.
    func targets(after last: String?, atMost count: Int) -> Result<TargetPage, CallError> {
        let first = last.flatMap { ids.firstIndex(of: $0) }.map { $0 + 1 } ?? 0
        let page = ids.dropFirst(first).prefix(count)
        let isLast = first + page.count >= ids.count
        return .success(TargetPage(items: page.compactMap(target), next: isLast ? nil : page.last))
    }

    func targets(_ wanted: [String]) -> Result<[Target], CallError> {
        .success(wanted.compactMap(target))
    }

    private func target(_ id: String) -> Target? {
        guard let item = items[id], !item.isArchived else { return nil }
        return Target(id: id, key: item.key.isEmpty ? nil : item.key, number: "N-\(item.key)", values: item.values)
    }

    func items(_ wanted: [String]) -> Result<[String: JSON.Object], CallError> {
        var values: [String: JSON.Object] = [:]
        for id in wanted {
            if let item = items[id], !item.isArchived { values[id] = item.values }
        }
        return .success(values)
    }

    /// Somebody writes a note on an item, or into a field that is not theirs. Answers whose item it is.
    func makeNote(at moment: Int) -> String? {
        let live = ids.filter { items[$0].map { !$0.isArchived && !$0.key.isEmpty } ?? false }
        guard !live.isEmpty, var item = items[live[world.dice.roll(0...live.count - 1)]] else { return nil }
        doubted.insert(item.key)
        if world.dice.hits(0.75) {
            nextNote += 1
            item.values[Self.note] = .string("note \(nextNote)")
            noted[item.key] = (.string("note \(nextNote)"), moment)
        } else {
            item.values["amount"] = "by hand"
        }
        items[item.id] = item
        world.struck("note")
        world.trace.note("\(name): somebody writes on \(item.id) of \(item.key): \(JSON.object(item.values).text())")
        return item.key
    }

    /// Somebody changes an item, takes it away, or makes one.
    func editByHand() {
        let live = ids.filter { items[$0].map { !$0.isArchived && !$0.key.isEmpty } ?? false }
        isAllInDoubt = true
        let choice = world.dice.roll(1...100)
        guard choice <= 85, !live.isEmpty, var item = items[live[world.dice.roll(0...live.count - 1)]] else {
            let id = "\(name)-\(ids.count + 1)"
            ids.append(id)
            var values = JSON.Object()
            values["name"] = "a note"
            items[id] = Item(id: id, key: "", values: values, foundFrom: .now)
            return
        }
        if choice <= 55 {
            item.values["amount"] = "by hand"
            items[item.id] = item
        } else {
            items[item.id] = nil
            byKey[item.key]?.removeAll { $0 == item.id }
        }
        world.struck("edit by hand")
        world.trace.note("\(name): somebody \(choice <= 55 ? "changes" : "takes away") \(item.id) of \(item.key)")
    }
}
