import Core
import Store
import Transport

/// What one route would do with the records as they are now. Nothing is written, neither at the systems nor of what the
/// connection has in its store; only the calls that it takes to look are counted against the accounts.
@OnLoop package struct Preview {
    private let route: any Route
    private let context: FlowContext
    private let lane: Lane
    private let decider: Decider
    /// Of records whose links are looked at, and of keys that the target is asked for at once.
    private static let batch = 100
    private static let mostTries = 5

    /// All of a large connection is looked at in the background.
    package init(_ route: any Route, in context: FlowContext, lane: Lane) {
        self.route = route
        self.context = context
        self.lane = lane
        decider = Decider(farewell: route.farewell, confirmsAfter: .zero)
    }

    // MARK: Values

    /// What would be done with these records, in their order. A link is what was written last.
    package func lines(of records: [Record], links: [String: Link]) async throws -> [PreviewLine] {
        let now = Int64(WallTime.now.millisecondsSince1970)
        var plans = records.map { Plan(change($0.id), $0, links[$0.id], on: route, by: decider, at: now) }
        try await plans.lookUp(on: route, lane: lane, at: now)
        return plans.flatMap { lines(of: $0, at: now) }
    }

    /// What would be done about records that there are no more.
    package func lines(ofMissing links: [Link]) -> [PreviewLine] {
        let now = Int64(WallTime.now.millisecondsSince1970)
        return links.flatMap { link in
            let plan = Plan(change(link.key, missing: true), nil, link, on: route, by: decider, at: now)
            return lines(of: plan, at: now)
        }
    }

    private func change(_ key: String, missing: Bool = false) -> Change {
        Change(
            route: route.name,
            key: key,
            // Of these the audit tells in any case.
            lane: .live,
            cause: "preview",
            sinceMilliseconds: 0,
            missingSinceMilliseconds: missing ? 0 : nil
        )
    }

    private func lines(of plan: Plan, at now: Int64) -> [PreviewLine] {
        let verdicts = Verdicts(route: route.name, connection: context.name, now: now)
        let conclusion =
            plan.intent(at: now).map { intent in
                let written = Written(target: intent.target ?? "", requestID: nil)
                return verdicts.succeeded(plan, intent, written)
            } ?? verdicts.conclusion(withoutWriting: plan)
        return (conclusion?.audit ?? []).map { entry in
            var line = PreviewLine(entry)
            if line.target == "" { line.target = nil }
            return line
        }
    }

    // MARK: All of a route

    package func run(_ wish: PreviewWish, _ each: @OnLoop (PreviewNews) -> Void) async throws {
        var writes = 0
        try await look(wish) { news in
            if case .line(let line) = news, line.isWrite { writes += 1 }
            each(news)
        }
        guard wish.limit == nil else { return }
        each(.ended(route: route.name, writes: writes, time: await estimate(writes)))
    }

    private func look(_ wish: PreviewWish, _ each: @OnLoop (PreviewNews) -> Void) async throws {
        let stored = try await context.store.progress(of: route.name, for: context.connection)
        var progress = try stored.map { try ReadProgress($0) } ?? ReadProgress()
        // What was written elsewhere is of no use there, just as when the file is put in the place of the one before.
        let isElsewhere = progress.follow(rules: route.rules, place: route.place)
        var page = try await patiently { try await route.page(changedSince: nil, lane: lane) }
        await begin(isNew: stored == nil || isElsewhere, each)
        var left = wish.limit ?? .max
        var seen = SeenLinks()
        while true {
            for records in page.records.prefix(left).chunks(of: Self.batch) {
                let links = isElsewhere ? [:] : try await self.links(of: records)
                for link in links.values where link.state == .live { seen.insert(link.key) }
                for line in try await patiently({ try await lines(of: records, links: links) }) { each(.line(line)) }
            }
            left -= min(page.records.count, left)
            guard left > 0, let next = page.next else { break }
            page = try await patiently { try await route.page(next: next, lane: lane) }
        }
        if !isElsewhere { try await findMissing(wish, seen, each) }
    }

    private func begin(isNew: Bool, _ each: @OnLoop (PreviewNews) -> Void) async {
        let count = try? await route.count(lane: lane)
        let load = isNew ? await estimate(count ?? 0) : nil
        each(.began(route: route.name, place: route.place, records: count, load: load))
    }

    private func estimate(_ writes: Int) async -> Estimate? {
        guard writes > 0, let budget = try? await route.budget() else { return nil }
        return budget.estimate(writes: writes, at: Int64(WallTime.now.millisecondsSince1970))
    }

    /// What has an item and is not among the records any more.
    private func findMissing(_ wish: PreviewWish, _ seen: SeenLinks, _ each: @OnLoop (PreviewNews) -> Void) async throws
    {
        // All were read, and all that have an item were among them.
        if wish.limit == nil, try await seen.isAll(of: liveLinks()) { return }
        var left = wish.limit ?? .max
        try await forEachBatch { links in
            let unseen = links.prefix(left)
            left -= unseen.count
            let keys = unseen.map(\.key)
            let found = try await patiently { try await route.read(keys, lane: lane) }
            let there = Set(found.map(\.id))
            for line in lines(ofMissing: unseen.filter { !there.contains($0.key) }) { each(.line(line)) }
            return left > 0
        }
    }

    private func liveLinks() async throws -> SeenLinks {
        var all = SeenLinks()
        try await forEachBatch { links in
            for link in links { all.insert(link.key) }
            return true
        }
        return all
    }

    /// Until the body has enough of them.
    private func forEachBatch(_ body: @OnLoop ([Link]) async throws -> Bool) async throws {
        var last: String?
        while true {
            let links = try await context.store.liveLinks(
                of: route.name,
                after: last,
                limit: Self.batch,
                for: context.connection
            )
            guard !links.isEmpty, try await body(links) else { return }
            last = links.last?.key
        }
    }

    private func links(of records: [Record]) async throws -> [String: Link] {
        try await context.store.links(records.map(\.id), of: route.name, for: context.connection)
    }

    /// A look at everything outlasts many a short outage.
    private func patiently<Answer>(_ call: @OnLoop () async throws -> Answer) async throws -> Answer {
        var trouble = Trouble()
        for _ in 1..<Self.mostTries {
            do {
                return try await call()
            } catch let error as CallError {
                guard case .retry = error.remedy else { throw error }
                try await EpollLoop.process.sleep(for: trouble.met(error))
            }
        }
        return try await call()
    }
}

/// Which links were met, in no more room than two numbers, however many they are.
private struct SeenLinks: Equatable {
    private var count = 0
    private var sum: UInt64 = 0

    mutating func insert(_ key: String) {
        count += 1
        sum &+= UInt64(bitPattern: Int64(key.hashValue))
    }

    func isAll(of others: SeenLinks) -> Bool { self == others }
}

extension Sequence {
    fileprivate func chunks(of size: Int) -> [[Element]] {
        var chunks: [[Element]] = []
        for element in self {
            if let last = chunks.indices.last, chunks[last].count < size {
                chunks[last].append(element)
            } else {
                chunks.append([element])
            }
        }
        return chunks
    }
}
