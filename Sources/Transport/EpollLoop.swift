import CPosix
import Core
import Glibc
import Synchronization

/// The one loop of a process: it waits for descriptors and deadlines, and it is the executor that the process's actors
/// run on. So nothing in a worker ever runs on a second thread unless it says so (`BlockingThread`).
///
/// Everything marked `@OnLoop` runs here. A process gives its main thread to `run()`; a test calls `startThread()`.
/// It comes into being at first use, which a zygote must not make before it forks: a loop cannot be shared.
package final class EpollLoop: SerialExecutor, TaskExecutor, @unchecked Sendable {
    package static let process = EpollLoop()

    // Jobs handed over by other threads, and whether the loop has been woken for them already.
    private struct Handed {
        var jobs: [UnownedJob] = []
        var woken = false
    }
    private let handed = Guarded(Handed())
    private let hasThread = Atomic<Bool>(false)
    /// The thread that runs the loop; 0 while none does. Other threads ask, too.
    private let owner = Atomic<pthread_t>(0)
    private let epoll: Int32
    private let wakeup: Int32

    // All below belongs to the loop's thread.
    private nonisolated(unsafe) var ready: [UnownedJob] = []
    private nonisolated(unsafe) var running: [UnownedJob] = []
    private nonisolated(unsafe) var watches: [Int32: Watch] = [:]
    private nonisolated(unsafe) var nextGeneration: UInt32 = 0
    private nonisolated(unsafe) var timers = DeadlineHeap<LoopTimer>()
    private nonisolated(unsafe) var cancelledTimers = 0
    private nonisolated(unsafe) var stopped = false

    private init() {
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        wakeup = ml_eventfd()
        precondition(epoll >= 0 && wakeup >= 0, "the kernel gives no epoll or eventfd descriptor: errno \(errno)")
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.u64 = UInt64(UInt32(bitPattern: wakeup))
        epoll_ctl(epoll, EPOLL_CTL_ADD, wakeup, &event)
    }

    // MARK: Running

    /// Makes the calling thread the loop's own before it runs, so that a process can set itself up on it.
    package func adopt() {
        owner.store(pthread_self(), ordering: .relaxed)
    }

    /// Makes the calling thread the loop's own, and runs until `stop()`.
    package func run() {
        adopt()
        while !stopped {
            runJobs()
            fireTimers()
            waitForEvents(atMost: ready.isEmpty ? timers.earliest.map { $0 - Instant.now } : .zero)
        }
    }

    /// For processes whose main thread is not theirs to give away: the test runner's, above all. Any number of callers
    /// may ask; there is one thread.
    package func startThread() {
        guard hasThread.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged else { return }
        runOnThread(named: "loop") { EpollLoop.process.run() }
    }

    @OnLoop package func stop() {
        stopped = true
    }

    package var isCurrent: Bool {
        owner.load(ordering: .relaxed) == pthread_self()
    }

    // MARK: Executor

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent {
            ready.append(job)
            return
        }
        let mustWake = handed.withLock { handed in
            handed.jobs.append(job)
            defer { handed.woken = true }
            return !handed.woken
        }
        if mustWake {
            var one: UInt64 = 1
            write(wakeup, &one, 8)
        }
    }

    package func checkIsolated() {
        precondition(isCurrent, "this runs on the loop's thread only")
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    private func runJobs() {
        // Jobs that these make wait for the next turn, so that events and timers are never starved.
        swap(&ready, &running)
        for job in running {
            job.runSynchronously(
                isolatedTo: asUnownedSerialExecutor(),
                taskExecutor: asUnownedTaskExecutor()
            )
        }
        running.removeAll(keepingCapacity: running.count < 1_024)
    }

    // MARK: Simulating

    /// Runs `body` and all it starts on a machine that is only simulated, as fast as it can be computed: whenever nothing
    /// is left to do, the clocks go on to the next deadline. Nil when nothing can happen any more and it has not ended.
    ///
    /// The same machine with the same dice does the same, so long as nothing else in the process runs meanwhile.
    package func simulate<Success: Sendable>(
        on machine: SimulatedMachine,
        _ body: @escaping @OnLoop @Sendable () async -> Success
    ) -> Success? {
        precondition(ready.isEmpty && timers.earliest == nil, "the loop has other work")
        adopt()
        SimulatedMachine.enter(machine)
        defer { SimulatedMachine.enter(nil) }
        let outcome = Outcome<Success>()
        task { outcome.value = await body() }
        while simulateTurn(machine) {}
        return outcome.value
    }

    private final class Outcome<Success>: @unchecked Sendable {
        var value: Success?
    }

    /// One job, of those that are ready any: no order between them was ever promised. False when there is nothing left.
    private func simulateTurn(_ machine: SimulatedMachine) -> Bool {
        takeHanded()
        if ready.isEmpty {
            guard let due = timers.earliest else { return false }
            machine.advance(to: due)
            fireTimers()
            return true
        }
        let index = ready.count == 1 ? 0 : Int.random(in: 0..<ready.count, using: &machine.random)
        let job = ready.remove(at: index)
        job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
        return true
    }

    private func fireTimers() {
        let now = Instant.now
        while let timer = timers.popDue(at: now) {
            OnLoop.assumeIsolated {
                if timer.isCancelled { cancelledTimers -= 1 }
                timer.fire()
            }
        }
    }

    private func waitForEvents(atMost longest: Duration?) {
        let milliseconds: Int32 =
            switch longest {
            case nil: -1
            case let wait?: Int32(clamping: (max(wait.nanoseconds, 0) + 999_999) / 1_000_000)
            }
        withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: 128) { events in
            let count = epoll_wait(epoll, events.baseAddress, Int32(events.count), milliseconds)
            for index in 0..<max(Int(count), 0) { dispatch(events[index]) }
        }
    }

    private func dispatch(_ event: epoll_event) {
        let descriptor = Int32(truncatingIfNeeded: event.data.u64)
        if descriptor == wakeup {
            var count: UInt64 = 0
            read(wakeup, &count, 8)
            takeHanded()
            return
        }
        // A watch that was cancelled by an earlier event of this turn, and perhaps replaced on the same descriptor.
        guard let watch = watches[descriptor], watch.generation == UInt32(event.data.u64 >> 32) else { return }
        OnLoop.assumeIsolated { watch.handler(Readiness(events: event.events)) }
    }

    private func takeHanded() {
        handed.withLock { handed in
            ready.append(contentsOf: handed.jobs)
            handed.jobs.removeAll(keepingCapacity: true)
            handed.woken = false
        }
    }

    // MARK: Descriptors

    /// Calls `handler` whenever `descriptor` is ready, for as long as it stays ready, until the watch is cancelled.
    /// Cancel it before the descriptor is closed.
    @OnLoop package func watch(
        _ descriptor: Int32,
        for interest: Interest,
        handler: @escaping @OnLoop (Readiness) -> Void
    ) -> Watch {
        nextGeneration &+= 1
        let watch = Watch(descriptor: descriptor, generation: nextGeneration, handler: handler)
        watches[descriptor] = watch
        control(EPOLL_CTL_ADD, watch, interest)
        return watch
    }

    @OnLoop fileprivate func change(_ watch: Watch, to interest: Interest) {
        control(EPOLL_CTL_MOD, watch, interest)
    }

    @OnLoop fileprivate func forget(_ watch: Watch) {
        guard watches[watch.descriptor] === watch else { return }
        watches[watch.descriptor] = nil
        var event = epoll_event()
        epoll_ctl(epoll, EPOLL_CTL_DEL, watch.descriptor, &event)
    }

    private func control(_ operation: Int32, _ watch: Watch, _ interest: Interest) {
        var event = epoll_event()
        event.events = interest.rawValue
        event.data.u64 = UInt64(watch.generation) << 32 | UInt64(UInt32(bitPattern: watch.descriptor))
        let answer = epoll_ctl(epoll, operation, watch.descriptor, &event)
        precondition(answer == 0, "epoll_ctl refuses descriptor \(watch.descriptor): errno \(errno)")
    }

    // MARK: Time

    /// Calls `body` once, after `delay`.
    @discardableResult
    @OnLoop package func after(_ delay: Duration, _ body: @escaping @OnLoop () -> Void) -> LoopTimer {
        let timer = LoopTimer(body: body)
        schedule(timer, in: delay)
        return timer
    }

    /// Calls `body` again and again, `period` after it returned.
    @OnLoop package func every(_ period: Duration, _ body: @escaping @OnLoop () -> Void) -> LoopTimer {
        let timer = LoopTimer {}
        timer.body = { [unowned self, unowned timer] in
            body()
            if !timer.isCancelled { schedule(timer, in: period) }
        }
        schedule(timer, in: period)
        return timer
    }

    @OnLoop private func schedule(_ timer: LoopTimer, in delay: Duration) {
        timer.isScheduled = true
        timers.push(timer, at: Instant.now + delay)
    }

    /// Every question sets a deadline of seconds and cancels it within a millisecond. Left alone until they are due,
    /// those of a busy process would fill its memory.
    @OnLoop fileprivate func timerWasCancelled() {
        cancelledTimers += 1
        guard cancelledTimers > 64, cancelledTimers > timers.count / 2 else { return }
        timers.removeAll { $0.isCancelled }
        cancelledTimers = 0
    }

    @OnLoop var timerCount: Int { timers.count }

    /// Like `Task.sleep`, whose timers would start Dispatch's threads. Ends early, by throwing, when cancelled.
    @OnLoop package func sleep(for delay: Duration) async throws {
        let sleeper = Sleeper()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                sleeper.start(continuation, for: delay)
            }
        } onCancel: {
            task { sleeper.cancel() }
        }
    }

    /// An unstructured task that stays on the loop with all it calls. A bare `Task {}` would start Dispatch's threads.
    @discardableResult
    package func task<Success: Sendable>(
        _ body: @escaping @OnLoop @Sendable () async -> Success
    ) -> Task<Success, Never> {
        Task(executorPreference: self, operation: body)
    }

    @discardableResult
    package func task<Success: Sendable>(
        _ body: @escaping @OnLoop @Sendable () async throws -> Success
    ) -> Task<Success, any Error> {
        Task(executorPreference: self, operation: body)
    }
}

