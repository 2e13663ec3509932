import Core
import Store
import Testing
import Transport

@testable import Engine
@testable import Host

/// What Monday sends with an app's webhooks, and what others could send in its place.
@Suite(.onLoop) struct `a webhook with a JSON Web Token` {
    static let secret = Secret(text: "an app's signing secret")
    static let path = "/hooks/abc/monday-1f-00"
    static let url = "https://hooks.example.com" + path
    static let now = WallTime(millisecondsSince1970: 1_795_170_000_500)
    static let soon = 1_795_170_300
    static let head = #"{"alg":"HS256","typ":"JWT"}"#
    static let body = #"{"event":{"type":"update_name","isRetry":false}}"#

    static func claims(
        exp: String = "\(soon)",
        aud: String = #""\#(url)""#,
        account: String = "18255"
    ) -> String {
        #"{"accountId":\#(account),"userId":7000002,"aud":\#(aud),"exp":\#(exp),"iat":\#(soon - 300),"shortLivedToken":"canary"}"#
    }

    static func signed(_ claims: String, head: String = head, by key: Secret = secret) throws -> String {
        let said = [head, claims].map { Base64.text(of: Array($0.utf8), .url) }.joined(separator: ".")
        let digest = try Array(said.utf8).withUnsafeBytes { try MessageAuthenticator(key: key).digest($0) }
        return said + "." + Base64.text(of: digest.bytes, .url)
    }

    @OnLoop static func hook(_ change: (inout WebTokenRules) -> Void = { _ in }) throws -> PreparedHook {
        let file: JSON = ["monday": ["signingSecret": ["env": "S"], "account": 18255]]
        var rules = HookRules(.challenge, of: JSONField(file)).seen(from: "https://hooks.example.com")
        if var token = rules.webToken {
            change(&token)
            rules.webToken = token
        }
        let face = Hook.Face(rules: rules, secret: secret, nameKey: Secret(text: "n"))
        return try PreparedHook(face, of: 5)
    }

    @OnLoop static func verdict(
        _ header: String?,
        _ hook: PreparedHook,
        body: String = body,
        at path: String = path
    ) -> PreparedHook.Verdict {
        Array(body.utf8).withUnsafeBytes { body in
            `a webhook address`.withBytes(of: header) { hook.check(proof: $0, body: body, at: path, now: now) }
        }
    }

