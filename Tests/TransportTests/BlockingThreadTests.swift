import Glibc
import Testing
import Transport

@Suite(.onLoop, .timeLimit(.minutes(1))) struct `a thread for blocking calls` {
    actor Store {
        let thread: BlockingThread
        private(set) var numbers: [Int] = []
        private var inside = 0

        init(idleSeconds: Int = 5) {
            thread = BlockingThread(named: "store", idleSeconds: idleSeconds)
        }

        nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

        func append(_ number: Int) {
            inside += 1
            numbers.append(number)
            #expect(inside == 1, "two threads are in one actor")
            inside -= 1
        }

        /// `<process>/task/<thread>` in `/proc`.
        func place() -> String {
            var room = [UInt8](repeating: 0, count: 100)
            let count = readlink("/proc/thread-self", &room, room.count)
            return "/proc/" + String(decoding: room[..<max(count, 0)], as: UTF8.self)
        }
    }

    @Test @OnLoop func `does what it is asked, one after the other, in order`() async {
        let store = Store()
        for number in 0..<1_000 { await store.append(number) }
        #expect(await store.numbers == Array(0..<1_000))
    }

    @Test @OnLoop func `does all that many ask at once`() async {
        let store = Store()
        let askers = (0..<20).map { asker in
            EpollLoop.process.task { for number in 0..<100 { await store.append(asker * 100 + number) } }
        }
        for asker in askers { await asker.value }
        #expect(await store.numbers.sorted() == Array(0..<2_000))
    }

    @Test @OnLoop func `is one thread while there is work, and none after`() async {
        let store = Store(idleSeconds: 0)
        let busy = Store()
        let first = await busy.place()
        #expect(await busy.place() == first)
        let place = await store.place()
        #expect(place.contains("/task/") && place != first)
        while access(place, F_OK) == 0 { try? await EpollLoop.process.sleep(for: .milliseconds(1)) }
        #expect(access(first, F_OK) == 0)
        await store.append(1)
        #expect(await store.numbers == [1])
    }

    /// The thread signs off just when the next call comes.
    @Test @OnLoop func `loses no call between two threads`() async {
        let store = Store(idleSeconds: 0)
        for number in 0..<3_000 {
            await store.append(number)
            if number % 3 == 0 { try? await EpollLoop.process.sleep(for: .microseconds(number % 100)) }
        }
        #expect(await store.numbers == Array(0..<3_000))
    }
}
