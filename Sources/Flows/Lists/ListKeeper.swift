import Core
import Engine
import Store
import Systems
import Transport

/// Keeps one list of the books as the labels of a column: reads the whole list now and then, and when word of a change
/// comes; asks Monday for nothing while the list is as it was, and changes all that changed in one call.
@OnLoop final class ListKeeper {
    /// Ours: a longer list is nothing to choose from. Monday publishes no figure for dropdowns.
    static let mostInDropdown = 200
    /// A list that is far too long is not read to its end.
    private static let mostRead = 2_000
    private static let mostTries = 4
    /// People change labels too, which nobody tells us of.
    private static let looksAgain = Duration.seconds(86_400)

    let file: ListFile
    private let source: any RecordSource
    private let blocked: String?
    private let book: OptionBook
    private let monday: Monday.Client
    private let items: RelationItems
    private let settles: Duration
    private let log: Log
    private let napper = Napper()
    private var met = Trouble()
    private var isDraining = false
    private var isWanted = false
    /// They were asked for by themselves, and are not there.
    private var gone: Set<String> = []
    /// Monday has said that the labels are not the board's own.
    private var isManaged = false

    /// `settles` is how long changes are gathered before the list is read.
    init(
        _ file: ListFile,
        source: any RecordSource,
        blocked: String?,
        book: OptionBook,
        monday: Monday.Client,
        items: RelationItems,
        settles: Duration = .seconds(2),
        log: Log
    ) {
        self.file = file
        self.source = source
        self.blocked = file.blocked ?? blocked
        self.book = book
        self.monday = monday
        self.items = items
        self.settles = settles
        self.log = log
    }

    /// Under what those are kept who wait for a label of the list.
    nonisolated static func place(_ list: String) -> String { "list \(list)" }

    /// Which fields have to be read for it.
    nonisolated static func fields(_ file: ListFile, blocked: String?) -> [String] {
        var seen: Set<String> = []
        return (file.text.fields + [file.blocked ?? blocked].compactMap { $0 }).filter { seen.insert($0).inserted }
    }

    /// In words for an operator; empty when all is well.
    var trouble: String {
        let words = met.words.isEmpty ? book.complaint : met.words
        return words.isEmpty ? "" : "list \(file.name): \(words)"
    }

    /// Something in the books has changed.
    func wake() {
        isWanted = true
        napper.wake()
    }

    func drain() {
        isDraining = true
        napper.wake()
    }

    func run() async {
        while !isDraining {
            var wait: Duration
            do {
                try await round()
                met.ended()
                wait = file.poll.next(after: .now) - .now
            } catch is CancellationError {
                // It made way for something better.
                wait = .seconds(5)
            } catch {
                let before = met.words
                wait = met.met(error)
                if met.words != before { log.warning("list \(file.name): \(error)") }
                // What a person has to mend is not asked for all the time.
                if let error = error as? CallError, error.remedy == .stopConnection || error.remedy == .skipRecord {
                    wait = max(wait, file.poll.next(after: .now) - .now)
                }
            }
            await rest(wait)
        }
    }

    /// Until it is due, or some time after the first word of a change, so that many changes cost what one does. Whoever is
    /// in trouble is not asked more often for that.
    private func rest(_ wait: Duration) async {
        if !met.words.isEmpty {
            await pause(for: wait)
        } else {
            if !isDraining, !isWanted { await napper.sleep(for: max(wait, .milliseconds(1))) }
            if isWanted { await pause(for: settles) }
        }
        isWanted = false
    }

    private func pause(for wait: Duration) async {
        let end = Instant.now + wait
        while !isDraining, Instant.now < end { await napper.sleep(for: end - .now) }
    }

    // MARK: One round

    func round() async throws {
        try await book.load()
        let (options, isWhole) = try await options()
        let seen = fingerprint(options, isWhole)
        let now = WallTime.now
        let isOld = now - book.looked >= Self.looksAgain || book.looked > now
        guard seen != book.seen || isOld else { return }
        for _ in 0..<Self.mostTries {
            do {
                return try await keepInStep(options, isWhole, seen, looksForUnused: isOld && file.removesUnused)
            } catch let error as CallError where error.kind == .conflict && error.remedy == .lookAgain {
                // Somebody else changed the column between our two calls.
                continue
            } catch let error as CallError where error.kind == .permission && error.remedy == .skipRecord {
                guard !isManaged else { throw error }
                isManaged = true
                log.warning("list \(file.name): \(error); from now on only labels that are there are used")
            }
        }
        throw CallError(
            .retry(after: .seconds(60)),
            Monday.name,
            .conflict,
            "somebody else goes on changing the labels of the column \(file.column)"
        )
    }

