import CPosix
import Core
import Glibc

/// Something one process tells another, under a number of its own.
package protocol Message: Wire {
    static var tag: UInt8 { get }
}

/// A message that nobody answers.
package protocol Notice: Message {}

/// A question, and the only kind of answer it can have.
package protocol Ask: Message {
    associatedtype Answer: Wire
}

/// A Unix socket between two of our processes that exchange typed messages.
///
/// Each side says hello first; another version of the protocol is refused with a sentence that says so. A peer that
/// breaks the protocol, or that reads nothing for too long, loses the channel, never its counterpart.
@OnLoop package final class Channel {
    /// Counted up when a message changes. Both ends are normally one binary; a command line may be of another build.
    package nonisolated static let version: UInt32 = 1
    private nonisolated static let magic: UInt32 = 0x314C_434D  // "MCL1"
    private nonisolated static let mostUnsent = 64 << 20
    private nonisolated static let mostInSegment = 1 << 20

    package enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        case closed(String)
        case refused(String)
        case overdue

        package var description: String {
            switch self {
            case .closed(let why): "the other process is gone: \(why)"
            case .refused(let why): why
            case .overdue: "the other process did not answer in time"
            }
        }
    }

    package let descriptor: Int32
    /// Called once, with the reason, when either side ends the channel.
    package var onClose: (@OnLoop (String) -> Void)?

    private typealias Handler = @OnLoop (Frame, [Int32]) throws -> Void
    private var handlers: [UInt8: Handler] = [:]
    private var questions: [UInt32: @OnLoop (Result<Frame, Failure>) -> Void] = [:]
    private var lastCorrelation: UInt32 = 0
    private var watch: Watch?
    private var greeted = false
    private var closing = false
    private var isClosed = false
    private var isDeaf = false
    private var waitsToWrite = false

    private var incoming = FrameReader()
    private var incomingDescriptors: [Int32] = []
    private struct Segment {
        var bytes: [UInt8]
        var descriptors: [Int32]
    }
    private var outgoing: [Segment] = []
    private var sentOfFirst = 0
    private var unsent = 0

    /// Takes over `descriptor`. Nothing is read before `start()`, so handlers can be set first.
    package init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    isolated deinit {
        close("nobody holds it any more")
    }

    package var isOpen: Bool { watch != nil }

    package func start() {
        guard !isClosed else { return }
        ml_set_nonblocking(descriptor)
        watch = EpollLoop.process.watch(descriptor, for: .reading) { [weak self] readiness in
            guard let self else { return }
            if readiness.canRead { self.receive() }
            if readiness.canWrite, self.isOpen, !self.outgoing.isEmpty { self.flush() }
        }
        send(Self.hello, handing: [])
    }

    /// What each side says first.
    package nonisolated static var hello: Frame {
        var writer = WireWriter()
        writer.integer(magic)
        writer.integer(version)
        return Frame(tag: 0, purpose: .notice, message: writer.bytes[...])
    }

    // MARK: Talking

    package func tell(_ notice: some Notice, handing descriptors: [Int32] = []) {
        send(notice, .notice, correlation: 0, handing: descriptors)
    }

    package func ask<Question: Ask>(
        _ question: Question,
        handing descriptors: [Int32] = [],
        within limit: Duration
    ) async throws(Failure) -> Question.Answer {
        guard isOpen else {
            Self.close(descriptors)
            throw .closed("the channel was closed before")
        }
        lastCorrelation &+= 1
        let correlation = lastCorrelation
        let result = await withCheckedContinuation { continuation in
            let timer = EpollLoop.process.after(limit) { [weak self] in
                self?.questions.removeValue(forKey: correlation)?(.failure(.overdue))
            }
            questions[correlation] = { result in
                timer.cancel()
                continuation.resume(returning: result)
            }
            send(question, .question, correlation: correlation, handing: descriptors)
        }
        let frame = try result.get()
        do {
            var reader = WireReader(frame.message)
            if frame.purpose == .refusal { throw Failure.refused(try reader.text()) }
            let answer = try Question.Answer(from: &reader)
            try reader.finish()
            return answer
        } catch let failure as Failure {
            throw failure
        } catch {
            close("its answer to message \(Question.tag) cannot be read: \(error)")
            throw .closed("its answer cannot be read")
        }
    }

    // MARK: Listening

    package func on<N: Notice>(_ type: N.Type, _ handler: @escaping @OnLoop (N) -> Void) {
        on(type) { notice, descriptors in
            Self.close(descriptors)
            handler(notice)
        }
    }

    /// For notices that hand over descriptors, which are the handler's to close.
    package func on<N: Notice>(_ type: N.Type, _ handler: @escaping @OnLoop (N, [Int32]) -> Void) {
        handlers[N.tag] = { frame, descriptors in
            handler(try Self.decode(N.self, from: frame), descriptors)
        }
    }

    package func answer<A: Ask>(_ type: A.Type, _ handler: @escaping @OnLoop (A) async throws -> A.Answer) {
        answer(type) { question, descriptors in
            Self.close(descriptors)
            return try await handler(question)
        }
    }

    /// For questions that hand over descriptors, which are the handler's to close.
    package func answer<A: Ask>(_ type: A.Type, _ handler: @escaping @OnLoop (A, [Int32]) async throws -> A.Answer) {
        handlers[A.tag] = { [weak self] frame, descriptors in
            let question = try Self.decode(A.self, from: frame)
            // The frame itself would keep all that arrived with it in memory until the answer.
            let correlation = frame.correlation
            EpollLoop.process.task {
                do {
                    let answer = try await handler(question, descriptors)
                    self?.send(answer, tag: A.tag, .answer, correlation: correlation, handing: [])
                } catch {
                    let refusal = Refusal(why: "\(error)")
                    self?.send(refusal, tag: A.tag, .refusal, correlation: correlation, handing: [])
                }
            }
        }
    }

    private static func decode<M: Message>(_ type: M.Type, from frame: Frame) throws -> M {
        var reader = WireReader(frame.message)
        let message = try M(from: &reader)
        try reader.finish()
        return message
    }

    // MARK: Ending

    /// Ends the channel when all that was told has been written.
    package func closeWhenSent() {
        closing = true
        if outgoing.isEmpty { close("closed here") }
    }

    /// Hears out what the peer said before it went, then closes.
    package func closeWhenRead(_ reason: String) {
        if isOpen { receive() }
        close(reason)
    }

    package func close(_ reason: String) {
        guard !isClosed else { return }
        isClosed = true
        watch?.cancel()
        watch = nil
        Glibc.close(descriptor)
        Self.close(incomingDescriptors)
        incomingDescriptors = []
        dropOutgoing()
        handlers = [:]
        let unanswered = questions.values
        questions = [:]
        for question in unanswered { question(.failure(.closed(reason))) }
        let told = onClose
        onClose = nil
        told?(reason)
    }

    private func dropOutgoing() {
        for segment in outgoing { Self.close(segment.descriptors) }
        outgoing = []
    }

    private static func close(_ descriptors: [Int32]) {
        for descriptor in descriptors { Glibc.close(descriptor) }
    }

    // MARK: Bytes in

    private func receive() {
        var reads = 0
        // Bounded, so that one busy peer leaves the loop to the others.
        while reads < 16, isOpen {
            reads += 1
            let got = withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) { room in
                var arrived = [Int32](repeating: -1, count: Int(ML_MOST_DESCRIPTORS))
                var count: Int32 = 0
                let got = ml_receive(descriptor, room.baseAddress, room.count, &arrived, &count)
                if got > 0 { incoming.append(UnsafeRawBufferPointer(rebasing: room[..<got])) }
                incomingDescriptors += arrived.prefix(Int(count))
                return got
            }
            if got == 0 { return close("it ended") }
            if got < 0 {
                switch errno {
                case EAGAIN: return
                // It had not even read all that it was told.
                case ECONNRESET: return close("it ended")
                case let error: return close("it cannot be read: errno \(error)")
                }
            }
            handleFrames()
            if got < 1 << 16 { return }
        }
    }

    private func handleFrames() {
        do {
            while isOpen, let frame = try incoming.next() { try handle(frame) }
            // Descriptors arrive with the first byte of their message. Others would pile up until we have none left.
            guard incomingDescriptors.count <= (incoming.isEmpty ? 0 : Int(ML_MOST_DESCRIPTORS)) else {
                throw WireError("descriptors came that belong to no message")
            }
        } catch {
            close("it broke the protocol: \(error)")
        }
    }

    private func handle(_ frame: Frame) throws {
        guard greeted else { return try greet(frame) }
        guard incomingDescriptors.count >= Int(frame.descriptors) else {
            throw WireError("\(frame.descriptors) descriptors announced, \(incomingDescriptors.count) came")
        }
        let descriptors = Array(incomingDescriptors.prefix(Int(frame.descriptors)))
        incomingDescriptors.removeFirst(descriptors.count)
        switch frame.purpose {
        case .answer, .refusal:
            Self.close(descriptors)
            // None when the deadline has passed meanwhile.
            questions.removeValue(forKey: frame.correlation)?(.success(frame))
        case .notice, .question:
            do {
                guard let handler = handlers[frame.tag] else {
                    throw WireError("message \(frame.tag) means nothing here")
                }
                try handler(frame, descriptors)
            } catch {
                Self.close(descriptors)
                throw error
            }
        }
    }

    private func greet(_ frame: Frame) throws {
        var reader = WireReader(frame.message)
        guard frame.tag == 0, try reader.integer(UInt32.self) == Self.magic else {
            throw WireError("it is not an ml-connector process")
        }
        let theirs = try reader.integer(UInt32.self)
        guard theirs == Self.version else {
            throw WireError(
                "it speaks version \(theirs) and this build version \(Self.version): "
                    + "use the ml-connector that the server was started with"
            )
        }
        greeted = true
    }

    // MARK: Bytes out

    private func send(_ message: some Message, _ purpose: Frame.Purpose, correlation: UInt32, handing: [Int32]) {
        send(message, tag: type(of: message).tag, purpose, correlation: correlation, handing: handing)
    }

    private func send(
        _ value: some Wire,
        tag: UInt8,
        _ purpose: Frame.Purpose,
        correlation: UInt32,
        handing descriptors: [Int32]
    ) {
        var writer = WireWriter()
        value.write(to: &writer)
        send(
            Frame(
                tag: tag,
                purpose: purpose,
                correlation: correlation,
                descriptors: UInt8(descriptors.count),
                message: writer.bytes[...]
            ),
            handing: descriptors
        )
    }

    /// Descriptors are handed over for good: this process's copies are closed once sent.
    private func send(_ frame: Frame, handing descriptors: [Int32]) {
        guard isOpen, !isDeaf else { return Self.close(descriptors) }
        // What a peer or an operator gave us to pass on may be too much. That must not end a process.
        guard frame.message.count <= Frame.largestMessage else {
            Self.close(descriptors)
            return close("message \(frame.tag) would have \(frame.message.count) bytes")
        }
        let wasEmpty = outgoing.isEmpty
        if wasEmpty || !descriptors.isEmpty || outgoing[outgoing.count - 1].bytes.count >= Self.mostInSegment
            || sentOfFirst > 0 && outgoing.count == 1
        {
            outgoing.append(Segment(bytes: [], descriptors: descriptors))
        }
        frame.append(to: &outgoing[outgoing.count - 1].bytes)
        unsent += Frame.headerSize + frame.message.count
        guard unsent <= Self.mostUnsent else { return close("it reads nothing") }
        if wasEmpty { flush() }
    }

    private func flush() {
        while let first = outgoing.first {
            let sent = first.bytes.withUnsafeBytes { bytes in
                ml_send(
                    descriptor,
                    bytes.baseAddress?.advanced(by: sentOfFirst),
                    bytes.count - sentOfFirst,
                    first.descriptors,
                    Int32(first.descriptors.count)
                )
            }
            guard sent >= 0 else {
                guard errno == EAGAIN else { return cannotWrite(errno) }
                waitToWrite(true)
                return
            }
            Self.close(first.descriptors)
            outgoing[0].descriptors = []
            sentOfFirst += sent
            unsent -= sent
            if sentOfFirst == first.bytes.count {
                outgoing.removeFirst()
                sentOfFirst = 0
            }
        }
        waitToWrite(false)
        if closing { close("closed here") }
    }

    /// A peer that has gone hears nothing more, but its last words may lie in the socket: an acknowledgement, or why it
    /// went. They are read, and the end behind them closes the channel.
    private func cannotWrite(_ error: Int32) {
        guard error == EPIPE || error == ECONNRESET, !closing else {
            return close("it cannot be written: errno \(error)")
        }
        isDeaf = true
        dropOutgoing()
        waitToWrite(false)
    }

    private func waitToWrite(_ waits: Bool) {
        guard waits != waitsToWrite else { return }
        waitsToWrite = waits
        watch?.change(to: waits ? [.reading, .writing] : .reading)
    }
}

/// Sent instead of an answer.
private struct Refusal: Wire {
    var why: String

    init(why: String) {
        self.why = why
    }

    init(from reader: inout WireReader) throws(WireError) {
        why = try reader.text()
    }

    func write(to writer: inout WireWriter) {
        writer.text(why)
    }
}

/// Where there is nothing to say but that it was done.
package struct Done: Wire {
    package init() {}
    package init(from reader: inout WireReader) throws(WireError) {}
    package func write(to writer: inout WireWriter) {}
}
