import Core
import Transport

/// A process of the simulated machine. All that it does to the outside, a call of its store or of a vendor, is a step; at
/// one of them it may be killed, before the step took effect or after, and from there on nothing of it reaches anything.
@OnLoop package final class SimulatedProcess {
    /// Thrown into whatever a dead process still runs.
    struct Killed: Error {}

    package enum End: Sendable {
        case killed
        case exited(code: Int32)
        /// The machine went, and nobody is there to notice.
        case power
    }

    package nonisolated let pid: Int32
    package nonisolated let name: String
    package nonisolated let executor = ProcessExecutor()
    private(set) var steps = 0
    private(set) var end: End?
    /// The step at which it is killed, if it is.
    var diesAt = Int.max
    var isKillable = false
    private var thawing: [CheckedContinuation<Void, Never>] = []
    /// Called once.
    var onEnd: ((End) -> Void)?

    nonisolated init(pid: Int32, name: String) {
        self.pid = pid
        self.name = name
    }

    var isAlive: Bool { end == nil }
    var isFrozen: Bool { executor.isFrozen }

    /// One step, for those who cannot wait.
    func step() throws {
        guard isAlive else { throw Killed() }
        steps += 1
        guard steps >= diesAt else { return }
        finish(.killed)
        throw Killed()
    }

    /// One step, once it is not frozen.
    func pass() async throws {
        while isFrozen, isAlive { await withCheckedContinuation { thawing.append($0) } }
        try step()
    }

    func finish(_ end: End) {
        guard isAlive else { return }
        self.end = end
        thaw()
        onEnd?(end)
        onEnd = nil
    }

    /// SIGSTOP.
    func freeze() {
        if isAlive { executor.freeze() }
    }

    /// SIGCONT.
    func thaw() {
        executor.thaw()
        let waiting = thawing
        thawing = []
        for continuation in waiting { continuation.resume() }
    }
}

/// Where the actors of one process run: on the loop, and nowhere while the process is frozen.
package final class ProcessExecutor: SerialExecutor, @unchecked Sendable {
    // Of the one thread there is in a simulation.
    private nonisolated(unsafe) var held: [UnownedJob] = []
    private(set) nonisolated(unsafe) var isFrozen = false

    package func enqueue(_ job: consuming ExecutorJob) {
        if isFrozen {
            held.append(UnownedJob(job))
        } else {
            EpollLoop.process.enqueue(job)
        }
    }

    package func checkIsolated() {
        EpollLoop.process.checkIsolated()
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    func freeze() {
        isFrozen = true
    }

    func thaw() {
        isFrozen = false
        let jobs = held
        held = []
        for job in jobs { EpollLoop.process.enqueue(ExecutorJob(job)) }
    }
}
