import Core
import Engine
import Systems
import Transport

/// NAV's purchase invoices or orders, with those they become when they are posted.
///
/// NAV tells of no change and stamps none. So each reading goes through all that is not posted, through what was posted
/// lately and through what is posted and not paid; the engine compares what it finds with what it wrote, and that costs
/// nothing where nothing has changed. What is not listed any more is asked for by its number.
final class NavDocumentSource: RecordSource {
    nonisolated let system = Nav.name
    nonisolated let rules: String
    let desk: NavDesk
    let unposted: NavSheet
    private let posted: NavSheet?
    let words: [String]
    private let hand: NavHand
    /// Where the keys of what is on its way are kept; nil for a trial, which changes nothing.
    private let memory: NavMemory?

    private var demands: (unposted: NavDemand, posted: NavDemand?)?
    private var listed: NavListed?
    /// The cards of posted documents: those do not change.
    private var cards: [String: Nav.Row] = [:]
    private static let mostCards = 20_000
    private let firstWalk = WallTime.now.millisecondsSince1970

    init(
        _ unposted: NavSheet,
        posted: NavSheet? = nil,
        words: [String],
        desk: NavDesk,
        hand: NavHand,
        memory: NavMemory?
    ) {
        self.unposted = unposted
        self.posted = posted
        self.words = words
        self.desk = desk
        self.hand = hand
        self.memory = memory
        rules = desk.place
    }

    func company(lane: Lane) async throws -> String { desk.key }

    func lookAgain() async throws {
        desk.lookAgain()
        demands = nil
        cards = [:]
    }

    /// What is asked for, once the pages are known.
    private func demands(lane: Lane) async throws -> (unposted: NavDemand, posted: NavDemand?) {
        if let demands { return demands }
        let first = try await demand(of: unposted, lane: lane)
        let second = if let posted { try await demand(of: posted, lane: lane) as NavDemand? } else { nil as NavDemand? }
        let unknown = first.unknown.filter { second?.unknown.contains($0) ?? true }
        guard unknown.isEmpty else {
            throw CallError(
                .stopConnection,
                Nav.name,
                .configuration,
                "no published page of a \(unposted.title) has \(unknown.joined(separator: ", ")): compare the names under "
                    + "columns in the connection's file with the fields of \(unposted.card.inWords)"
            )
        }
        demands = (first, second)
        return (first, second)
    }

    private func demand(of sheet: NavSheet, lane: Lane) async throws -> NavDemand {
        try NavDemand(
            words,
            of: sheet,
            list: try await desk.fields(of: sheet.list, lane: lane),
            card: try await desk.fields(of: sheet.card, lane: lane)
        )
    }

    // MARK: Some

    func read(_ keys: [String], lane: Lane) async throws -> [Record] {
        let demands = try await demands(lane: lane)
        var found: [NavIdentity: NavDocument] = [:]
        let wanted = keys.compactMap { NavIdentity($0) }
        let numbers = wanted.compactMap { if case .number(let number) = $0 { number } else { nil } }
        if !numbers.isEmpty {
            var query = demands.unposted.query
            query.order = []
            let rows = try await desk.rows(query, where: "No", isOneOf: numbers, lane: lane)
            for document in try await documents(rows, unposted, demands.unposted, lane) {
                found[document.identity] = document
            }
        }
        if let posted, let demand = demands.posted {
            let rest = wanted.filter { found[$0] == nil }
            for document in try await read(rest, posted, demand, lane) { found[document.identity] = document }
        }
        // What a filter does not find may be hidden from it: asked for by its key, it is there or it is not.
        for case .number(let number) in wanted where found[.number(number)] == nil {
            let key = unposted.key(number)
            let (main, withLines) = (demands.unposted.main, demands.unposted.query.withLines)
            guard let row = try await desk.pages.row(main, key: key, withLines: withLines, lane: lane),
                let document = try await documents([row], unposted, demands.unposted, lane).first
            else { continue }
            found[.number(number)] = document
        }
        try await remember { listed in
            let knowsUnpaid = demands.posted?.unpaid != nil
            listed.settled(wanted.filter { !(found[$0]?.isMoving(knowsUnpaid) ?? false) }.map(\.id))
        }
        return wanted.compactMap { found[$0]?.record }
    }

    private func read(
        _ wanted: [NavIdentity],
        _ sheet: NavSheet,
        _ demand: NavDemand,
        _ lane: Lane
    ) async throws -> [NavDocument] {
        guard !wanted.isEmpty else { return [] }
        var numbers = Set<String>()
        var before: [String] = []
        for identity in wanted {
            switch identity {
            case .number(let number): before.append(number)
            case .posted(let number): numbers.insert(number)
            }
        }
        var query = demand.query
        query.order = []
        var rows: [Nav.Row] = []
        // Only one of the two pages may know which number it had before.
        if demand.select.contains(Self.before) {
            rows = try await desk.rows(query, where: Self.before, isOneOf: before, lane: lane)
            numbers.subtract(rows.map { $0.fields.text("No") })
        } else {
            let card = Nav.Query(sheet.card, select: ["No", Self.before])
            for row in try await desk.rows(card, where: Self.before, isOneOf: before, lane: lane) {
                numbers.insert(row.fields.text("No"))
            }
        }
        rows += try await desk.rows(query, where: "No", isOneOf: numbers.sorted(), lane: lane)
        for row in rows { cards[row.fields.text("No")] = nil }
        // A number may have been used twice before posting: the later one counts.
        return try await documents(rows, sheet, demand, lane).sorted {
            ($0.fields.text("Posting_Date"), $0.number) < ($1.fields.text("Posting_Date"), $1.number)
        }
    }

    private static let before = "Pre_Assigned_No"

