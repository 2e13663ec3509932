import Core

/// A machine that exists only in a simulation: its clocks go as far as they are told to, its dice fall as their seed says,
/// and which of several things that could happen next happens first is a matter of those dice.
///
/// While there is one, the process's loop asks it instead of the kernel. Nothing else of the program knows: what sleeps
/// an hour sleeps it, and an hour has passed when nothing is left to do before its end.
package final class SimulatedMachine: @unchecked Sendable {
    /// Set by the one thread there is, before and after it simulates.
    package private(set) nonisolated(unsafe) static var current: SimulatedMachine?

    /// The monotonic clock: it never jumps.
    package private(set) var uptime = Instant(nanoseconds: 1_000_000_000)
    /// The calendar's distance from the monotonic clock. Setting it is what people and time servers do to clocks.
    package private(set) var calendar: WallTime
    private var calendarSetAt: Instant
    package var random: SeededGenerator

    package init(seed: UInt64, at calendar: WallTime) {
        random = SeededGenerator(seed: seed)
        self.calendar = calendar
        calendarSetAt = uptime
    }

    package var wallTime: WallTime { calendar + (uptime - calendarSetAt) }

    /// The calendar's clock is set, forwards or back.
    package func setClock(by step: Duration) {
        calendar = wallTime + step
        calendarSetAt = uptime
    }

    func advance(to instant: Instant) {
        uptime = max(uptime, instant)
    }

    static func enter(_ machine: SimulatedMachine?) {
        current = machine
    }
}

/// The process's dice: the kernel's, or a simulation's.
package struct Chance: RandomNumberGenerator, Sendable {
    package init() {}

    package mutating func next() -> UInt64 {
        if let machine = SimulatedMachine.current { return machine.random.next() }
        var system = SystemRandomNumberGenerator()
        return system.next()
    }
}
