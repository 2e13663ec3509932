import Glibc

/// The executor of an actor whose calls block: SQLite commits, libpq, name look-ups.
///
/// The thread starts with the first call and ends after some seconds without one, so an idle worker holds none.
package final class BlockingThread: SerialExecutor, @unchecked Sendable {
    private struct State {
        var jobs: [UnownedJob] = []
        var hasThread = false
    }
    /// In seconds, some thirty years.
    package static let forever = 1 << 30

    private let name: String
    private let idleSeconds: Int
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let arrived = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private nonisolated(unsafe) var state = State()

    package init(named name: String, idleSeconds: Int = 5) {
        self.name = name
        self.idleSeconds = idleSeconds
        pthread_mutex_init(lock, nil)
        pthread_cond_init(arrived, nil)
    }

    deinit {
        pthread_mutex_destroy(lock)
        pthread_cond_destroy(arrived)
        lock.deallocate()
        arrived.deallocate()
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        pthread_mutex_lock(lock)
        state.jobs.append(UnownedJob(job))
        let mustStart = !state.hasThread
        state.hasThread = true
        pthread_cond_signal(arrived)
        pthread_mutex_unlock(lock)
        if mustStart {
            runOnThread(named: name) { self.serve() }
        }
    }

    private func serve() {
        var jobs: [UnownedJob] = []
        while takeJobs(into: &jobs) {
            for job in jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }
            jobs.removeAll(keepingCapacity: true)
        }
    }

    /// False after the idle time, with the thread signed off while the lock is still held.
    private func takeJobs(into taken: inout [UnownedJob]) -> Bool {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        var deadline = timespec()
        clock_gettime(CLOCK_REALTIME, &deadline)
        deadline.tv_sec += idleSeconds
        while state.jobs.isEmpty {
            if pthread_cond_timedwait(arrived, lock, &deadline) == ETIMEDOUT, state.jobs.isEmpty {
                state.hasThread = false
                return false
            }
        }
        swap(&taken, &state.jobs)
        return true
    }
}