/// What runs on the process's loop, one thing at a time.
@globalActor package actor OnLoop {
    package static let shared = OnLoop()

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        EpollLoop.process.asUnownedSerialExecutor()
    }

    /// For callbacks from C, which arrive on the loop's thread without the compiler knowing.
    package static func assumeIsolated<Result>(_ body: @OnLoop () throws -> Result) rethrows -> Result {
        EpollLoop.process.checkIsolated()
        return try withoutActuallyEscaping(body) { body in
            // The same cast as in `MainActor.assumeIsolated`: isolation is not part of a function's representation.
            try unsafeBitCast(body, to: (() throws -> Result).self)()
        }
    }
}

/// What to wait for on a descriptor.
package struct Interest: OptionSet, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package static let reading = Interest(rawValue: EPOLLIN.rawValue)
    package static let writing = Interest(rawValue: EPOLLOUT.rawValue)
}

/// What a descriptor is ready for. A closed or broken one counts as both: the next read or write tells what happened.
package struct Readiness: Sendable {
    fileprivate let events: UInt32

    private var broken: Bool { events & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 }
    package var canRead: Bool { events & EPOLLIN.rawValue != 0 || broken }
    package var canWrite: Bool { events & EPOLLOUT.rawValue != 0 || broken }
}

@OnLoop package final class Watch {
    nonisolated let descriptor: Int32
    fileprivate nonisolated let generation: UInt32
    fileprivate let handler: @OnLoop (Readiness) -> Void

    fileprivate init(descriptor: Int32, generation: UInt32, handler: @escaping @OnLoop (Readiness) -> Void) {
        self.descriptor = descriptor
        self.generation = generation
        self.handler = handler
    }

    package func change(to interest: Interest) {
        EpollLoop.process.change(self, to: interest)
    }

    package func cancel() {
        EpollLoop.process.forget(self)
    }
}

