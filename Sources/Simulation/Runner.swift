import Core
import Store
import Transport

/// Runs seeds, one after the other, on the calling thread, which becomes the loop's.
package enum Runner {
    /// 2026-01-05, a Monday, long before anything expires.
    private static let calendar = WallTime(millisecondsSince1970: 1_767_571_200_000)

    package static func run(
        _ scenario: Scenario,
        trace: Trace.Style = .none,
        sabotage: Sabotage? = nil
    ) -> Outcome {
        var style = Log.Style()
        style.lowest = .alert
        Log.use(style)
        let machine = SimulatedMachine(seed: scenario.seed, at: calendar)
        // What is left of a run when it has ended still knows its world.
        let kept = Kept()
        defer { withExtendedLifetime(kept) {} }
        let outcome: Outcome? = EpollLoop.process.simulate(on: machine) {
            let disk = MachineDisk(seed: scenario.seed)
            let world = World(scenario, on: machine, disk: disk, trace, sabotage)
            kept.world = world
            let outcome = await world.run()
            disk.remove()
            return outcome
        }
        return outcome
            ?? Outcome(scenario: scenario, broken: ["nothing can happen any more"], facts: Facts(), digest: 0)
    }

    @OnLoop private final class Kept {
        var world: World?

        nonisolated init() {}
    }
}
