import Core
import Store
import Transport

/// Reads what has changed on one route, page by page, and marks what differs from what was written last: on a schedule,
/// when asked, and once from the beginning for a connection that is new.
@OnLoop final class ReadLoop {
    private let route: any Route
    private let context: FlowContext
    private let schedule: Schedule
    private let onMarked: @OnLoop () -> Void
    private let watch: LoadWatch
    private let napper = Napper()
    /// Where the first load goes by imports.
    private let imports: FirstImport?
    private(set) var trouble = Trouble()
    private var isDraining = false
    private var isWanted = false
    /// It is written down that the first load is over.
    private var isSealed = false
    /// Of a first load by imports: what they cannot hold, of pages whose progress is not stored yet.
    private var leftToWriter: [Mark] = []
    /// More than this on one page is somebody's change of everything, and no news of a record.
    private static let mostNews = 100
    /// What is parked, as it was when it was marked last, of a system that lists it again with each reading: the same once
    /// more would be parked again.
    private var tried: [String: Digest] = [:]
    private static let mostTried = 10_000

    init(
        _ route: any Route,
        every schedule: Schedule,
        in context: FlowContext,
        writer: WriteLoop,
        _ tally: Tally,
        onMarked: @escaping @OnLoop () -> Void
    ) {
        self.route = route
        self.schedule = schedule
        self.context = context
        self.onMarked = onMarked
        watch = LoadWatch(route, in: context)
        let napper = self.napper
        imports = (route as? any ImportingRoute).flatMap { route in
            route.importsFirstLoad ? FirstImport(route, in: context, writer: writer, tally, napper) : nil
        }
    }

    /// At once, whatever the schedule says: something may have been missed.
    func read() {
        isWanted = true
        napper.wake()
    }

    func drain() {
        isDraining = true
        imports?.drain()
        napper.wake()
    }

    /// How far the first load is; nil while nobody can say.
    func load() async -> WorkerFigures.RouteProgress? {
        guard let load = try? await watch.look() else { return nil }
        if load.isEnded, !isSealed { napper.wake() }
        return load
    }

    func run() async {
        while !isDraining {
            do {
                var progress = try await stored()
                if progress.follow(rules: route.rules, place: route.place) {
                    context.log.info("\(route.name): goes to \(route.place) now, and is written there anew")
                    try await context.store.forgetLinks(of: route.name, for: context.connection)
                }
                if !isSealed { try await seal(&progress) }
                let due = schedule.next(after: WallTime(millisecondsSince1970: Int(progress.finishedMilliseconds)))
                // One that was finished at a time to come was finished before the clock was set back.
                let finished = WallTime(millisecondsSince1970: Int(progress.finishedMilliseconds))
                try await imports?.finishTheLast()
                if isWanted || progress.isReading || progress.isFirst || due <= .now || finished > .now {
                    isWanted = false
                    try await readAll(&progress)
                    trouble.ended()
                } else {
                    await napper.sleep(for: due - .now)
                }
            } catch {
                await recover(from: error)
            }
        }
    }

    private func recover(from error: any Error) async {
        let before = trouble.words
        let wait = trouble.met(error)
        if trouble.words != before { context.log.warning("\(route.name): reading: \(error)") }
        if let error = error as? CallError, error.remedy == .lookAgain || error.kind == .expired {
            try? await loseItsPlace()
        }
        isWanted = true
        var isHeld = false
        if let error = error as? CallError, case .retry = error.remedy { isHeld = await route.isHeld(error.system) }
        // While the account is closed whoever calls waits at its gate, and is let in as soon as it is open again.
        await napper.sleep(for: isHeld ? min(wait, .seconds(1)) : wait)
    }

    /// Never more than one page in memory; what is stored of it is stored with the progress.
    private func readAll(_ progress: inout ReadProgress) async throws {
        let isFirst = progress.isFirst
        var marked = 0
        leftToWriter = []
        imports?.begin()
        while !isDraining {
            // What many pages hold is no news that somebody waits for, and what was read before is none at all.
            let news = isFirst || progress.isUnderWay ? WallTime.last : progress.watermark ?? .first
            if isFirst { await watch.begin(&progress) }
            let page: RecordPage =
                switch progress.step(at: .now) {
                case .begin(let since): try await route.page(changedSince: since, lane: .background)
                case .goOn(let next): try await route.page(next: next, lane: .background)
                }
            var marks = try await marks(for: page, newerThan: news, isFirst: isFirst)
            marks += try await self.marks(forThoseThatLeft: page.left, cause: isFirst ? "backfill" : "poll")
            let isLast = progress.stored(page, at: Int64(WallTime.now.millisecondsSince1970))
            if isFirst, let imports {
                marks = try await imported(marks, page.records, by: imports, isLast: isLast)
                // What is to be imported is not stored, so neither is how far that was read.
                if !imports.isEmpty { continue }
            }
            try await context.store.mark(
                marks,
                advancing: Progress(route: route.name, state: progress.json),
                for: context.connection
            )
            marked += marks.count
            if !marks.isEmpty { onMarked() }
            guard isLast else { continue }
            if marked > 0 || isFirst {
                context.log.info("\(route.name): read \(progress.records) records, \(marked) are to be looked at")
            }
            return
        }
    }

