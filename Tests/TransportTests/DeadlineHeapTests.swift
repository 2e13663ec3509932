import Core
import Testing

@testable import Transport

@Suite struct `a heap of deadlines` {
    @Test func `gives out what is due, the earliest first, whatever came and went`() {
        for seed in 0..<200 as Range<UInt64> {
            var dice = Dice(state: seed)
            var heap = DeadlineHeap<Int>()
            var model: [Int] = []
            for _ in 0..<200 {
                switch dice.roll(4) {
                case 0, 1:
                    let due = dice.roll(1_000)
                    heap.push(due, at: Instant(nanoseconds: Int64(due)))
                    model.append(due)
                case 2:
                    let now = dice.roll(1_000)
                    let due = model.filter { $0 <= now }.min()
                    #expect(heap.popDue(at: Instant(nanoseconds: Int64(now))) == due)
                    if let due, let index = model.firstIndex(of: due) { model.remove(at: index) }
                default:
                    let divisor = 2 + dice.roll(9)
                    heap.removeAll { $0 % divisor == 0 }
                    model.removeAll { $0 % divisor == 0 }
                }
                #expect(heap.count == model.count)
                #expect(heap.earliest == model.min().map { Instant(nanoseconds: Int64($0)) })
            }
            var rest: [Int] = []
            while let next = heap.popDue(at: Instant(nanoseconds: 1_000)) { rest.append(next) }
            #expect(rest == model.sorted())
        }
    }
}

@Suite(.onLoop, .timeLimit(.minutes(1))) struct `the loop's timers` {
    @Test @OnLoop func `take no memory once they are cancelled`() {
        let before = EpollLoop.process.timerCount
        for _ in 0..<200_000 {
            EpollLoop.process.after(.seconds(60)) { Issue.record("a cancelled timer fired") }.cancel()
        }
        #expect(EpollLoop.process.timerCount <= 2 * before + 130)
    }

    @Test @OnLoop func `that remain still fire, in order`() async throws {
        var fired: [Int] = []
        var cancelled: [LoopTimer] = []
        for number in 0..<500 {
            cancelled.append(EpollLoop.process.after(.milliseconds(1_000 - number)) { fired.append(-1) })
            EpollLoop.process.after(.microseconds(20 * number)) { fired.append(number) }
            cancelled.append(EpollLoop.process.after(.milliseconds(number % 20)) { fired.append(-1) })
        }
        for timer in cancelled {
            timer.cancel()
            timer.cancel()
        }
        // Due after all of them.
        try await EpollLoop.process.sleep(for: .milliseconds(20))
        #expect(fired == Array(0..<500))
        for timer in cancelled { timer.cancel() }
    }

    @Test @OnLoop func `are never early`() async throws {
        for milliseconds in [0, 1, 3, 10] {
            let start = Instant.now
            try await EpollLoop.process.sleep(for: .milliseconds(milliseconds))
            #expect(Instant.now - start >= .milliseconds(milliseconds))
        }
    }

    @Test @OnLoop func `can repeat until they cancel themselves`() async {
        let (rounds, round) = AsyncStream<Void>.makeStream()
        var count = 0
        var timer: LoopTimer?
        timer = EpollLoop.process.every(.microseconds(100)) {
            count += 1
            if count == 5 { timer?.cancel() }
            round.yield()
        }
        for await _ in rounds.prefix(5) {}
        try? await EpollLoop.process.sleep(for: .milliseconds(5))
        #expect(count == 5)
    }

    @Test(arguments: [Duration.seconds(Int64.max), .nanoseconds(Int64.max)])
    @OnLoop func `may be due after the end of time`(delay: Duration) {
        EpollLoop.process.after(delay) { Issue.record("the end of time has come") }.cancel()
    }
}
