import Core
import Engine
import Store
import Systems
import Transport

/// One kind of record in a company's books on its way to one board.
final class BoardRoute: TwoWayRoute {
    nonisolated let name: String
    nonisolated let largestBatch = Monday.Documents.mostWrites
    /// Monday answers a repeated key for thirty minutes from the first answer.
    nonisolated let keyLife = Duration.seconds(25 * 60)
    nonisolated let farewell: Farewell
    nonisolated let rules: String
    nonisolated let place: String
    nonisolated let reconciles: ReconcilePolicy?
    nonisolated let handEdits: HandEdits

    nonisolated let mapping: BoardMapping
    let source: any RecordSource
    let monday: Monday.Client
    let neighbours: Neighbours
    /// Nil in a reading from the beginning.
    private var readsSince: WallTime?
    private let books: any Books
    private let mutations: RateKeeper
    let log: Log
    private(set) var fitted: BoardMapping.Fitted? {
        didSet { shown.withLock { [fitted] in $0 = fitted } }
    }
    /// The same, for whoever puts words together elsewhere.
    nonisolated let shown = Guarded<BoardMapping.Fitted?>(nil)
    private(set) var keyColumn: Monday.Column?
    private(set) var firstGroup: String?
    nonisolated let importsFirstLoad: Bool
    var scanSize = BoardRoute.usualScanSize
    /// What was said of the board last, so that it is said once.
    private var complaints: [String] = []
    /// A value did not fit the board as it was when it was looked at last.
    private var mayLack = false
    private var lookedAt = Instant.now
    private static let looksAgainAfter = Duration.seconds(5)

    init(
        _ route: BoardFlowFile.Route,
        from source: any RecordSource,
        _ books: any Books,
        to monday: MondaySide,
        beside neighbours: Neighbours,
        log: Log
    ) {
        name = route.name
        farewell = route.farewell
        reconciles = route.reconciles
        importsFirstLoad = route.importsFirstLoad
        handEdits = route.handEdits
        // Another company's records were never read, however new or old they are.
        rules = "\(route.mapping.fingerprint) \(source.rules)"
        place = "board \(route.mapping.board)"
        mapping = route.mapping
        self.source = source
        self.neighbours = neighbours
        self.books = books
        self.monday = monday.client
        mutations = monday.keeper
        self.log = log
    }

    // MARK: From the books

    func read(_ keys: [String], lane: Lane) async throws -> [Record] {
        if mayLack, Instant.now - lookedAt > Self.looksAgainAfter { try await lookAgain() } else { try await prepare() }
        neighbours.looked(at: keys, lane)
        return try await neighbours.completed(try await source.read(keys, lane: lane), lane)
    }

    func page(changedSince: WallTime?, lane: Lane) async throws -> RecordPage {
        // A column that was missing may be there by now.
        if complaints.isEmpty { try await prepare() } else { try await lookAgain() }
        readsSince = changedSince
        return try await completed(try await source.page(changedSince: changedSince, lane: lane), lane)
    }

    func page(next: String, lane: Lane) async throws -> RecordPage {
        try await prepare()
        return try await completed(try await source.page(next: next, lane: lane), lane)
    }

    private func completed(_ page: RecordPage, _ lane: Lane) async throws -> RecordPage {
        // A document whose lines alone have changed is stamped as well, and shows nothing else of it.
        let stamped = page.records.filter { record in readsSince.map { record.modified ?? .first > $0 } ?? false }
        neighbours.looked(at: stamped.map(\.id), lane)
        return page.with(try await neighbours.completed(page.records, lane))
    }

    func count(lane: Lane) async throws -> Int? {
        try await source.count(lane: lane)
    }

    // MARK: What a record is on the board

    func draft(of record: Record) throws(CallError) -> Draft {
        guard let fitted else {
            throw CallError(.lookAgain, Monday.name, .missing, "the board has not been looked at yet")
        }
        do {
            let values = try fitted.values { plain($0, of: record) }
            return Draft(number: source.number(of: record), values: values)
        } catch {
            // Somebody may give the board what it lacks, a label say, and then try the record again.
            mayLack = true
            throw error
        }
    }

    /// Beside its own fields, what was found out for it.
    func plain(_ field: String, of record: Record) -> JSON {
        field.hasPrefix("@") ? record[field] ?? .null : source.plain(field, of: record)
    }

    // MARK: To Monday

    func room(_ lane: Lane) async throws -> WindowRoom {
        try await mutations.room("mutations", lane: lane)
    }