@OnLoop package final class LoopTimer {
    fileprivate var body: (@OnLoop () -> Void)?
    fileprivate var isCancelled: Bool { body == nil }
    fileprivate var isScheduled = false

    fileprivate init(body: @escaping @OnLoop () -> Void) {
        self.body = body
    }

    package func cancel() {
        guard !isCancelled else { return }
        body = nil
        if isScheduled { EpollLoop.process.timerWasCancelled() }
    }

    fileprivate func fire() {
        isScheduled = false
        body?()
    }
}

@OnLoop private final class Sleeper {
    private var continuation: CheckedContinuation<Void, any Error>?
    private var timer: LoopTimer?
    private var cancelled = false

    nonisolated init() {}

    func start(_ continuation: CheckedContinuation<Void, any Error>, for delay: Duration) {
        guard !cancelled else { return continuation.resume(throwing: CancellationError()) }
        self.continuation = continuation
        timer = EpollLoop.process.after(delay) { self.finish(.success(())) }
    }

    func cancel() {
        cancelled = true
        timer?.cancel()
        finish(.failure(CancellationError()))
    }

    private func finish(_ result: Result<Void, any Error>) {
        continuation?.resume(with: result)
        continuation = nil
    }
}

extension Instant {
    /// The monotonic clock of the machine, or of the one that is simulated.
    package static var now: Instant {
        if let machine = SimulatedMachine.current { return machine.uptime }
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}

extension WallTime {
    /// The calendar clock of the machine, or of the one that is simulated.
    package static var now: WallTime {
        if let machine = SimulatedMachine.current { return machine.wallTime }
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(ticks: Int(time.tv_sec) * ticksPerSecond + Int(time.tv_nsec) / 100)
    }
}
