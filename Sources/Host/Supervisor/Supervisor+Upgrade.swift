import CPosix
import Core
import Glibc
import Store
import Transport

/// What one supervisor leaves to the next when the binary is replaced: the same process goes on with other code, so
/// listening socket, data lock and children stay what they are.
struct Handover: Wire, Codable {
    /// Counted up when this form changes. A new binary is asked for its number before the old one gives way.
    static let form = 1
    static let variable = "ML_HANDOVER"

    struct Child: Wire, Codable {
        var pid: Int32
        /// Of the control socket. Kept open: its end would end the child.
        var descriptor: Int32
        /// Nil for the gateway.
        var connection: Int64?
    }

    var generation: UInt32
    var listener: Int32
    var lock: Int32
    var children: [Child]

    /// In memory that survives the change, read by the number of its descriptor.
    func leave() -> Int32? {
        var writer = WireWriter()
        write(to: &writer)
        let memory = ml_memfd("handover")
        guard memory >= 0, Glibc.write(memory, writer.bytes, writer.bytes.count) == writer.bytes.count else {
            return nil
        }
        return memory
    }

    /// What the supervisor before left, if there was one.
    static func find() -> Handover? {
        guard let text = getenv(variable).map({ String(cString: $0) }), let memory = Int32(text) else { return nil }
        unsetenv(variable)
        defer { close(memory) }
        var status = stat()
        guard fstat(memory, &status) == 0, lseek(memory, 0, SEEK_SET) == 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        guard read(memory, &bytes, bytes.count) == bytes.count else { return nil }
        var reader = WireReader(bytes[...])
        guard let handover = try? Handover(from: &reader) else { return nil }
        for descriptor in [handover.listener, handover.lock] + handover.children.map(\.descriptor) {
            ml_set_close_on_exec(descriptor, 1)
        }
        return handover
    }
}

/// A child that the supervisor before started. It is not talked to: it may be of another version. It is only ended.
@OnLoop final class Predecessor {
    let connection: Int64?
    private let descriptor: Int32
    private var ending: CheckedContinuation<Void, Never>?
    private var hasEnded = false

    init(connection: Int64?, descriptor: Int32) {
        self.connection = connection
        self.descriptor = descriptor
    }

    func end(pid: Int32, within limit: Duration) async {
        guard !hasEnded else { return }
        kill(pid, SIGTERM)
        let patience = EpollLoop.process.after(limit) { kill(pid, SIGKILL) }
        await withCheckedContinuation { ending = $0 }
        patience.cancel()
    }

    func ended() {
        hasEnded = true
        close(descriptor)
        ending?.resume()
        ending = nil
    }
}

extension Supervisor {
    struct UpgradeFailure: Error, CustomStringConvertible {
        var description: String
    }

    /// Puts the binary that lies at our path now in our place, if it says that it can take over. Returns when it is
    /// about to; every request is answered meanwhile, by the gateway before or the one after.
    func upgrade() async throws {
        guard phase == .running else { throw IsStopping() }
        guard predecessors.isEmpty, probe == nil else {
            throw UpgradeFailure(description: "the upgrade before is not finished yet")
        }
        let path = Self.binaryPath
        guard await answers(path) else {
            throw UpgradeFailure(
                description: "not upgraded: \(path) does not run here or cannot take over from this version; "
                    + "install a newer one there, or stop and start"
            )
        }
        // The next supervisor ends, and everything with it, when it finds no key.
        try checkMasterKey()
        guard phase == .running else { throw IsStopping() }
        log.info("upgrading to \(path)")
        // After the answer to whoever asked is written.
        EpollLoop.process.after(.milliseconds(20)) { [self] in replaceImage(with: path) }
    }

    private func checkMasterKey() throws {
        let found: MasterKey
        do {
            found = try options.masterKey.load(data: folder.path)
        } catch {
            throw UpgradeFailure(description: "not upgraded, because a new start would fail: \(error)")
        }
        guard found == masterKey else {
            throw UpgradeFailure(description: "not upgraded: the master key is not the one that the server runs with")
        }
    }

