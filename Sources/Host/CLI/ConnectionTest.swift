import CPosix
import Core
import Engine
import Flows
import Glibc
import Store
import Transport

/// `connection test`: tries both systems as the connection would use them, and says what works and what does not.
enum ConnectionTest {
    /// Longer than all questions to both systems take, each at its own deadline.
    private static let patience = Duration.seconds(300)

    @OnLoop static func run(_ word: String?, _ arguments: Arguments, _ folder: DataFolder) async throws -> ExitCode {
        guard let word else { throw UsageError("connection test needs TENANT/NAME, or the file that describes one") }
        // It holds secrets: no dump of its memory, and no other process of its user gets into it.
        _ = ml_no_core_files()
        _ = ml_not_dumpable()
        let subject = try await subject(word, arguments, folder)
        let findings = try await examine(subject, folder)
        for finding in findings { Terminal.print(arguments.has("json") ? json(finding).text() : text(finding)) }
        if findings.isEmpty, !arguments.has("json") {
            Terminal.print(
                "\(word): the flow \(subject.file.flow) speaks with no other system, so there is nothing to test"
            )
        }
        return findings.contains { $0.verdict == .broken } ? .failed : .done
    }

    private struct Subject {
        var file: ConnectionFile
        /// 0 for one that is not added yet.
        var number: Int64
        var secrets: [PlacedSecret]
        var hookURL: String?
    }

    // MARK: What is tested

    /// A connection that there is, or else a file.
    @OnLoop private static func subject(
        _ word: String,
        _ arguments: Arguments,
        _ folder: DataFolder
    ) async throws -> Subject {
        let control = try await SQLiteControlPlane.open(folder.control)
        defer { EpollLoop.process.task { await control.close() } }
        let status = try? await ServerTalk(data: folder.path)?.ask(StatusQuestion())
        let stored = try await named(word, control)
        if stored == nil, access(word, F_OK) != 0 {
            throw CommandFailure(
                code: .failed,
                text: "there is neither a connection nor a file \(word); see ml-connector connection list"
            )
        }
        let read = try stored == nil ? ConnectionSource(path: word) : nil
        let file = try read?.file ?? ConnectionFile(text: stored?.draft.document ?? "")
        let known = if let stored { stored } else { try await control.connection(file.name, of: file.tenant) }
        var secrets: [PlacedSecret] = []
        if let known, let tenant = try await control.tenant(file.tenant) {
            let masterKey = try MasterKeySource(arguments).load(data: folder.path)
            secrets = try known.secrets(openedWith: try masterKey.unwrap(tenant.wrappedKey, for: tenant.name))
        }
        if let read { secrets = try read.secrets() + secrets.filter { $0.place == FlowHook.secretPlace } }
        var hookURL: String?
        if file.hookRules != nil, let outside = status?.webhooksAt { hookURL = known.map { outside + $0.hookPath } }
        return Subject(file: file, number: known?.number ?? 0, secrets: secrets, hookURL: hookURL)
    }

    @OnLoop private static func named(_ word: String, _ control: any ControlPlane) async throws -> StoredConnection? {
        guard let (tenant, name) = try? ConnectionCommand.names(word) else { return nil }
        return try await control.connection(name, of: tenant)
    }

    // MARK: The test

    @OnLoop private static func examine(_ subject: Subject, _ folder: DataFolder) async throws -> [Finding] {
        let watch = EpollLoop.process.after(patience) {
            Terminal.complain("the test was given up: it did not end within \(readable(patience))")
            exit(ExitCode.failed.rawValue)
        }
        defer { watch.cancel() }
        let flow = try FlowCatalog.make(subject.file.flow, document: subject.file.document)
        // Its account may be in use: what the test takes of the limits, the workers must know of.
        if let store = try await TenantVisit.open(subject.file.tenant, in: folder) {
            return await examine(subject, flow, store)
        }
        let place = try TemporaryFolder()
        defer { place.remove() }
        return await examine(subject, flow, try await SQLiteTenantStore.open(place.path + "/store.db"))
    }

    @OnLoop private static func examine(
        _ subject: Subject,
        _ flow: any Flow,
        _ store: SQLiteTenantStore
    ) async -> [Finding] {
        let context = FlowContext(
            log: Log(role: "test"),
            store: store,
            connection: subject.number,
            tenant: subject.file.tenant.text,
            name: subject.file.name.text,
            secrets: subject.secrets.byPlace,
            hookURL: subject.hookURL
        )
        let findings = await flow.examine(in: context)
        await store.close()
        return findings
    }

    // MARK: What is said

    private static func text(_ finding: Finding) -> String {
        let mark =
            switch finding.verdict {
            case .works: "ok      "
            case .notice: "notice  "
            case .broken: "BROKEN  "
            }
        let remedy = finding.remedy.map { "\n        -> " + remark($0) } ?? ""
        return mark + remark(finding.what) + ": " + remark(finding.seen) + remedy
    }

    private static func json(_ finding: Finding) -> JSON {
        [
            "verdict": .string(finding.verdict.rawValue), "what": .string(finding.what), "seen": .string(finding.seen),
            "remedy": finding.remedy.map { .string($0) } ?? .null,
        ]
    }
}

/// A folder for this command alone, under the system's own for such.
private struct TemporaryFolder {
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
