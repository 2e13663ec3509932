import CPosix
import Core
import Glibc
import Testing

@testable import Transport

/// What a channel makes of a peer that does not keep to the protocol.
@Suite(.onLoop, .timeLimit(.minutes(1))) struct `a channel to a broken peer` {
    struct Case {
        var sent: [UInt8]
        var reason: String

        init(greeting version: UInt32? = nil, then frame: Frame? = nil, raw: String = "", _ reason: String) {
            sent = Array(raw.utf8)
            if let version { sent += hello(version: version) }
            if let frame { sent += bytes(of: frame) }
            self.reason = reason
        }
    }

    static let cases = [
        Case(raw: "GET / HTTP/1.1\r\n\r\n", "a frame of 542393671 bytes; the largest is 4194304"),
        Case(then: Frame(tag: 10, purpose: .notice, message: [1, 2, 3, 4, 5]), "it is not an ml-connector process"),
        Case(then: Frame(tag: 0, purpose: .notice, message: []), "4 bytes expected, 0 left"),
        Case(
            greeting: 7,
            "it speaks version 7 and this build version 1: use the ml-connector that the server was started with"
        ),
        Case(greeting: 1, then: Frame(tag: 99, purpose: .notice, message: []), "message 99 means nothing here"),
        Case(
            greeting: 1,
            then: Frame(tag: 10, purpose: .notice, message: [9, 0, 0, 0, 65]),
            "9 bytes expected, 1 left"
        ),
        Case(greeting: 1, then: Frame(tag: 20, purpose: .question, message: [1]), "4 bytes expected, 1 left"),
        Case(
            greeting: 1,
            then: Frame(tag: 10, purpose: .notice, descriptors: 2, message: [0, 0, 0, 0]),
            "2 descriptors announced, 0 came"
        ),
    ]

    @Test(arguments: cases)
    @OnLoop func `closes with a sentence`(example: Case) async {
        let ends = socketPair()
        defer { close(ends.1) }
        let channel = Channel(descriptor: ends.0)
        channel.on(Said.self) { _, _ in Issue.record("this was no message") }
        channel.answer(Doubling.self) { .init(number: $0.number) }
        let closings = closing(of: channel)
        channel.start()
        #expect(write(ends.1, example.sent, example.sent.count) == example.sent.count)
        #expect(await closings.first == "it broke the protocol: " + example.reason)
    }

    @Test @OnLoop func `tells the side of the other version, too, even when that has something to say`() async {
        let ends = socketPair()
        defer { close(ends.1) }
        let channel = Channel(descriptor: ends.0)
        let closings = closing(of: channel)
        let theirs = hello(version: 2)
        #expect(write(ends.1, theirs, theirs.count) == theirs.count)
        shutdown(ends.1, Int32(SHUT_RDWR))
        channel.start()
        channel.tell(Said(text: "how are you?"))
        #expect(await closings.first?.contains("it speaks version 2 and this build version 1") == true)
    }

    @Test @OnLoop func `loses nothing but itself to any bytes`() async {
        var dice = Dice(state: 4)
        for round in 0..<300 {
            let ends = socketPair()
            let channel = Channel(descriptor: ends.0)
            channel.on(Said.self) { _, _ in }
            channel.answer(Doubling.self) { .init(number: $0.number) }
            let closings = closing(of: channel)
            channel.start()
            var sent = round % 2 == 0 ? hello(version: 1) : []
            if round % 4 == 0 {
                sent += bytes(of: Frame(tag: 10, purpose: .notice, message: [1, 0, 0, 0, 65]))
                sent[dice.roll(sent.count)] = UInt8(dice.roll(256))
            }
            for _ in 0..<dice.roll(200) { sent.append(UInt8(dice.roll(256))) }
            write(ends.1, sent, sent.count)
            close(ends.1)
            #expect(await closings.first != nil)
        }
    }

    @Test @OnLoop func `closes when an answer cannot be read`() async {
        let pair = Pair()
        pair.b.answer(Doubling.self) { .init(number: $0.number) }
        await #expect(throws: Channel.Failure.closed("its answer cannot be read")) {
            try await pair.a.ask(MisunderstoodDoubling(number: 3), within: .seconds(30))
        }
        #expect(await pair.closings.first == "its answer to message 20 cannot be read: 4 bytes too many")
    }
}

private func hello(version: UInt32) -> [UInt8] {
    var writer = WireWriter()
    writer.integer(0x314C_434D as UInt32)
    writer.integer(version)
    return bytes(of: Frame(tag: 0, purpose: .notice, message: writer.bytes[...]))
}

private func bytes(of frame: Frame) -> [UInt8] {
    var bytes: [UInt8] = []
    frame.append(to: &bytes)
    return bytes
}

/// SplitMix64: the same throws for the same seed, everywhere.
struct Dice {
    var state: UInt64

    mutating func roll(_ sides: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(sides))
    }
}
