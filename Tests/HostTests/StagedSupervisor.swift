import Core
import Glibc
import Store
import Transport

@testable import Host

/// A supervisor whose processes are played by the test: it starts none, and signals pids that no machine has.
@OnLoop final class StagedSupervisor {
    let supervisor: Supervisor
    let stage = Stage()
    private let folder: String

    init() async throws {
        var template = Array("/tmp/staged-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure.noFolder }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        supervisor = Supervisor(
            options: try ServeOptions(try Arguments([], flags: [])),
            folder: try DataFolder(folder, firstUser: 0),
            lock: -1,
            listener: -1,
            control: try await SQLiteControlPlane.open(folder + "/control.db"),
            masterKey: try MasterKey.random(),
            handover: nil,
            spawner: stage
        )
    }

    enum Failure: Error { case noFolder, never }

    /// As if it had been read from the control plane.
    func connection(_ number: Int64) -> Supervisor.Connection {
        Supervisor.Connection(
            facts: ConnectionFacts(
                number: number,
                tenant: "acme",
                name: "c\(number)",
                flow: "demonstration",
                document: "{}",
                folder: folder
            ),
            revision: 1,
            policy: WorkerLife.Policy(),
            hook: nil
        )
    }

    /// A worker's seat with its process, and what the process speaks with.
    func worker(_ number: Int64) async throws -> (seat: Seat, process: Channel) {
        supervisor.apply(supervisor.workers.keys.map { connection($0) } + [connection(number)])
        guard let seat = supervisor.workers[number] else { throw Failure.never }
        let before = stage.processes.count
        supervisor.want(seat)
        try await until { seat.life.pid != nil && stage.processes.count > before }
        let process = stage.processes[before]
        process.on(Assignment.self) { _ in }
        process.start()
        return (seat, process)
    }

    func until(_ fact: () -> Bool) async throws {
        for _ in 0..<2_500 where !fact() { try await EpollLoop.process.sleep(for: .milliseconds(2)) }
        guard fact() else { throw Failure.never }
    }

    func end() async {
        for process in stage.processes { process.close("the test is over") }
        await supervisor.control.close()
        for file in ["control.db", "inbox", "tenants", ""] {
            _ = remove(folder + "/" + file)
        }
    }
}

@OnLoop final class Stage: Spawner {
    nonisolated let name = "stage"
    private(set) var processes: [Channel] = []

    func spawn(_ role: Role, control: Int32) throws -> Int32 {
        processes.append(Channel(descriptor: fcntl(control, F_DUPFD_CLOEXEC, 3)))
        // Beyond the largest that Linux gives.
        return 2_000_000_000 + Int32(processes.count)
    }

    func exited(pid: Int32) {}
    func stop() {}
}
