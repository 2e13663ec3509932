import Core
import Store

extension StoredConnection {
    /// All that the connection has, for the one process that may hold them.
    func secrets(openedWith key: DataKey) throws -> [PlacedSecret] {
        try draft.sealedSecrets.map { place, sealed in
            PlacedSecret(place: place, secret: try open(sealed, at: place, with: key))
        }
    }

    func open(_ sealed: [UInt8], at place: String, with key: DataKey) throws -> Secret {
        try key.unseal(sealed, context: .secret(place, of: draft.name, tenant: draft.tenant))
    }

    /// The path of its webhooks, which nobody can guess.
    var hookPath: String { "/hooks/\(hookToken.text)" }
}

extension ServeOptions {
    /// Where the connection's webhooks come in, seen from outside. Without a public address only this machine gets to
    /// one that listens on loopback: enough for the sandbox.
    func hookURL(of connection: StoredConnection) -> Secret? {
        let file = try? ConnectionFile(text: connection.draft.document)
        guard file?.hookRules.isEmpty == false else { return nil }
        return outsideAddress.map { Secret(text: $0 + connection.hookPath) }
    }

    /// Without a slash at its end.
    var outsideAddress: String? {
        if let publicURL { return String(publicURL.reversed().drop { $0 == "/" }.reversed()) }
        guard host == "localhost" || host == "::1" || host.hasPrefix("127.") else { return nil }
        return "\(certificate == nil ? "http" : "https")://\(listen)"
    }
}
