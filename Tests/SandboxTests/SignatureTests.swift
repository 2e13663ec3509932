import Testing

@testable import Sandbox

@Suite struct `the sandbox's signatures` {
    /// FIPS 180-2 and RFC 4231.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ]) func `are those of SHA-256`(text: String, digest: String) {
        #expect(hexadecimal(SHA256.digest(Array(text.utf8))) == digest)
    }

    @Test func `are those of HMAC`() {
        let mac = SHA256.hmac(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8))
        #expect(hexadecimal(mac) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        let long = SHA256.hmac(
            Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            key: [UInt8](repeating: 0xaa, count: 131)
        )
        #expect(hexadecimal(long) == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    }

    private func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test(arguments: [
        ("a,b\r\n1,\"x, \"\"y\"\"\"\r\n", [["a", "b"], ["1", "x, \"y\""]]), ("a\n\nb", [["a"], ["b"]]),
        ("a,\n,b\n", [["a", ""], ["", "b"]]), ("\"two\nlines\",z", [["two\nlines", "z"]]),
    ]) func `come with rows of CSV`(text: String, rows: [[String]]) throws {
        #expect(CSVRows.read(Array(text.utf8)) == rows)
        #expect(CSVRows.read(Array(CSVRows.text(rows).utf8)) == rows)
    }

    @Test(arguments: ["\"open", "\"a\"b", "a\"b\"", "\u{0}\"x"]) func `refuse what is no CSV`(text: String) {
        #expect(CSVRows.read(Array(text.utf8)) == nil)
    }
}
