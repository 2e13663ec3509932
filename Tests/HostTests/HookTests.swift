import Core
import Store
import Testing
import Transport

@testable import Host

@Suite(.onLoop) struct `a webhook address` {
    static let secret = Secret(text: "s3cret")
    static let body = Array(#"{"event":{"id":17},"text":"hello"}"#.utf8)

    @OnLoop static func hook(_ change: (inout HookRules) -> Void) throws -> PreparedHook {
        var rules = HookRules()
        change(&rules)
        return try PreparedHook(Hook(connection: 5, token: Secret(text: "t"), rules: rules, secret: secret))
    }

    @OnLoop static func verdict(_ hook: PreparedHook, _ proof: String?) -> PreparedHook.Verdict {
        body.withUnsafeBytes { body in Self.withBytes(of: proof) { hook.check(proof: $0, body: body) } }
    }

    static func withBytes<Result>(of text: String?, _ body: (UnsafeRawBufferPointer?) -> Result) -> Result {
        guard let text else { return body(nil) }
        return Array(text.utf8).withUnsafeBytes { body($0) }
    }

    static var signature: Digest {
        get throws { try MessageAuthenticator(key: secret).digest { mac in body.withUnsafeBytes { mac.add($0) } } }
    }

    @Test(arguments: [HookRules.Encoding.hex, .base64], ["", "sha256="])
    @OnLoop func `takes a body with its signature, and no other`(encoding: HookRules.Encoding, prefix: String) throws {
        let hook = try Self.hook {
            $0.check = .hmacSHA256
            $0.encoding = encoding
            $0.prefix = prefix
        }
        let bytes = try Self.signature.bytes
        let text = encoding == .hex ? Hex.text(of: bytes) : Base64.text(of: bytes)
        #expect(Self.verdict(hook, prefix + text) == .genuine)
        var other = bytes
        other[31] ^= 1
        let forged = encoding == .hex ? Hex.text(of: other) : Base64.text(of: other)
        for wrong in [
            nil, "", prefix, prefix + forged, prefix + String(text.dropLast(2)), "x" + prefix + text,
            prefix + text + "00", prefix + String(text.dropLast()) + "g", prefix + text.dropLast(2) + "zz",
        ] {
            #expect(Self.verdict(hook, wrong) == .forged, "\(wrong ?? "no header")")
        }
    }

    @Test @OnLoop func `takes the secret itself in a header, and no other`() throws {
        let hook = try Self.hook { $0.check = .header }
        #expect(Self.verdict(hook, "s3cret") == .genuine)
        for wrong in [nil, "", "s3cre", "s3cretx", "S3CRET"] { #expect(Self.verdict(hook, wrong) == .forged) }
    }

    @Test @OnLoop func `knows the same event again by what its rules say`() throws {
        let hasher = SHA256()
        func key(_ hook: PreparedHook, id: String? = nil, _ body: [UInt8] = Self.body) -> EventKey? {
            body.withUnsafeBytes { body in
                Self.withBytes(of: id) { hook.key(identity: $0, body: body, hasher: hasher) }
            }
        }
        let byBody = try Self.hook { _ in }
        #expect(key(byBody) == key(byBody) && key(byBody) != key(byBody, [1]))
        let byHeader = try Self.hook { $0.identity = .header }
        #expect(
            key(byHeader, id: "1") == key(byHeader, id: "1", [9]) && key(byHeader, id: "1") != key(byHeader, id: "2")
        )
        #expect(key(byHeader) == nil && key(byHeader, id: "") == nil)
        let byMember = try Self.hook {
            $0.identity = .member
            $0.identityName = "event.id"
        }
        #expect(key(byMember) == key(byMember, Array(#"{"event":{"id":17}}"#.utf8)) && key(byMember) != nil)
        #expect(key(byMember, Array(#"{"event":{}}"#.utf8)) == nil && key(byMember, [0xFF, 0]) == nil)
        // An id that reads like another's body is not that body.
        #expect(key(byHeader, id: String(decoding: Self.body, as: UTF8.self)) != key(byBody))
    }

    @Test @OnLoop func `knows events of its own names apart`() throws {
        let hasher = SHA256()
        let hook = try Self.hook { _ in }
        let keys = [nil, "a", "b", "ab"].map { name in
            Self.body.withUnsafeBytes { hook.key(identity: nil, body: $0, at: name, hasher: hasher) }
        }
        #expect(Set(keys).count == 4)
        // What it had before there were names is known for the same still.
        let number = withUnsafeBytes(of: Int64(5).littleEndian) { Array($0) }
        #expect(keys[0] == EventKey(Digest(of: number, [0], Self.body)))
    }

    @Test @OnLoop func `is found by its token alone, and gone when it is not listed any more`() throws {
        let table = HookTable()
        let hooks = (1...3).map {
            Hook(connection: $0, token: Secret(text: "token\($0)"), rules: HookRules(), secret: nil)
        }
        func connection(of token: String) -> Int64? { Array(token.utf8).withUnsafeBytes { table[$0]?.connection } }
        try table.replace(with: hooks)
        #expect(connection(of: "token2") == 2)
        #expect(connection(of: "token") == nil && connection(of: "") == nil && connection(of: "token22") == nil)
        try table.replace(with: [hooks[0]])
        #expect(connection(of: "token2") == nil && connection(of: "token1") == 1)
    }
}
