import Core
import Engine
import Store
import Testing
import Transport

/// A world in which people edit the items, and whose source takes some of that back. It says what the people own.
@OnLoop final class TwoWayWorld {
    struct Back {
        var key: String
        var values: JSON.Object
        var isDone: Bool
    }

    /// What happens to the next write back.
    enum Fault {
        case doneButLost
        case lost
        case refused(CallError)
        /// Somebody changes the record first.
        case overtaken([String: String])
    }

    let world: World
    let owned: Set<String> = ["status", "note"]
    /// What people may choose in the field "state", and the state that the record has after it; nil for the same as before.
    let requests: [String: String?] = ["released": "released", "reopen": "open", "book": "booked", "accrue": nil]
    private(set) var performed: [String] = []
    /// False for a board that is only a view.
    var goesBack = true
    /// How often items were read.
    fileprivate(set) var looks = 0
    var handEdits = HandEdits.overwrite
    /// May not be changed any more; the route knows of it unless `isUnguarded`.
    var posted: Set<String> = []
    var isUnguarded = false
    private(set) var backs: [Back] = []
    var faults: [Fault] = []
    /// By the key under which it was said.
    private(set) var told: [String: (target: String, words: String)] = [:]
    var tellFaults: [CallError] = []
    /// From the effect of a write, on either side, to its answer.
    var answersAfter = Duration.zero
    private(set) var writing = 0
    var hiddenItems: Set<String> = []
    /// The items hold everything in capitals and the records nothing, and each write to an item is told of.
    var shouts = false
    var onWritten: (@OnLoop () async throws -> Void)?

    init(_ world: World) {
        self.world = world
    }

    func edit(_ key: String, _ values: [String: String]) {
        guard var item = world.item(of: key) else { return }
        item.values = object(values).over(item.values)
        world.items[item.id] = item
    }

    func change(_ key: String, _ values: [String: String]) {
        world.put(key, strings(object(values).over(world.records[key]?.fields ?? JSON.Object())))
    }

    func etag(of key: String) -> String? {
        world.records[key]?.modified.map { "\($0)" }
    }

    func writeBack(_ values: JSON.Object, to record: Record) throws -> String? {
        backs.append(Back(key: record.id, values: values, isDone: false))
        let fault = faults.isEmpty ? nil : faults.removeFirst()
        let lost = CallError(.retry(after: nil), "source", .timeout, "no answer", isUncertain: true)
        switch fault {
        case .lost: throw lost
        case .refused(let error): throw error
        case .overtaken(let fields): change(record.id, fields)
        case .doneButLost, nil: break
        }
        guard !posted.contains(record.id) else {
            throw CallError(.skipRecord, "source", .validation, "the invoice is posted")
        }
        guard let etag = record.etag, etag == self.etag(of: record.id) else {
            throw CallError(.lookAgain, "source", .conflict, "another user has changed it")
        }
        perform(values, on: record.id)
        backs[backs.count - 1].isDone = true
        if case .doneButLost = fault { throw lost }
        return "back\(backs.count)"
    }

    /// A request by its effect, which it has once in each state of the record.
    private func perform(_ values: JSON.Object, on key: String) {
        var fields = strings(values)
        if let request = fields.removeValue(forKey: "state") {
            let state = world.records[key].flatMap { strings($0.fields)["state"] } ?? ""
            let after = (requests[request] ?? nil) ?? state
            let effect = "\(key) \(request) \(state)"
            if after != state || requests[request] == .some(nil), !performed.contains(effect) {
                performed.append(effect)
            }
            fields["state"] = after
        }
        change(key, shouts ? fields.mapValues { $0.lowercased() } : fields)
    }

    func tell(_ target: String, _ words: String, key: String) throws {
        if let fault = tellFaults.popLast() { throw fault }
        told[key] = (target, words)
    }

    fileprivate func answer() async throws {
        writing += 1
        defer { writing -= 1 }
        if answersAfter > .zero { try await EpollLoop.process.sleep(for: answersAfter) }
    }
}

private func capitals(_ values: JSON.Object) -> JSON.Object {
    object(strings(values).mapValues { $0.uppercased() })
}

private func strings(_ object: JSON.Object) -> [String: String] {
    Dictionary(object.members.map { ($0.name, (try? JSONField($0.value).string()) ?? "") }) { $1 }
}

/// The plain way between the two, and the way back.
@OnLoop final class TwoWayWorldRoute: TwoWayRoute {
    nonisolated let name: String
    nonisolated let largestBatch: Int
    nonisolated let keyLife: Duration
    nonisolated let farewell: Farewell
    nonisolated let handEdits: HandEdits
    nonisolated let goesBack: Bool
    nonisolated let reconciles: ReconcilePolicy?
    private nonisolated let owned: Set<String>
    private let plain: WorldRoute
    private let sides: TwoWayWorld

    init(_ plain: WorldRoute, _ sides: TwoWayWorld) {
        name = plain.name
        largestBatch = plain.largestBatch
        keyLife = plain.keyLife
        farewell = plain.farewell
        handEdits = sides.handEdits
        goesBack = sides.goesBack
        reconciles = plain.reconciles
        owned = sides.owned
        self.plain = plain
        self.sides = sides
    }

