import CPosix
import Core
import Glibc
import Transport

/// The command line's way to the server: a Unix socket in the data directory that only its owner, and root, can use.
@OnLoop final class AdminSocket {
    private static let mostCallers = 32

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    private let descriptor: Int32
    private let path: String
    private unowned let supervisor: Supervisor
    private var watch: Watch?
    private var callers: [ObjectIdentifier: Channel] = [:]

    init(path: String, supervisor: Supervisor) throws {
        self.path = path
        self.supervisor = supervisor
        descriptor = ml_unix_listen(path)
        guard descriptor >= 0 else {
            throw Failure(description: "the control socket \(path) cannot be made: \(String(cString: strerror(errno)))")
        }
        watch = EpollLoop.process.watch(descriptor, for: .reading) { [weak self] _ in self?.accept() }
    }

    func close() {
        watch?.cancel()
        Glibc.close(descriptor)
        unlink(path)
    }

    private func accept() {
        while case let caller = ml_accept(descriptor), caller >= 0 {
            var pid: pid_t = 0
            var user: uid_t = 0
            // Without root our own workers have our user. No rule of the kernel keeps them from a socket in a folder.
            guard ml_peer(caller, &pid, &user) == 0, user == geteuid() || user == 0, !supervisor.isOwn(pid),
                callers.count < Self.mostCallers
            else {
                supervisor.log.warning("process \(pid) of user \(user) was refused at the control socket")
                Glibc.close(caller)
                continue
            }
            serve(Channel(descriptor: caller))
        }
    }

    private func serve(_ channel: Channel) {
        let identity = ObjectIdentifier(channel)
        callers[identity] = channel
        channel.onClose = { [weak self] _ in self?.callers[identity] = nil }
        let supervisor = supervisor
        channel.answer(StatusQuestion.self) { [unowned supervisor] _ in supervisor.status }
        channel.answer(ReloadQuestion.self) { [unowned supervisor] _ in try await supervisor.reload() }
        channel.answer(UpgradeQuestion.self) { [unowned supervisor] _ in
            try await supervisor.upgrade()
            return Done()
        }
        channel.answer(RetryQuestion.self) { [unowned supervisor] question in
            try supervisor.retry(question.tenant, question.name)
            return Done()
        }
        channel.answer(NudgeQuestion.self) { [unowned supervisor] question in
            try supervisor.seat(of: question.tenant, question.name).channel?.tell(Nudge())
            return Done()
        }
        channel.start()
    }
}

extension Supervisor {
    fileprivate func retry(_ tenant: String, _ name: String) throws {
        guard phase == .running else { throw IsStopping() }
        replace(try seat(of: tenant, name))
    }

    fileprivate func seat(of tenant: String, _ name: String) throws -> Seat {
        guard let seat = workers.values.first(where: { $0.connection?.tenant == tenant && $0.connection?.name == name })
        else { throw AdminSocket.Failure(description: "there is no running connection \(tenant)/\(name)") }
        return seat
    }
}
