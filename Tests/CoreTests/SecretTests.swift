import Core
import Testing

@Suite struct `a secret` {
    static let secret = Secret(text: "hunter2-ÄÖ")
    struct Holder {
        var name = "acme"
        var secret = `a secret`.secret
        var maybe: Secret? = `a secret`.secret
    }

    static var dumped: String {
        var text = ""
        dump(Holder(), to: &text)
        dump(secret, to: &text)
        return text
    }

    static var printed: String {
        var text = ""
        print(secret, Holder(), [secret], ["key": secret], to: &text)
        debugPrint(secret, Holder(), [secret], ["key": secret], to: &text)
        return text
    }

    static var reflected: String {
        func all(of value: Any) -> String {
            Mirror(reflecting: value).children.map { "\($0.label ?? "") \($0.value) " + all(of: $0.value) }.joined()
        }
        return String(reflecting: secret) + String(describing: secret) + all(of: secret) + all(of: Holder())
    }

    struct Failure: Error {
        var secret = `a secret`.secret
    }

    @Test(arguments: [
        dumped, printed, reflected, "\(secret) \(Holder()) \(Failure())", "\(Optional(secret) as Any)",
        "\(Result<Secret, any Error>.success(secret))",
    ])
    func `has no textual form`(text: String) {
        #expect(text.contains("(secret)"))
        for piece in ["hunter2", "104, 117", "0x", "bytes", "Storage"] { #expect(!text.contains(piece), "\(text)") }
    }

    @Test func `gives itself away by name only`() {
        #expect(Self.secret.text == "hunter2-ÄÖ")
        #expect(Self.secret.withBytes { Array($0) } == Array("hunter2-ÄÖ".utf8))
        #expect(Self.secret.count == 12)
    }

    @Test func `equals what holds the same bytes`() {
        #expect(Secret([1, 2, 3]) == Secret([1, 2, 3]))
        #expect(Secret([1, 2, 3]) != Secret([1, 2, 4]))
        #expect(Secret([1, 2, 3]) != Secret([0, 2, 3]))
        #expect(Secret([1, 2, 3]) != Secret([1, 2]))
        #expect(Secret([]) == Secret([]))
        #expect(Secret([]) != Secret([0]))
    }

    @Test func `outlives the bytes it was made of`() {
        var bytes: [UInt8] = [1, 2, 3]
        let secret = Secret(bytes)
        bytes[0] = 9
        let copy = secret
        #expect(copy == Secret([1, 2, 3]))
    }
}
