import COpenSSL
import Core

/// Which key sealed something: the first eight bytes of the key's SHA-256, which tell nothing about the key.
package struct KeyIdentity: Sendable, Hashable, CustomStringConvertible {
    static let byteCount = 8
    package let bytes: [UInt8]

    init(of key: Secret) {
        let digest = key.withBytes { SHA256().digest($0) }
        bytes = Array(digest.bytes.prefix(Self.byteCount))
    }

    init(bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes)
    }

    package var description: String { hexadecimal(bytes) }
}

/// A sealed secret as bytes: format (1), key identity (8), nonce (12), ciphertext, tag (16).
///
/// AES-256-GCM. Format, key identity and the context, which says where the secret belongs, are authenticated with it.
enum Envelope {
    static let keyByteCount = 32
    private static let format: UInt8 = 1
    private static let headCount = 1 + KeyIdentity.byteCount
    private static let nonceCount = 12
    private static let tagCount = 16

    static func seal(_ secret: Secret, under key: Secret, identity: KeyIdentity, context: String) throws -> [UInt8] {
        let head = [format] + identity.bytes
        let nonce = try Random.bytes(nonceCount)
        let cipher = try Cipher(sealing: true, key: key, nonce: nonce)
        try cipher.authenticate(head)
        try cipher.authenticate(Array(context.utf8))
        var sealed = head + nonce
        try secret.withBytes { try cipher.update($0, into: &sealed) }
        try cipher.finish()
        sealed += try cipher.tag(tagCount)
        return sealed
    }

    static func unseal(_ sealed: [UInt8], under key: Secret, identity: KeyIdentity, context: String) throws -> Secret {
        guard let found = sealed.first else { throw VaultError.damaged }
        guard found == format else { throw VaultError.unknownFormat(found) }
        guard sealed.count >= headCount + nonceCount + tagCount else { throw VaultError.damaged }
        let head = Array(sealed[..<headCount])
        let sealer = KeyIdentity(bytes: head.dropFirst())
        guard sealer == identity else { throw VaultError.wrongKey(sealedUnder: sealer, atHand: identity) }

        let cipher = try Cipher(sealing: false, key: key, nonce: Array(sealed[headCount..<headCount + nonceCount]))
        try cipher.authenticate(head)
        try cipher.authenticate(Array(context.utf8))
        var opened: [UInt8] = []
        defer { opened.withUnsafeMutableBytes { wipe($0) } }
        try sealed.withUnsafeBytes { bytes in
            try cipher.update(
                UnsafeRawBufferPointer(rebasing: bytes[(headCount + nonceCount)..<(bytes.count - tagCount)]),
                into: &opened
            )
        }
        try cipher.expectTag(Array(sealed.suffix(tagCount)))
        // What was opened leaves only now, when the tag has shown that it is what was sealed.
        guard (try? cipher.finish()) != nil else { throw VaultError.damaged }
        return Secret(opened)
    }

    /// Which key a sealed secret needs, without opening it: what a rotation counts. Nil for what is no envelope.
    static func sealer(of sealed: [UInt8]) -> KeyIdentity? {
        guard sealed.first == format, sealed.count >= headCount + nonceCount + tagCount else { return nil }
        return KeyIdentity(bytes: sealed[1..<headCount])
    }
}

/// One pass of AES-256-GCM.
private final class Cipher {
    private let context: OpaquePointer

    init(sealing: Bool, key: Secret, nonce: [UInt8]) throws {
        guard let context = EVP_CIPHER_CTX_new() else { throw VaultError.cryptography("EVP_CIPHER_CTX_new") }
        self.context = context
        precondition(key.count == Envelope.keyByteCount, "a key of \(key.count) bytes is none")
        let answer = key.withBytes { key in
            EVP_CipherInit_ex(
                context,
                EVP_aes_256_gcm(),
                nil,
                key.bindMemory(to: UInt8.self).baseAddress,
                nonce,
                sealing ? 1 : 0
            )
        }
        try require(answer, "EVP_CipherInit_ex")
    }

    deinit {
        EVP_CIPHER_CTX_free(context)
    }

    func authenticate(_ bytes: [UInt8]) throws {
        guard !bytes.isEmpty else { return }
        var count: Int32 = 0
        try require(EVP_CipherUpdate(context, nil, &count, bytes, Int32(bytes.count)), "EVP_CipherUpdate")
    }

    func update(_ input: UnsafeRawBufferPointer, into output: inout [UInt8]) throws {
        guard !input.isEmpty else { return }
        let start = output.count
        output.append(contentsOf: repeatElement(0, count: input.count))
        var count: Int32 = 0
        let answer = output.withUnsafeMutableBufferPointer { buffer in
            EVP_CipherUpdate(
                context,
                buffer.baseAddress.map { $0 + start },
                &count,
                input.bindMemory(to: UInt8.self).baseAddress,
                Int32(input.count)
            )
        }
        try require(answer, "EVP_CipherUpdate")
    }

    /// GCM has nothing left to write here: opening, it compares the tag.
    func finish() throws {
        var nothing: UInt8 = 0
        var count: Int32 = 0
        try require(EVP_CipherFinal_ex(context, &nothing, &count), "EVP_CipherFinal_ex")
    }

    func tag(_ count: Int) throws -> [UInt8] {
        var tag = [UInt8](repeating: 0, count: count)
        try require(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(count), &tag), "EVP_CTRL_AEAD_GET_TAG")
        return tag
    }

    func expectTag(_ tag: [UInt8]) throws {
        var tag = tag
        let count = Int32(tag.count)
        try require(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, count, &tag), "EVP_CTRL_AEAD_SET_TAG")
    }

    private func require(_ answer: Int32, _ call: String) throws {
        guard answer == 1 else { throw VaultError.cryptography(call) }
    }
}

/// Overwrites, in a way that no compiler leaves out.
func wipe(_ bytes: UnsafeMutableRawBufferPointer) {
    OPENSSL_cleanse(bytes.baseAddress, bytes.count)
}
