import Core
import Store
import Transport

/// Brings the changes of one route to its target, one batch after the other: what is live first, as long as the others
/// have their share, and never more than the account admits.
///
///     changes due ─▶ room? ─▶ read ─▶ draft ─▶ compare ─▶ look up ─▶ intents (stored) ─▶ write ─▶ conclusion (stored)
///                                                          │ both ways
///                                                          └─▶ weigh against the item ─▶ write back, one at a time
@OnLoop final class WriteLoop {
    /// Between two tries at an account that is closed.
    private static let shortPause = Duration.seconds(1)
    /// How long live changes wait at most for what is in hand of the background.
    private static let longestTurn = Duration.seconds(5)
    private static let longestRest = Duration.seconds(5)

    let route: any Route
    /// The route, where it goes both ways.
    let twoWay: (any TwoWayRoute)?
    /// Whether what people do on the target counts: then nothing of it may be taken for our own, nor the other way round.
    let goesBack: Bool
    let context: FlowContext
    let tally: Tally
    private let decider: Decider
    private let searchDelay: Duration
    private let longestWait: Duration
    /// When this process has stored the intents that are open.
    private var intendedAt: [Int64: Instant] = [:]
    private let napper = Napper()
    private(set) var trouble = Trouble()
    var quarrels = Quarrels()
    private var isDraining = false
    private var turns = LaneTurns()
    private var isInBackground = false
    /// Until then what is in hand of the background goes on, because it was its turn.
    private var isOwedUntil = Instant(nanoseconds: 0)
    private var asksAgain = false
    private var hasOpenIntents = true
    /// So many changes go alone, because together they failed: one bad record must not hold up the others.
    private var alone = 0
    private var absences = Absences()
    private var keepsOff = KeepOff.none
    /// From before their links are read until what was written is stored.
    private var inHand: Set<String> = []

    init(
        _ route: any Route,
        in context: FlowContext,
        confirmsAfter: Duration,
        searchDelay: Duration,
        _ tally: Tally
    ) {
        self.searchDelay = searchDelay
        longestWait = max(searchDelay, confirmsAfter, Quarrels.span) + .seconds(60)
        self.route = route
        twoWay = route as? any TwoWayRoute
        goesBack = twoWay?.goesBack ?? false
        self.context = context
        self.tally = tally
        decider = Decider(farewell: route.farewell, confirmsAfter: confirmsAfter)
    }

    func wake() {
        napper.wake()
        guard isInBackground else { return }
        EpollLoop.process.task { try? await self.makeWay() }
    }

    /// A live change does not wait for the turn of one that nobody waits for; unless it was that one's turn, and then not
    /// for long.
    private func makeWay() async throws {
        guard isInBackground else { return }
        let owed = isOwedUntil - .now
        guard owed <= .zero else {
            guard !asksAgain else { return }
            asksAgain = true
            EpollLoop.process.after(owed) { [weak self] in
                self?.asksAgain = false
                self?.wake()
            }
            return
        }
        for lane in Lane.allCases where lane.isForeground {
            guard try await !due(lane, atMost: 1, at: now).isEmpty, isInBackground else { continue }
            return await route.dismissBackground()
        }
    }

    /// Whether what is known of one of these records is about to change.
    func isWorking(on keys: [String]) -> Bool {
        !inHand.isDisjoint(with: keys)
    }

    func drain() {
        isDraining = true
        napper.wake()
    }

    func run() async {
        while !isDraining {
            do {
                // What is settled may leave something new to be said.
                while hasOpenIntents, !isDraining { try await settleOpenIntents() }
                let rest = try await step(at: now)
                if rest.isAfterWork {
                    if !trouble.words.isEmpty { context.log.info("\(route.name): works again") }
                    trouble.ended()
                }
                if rest.wait != .zero, !isDraining { await napper.sleep(for: rest.wait) }
            } catch is CancellationError where !isDraining {
                // It made way for something better; what it was about to do waits in the store.
                continue
            } catch {
                let wait = await recover(from: error)
                await pause(for: await isHeld(after: error) ? min(wait, Self.shortPause) : wait)
            }
        }
    }

    /// While the account is closed whoever calls waits at its gate, and is let in as soon as it is open again.
    private func isHeld(after error: any Error) async -> Bool {
        guard let error = error as? CallError, case .retry = error.remedy else { return false }
        return await route.isHeld(error.system)
    }

