import Core
import Glibc

/// The kernel's random bytes: good for keys, and different in every child of a fork.
package enum Random {
    package static func bytes(_ count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            try fill(UnsafeMutableRawBufferPointer(buffer))
            filled = count
        }
    }

    package static func secret(_ count: Int) throws -> Secret {
        try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count) { buffer in
            defer { wipe(UnsafeMutableRawBufferPointer(buffer)) }
            try fill(UnsafeMutableRawBufferPointer(buffer))
            return Secret(buffer)
        }
    }

    /// Twice as many lower-case digits as bytes.
    package static func hexadecimal(byteCount: Int) throws -> String {
        try Store.hexadecimal(bytes(byteCount))
    }

    static func fill(_ buffer: UnsafeMutableRawBufferPointer) throws {
        // The kernel gives at most 256 bytes a call.
        for start in stride(from: 0, to: buffer.count, by: 256) {
            let part = UnsafeMutableRawBufferPointer(rebasing: buffer[start..<min(start + 256, buffer.count)])
            guard getentropy(part.baseAddress, part.count) == 0 else { throw VaultError.cryptography("getentropy") }
        }
    }
}

func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
