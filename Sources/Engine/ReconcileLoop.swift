import Core
import Store
import Transport

/// Compares everything that one route has on both sides, on a schedule and when asked, and has repaired what differs: page
/// by page in the background, one comparison at a time, from where the process before this one was.
@OnLoop final class ReconcileLoop {
    let route: any Route
    let context: FlowContext
    let policy: ReconcilePolicy
    private let writer: WriteLoop
    let tally: Tally
    private let spares: SpareItems
    private let napper = Napper()
    private(set) var trouble = Trouble()
    private(set) var isDraining = false

    /// A batch of suspects is read afresh at once: as many as one question for records and one for items can name.
    private static let batch = 20
    private static let forgetsAtOnce = 5_000
    /// How soon it is tried again after it has made way for something better, or while a record is being written.
    static let pause = Duration.milliseconds(50)
    private static let looksForBackfill = Duration.seconds(5)

    init(_ route: any Route, _ policy: ReconcilePolicy, in context: FlowContext, writer: WriteLoop, _ tally: Tally) {
        self.route = route
        self.policy = policy
        self.context = context
        self.writer = writer
        self.tally = tally
        spares = SpareItems(route, in: context, tally)
    }

    /// Somebody may have asked for one.
    func wake() {
        napper.wake()
    }

    func drain() {
        isDraining = true
        spares.drain()
        napper.wake()
    }

    func run() async {
        while !isDraining {
            do {
                if let wait = try await step() {
                    trouble.ended()
                    await napper.sleep(for: wait)
                }
            } catch is CancellationError where !isDraining {
                try? await EpollLoop.process.sleep(for: Self.pause)
            } catch {
                await recover(from: error)
            }
        }
    }

    private func recover(from error: any Error) async {
        guard !isDraining else { return }
        let before = trouble.words
        let wait = trouble.met(error)
        if trouble.words != before { context.log.warning("\(route.name): reconciling: \(error)") }
        if let error = error as? CallError, error.remedy == .lookAgain || error.kind == .expired {
            try? await loseItsPlace()
        }
        // A wish does not cut it short.
        let end = Instant.now + wait
        while !isDraining, Instant.now < end { await napper.sleep(for: end - .now) }
    }

    private func loseItsPlace() async throws {
        guard var running = try await facts().running else { return }
        running.lostItsPlace()
        try await context.store.saw([], of: route.name, going: running, for: context.connection)
        try await route.lookAgain()
    }

    // MARK: Which one

    /// Nil when there may be more to do at once; otherwise how long nothing will be.
    private func step() async throws -> Duration? {
        let facts = try await facts()
        if let running = facts.running, running.terms == terms {
            try await goOn(running)
            return nil
        }
        if let wish = facts.wish ?? facts.running?.wish {
            try await begin(facts.run + 1, wish, "asked")
            return nil
        }
        guard let schedule = policy.schedule else { return .seconds(86_400) }
        let rested = WallTime(millisecondsSince1970: Int(facts.restedMilliseconds))
        let due = schedule.next(after: rested)
        // One that rests since a time to come does so since before the clock was set back.
        guard due <= .now || rested > .now else { return due - .now }
        // What has not been read once cannot be missing.
        guard try await isReadOnce() else { return Self.looksForBackfill }
        try await begin(facts.run + 1, ReconcileWish(), "schedule")
        return nil
    }

    private func facts() async throws -> ReconcileFacts {
        try await context.store.reconcile(of: route.name, at: now, for: context.connection)
    }

    private func isReadOnce() async throws -> Bool {
        guard let state = try await context.store.progress(of: route.name, for: context.connection) else {
            return false
        }
        return try !ReadProgress(state).isFirst
    }

    private func begin(_ run: Int, _ wish: ReconcileWish, _ occasion: String) async throws {
        let begun = Reconciliation(run: run, wish: wish, occasion: occasion, terms: terms, at: now)
        try await context.store.begin(begun, of: route.name, for: context.connection)
        context.log.info("\(route.name): reconcile \(run) begins")
        try await goOn(begun)
    }

