import Core
import Engine
import Store
import Systems
import Transport

/// Asks Monday once a day what no other answer tells: how many calls the account may make a day, and whether the version
/// of the API that we speak is still one of those it serves. Both cost a call, so what was heard is kept.
@OnLoop final class MondayUpkeep {
    private static let period = Duration.seconds(86_400)
    private static let afterFailure = Duration.seconds(3_600)

    private let client: Monday.Client
    private let keeper: RateKeeper
    private let context: FlowContext
    private let napper = Napper()
    private var isDraining = false

    init(_ client: Monday.Client, _ keeper: RateKeeper, in context: FlowContext) {
        self.client = client
        self.keeper = keeper
        self.context = context
    }

    func drain() {
        isDraining = true
        napper.wake()
    }

    func run() async {
        while !isDraining {
            let wait: Duration
            do {
                wait = try await restUntilDue()
                if wait <= .zero { try await ask() }
            } catch {
                // Whoever writes will meet the same trouble, and says so.
                await napper.sleep(for: Self.afterFailure)
                continue
            }
            if wait > .zero, !isDraining { await napper.sleep(for: wait) }
        }
    }

    // MARK: What is kept

    private var place: String { "monday.upkeep.\(keeper.account)" }

    private func restUntilDue() async throws -> Duration {
        guard let text = try await context.store.setting(place), let kept = try? JSON.parse(text) else { return .zero }
        let field = JSONField(kept)
        if let calls = try? field["calls"].int(in: 1...1_000_000_000) { await learn(calls) }
        guard let asked = (try? field["asked"].string()).flatMap(WallTime.init) else { return .zero }
        return asked + Self.period - .now
    }

    private func learn(_ calls: Int) async {
        await keeper.learned(Monday.Limits.calls.name, limit: calls, per: Self.period)
    }

    private func ask() async throws {
        let versions = try await client.versions()
        let budget = try? await client.dailyBudget()
        var kept = JSON.Object()
        kept["asked"] = .string(WallTime.now.text)
        if let budget { kept["calls"] = .number(budget.total) }
        try await context.store.put(JSON.object(kept).text(), setting: place)
        guard let ours = versions.first(where: { $0.value == Monday.apiVersion }),
            ["current", "maintenance"].contains(ours.kind)
        else {
            let served = versions.map { "\($0.value) (\($0.kind))" }.joined(separator: ", ")
            return context.log.alert(
                "Monday does not serve version \(Monday.apiVersion) of its API for long any more: update ml-connector. It serves \(served)"
            )
        }
    }
}
