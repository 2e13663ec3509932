import Core
import Engine
import Store
import Systems
import Transport

/// A company's records as items on Monday's boards.
final class BoardFlow: Flow {
    typealias MakesBooks = @OnLoop (FlowContext, _ isTrial: Bool) throws -> any Books

    private let file: BoardFlowFile
    private let makeBooks: MakesBooks
    private var parts: Parts?
    private var engine: SyncEngine?
    private var watch: BoardWatch?
    private var watchTask: Task<Void, Never>?
    private var forged: UInt64 = 0
    /// When each route was last compared because of what was heard.
    private var compared: [String: Instant] = [:]
    private var lastCount: (figures: WorkerFigures, stir: UInt64, at: Instant)?
    /// Doubled by each count that tells nothing new.
    private var countsAgain = countsFirst
    private static let countsFirst = Duration.seconds(30)
    private static let countsAtLeast = Duration.seconds(600)
    private static let startTries = 100
    private static let startPause = Duration.milliseconds(20)

    init(_ file: BoardFlowFile, books: @escaping MakesBooks) {
        self.file = file
        makeBooks = books
    }

    private func makeParts(in context: FlowContext, isTrial: Bool = false) throws -> Parts {
        try Parts(file, books: try makeBooks(context, isTrial), in: context, isTrial: isTrial)
    }

    // MARK: Notifications

    func take(_ event: WaitingEvent, in context: FlowContext) async throws -> [Mark] {
        let parts = try await started()
        let isOfBoard = event.arrival.kind.hasPrefix(FlowHook.challenge.names)
        let heard = isOfBoard ? try await watch?.take(event) : parts.books.take(event, in: context)
        guard let heard else {
            context.log.warning("a notification that is none", record: "\(event.id)")
            return []
        }
        forged += UInt64(heard.forged)
        for route in heard.routes { engine?.read(route) }
        for route in heard.compares { try await compare(route, in: context) }
        for kind in heard.routes.union(heard.marks.map(\.route)) { parts.wakeLists(of: kind) }
        // What only a list is made of is nobody's record.
        let listedOnly = parts.listedOnly
        return heard.marks.filter { !listedOnly.contains($0.route) }
    }

    /// What waited from before comes while everything is being made ready; taken then, it would be lost.
    private func started() async throws -> Parts {
        for _ in 0..<Self.startTries {
            if let parts { return parts }
            try await EpollLoop.process.sleep(for: Self.startPause)
        }
        throw NotStarted()
    }

    private struct NotStarted: Error, CustomStringConvertible {
        var description: String { "the connection is still being started" }
    }

    /// A comparison costs calls of both systems' days, so there is one in an hour at most; the nightly one finds the rest.
    private func compare(_ route: String, in context: FlowContext) async throws {
        if let last = compared[route], .now - last < .seconds(3_600) { return }
        compared[route] = .now
        _ = try await context.store.wish(ReconcileWish(), reconciling: route, for: context.connection)
        engine?.nudged()
    }

    // MARK: Life

    func start(in context: FlowContext) async throws {
        let parts = try makeParts(in: context)
        try await parts.begin()
        let engine = SyncEngine(in: context)
        self.engine = engine
        let watch = parts.watch(file, in: context) { [weak engine] in engine?.wake() }
        self.watch = watch
        self.parts = parts
        for route in parts.routes {
            engine.add(route.route, every: route.file.poll, confirmsAfter: file.timing.confirmsAfter)
        }
        for lines in parts.lines {
            engine.add(lines.route, every: lines.file.poll, confirmsAfter: file.timing.confirmsAfter)
        }
        // Of dimension values nobody tells.
        let kinds = file.routes.map(\.name) + parts.listedOnly.subtracting(["dimensionValues"]).sorted()
        try parts.books.listen(for: kinds, in: context) { [weak engine, weak parts] kind in
            engine?.read(kind)
            parts?.wakeLists(of: kind)
        }
        parts.monday.start(in: context)
        watchTask = EpollLoop.process.task { await watch.run() }
        parts.start { [weak engine] in engine?.wake() }
    }

    func wake() {
        engine?.wake()
    }

    func nudged() {
        engine?.wake()
        engine?.nudged()
    }

    func drain() async {
        parts?.drain()
        watch?.drain()
        engine?.beginDrain()
        // Whoever waits for its turn stops waiting, and nothing of it is lost: the changes are in the store.
        await parts?.close()
        await engine?.drain()
        await parts?.ended()
        await watchTask?.value
    }

    var figures: WorkerFigures {
        get async {
            guard let parts, let engine else { return WorkerFigures() }
            var figures = await counted(parts, engine)
            figures.forgedNotifications = forged
            let troubles = [engine.trouble] + parts.troubles + [watch?.trouble ?? ""]
            figures.trouble = figures.withOutages(troubles.first { !$0.isEmpty } ?? "")
            return figures
        }
    }

    /// The store is asked when something has stirred, and now and then for windows that empty by themselves: a thousand
    /// idle workers would ask it for nothing four hundred times a second.
    private func counted(_ parts: Parts, _ engine: SyncEngine) async -> WorkerFigures {
        let stir = engine.stir &+ (await parts.stir)
        let last = lastCount
        if let last, last.stir == stir, .now - last.at < countsAgain { return last.figures }
        var figures = await engine.figures()
        await parts.add(to: &figures)
        countsAgain = figures == last?.figures ? min(countsAgain * 2, Self.countsAtLeast) : Self.countsFirst
        lastCount = (figures, stir, .now)
        return figures
    }

    func examine(in context: FlowContext) async -> [Finding] {
        do {
            let parts = try makeParts(in: context, isTrial: true)
            let findings = await Examination(parts: parts, context: context).run()
            await parts.close()
            return findings
        } catch {
            return [Finding(.broken, "the connection's file", "\(error)")]
        }
    }

    func preview(
        _ wish: PreviewWish,
        in context: FlowContext,
        _ each: @OnLoop (PreviewNews) -> Void
    ) async throws {
        let parts = try makeParts(in: context, isTrial: true)
        do {
            for (_, route) in parts.routes {
                // Somebody looks at a few; all of them are nobody's hurry.
                let lane: Lane = wish.limit == nil ? .background : .interactive
                try await Preview(route, in: context, lane: lane).run(wish) { news in
                    each(news)
                    guard case .began = news else { return }
                    for words in route.shortcomings { each(.notice(route: route.name, words)) }
                }
            }
            await parts.close()
        } catch {
            await parts.close()
            throw error
        }
    }

    func retire(in context: FlowContext) async -> [Finding] {
        do {
            let parts = try makeParts(in: context, isTrial: true)
            var findings = await parts.books.retire(in: context)
            findings += await parts.watch(file, in: context).retire()
            await parts.close()
            return findings
        } catch {
            return [Finding(.notice, "the connection's file", "\(error)")]
        }
    }
}
