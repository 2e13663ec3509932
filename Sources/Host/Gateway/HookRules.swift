import Core
import Engine
import Store
import Transport

/// How the webhooks of one connection are checked and told apart. What vendors do differs; these are the kinds.
struct HookRules: Wire, Codable, Equatable {
    enum Check: String, Codable, CaseIterable {
        /// The path nobody can guess is the only proof.
        case none
        /// A header holds the secret itself.
        case header
        /// A header holds an HMAC-SHA256 of the body.
        case hmacSHA256 = "hmac-sha256"
    }

    enum Encoding: String, Codable, CaseIterable {
        case hex
        case base64
    }

    enum Identity: String, Codable, CaseIterable {
        /// The same body is the same event.
        case body
        /// A header holds the event's id.
        case header
        /// Members of the body, at the top or in an object there, hold it: see `EventIdentity`.
        case member
    }

    /// What a vendor's own protocol asks of the address.
    enum Dialect: String, Codable {
        case plain
        /// Business Central's: a handshake by query, the secret in each notification, and no refusal.
        case clientState
        /// Monday's: a handshake by body.
        case challenge
    }

    static let largestBodies = 1...1_048_576
    /// Thousands of notifications in one body; a worker is handed it in one message, which has 4 MiB at most.
    private static let largestNotifications = 3 << 20

    var dialect = Dialect.plain

    var check = Check.none
    var checkHeader = ""
    var encoding = Encoding.hex
    /// What stands before the signature, such as `sha256=`.
    var prefix = ""
    var identity = Identity.body
    var identityName = ""
    var largestBody = 262_144
    /// What a forged webhook is answered. Some vendors drop the subscription on anything but success.
    var refusalStatus: UInt16 = 401

    init() {}

    /// As a flow needs it, whatever its document says.
    init(_ hook: FlowHook) {
        switch hook {
        case .clientState:
            dialect = .clientState
            largestBody = Self.largestNotifications
        case .challenge:
            dialect = .challenge
            // What is sent again says `isRetry`, and is another body.
            identity = .member
            identityName = EventIdentity.monday
        }
    }

    /// Where, among the connection's secrets, the one is that webhooks are checked with; nil where none is needed.
    var secretPlace: String? {
        switch dialect {
        case .plain: check == .none ? nil : "webhook.secret"
        case .clientState: FlowHook.secretPlace
        case .challenge: nil
        }
    }

    init(_ field: JSONField) throws {
        try field.allowOnly([
            "check", "header", "encoding", "prefix", "secret", "identity", "largestBody", "refusalStatus",
        ])
        check = try Self.choice(field["check"]) ?? .none
        if check == .none {
            for name in ["header", "encoding", "prefix", "secret"] where field[name].orNil != nil {
                throw field[name].wrong("has no meaning without a check; set webhook.check")
            }
        } else {
            checkHeader = try Self.headerName(field["header"])
            encoding = try Self.choice(field["encoding"]) ?? .hex
            prefix = try field["prefix"].orNil?.string() ?? ""
            guard prefix.utf8.count <= 100 else { throw field["prefix"].wrong("has 100 bytes at most") }
            guard try SecretReference(field["secret"]) != nil else {
                throw field["secret"].wrong("expected { env: \"NAME\" }, { file: \"PATH\" } or { prompt: true }")
            }
        }
        if let identity = field["identity"].orNil { try identity.allowOnly(["header", "member"]) }
        if let header = field["identity"]["header"].orNil {
            identity = .header
            identityName = try Self.headerName(header)
        } else if let member = field["identity"]["member"].orNil {
            identity = .member
            identityName = try member.string()
            guard identityName.utf8.count <= 200 else { throw member.wrong("has 200 bytes at most") }
            guard EventIdentity(identityName) != nil else {
                throw member.wrong(
                    "expected names of members, such as event.id, a+b for both or a|b for the first there is"
                )
            }
        }
        if let largest = field["largestBody"].orNil { largestBody = try largest.int(in: Self.largestBodies) }
        if let status = field["refusalStatus"].orNil { refusalStatus = UInt16(try status.int(in: 200...499)) }
    }

    private static func choice<Choice: RawRepresentable & CaseIterable>(
        _ field: JSONField
    ) throws -> Choice? where Choice.RawValue == String {
        guard let field = field.orNil else { return nil }
        guard let choice = Choice(rawValue: try field.string()) else {
            throw field.wrong("expected one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    private static func headerName(_ field: JSONField) throws -> String {
        let name = try field.string()
        let valid =
            !name.isEmpty && name.utf8.count <= 100 && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x3A }
        guard valid else { throw field.wrong("expected the name of an HTTP header") }
        return name
    }
}

/// One webhook address: whose it is, and what makes a request to it genuine.
struct Hook: Wire, Codable {
    var connection: Int64
    /// The part of the path that nobody can guess.
    var token: Secret
    var rules: HookRules
    var secret: Secret?
}

/// A hook as the gateway uses it, with what can be prepared once.
@OnLoop final class PreparedHook {
    let connection: Int64
    let rules: HookRules
    /// What a forged webhook is answered.
    let refusal: HTTPServer.Answer
    private let secret: Secret?
    private let prefix: [UInt8]
    private let authenticator: MessageAuthenticator?
    private let eventIdentity: EventIdentity?

    enum Verdict: Equatable {
        case genuine
        case forged
    }

    init(_ hook: Hook) throws {
        connection = hook.connection
        rules = hook.rules
        secret = hook.secret
        prefix = Array(hook.rules.prefix.utf8)
        eventIdentity = EventIdentity(hook.rules.identityName)
        refusal = HTTPServer.Answer(HTTPStatus(rawValue: hook.rules.refusalStatus))
        authenticator = try rules.check == .hmacSHA256 ? hook.secret.map { try MessageAuthenticator(key: $0) } : nil
    }

    /// `proof` is the value of the header that the rules name.
    func check(proof: UnsafeRawBufferPointer?, body: UnsafeRawBufferPointer) -> Verdict {
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
                return rules.dialect == .plain ? nil : key(of: body, isIdentity: false, at: name, hasher)
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
