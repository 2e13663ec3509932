import Core
import Engine
import Flows
import Glibc
import Store
import Transport

/// Puts connections into the control plane, with their secrets sealed, and tells a running server.
@OnLoop struct ConnectionAdding {
    private let arguments: Arguments
    private let masterKey: MasterKey
    private let control: any ControlPlane

    /// What is added in `body` counts at once; a running server hears of it when all is done.
    static func run(
        _ arguments: Arguments,
        _ body: @OnLoop (ConnectionAdding) async throws -> Void
    ) async throws {
        let folder = try DataFolder(arguments.data, firstUser: nil)
        let masterKey = try MasterKeySource(arguments).load(data: folder.path)
        let control = try await SQLiteControlPlane.open(folder.control)
        do {
            try await body(ConnectionAdding(arguments: arguments, masterKey: masterKey, control: control))
            await control.close()
        } catch {
            await control.close()
            throw error
        }
        try await ConnectionCommand.tellServer(folder)
    }

    /// `typed` are secrets that somebody has typed already.
    func add(_ source: ConnectionSource, typed: [String: Secret] = [:]) async throws {
        let file = source.file
        let secrets = try source.secrets(typed: typed)
        let key = try await dataKey(of: file.tenant)
        var draft = ConnectionDraft(tenant: file.tenant, name: file.name, flow: file.flow, document: source.text)
        for each in secrets {
            draft.sealedSecrets[each.place] = try key.seal(
                each.secret,
                context: .secret(each.place, of: file.name, tenant: file.tenant)
            )
        }
        if !FlowCatalog.hooks(file.flow).isEmpty {
            draft.sealedSecrets[FlowHook.secretPlace] = try await ConnectionCommand.hookSecret(of: file, key, control)
        }
        let stored = try await control.put(draft)
        let address = stored.hookPath
        Terminal.print(
            arguments.has("json")
                ? JSON.object(ConnectionCommand.members(of: stored, address: address)).text()
                : "\(file.tenant)/\(file.name) is \(stored.revision > 1 ? "changed" : "added")"
                    + (file.hookRules.isEmpty ? "" : "; its webhooks come in at \(address)")
        )
    }

    private func dataKey(of tenant: Name) async throws -> DataKey {
        if let known = try await control.tenant(tenant) { return try masterKey.unwrap(known.wrappedKey, for: tenant) }
        let key = try DataKey.random()
        _ = try await control.add(tenant: tenant, wrappedKey: try masterKey.wrap(key, for: tenant))
        return key
    }
}

/// Whole or not at all, and readable for its owner alone until somebody says otherwise.
func writeFile(_ text: String, to path: String) throws {
    let part = path + ".part"
    let bytes = Array(text.utf8)
    let descriptor = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    let written = descriptor < 0 ? -1 : bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    let failure = errno
    if descriptor >= 0 { close(descriptor) }
    guard written == bytes.count, rename(part, path) == 0 else {
        unlink(part)
        throw CommandFailure(
            code: .failed,
            text: "\(path) cannot be written: \(String(cString: strerror(failure))); this should stand there:\n\(text)"
        )
    }
}
