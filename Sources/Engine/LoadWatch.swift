import Core
import Store
import Transport

/// Follows the first load of one route: how far it is, and how long it will take.
@OnLoop final class LoadWatch {
    private let route: any Route
    private let context: FlowContext
    /// What was said once is not taken back when somebody marks a record for another reason.
    private var highest = 0
    /// Asked once, where the answer is that nobody knows.
    private var isUncountable = false

    /// Longer than this, and an operator has to be told beforehand.
    private static let worthAWarning: Int64 = 86_400

    init(_ route: any Route, in context: FlowContext) {
        self.route = route
        self.context = context
    }

    // MARK: Beginning

    /// Counts what there is to be read, and says how long that will take before it is begun. A system that cannot be asked
    /// now is asked again with the next page: that nobody knows how many there are keeps nothing from being read.
    func begin(_ progress: inout ReadProgress) async {
        guard progress.isFirst, progress.total == nil, !isUncountable else { return }
        let isBeginning = !progress.isUnderWay
        do {
            guard let count = try await route.count(lane: .background) else {
                isUncountable = true
                return
            }
            progress.counted(count)
        } catch {
            return context.log.debug("\(route.name): not counted: \(error)")
        }
        if isBeginning, let total = progress.total, total > 0 { await announce(total) }
    }

    private func announce(_ total: Int) async {
        guard let estimate = await estimate(total) else {
            return context.log.info("\(route.name): the first load of \(total) records begins")
        }
        let time = Estimate.words(estimate.seconds)
        guard estimate.seconds >= Self.worthAWarning else {
            return context.log.info(
                "\(route.name): the first load of \(total) records begins; the account's \(estimate.limit) make it last about \(time)"
            )
        }
        context.log.warning(
            "\(route.name): the account's \(estimate.limit) make the first load of \(total) records last about \(time); raise the account's plan, or the limit in the connection's file where the plan allows more"
        )
    }

    private func estimate(_ writes: Int) async -> Estimate? {
        guard let budget = try? await route.budget() else { return nil }
        return budget.estimate(writes: writes, at: now)
    }

    // MARK: Under way

    func look() async throws -> WorkerFigures.RouteProgress {
        let (state, queue) = try await context.store.standing(of: route.name, at: now, for: context.connection)
        var progress = try state.map { try ReadProgress($0) } ?? ReadProgress()
        // What is stored may be of a mapping before this one.
        _ = progress.follow(rules: route.rules, place: route.place)
        let isEnded = progress.isLoaded || (!progress.isFirst && queue.background == 0)
        highest = max(highest, isEnded ? progress.furthest : progress.done(queued: queue.background))
        let left = isEnded ? 0 : max(progress.total.map { $0 - highest } ?? 0, 0)
        let estimate = left > 0 ? await estimate(left) : nil
        return WorkerFigures.RouteProgress(
            route: route.name,
            done: UInt64(highest),
            total: progress.total.map { UInt64(max($0, highest)) },
            queued: UInt64(isEnded ? 0 : queue.background),
            secondsLeft: isEnded ? 0 : estimate?.seconds,
            limit: estimate?.limit ?? "",
            isEnded: isEnded
        )
    }

    private var now: Int64 { Int64(WallTime.now.millisecondsSince1970) }
}

extension SyncStore {
    /// How far a route was read and what of it waits, of one moment: between two questions a page may have been stored.
    package func standing(of route: String, at now: Int64, for connection: Int64) throws -> (JSON?, QueueFacts) {
        (try progress(of: route, for: connection), try queue(of: route, at: now, for: connection))
    }
}
