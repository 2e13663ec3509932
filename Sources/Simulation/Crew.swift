import Core
import Glibc
import Transport

/// Processes side by side, each with every so-many-th seed. One that dies or hangs in a seed has found something, and the
/// next one goes on behind that seed.
package struct Crew {
    package struct Work: Sendable {
        package var first: UInt64
        package var count: Int
        package var jobs: Int
        package var sabotage: Sabotage?

        package init(first: UInt64, count: Int, jobs: Int, sabotage: Sabotage? = nil) {
            self.first = first
            self.count = count
            self.jobs = jobs
            self.sabotage = sabotage
        }
    }

    private struct Member {
        var pid: pid_t
        var descriptor: Int32
        /// The next seed it has not begun.
        var next: UInt64
        var current: UInt64?
        var text: [UInt8] = []
        var heard = Instant.now
    }

    private let work: Work
    private var members: [Member] = []
    package private(set) var report: Report
    /// With so many failures there is no need of more.
    private let mostFailures = 20
    private static let longestSilence = Duration.seconds(120)

    package init(_ work: Work) {
        self.work = work
        report = Report(of: work.sabotage)
    }

    package struct NotStarted: Error, CustomStringConvertible {
        package let description: String
    }

    package mutating func run() throws {
        for index in 0..<work.jobs { try start(from: work.first + UInt64(index)) }
        while !members.isEmpty {
            var polled = members.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
            poll(&polled, nfds_t(polled.count), 1_000)
            for index in members.indices.reversed() {
                if polled[index].revents != 0 { try read(index) } else { try watch(index) }
            }
            if report.failures.count >= mostFailures { stop() }
        }
    }

    private mutating func start(from seed: UInt64) throws {
        guard seed < work.first + UInt64(work.count) else { return }
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw NotStarted(description: "there is no pipe: errno \(errno)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var words = [
            "ml-connector", "simulate-seeds", "--from", "\(seed)", "--until", "\(work.first + UInt64(work.count))",
            "--step", "\(work.jobs)",
        ]
        if let sabotage = work.sabotage { words += ["--sabotage", sabotage.rawValue] }
        let pid = try Repetition.spawn(words, output: ends[1])
        close(ends[1])
        members.append(Member(pid: pid, descriptor: ends[0], next: seed))
    }

    private mutating func read(_ index: Int) throws {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        let count = buffer.withUnsafeMutableBytes { Glibc.read(members[index].descriptor, $0.baseAddress, $0.count) }
        guard count > 0 else { return try ended(index, "") }
        members[index].heard = .now
        members[index].text += buffer[..<count]
        while let end = members[index].text.firstIndex(of: UInt8(ascii: "\n")) {
            let line = String(decoding: members[index].text[..<end], as: UTF8.self)
            members[index].text.removeFirst(end + 1)
            switch SeedLine(line) {
            case .begins(let seed)?:
                members[index].current = seed
                members[index].next = seed + UInt64(work.jobs)
            case .ended(let seed, let broken, let facts, _)?:
                members[index].current = nil
                report.add(seed, broken: broken, facts)
            case nil: break
            }
        }
    }

    private mutating func watch(_ index: Int) throws {
        guard Instant.now - members[index].heard > Self.longestSilence else { return }
        kill(members[index].pid, SIGKILL)
        try ended(index, "it did not end")
    }

    private mutating func ended(_ index: Int, _ why: String) throws {
        let member = members.remove(at: index)
        close(member.descriptor)
        var status: Int32 = 0
        waitpid(member.pid, &status, 0)
        guard status != 0, member.current != nil || !why.isEmpty else {
            guard status == 0 else { throw NotStarted(description: "a process of the crew ends with status \(status)") }
            return
        }
        if let seed = member.current {
            let reason = why.isEmpty ? "the process of the simulation ended by itself, with status \(status)" : why
            report.add(seed, broken: [reason], Facts())
        }
        try start(from: member.next)
    }

    private mutating func stop() {
        for member in members {
            kill(member.pid, SIGKILL)
            close(member.descriptor)
            var status: Int32 = 0
            waitpid(member.pid, &status, 0)
        }
        members = []
    }
}

/// Starts this program once more, with dictionaries that keep their order from run to run.
package enum Repetition {
    private static let variable = "SWIFT_DETERMINISTIC_HASHING"

    package static var isDeterministic: Bool { getenv(variable) != nil }

    /// This process becomes the other one.
    package static func become(_ words: [String]) -> Never {
        setenv(variable, "1", 1)
        var argv = words.map { strdup($0) } + [nil]
        execv("/proc/self/exe", &argv)
        _exit(127)
    }

    static func spawn(_ words: [String], output: Int32) throws -> pid_t {
        setenv(variable, "1", 1)
        var argv = words.map { strdup($0) } + [nil]
        defer { for text in argv { free(text) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        var pid: pid_t = 0
        let failed = posix_spawn(&pid, "/proc/self/exe", &actions, nil, &argv, environ)
        guard failed == 0 else {
            throw Crew.NotStarted(description: "the simulation cannot be started: \(String(cString: strerror(failed)))")
        }
        return pid
    }
}
