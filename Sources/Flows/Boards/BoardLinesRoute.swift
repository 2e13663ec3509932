import Core
import Engine
import Store
import Systems
import Transport

/// The lines of one kind of document on their way under the documents' items.
///
/// Monday keeps subitems on a board of their own, and archives and deletes them with the item that they stand under. So a
/// line waits until its document has an item, moves to another one by being made anew there, and is left alone when its
/// document is put away.
final class LinesRoute: Route {
    nonisolated let name: String
    nonisolated let largestBatch = Monday.Documents.mostWrites
    nonisolated let keyLife = Duration.seconds(25 * 60)
    nonisolated let farewell = Farewell.archive
    nonisolated let rules: String
    nonisolated let place: String

    private let documents: String
    private let documentBoard: String
    private var mapping: BoardMapping
    private let source: any LineSource
    private let monday: Monday.Client
    private let mutations: RateKeeper
    private let books: any Books
    private let items: RelationItems
    private let context: FlowContext
    private var fitted: BoardMapping.Fitted?
    /// What was said of the board last, so that it is said once.
    private var complaints: [String] = []

    /// Under which name a draft holds the item that the line is to stand under.
    private static let parent = "@parent"
    /// Its document may be parked; when it gets an item its lines are looked at at once.
    private static let waitsForParent = Duration.seconds(300)

    init(
        _ route: BoardFlowFile.Route,
        _ lines: BoardFlowFile.Lines,
        from source: any LineSource,
        _ books: any Books,
        to monday: MondaySide,
        items: RelationItems,
        in context: FlowContext
    ) {
        name = BoardFlowFile.Lines.name(of: route.name)
        documents = route.name
        documentBoard = route.mapping.board
        mapping = lines.mapping
        rules = "\(lines.mapping.fingerprint) \(source.rules)"
        place = "subitems of board \(route.mapping.board)"
        self.source = source
        self.books = books
        self.monday = monday.client
        mutations = monday.keeper
        self.items = items
        self.context = context
    }

    // MARK: From the books

    func read(_ keys: [String], lane: Lane) async throws -> [Record] {
        try await prepare()
        return try await placed(try await source.read(keys, lane: lane), lane)
    }

    func page(changedSince: WallTime?, lane: Lane) async throws -> RecordPage {
        if complaints.isEmpty { try await prepare() } else { try await lookAgain() }
        return try await completed(try await source.page(changedSince: changedSince, lane: lane), lane)
    }

    func page(next: String, lane: Lane) async throws -> RecordPage {
        try await prepare()
        return try await completed(try await source.page(next: next, lane: lane), lane)
    }

    /// With the lines that documents on the page have not any more: a document may look the same without them.
    private func completed(_ page: RecordPage, _ lane: Lane) async throws -> RecordPage {
        var page = page.with(try await placed(page.records, lane))
        let there = Set(page.records.map(\.id))
        for document in Set(page.records.compactMap(document)).sorted() {
            let linked = try await LineMarker.linked(document, on: name, in: context)
            page.vanished += linked.filter { !there.contains($0) }
        }
        return page
    }

    func count(lane: Lane) async throws -> Int? {
        try await source.count(lane: lane)
    }

    /// With the items that they are to stand under.
    private func placed(_ records: [Record], _ lane: Lane) async throws -> [Record] {
        let parents = try await items.items(of: Set(records.compactMap(document)), on: documents)
        return records.map { record in
            var record = record
            guard let document = document(of: record) else { return record }
            if let parent = parents[document] {
                record.fields[Self.parent] = .string(parent)
            } else {
                items.wait(record.id, on: name, for: document, on: documents, lane)
            }
            return record
        }
    }

    private func document(of record: Record) -> String? {
        if case .string(let document) = record["document"], !document.isEmpty { return document }
        return LineKey.document(of: record.id)
    }

    // MARK: What a line is on the board

    func draft(of record: Record) throws(CallError) -> Draft {
        guard let fitted else {
            throw CallError(.lookAgain, Monday.name, .missing, "the board has not been looked at yet")
        }
        guard let parent = record[Self.parent] else {
            throw CallError(
                .retry(after: Self.waitsForParent),
                Monday.name,
                .missing,
                "its document has no item yet, under which it would stand"
            )
        }
        var values = try fitted.values { source.plain($0, of: record) }
        values[Self.parent] = parent
        return Draft(number: source.number(of: record), values: values)
    }

    // MARK: To Monday

