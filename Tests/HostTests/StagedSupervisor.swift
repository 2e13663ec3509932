import Core
import Foundation
import Glibc
import Store
import Transport

@testable import Host

/// A supervisor whose processes are played by the test: it starts none, and signals pids that no machine has.
@OnLoop final class StagedSupervisor {
    let supervisor: Supervisor
    let stage = Stage()
    /// What processes were given to do, in the order they heard it.
    private(set) var assignments: [Assignment] = []
    private let folder: String

    init(_ flags: [String] = []) async throws {
        var template = Array("/tmp/staged-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure.noFolder }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        supervisor = Supervisor(
            options: try ServeOptions(try Arguments(flags, flags: ServeOptions.flags)),
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

    /// Puts a connection of the tenant `acme` into the control plane, with these secrets.
    func add(
        _ name: String,
        flow: String,
        document: String,
        _ secrets: [String: String]
    ) async throws
        -> StoredConnection
    {
        let (tenant, name) = (try Name("acme"), try Name(name))
        let control = supervisor.control
        let key = try DataKey.random()
        _ = try await control.add(tenant: tenant, wrappedKey: try supervisor.masterKey.wrap(key, for: tenant))
        var draft = ConnectionDraft(tenant: tenant, name: name, flow: flow, document: document)
        for (place, secret) in secrets {
            draft.sealedSecrets[place] = try key.seal(
                Secret(text: secret),
                context: .secret(place, of: name, tenant: tenant)
            )
        }
        return try await control.put(draft)
    }

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
        process.on(Assignment.self) { [weak self] in self?.assignments.append($0) }
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
        try? FileManager.default.removeItem(atPath: folder)
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
