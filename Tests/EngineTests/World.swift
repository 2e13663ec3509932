import Core
import Engine
import Store
import Transport

/// Two systems in memory, which outlive every engine: one that has records and one that has items.
@OnLoop final class World {
    struct Item {
        var id: String
        var key: String
        var values: JSON.Object
        var isArchived = false
        var made: Instant
    }

    struct Request {
        var writes: [Write]
        var key: String
        var lane: Lane
        var isRepeated: Bool
    }

    /// What happens to the next request that writes.
    enum Fault {
        case doneButLost
        case lost
        case refused(CallError)
        /// For one of its writes.
        case failed(key: String, CallError)
    }

    // MARK: The source

    private(set) var records: [String: Record] = [:]
    /// In pages of this many.
    var pageSize = 2
    var pageFaults: [CallError] = []
    private(set) var pagesRead = 0
    private(set) var reads: [[String]] = []
    var readFaults: [CallError] = []
    /// Keys that the source refuses to read, and with them all that is asked for in the same request.
    var unreadable: Set<String> = []
    /// What it says when it is asked how many records it has.
    var counts: [Result<Int?, CallError>] = []
    var knowsCount = false
    /// It does not say when a record was changed.
    var isUnstamped = false
    /// What it misses, when it has told of all others.
    var vanished: [String] = []
    private var clock = 1_763_600_000_000

    func put(_ key: String, _ fields: [String: String]) {
        clock += 1_000
        records[key] = Record(id: key, modified: WallTime(millisecondsSince1970: clock), fields: object(fields))
    }

    func remove(_ key: String) {
        records[key] = nil
    }

    func read(_ keys: [String]) throws -> [Record] {
        reads.append(keys)
        if let fault = readFaults.popLast() { throw fault }
        if !unreadable.isDisjoint(with: keys) { throw CallError(.skipRecord, "source", .validation, "unreadable") }
        return keys.compactMap { records[$0] }.filter(belongs)
    }

    /// A record may leave, and be none of these any more.
    private func belongs(_ record: Record) -> Bool { record["elsewhere"] == nil }

    func page(since: WallTime?, after last: String?) throws -> RecordPage {
        if let fault = pageFaults.popLast() { throw fault }
        pagesRead += 1
        let all = records.values.filter { isUnstamped || $0.modified ?? .first >= since ?? .first }
            .sorted { ($0.modified ?? .first) < ($1.modified ?? .first) }
        let rest = all.filter { last == nil || "\($0.modified ?? .first)" > last ?? "" }
        let some = Array(rest.prefix(pageSize))
        let isLast = some.count == rest.count
        let next = isLast ? nil : some.last.map { "\($0.modified ?? .first)" }
        var page = RecordPage(records: some.filter(belongs), next: next)
        page.left = some.filter { !belongs($0) }
        guard isUnstamped else { return page }
        page.isUnstamped = true
        for index in page.records.indices { page.records[index].modified = nil }
        page.vanished = isLast ? vanished : []
        return page
    }

    func count() throws -> Int? {
        if !counts.isEmpty { return try counts.removeFirst().get() }
        return knowsCount ? records.count : nil
    }

    // MARK: The target

    var budget: WriteBudget?
    var items: [String: Item] = [:]
    private(set) var requests: [Request] = []
    private(set) var finds = 0
    var faults: [Fault] = []
    var searchDelay = Duration.zero
    var largestBatch = 10
    var keyLife = Duration.seconds(600)
    var room = Int.max
    var latency = Duration.zero
    /// Values that the target refuses: only their record, or the whole request.
    var badValue: String?
    var badValueFailsAll = false
    private(set) var looks = 0
    var looksFail = false
    private var answers: [String: [Result<Written, CallError>]] = [:]
    private var nextItem = 0

    /// All writes of a kind, in their order.
    func writes(_ action: Write.Action) -> [Write] {
        requests.flatMap(\.writes).filter { $0.action == action }
    }

    func item(of key: String) -> Item? {
        items.values.first { $0.key == key && !$0.isArchived }
    }

