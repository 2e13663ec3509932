import Core
import Testing
import Transport

@testable import Host

@Suite(.onLoop, .timeLimit(.minutes(1))) struct `strangers who ask for metrics` {
    @Test @OnLoop func `make the supervisor look once a second at most`() async throws {
        let staged = try await StagedSupervisor()
        let (seat, process) = try await staged.worker(1)
        let now = Instant.now
        #expect(staged.supervisor.poolFacts(at: now).accepted == 0)
        process.tell(Beat(accepted: 5))
        try await staged.until { seat.beat.accepted == 5 }
        #expect(staged.supervisor.poolFacts(at: now + .milliseconds(999)).accepted == 0)
        #expect(staged.supervisor.poolFacts(at: now + .seconds(1)).accepted == 5)
        await staged.end()
    }
}
