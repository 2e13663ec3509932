import CPosix
import Foundation
import Glibc
import Testing
import Transport

@Suite(.onLoop, .timeLimit(.minutes(1))) struct `a spawned process` {
    /// A shell that says hello and then stops, to be looked at.
    @Test @OnLoop func `has its control socket as descriptor 3, and nothing above`() async throws {
        let control = socketPair()
        var pipes: [(reader: Int32, writer: Int32)] = []
        for _ in 0..<5 {
            let pipe = pipePair()
            // As if somebody had forgotten to close them on exec.
            ml_set_close_on_exec(pipe.writer, 0)
            pipes.append(pipe)
        }
        let pid = spawn("echo $0 $HOME $OTHER >&3; kill -STOP $$", control.1, ["HOME=/nowhere"])
        close(control.1)
        try #require(pid > 0)
        #expect(await firstLine(from: control.0) == "sh /nowhere")
        // A shell keeps a copy of its output for a moment after an echo to elsewhere; stopped, it has put it away.
        var status: Int32 = 0
        #expect(waitpid(pid, &status, WUNTRACED) == pid)
        let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd")
        #expect(Set(open).subtracting(["0", "1", "2"]) == ["3"])
        #expect(getpgid(pid) == pid, "Ctrl-C in a terminal would reach it")
        #expect(getsid(pid) == pid, "it could type into the terminal")
        let input = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/fd/0")
        #expect(input == "/dev/null")
        kill(pid, SIGKILL)
        #expect(exitStatus(of: pid) == SIGKILL)
        close(control.0)
        for pipe in pipes {
            close(pipe.writer)
            await untilEnd(of: pipe.reader)
            close(pipe.reader)
        }
    }

    @Test @OnLoop func `begins with no signal blocked or ignored`() async throws {
        let control = socketPair()
        // Ignored by this process, and blocked on this thread.
        signal(SIGPIPE, SIG_IGN)
        var blocked = sigset_t()
        sigemptyset(&blocked)
        sigaddset(&blocked, SIGTERM)
        pthread_sigmask(SIG_BLOCK, &blocked, nil)
        defer { pthread_sigmask(SIG_UNBLOCK, &blocked, nil) }
        let pid = spawn("awk '/^Sig(Blk|Ign)/ { printf \"%s \", $2 } END { print }' /proc/self/status >&3", control.1)
        close(control.1)
        try #require(pid > 0)
        let masks = await firstLine(from: control.0).split(separator: " ").prefix(2).compactMap {
            UInt64($0, radix: 16)
        }
        // The C library ignores two signals of its own, 32 and 33.
        #expect(masks.map { $0 & 0x7FFF_FFFF } == [0, 0])
        close(control.0)
        #expect(exitStatus(of: pid) == 0)
    }

    @Test @OnLoop func `that cannot be started is an error, not a process`() {
        let control = socketPair()
        defer {
            close(control.0)
            close(control.1)
        }
        var arguments: [UnsafeMutablePointer<CChar>?] = [nil]
        #expect(ml_spawn("/no/such/program", &arguments, &arguments, control.1) == -1)
        #expect(errno == ENOENT)
    }
}

@Suite struct `a filter of system calls` {
    /// Without Landlock, whose latest version only would refuse it too.
    @Test func `refuses signals to others, and lets a process abort`() async {
        await #expect(processExitsWith: .signal(SIGABRT)) {
            guard kill(getppid(), 0) == 0, ml_no_new_privileges() == 0, ml_seccomp_deny() == 0 else { exit(1) }
            guard kill(getppid(), 0) == -1, errno == EPERM else { exit(2) }
            var limit = rlimit()
            guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { exit(3) }
            abort()
        }
    }
}

