import CPosix
import Glibc

/// What a worker must not be able to do, tried in earnest: the kernel's answers show that it is confined.
enum Trespass {
    struct Attempt {
        var what: String
        /// `refused`, with the kernel's reason, or `SUCCEEDED`.
        var outcome: String
    }

    static func attempts() -> [Attempt] {
        [
            attempt("read /etc/passwd") { open("/etc/passwd", O_RDONLY) },
            attempt("list the folders of all tenants") { opendir("..") == nil ? -1 : 0 },
            attempt("write outside of its folder") { open("/tmp/trespass", O_WRONLY | O_CREAT, 0o600) },
            attempt("start a program") {
                var pid: pid_t = 0
                let failed = posix_spawn(&pid, "/bin/true", nil, nil, [nil], [nil])
                errno = failed
                return failed == 0 ? 0 : -1
            },
            attempt("signal its supervisor") { kill(getppid(), SIGCONT) },
            attempt("trace its supervisor") { ml_trace(getppid()) },
            attempt("read its supervisor's memory") { open("/proc/\(getppid())/mem", O_RDONLY) },
        ]
    }

    private static func attempt(_ what: String, _ body: () -> Int32) -> Attempt {
        errno = 0
        let answer = body()
        return Attempt(what: what, outcome: answer < 0 ? "refused (\(String(cString: strerror(errno))))" : "SUCCEEDED")
    }
}
