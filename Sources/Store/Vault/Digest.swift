import COpenSSL
import Core

/// The 256 bits of a SHA-256 or an HMAC over it.
package struct Digest: Sendable, Hashable {
    package static let byteCount = 32
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    fileprivate init() {}

    /// Of the pieces, one after the other. Where a piece ends leaves no trace: put lengths between them where it matters.
    package init(of pieces: [UInt8]...) {
        self = SHA256().digest { hash in
            for piece in pieces { piece.withUnsafeBytes { hash.add($0) } }
        }
    }

    /// Loads the algorithms: once, in a process that is to be forked.
    package static func prepareLibrary() {
        _ = Digest(of: [])
    }

    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withUnsafeBytes(of: words, body)
    }

    fileprivate mutating func fill(_ write: (UnsafeMutablePointer<UInt8>?) -> Bool) -> Bool {
        withUnsafeMutableBytes(of: &words) { write($0.bindMemory(to: UInt8.self).baseAddress) }
    }

    /// Takes the same time wherever the two differ.
    package func equals(_ other: UnsafeRawBufferPointer) -> Bool {
        withBytes { equalInConstantTime($0, other) }
    }

    package static func == (a: Digest, b: Digest) -> Bool {
        b.withBytes { a.equals($0) }
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
    }

    package var hexadecimal: String { withBytes { Store.hexadecimal($0) } }
    package var bytes: [UInt8] { withBytes { Array($0) } }
}

extension EventKey {
    /// The digest's first half.
    package init(_ digest: Digest) {
        let words = digest.withBytes { bytes in
            (bytes.loadUnaligned(as: UInt64.self), bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
        self.init(high: UInt64(bigEndian: words.0), low: UInt64(bigEndian: words.1))
    }
}

/// SHA-256, made ready once and used again and again by one thread.
package final class SHA256 {
    private let context: OpaquePointer
    private static let algorithm = Algorithm()

    package init() {
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("OpenSSL has no memory for a hash") }
        self.context = context
    }

    deinit {
        EVP_MD_CTX_free(context)
    }

    package func digest(_ bytes: UnsafeRawBufferPointer) -> Digest {
        digest { $0.add(bytes) }
    }

    /// Of all that `body` adds, in its order. Not to be entered again by `body`.
    package func digest(_ body: (SHA256) throws -> Void) rethrows -> Digest {
        expect(EVP_DigestInit_ex2(context, Self.algorithm.handle, nil), "EVP_DigestInit_ex2")
        try body(self)
        var digest = Digest()
        expect(digest.fill { EVP_DigestFinal_ex(context, $0, nil) == 1 } ? 1 : 0, "EVP_DigestFinal_ex")
        return digest
    }

    package func add(_ bytes: UnsafeRawBufferPointer) {
        expect(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count), "EVP_DigestUpdate")
    }

    /// Fetched once: OpenSSL looks it up by name otherwise, at a third of the price of hashing a small message.
    private final class Algorithm: @unchecked Sendable {
        let handle = EVP_MD_fetch(nil, "SHA256", nil)
    }
}

/// An HMAC over SHA-256 with one key, made ready once and used again and again by one thread.
package final class MessageAuthenticator {
    private let context: OpaquePointer

    package init(key: Secret) throws {
        let made = key.withBytes { bytes in
            // OpenSSL takes a missing key for "the one before", of which there is none.
            withUnsafeBytes(of: UInt8(0)) { empty in
                let bytes = bytes.isEmpty ? UnsafeRawBufferPointer(rebasing: empty[..<0]) : bytes
                return ml_hmac_sha256(bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count)
            }
        }
        guard let made else { throw VaultError.cryptography("EVP_MAC_init") }
        context = made
    }

    deinit {
        EVP_MAC_CTX_free(context)
    }

    package func digest(_ bytes: UnsafeRawBufferPointer) -> Digest {
        digest { $0.add(bytes) }
    }

    /// Of all that `body` adds, in its order. Not to be entered again by `body`.
    package func digest(_ body: (MessageAuthenticator) throws -> Void) rethrows -> Digest {
        expect(EVP_MAC_init(context, nil, 0, nil), "EVP_MAC_init")
        try body(self)
        var digest = Digest()
        var count = 0
        expect(digest.fill { EVP_MAC_final(context, $0, &count, Digest.byteCount) == 1 } ? 1 : 0, "EVP_MAC_final")
        return digest
    }

    package func add(_ bytes: UnsafeRawBufferPointer) {
        expect(
            EVP_MAC_update(context, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count),
            "EVP_MAC_update"
        )
    }
}

/// A hash over memory fails only when its library is broken or memory has run out, which nobody can handle better.
private func expect(_ answer: Int32, _ call: String) {
    precondition(answer == 1, "OpenSSL failed at \(call)")
}
