import CPosix
import Core
import Glibc
import Store
import Transport

/// A real server of this very binary, over a data folder of its own that goes with it.
@OnLoop final class BenchServer {
    struct Plan {
        /// The folder, hence the disk, that the data folder is made in.
        var place: String
        var spawner = ServeOptions.SpawnerKind.zygote
        var connections = 1
        /// A tenant for each connection, which is the dearest an installation can be; one for all otherwise.
        var separateTenants = false
        /// Checked with HMAC-SHA256 when there is one.
        var secret: Secret?
        var identity = HookRules.Identity.header
    }

    nonisolated static let signatureHeader = "X-Signature"
    nonisolated static let identityHeader = "X-Event-Id"

    let data: String
    let port: Int
    /// When its process was started.
    private(set) var began = Instant.now
    private(set) var pid: Int32 = 0
    private(set) var hookPaths: [String] = []
    /// Ready takes longer than this only when something is wrong.
    private static let patience = Duration.seconds(120)
    /// All that are to be ended when the program is interrupted.
    private static var standing: [Int32: BenchServer] = [:]

    init(_ plan: Plan) async throws {
        data = try Self.makeFolder(in: plan.place)
        port = try Self.freePort()
        do {
            try await addConnections(plan)
            try start(plan)
        } catch {
            removeFolder(data)
            throw error
        }
        Self.standing[pid] = self
    }

    // MARK: Making

    private static func makeFolder(in place: String) throws -> String {
        var template = Array((place + "/ml-bench-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else {
            throw BenchFailure("no folder can be made in \(place): \(String(cString: strerror(errno)))")
        }
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // Tenants' users have to get through it.
        chmod(folder, 0o711)
        return folder
    }

    /// Somebody else may take it before the server does, who then says so.
    private static func freePort() throws -> Int {
        var why: UnsafePointer<CChar>?
        let descriptor = ml_tcp_listen("127.0.0.1", "0", 1, &why)
        guard descriptor >= 0 else { throw BenchFailure("no port is free on 127.0.0.1") }
        defer { close(descriptor) }
        return Int(ml_local_port(descriptor))
    }

    private func addConnections(_ plan: Plan) async throws {
        let folder = try DataFolder(data, firstUser: ServeOptions.usualFirstUser)
        let masterKey = try MasterKeySource().load(data: folder.path)
        let control = try await SQLiteControlPlane.open(folder.control)
        var key: DataKey?
        for number in 1...plan.connections {
            let tenant = try Name(plan.separateTenants ? "tenant-\(number)" : "bench")
            if plan.separateTenants || key == nil {
                let made = try DataKey.random()
                _ = try await control.add(tenant: tenant, wrappedKey: try masterKey.wrap(made, for: tenant))
                key = made
            }
            let name = try Name("connection-\(number)")
            var draft = ConnectionDraft(
                tenant: tenant,
                name: name,
                flow: "demonstration",
                document: document(tenant, name, plan)
            )
            if let secret = plan.secret, let key {
                draft.sealedSecrets["webhook.secret"] = try key.seal(
                    secret,
                    context: .secret("webhook.secret", of: name, tenant: tenant)
                )
            }
            hookPaths.append("/hooks/\(try await control.put(draft).hookToken.text)")
        }
        await control.close()
    }

    private func document(_ tenant: Name, _ name: Name, _ plan: Plan) -> String {
        var webhook: JSON.Object = .init()
        if plan.secret != nil {
            webhook["check"] = "hmac-sha256"
            webhook["header"] = .string(Self.signatureHeader)
            // Read when a connection is added by hand; here the secret has been sealed already.
            webhook["secret"] = ["env": "UNUSED"]
        }
        if plan.identity == .header { webhook["identity"] = ["header": .string(Self.identityHeader)] }
        let document: JSON = [
            "tenant": .string(tenant.text), "name": .string(name.text), "flow": "demonstration",
            "webhook": .object(webhook),
        ]
        return document.text()
    }

    private func start(_ plan: Plan) throws {
        let nothing = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(nothing) }
        let arguments = [
            "ml-connector", "serve", "--data", data, "--listen", "127.0.0.1:\(port)", "--spawner",
            plan.spawner.rawValue, "--log-level", "alert", "--restarts", "1000000/1",
        ]
        began = .now
        pid = withCStrings(arguments) { arguments in
            withCStrings(["PATH=/usr/bin:/bin"]) { environment in
                ml_spawn("/proc/self/exe", mutableList(arguments), mutableList(environment), nothing)
            }
        }
        guard pid > 0 else { throw BenchFailure("the server cannot be started: \(String(cString: strerror(errno)))") }
    }

