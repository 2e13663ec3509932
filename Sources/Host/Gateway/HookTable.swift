import Core
import Store
import Transport

/// All webhook addresses, found by a digest of their tokens: neither the table nor the time of a look-up tells a token.
@OnLoop final class HookTable {
    private var hooks: [Digest: PreparedHook] = [:]
    private let hasher = SHA256()

    nonisolated init() {}

    func replace(with all: [Hook]) throws {
        var prepared: [Digest: PreparedHook] = [:]
        prepared.reserveCapacity(all.count)
        for hook in all { prepared[hook.token.withBytes { hasher.digest($0) }] = try PreparedHook(hook) }
        hooks = prepared
    }

    subscript(token: UnsafeRawBufferPointer) -> PreparedHook? {
        hooks[hasher.digest(token)]
    }

    func key(
        of body: UnsafeRawBufferPointer,
        identity: UnsafeRawBufferPointer?,
        at name: String?,
        _ hook: PreparedHook
    ) -> EventKey? {
        hook.key(identity: identity, body: body, at: name, hasher: hasher)
    }
}
