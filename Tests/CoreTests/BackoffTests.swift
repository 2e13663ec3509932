import Core
import Testing

@Suite struct `a backoff` {
    struct Highest: RandomNumberGenerator {
        mutating func next() -> UInt64 { .max }
    }

    @Test func `doubles its bound up to the longest`() {
        var backoff = Backoff(first: .seconds(5), longest: .seconds(300))
        var random = Highest()
        let waits = (0..<9).map { _ in backoff.failed(using: &random) }
        #expect(waits == [5, 10, 20, 40, 80, 160, 300, 300, 300].map { .seconds($0) })
        backoff.succeeded()
        #expect(backoff.failed(using: &random) == .seconds(5))
    }

    @Test func `spreads its waits from nothing to the bound`() {
        var random = SystemRandomNumberGenerator()
        var waits: [Duration] = []
        for _ in 0..<2_000 {
            var backoff = Backoff(first: .seconds(8), longest: .seconds(300))
            waits.append(backoff.failed(using: &random))
        }
        #expect(waits.allSatisfy { $0 >= .zero && $0 <= .seconds(8) })
        #expect(waits.contains { $0 < .seconds(1) } && waits.contains { $0 > .seconds(7) })
    }

    @Test func `obeys what the other side asked for, and adds a tenth at most`() {
        var random = Highest()
        var backoff = Backoff()
        #expect(backoff.failed(asked: .seconds(30), using: &random) == .seconds(33))
        #expect(backoff.failed(asked: .seconds(-5), using: &random) == .zero)
        #expect(backoff.failed(asked: .seconds(9_000_000), most: .seconds(600), using: &random) == .seconds(610))
    }

    @Test func `survives any number of failures`() {
        var random = Highest()
        var backoff = Backoff(first: .seconds(1), longest: .seconds(60))
        for _ in 0..<10_000 { _ = backoff.failed(using: &random) }
        #expect(backoff.failed(using: &random) == .seconds(60))
    }
}