    func takeAway(_ key: String) {
        for (id, item) in items where item.key == key { items[id] = nil }
    }

    /// As if somebody had made it by hand, or another installation.
    func make(_ key: String, _ values: [String: String]) -> String { make(key, object(values)) }

    func make(_ key: String, _ values: JSON.Object) -> String {
        nextItem += 1
        let id = "item\(nextItem)"
        items[id] = Item(id: id, key: key, values: values, made: .now)
        return id
    }

    func find(_ keys: [String]) -> [String: [String]] {
        finds += 1
        let visible = items.values.filter { !$0.isArchived && Instant.now - $0.made >= searchDelay }
            .sorted { $0.made < $1.made }
        return Dictionary(grouping: visible.filter { keys.contains($0.key) }, by: \.key).mapValues { $0.map(\.id) }
    }

    // MARK: The items as a whole

    private(set) var scans = 0
    /// Once each, when so many pages have been given.
    var scanFaults: [Int: CallError] = [:]
    /// How often items were asked for by their ids.
    private(set) var looksAtItems = 0

    /// In pages as large as those of the source.
    func scan(after last: String?) throws -> TargetPage {
        if let fault = scanFaults.removeValue(forKey: scans) { throw fault }
        scans += 1
        let rest = items.values.filter { item in !item.isArchived && (last.map { precedes($0, item.id) } ?? true) }
            .sorted { precedes($0.id, $1.id) }
        let some = rest.prefix(pageSize)
        return TargetPage(
            items: some.map(target),
            next: some.count == rest.count ? nil : some.last?.id
        )
    }

    func look(_ ids: [String]) -> [Target] {
        looksAtItems += 1
        return ids.compactMap { items[$0] }.filter { !$0.isArchived }.map(target)
    }

    private func precedes(_ a: String, _ b: String) -> Bool { (a.count, a) < (b.count, b) }

    private func target(_ item: Item) -> Target {
        Target(
            id: item.id,
            key: item.key.isEmpty ? nil : item.key,
            number: "N-\(item.key)",
            values: item.values
        )
    }

    /// What a person does on the board.
    func edit(_ id: String, _ values: [String: String]) {
        guard var item = items[id] else { return }
        item.values = object(values).over(item.values)
        items[id] = item
    }

    func give(_ id: String, key: String) {
        items[id]?.key = key
    }

    func archive(_ id: String, _ isArchived: Bool = true) {
        items[id]?.isArchived = isArchived
    }

    func write(_ writes: [Write], key: String, lane: Lane) throws -> [Result<Written, CallError>] {
        requests.append(Request(writes: writes, key: key, lane: lane, isRepeated: answers[key] != nil))
        let fault = faults.isEmpty ? nil : faults.removeFirst()
        switch fault {
        case .lost: throw lost
        case .refused(let error): throw error
        case .doneButLost, .failed, nil: break
        }
        if badValueFailsAll, writes.contains(where: isBad) {
            throw CallError(.skipRecord, "target", .validation, "one of them is wrong")
        }
        let answer = answers[key] ?? writes.map { perform($0, fault) }
        answers[key] = answer
        if case .doneButLost = fault { throw lost }
        return answer
    }

    private let lost = CallError(.retry(after: nil), "target", .timeout, "no answer", isUncertain: true)

    private func isBad(_ write: Write) -> Bool {
        write.values.members.contains { member in badValue.map { JSON.string($0) } == member.value }
    }

    private func perform(_ write: Write, _ fault: Fault?) -> Result<Written, CallError> {
        if case .failed(write.key, let error)? = fault { return .failure(error) }
        if isBad(write) { return .failure(CallError(.skipRecord, "target", .validation, "this label is not known")) }
        switch write.action {
        case .create:
            nextItem += 1
            let id = "item\(nextItem)"
            items[id] = Item(id: id, key: write.key, values: write.values, made: .now)
            return .success(Written(target: id, requestID: "q\(nextItem)"))
        case .update, .archive:
            guard let id = write.target, var item = items[id] else {
                return .failure(CallError(.skipRecord, "target", .missing, "no such item"))
            }
            item.values = write.values.over(item.values)
            // With its key, as a real target's flow does.
            if write.action == .update { item.key = write.key }
            if write.action == .archive { item.isArchived = true }
            items[id] = item
            return .success(Written(target: id, requestID: nil))
        }
    }

