import Core
import Testing

@Suite struct `a sliding window` {
    @Test func `admits as many as its limit, then says when the next may come`() {
        var window = SlidingWindow(limit: 2, per: .seconds(60))
        #expect(window.admit(at: second(0)) == .admit)
        #expect(window.admit(at: second(10)) == .admit)
        #expect(window.admit(at: second(20)) == .wait(until: second(60)))
        #expect(window.admit(at: second(59.999)) == .wait(until: second(60)))
        #expect(window.admit(at: second(60)) == .admit)
        #expect(window.admit(at: second(60)) == .wait(until: second(70)))
    }

    @Test func `forgets all when it is cleared`() {
        var window = SlidingWindow(limit: 1, per: .seconds(60))
        #expect(window.admit(at: second(0)) == .admit)
        window.clear()
        #expect(window.admit(at: second(0)) == .admit)
    }

    /// This is what a refilled token bucket gets wrong.
    @Test func `never lets more than its limit into any span, whoever asks when`() {
        for seed in 0..<200 as Range<UInt64> {
            var dice = Dice(state: seed)
            var window = SlidingWindow(limit: 5, per: .seconds(10))
            var now = second(0)
            var admitted: [Instant] = []
            for _ in 0..<500 {
                now = now + .milliseconds(dice.roll(3_000))
                switch window.admit(at: now) {
                case .admit: admitted.append(now)
                case .wait(let until):
                    #expect(until > now)
                    // Whoever waits as told is let in.
                    var later = window
                    #expect(later.admit(at: until) == .admit)
                }
            }
            for (index, first) in admitted.enumerated() {
                #expect(admitted[index...].prefix { $0 - first < .seconds(10) }.count <= 5)
            }
            #expect(admitted.count > 100)
        }
    }
}
