import Core
import Engine
import Testing
import Transport

@Suite(.onLoop) struct `a record that waits for something` {
    @Test @OnLoop func `waits in the queue, holds up nothing, and is due with the next word of it`() async throws {
        let stage = try await Stage()
        stage.start()
        try await stage.untilQuiet()
        try await stage.change("a", ["waits": "yes"])
        try await stage.change("b", ["name": "b"])
        try await stage.until { stage.world.item(of: "b") != nil }
        try await stage.until { try await stage.queue.nextDueMilliseconds != nil }
        let queue = try await stage.queue
        #expect(queue.parked == 0 && queue.live + queue.background == 1 && stage.world.item(of: "a") == nil)
        #expect(try await stage.decisions(of: "a").isEmpty && stage.engine?.trouble == "")

        let before = Instant.now
        try await stage.change("a", ["name": "a"])
        try await stage.untilQuiet()
        #expect(stage.world.item(of: "a") != nil && Instant.now - before < .seconds(8))
        await stage.stop()
    }
}
