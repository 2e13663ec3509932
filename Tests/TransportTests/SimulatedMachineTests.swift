import Core
import Testing
import Transport

@Suite struct `a simulated machine` {
    @Test func `sleeps for years in no time, and knows that they have passed`() async {
        await #expect(processExitsWith: .success) {
            let machine = SimulatedMachine(seed: 1, at: WallTime(millisecondsSince1970: 0))
            let slept: Duration? = EpollLoop.process.simulate(on: machine) {
                let began = Instant.now
                try? await EpollLoop.process.sleep(for: .seconds(86_400 * 3_650))
                return Instant.now - began
            }
            precondition(slept == .seconds(86_400 * 3_650))
            precondition(machine.wallTime.day == Day("1979-12-30"))
        }
    }

    @Test func `does the same again with the same dice, and something else with others`() async {
        await #expect(processExitsWith: .success) {
            func order(_ seed: UInt64) -> [Int]? {
                let machine = SimulatedMachine(seed: seed, at: WallTime(millisecondsSince1970: 0))
                return EpollLoop.process.simulate(on: machine) { await Self.finishing(20) }
            }
            precondition(order(7) == order(7))
            precondition(order(7) != order(8))
            precondition(order(9)?.sorted() == Array(0..<20))
        }
    }

    @Test func `says that what waits for nothing will never end`() async {
        await #expect(processExitsWith: .success) {
            let machine = SimulatedMachine(seed: 1, at: WallTime(millisecondsSince1970: 0))
            let ended: Bool? = EpollLoop.process.simulate(on: machine) {
                await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
                return true
            }
            precondition(ended == nil)
        }
    }

    @Test func `can have its calendar set, which its monotonic clock does not notice`() {
        let machine = SimulatedMachine(seed: 1, at: WallTime(millisecondsSince1970: 1_000))
        let uptime = machine.uptime
        machine.setClock(by: .seconds(-3_600))
        #expect(machine.uptime == uptime)
        #expect(machine.wallTime == WallTime(millisecondsSince1970: 1_000 - 3_600_000))
    }

    /// The numbers of tasks that are all ready at once, in the order in which they ran.
    @OnLoop static func finishing(_ count: Int) async -> [Int] {
        let finished = Finished()
        let tasks = (0..<count).map { number in
            EpollLoop.process.task { () async -> Void in finished.numbers.append(number) }
        }
        for task in tasks { await task.value }
        return finished.numbers
    }
}

@OnLoop private final class Finished {
    var numbers: [Int] = []

    nonisolated init() {}
}
