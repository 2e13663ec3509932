import Testing
import Transport

/// The test runner keeps its main thread, so the loop gets one of its own, once per test process.
struct OnLoopTrait: SuiteTrait, TestTrait, TestScoping {
    private static let started: Void = EpollLoop.process.startThread()

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        Self.started
        try await function()
    }
}

extension Trait where Self == OnLoopTrait {
    static var onLoop: Self { OnLoopTrait() }
}
