import Core
import Testing
import Transport

@testable import Host

@Suite(.onLoop, .timeLimit(.minutes(1))) struct `an upgrade that is not finished` {
    @Test @OnLoop func `lets no connection have two processes`() async throws {
        let staged = try await StagedSupervisor()
        let supervisor = staged.supervisor
        supervisor.predecessors[1_999_999_999] = Predecessor(connection: 1, descriptor: -1)
        supervisor.apply([staged.connection(1)])
        let seat = try #require(supervisor.workers[1])
        supervisor.want(seat)
        supervisor.replace(seat)
        var edited = staged.connection(1)
        edited.revision = 2
        supervisor.apply([edited])
        #expect(seat.life.state == .down)
        supervisor.predecessors = [:]
        supervisor.want(seat)
        try await staged.until { seat.life.pid != nil }
        #expect(staged.stage.processes.count == 1)
        await staged.end()
    }
}