    /// Other rules or another board make it another comparison.
    private var terms: String { "\(route.place) \(route.rules)" }

    // MARK: Going through both sides

    private func goOn(_ begun: Reconciliation) async throws {
        var running = begun
        try await spares.settleOpen(judge(running))
        while !isDraining, running.finishedMilliseconds == nil {
            switch running.step {
            case .records(let next): try await readRecords(next, &running)
            case .items(let next): try await readItems(next, &running)
            case .check(let after): try await check(after, &running)
            case .finish: try await finish(&running)
            }
            trouble.ended()
        }
    }

    /// Never more than one page in memory; what is stored of it is stored with the way to the next.
    private func readRecords(_ next: String?, _ running: inout Reconciliation) async throws {
        if next == nil {
            try await forget(.records)
            try await route.lookAgain()
        }
        let page =
            if let next {
                try await route.page(next: next, lane: .background)
            } else {
                try await route.page(changedSince: nil, lane: .background)
            }
        running.storedRecords(page.records.count, next: page.next)
        let seen = page.records.map { record in
            Seen(record: record.id, print: (try? route.comparable(record)).map(Self.print))
        }
        try await context.store.saw(seen, of: route.name, going: running, for: context.connection)
    }

    private func readItems(_ next: String?, _ running: inout Reconciliation) async throws {
        if next == nil { try await forget(.items) }
        let page = try await route.targets(after: next, lane: .background)
        running.storedItems(page.items.count, next: page.next)
        let seen = page.items.map { Seen(item: $0.id, key: $0.key, print: Self.print($0.values)) }
        try await context.store.saw(seen, of: route.name, going: running, for: context.connection)
    }

    private func forget(_ side: Seen.Side) async throws {
        while try await !context.store.forget(
            side,
            of: route.name,
            limit: Self.forgetsAtOnce,
            for: context.connection
        ) {}
    }

    /// Half a digest of the fields that hold something, in the order of their names.
    private static func print(_ values: JSON.Object) -> [UInt8] {
        var sorted = JSON.Object()
        for member in values.members.sorted(by: { $0.name < $1.name }) where member.value != .null {
            sorted[member.name] = member.value
        }
        return Array(Digest(of: Array(JSON.object(sorted).text().utf8)).bytes.prefix(16))
    }

    // MARK: Looking at what does not match

    private func check(_ after: String, _ running: inout Reconciliation) async throws {
        if after.isEmpty {
            // Labels that were made since the records were read have numbers that nobody here knows.
            try await route.lookAgain()
            let weight = try await context.store.weigh(route.name, for: context.connection)
            running.weighed(extra: weight.extra, of: weight.items)
            if running.holdsExtrasBack, !running.wish.reportsOnly, policy.extra == .repair {
                context.log.alert(
                    """
                    \(route.name): \(weight.extra) of \(weight.items) items seem to have lost their records, so none is \
                    put away: see whether the connection still reads all of them, then reconcile with --put-away-most
                    """
                )
            }
        }
        let suspects = try await context.store.suspects(
            after: after,
            of: route.name,
            limit: Self.batch,
            for: context.connection
        )
        let judgements = try await judge(suspects, running)
        guard judgements.count == suspects.keys.count else { return }
        let drifts = judgements.flatMap(\.drifts)
        var check = ReconcileCheck(running)
        check.lines = running.checked(
            drifts,
            keys: suspects.keys.count,
            waiting: judgements.count { $0.isWaiting },
            parked: judgements.count { $0.isParked },
            through: suspects.through
        )
        check.reconciliation = running
        check.relinks = judgements.compactMap(\.relink)
        check.marks = judgements.compactMap(\.mark)
        try await context.store.conclude(check, of: route.name, for: context.connection)
        for entry in check.relinks.lazy.flatMap(\.audit) { tally.count(entry) }
        if !check.marks.isEmpty { writer.wake() }
    }

