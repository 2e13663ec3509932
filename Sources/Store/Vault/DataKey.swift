import Core

/// The key of one tenant: it seals the secrets of that tenant's connections and nothing else.
package struct DataKey: Sendable, Equatable {
    package let identity: KeyIdentity
    private let key: Secret

    /// A new one.
    package static func random() throws -> DataKey {
        try DataKey(Random.secret(Envelope.keyByteCount))
    }

    /// From the bytes that another process of ours has handed over.
    package init(_ key: Secret) throws {
        guard key.count == Envelope.keyByteCount else {
            throw VaultError.unusable("a data key has \(Envelope.keyByteCount) bytes, not \(key.count)")
        }
        self.key = key
        identity = KeyIdentity(of: key)
    }

    /// The bytes themselves, for the worker that may hold them.
    package var secret: Secret { key }

    package func seal(_ secret: Secret, context: SealContext) throws -> [UInt8] {
        try Envelope.seal(secret, under: key, identity: identity, context: context.text)
    }

    /// Opens only what was sealed under this key and for this very context.
    package func unseal(_ sealed: [UInt8], context: SealContext) throws -> Secret {
        try Envelope.unseal(sealed, under: key, identity: identity, context: context.text)
    }
}

/// Where a sealed secret belongs. It is part of what is authenticated, so a sealed secret opens nowhere else.
package struct SealContext: Sendable, Equatable {
    let text: String

    package static func secret(_ name: String, of connection: Name, tenant: Name) -> SealContext {
        // Names hold no slash, so no two places read the same; what a secret is called comes last and may.
        SealContext(text: "secret/\(tenant)/\(connection)/\(name)")
    }

    static func dataKey(of tenant: Name) -> SealContext {
        SealContext(text: "data-key/\(tenant)")
    }
}