    func budget() async throws -> WriteBudget? {
        let (facts, windows) = try await mutations.facts()
        let burst = windows.first { $0.name == "mutations" }?.burst ?? largestBatch
        return WriteBudget(
            windows: windows,
            used: facts.used,
            perWrite: ["mutations": 1],
            requests: [
                .init(["requests": 1, "calls": 1], writes: min(burst, largestBatch)),
                // That looks for the records' keys.
                .init(["requests": 1, "calls": 1], writes: Monday.Limits.mostIDs),
            ]
        )
    }

    func dismissBackground() async {
        await mutations.dismissBackground()
    }

    func isHeld(_ system: String) async -> Bool {
        switch system {
        case source.system: await books.isHeld()
        case Monday.name: await mutations.isHeld()
        default: false
        }
    }

    func find(_ keys: [String], lane: Lane) async throws -> [String: [String]] {
        let company = try await source.company(lane: lane)
        let wanted = Dictionary(keys.map { (externalKey($0, company), $0) }) { $1 }
        let found = try await monday.find(
            on: mapping.board,
            keyColumn: mapping.keyColumn,
            keys: Array(wanted.keys),
            lane: lane
        )
        var items: [String: [String]] = [:]
        for (external, hits) in found {
            if let key = wanted[external] { items[key] = hits.map(\.id) }
        }
        return items
    }

    func write(
        _ writes: [Write],
        idempotencyKey: String,
        lane: Lane
    ) async throws -> [Result<Written, CallError>] {
        let company = try await source.company(lane: lane)
        let results = try await monday.write(
            writes.map { mondayWrite($0, company) },
            idempotencyKey: idempotencyKey,
            lane: lane
        )
        var written: [String: String] = [:]
        for (write, result) in zip(writes, results) where write.action != .archive {
            if case .success(let made) = result { written[write.key] = made.item }
        }
        await neighbours.wrote(written, lane)
        return results.map { result in result.map { Written(target: $0.item, requestID: $0.requestID) } }
    }

    private func mondayWrite(_ write: Write, _ company: String) -> Monday.Write {
        var cells = write.values.members.map { member in
            Monday.CellWrite(member.name, member.value == .null ? nil : .stored(member.value))
        }
        switch (write.action, write.target) {
        case (.update, let item?):
            // With its key, which somebody may have taken from it.
            cells.append(Monday.CellWrite(mapping.keyColumn, .text(externalKey(write.key, company))))
            return .update(board: mapping.board, item: item, values: cells, makeLabels: true)
        case (.archive, let item?): return .archive(board: mapping.board, item: item)
        case (.create, _), (.update, nil), (.archive, nil):
            let name = if case .string(let text) = write.values["name"] { text } else { "" }
            cells.removeAll { $0.column == "name" }
            cells.append(Monday.CellWrite(mapping.keyColumn, .text(externalKey(write.key, company))))
            return .create(board: mapping.board, group: mapping.group, name: name, values: cells, makeLabels: true)
        }
    }

    /// Monday compares without regard to case, so there is none in it.
    func externalKey(_ key: String, _ company: String) -> String {
        "\(name)/\(company)/\(key)".lowercased()
    }

    // MARK: The board

    func prepare() async throws {
        if fitted == nil { try await lookAgain() }
    }

    func lookAgain() async throws {
        try await source.lookAgain()
        guard let board = try await monday.board(mapping.board) else {
            throw CallError(
                .stopConnection,
                Monday.name,
                .missing,
                "there is no board \(mapping.board) that the token's user can see: compare the number with the board's "
                    + "address, and share the board with that user"
            )
        }
        if let refusal = board.refusal { throw CallError(.stopConnection, Monday.name, .configuration, refusal) }
        guard let key = board.column(mapping.keyColumn), key.refusal == nil, key.type == .text else {
            throw CallError(
                .stopConnection,
                Monday.name,
                .configuration,
                "the board “\(board.name)” needs a text column with the id \(mapping.keyColumn) for the records' keys: add "
                    + "one, or put the id of another text column under routes.\(name).keyColumn in the connection's file. "
                    + "Monday shows ids with developer mode on"
            )
        }
        let fitted = mapping.fit(to: board)
        if fitted.complaints != complaints {
            for complaint in fitted.complaints { log.warning("\(name): \(complaint)") }
            complaints = fitted.complaints
        }
        self.fitted = fitted
        (mayLack, lookedAt) = (false, .now)
        keyColumn = key
        firstGroup = board.groups.first { !$0.isArchived }?.id
    }

    /// What the board lacks of the mapping, in words.
    var shortcomings: [String] { complaints }
}
