import CPosix
import Core
import Glibc
import Store
import Synchronization
import Testing
import Transport

@testable import Host

@Suite(.onLoop, .timeLimit(.minutes(1))) struct `the intake` {
    /// Sends two webhooks, the second while the commit of the first is under way, which fails.
    @Test @OnLoop func `answers what came while a commit failed, when nobody else comes`() async throws {
        let inbox = StagedInbox()
        let intake = Intake(inbox: inbox, limits: IntakeLimits(), log: Log(role: "test"))
        var taken = 0
        var router = HTTPServer.Router()
        router.add(.post, "/") { exchange in
            taken += 1
            let key = EventKey(high: 1, low: UInt64(taken))
            let arrival = Arrival(connection: 1, key: key, kind: "webhook", receivedMilliseconds: 0, body: [])
            intake.take(arrival, from: exchange)
        }
        var why: UnsafePointer<CChar>?
        let listener = ml_tcp_listen("127.0.0.1", "0", 16, &why)
        let server = try HTTPServer(listener: listener, router: router)
        let port = "\(ml_local_port(listener))"
        inbox.holds.store(true, ordering: .relaxed)
        let first = ml_tcp_connect("127.0.0.1", port, &why)
        try await post(first)
        try await until { taken == 1 && inbox.commits.load(ordering: .relaxed) == 1 }
        let second = ml_tcp_connect("127.0.0.1", port, &why)
        try await post(second)
        try await until { taken == 2 }
        inbox.holds.store(false, ordering: .relaxed)
        #expect(try await status(first) == "503")
        #expect(try await status(second) == "202")
        for socket in [first, second] { close(socket) }
        server.stop()
        close(listener)
    }

    @Test @OnLoop func `gives back the room of a connection that was removed`() async throws {
        let inbox = StagedInbox()
        let intake = Intake(inbox: inbox, limits: IntakeLimits(), log: Log(role: "test"))
        let outbox = Outbox(connection: 4, inbox: inbox, intake: intake, log: Log(role: "test"))
        for sequence in 1...3 as ClosedRange<Int64> {
            let key = EventKey(high: 4, low: UInt64(sequence))
            let entry = InboxEntry(sequence: sequence, connection: 4, key: key, bytes: 10)
            intake.found(entry)
            outbox.found(entry)
        }
        outbox.discard()
        #expect(outbox.isIdle && intake.ledger.total == InboxLedger.Usage())
        await intake.drain()
        #expect(inbox.removed.withLock { $0 } == [1, 2, 3])
    }

    @OnLoop private func post(_ socket: Int32) async throws {
        let request = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
        try await until { ml_send(socket, request, request.utf8.count, nil, 0) == request.utf8.count }
    }

    @OnLoop private func status(_ socket: Int32) async throws -> String {
        var bytes = [UInt8](repeating: 0, count: 512)
        var count = 0
        try await until {
            count = read(socket, &bytes, bytes.count)
            return count > 12
        }
        return String(decoding: bytes[9..<12], as: UTF8.self)
    }

    @OnLoop private func until(_ fact: () -> Bool) async throws {
        for _ in 0..<2_500 {
            if fact() { return }
            try await EpollLoop.process.sleep(for: .milliseconds(2))
        }
    }
}

/// Its first commit of arrivals fails, after as long as it is held.
private actor StagedInbox: InboxStore {
    // Without a thread of its own it would run on the loop, and hold that.
    private let thread = BlockingThread(named: "staged inbox")
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    nonisolated let holds = Atomic<Bool>(false)
    nonisolated let commits = Atomic<Int>(0)
    nonisolated let removed = Mutex<[Int64]>([])

    func commit(_ arrivals: [Arrival], removing: [Int64]) throws -> CommitReceipt {
        let number = Int64(commits.add(1, ordering: .relaxed).newValue)
        while holds.load(ordering: .relaxed) { usleep(500) }
        guard number > 1 || arrivals.isEmpty else { throw StoreError.full(file: "staged") }
        removed.withLock { $0 += removing }
        return CommitReceipt(sequences: number..<number + Int64(arrivals.count))
    }

    func index() -> [InboxEntry] { [] }
    func load(_ sequences: [Int64]) -> [Event] { [] }
    func usage() -> InboxUsage { InboxUsage(events: 0, bytes: 0, maximumBytes: nil) }
    func compact() -> Bool { false }
    func close() {}
}
