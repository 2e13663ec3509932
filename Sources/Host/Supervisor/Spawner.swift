import CPosix
import Core
import Glibc
import Transport

/// Which program a child process runs.
enum Role: String, Sendable {
    case gateway
    case worker
    case zygote
}

struct SpawnError: Error, CustomStringConvertible {
    var description: String
}

/// Makes child processes. The child gets `control` as its descriptor 3, which stays the caller's to close, and is a
/// child of the supervisor's whatever the way.
@OnLoop protocol Spawner: AnyObject {
    nonisolated var name: String { get }
    func spawn(_ role: Role, control: Int32) async throws -> Int32
    /// One of its own helpers may have been the process that exited.
    func exited(pid: Int32)
    func stop()
}

/// Starts the running binary anew for each process.
final class ExecSpawner: Spawner {
    nonisolated let name = "exec"

    func spawn(_ role: Role, control: Int32) throws -> Int32 {
        // The running file itself: what lies at its path may be of another version by now.
        let arguments = ["ml-connector", role.rawValue]
        // The supervisor's environment may hold the master key, so a child gets none of it but what is harmless.
        let passed = ["PATH", "TZ", "LANG", "SSL_CERT_FILE"].compactMap { name in
            getenv(name).map { name + "=" + String(cString: $0) }
        }
        // A worker has a second thread for moments only: its memory comes from the one heap, and its stack goes with it.
        let tunables = "GLIBC_TUNABLES=glibc.malloc.arena_max=1:glibc.pthread.stack_cache_size=0"
        let environment = passed + ["SWIFT_BACKTRACE=enable=no"] + (role == .gateway ? [] : [tunables])
        let pid = withCStrings(arguments) { arguments in
            withCStrings(environment) { environment in
                ml_spawn("/proc/self/exe", mutableList(arguments), mutableList(environment), control)
            }
        }
        guard pid > 0 else {
            throw SpawnError(description: "no process can be started: \(String(cString: strerror(errno)))")
        }
        return pid
    }

    func exited(pid: Int32) {}
    func stop() {}
}

/// Forks processes from a zygote that has loaded libraries and CA store once: a start takes a fraction of a millisecond
/// and the memory of what differs. While the zygote is not there, workers are started by exec.
final class ZygoteSpawner: Spawner {
    nonisolated let name = "zygote"
    private let exec = ExecSpawner()
    private let log: Log
    private var zygote: (pid: Int32, channel: Channel)?
    private var restarts = SlidingWindow(limit: 10, per: .seconds(60))
    private var isStopping = false

    init(log: Log) {
        self.log = log
    }

    func spawn(_ role: Role, control: Int32) async throws -> Int32 {
        // The gateway reads what strangers send, so it shares no address layout with the workers.
        guard role == .worker, let channel = standingZygote() else { return try exec.spawn(role, control: control) }
        let handed = fcntl(control, F_DUPFD_CLOEXEC, 3)
        guard handed >= 0 else { throw SpawnError(description: "no descriptors are left") }
        do {
            let pid = try await channel.ask(ForkQuestion(), handing: [handed], within: .seconds(5)).pid
            guard pid > 0 else { throw SpawnError(description: "the kernel refused it a process") }
            return pid
        } catch {
            log.warning("the zygote did not fork (\(error)): starting by exec instead")
            dismiss()
            // For the next one: nobody else would notice that there is none.
            _ = standingZygote()
            return try exec.spawn(role, control: control)
        }
    }

    func exited(pid: Int32) {
        guard pid == zygote?.pid else { return }
        log.warning("the zygote ended; the next worker starts a new one")
        zygote?.channel.close("it ended")
        zygote = nil
    }

    func stop() {
        isStopping = true
        dismiss()
    }

    private func dismiss() {
        guard let zygote else { return }
        self.zygote = nil
        zygote.channel.close("dismissed")
        kill(zygote.pid, SIGKILL)
    }

    private func standingZygote() -> Channel? {
        if let zygote { return zygote.channel }
        guard !isStopping, restarts.admit(at: .now) == .admit else { return nil }
        var ends: [Int32] = [-1, -1]
        guard ml_socketpair(&ends) == 0 else { return nil }
        defer { close(ends[1]) }
        guard let pid = try? exec.spawn(.zygote, control: ends[1]) else {
            close(ends[0])
            return nil
        }
        let channel = Channel(descriptor: ends[0])
        channel.start()
        zygote = (pid, channel)
        return channel
    }
}
