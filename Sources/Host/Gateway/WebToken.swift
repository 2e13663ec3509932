import Core
import Store
import Transport

/// What a JSON Web Token has to say beside its signature, for a webhook to be taken.
struct WebTokenRules: Wire, Codable, Equatable {
    /// The account it has to come from; nil where the connection's file does not say.
    var account: String?
    /// Whether it has to name the address that it is for.
    var namesAddress = true
    /// What stands before the path of that address. Nobody who does not know it can be asked for it.
    var outside: String?

    /// Nil where the connection has no secret that they would be signed with.
    init?(_ document: JSONField) {
        let monday = document["monday"]
        guard monday["signingSecret"].orNil != nil else { return nil }
        namesAddress = (try? monday["checkAudience"].bool()) ?? true
        account = Self.text(monday["account"])
    }

    /// An id comes as a number from one hand and as a text from another.
    fileprivate static func text(_ field: JSONField) -> String? {
        switch field.value {
        case .string(let text): text
        case .number(let number): number.text
        case .null, .bool, .array, .object, nil: nil
        }
    }
}

/// A JSON Web Token whose signature is right: HMAC-SHA256, the one kind that Monday makes. What it says of its own kind
/// is believed only where it says the same; one that says `none` is none.
///
/// It holds a short token for Monday's API, too. Nobody here wants that, so it is not even read out.
struct WebToken: Equatable {
    /// In seconds since 1970.
    private(set) var expires: Int
    private(set) var audiences: [String]
    private(set) var account: String?

    /// Clocks differ.
    static let leeway = 60
    private static let longest = 8_192

    /// `header` is the value of `Authorization`: the token alone, as Monday sends it, or after the word `Bearer`.
    init?(_ header: UnsafeRawBufferPointer, _ authenticator: MessageAuthenticator) {
        guard header.count <= Self.longest else { return nil }
        var text = String(decoding: header, as: UTF8.self)
        if text.lowercased().hasPrefix("bearer ") { text = String(text.dropFirst("bearer ".count)) }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { String($0) }
        guard parts.count == 3, let signature = Base64.bytes(of: parts[2], .url) else { return nil }
        let expected = Array("\(parts[0]).\(parts[1])".utf8).withUnsafeBytes { authenticator.digest($0) }
        // Before anything in it is believed, or so much as read.
        guard signature.withUnsafeBytes({ expected.equals($0) }) else { return nil }
        guard let kind = Self.object(parts[0]), case .string("HS256")? = kind["alg"].value,
            // An extension that has to be understood, and is not.
            kind["crit"].value == nil, let claims = Self.object(parts[1])
        else { return nil }
        guard case .number(let number)? = claims["exp"].value, let seconds = Self.wholeSeconds(number) else {
            return nil
        }
        expires = seconds
        audiences =
            switch claims["aud"].value {
            case .string(let one): [one]
            case .array(let several): several.compactMap { if case .string(let one) = $0 { one } else { nil } }
            case .null, .bool, .number, .object, nil: []
            }
        account = WebTokenRules.text(claims["accountId"])
    }

    func isGood(_ rules: WebTokenRules, at path: String, _ body: UnsafeRawBufferPointer, now: WallTime) -> Bool {
        if rules.namesAddress, let outside = rules.outside, !audiences.contains(outside + path) { return false }
        if let known = rules.account, known != account { return false }
        // Whether a webhook that is sent again is signed again, nobody says. It is read back all the same.
        return now.millisecondsSince1970 / 1_000 <= expires + Self.leeway || Self.isRetry(body)
    }

    private static func wholeSeconds(_ number: JSON.Number) -> Int? {
        guard let seconds = try? number.decimal?.rounded(scale: 0, .halfEven).int, 0...1_000_000_000_000 ~= seconds
        else {
            return nil
        }
        return seconds
    }

    private static func isRetry(_ body: UnsafeRawBufferPointer) -> Bool {
        guard let document = try? JSON.parse(String(decoding: body, as: UTF8.self)) else { return false }
        return (try? JSONField(document)["event"]["isRetry"].bool()) ?? false
    }

    private static func object(_ part: String) -> JSONField? {
        guard let bytes = Base64.bytes(of: part, .url), let document = try? JSON.parse(bytes.span, maxDepth: 8),
            case .object = document
        else { return nil }
        return JSONField(document)
    }
}
