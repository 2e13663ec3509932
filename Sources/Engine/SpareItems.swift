import Core
import Store
import Transport

/// Puts away items whose record has another one, with an intent before each request as with any other write.
@OnLoop final class SpareItems {
    private let route: any Route
    private let context: FlowContext
    private let tally: Tally
    private var isDraining = false

    init(_ route: any Route, in context: FlowContext, _ tally: Tally) {
        self.route = route
        self.context = context
        self.tally = tally
    }

    func drain() {
        isDraining = true
    }

    /// These intents are kept apart: they are about an item that is no record's, and whoever settles those of records
    /// would take it for the record's own.
    private var place: String { "\(route.name)/spare items" }

    /// Finds out what became of writes that nobody heard an answer to. An item that is still there is found again.
    func settleOpen(_ judge: Judge) async throws {
        let open = try await context.store.openIntents(of: place, for: context.connection)
        guard !open.isEmpty else { return }
        let there = Set(try await route.targets(open.compactMap(\.target), lane: .background).map(\.id))
        try await conclude(open.map { ($0, $0.target.map(there.contains) ?? true, nil, $0.cause) }, judge)
    }

    func putAway(_ items: [Target], of key: String, _ judge: Judge) async throws {
        var rest = items[...]
        while !rest.isEmpty, !isDraining {
            let room = try await route.room(.background)
            guard room.units > 0 else {
                let wait = Duration.milliseconds(max(room.untilMilliseconds - now, 1))
                try await EpollLoop.process.sleep(for: min(wait, .seconds(5)))
                continue
            }
            let some = rest.prefix(min(room.units, route.largestBatch))
            rest = rest.dropFirst(some.count)
            try await write(Array(some), key, judge)
        }
        // What is left is found again.
        if !rest.isEmpty { throw CancellationError() }
    }

    private func write(_ items: [Target], _ key: String, _ judge: Judge) async throws {
        let made = now
        let intents = items.map { item in
            Intent(
                batch: "",
                route: place,
                key: key,
                action: .archive,
                target: item.id,
                number: item.number,
                values: JSON.Object(),
                cause: judge.reconciliation.cause,
                version: 0,
                sinceMilliseconds: made,
                madeMilliseconds: made
            )
        }
        let batch = IdempotencyKey.make(context, place, intents)
        let stored = try await context.store.intend(intents.map { $0.in(batch: batch) }, for: context.connection)
        let results: [Result<Written, CallError>]
        do {
            results = try await route.write(stored.compactMap(\.write), idempotencyKey: batch, lane: .background)
        } catch {
            // Where it may have been done all the same, the next try looks first.
            if let error = error as? CallError, error.isUncertain { throw error }
            guard error is CallError || error is CancellationError else { throw error }
            try await conclude(stored.map { ($0, true, nil, $0.cause) }, judge)
            if let error = error as? CallError, error.remedy == .skipRecord {
                return context.log.warning("\(route.name): an item cannot be put away: \(error)", record: key)
            }
            throw error
        }
        guard results.count == stored.count else {
            throw CallError(.retry(after: nil), route.name, .garbage, "not every write was answered", isUncertain: true)
        }
        var ends: [(Intent, isThere: Bool, requestID: String?, cause: String)] = []
        for (intent, result) in zip(stored, results) {
            switch result {
            case .success(let written): ends.append((intent, false, written.requestID, intent.cause))
            case .failure(let error):
                ends.append((intent, error.kind != .missing, nil, intent.cause))
                context.log.warning("\(route.name): an item cannot be put away: \(error)", record: key)
            }
        }
        try await conclude(ends, judge)
    }

    private func conclude(
        _ ends: [(Intent, isThere: Bool, requestID: String?, cause: String)],
        _ judge: Judge
    ) async throws {
        let conclusions = ends.map { intent, isThere, requestID, cause in
            var entry = judge.entry(intent.key, intent.number, .archived, intent.target, "its record has another item")
            entry.requestID = requestID
            entry.cause = cause
            return Conclusion(
                route: place,
                key: intent.key,
                version: intent.version,
                end: .done,
                intent: intent.id,
                audit: isThere ? [] : [entry]
            )
        }
        try await context.store.conclude(conclusions, at: now, for: context.connection)
        for entry in conclusions.lazy.flatMap(\.audit) { tally.count(entry) }
    }

    private var now: Int64 { Int64(WallTime.now.millisecondsSince1970) }
}