    /// New marks do not cut it short: whoever is in trouble would be asked as often as webhooks come in.
    private func pause(for wait: Duration) async {
        let end = Instant.now + wait
        while !isDraining, Instant.now < end { await napper.sleep(for: end - .now) }
    }

    private func recover(from error: any Error) async -> Duration {
        hasOpenIntents = true
        absences.forgetAll()
        let before = trouble.words
        var wait = trouble.met(error)
        if trouble.words != before { context.log.warning("\(route.name): \(error)") }
        guard let error = error as? CallError else { return wait }
        switch error.remedy {
        case .lookAgain: do { try await route.lookAgain() } catch { wait = max(wait, trouble.met(error)) }
        case .retry, .refreshToken, .skipRecord, .stopConnection: break
        }
        return wait
    }

    // MARK: One step

    private struct Rest {
        /// Zero when there may be more to do at once, otherwise how long nothing will be; nil until somebody wakes it.
        var wait: Duration?
        /// Whoever had no room has tried nothing, and does not know whether it would work.
        var isAfterWork = true
    }

    private func step(at began: Int64) async throws -> Rest {
        // One time for all questions: what becomes due between two of them would be seen by neither.
        var roomAgain: Int64?
        for lane in turns.order {
            guard try await !due(lane, atMost: 1, at: began).isEmpty else { continue }
            let room = try await route.room(lane)
            guard room.units > 0 else {
                roomAgain = min(roomAgain ?? .max, room.untilMilliseconds)
                continue
            }
            // Read again: what came while there was no room is one change with what was there before.
            let changes = try await due(
                lane,
                atMost: min(room.units, alone > 0 ? 1 : route.largestBatch),
                at: max(began, now)
            )
            let before = turns
            isOwedUntil = turns.owes(lane) ? .now + Self.longestTurn : .now
            turns.took(changes.count, lane)
            do {
                isInBackground = lane == .background
                defer { isInBackground = false }
                try await work(changes, lane)
            } catch let error as CancellationError {
                turns = before
                throw error
            } catch let error as CallError where error.remedy == .skipRecord {
                // The request was wrong as a whole; one by one it will show which record is to blame.
                guard changes.count == 1 else {
                    alone = changes.count
                    throw error
                }
                try await conclude(changes.map { verdicts.parked($0, "", error, intent: nil, $0.attempts + 1) })
            }
            alone = max(alone - 1, 0)
            return Rest(wait: .zero)
        }
        // Nothing of what was told is believed for longer than a few seconds: whose turn it is may change meanwhile.
        if let roomAgain {
            return Rest(wait: min(.milliseconds(max(roomAgain - now, 1)), Self.longestRest), isAfterWork: false)
        }
        turns.restart()
        if case .none = keepsOff {} else { return Rest(wait: Self.longestRest, isAfterWork: false) }
        let queue = try await context.store.queue(of: route.name, at: began, for: context.connection)
        guard let next = queue.nextDueMilliseconds else { return Rest(wait: nil) }
        // Nothing waits that long by itself: it was written down before the clock was set back.
        if next - now > longestWait.milliseconds { return try await step(at: next) }
        return Rest(wait: .milliseconds(max(next - now, 1)))
    }

    private func due(_ lane: Lane, atMost limit: Int, at time: Int64) async throws -> [Change] {
        switch keepsOff {
        case .none:
            return try await context.store.changes(
                of: route.name,
                lane: lane,
                limit: limit,
                at: time,
                for: context.connection
            )
        case .keys(let keys):
            let all = try await context.store.changes(
                of: route.name,
                lane: lane,
                limit: limit + keys.count,
                at: time,
                for: context.connection
            )
            return [Change](all.lazy.filter { !keys.contains($0.key) }.prefix(limit))
        case .all: return []
        }
    }

    func keepOff(_ records: KeepOff) {
        keepsOff = records
        // What was not there may come by another way.
        absences.forgetAll()
        napper.wake()
    }