/// Reaping takes whatever child there is, so each of these runs in a process of its own.
@Suite struct `a process's end` {
    @Test func `is reported with its code or its signal`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            var ended = ml_exit()
            guard ml_reap(&ended) == 0 else { exit(1) }
            let control = socketPair()
            let coded = spawn("exit 78", control.1)
            let killed = spawn("kill -9 $$", control.1)
            var seen: [Int32: ml_exit] = [:]
            while seen.count < 2 {
                if ml_reap(&ended) == 1 { seen[ended.pid] = ended } else { usleep(500) }
            }
            guard let first = seen[coded], first.signal == 0, first.code == 78 else { exit(2) }
            guard let second = seen[killed], second.signal == 1, second.code == SIGKILL else { exit(3) }
            exit(ml_reap(&ended) == 0 ? 7 : 4)
        }
    }

    @Test func `of a grandchild is told to the subreaper`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            guard ml_become_subreaper() == 0 else { exit(1) }
            let this = getpid()
            let control = socketPair()
            let pid = ml_fork_orphan()
            if pid == 0 {
                // Its maker is gone at once, and it has a new parent.
                _exit(ml_wait_for_parent(this) == 0 && write(control.1, "x", 1) == 1 ? 42 : 1)
            }
            guard pid > 0 else { exit(2) }
            var ended = ml_exit()
            while ml_reap(&ended) == 0 { usleep(500) }
            guard ended.pid == pid, ended.signal == 0, ended.code == 42 else { exit(3) }
            // The process between is reaped already.
            exit(ml_reap(&ended) == 0 && errno == ECHILD ? 7 : 4)
        }
    }

    @Test func `follows from its parent's`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            guard ml_become_subreaper() == 0 else { exit(1) }
            // Between us and the child stands one that ends as soon as the child is ready.
            let ready = pipePair()
            let middle = fork()
            if middle == 0 {
                let middle = getpid()
                let child = fork()
                if child == 0 {
                    guard ml_die_with_parent(middle) == 0, write(ready.writer, "x", 1) == 1 else { _exit(1) }
                    while true { pause() }
                }
                var byte: UInt8 = 0
                _exit(read(ready.reader, &byte, 1) == 1 ? 0 : 1)
            }
            var ended = ml_exit()
            var signals: [Int32] = []
            while signals.count < 2 {
                if ml_reap(&ended) == 1 { signals.append(ended.signal == 1 ? ended.code : 0) } else { usleep(500) }
            }
            exit(signals.sorted() == [0, SIGKILL] ? 7 : 2)
        }
    }
}

@Suite(.onLoop, .timeLimit(.minutes(1))) struct `a socket` {
    @Test @OnLoop func `in a folder can be opened by its owner only, and says who is there`() throws {
        let folder = NSTemporaryDirectory() + "ml-posix-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/control"
        // What a killed process left behind is replaced.
        close(ml_unix_listen(path))
        let listener = ml_unix_listen(path)
        try #require(listener >= 0)
        defer { close(listener) }
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let client = ml_unix_connect(path)
        try #require(client >= 0)
        defer { close(client) }
        let server = ml_accept(listener)
        try #require(server >= 0)
        defer { close(server) }
        var pid: pid_t = 0
        var user: uid_t = .max
        #expect(ml_peer(server, &pid, &user) == 0)
        #expect(pid == getpid() && user == getuid())
        #expect(fcntl(server, F_GETFD) == FD_CLOEXEC)
        #expect(ml_unix_connect(folder + "/nobody") == -1 && errno == ENOENT)
        #expect(ml_unix_listen("/" + String(repeating: "x", count: 108)) == -1 && errno == ENAMETOOLONG)
    }

    @Test @OnLoop func `on loopback gets a port of its own`() throws {
        var why: UnsafePointer<CChar>?
        let listener = ml_tcp_listen("127.0.0.1", "0", 16, &why)
        try #require(listener >= 0)
        defer { close(listener) }
        let port = ml_local_port(listener)
        #expect(port > 0)
        let client = ml_tcp_connect("127.0.0.1", "\(port)", &why)
        #expect(client >= 0)
        close(client)
        #expect(ml_tcp_listen("127.0.0.1", "\(port)", 16, &why) == -1)
        #expect(why.map { String(cString: $0) } == "Address already in use")
    }

    @Test @OnLoop func `refuses more descriptors than fit in a message`() {
        let ends = socketPair()
        #expect(ml_send(ends.0, "x", 1, Array(repeating: ends.1, count: 9), 9) == -1 && errno == EINVAL)
        close(ends.0)
        close(ends.1)
    }
}

private func spawn(_ script: String, _ control: Int32, _ environment: [String] = []) -> Int32 {
    func copies(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
        texts.map { strdup($0) } + [nil]
    }
    var arguments = copies(["sh", "-c", script])
    var variables = copies(["PATH=/usr/bin:/bin"] + environment)
    defer { for text in arguments + variables { free(text) } }
    return ml_spawn("/bin/sh", &arguments, &variables, control)
}

/// Waits for this child alone: the test runner has others.
private func exitStatus(of pid: Int32) -> Int32 {
    var status: Int32 = -1
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    return status
}

@OnLoop private func firstLine(from descriptor: Int32) async -> String {
    let (pieces, piece) = AsyncStream<String>.makeStream()
    let watch = EpollLoop.process.watch(descriptor, for: .reading) { _ in
        var room = [UInt8](repeating: 0, count: 4_096)
        let got = read(descriptor, &room, room.count)
        if got > 0 { piece.yield(String(decoding: room[..<got], as: UTF8.self)) } else { piece.finish() }
    }
    defer { watch.cancel() }
    var line = ""
    for await piece in pieces {
        line += piece
        if line.hasSuffix("\n") { break }
    }
    return line.trimmingCharacters(in: .whitespacesAndNewlines)
}