    // MARK: Asking

    func status() async throws -> Status {
        try await ServerTalk.required(data: data).ask(StatusQuestion())
    }

    /// Returns when gateway and workers are ready.
    func allReady(every pause: Duration = .milliseconds(20)) async throws -> Status {
        try await until("all processes are ready", every: pause) { status in
            status.gateway.state == "up" && status.workers.allSatisfy { $0.state == "up" }
        }
    }

    /// The first status that is as it should be.
    func until(
        _ what: String,
        every pause: Duration,
        _ isSo: (Status) -> Bool
    ) async throws -> Status {
        let began = Instant.now
        while Instant.now - began < Self.patience {
            if access(data + "/control.sock", F_OK) == 0, let status = try? await status(), isSo(status) {
                return status
            }
            if hasEnded() { throw BenchFailure("the server ended before \(what); its own message stands above") }
            try await EpollLoop.process.sleep(for: pause)
        }
        throw BenchFailure("not so after \(readable(Self.patience)): \(what)")
    }

    /// Returns when the gateway holds nothing any more: all of it is in the tenants' own stores.
    func delivered() async throws {
        let origin = "http://127.0.0.1:\(port)"
        let client = HTTPClient(HTTPClient.Settings(allowed: try HTTPClient.AllowedOrigins([origin])))
        defer { client.close() }
        let began = Instant.now
        while Instant.now - began < Self.patience {
            let page = String(decoding: try await client.send(.init(.get, origin + "/metrics")).body, as: UTF8.self)
            if page.contains("\nml_connector_inbox_events 0\n") { return }
            try await EpollLoop.process.sleep(for: .milliseconds(20))
        }
        throw BenchFailure("not everything is delivered after \(readable(Self.patience))")
    }

    // MARK: Ending

    private func hasEnded() -> Bool {
        guard pid > 0 else { return true }
        var status: Int32 = 0
        guard waitpid(pid, &status, WNOHANG) == pid else { return false }
        Self.standing[pid] = nil
        pid = 0
        return true
    }

    /// Drains it. The data folder stays for `remove()`.
    func stop() async throws {
        if pid > 0 { kill(pid, SIGTERM) }
        let began = Instant.now
        while !hasEnded() {
            if Instant.now - began > .seconds(30), pid > 0 { kill(pid, SIGKILL) }
            try await EpollLoop.process.sleep(for: .milliseconds(10))
        }
    }

    func remove() {
        removeFolder(data)
    }

    /// For an interrupted program: at once, with all they started.
    static func endAll() {
        for (pid, server) in standing {
            // Its children die with it.
            kill(pid, SIGKILL)
            var status: Int32 = 0
            waitpid(pid, &status, 0)
            server.remove()
        }
        standing = [:]
    }
}

struct BenchFailure: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}

/// With all that is in it; symbolic links are removed, not followed.
func removeFolder(_ path: String) {
    guard let list = opendir(path) else { return }
    var folders: [String] = []
    while let entry = readdir(list) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        guard name != ".", name != ".." else { continue }
        if unlink(path + "/" + name) != 0 { folders.append(path + "/" + name) }
    }
    closedir(list)
    for folder in folders { removeFolder(folder) }
    rmdir(path)
}
