import CPosix
import Core
import Glibc
import Store
import Transport

/// `serve`: everything, until it is told to end.
enum ServeCommand {
    static let command = Command(
        name: "serve",
        summary: "run the gateway and a worker for each connection",
        flags: ServeOptions.flags
    ) { arguments in
        try await serve(try ServeOptions(arguments))
    }

    @OnLoop private static func serve(_ options: ServeOptions) async throws -> ExitCode {
        Supervisor.rememberBinaryPath()
        Log.use(options.logStyle)
        raiseDescriptorLimit()
        // It holds the master key: no dump of its memory, and no other process of its user gets into it.
        _ = ml_no_core_files()
        _ = ml_not_dumpable()
        let handover = Handover.find()
        let folder = try DataFolder(options.data, firstUser: options.firstUser)
        let lock = try handover?.lock ?? takeLock(folder)
        let masterKey = try options.masterKey.load(data: folder.path)
        let control = try await SQLiteControlPlane.open(folder.control)
        var listener = handover?.listener
        if listener == nil { listener = try await listen(options) }
        guard let listener else { return .unavailable }
        var options = options
        // Whoever asked for port 0 wants to know which one it became.
        if let port = port(of: listener) { options.port = port }
        let supervisor = Supervisor(
            options: options,
            folder: folder,
            lock: lock,
            listener: listener,
            control: control,
            masterKey: masterKey,
            handover: handover
        )
        try supervisor.start()
        if folder.firstUser == nil, geteuid() == 0 {
            supervisor.log.warning(
                "tenants have no users of their own: \(folder.path) cannot be entered by other users"
            )
        }
        await supervisor.ended()
        await control.close()
        return .done
    }

    /// The kernel gives it up with the last process that holds it, so nothing has to be cleaned up after a crash.
    private static func takeLock(_ folder: DataFolder) throws -> Int32 {
        let descriptor = open(folder.lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CommandFailure(
                code: .configuration,
                text: "\(folder.lock) cannot be opened: \(String(cString: strerror(errno)))"
            )
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw CommandFailure(
                code: .unavailable,
                text: "another ml-connector serves \(folder.path) already; stop it first, or give --data another place"
            )
        }
        return descriptor
    }

    @OnLoop private static func listen(_ options: ServeOptions) async throws -> Int32 {
        var why: UnsafePointer<CChar>?
        // After a crash the old gateway may hold the port for a moment longer.
        for _ in 0..<50 {
            let descriptor = ml_tcp_listen(options.host, options.port, 4_096, &why)
            if descriptor >= 0 { return descriptor }
            guard errno == EADDRINUSE else { break }
            try await EpollLoop.process.sleep(for: .milliseconds(100))
        }
        throw CommandFailure(
            code: .unavailable,
            text: "cannot listen on \(options.listen): \(why.map { String(cString: $0) } ?? "unknown reason"); "
                + "choose another address with --listen"
        )
    }

    private static func port(of listener: Int32) -> String? {
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &address) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> String? in
                guard getsockname(listener, address, &length) == 0 else { return nil }
                var text = [CChar](repeating: 0, count: 16)
                guard getnameinfo(address, length, nil, 0, &text, socklen_t(text.count), NI_NUMERICSERV) == 0 else {
                    return nil
                }
                return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            }
        }
    }

    /// Two descriptors a worker, and one for each connection from outside.
    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
