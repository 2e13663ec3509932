import Core
import Store
import Testing

@Suite struct `a digest` {
    @Test(arguments: [
        // FIPS 180-4's examples.
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `is SHA-256`(text: String, digest: String) {
        #expect(Digest(of: Array(text.utf8)).hexadecimal == digest)
    }

    @Test func `is the same however the message is cut, and however often the hash was used`() {
        let message = (0..<1_000).map { UInt8(truncatingIfNeeded: $0) }
        let hash = SHA256()
        let whole = message.withUnsafeBytes { hash.digest($0) }
        for cut in [0, 1, 63, 64, 65, 999, 1_000] {
            #expect(Digest(of: Array(message[..<cut]), Array(message[cut...])) == whole)
            let again = message.withUnsafeBytes { bytes in
                hash.digest { hash in
                    hash.add(UnsafeRawBufferPointer(rebasing: bytes[..<cut]))
                    hash.add(UnsafeRawBufferPointer(rebasing: bytes[cut...]))
                }
            }
            #expect(again == whole)
        }
    }

    @Test func `makes an event's key of its first half`() {
        let digest = Digest(of: Array("abc".utf8))
        let key = EventKey(digest)
        #expect(key.withBytes { Array($0) } == Array(digest.bytes.prefix(16)))
        #expect(digest.withBytes { EventKey($0) } == key)
        #expect(digest.withBytes { EventKey(UnsafeRawBufferPointer(rebasing: $0[..<15])) } == nil)
    }

    @Test(arguments: [
        // RFC 4231, cases 1, 2, 3 and 6; the last with an empty key, from Python's hmac.
        (
            [UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xaa, count: 20), [UInt8](repeating: 0xdd, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            [UInt8](repeating: 0xaa, count: 131),
            Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        ([], [], "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
    ])
    func `authenticates with a key, again and again`(key: [UInt8], message: [UInt8], digest: String) throws {
        let authenticator = try MessageAuthenticator(key: Secret(key))
        for _ in 0..<3 {
            #expect(message.withUnsafeBytes { authenticator.digest($0) }.hexadecimal == digest)
        }
        let expected = bytes(digest)
        let made = message.withUnsafeBytes { authenticator.digest($0) }
        #expect(expected.withUnsafeBytes { made.equals($0) })
        #expect(!expected.dropLast().withUnsafeBytes { made.equals($0) })
    }
}
