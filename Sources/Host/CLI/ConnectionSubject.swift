import CPosix
import Core
import Engine
import Flows
import Glibc
import Store
import Transport

/// A connection whose flow a command asks for something, in its own process and with the connection's secrets.
@OnLoop struct ConnectionSubject {
    let file: ConnectionFile
    /// 0 for one that is not added yet.
    private let number: Int64
    private let secrets: [PlacedSecret]
    private let hookURL: String?

    /// A connection that there is, or else a file.
    init(_ word: String, _ arguments: Arguments, _ folder: DataFolder) async throws {
        // It holds secrets: no dump of its memory, and no other process of its user gets into it.
        _ = ml_no_core_files()
        _ = ml_not_dumpable()
        let control = try await SQLiteControlPlane.open(folder.control)
        defer { EpollLoop.process.task { await control.close() } }
        let stored = try await Self.named(word, control)
        if stored == nil, access(word, F_OK) != 0 {
            throw CommandFailure(
                code: .failed,
                text: "there is neither a connection nor a file \(word); see ml-connector connection list"
            )
        }
        let source = try stored == nil ? ConnectionSource(path: word) : nil
        let file = try source?.file ?? ConnectionFile(text: stored?.draft.document ?? "")
        let known = if let stored { stored } else { try await control.connection(file.name, of: file.tenant) }
        var secrets: [PlacedSecret] = []
        if let known, let tenant = try await control.tenant(file.tenant) {
            let masterKey = try MasterKeySource(arguments).load(data: folder.path)
            secrets = try known.secrets(openedWith: try masterKey.unwrap(tenant.wrappedKey, for: tenant.name))
        }
        if let source { secrets = try source.secrets() + secrets.filter { $0.place == FlowHook.secretPlace } }
        self.file = file
        self.secrets = secrets
        number = known?.number ?? 0
        let status = try? await ServerTalk(data: folder.path)?.ask(StatusQuestion())
        let outside = file.hookRules.isEmpty ? nil : status?.webhooksAt
        hookURL = outside.flatMap { outside in known.map { outside + $0.hookPath } }
    }

    private static func named(_ word: String, _ control: any ControlPlane) async throws -> StoredConnection? {
        guard let (tenant, name) = try? ConnectionCommand.names(word) else { return nil }
        return try await control.connection(name, of: tenant)
    }

    /// Ends the command when the answer takes too long. After this it has the tenant's rights only.
    func ask<Answer>(
        within patience: Duration,
        _ folder: DataFolder,
        _ question: @OnLoop (any Flow, FlowContext) async throws -> Answer
    ) async throws -> Answer {
        let watch = EpollLoop.process.after(patience) {
            Terminal.complain("given up: the other systems did not answer within \(readable(patience))")
            exit(ExitCode.failed.rawValue)
        }
        defer { watch.cancel() }
        let flow = try FlowCatalog.make(file.flow, document: file.document)
        // Its account may be in use: what this takes of the limits, the workers must know of.
        if let store = try await TenantVisit.open(file.tenant, in: folder) {
            return try await ask(flow, store, question)
        }
        let place = try TemporaryFolder()
        defer { place.remove() }
        return try await ask(flow, try await SQLiteTenantStore.open(place.path + "/store.db"), question)
    }

    private func ask<Answer>(
        _ flow: any Flow,
        _ store: SQLiteTenantStore,
        _ question: @OnLoop (any Flow, FlowContext) async throws -> Answer
    ) async throws -> Answer {
        let context = FlowContext(
            log: Log(role: "command"),
            store: store,
            connection: number,
            tenant: file.tenant.text,
            name: file.name.text,
            secrets: secrets.byPlace,
            hookURL: hookURL
        )
        do {
            let answer = try await question(flow, context)
            await store.close()
            return answer
        } catch {
            await store.close()
            throw error
        }
    }
}

/// A folder for this command alone, under the system's own for such.
struct TemporaryFolder {
    let path: String

    init() throws {
        let root = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array((root + "/ml-connector-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else {
            throw CommandFailure(
                code: .failed,
                text: "no folder can be made in \(root): \(String(cString: strerror(errno)))"
            )
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func remove() {
        for name in ["/store.db", "/store.db-wal", "/store.db-shm"] { unlink(path + name) }
        rmdir(path)
    }
}
