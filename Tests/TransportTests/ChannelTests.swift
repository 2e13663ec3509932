import CPosix
import Core
import Glibc
import Testing

@testable import Transport

struct Said: Notice, Codable, Equatable {
    static let tag: UInt8 = 10
    var text: String
}

struct Counted: Notice, Codable {
    static let tag: UInt8 = 11
    var number: UInt32
    var filling: [UInt8] = []
}

struct Handed: Notice, Codable {
    static let tag: UInt8 = 12
    var letter: String
    var count: UInt32
}

struct Doubling: Ask, Codable {
    static let tag: UInt8 = 20
    struct Answer: Wire, Codable { var number: UInt32 }
    var number: UInt32
}

/// The same question to somebody who thinks that its answer is another one.
struct MisunderstoodDoubling: Ask, Codable {
    static let tag: UInt8 = 20
    typealias Answer = Done
    var number: UInt32
}

/// Two channels over one socket, and what closed them.
@OnLoop final class Pair {
    let a: Channel
    let b: Channel
    let closings: AsyncStream<String>

    init(startingB: Bool = true) {
        let ends = socketPair()
        a = Channel(descriptor: ends.0)
        b = Channel(descriptor: ends.1)
        closings = closing(of: a)
        a.start()
        if startingB { b.start() }
    }
}

@OnLoop func closing(of channel: Channel) -> AsyncStream<String> {
    let (closings, closing) = AsyncStream<String>.makeStream()
    channel.onClose = { reason in
        closing.yield(reason)
        closing.finish()
    }
    return closings
}

func socketPair() -> (Int32, Int32) {
    var ends: [Int32] = [-1, -1]
    precondition(ml_socketpair(&ends) == 0)
    return (ends[0], ends[1])
}

extension AsyncStream where Element: Sendable {
    var first: Element? {
        get async {
            var iterator = makeAsyncIterator()
            return await iterator.next()
        }
    }
}

