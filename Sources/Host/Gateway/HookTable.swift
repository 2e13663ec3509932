import Core
import Store
import Transport

/// All webhook addresses, found by a digest of their tokens: neither the table nor the time of a look-up tells a token.
@OnLoop final class HookTable {
    private var hooks: [Digest: PreparedHooks] = [:]
    private let hasher = SHA256()

    nonisolated init() {}

    func replace(with all: [Hook]) throws {
        var prepared: [Digest: PreparedHooks] = [:]
        prepared.reserveCapacity(all.count)
        for hook in all { prepared[hook.token.withBytes { hasher.digest($0) }] = try PreparedHooks(hook) }
        hooks = prepared
    }

    subscript(token: UnsafeRawBufferPointer) -> PreparedHooks? {
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
