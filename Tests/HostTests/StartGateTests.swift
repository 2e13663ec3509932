import Core
import Testing
import Transport

@testable import Host

@Suite(.onLoop, .timeLimit(.minutes(1))) struct `the start gate` {
    @Test @OnLoop func `lets in as many as it has places, and the others in their order`() async throws {
        let gate = StartGate(places: 2, longest: .seconds(60))
        var entered: [Int] = []
        var places: [StartGate.Place] = []
        let tasks = (0..<5).map { number in
            EpollLoop.process.task {
                let place = await gate.enter()
                entered.append(number)
                places.append(place)
            }
        }
        for task in tasks.prefix(2) { await task.value }
        #expect(entered == [0, 1])
        for number in 2..<5 {
            places[0].give()
            // Twice is once.
            places[0].give()
            places.removeFirst()
            await tasks[number].value
            #expect(entered == Array(0...number))
        }
    }

    @Test @OnLoop func `takes a place back from who is too slow`() async throws {
        let gate = StartGate(places: 1, longest: .milliseconds(5))
        let slow = await gate.enter()
        let next = await gate.enter()
        slow.give()
        next.give()
        _ = await gate.enter()
    }
}
