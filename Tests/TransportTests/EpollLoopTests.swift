import CPosix
import Core
import Glibc
import Synchronization
import Testing
import Transport

@Suite(.onLoop) struct `the loop` {
    @Test @OnLoop func `fires timers in the order they are due`() async throws {
        var fired: [Int] = []
        EpollLoop.process.after(.milliseconds(20)) { fired.append(2) }
        EpollLoop.process.after(.milliseconds(5)) { fired.append(1) }
        EpollLoop.process.after(.milliseconds(10)) { fired.append(0) }.cancel()
        try await EpollLoop.process.sleep(for: .milliseconds(30))
        #expect(fired == [1, 2])
    }

    @Test @OnLoop func `ends a sleep at once when its task is cancelled`() async {
        let started = Instant.now
        let sleeper = EpollLoop.process.task { try await EpollLoop.process.sleep(for: .seconds(60)) }
        sleeper.cancel()
        await #expect(throws: CancellationError.self) { try await sleeper.value }
        #expect(Instant.now - started < .seconds(30))
    }

    @Test @OnLoop func `tells when a descriptor can be read, until the watch is cancelled`() async throws {
        var ends: [Int32] = [0, 0]
        #expect(ml_socketpair(&ends) == 0)
        defer { for end in ends { close(end) } }
        var seen = 0
        let (told, tell) = AsyncStream<Void>.makeStream()
        let watch = EpollLoop.process.watch(ends[0], for: .reading) { readiness in
            var byte: UInt8 = 0
            if readiness.canRead, read(ends[0], &byte, 1) == 1 { seen += 1 }
            tell.yield()
        }
        for expected in 1...3 {
            write(ends[1], "x", 1)
            for await _ in told.prefix(1) {}
            #expect(seen == expected)
        }
        watch.cancel()
        write(ends[1], "x", 1)
        try await EpollLoop.process.sleep(for: .milliseconds(5))
        #expect(seen == 3)
    }

    @Test @OnLoop func `keeps tasks, child tasks and plain async functions on its one thread`() async {
        func plain() async -> Bool { EpollLoop.process.isCurrent }
        async let child = plain()
        let grandchild = await withTaskGroup(of: Bool.self) { group in
            group.addTask { await plain() }
            return await group.next() ?? false
        }
        let task = await EpollLoop.process.task { await plain() }.value
        #expect(await child && grandchild && task)
    }

    @Test @OnLoop func `comes back from an actor on a thread of its own`() async {
        actor Store {
            let thread = BlockingThread(named: "store")
            nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
            func isOnLoop() -> Bool { EpollLoop.process.isCurrent }
        }
        let store = Store()
        for _ in 0..<100 {
            #expect(await !store.isOnLoop())
            #expect(EpollLoop.process.isCurrent)
        }
    }
}