    private func work(_ changes: [Change], _ lane: Lane) async throws {
        let keys = changes.map(\.key)
        inHand = Set(keys)
        defer { inHand = [] }
        let records = Dictionary(try await route.read(keys, lane: lane).map { ($0.id, $0) }) { $1 }
        let links = try await context.store.links(keys, of: route.name, for: context.connection)
        var plans = changes.map { change in
            Plan(change, records[change.key], links[change.key], on: route, by: decider, at: now)
        }
        try await lookUp(&plans, lane)
        try await weigh(&plans, records, lane)
        let idle = plans.compactMap { verdicts.conclusion(withoutWriting: $0) }
        try await conclude(idle)
        try await writeBack(&plans, records, lane)
        let writing = plans.compactMap { plan in plan.intent(at: now).map { (plan, $0) } }
        guard !writing.isEmpty else { return }
        let key = IdempotencyKey.make(context, route.name, writing.map(\.1))
        let intents = try await context.store.intend(
            writing.map { _, intent in intent.in(batch: key) },
            for: context.connection
        )
        for intent in intents { intendedAt[intent.id] = .now }
        absences.forget(intents.map(\.key))
        try await write(zip(writing.map(\.0), intents).map { ($0, $1) }, key, lane)
    }

    /// A first load looks for the records to come as well: the target is asked once for many.
    private func lookUp(_ plans: inout [Plan], _ lane: Lane) async throws {
        guard lane == .background else {
            try await plans.lookUp(on: route, lane: lane, at: now)
            return
        }
        let absent = Set(
            plans.lazy.map(\.change).filter { $0.attempts == 0 && self.absences.has($0.key, at: .now) }.map(\.key)
        )
        guard plans.seeks(butNot: absent) else { return }
        var ahead = try await due(lane, atMost: Absences.ahead, at: now).filter { $0.attempts == 0 }.map(\.key)
        ahead.removeAll { inHand.contains($0) || absences.has($0, at: .now) }
        let links = try await context.store.links(ahead, of: route.name, for: context.connection)
        ahead.removeAll { links[$0] != nil }
        let room = max(Absences.ahead - plans.count, 0)
        let missing = try await plans.lookUp(
            on: route,
            lane: lane,
            at: now,
            besides: [String](ahead.prefix(room)),
            butNot: absent
        )
        absences.note(missing, at: .now)
    }

    // MARK: Writing

    /// `isRepeated` says that the same request was sent before, and what became of that is not known.
    private func write(
        _ writing: [(Plan, Intent)],
        _ key: String,
        _ lane: Lane,
        isRepeated: Bool = false,
        held: [String: JSON.Object] = [:]
    ) async throws {
        let results: [Result<Written, CallError>]
        do {
            results = try await route.write(writing.compactMap { $1.write }, idempotencyKey: key, lane: lane)
        } catch  where Self.isRefusal(error, isRepeated: isRepeated) {
            // So nothing has to be found out: the changes are tried again as they are by then.
            if let error = error as? CallError, error.remedy == .skipRecord, writing.count == 1, !isRepeated {
                return try await conclude([verdicts.failed(writing[0].0, writing[0].1, error, due: now)])
            }
            let due = isRepeated ? afterSearchDelay : now
            try await conclude(
                writing.map { plan, intent in
                    var conclusion = verdicts.later(plan, intent.id, plan.change.attempts, due: due)
                    guard isRepeated else { return conclusion }
                    conclusion.link = verdicts.link(
                        unsureOf: intent,
                        plan.link,
                        held: intent.target.flatMap { held[$0] }
                    )
                    return conclusion
                }
            )
            throw error
        }
        precondition(
            results.count == writing.count,
            "\(route.name) answered \(results.count) of \(writing.count) writes"
        )
        var staleError: CallError?
        var conclusions: [Conclusion] = []
        for ((plan, intent), result) in zip(writing, results) {
            switch result {
            case .success(let written):
                var conclusion = verdicts.succeeded(plan, intent, written)
                // What else both sides hold by now nobody has looked at since it was sent first.
                if isRepeated, goesBack {
                    conclusion.end = .later(dueMilliseconds: now, attempts: 0, missingSince: nil)
                }
                conclusions.append(conclusion)
                tally.written(plan.change, at: now)
            case .failure(let error):
                conclusions.append(verdicts.failed(plan, intent, error, due: isRepeated ? afterSearchDelay : now))
                if error.remedy != .skipRecord { staleError = error }
            }
        }
        try await conclude(conclusions)
        if let staleError { throw staleError }
    }

