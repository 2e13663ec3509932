import Core
import Engine
import Store
import Transport

/// The webhook addresses of one connection: whose they are, and what makes a request to one of them genuine.
struct Hook: Wire, Codable {
    /// One kind of them. A connection between two systems that both tell of changes has two.
    struct Face: Wire, Codable {
        var rules: HookRules
        var secret: Secret?
        /// Proves that a name is one of ours, where the rules are for certain names.
        var nameKey: Secret?
    }

    var connection: Int64
    /// The part of the path that nobody can guess.
    var token: Secret
    var faces: [Face]

    init(connection: Int64, token: Secret, faces: [Face]) {
        self.connection = connection
        self.token = token
        self.faces = faces
    }

    init(connection: Int64, token: Secret, rules: HookRules, secret: Secret?) {
        self.init(connection: connection, token: token, faces: [Face(rules: rules, secret: secret)])
    }
}

/// A connection's addresses as the gateway uses them.
@OnLoop final class PreparedHooks {
    let connection: Int64
    /// Before the whole of a path is looked at, the largest of any may come.
    let largestBody: Int
    private let faces: [PreparedHook]

    init(_ hook: Hook) throws {
        connection = hook.connection
        faces = try hook.faces.map { try PreparedHook($0, of: hook.connection) }
        largestBody = faces.map(\.rules.largestBody).max() ?? 0
    }

    /// Nil where there is no such address. `name` is what stands after the token.
    func face(at name: String?) -> PreparedHook? {
        let name = name ?? ""
        // Those that claim certain names come before those for all others.
        if let face = faces.first(where: { !$0.rules.names.isEmpty && name.hasPrefix($0.rules.names) }) {
            return face.gaveOut(name) ? face : nil
        }
        return faces.first { $0.rules.names.isEmpty }
    }

    var hasGetHandshake: Bool { faces.contains { $0.rules.dialect == .clientState } }

    /// What a webhook that is taken is answered. Which successes Monday takes for one, nobody says; 200 it does.
    func acknowledgement(at path: String) -> HTTPServer.Answer {
        let name = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path[path.utf8.index(after: $0)...] } ?? ""
        let face = faces.first { $0.rules.dialect == .challenge && name.hasPrefix($0.rules.names) }
        return face == nil ? .accepted : .taken
    }

    /// Whether all are answered alike, and nobody has to look at their addresses.
    var isPlain: Bool { faces.allSatisfy { $0.rules.dialect != .challenge } }
}

/// One kind of a connection's addresses, with what can be prepared once.
@OnLoop final class PreparedHook {
    let connection: Int64
    let rules: HookRules
    /// What a forged webhook is answered.
    let refusal: HTTPServer.Answer
    private let secret: Secret?
    private let prefix: [UInt8]
    private let authenticator: MessageAuthenticator?
    private let nameAuthenticator: MessageAuthenticator?
    private let eventIdentity: EventIdentity?

    enum Verdict: Equatable {
        case genuine
        case forged
    }

    convenience init(_ hook: Hook) throws {
        precondition(hook.faces.count == 1, "\(hook.faces.count) faces where one is meant")
        try self.init(hook.faces[0], of: hook.connection)
    }

    init(_ face: Hook.Face, of connection: Int64) throws {
        self.connection = connection
        rules = face.rules
        secret = face.secret
        prefix = Array(rules.prefix.utf8)
        eventIdentity = EventIdentity(rules.identityName)
        refusal = HTTPServer.Answer(HTTPStatus(rawValue: rules.refusalStatus))
        let signs = rules.check == .hmacSHA256 || rules.webToken != nil
        authenticator = try signs ? face.secret.map { try MessageAuthenticator(key: $0) } : nil
        nameAuthenticator = try face.nameKey.map { try MessageAuthenticator(key: $0) }
    }

    /// Whether an address of that name is one that the connection has given somebody.
    func gaveOut(_ name: String) -> Bool {
        nameAuthenticator.map { HookName.isOurs(name, $0) } ?? false
    }

    /// `proof` is the value of the header that the rules name; `path`, the address that was called.
    func check(
        proof: UnsafeRawBufferPointer?,
        body: UnsafeRawBufferPointer,
        at path: String = "",
        now: WallTime = .now
    ) -> Verdict {
        if let expected = rules.webToken {
            guard let authenticator, let proof else { return .forged }
            return WebToken(proof, authenticator)?.isGood(expected, at: path, body, now: now) == true
                ? .genuine : .forged
        }
        switch rules.check {
        case .none: return .genuine
        case .header:
            guard let proof, let secret else { return .forged }
            return secret.withBytes { equalInConstantTime($0, proof) } ? .genuine : .forged
        case .hmacSHA256:
            guard let authenticator, let proof, proof.starts(with: prefix) else { return .forged }
            let text = UnsafeRawBufferPointer(rebasing: proof[prefix.count...])
            return isSignature(text, authenticator.digest(body)) ? .genuine : .forged
        }
    }

    private func isSignature(_ text: UnsafeRawBufferPointer, _ digest: Digest) -> Bool {
        switch rules.encoding {
        case .hex: digest.withBytes { Hex.spells(text, $0) }
        case .base64:
            Base64.bytes(of: String(decoding: text, as: UTF8.self))?.withUnsafeBytes { digest.equals($0) } ?? false
        }
    }

    /// How many of a body's notifications carry the secret; nil when it holds none.
    func clientStates(in body: UnsafeRawBufferPointer) -> ClientStates? {
        secret.flatMap { ClientStates(of: body, secret: $0) }
    }

    /// What tells this event from every other; nil when the body does not hold what the rules promise. `identity` is the
    /// value of the header that the rules name, and `name` what the address has after the token.
    func key(
        identity: UnsafeRawBufferPointer?,
        body: UnsafeRawBufferPointer,
        at name: String? = nil,
        hasher: SHA256
    ) -> EventKey? {
        switch rules.identity {
        case .body: return key(of: body, isIdentity: false, at: name, hasher)
        case .header:
            guard let identity, !identity.isEmpty else { return nil }
            return key(of: identity, isIdentity: true, at: name, hasher)
        case .member:
            guard var member = eventIdentity?.text(in: body) else {
                // Where a vendor's own rules name the members, a body without them says enough by itself: refused, it
                // would only come again, and behind it nothing else of some vendors.
                switch rules.dialect {
                case .plain, .news: return nil
                case .clientState, .challenge: return key(of: body, isIdentity: false, at: name, hasher)
                }
            }
            return member.withUTF8 { key(of: UnsafeRawBufferPointer($0), isIdentity: true, at: name, hasher) }
        }
    }

    private func key(
        of bytes: UnsafeRawBufferPointer,
        isIdentity: Bool,
        at name: String?,
        _ hasher: SHA256
    ) -> EventKey {
        let digest = hasher.digest { hasher in
            withUnsafeBytes(of: connection.littleEndian) { hasher.add($0) }
            // An id and a body of the same bytes are different things, and so are those of a name and of none.
            let kind: UInt8 = (isIdentity ? 1 : 0) + (name == nil ? 0 : 2)
            withUnsafeBytes(of: kind) { hasher.add($0) }
            // A name holds no slash: where it ends is plain.
            if let name { Array((name + "/").utf8).withUnsafeBytes { hasher.add($0) } }
            hasher.add(bytes)
        }
        return EventKey(digest)
    }
}

extension HTTPServer.Answer {
    static let taken = HTTPServer.Answer(.ok)
}