    private func keepInStep(
        _ options: [LabelPlan.Option],
        _ isWhole: Bool,
        _ seen: String,
        looksForUnused: Bool
    ) async throws {
        var column = try await column()
        var policy = Self.policy(for: column)
        (policy.isWhole, policy.mayChange) = (isWhole, !isManaged)
        var plan = LabelPlan(column, options, known: book.entries, policy)
        if looksForUnused, plan.additions.isEmpty, let label = try await unused(of: plan.leavings) {
            policy.unused = [label]
            plan = LabelPlan(column, options, known: book.entries, policy)
        }
        if let labels = plan.labels {
            column = try await monday.updateLabels(of: column, to: labels, on: file.board, lane: .background)
        }
        if !plan.complaint.isEmpty, plan.complaint != book.complaint {
            log.alert("list \(file.name): \(plan.complaint)")
        }
        let new = try await book.keep(
            plan.entries(made: column),
            seen: seen,
            complaint: plan.complaint,
            at: .now
        )
        await items.came(new.flatMap { [$0, OptionBook.folded($0)] }, on: Self.place(file.name))
    }

    static func policy(for column: Monday.Column) -> LabelPlan.Policy {
        column.type == .status
            ? .init(most: Monday.Column.mostStatusLabels, longest: Monday.Column.mostLabelCharacters)
            : .init(most: mostInDropdown, longest: Monday.mostNameCharacters)
    }

    /// The column as it is now, with its revision.
    func column() async throws -> Monday.Column {
        guard let board = try await monday.board(file.board, lane: .background) else {
            throw refused("there is no board \(file.board) that the token's user can see", .missing)
        }
        if board.state != "active" { throw refused("the board “\(board.name)” is \(board.state)", .configuration) }
        guard let column = board.column(file.column), !column.isArchived else {
            let known = board.columns.filter { $0.type == .dropdown || $0.type == .status }.prefix(20)
            throw refused(
                "the board “\(board.name)” has no column \(file.column); of those with labels it has "
                    + known.map { "\($0.id) (\($0.title))" }.joined(separator: ", "),
                .configuration
            )
        }
        guard column.type == .dropdown || column.type == .status else {
            throw refused("the column “\(column.title)” (\(column.id)) has no labels: use a dropdown", .configuration)
        }
        return column
    }

    private func refused(_ reason: String, _ kind: CallError.Kind) -> CallError {
        CallError(.stopConnection, Monday.name, kind, reason)
    }

    /// One that no item shows, of a few that differ from day to day.
    private func unused(of labels: [Int]) async throws -> Int? {
        guard !labels.isEmpty else { return nil }
        let start = WallTime.now.day.daysSince1970 % labels.count
        for label in (labels[start...] + labels[..<start]).prefix(5) {
            let isUsed = try await monday.isLabelUsed(label, in: file.column, on: file.board, lane: .background)
            if !isUsed { return label }
        }
        return nil
    }

    // MARK: What the books have

    private func options() async throws -> ([LabelPlan.Option], isWhole: Bool) {
        var options: [LabelPlan.Option] = []
        var page = try await source.page(changedSince: nil, lane: .background)
        while true {
            options += page.records.map(option)
            guard options.count <= Self.mostRead else { return (options, false) }
            guard let next = page.next else { break }
            page = try await source.page(next: next, lane: .background)
        }
        // What is not in a list may have been moved while it was read: asked for by itself, it is there or it is not.
        let there = Set(options.map(\.key))
        let missing = book.entries.keys.filter { !there.contains($0) && !gone.contains($0) }.sorted()
        if !missing.isEmpty { options += try await source.read(missing, lane: .background).map(option) }
        gone = Set(book.entries.keys).subtracting(options.map(\.key))
        return (options, true)
    }

    private func option(_ record: Record) -> LabelPlan.Option {
        LabelPlan.Option(
            key: record.id,
            number: source.number(of: record),
            text: file.text.filled { source.plain($0, of: record) },
            isOff: blocked.map { isBlocked(source.plain($0, of: record)) } ?? false
        )
    }

    /// Somebody who is only not to be paid can still send invoices.
    private func isBlocked(_ plain: JSON) -> Bool {
        switch plain {
        case .bool(let flag): flag
        case .string(let word): ["all", "yes", "true", "1"].contains(word.lowercased())
        case .number(let number): number.int == 1
        case .null, .array, .object: false
        }
    }

    private func fingerprint(_ options: [LabelPlan.Option], _ isWhole: Bool) -> String {
        let digest = SHA256().digest { hash in
            let words = options.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.number, $0.text, "\($0.isOff)"] }
            for word in ["\(isWhole)"] + words {
                Array("\(word.utf8.count):\(word)".utf8).withUnsafeBytes { hash.add($0) }
            }
        }
        return String(digest.hexadecimal.prefix(32))
    }
}
