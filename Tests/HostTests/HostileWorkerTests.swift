import Core
import Glibc
import Testing
import Transport

@testable import Host

/// A worker in other hands says what it likes. It must not get further than its own seat.
@Suite(.onLoop, .timeLimit(.minutes(1))) struct `a worker in other hands` {
    @Test @OnLoop func `cannot end the supervisor by its figures`() async throws {
        let staged = try await StagedSupervisor()
        for number in 1...2 as ClosedRange<Int64> {
            let (seat, process) = try await staged.worker(number)
            process.tell(Beat(accepted: .max, duplicates: .max, waiting: .max))
            try await staged.until { seat.beat.accepted > 0 }
        }
        #expect(staged.supervisor.poolFacts().accepted > 0)
        #expect(staged.supervisor.status.workers.allSatisfy { Int64(exactly: $0.accepted) != nil })
        staged.supervisor.apply([])
        for number in 3...4 as ClosedRange<Int64> { _ = try await staged.worker(number) }
        #expect(staged.supervisor.poolFacts(at: .now + .seconds(2)).duplicates > 0)
        await staged.end()
    }

    @Test @OnLoop func `cannot make new metrics, nor sums that overflow, by what it counts`() async throws {
        let staged = try await StagedSupervisor()
        var figures = WorkerFigures()
        figures.changes = (0..<10_000).map { WorkerFigures.Count(system: "", name: "\($0)", count: .max) }
        figures.calls = (0..<10_000).map { WorkerFigures.Count(system: "\($0)", name: "answered\n", count: .max) }
        figures.windows = (0..<1_000).map {
            WorkerFigures.WindowUse(system: "x", window: "\u{1B}\($0)", account: "", used: .max, limit: 1)
        }
        figures.lagBuckets = [1]
        figures.queuedLive = .max
        figures.parked = .max
        figures.subscriptionSeconds = .min
        figures.trouble = "\u{1B}]0;mine\u{7}" + String(repeating: "long", count: 1_000)
        for number in 1...2 as ClosedRange<Int64> {
            let (seat, process) = try await staged.worker(number)
            process.tell(Beat(accepted: 1, figures: figures))
            try await staged.until { seat.beat.accepted == 1 }
        }
        let status = staged.supervisor.status.workers[0]
        #expect(status.trouble.hasPrefix(" ]0;mine long") && status.trouble.utf8.count <= 500)
        #expect(status.windows.count <= 32 && Int64(exactly: status.parked) != nil && status.subscriptionSeconds == 0)
        let work = staged.supervisor.poolFacts().work
        #expect(work.counters.changes.last ?? 0 > 0 && work.counters.changes.dropLast().allSatisfy { $0 == 0 })
        #expect(work.windows.count <= 32 && work.troubled == 2 && work.counters.lagBuckets.allSatisfy { $0 == 0 })
        let facts = staged.supervisor.poolFacts()
        let page = GatewayMetrics().page(server: nil, intake: nil, pool: facts)
        #expect(page.utf8.count < 20_000 && !page.contains("\u{1B}"))
        await staged.end()
    }

    @Test @OnLoop func `cannot fill a status, nor write on a terminal, by its last words`() async throws {
        let staged = try await StagedSupervisor()
        let (seat, process) = try await staged.worker(1)
        process.tell(Parting(reason: "\u{1B}]0;mine\u{7}" + String(repeating: "long", count: 1_000_000)))
        try await staged.until { seat.reason != nil }
        let reason = try #require(seat.reason)
        #expect(reason.utf8.count <= 500 && reason.hasPrefix(" ]0;mine long"))
        await staged.end()
    }

    @Test @OnLoop func `cannot make the supervisor remember, or log, without end`() async throws {
        let staged = try await StagedSupervisor()
        let (seat, process) = try await staged.worker(1)
        for round in 0..<3 { process.tell(Ready(missing: (0..<1_000).map { "\(round) \($0)" })) }
        process.tell(Parting(reason: "over"))
        try await staged.until { seat.reason == "over" }
        #expect(seat.life.isUp && staged.supervisor.missing.count <= 20)
        await staged.end()
    }

    @Test @OnLoop func `cannot use up the supervisor's descriptors`() async throws {
        let staged = try await StagedSupervisor()
        let (seat, process) = try await staged.worker(1)
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        process.tell(Beat(accepted: 1), handing: [ends[1]])
        try await staged.until { seat.beat.accepted == 1 }
        // The pipe has ended: nobody holds its other end.
        var byte: UInt8 = 0
        #expect(read(ends[0], &byte, 1) == 0)
        close(ends[0])
        await staged.end()
    }

    @Test @OnLoop func `is refused at the control socket`() async throws {
        let staged = try await StagedSupervisor()
        let (seat, _) = try await staged.worker(1)
        #expect(staged.supervisor.isOwn(try #require(seat.life.pid)))
        #expect(!staged.supervisor.isOwn(getpid()))
        await staged.end()
    }
}