    nonisolated func owner(of field: String) -> FieldOwner {
        if field == "state" { return .asked }
        return owned.contains(field) && goesBack ? .target : .source
    }

    func asks(_ field: String, _ value: JSON) -> Bool {
        guard case .string(let word) = value else { return false }
        return sides.requests[word] != nil
    }

    nonisolated func title(of field: String) -> String { field.uppercased() }

    nonisolated func words(for value: JSON, of field: String) -> String? {
        guard field == "state", case .string(let word) = value else { return nil }
        return "<\(word)>"
    }

    func items(_ targets: [String], lane: Lane) async throws -> [String: JSON.Object] {
        try await plain.call {
            sides.looks += 1
            let there = targets.compactMap { sides.world.items[$0] }
            let seen = there.filter { !$0.isArchived && !sides.hiddenItems.contains($0.id) }
            return Dictionary(seen.map { ($0.id, sides.shouts ? capitals($0.values) : $0.values) }) { $1 }
        }
    }

    func refusal(to change: JSON.Object, of record: Record) -> CallError? {
        guard !sides.isUnguarded, sides.posted.contains(record.id) else { return nil }
        return CallError(.skipRecord, "source", .validation, "it is posted")
    }

    func writeBack(
        _ values: JSON.Object,
        to record: Record,
        idempotencyKey: String,
        lane: Lane
    ) async throws -> String? {
        let requestID = try await plain.call { try sides.writeBack(values, to: record) }
        try await sides.answer()
        return requestID
    }

    func tell(_ target: String, _ words: String, idempotencyKey: String, lane: Lane) async throws {
        try await plain.call { try sides.tell(target, words, key: idempotencyKey) }
    }

    // MARK: As on the plain way

    func read(_ keys: [String], lane: Lane) async throws -> [Record] {
        try await plain.read(keys, lane: lane).map { record in
            var record = record
            record.etag = record.modified.map { "\($0)" }
            return record
        }
    }

    func page(changedSince: WallTime?, lane: Lane) async throws -> RecordPage {
        try await plain.page(changedSince: changedSince, lane: lane)
    }

    func page(next: String, lane: Lane) async throws -> RecordPage { try await plain.page(next: next, lane: lane) }

    func draft(of record: Record) throws(CallError) -> Draft { try plain.draft(of: record) }
    func room(_ lane: Lane) async throws -> WindowRoom { try await plain.room(lane) }
    func dismissBackground() { plain.dismissBackground() }

    func find(_ keys: [String], lane: Lane) async throws -> [String: [String]] {
        try await plain.find(keys, lane: lane)
    }

    func write(_ writes: [Write], idempotencyKey: String, lane: Lane) async throws -> [Result<Written, CallError>] {
        let results = try await plain.write(writes, idempotencyKey: idempotencyKey, lane: lane)
        try await sides.answer()
        try await sides.onWritten?()
        return results
    }

    func lookAgain() async throws { try await plain.lookAgain() }

    func targets(after: String?, lane: Lane) async throws -> TargetPage {
        var page = try await plain.targets(after: after, lane: lane)
        page.items = page.items.map(held)
        return page
    }

    func targets(_ ids: [String], lane: Lane) async throws -> [Target] {
        try await plain.targets(ids, lane: lane).map(held)
    }

    private func held(_ target: Target) -> Target {
        var target = target
        target.held = target.values
        return target
    }
}

/// A line of the audit, as far as these tests look at it.
struct Line: Equatable {
    var decision: String
    var fields: [String: [String]]
    var reason: String?
}

extension Stage {
    func goBothWays() -> TwoWayWorld {
        let sides = TwoWayWorld(world)
        makeRoute = { TwoWayWorldRoute($0, sides) }
        return sides
    }

    /// People edit an item, and the target says which one.
    func edit(_ sides: TwoWayWorld, _ key: String, _ values: [String: String]) async throws {
        sides.edit(key, values)
        try await hearOfItem(key)
    }

    func hearOfItem(_ key: String) async throws {
        guard let item = world.item(of: key) else { return }
        for key in try await real.keys(ofTargets: [item.id], of: "invoices", for: 1).values.flatMap({ $0 }) {
            try await mark(key, isOfTarget: true)
        }
    }

    /// Without those that say that nothing was to be done, or found; of each field before, after and what was lost.
    func lines(of key: String) async throws -> [Line] {
        try await real.audit(after: 0, limit: 10_000, for: nil).compactMap { line in
            let entry = JSONField(try JSON.parse(line.text))
            guard try entry["record"].string() == key else { return nil }
            var fields: [String: [String]] = [:]
            for (name, field) in try entry["fields"].orNil?.members() ?? [] {
                fields[name] = try ["before", "after", "lost"].map { try field[$0].orNil?.string() ?? "-" }
            }
            return Line(
                decision: try entry["decision"].string(),
                fields: fields,
                reason: try entry["reason"].orNil?.string()
            )
        }.filter { $0.decision != "unchanged" || !$0.fields.isEmpty }
    }
}
