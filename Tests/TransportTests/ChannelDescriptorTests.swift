import CPosix
import Core
import Glibc
import Testing

@testable import Transport

/// A descriptor that is lost keeps its pipe open, which the pipe's other end can tell.
@Suite(.onLoop, .timeLimit(.minutes(1))) struct `descriptors on a channel` {
    @Test @OnLoop func `arrive with their message, between large ones`() async {
        let pair = Pair()
        let (steps, step) = AsyncStream<String>.makeStream()
        pair.b.on(Counted.self) { counted, descriptors in
            step.yield("\(counted.number) \(counted.filling.count) \(descriptors.count)")
        }
        pair.b.on(Handed.self) { handed, descriptors in
            step.yield("\(handed.letter) \(handed.count) \(descriptors.count)")
            for descriptor in descriptors {
                write(descriptor, handed.letter, 1)
                close(descriptor)
            }
        }
        var readers: [(letter: String, end: Int32)] = []
        var expected: [String] = []
        for round in 0..<20 as Range<UInt32> {
            let size = round % 3 == 0 ? 3 << 20 : Int(round)
            pair.a.tell(Counted(number: round, filling: Array(repeating: 1, count: size)))
            expected.append("\(round) \(size) 0")
            let letter = String(UnicodeScalar(UInt8(65 + round)))
            let pipes = (0...round % 8).map { _ in pipePair() }
            readers += pipes.map { (letter, $0.reader) }
            pair.a.tell(Handed(letter: letter, count: round), handing: pipes.map(\.writer))
            expected.append("\(letter) \(round) \(pipes.count)")
        }
        var seen: [String] = []
        for await words in steps.prefix(expected.count) { seen.append(words) }
        #expect(seen == expected)
        for (letter, end) in readers {
            var byte: UInt8 = 0
            #expect(read(end, &byte, 1) == 1)
            #expect(String(UnicodeScalar(byte)) == letter)
            await untilEnd(of: end)
            close(end)
        }
        pair.a.close("done")
    }

    @Test @OnLoop func `can come with a question`() async throws {
        let pair = Pair()
        pair.b.answer(Doubling.self) { question, descriptors in
            write(descriptors[0], "x", 1)
            close(descriptors[0])
            return .init(number: UInt32(descriptors.count))
        }
        let pipe = pipePair()
        defer { close(pipe.reader) }
        let answer = try await pair.a.ask(Doubling(number: 1), handing: [pipe.writer], within: .seconds(30))
        #expect(answer.number == 1)
        var byte: UInt8 = 0
        #expect(read(pipe.reader, &byte, 1) == 1)
        await untilEnd(of: pipe.reader)
        pair.a.close("done")
    }

    enum Fate: CaseIterable {
        case toAQuestionThatTakesNone, toAMessageUnknown, toAMessageUnreadable, withAnAnswer, afterTheEnd, neverRead
        case neverSent, unannounced, beforeTheStart
    }

    @Test(arguments: Fate.allCases)
    @OnLoop func `are closed when nobody takes them`(fate: Fate) async throws {
        let pipe = pipePair()
        defer { close(pipe.reader) }
        let pair = Pair(startingB: fate != .neverRead)
        pair.b.answer(Doubling.self) { .init(number: $0.number) }
        pair.b.on(Counted.self) { _, _ in }
        switch fate {
        case .toAQuestionThatTakesNone:
            _ = try await pair.a.ask(Doubling(number: 1), handing: [pipe.writer], within: .seconds(30))
        case .toAMessageUnknown: pair.a.tell(Said(text: ""), handing: [pipe.writer])
        case .toAMessageUnreadable:
            pair.b.on(Unreadable.self) { _, _ in Issue.record("this is unreadable") }
            pair.a.tell(Said(text: "x"), handing: [pipe.writer])
        case .withAnAnswer:
            hand(pipe.writer, over: pair.a, in: Frame(tag: 20, purpose: .answer, descriptors: 1, message: []))
        case .afterTheEnd:
            pair.a.close("done")
            pair.a.tell(Said(text: ""), handing: [pipe.writer])
        case .neverRead:
            pair.a.tell(Said(text: ""), handing: [pipe.writer])
            pair.b.close("not needed")
        case .neverSent:
            let deaf = Pair(startingB: false)
            for number in 0..<2 as Range<UInt32> {
                deaf.a.tell(Counted(number: number, filling: Array(repeating: 1, count: 3 << 20)))
            }
            deaf.a.tell(Said(text: ""), handing: [pipe.writer])
            deaf.a.close("done")
        case .unannounced: hand(pipe.writer, over: pair.a, in: Frame(tag: 20, purpose: .answer, message: []))
        case .beforeTheStart:
            let ends = socketPair()
            defer { close(ends.1) }
            Channel(descriptor: ends.0).tell(Said(text: ""), handing: [pipe.writer])
        }
        await untilEnd(of: pipe.reader)
        if fate == .unannounced { #expect(await pair.closings.first == "it ended") }
        pair.a.close("done")
    }

    /// Past what a channel itself would send.
    @OnLoop private func hand(_ descriptor: Int32, over channel: Channel, in frame: Frame) {
        var bytes: [UInt8] = []
        frame.append(to: &bytes)
        #expect(ml_send(channel.descriptor, bytes, bytes.count, [descriptor], 1) == bytes.count)
        close(descriptor)
    }

    struct Unreadable: Notice, Codable {
        static let tag = Said.tag
        var number: UInt64
    }

    @Test func `are as many after ten thousand messages as before`() async {
        await #expect(processExitsWith: .success) {
            EpollLoop.process.startThread()
            #expect(await talkMuch() == [])
        }
    }
}

/// Which descriptors are there afterwards that were not there before.
@OnLoop private func talkMuch() async -> Set<String> {
    func talk(_ count: UInt32) async {
        let pair = Pair()
        let (ends, end) = AsyncStream<Void>.makeStream()
        pair.b.on(Handed.self) { handed, descriptors in
            for descriptor in descriptors { close(descriptor) }
            if handed.count == count - 1 { end.finish() }
        }
        for number in 0..<count {
            let pipe = pipePair()
            close(pipe.reader)
            pair.a.tell(Handed(letter: "", count: number), handing: [pipe.writer])
            if number % 50 == 0 { try? await EpollLoop.process.sleep(for: .zero) }
        }
        for await _ in ends {}
        pair.a.close("done")
        pair.b.close("done")
    }
    await talk(10)
    let before = openDescriptors()
    await talk(10_000)
    return openDescriptors().subtracting(before)
}

/// Pipes and sockets; what Dispatch opens for itself, now or later, is of other kinds.
private func openDescriptors() -> Set<String> {
    let targets = (0..<4_096 as Range<Int32>).compactMap { descriptor -> String? in
        var room = [UInt8](repeating: 0, count: 100)
        let count = readlink("/proc/self/fd/\(descriptor)", &room, room.count)
        return count < 0 ? nil : String(decoding: room[..<count], as: UTF8.self)
    }
    return Set(targets.filter { $0.hasPrefix("pipe:") || $0.hasPrefix("socket:") })
}

func pipePair() -> (reader: Int32, writer: Int32) {
    var ends: [Int32] = [-1, -1]
    precondition(pipe(&ends) == 0)
    for end in ends { ml_set_close_on_exec(end, 1) }
    return (ends[0], ends[1])
}
