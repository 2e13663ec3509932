import Core
import Simulation
import Testing

@Suite struct `dice` {
    @Test func `fall as often as they should, and as they did before`() {
        var dice = SeededGenerator(seed: 5)
        var again = SeededGenerator(seed: 5)
        let falls = (0..<10_000).map { _ in dice.hits(0.2) }
        #expect(falls == (0..<10_000).map { _ in again.hits(0.2) })
        #expect(1_800...2_200 ~= falls.count { $0 })
        #expect((0..<100).allSatisfy { _ in !dice.hits(0) && dice.hits(1) })
        #expect(
            (0..<100).allSatisfy { _ in
                (Duration.seconds(1)...(.seconds(2))).contains(dice.roll(.seconds(1)...(.seconds(2))))
            }
        )
    }
}
