import Foundation
import Glibc

/// A program that runs, with its outputs in files.
///
/// It dies with the thread that started it: a test that crashes leaves nothing behind.
final class Program {
    let pid: Int32
    let output: String
    let errors: String
    private(set) var exit: Exit?

    enum Exit: Equatable {
        case code(Int32)
        case signal(Int32)
    }

    struct NotStarted: Error, CustomStringConvertible {
        var description: String
    }

    /// `output` and `errors` are appended to.
    init(
        _ arguments: [String],
        environment: [String: String] = [:],
        user: UInt32? = nil,
        input: String = "/dev/null",
        output: String,
        errors: String
    ) throws {
        self.output = output
        self.errors = errors
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        for (descriptor, path) in [(1, output), (2, errors)] as [(Int32, String)] {
            posix_spawn_file_actions_addopen(&actions, descriptor, path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        }
        // Other tests of this process open sockets meanwhile, and those must not end up in a server.
        for descriptor in 3..<1_024 as Range<Int32> { posix_spawn_file_actions_addclose(&actions, descriptor) }
        let identity = user.map { ["--reuid", "\($0)", "--regid", "\($0)", "--clear-groups"] } ?? []
        let words = ["setpriv"] + identity + ["--pdeathsig", "KILL", "--"] + arguments
        let variables = ["PATH=/usr/bin:/bin:/usr/sbin:/sbin"] + environment.map { $0 + "=" + $1 }
        var argv = words.map { strdup($0) } + [nil]
        var envp = variables.map { strdup($0) } + [nil]
        defer { for text in argv + envp { free(text) } }
        var started: pid_t = 0
        let failed = posix_spawnp(&started, "setpriv", &actions, nil, &argv, &envp)
        guard failed == 0 else { throw NotStarted(description: "\(arguments): \(String(cString: strerror(failed)))") }
        pid = started
    }

    deinit {
        kill()
    }

    func send(_ signal: Int32) {
        if exit == nil { Glibc.kill(pid, signal) }
    }

    /// At once; returns when it has ended.
    func kill() {
        send(SIGKILL)
        while exit == nil { look(0) }
    }

    var hasEnded: Bool {
        if exit == nil { look(WNOHANG) }
        return exit != nil
    }

    @discardableResult
    func wait(within seconds: Double) throws -> Exit {
        try until("the end of process \(pid)", within: seconds) { hasEnded }
        return exit ?? .code(-1)
    }

    private func look(_ options: Int32) {
        var status: Int32 = 0
        let ended = waitpid(pid, &status, options)
        guard ended == pid else {
            if ended < 0, errno != EINTR { exit = .code(-1) }
            return
        }
        exit = status & 0x7f == 0 ? .code(status >> 8 & 0xff) : .signal(status & 0x7f)
    }
}

/// What a program that has ended said.
struct Ended {
    var code: Int32
    var output: String
    var errors: String
}

/// What the kernel's table says of processes.
enum ProcessTable {
    struct Entry {
        var pid: Int32
        var name: String
        var state: Character
        var parent: Int32
    }

    static func entry(_ pid: Int32) -> Entry? {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: close)...].split(separator: " ")
        guard fields.count > 1, let state = fields[0].first, let parent = Int32(fields[1]) else { return nil }
        return Entry(pid: pid, name: String(text[text.index(after: open)..<close]), state: state, parent: parent)
    }

    static func all() -> [Entry] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0).flatMap { entry($0) } }
    }

    static func children(of parent: Int32) -> [Entry] { all().filter { $0.parent == parent } }

    /// What each thread of it waits for, as far as the kernel tells.
    static func waits(of pid: Int32) -> String {
        func text(_ file: String) -> String {
            (try? String(contentsOfFile: "/proc/\(pid)/\(file)", encoding: .utf8))?.split(separator: "\n").first
                .map { String($0) } ?? "?"
        }
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
        return threads.sorted().map { "\(text("task/\($0)/wchan")) (\(text("task/\($0)/syscall")))" }
            .joined(separator: ", ")
    }

    /// Still running, or ended and not yet reaped.
    static func isThere(_ pid: Int32) -> Bool { entry(pid) != nil }

    static func isRunning(_ pid: Int32) -> Bool { entry(pid).map { $0.state != "Z" } ?? false }
}
