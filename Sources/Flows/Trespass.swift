import CPosix
import Glibc

/// What a worker must not be able to do, tried in earnest: the kernel's answers show that it is confined.
struct Trespass {
    struct Attempt {
        var what: String
        /// `refused`, with the kernel's reason, or `SUCCEEDED`.
        var outcome: String
    }

    /// Another worker's process.
    var sibling: Int32?
    /// Another tenant's folder.
    var neighbour: String?

    func attempts() -> [Attempt] {
        var all = [
            attempt("read /etc/passwd") { open("/etc/passwd", O_RDONLY) },
            attempt("write outside of its folder") { open("/tmp/trespass", O_WRONLY | O_CREAT, 0o600) },
            attempt("start a program") {
                var pid: pid_t = 0
                let failed = posix_spawn(&pid, "/bin/true", nil, nil, [nil], [nil])
                errno = failed
                return failed == 0 ? 0 : -1
            },
            attempt("fork") { forked() },
        ]
        all += attempts(on: getppid(), called: "its supervisor")
        if let sibling { all += attempts(on: sibling, called: "a sibling") }
        if let neighbour { all += attempts(in: neighbour) }
        return all
    }

    private func attempts(on pid: Int32, called name: String) -> [Attempt] {
        [
            attempt("signal \(name)") { kill(pid, SIGCONT) },
            attempt("trace \(name)") { ml_trace(pid) },
            attempt("read the memory of \(name)") { open("/proc/\(pid)/mem", O_RDONLY) },
            attempt("read the environment of \(name)") { open("/proc/\(pid)/environ", O_RDONLY) },
        ]
    }

    private func attempts(in folder: String) -> [Attempt] {
        [
            attempt("list another tenant's folder") { opendir(folder) == nil ? -1 : 0 },
            attempt("list the folders of all tenants") { opendir(folder + "/..") == nil ? -1 : 0 },
            attempt("read another tenant's store") { open(folder + "/store.db", O_RDONLY) },
            attempt("write another tenant's store") { open(folder + "/store.db", O_RDWR) },
            attempt("put a file beside another tenant's store") { open(folder + "/x", O_WRONLY | O_CREAT, 0o600) },
            attempt("read the control plane") { open(folder + "/../../control.db", O_RDONLY) },
            attempt("read the master key") { open(folder + "/../../master.key", O_RDONLY) },
            attempt("read the inbox") { open(folder + "/../../inbox/inbox.db", O_RDONLY) },
            attempt("give the server commands") { greeted(by: folder + "/../../control.sock") },
        ]
    }

    /// The server says hello first, to whom it serves.
    private func greeted(by socket: String) -> Int32 {
        let descriptor = ml_unix_connect(socket)
        guard descriptor >= 0 else { return -1 }
        defer { close(descriptor) }
        var byte: UInt8 = 0
        // The descriptor does not block, and the server answers within its turn.
        for _ in 0..<1_000 {
            errno = 0
            let got = read(descriptor, &byte, 1)
            if got > 0 { return 0 }
            guard got < 0, errno == EAGAIN else { break }
            usleep(1_000)
        }
        if errno == 0 { errno = ECONNRESET }
        return -1
    }

    private func forked() -> Int32 {
        let pid = fork()
        if pid == 0 { _exit(0) }
        return pid
    }

    private func attempt(_ what: String, _ body: () -> Int32) -> Attempt {
        errno = 0
        let answer = body()
        return Attempt(what: what, outcome: answer < 0 ? "refused (\(String(cString: strerror(errno))))" : "SUCCEEDED")
    }
}
