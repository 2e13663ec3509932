import Glibc
import Testing
import Transport

/// Sent to the loop's own thread, where they are blocked: any other thread of the test runner would die of them.
@Suite(.onLoop, .timeLimit(.minutes(1))) struct `a signal` {
    @Test @OnLoop func `becomes an event of the loop, and interrupts nothing`() async {
        let (signals, signal) = AsyncStream<Int32>.makeStream()
        var heard: [Int32] = []
        let kept = Signals([SIGUSR1, SIGUSR2]) { number in
            heard.append(number)
            signal.yield(number)
        }
        raise(SIGUSR2)
        raise(SIGUSR1)
        // A second one of the same kind, before the first was read, is one with it.
        raise(SIGUSR1)
        #expect(heard.isEmpty, "it came in between")
        for await _ in signals.prefix(2) {}
        #expect(heard.sorted() == [SIGUSR1, SIGUSR2])
        raise(SIGUSR1)
        #expect(await signals.first == SIGUSR1)
        withExtendedLifetime(kept) {}
    }

    @Test func `to drain ends no process that listens to it`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            EpollLoop.process.startThread()
            await drainWhenTold()
        }
    }

    @Test func `of a peer that hung up is an error of the write`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            EpollLoop.process.startThread()
            await writeToNobody()
        }
    }
}

@OnLoop private func drainWhenTold() async {
    let (signals, signal) = AsyncStream<Int32>.makeStream()
    let kept = Signals([SIGTERM, SIGHUP]) { signal.yield($0) }
    raise(SIGHUP)
    guard await signals.first == SIGHUP else { exit(1) }
    raise(SIGTERM)
    guard await signals.first == SIGTERM else { exit(2) }
    withExtendedLifetime(kept) { exit(7) }
}

@OnLoop private func writeToNobody() async {
    let kept = Signals([SIGTERM]) { _ in }
    let pipe = pipePair()
    close(pipe.reader)
    let answer = write(pipe.writer, "x", 1)
    withExtendedLifetime(kept) { exit(answer < 0 && errno == EPIPE ? 7 : 1) }
}
