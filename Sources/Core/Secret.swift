/// Bytes that must not be read by people: a token, a key, a client secret.
///
/// It has no textual form. Printed, logged, dumped or put into a message by mistake, it shows that there is a secret and
/// nothing else; only `withBytes` and `text` give it away, so every use can be found by these two names.
package struct Secret: Sendable, Equatable {
    private let storage: Storage

    package init(_ bytes: some Collection<UInt8>) {
        storage = Storage(bytes)
    }

    package init(text: String) {
        self.init(Array(text.utf8))
    }

    package var count: Int { storage.bytes.count }

    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try body(UnsafeRawBufferPointer(storage.bytes))
    }

    /// For libraries that take text only, such as an HTTP header of libcurl.
    package var text: String { String(decoding: storage.bytes, as: UTF8.self) }

    /// Takes the same time wherever the two differ, so that nobody can guess a secret byte by byte.
    package static func == (a: Secret, b: Secret) -> Bool {
        a.withBytes { a in b.withBytes { b in equalInConstantTime(a, b) } }
    }

    /// Wiped when the last copy of the secret goes.
    private final class Storage: @unchecked Sendable {
        let bytes: UnsafeMutableBufferPointer<UInt8>

        init(_ source: some Collection<UInt8>) {
            bytes = .allocate(capacity: source.count)
            _ = bytes.initialize(from: source)
        }

        deinit {
            // Volatile-like: the compiler may not drop writes to memory it does not own.
            for index in bytes.indices { bytes[index] = 0 }
            bytes.deallocate()
        }
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "(secret)" }
    package var debugDescription: String { "(secret)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Whether two runs of bytes are the same, in a time that depends on their length only.
package func equalInConstantTime(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    guard a.count == b.count else { return false }
    var difference: UInt8 = 0
    for index in a.indices { difference |= a[index] ^ b[index] }
    return difference == 0
}