    func lookAgain() throws {
        looks += 1
        if looksFail { throw CallError(.retry(after: nil), "target", .outage, "down") }
    }
}

func object(_ fields: [String: String]) -> JSON.Object {
    var object = JSON.Object()
    for (name, value) in fields.sorted(by: { $0.key < $1.key }) { object[name] = .string(value) }
    return object
}

/// The way between the two, for one engine.
@OnLoop final class WorldRoute: Route {
    nonisolated let name = "invoices"
    nonisolated let largestBatch: Int
    nonisolated let keyLife: Duration
    nonisolated let farewell: Farewell
    nonisolated let reconciles: ReconcilePolicy?
    private let world: World
    private let fuse: Fuse

    init(_ world: World, _ fuse: Fuse, farewell: Farewell = .archive, reconciles: ReconcilePolicy? = nil) {
        self.world = world
        self.fuse = fuse
        self.farewell = farewell
        self.reconciles = reconciles
        largestBatch = world.largestBatch
        keyLife = world.keyLife
    }

    func call<Answer>(_ body: () throws -> Answer) async throws -> Answer {
        try fuse.step()
        if world.latency > .zero { try await EpollLoop.process.sleep(for: world.latency) }
        let answer = try body()
        try fuse.step()
        return answer
    }

    func read(_ keys: [String], lane: Lane) async throws -> [Record] {
        try await call { try world.read(keys) }
    }

    func page(changedSince since: WallTime?, lane: Lane) async throws -> RecordPage {
        let page = try await call { try world.page(since: since, after: nil) }
        return tagged(page, since)
    }

    func page(next: String, lane: Lane) async throws -> RecordPage {
        let parts = next.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let since = WallTime(parts[0])
        let page = try await call { try world.page(since: since, after: parts[1]) }
        return tagged(page, since)
    }

    func count(lane: Lane) async throws -> Int? {
        try await call { try world.count() }
    }

    func budget() async throws -> WriteBudget? { world.budget }

    private func tagged(_ page: RecordPage, _ since: WallTime?) -> RecordPage {
        var page = page
        page.next = page.next.map { "\(since?.text ?? "")|\($0)" }
        return page
    }

    func draft(of record: Record) throws(CallError) -> Draft {
        guard record["wrong"] == nil else { throw CallError(.skipRecord, "source", .validation, "cannot be mapped") }
        guard record["waits"] == nil else {
            throw CallError(.retry(after: .seconds(600)), "target", .missing, "something is not there yet")
        }
        return Draft(number: "N-\(record.id)", values: record.fields)
    }

    func room(_ lane: Lane) async throws -> WindowRoom {
        try fuse.step()
        let now = Int64(WallTime.now.millisecondsSince1970)
        return WindowRoom(units: world.room, untilMilliseconds: world.room > 0 ? now : now + 50)
    }

    /// Nobody waits in this world: what has no room is turned away by `room`.
    func dismissBackground() {}

    func find(_ keys: [String], lane: Lane) async throws -> [String: [String]] {
        try await call { world.find(keys) }
    }

    func write(_ writes: [Write], idempotencyKey: String, lane: Lane) async throws -> [Result<Written, CallError>] {
        try await call { try world.write(writes, key: idempotencyKey, lane: lane) }
    }

    func lookAgain() async throws {
        try await call { try world.lookAgain() }
    }

    func targets(after: String?, lane: Lane) async throws -> TargetPage {
        try await call { try world.scan(after: after) }
    }

    func targets(_ ids: [String], lane: Lane) async throws -> [Target] {
        try await call { world.look(ids) }
    }
}
