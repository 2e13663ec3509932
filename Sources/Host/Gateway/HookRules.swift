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
        /// Ours, for a customer's own code in NAV.
        case news
    }

    static let largestBodies = 1...1_048_576
    /// Thousands of notifications in one body; a worker is handed it in one message, which has 4 MiB at most.
    private static let largestNotifications = 3 << 20
    private static let largestNews = 8_192

    var dialect = Dialect.plain
    /// What the last parts of its addresses begin with; empty for all that no other rules of the connection claim.
    var names = ""
    /// Set where each body comes with a JSON Web Token, signed with the secret.
    var webToken: WebTokenRules?

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

    /// As a flow needs it. Of its document no more is read than whether an app's webhooks come signed.
    init(_ hook: FlowHook, of document: JSONField = JSONField(.null)) {
        names = hook.names
        switch hook {
        case .clientState:
            dialect = .clientState
            largestBody = Self.largestNotifications
        case .challenge:
            dialect = .challenge
            // What is sent again says `isRetry`, and is another body.
            identity = .member
            identityName = EventIdentity.monday
            webToken = WebTokenRules(document)
            if webToken != nil { checkHeader = "Authorization" }
        case .news:
            dialect = .news
            check = .header
            checkHeader = FlowHook.newsHeader
            // Word of two changes of one record would else be the same.
            identity = .member
            identityName = "id"
            largestBody = Self.largestNews
        }
    }

    /// With what only the server knows of itself: where the outside gets to it.
    func seen(from outside: String?) -> HookRules {
        var rules = self
        rules.webToken?.outside = outside
        return rules
    }

    /// Where, among the connection's secrets, the one is that webhooks are checked with; nil where none is needed.
    var secretPlace: String? {
        switch dialect {
        case .plain: check == .none ? nil : "webhook.secret"
        case .clientState: FlowHook.secretPlace
        case .challenge: webToken == nil ? nil : FlowHook.signingSecretPlace
        case .news: FlowHook.newsSecretPlace
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