    /// Where the running binary was started from, whatever lies there now.
    private static let binaryPath: String = {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &bytes, bytes.count - 1)
        return String(decoding: bytes.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }()

    /// To be called before a new binary can be put in the place of the old one.
    static func rememberBinaryPath() {
        _ = binaryPath
    }

    private func answers(_ path: String) async -> Bool {
        var ends: [Int32] = [-1, -1]
        guard probe == nil, ml_socketpair(&ends) == 0 else { return false }
        defer { for end in ends { close(end) } }
        let pid = withCStrings([path, "takes-over", "\(Handover.form)"]) { arguments in
            withCStrings(["SWIFT_BACKTRACE=enable=no"]) { environment in
                ml_spawn(path, mutableList(arguments), mutableList(environment), ends[1])
            }
        }
        guard pid > 0 else { return false }
        let patience = EpollLoop.process.after(.seconds(10)) { kill(pid, SIGKILL) }
        defer { patience.cancel() }
        let exit = await withCheckedContinuation { probe = (pid, $0) }
        return exit == .code(0)
    }

    private func replaceImage(with path: String) {
        // Told to end meanwhile: the next supervisor would know nothing of that, and have no socket to listen on.
        guard phase == .running else { return log.info("not upgraded: the server is being stopped") }
        let seats = [gateway] + workers.values + departing
        let children = seats.compactMap { seat -> Handover.Child? in
            guard let pid = seat.life.pid, let channel = seat.channel, channel.isOpen else { return nil }
            return Handover.Child(pid: pid, descriptor: channel.descriptor, connection: seat.connection?.number)
        }
        let handover = Handover(
            generation: generation,
            listener: ownDescriptors[0],
            lock: ownDescriptors[1],
            children: children
        )
        guard let memory = handover.leave() else { return log.error("not upgraded: no memory for the handover") }
        let kept = ownDescriptors + children.map(\.descriptor)
        for descriptor in kept { ml_set_close_on_exec(descriptor, 0) }
        setenv(Handover.variable, "\(memory)", 1)
        withCStrings(CommandLine.arguments) { arguments in
            _ = execv(path, mutableList(arguments))
        }
        // Only here when the kernel refused.
        log.error("not upgraded: \(path) cannot be run: \(String(cString: strerror(errno)))")
        unsetenv(Handover.variable)
        close(memory)
        for descriptor in kept { ml_set_close_on_exec(descriptor, 1) }
    }

    /// First the gateway, then the workers, a few at a time. Connections wait in the listening socket's queue, and
    /// webhooks in the inbox, for the moment in which nobody is there.
    func replacePredecessors() async {
        let began = Instant.now
        for (pid, predecessor) in predecessors where predecessor.connection == nil {
            await predecessor.end(pid: pid, within: gatewayPolicy.drainLimit)
        }
        want(gateway)
        let old = predecessors.filter { $0.value.connection != nil }
        let served = Set(old.values.compactMap(\.connection))
        for (number, seat) in workers where !served.contains(number) { want(seat) }
        await withDiscardingTaskGroup { group in
            var rest = Array(old)[...]
            for _ in 0..<8 {
                let share = rest.prefix((old.count + 7) / 8)
                rest = rest.dropFirst(share.count)
                group.addTask { await self.replaceInTurn(Array(share)) }
            }
        }
        log.info("upgraded: \(old.count) workers and the gateway replaced in \(Instant.now - began)")
    }

    private func replaceInTurn(_ old: [(key: Int32, value: Predecessor)]) async {
        for (pid, predecessor) in old {
            await predecessor.end(pid: pid, within: options.workerPolicy.drainLimit)
            // Gone meanwhile when the connection was removed.
            if let number = predecessor.connection, let seat = workers[number] { want(seat) }
        }
    }
}
