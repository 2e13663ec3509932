import Foundation
import Glibc
import Testing

/// All tests of the real binary: one after the other, because they load the machine and kill processes.
@Suite(.serialized, .onOwnThread) struct `the binary` {}

/// Tests that wait for processes block, so they run on a thread of their own instead of the few that all tests share.
struct OwnThreadTrait: SuiteTrait, TestTrait, TestScoping {
    // One for all tests: a server dies with the thread that started it, so this one must outlive each.
    private static let thread = OwnThread()

    var isRecursive: Bool { true }

    func scopeProvider(for test: Test, testCase: Test.Case?) -> OwnThreadTrait? {
        testCase == nil ? nil : self
    }

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(Self.thread) { try await function() }
    }
}

extension Trait where Self == OwnThreadTrait {
    static var onOwnThread: Self { OwnThreadTrait() }
}

private final class OwnThread: TaskExecutor, @unchecked Sendable {
    private let arrived = NSCondition()
    private var jobs: [UnownedJob] = []

    init() {
        Thread.detachNewThread { [unowned self] in run() }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        arrived.withLock {
            jobs.append(job)
            arrived.signal()
        }
    }

    private func run() -> Never {
        while true {
            let job = arrived.withLock {
                while jobs.isEmpty { arrived.wait() }
                return jobs.removeFirst()
            }
            job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }
}

/// Something that should have become true in time did not.
struct Overdue: Error, CustomStringConvertible {
    var description: String
}

/// Asks again and again until it is so. Answers how long it took.
@discardableResult
func until(
    _ what: String,
    within seconds: Double = 10,
    every microseconds: UInt32 = 1_000,
    _ isSo: () throws -> Bool
)
    throws -> Duration
{
    let clock = ContinuousClock()
    let began = clock.now
    while try !isSo() {
        guard clock.now - began < .seconds(seconds) else {
            throw Overdue(description: "not within \(seconds) s: \(what)")
        }
        usleep(microseconds)
    }
    return clock.now - began
}

/// One thread for a body that blocks; its end can be waited for.
final class Aside: Sendable {
    private let ended = DispatchSemaphore(value: 0)

    init(_ body: @escaping @Sendable () -> Void) {
        Thread.detachNewThread { [ended] in
            body()
            ended.signal()
        }
    }

    func join() { ended.wait() }
}