@Suite(.onLoop, .timeLimit(.minutes(1))) struct `a channel` {
    @Test @OnLoop func `tells both sides in the order of speaking`() async {
        let pair = Pair()
        let (heard, hear) = AsyncStream<String>.makeStream()
        pair.a.on(Said.self) { said, _ in hear.yield("a heard \(said.text)") }
        pair.b.on(Said.self) { said, _ in
            hear.yield("b heard \(said.text)")
            pair.b.tell(Said(text: said.text + "!"))
        }
        pair.a.tell(Said(text: "1"))
        pair.a.tell(Said(text: "2"))
        var all: [String] = []
        for await words in heard.prefix(4) { all.append(words) }
        #expect(all == ["b heard 1", "b heard 2", "a heard 1!", "a heard 2!"])
        pair.a.close("done")
    }

    @Test @OnLoop func `gives each question its own answer, in whatever order they come`() async throws {
        let pair = Pair()
        pair.b.answer(Doubling.self) { question in
            try await EpollLoop.process.sleep(for: .milliseconds(question.number % 7))
            return .init(number: question.number * 2)
        }
        let doublings = (0..<200 as Range<UInt32>).map { number in
            EpollLoop.process.task {
                try await pair.a.ask(Doubling(number: number), within: .seconds(30)).number
            }
        }
        for (number, doubling) in doublings.enumerated() { #expect(try await doubling.value == number * 2) }
        pair.a.close("done")
    }

    @Test @OnLoop func `passes on why a question is refused`() async {
        let pair = Pair()
        pair.b.answer(Doubling.self) { _ in throw WireError("nothing is doubled on Sundays") }
        await #expect(throws: Channel.Failure.refused("nothing is doubled on Sundays")) {
            try await pair.a.ask(Doubling(number: 1), within: .seconds(30))
        }
        #expect(pair.a.isOpen)
        pair.a.close("done")
    }

    @Test @OnLoop func `gives up a question at its deadline, and does not mind a late answer`() async throws {
        let pair = Pair()
        let (lates, late) = AsyncStream<Void>.makeStream()
        pair.b.answer(Doubling.self) { question in
            if question.number == 1 { _ = await lates.first }
            return .init(number: question.number * 2)
        }
        await #expect(throws: Channel.Failure.overdue) {
            try await pair.a.ask(Doubling(number: 1), within: .milliseconds(10))
        }
        late.yield()
        #expect(try await pair.a.ask(Doubling(number: 2), within: .seconds(30)).number == 4)
        pair.a.close("done")
    }

    @Test @OnLoop func `fails the questions of a peer that goes`() async {
        let pair = Pair()
        pair.b.answer(Doubling.self) { _ in
            pair.b.close("went")
            return .init(number: 0)
        }
        await #expect(throws: Channel.Failure.closed("it ended")) {
            try await pair.a.ask(Doubling(number: 1), within: .seconds(30))
        }
        #expect(await pair.closings.first == "it ended")
        #expect(!pair.a.isOpen)
        await #expect(throws: Channel.Failure.closed("the channel was closed before")) {
            try await pair.a.ask(Doubling(number: 1), within: .seconds(30))
        }
    }

    @Test @OnLoop func `keeps the order of a hundred thousand messages`() async {
        let pair = Pair()
        let (ends, end) = AsyncStream<UInt32>.makeStream()
        var next: UInt32 = 0
        pair.b.on(Counted.self) { counted, _ in
            if counted.number == next { next += 1 }
            if counted.number == 99_999 { end.yield(next) }
        }
        for number in 0..<100_000 as Range<UInt32> { pair.a.tell(Counted(number: number)) }
        #expect(await ends.first == 100_000)
        pair.a.close("done")
    }

    @Test @OnLoop func `ends when all was sent, however slowly it is read`() async {
        let pair = Pair(startingB: false)
        var bytes = 0
        pair.b.on(Counted.self) { counted, _ in bytes += counted.filling.count }
        let closings = closing(of: pair.b)
        for number in 0..<8 as Range<UInt32> {
            pair.a.tell(Counted(number: number, filling: Array(repeating: 7, count: 1 << 20)))
        }
        pair.a.closeWhenSent()
        #expect(pair.a.isOpen)
        pair.b.start()
        #expect(await closings.first == "it ended")
        #expect(bytes == 8 << 20)
        #expect(await pair.closings.first == "closed here")
    }

    /// A worker says why it ends, and ends. Whoever was just telling it something must still hear that.
    @Test @OnLoop func `hears the last words of a peer that it can tell nothing more`() async {
        let pair = Pair()
        var heard: [String] = []
        pair.a.on(Said.self) { said, _ in heard.append(said.text) }
        pair.b.tell(Said(text: "my disk is full"))
        pair.b.close("went")
        pair.a.tell(Said(text: "more work"))
        pair.a.tell(Said(text: "and more"))
        #expect(await pair.closings.first == "it ended")
        #expect(heard == ["my disk is full"])
    }

    @Test @OnLoop func `closes on a peer that reads nothing, and keeps no more than its bound`() async {
        let ends = socketPair()
        defer { close(ends.1) }
        let channel = Channel(descriptor: ends.0)
        let closings = closing(of: channel)
        channel.start()
        var told = 0
        while channel.isOpen, told < 200 {
            channel.tell(Counted(number: 0, filling: Array(repeating: 0, count: 1 << 20)))
            told += 1
        }
        #expect((63...66).contains(told))
        #expect(await closings.first == "it reads nothing")
        channel.tell(Said(text: "to nobody"))
    }

    @Test @OnLoop func `closes its descriptor when nobody holds it, started or not`() async {
        for starts in [true, false] {
            let ends = socketPair()
            do {
                let channel = Channel(descriptor: ends.0)
                if starts { channel.start() }
            }
            await untilEnd(of: ends.1)
            close(ends.1)
        }
    }

    @Test @OnLoop func `closes its descriptor when it is closed before it starts`() async {
        let ends = socketPair()
        defer { close(ends.1) }
        let channel = Channel(descriptor: ends.0)
        channel.close("not needed")
        await untilEnd(of: ends.1)
        channel.start()
        #expect(!channel.isOpen)
    }
}

/// Waits until nobody holds the other end of a pipe or a socket.
@OnLoop func untilEnd(of descriptor: Int32) async {
    ml_set_nonblocking(descriptor)
    let (ends, end) = AsyncStream<Void>.makeStream()
    let watch = EpollLoop.process.watch(descriptor, for: .reading) { _ in
        var room = [UInt8](repeating: 0, count: 4_096)
        while true {
            let got = read(descriptor, &room, room.count)
            if got == 0 || got < 0 && errno != EAGAIN { return end.finish() }
            if got < 0 { return }
        }
    }
    for await _ in ends {}
    watch.cancel()
}