    /// Whether what was sent has surely not been done, and may be sent in another form.
    static func isRefusal(_ error: any Error, isRepeated: Bool) -> Bool {
        guard let error = error as? CallError else {
            // Given up while it waited for its turn.
            return error is CancellationError && !isRepeated
        }
        guard !error.isUncertain else { return false }
        switch error.remedy {
        // That it was turned away for now says nothing of the request before it, so it is repeated once more.
        case .retry, .refreshToken, .stopConnection: return !isRepeated
        // As it is it will never be taken. What the first one did is found by its key, if it did anything.
        case .skipRecord, .lookAgain: return true
        }
    }

    /// When a new item can be found, however lately it was made.
    private var afterSearchDelay: Int64 { now + searchDelay.milliseconds }

    func conclude(_ conclusions: [Conclusion]) async throws {
        guard !conclusions.isEmpty else { return }
        try await context.store.conclude(conclusions, at: now, for: context.connection)
        for case let intent? in conclusions.lazy.map(\.intent) { intendedAt[intent] = nil }
        if conclusions.contains(where: { !$0.next.isEmpty }) { hasOpenIntents = true }
        for entry in conclusions.lazy.flatMap(\.audit) {
            tally.count(entry)
            guard entry.decision == .parked else { continue }
            let record = entry.number.isEmpty ? entry.key : entry.number
            context.log.warning("\(route.name): parked: \(entry.reason ?? "")", record: record)
        }
    }

    var verdicts: Verdicts {
        var verdicts = Verdicts(route: route.name, connection: context.name, now: now)
        if let twoWay {
            verdicts.title = { twoWay.title(of: $0) }
            verdicts.words = { twoWay.words(for: $0, of: $1) }
        }
        return verdicts
    }

    var now: Int64 { Int64(WallTime.now.millisecondsSince1970) }

    /// With its age by a clock that nobody sets, where this process has stored it: after a jump of the calendar's a write
    /// of seconds ago would look as if its key had long expired, and be made again while the first is still under way.
    private func aged(_ intent: Intent) -> Intent {
        guard let since = intendedAt[intent.id] else { return intent }
        var intent = intent
        intent.madeMilliseconds = now - (Instant.now - since).milliseconds
        return intent
    }

    // MARK: After a crash

    /// Finds out what became of writes that nobody heard an answer to.
    private func settleOpenIntents() async throws {
        hasOpenIntents = false
        do {
            try await settleAll()
        } catch {
            hasOpenIntents = true
            throw error
        }
    }

    private func settleAll() async throws {
        let open = try await context.store.openIntents(of: route.name, for: context.connection)
        let unanswered = open.count { $0.action != .tell }
        if unanswered > 0 {
            context.log.info("\(route.name): \(unanswered) writes without an answer: looking what became of them")
        }
        for (_, batch) in Dictionary(grouping: open, by: \.batch).sorted(by: { $0.value[0].id < $1.value[0].id }) {
            try await settle(batch)
        }
    }

    private func settle(_ batch: [Intent]) async throws {
        switch batch[0].action {
        case .create, .update, .archive: break
        case .back: return try await settle(back: batch[0])
        case .tell: return try await tell(batch[0])
        }
        let creating = batch.filter { $0.action == .create }
        let items = creating.isEmpty ? [:] : try await route.find(creating.map(\.key), lane: .live)
        let links = try await context.store.links(batch.map(\.key), of: route.name, for: context.connection)
        let held = try await held(batch)
        let aftermath = Aftermath.decide(
            batch.map(aged),
            found: items,
            links: links,
            keyLife: route.keyLife,
            searchDelay: searchDelay,
            at: now
        )
        switch aftermath {
        case .conclude(let conclusions) where goesBack:
            try await conclude(
                zip(batch, conclusions).map { intent, conclusion in
                    verdicts.settled(
                        intent,
                        conclusion,
                        links[intent.key],
                        held: intent.target.flatMap { held[$0] }
                    )
                }
            )
        case .conclude(let conclusions):
            try await conclude(zip(batch, conclusions).map { verdicts.found($0, $1) })
        case .repeatAll:
            // The same request under the same key: if it was done, the target answers what it answered then.
            let plans = batch.map { intent in
                (Plan(of: intent, links[intent.key]), intent)
            }
            try await write(plans, batch[0].batch, .live, isRepeated: true, held: held)
        }
    }
}
