import Core
import Testing

@Suite struct `the turns of lanes` {
    @Test func `go by lane within a round, and then begin anew`() {
        var turns = LaneTurns(LaneShares(interactive: 1, live: 3, background: 1))
        var order: [Lane] = []
        for _ in 0..<10 {
            let lane = turns.order[0]
            order.append(lane)
            turns.took(1, lane, while: Set(Lane.allCases))
        }
        let round: [Lane] = [.interactive, .live, .live, .live, .background]
        #expect(order == round + round)
    }

    @Test func `give what a lane does not want to the others, who owe it nothing for that`() {
        var turns = LaneTurns(.usual)
        for _ in 0..<1_000 {
            #expect(turns.first(of: [.background]) == .background)
            turns.took(1, .background)
        }
        // After all of that somebody who waits for a change goes at once, and again until its share is used up; the one
        // who has just gone does not go again before the next round.
        for _ in 0..<2 * LaneShares.usual.live {
            #expect(turns.first(of: [.live, .background]) == .live)
            turns.took(1, .live, while: [.live, .background])
        }
        #expect(turns.first(of: [.live, .background]) == .background)
        #expect(turns.owes(.background))
        turns.restart()
        #expect(!turns.owes(.background) && turns == LaneTurns(.usual))
    }

    @Test func `take off the next rounds what a batch took too much of this one`() {
        var turns = LaneTurns(LaneShares(interactive: 8, live: 8, background: 2))
        turns.took(20, .live, while: [.background])
        #expect(turns.left(.live) == -12)
        var between = 0
        while turns.first(of: [.live, .background]) == .background {
            turns.took(1, .background, while: [.live])
            between += 1
        }
        // Two rounds of the background, as 20 units are two and a half of the live lane's.
        #expect(4...6 ~= between)
    }

    @Test func `are believed only within bounds, however they were kept`() {
        for left in [Int.min, -5_000, 0, 7, 9, Int.max] {
            var turns = LaneTurns(.usual, left: [.live: left, .background: left])
            #expect(-100...8 ~= turns.left(.live) && -100...1 ~= turns.left(.background))
            turns.took(.max, .live, while: [.background])
            #expect(turns.left(.live) == -100 && turns.first(of: []) == nil)
            turns.took(-3, .background, while: [.live])
            #expect(-100...8 ~= turns.left(.live) && -100...1 ~= turns.left(.background))
        }
    }

    /// Whoever has something to do, at whatever times and in whatever batches: over the time that they all have, each
    /// gets its share to within one round and one batch, and none waits longer than a round of the others.
    @Test func `starve no lane and keep the shares`() {
        for seed in 0..<200 as Range<UInt64> {
            var dice = Dice(state: seed &* 977)
            let shares = LaneShares(
                interactive: 1 + dice.roll(9),
                live: 1 + dice.roll(20),
                background: 1 + dice.roll(3)
            )
            let largest = 1 + dice.roll(20)
            let busy = Set(Lane.allCases.filter { _ in dice.roll(3) > 0 })
            guard busy.count > 1 else { continue }
            var turns = LaneTurns(shares)
            // A past of any kind.
            for _ in 0..<dice.roll(50) {
                turns.took(1 + dice.roll(largest), Lane.allCases[dice.roll(3)], while: dice.roll(2) == 0 ? busy : [])
            }
            turns.restart()
            var units: [Lane: Int] = [:]
            var waits: [Lane: Int] = [:]
            let round = busy.reduce(0) { $0 + shares[$1] }
            for _ in 0..<2_000 {
                let next = turns.first(of: busy)
                #expect(turns.order.first { busy.contains($0) } == next)
                guard let lane = next else { return #expect(Bool(false), "nobody's turn, seed \(seed)") }
                let batch = 1 + dice.roll(largest)
                turns.took(batch, lane, while: busy.subtracting([lane]))
                units[lane, default: 0] += batch
                for other in busy { waits[other] = other == lane ? 0 : waits[other, default: 0] + batch }
                for other in busy {
                    // A debt of one batch is paid back in so many rounds.
                    let bound = (round + busy.count * largest) * (largest / shares[other] + 2)
                    #expect(waits[other, default: 0] <= bound, "\(other), seed \(seed)")
                }
            }
            let rounds = busy.map { Double(units[$0, default: 0]) / Double(shares[$0]) }
            let spread = (rounds.max() ?? 0) - (rounds.min() ?? 0)
            #expect(spread <= Double(largest) + 1, "\(units) of \(shares), seed \(seed)")
        }
    }
}
