import Glibc
import Host
import Transport

/// This binary with another command.
@OnLoop final class DemoChild {
    private let pid: pid_t

    init(_ words: [String], _ environment: [String]) throws {
        let path = "/proc/self/exe"
        var argv = (["ml-connector"] + words).map { strdup($0) } + [nil]
        let kept = ["PATH", "HOME", "TZ", "LANG"].compactMap { (name: String) -> String? in
            getenv(name).map { "\(name)=\(String(cString: $0))" }
        }
        var envp = (kept + environment).map { strdup($0) } + [nil]
        defer { for text in argv + envp { free(text) } }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own: Ctrl-C comes to us, and we pass it on once. And none of our blocked signals.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
        var started: pid_t = 0
        let failed = posix_spawn(&started, path, nil, &attributes, &argv, &envp)
        guard failed == 0 else {
            throw CommandFailure(
                code: .failed,
                text: "\(words[0]) cannot be started: \(String(cString: strerror(failed)))"
            )
        }
        pid = started
    }

    func stop() {
        kill(pid, SIGTERM)
    }

    /// Its exit code; 128 and more for a signal.
    func end() async -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, WNOHANG) == 0 { try? await EpollLoop.process.sleep(for: .milliseconds(50)) }
        return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + (status & 0x7f)
    }
}