    func room(_ lane: Lane) async throws -> WindowRoom {
        try await mutations.room("mutations", lane: lane)
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
        try await prepare()
        let parents = try await items.items(of: Set(keys.compactMap(LineKey.document)), on: documents)
        guard !parents.isEmpty else { return [:] }
        let company = try await source.company(lane: lane)
        let wanted = Dictionary(keys.map { (externalKey($0, company), $0) }) { $1 }
        var found: [String: [String]] = [:]
        for subitem in try await monday.subitems(
            of: Array(parents.values),
            keyColumn: mapping.keyColumn,
            lane: lane
        ) {
            guard let key = wanted[subitem.key.lowercased()] else { continue }
            found[key, default: []].append(subitem.item.id)
        }
        return found.mapValues { $0.sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) } }
    }

    func write(
        _ writes: [Write],
        idempotencyKey: String,
        lane: Lane
    ) async throws -> [Result<Written, CallError>] {
        try await prepare()
        let company = try await source.company(lane: lane)
        let links = try await context.store.links(writes.map(\.key), of: name, for: context.connection)
        let parents = try await context.store.links(
            Array(Set(writes.compactMap { LineKey.document(of: $0.key) })),
            of: documents,
            for: context.connection
        )
        var results: [Result<Written, CallError>?] = writes.map { write in
            let parent = LineKey.document(of: write.key).flatMap { parents[$0] }
            return settled(write, links[write.key], parent)
        }
        let open = results.indices.filter { results[$0] == nil }
        if !open.isEmpty {
            let sent = open.map { mondayWrite(writes[$0], company) }
            let answers = try await monday.write(sent, idempotencyKey: key(idempotencyKey, sent, writes), lane: lane)
            for (place, answer) in zip(open, answers) {
                results[place] = answer.map { Written(target: $0.item, requestID: $0.requestID) }
            }
        }
        return results.compactMap { $0 }
    }

    /// What needs no call.
    private func settled(_ write: Write, _ link: Link?, _ parent: Link?) -> Result<Written, CallError>? {
        switch (write.action, write.target) {
        case (.archive, let item?) where parent?.state == .archived:
            // It was put away with its document.
            return .success(Written(target: item, requestID: nil))
        case (.update, .some):
            guard let now = write.values[Self.parent], let before = link?.values[Self.parent], now != before else {
                return nil
            }
            return .failure(
                CallError(
                    .lookAgain,
                    Monday.name,
                    .missing,
                    "its document has another item by now, and a subitem cannot be moved there"
                )
            )
        case (.create, _), (.update, nil), (.archive, _): return nil
        }
    }

    /// A key belongs to one body only: what is left of a batch is another one.
    private func key(_ key: String, _ sent: [Monday.Write], _ writes: [Write]) -> String {
        guard sent.count < writes.count else { return key }
        return "\(key)-\(Digest(of: Monday.body(of: sent)).hexadecimal.prefix(12))"
    }

    private func mondayWrite(_ write: Write, _ company: String) -> Monday.Write {
        var cells = write.values.members.filter { $0.name != Self.parent }.map { member in
            Monday.CellWrite(member.name, member.value == .null ? nil : .stored(member.value))
        }
        cells.append(Monday.CellWrite(mapping.keyColumn, .text(externalKey(write.key, company))))
        switch (write.action, write.target) {
        case (.update, let item?): return .update(board: mapping.board, item: item, values: cells, makeLabels: true)
        case (.archive, let item?): return .archive(board: mapping.board, item: item)
        case (.create, _), (.update, nil), (.archive, nil):
            let name = if case .string(let text) = write.values["name"] { text } else { "" }
            let parent = if case .string(let item) = write.values[Self.parent] { item } else { "" }
            cells.removeAll { $0.column == "name" }
            return .createSubitem(board: mapping.board, parent: parent, name: name, values: cells, makeLabels: true)
        }
    }

    private func externalKey(_ key: String, _ company: String) -> String {
        "\(name)/\(company)/\(key)".lowercased()
    }

    // MARK: The boards

    private func prepare() async throws {
        if fitted == nil { try await lookAgain() }
    }

    func lookAgain() async throws {
        try await source.lookAgain()
        let board = try await board(documentBoard, "the board of \(documents)")
        if let refusal = board.refusal { throw refused(refusal) }
        if mapping.board.isEmpty {
            guard let id = board.columns.first(where: { $0.type == .subtasks && !$0.isArchived })?.boards.first else {
                throw refused(
                    "the board “\(board.name)” does not say where its subitems are: add one subitem by hand, with which "
                        + "Monday makes their board, or name that board in routes.\(documents).lines.board"
                )
            }
            mapping.board = id
        }
        let subitems = try await self.board(mapping.board, "the board of the subitems of “\(board.name)”")
        guard let key = subitems.column(mapping.keyColumn), key.refusal == nil, key.type == .text else {
            throw refused(
                "the subitems of the board “\(board.name)” need a text column with the id \(mapping.keyColumn) for the "
                    + "lines' keys"
            )
        }
        let fitted = mapping.fit(to: subitems)
        if fitted.complaints != complaints {
            for complaint in fitted.complaints { context.log.warning("\(name): \(complaint)") }
            complaints = fitted.complaints
        }
        self.fitted = fitted
    }

    private func board(_ id: String, _ what: String) async throws -> Monday.Board {
        guard let board = try await monday.board(id) else {
            throw CallError(
                .stopConnection,
                Monday.name,
                .missing,
                "the token's user cannot see \(what), \(id): compare the number, and share the board with that user"
            )
        }
        return board
    }

    private func refused(_ reason: String) -> CallError {
        CallError(.stopConnection, Monday.name, .configuration, reason)
    }

    /// What the board lacks of the mapping, in words.
    var shortcomings: [String] { complaints }
}
