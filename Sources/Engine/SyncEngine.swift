import Core
import Store
import Transport

/// Moves the records of one connection along its routes: a loop that reads and one that writes for each.
@OnLoop package final class SyncEngine {
    private let context: FlowContext
    private let tally = Tally()
    private var stirs: UInt64 = 0
    private var writers: [WriteLoop] = []
    private var readers: [String: ReadLoop] = [:]
    private var reconcilers: [ReconcileLoop] = []
    private var tasks: [Task<Void, Never>] = []

    package init(in context: FlowContext) {
        self.context = context
    }

    /// `confirmsAfter` is how long a record has to be missing until it counts as deleted; `searchDelay`, how long a new
    /// item may take to be found.
    package func add(
        _ route: any Route,
        every schedule: Schedule,
        confirmsAfter: Duration,
        searchDelay: Duration = .seconds(5)
    ) {
        let writer = WriteLoop(route, in: context, confirmsAfter: confirmsAfter, searchDelay: searchDelay, tally)
        let reader = ReadLoop(route, every: schedule, in: context, writer: writer, tally) { [weak self, weak writer] in
            self?.stirs &+= 1
            writer?.wake()
        }
        writers.append(writer)
        readers[route.name] = reader
        tasks.append(EpollLoop.process.task { await writer.run() })
        tasks.append(EpollLoop.process.task { await reader.run() })
        guard let policy = route.reconciles else { return }
        let reconciler = ReconcileLoop(route, policy, in: context, writer: writer, tally)
        reconcilers.append(reconciler)
        tasks.append(EpollLoop.process.task { await reconciler.run() })
    }

    /// There are new marks.
    package func wake() {
        stirs &+= 1
        for writer in writers { writer.wake() }
    }

    /// Somebody may have asked for a comparison.
    package func nudged() {
        stirs &+= 1
        for reconciler in reconcilers { reconciler.wake() }
    }

    /// Reads a route now: something may have been missed.
    package func read(_ route: String) {
        readers[route]?.read()
    }

    /// What is in hand is finished, and nothing new is begun. Returns when nothing is in hand any more.
    package func drain() async {
        beginDrain()
        for task in tasks { await task.value }
    }

    package func beginDrain() {
        for writer in writers { writer.drain() }
        for reader in readers.values { reader.drain() }
        for reconciler in reconcilers { reconciler.drain() }
    }

    /// What the engine itself knows; its flow adds what its systems count.
    package func figures() async -> WorkerFigures {
        var figures = tally.figures
        let now = Int64(WallTime.now.millisecondsSince1970)
        if let queue = try? await context.store.queue(of: nil, at: now, for: context.connection) {
            figures.queuedLive = UInt64(queue.live)
            figures.queuedBackground = UInt64(queue.background)
            figures.parked = UInt64(queue.parked)
        }
        for (_, reader) in readers.sorted(by: { $0.key < $1.key }) {
            if let load = await reader.load() { figures.progress.append(load) }
        }
        figures.trouble = trouble
        return figures
    }

    /// In words for an operator; empty when all is well.
    package var trouble: String {
        (writers.map(\.trouble.words) + readers.values.map(\.trouble.words) + reconcilers.map(\.trouble.words))
            .first { !$0.isEmpty } ?? ""
    }

    /// Counted up by whatever may change the figures.
    package var stir: UInt64 { stirs &+ tally.entries }
}
