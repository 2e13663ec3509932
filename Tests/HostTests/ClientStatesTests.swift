import Core
import Testing

@testable import Host

@Suite struct `a body of notifications` {
    static let secret = Secret(text: "s3cret")

    static func states(_ text: String) -> (genuine: Int, forged: Int)? {
        states(Array(text.utf8))
    }

    static func states(_ bytes: [UInt8]) -> (genuine: Int, forged: Int)? {
        bytes.withUnsafeBytes { ClientStates(of: $0, secret: secret) }.map { ($0.genuine, $0.forged) }
    }

    @Test(arguments: [
        (#"{"value":[{"clientState":"s3cret"}]}"#, 1, 0),
        (#" {"other":[1,{}],"value":[{"a":{"clientState":"x"},"clientState":"s3\u0063ret","b":null}],"c":1} "#, 1, 0),
        (#"{"value":[{"clientState":"s3cret"},{"clientState":"s3cres"},{"clientState":"s3cret"}]}"#, 2, 1),
        (#"{"value":[{"clientState":"S3CRET"},{"clientState":""},{"clientState":"s3cret "},{}]}"#, 0, 4),
        (#"{"value":[{"clientState":null},{"clientState":["s3cret"]},{"clientState":7},"s3cret",null,[]]}"#, 0, 6),
        (#"{"value":[{"clientState":"s3cret","clientState":"s3cret"},{"clientstate":"s3cret"}]}"#, 0, 2),
    ]) func `is genuine where it carries the secret`(text: String, genuine: Int, forged: Int) throws {
        let found = try #require(Self.states(text))
        #expect(found == (genuine, forged))
        #expect(try #require(Self.states([0xEF, 0xBB, 0xBF] + Array(text.utf8))) == (genuine, forged))
    }

    @Test(arguments: [
        "", "{", "[]", "null", "{}", #"{"value":{}}"#, #"{"value":[]}"#, #"{"value":[{"clientState":"s3cret"}]"#,
        #"{"value":[{"clientState":"s3cret"}],"value":[]}"#, #"{"value":[{"clientState":"s3cret"}]} x"#,
        #"{"values":[{"clientState":"s3cret"}]}"#,
        #"{"value":[{"clientState":"s3cret"}],"x":\#(String(repeating: "[", count: 100_000))"#,
    ]) func `is none where it is malformed`(text: String) {
        #expect(Self.states(text) == nil)
    }

    @Test func `is none where it is not text`() {
        #expect(Self.states([0xFF, 0xFE, 0]) == nil)
        #expect(
            Self.states(Array(#"{"value":[{"clientState":"s3cret"}],"x":""#.utf8) + [0xC3] + Array(#""}"#.utf8)) == nil
        )
    }

    @Test(
        arguments: [
            (#"{"challenge":"a\"b é"}"#, #"{"challenge":"a\"b é"}"#),
            (#" { "challenge" : "x" , "more" : 1 } "#, #"{"challenge":"x"}"#),
            (#"{"challenge":"x","event":{}}"#, nil), (#"{"challenge":7}"#, nil), (#"{"event":{"challenge":"x"}}"#, nil),
            ("x", nil), ("", nil), (#"["challenge"]"#, nil),
            (#"{"challenge":"\#(String(repeating: "x", count: 9_000))"}"#, nil),
        ] as [(String, String?)]
    ) func `is answered with itself where it is a challenge`(body: String, answer: String?) {
        #expect(Array(body.utf8).withUnsafeBytes { challengeAnswer(to: $0) } == answer)
    }
}