    @Test @OnLoop func `is taken with or without the word Bearer`() throws {
        let token = try Self.signed(Self.claims())
        for header in [token, "Bearer " + token, "bearer " + token] {
            #expect(Self.verdict(header, try Self.hook()) == .genuine)
        }
        #expect(Self.verdict(try Self.signed(Self.claims(account: #""18255""#)), try Self.hook()) == .genuine)
        let several = Self.claims(aud: #"["https://other.example","\#(Self.url)"]"#)
        #expect(Self.verdict(try Self.signed(several), try Self.hook()) == .genuine)
    }

    @Test @OnLoop func `is not taken with any other, or with none`() throws {
        let token = try Self.signed(Self.claims())
        let parts = token.split(separator: ".").map { String($0) }
        var flipped = Array(parts[2].utf8)
        flipped[0] = flipped[0] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
        let other = Base64.text(of: Array(Self.claims(account: "18256").utf8), .url)
        func head(_ text: String) throws -> String { try Self.signed(Self.claims(), head: text) }
        let wrong: [(String, String?)] = [
            ("none at all", nil), ("empty", ""), ("no token", "Bearer"), ("garbage", "a.b.c"), ("two dots", ".."),
            ("no signature", "\(parts[0]).\(parts[1])."), ("cut", String(token.dropLast())), ("longer", token + "A"),
            ("another signature", "\(parts[0]).\(parts[1]).\(String(decoding: flipped, as: UTF8.self))"),
            ("other claims", "\(parts[0]).\(other).\(parts[2])"), ("four parts", token + ".x"),
            ("another scheme", "Basic " + token), ("padded", token + "="),
            ("another secret", try Self.signed(Self.claims(), by: Secret(text: "guessed"))),
            ("an empty secret", try Self.signed(Self.claims(), by: Secret(text: ""))),
            ("alg none", try head(#"{"alg":"none","typ":"JWT"}"#)), ("alg RS256", try head(#"{"alg":"RS256"}"#)),
            ("alg HS512", try head(#"{"alg":"HS512"}"#)), ("alg in lower case", try head(#"{"alg":"hs256"}"#)),
            ("no alg", try head(#"{"typ":"JWT"}"#)), ("alg twice", try head(#"{"alg":"HS256","alg":"none"}"#)),
            ("an extension", try head(#"{"alg":"HS256","crit":["b64"],"b64":false}"#)),
            ("a head that is none", try head("HS256")),
            ("expired", try Self.signed(Self.claims(exp: "\(Self.soon - 361)"))),
            ("no expiry", try Self.signed(Self.claims().replacing(#""exp""#, with: #""ex""#))),
            ("expiry in words", try Self.signed(Self.claims(exp: #""never""#))),
            ("expiry without end", try Self.signed(Self.claims(exp: "1e300"))),
            ("for another address", try Self.signed(Self.claims(aud: #""https://hooks.example.com/hooks/abc/x""#))),
            ("for nobody", try Self.signed(Self.claims(aud: "null"))),
            ("of another account", try Self.signed(Self.claims(account: "18256"))),
            ("of no account", try Self.signed(Self.claims(account: "null"))),
            ("claims that are none", try Self.signed("[]")),
            ("too long", try Self.signed(Self.claims(account: "\"\(String(repeating: "1", count: 8_192))\""))),
        ]
        let hook = try Self.hook()
        for (what, header) in wrong { #expect(Self.verdict(header, hook) == .forged, "\(what)") }
        #expect(Self.verdict(token, hook, at: Self.path + "x") == .forged)
    }

    @Test @OnLoop func `may be a minute late, and any time late when it is sent again`() throws {
        let hook = try Self.hook()
        #expect(Self.verdict(try Self.signed(Self.claims(exp: "\(Self.soon - 360)")), hook) == .genuine)
        let late = try Self.signed(Self.claims(exp: "\(Self.soon - 1_800)"))
        let retry = Self.body.replacing("false", with: "true")
        #expect(Self.verdict(late, hook) == .forged && Self.verdict(late, hook, body: retry) == .genuine)
        for body in ["", "{", #"{"isRetry":true}"#, #"{"event":{"isRetry":"true"}}"#] {
            #expect(Self.verdict(late, hook, body: body) == .forged)
        }
        // Nothing but that may be wrong with it.
        let wrong = try Self.signed(Self.claims(exp: "\(Self.soon - 1_800)", account: "1"))
        #expect(Self.verdict(wrong, hook, body: retry) == .forged)
    }

    @Test @OnLoop func `is not asked for what nobody knows, or nobody wants checked`() throws {
        let elsewhere = try Self.signed(Self.claims(aud: #""https://elsewhere.example""#, account: "9"))
        let hook = try Self.hook { rules in
            rules.namesAddress = false
            rules.account = nil
        }
        #expect(Self.verdict(elsewhere, hook) == .genuine)
        let unreachable = try Self.hook { rules in
            rules.outside = nil
            rules.account = nil
        }
        #expect(Self.verdict(elsewhere, unreachable) == .genuine)
    }

    @Test @OnLoop func `is never taken where its secret is missing`() throws {
        let rules = HookRules(.challenge, of: JSONField(["monday": ["signingSecret": ["env": "S"]]]))
        let hook = try PreparedHook(Hook.Face(rules: rules, secret: nil), of: 5)
        #expect(Self.verdict(try Self.signed(Self.claims(), by: Secret(text: "")), hook) == .forged)
    }
}
