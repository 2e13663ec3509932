import CPosix
import Core
import Glibc
import Store
import Testing
import Transport

@testable import Host

@Suite(.timeLimit(.minutes(1))) struct `a worker that starts` {
    /// The gateway is replaced while the worker opens its store: the link that came with its work is dead by then.
    @Test func `takes webhooks over its newest link`() async throws {
        EpollLoop.process.startThread()
        try await takeWebhooks()
    }

    @OnLoop private func takeWebhooks() async throws {
        var template = Array("/tmp/link-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer {
            for file in ["/store.db", "/store.db-wal", "/store.db-shm", ""] { _ = remove(folder + file) }
        }
        var control: [Int32] = [-1, -1]
        var first: [Int32] = [-1, -1]
        var second: [Int32] = [-1, -1]
        try #require(
            ml_socketpair(&control) == 0 && ml_socketpair(&first) == 0 && ml_socketpair(&second) == 0
        )
        let pid = withCStrings([Self.binary, "worker"]) { arguments in
            withCStrings([]) { none in ml_spawn(Self.binary, mutableList(arguments), mutableList(none), control[1]) }
        }
        try #require(pid > 0)
        close(control[1])
        defer {
            kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
        }
        let supervisor = Channel(descriptor: control[0])
        var isReady = false
        supervisor.on(Ready.self) { _ in isReady = true }
        supervisor.on(Beat.self) { _ in }
        supervisor.on(Parting.self) { Issue.record("it ended: \($0.reason)") }
        supervisor.start()
        supervisor.tell(try assignment(folder), handing: [first[1]])
        supervisor.tell(Link(connection: 1), handing: [second[1]])
        close(first[0])
        let gateway = Channel(descriptor: second[0])
        gateway.start()
        for _ in 0..<5_000 where !isReady { try await EpollLoop.process.sleep(for: .milliseconds(2)) }
        let answer = try await gateway.ask(Deliver(events: []), within: .seconds(10))
        #expect(answer == Deliver.Answer(stored: 0, duplicates: 0))
        gateway.close("done")
        supervisor.close("done")
    }

    private func assignment(_ folder: String) throws -> Assignment {
        Assignment(
            connection: ConnectionFacts(
                number: 1,
                tenant: "acme",
                name: "a",
                flow: "demonstration",
                document: #"{"tenant":"acme","name":"a","flow":"demonstration"}"#,
                folder: folder
            ),
            dataKey: try DataKey.random().secret,
            secrets: [],
            hookURL: nil,
            confinement: Confinement(
                memoryBytes: 1 << 30,
                descriptors: 256,
                readable: [],
                writable: [folder, "/dev/null"]
            ),
            logStyle: Log.Style()
        )
    }

    /// Built beside the program that runs the tests.
    private static let binary: String = {
        var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &bytes, bytes.count)
        let path = String(decoding: bytes[..<max(count, 0)], as: UTF8.self)
        return path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex) + "/ml-connector"
    }()
}