    /// Fewer than there are suspects when it is to end.
    private func judge(_ suspects: Suspects, _ running: Reconciliation) async throws -> [Judge.Judgement] {
        let keys = suspects.keys.map(\.key)
        guard !keys.isEmpty else { return [] }
        while !isDraining {
            // A record that is being written is neither as it was nor as it will be.
            guard !writer.isWorking(on: keys) else {
                try await EpollLoop.process.sleep(for: Self.pause)
                continue
            }
            let cases = try await look(suspects)
            guard !writer.isWorking(on: keys) else { continue }
            let judge = judge(running)
            let judgements = cases.map(judge.judge)
            for (subject, judgement) in zip(cases, judgements) where !judgement.spares.isEmpty {
                try await spares.putAway(judgement.spares, of: subject.key, judge)
            }
            return judgements
        }
        return []
    }

    /// The links first: whatever changes them while the items are read is noticed when they are to be replaced.
    private func look(_ suspects: Suspects) async throws -> [Judge.Case] {
        let keys = suspects.keys.map(\.key)
        let links = try await context.store.links(keys, of: route.name, for: context.connection)
        let (records, refused) = try await read(keys)
        let byKey = Dictionary(records.map { ($0.id, $0) }) { $1 }
        // Keys without regard to case, as some targets have them, are no reason to think that a record is gone.
        let folded = Set(records.map { $0.id.lowercased() })
        let ids = Set(suspects.keys.flatMap(\.items) + links.values.map(\.target))
        let items = try await route.targets(ids.sorted(), lane: .background)
        let byID = Dictionary(items.map { ($0.id, $0) }) { $1 }
        let standings = try await context.store.standings(of: keys, on: route.name, for: context.connection)
        let owners = try await context.store.owners(of: ids.sorted(), on: route.name, for: context.connection)
        return suspects.keys.map { key, seen in
            let named = seen + (links[key].map { seen.contains($0.target) ? [] : [$0.target] } ?? [])
            var standing = standings[key] ?? Standing()
            if byKey[key] == nil, folded.contains(key.lowercased()) { standing.isWriting = true }
            return Judge.Case(
                key: key,
                record: byKey[key].map { record in
                    Result { () throws(CallError) in (try route.draft(of: record), try route.comparable(record)) }
                } ?? refused[key].map { .failure($0) },
                link: links[key],
                standing: standing,
                items: named.compactMap { byID[$0] },
                owners: owners
            )
        }
    }

    /// Where the source refuses one, all that were asked for with it are read alone.
    private func read(_ keys: [String]) async throws -> ([Record], refused: [String: CallError]) {
        do {
            return (try await route.read(keys, lane: .background), [:])
        } catch let error as CallError where error.remedy == .skipRecord {
            if keys.count == 1 { return ([], [keys[0]: error]) }
        }
        var records: [Record] = []
        var refused: [String: CallError] = [:]
        for key in keys {
            do {
                records += try await route.read([key], lane: .background)
            } catch let error as CallError where error.remedy == .skipRecord {
                refused[key] = error
            }
        }
        return (records, refused)
    }

    private func judge(_ running: Reconciliation) -> Judge {
        Judge(
            route: route.name,
            connection: context.name,
            policy: policy,
            farewell: route.farewell,
            isTwoWay: route is any TwoWayRoute,
            reconciliation: running,
            now: now
        )
    }

    // MARK: The end

    private func finish(_ running: inout Reconciliation) async throws {
        for side in Seen.Side.allCases { try await forget(side) }
        running.finished(at: now)
        let entry = judge(running).entry("", "", .reconciled, nil, running.summary)
        try await context.store.finish(running, of: route.name, audit: entry, for: context.connection)
        tally.count(entry)
        context.log.info("\(route.name): \(running.cause): \(running.summary)")
    }

    private var now: Int64 { Int64(WallTime.now.millisecondsSince1970) }
}