    // MARK: All

    func page(changedSince: WallTime?, lane: Lane) async throws -> RecordPage {
        var walk = 0
        try await remember { walk = $0.begin() }
        return try await page(at: NavPlace(changedSince: changedSince, walk: walk), lane)
    }

    func page(next: String, lane: Lane) async throws -> RecordPage {
        try await page(at: try NavPlace(next), lane)
    }

    private func page(at place: NavPlace, _ lane: Lane) async throws -> RecordPage {
        let demands = try await demands(lane: lane)
        let (sheet, demand) =
            if place.part != .unposted, let posted, let demand = demands.posted { (posted, demand) } else {
                (unposted, demands.unposted)
            }
        var query = demand.query
        query.filter = place.filter(unpaid: demand.unpaid)
        let rows = try await desk.page(query, next: place.next, lane: lane)
        let documents = try await documents(rows.rows, sheet, demand, lane, at: place, query.filter)
        let knowsUnpaid = demands.posted?.unpaid != nil
        let following =
            rows.next.map { place.at($0) }
            ?? place.following(hasPosted: posted != nil, knowsUnpaid: knowsUnpaid)
        var page = RecordPage(records: documents.map(\.record), next: following?.text)
        page.isUnstamped = true
        try await remember { listed in
            listed.saw(documents.map { ($0.identity.id, $0.isMoving(knowsUnpaid)) }, in: place.walk)
            if following == nil { page.vanished = listed.end(place.walk) }
        }
        return page
    }

    func count(lane: Lane) async throws -> Int? {
        let demands = try await demands(lane: lane)
        guard let first = try await desk.pages.count(Nav.Query(demands.unposted.main), lane: lane) else { return nil }
        guard let main = demands.posted?.main else { return first }
        return try await desk.pages.count(Nav.Query(main), lane: lane).map { $0 + first }
    }

    // MARK: Rows and what they mean

    private func documents(
        _ rows: [Nav.Row],
        _ sheet: NavSheet,
        _ demand: NavDemand,
        _ lane: Lane,
        at place: NavPlace? = nil,
        _ filter: Nav.Filter? = nil
    ) async throws -> [NavDocument] {
        var beside: [String: Nav.Row] = [:]
        if let query = demand.besideQuery {
            var unread = rows
            if sheet.isPosted {
                // Now and then all of them are read again all the same: some fields may be corrected after posting.
                if place?.part == .posted { cards = [:] }
                for row in rows { if let card = cards[row.fields.text("No")] { beside[row.fields.text("No")] = card } }
                unread = rows.filter { beside[$0.fields.text("No")] == nil }
            }
            let isInOrder = place.map { $0.part != .unpaid } ?? false
            let read = try await desk.rows(beside: unread, query, where: filter, isInOrder: isInOrder, lane: lane)
            beside.merge(read) { $1 }
            if sheet.isPosted, place?.part != .posted {
                if cards.count + read.count > Self.mostCards { cards = [:] }
                cards.merge(read) { $1 }
            }
        }
        let setup = try await desk.setup(lane: lane)
        return rows.compactMap { row in
            let card = beside[row.fields.text("No")]
            // Of one that was posted or deleted between the two questions, the next reading tells.
            guard demand.besideQuery == nil || card != nil else { return nil }
            return NavDocument(row, beside: card, of: sheet, words: words, setup)
        }
    }

    /// Changes what is known of the lists, and stores it where something has come of that.
    private func remember(_ change: (inout NavListed) -> Void) async throws {
        guard let memory else { return }
        var listed =
            if let listed { listed } else {
                NavListed(try await memory.load(), of: rules, after: firstWalk)
            }
        if let known = self.listed { listed = known }
        change(&listed)
        self.listed = listed
        guard listed.isChanged else { return }
        // What changes meanwhile is stored by whoever changes it.
        self.listed?.stored()
        do {
            try await memory.store(listed.json(of: rules))
        } catch {
            self.listed?.mustBeStored()
            throw error
        }
    }

    // MARK: In words

    nonisolated func plain(_ field: String, of record: Record) -> JSON {
        guard let value = record[field], !Nav.isEmpty(value) else { return .null }
        return value
    }

    nonisolated func number(of record: Record) -> String {
        if case .string(let number) = record[NavDocument.numberField] { number } else { "" }
    }

    // MARK: What goes back

    func refusal(to changes: [BackChange], of record: Record) -> CallError? {
        hand.refusal(to: changes, of: record, unposted)
    }

    func perform(
        _ changes: [BackChange],
        on record: Record,
        idempotencyKey: String,
        lane: Lane
    ) async throws -> String? {
        try await hand.perform(changes, on: record, unposted, lane: lane)
        return nil
    }
}

extension NavDemand {
    var query: Nav.Query {
        var query = Nav.Query(main, select: select)
        // Two pages of the same documents are read side by side.
        query.order = ["No"]
        query.withLines = withLines && beside == nil
        return query
    }

    var besideQuery: Nav.Query? {
        guard let beside else { return nil }
        var query = Nav.Query(beside, select: besideSelect)
        query.withLines = withLines
        return query
    }
}

extension NavDocument {
    /// Something may become of it yet, and it is listed until then.
    func isMoving(_ knowsUnpaid: Bool) -> Bool {
        switch state {
        case .open, .released, .pendingApproval, .pendingPrepayment, .other: true
        case .posted: knowsUnpaid
        case .paid, .canceled, .corrective: false
        }
    }
}

extension NavPlace {
    func filter(unpaid: Nav.Filter?) -> Nav.Filter? {
        switch part {
        case .unposted, .posted: nil
        case .recent: since.map { .atLeast("Posting_Date", .string($0.text)) }
        case .unpaid: unpaid
        }
    }
}