    /// Marks that are left to the writer, of all pages since the last import.
    private func imported(
        _ marks: [Mark],
        _ records: [Record],
        by imports: FirstImport,
        isLast: Bool
    ) async throws -> [Mark] {
        let keys = Set(marks.map(\.key))
        let links = try await context.store.links([String](keys), of: route.name, for: context.connection)
        let left = imports.take(records.filter { keys.contains($0.id) }, linked: links)
        let gathered = Set(records.map(\.id)).subtracting(left)
        leftToWriter += marks.filter { !gathered.contains($0.key) }
        // As long as rows are gathered nothing is stored, of the others neither.
        guard isLast || imports.isFull || imports.isEmpty else { return [] }
        let notMade = Set(try await imports.run())
        let now = Int64(WallTime.now.millisecondsSince1970)
        let again = notMade.sorted().map {
            Mark(route: route.name, key: $0, lane: .background, cause: "backfill", heardMilliseconds: now)
        }
        defer { leftToWriter = [] }
        return leftToWriter + again
    }

    private func marks(for page: RecordPage, newerThan news: WallTime, isFirst: Bool) async throws -> [Mark] {
        var differing = try await differing(among: page.records)
        if page.isUnstamped { differing = try await untried(differing) }
        let isNews = page.isUnstamped && !isFirst && differing.count + page.vanished.count <= Self.mostNews
        let now = Int64(WallTime.now.millisecondsSince1970)
        let changed = differing.map { record in
            (record.id, record.modified.map { $0 > news } ?? isNews)
        }
        return (changed + page.vanished.map { ($0, isNews) }).map { key, isLive in
            Mark(
                route: route.name,
                key: key,
                lane: isLive ? .live : .background,
                cause: isFirst ? "backfill" : "poll",
                heardMilliseconds: now
            )
        }
    }

    /// Those that may have to be written.
    private func differing(among records: [Record]) async throws -> [Record] {
        let links = try await context.store.links(records.map(\.id), of: route.name, for: context.connection)
        let now = Int64(WallTime.now.millisecondsSince1970)
        let same = records.filter { record in
            guard let link = links[record.id], link.state == .live, let draft = try? route.draft(of: record) else {
                return false
            }
            return draft.values.differing(from: link.values.saidBySource).count == 0
        }
        let quiet = Set(same.map(\.id)).subtracting(try await parked(among: same.map(\.id), at: now))
        return records.filter { !quiet.contains($0.id) }
    }

    /// Only what is known has anything to lose. It is read once more, like whatever seems to be gone.
    private func marks(forThoseThatLeft records: [Record], cause: String) async throws -> [Mark] {
        guard !records.isEmpty else { return [] }
        let links = try await context.store.links(records.map(\.id), of: route.name, for: context.connection)
        let now = Int64(WallTime.now.millisecondsSince1970)
        return records.filter { links[$0.id]?.state == .live }.map { record in
            Mark(route: route.name, key: record.id, lane: .live, cause: cause, heardMilliseconds: now)
        }
    }

    private func untried(_ records: [Record]) async throws -> [Record] {
        let now = Int64(WallTime.now.millisecondsSince1970)
        let parked = Set(try await parked(among: records.map(\.id), at: now))
        return records.filter { record in
            guard parked.contains(record.id) else { return true }
            let print = Digest(of: Array(JSON.object(record.fields).text().utf8))
            guard tried[record.id] != print else { return false }
            if tried.count >= Self.mostTried { tried = [:] }
            tried[record.id] = print
            return true
        }
    }

    /// What is parked and holds by now what it should waits for nobody any more.
    private func parked(among keys: [String], at now: Int64) async throws -> [String] {
        guard !keys.isEmpty,
            try await context.store.queue(of: route.name, at: now, for: context.connection).parked > 0
        else { return [] }
        let standings = try await context.store.standings(of: keys, on: route.name, for: context.connection)
        return keys.filter { standings[$0]?.isParked == true }
    }

    private func stored() async throws -> ReadProgress {
        try await context.store.progress(of: route.name, for: context.connection).map { try ReadProgress($0) }
            ?? ReadProgress()
    }

    /// Writes down that all that was read at first has been written. What waits from then on is none of the first load.
    private func seal(_ progress: inout ReadProgress) async throws {
        guard !progress.isFirst else { return }
        if !progress.isLoaded {
            let now = Int64(WallTime.now.millisecondsSince1970)
            let queue = try await context.store.queue(of: route.name, at: now, for: context.connection)
            guard queue.background == 0 else { return }
            progress.loaded()
            let sealed = Progress(route: route.name, state: progress.json)
            try await context.store.mark([], advancing: sealed, for: context.connection)
        }
        isSealed = true
    }

    private func loseItsPlace() async throws {
        var progress = try await stored()
        progress.lostItsPlace()
        try await context.store.mark(
            [],
            advancing: Progress(route: route.name, state: progress.json),
            for: context.connection
        )
    }
}
