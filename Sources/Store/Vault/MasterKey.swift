import Core
import Glibc

/// The key of the installation, which wraps the data key of each tenant. It lives outside of every store.
package struct MasterKey: Sendable, Equatable {
    package let identity: KeyIdentity
    private let key: Secret

    package static func random() throws -> MasterKey {
        try MasterKey(raw: Random.secret(Envelope.keyByteCount), from: "the random source")
    }

    /// From a file that nobody but its owner can read: 32 bytes, or their text in hexadecimal or base64.
    package init(file path: String) throws {
        try self.init(raw: readPrivateFile(path, atMost: 1_024), from: path)
    }

    /// From an environment variable or the output of a command: the key in hexadecimal or base64. `source` names where
    /// it came from, for the person who has to mend it.
    package init(text: Secret, from source: String) throws {
        guard let key = text.withBytes({ keyInText($0) }) else { throw unusable(source) }
        try self.init(key: key, from: source)
    }

    private init(raw content: Secret, from source: String) throws {
        if let key = content.withBytes({ keyInText($0) }) {
            try self.init(key: key, from: source)
        } else {
            guard content.count == Envelope.keyByteCount else { throw unusable(source) }
            // 32 random bytes are all printable once in 10^13 times; 32 characters that somebody typed always are.
            let printable = content.withBytes { $0.allSatisfy { 0x20...0x7e ~= $0 } }
            guard !printable else { throw unusable(source) }
            try self.init(key: content, from: source)
        }
    }

    private init(key: Secret, from source: String) throws {
        let isFiller = key.withBytes { bytes in bytes.allSatisfy { $0 == bytes[0] } }
        guard !isFiller else { throw unusable(source) }
        self.key = key
        identity = KeyIdentity(of: key)
    }

    package func wrap(_ dataKey: DataKey, for tenant: Name) throws -> [UInt8] {
        try Envelope.seal(
            dataKey.secret,
            under: key,
            identity: identity,
            context: SealContext.dataKey(of: tenant).text
        )
    }

    package func unwrap(_ wrapped: [UInt8], for tenant: Name) throws -> DataKey {
        try DataKey(
            Envelope.unseal(wrapped, under: key, identity: identity, context: SealContext.dataKey(of: tenant).text)
        )
    }

    /// Whether this key is the one that wrapped it: what is left to do for a rotation.
    package func wrapped(_ wrapped: [UInt8]) -> Bool {
        Envelope.sealer(of: wrapped) == identity
    }
}

private func unusable(_ source: String) -> VaultError {
    .unusable(
        "\(source) holds no master key: 32 random bytes, or their text in hexadecimal or base64; "
            + "make one with `openssl rand -hex 32`"
    )
}

private func readPrivateFile(_ path: String, atMost limit: Int) throws -> Secret {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
        throw VaultError.unusable("the master key file \(path) cannot be opened: \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
        throw VaultError.unusable("the master key file \(path) is not a file")
    }
    guard status.st_mode & 0o077 == 0 else {
        throw VaultError.unusable("the master key file \(path) can be read by others; run `chmod 600 \(path)`")
    }
    return try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: limit) { buffer in
        defer { wipe(UnsafeMutableRawBufferPointer(buffer)) }
        var count = 0
        while count < limit {
            let got = read(descriptor, buffer.baseAddress.map { $0 + count }, limit - count)
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else {
                throw VaultError.unusable(
                    "the master key file \(path) cannot be read: \(String(cString: strerror(errno)))"
                )
            }
            if got == 0 { break }
            count += got
        }
        return Secret(buffer[..<count])
    }
}

/// The key that a text spells: 64 hexadecimal digits, or base64 of either alphabet, with white space around it.
private func keyInText(_ text: UnsafeRawBufferPointer) -> Secret? {
    let isSpace = { (byte: UInt8) in byte == 0x20 || 0x09...0x0d ~= byte }
    let digits = text.drop(while: isSpace)
    guard let last = digits.lastIndex(where: { !isSpace($0) }) else { return nil }
    let trimmed = UnsafeRawBufferPointer(rebasing: digits[...last])
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Envelope.keyByteCount) { buffer in
        defer { wipe(UnsafeMutableRawBufferPointer(buffer)) }
        buffer.initialize(repeating: 0)
        let padded = trimmed.count == 44 && trimmed.last == UInt8(ascii: "=")
        switch trimmed.count {
        case 64: return decode(trimmed, bitsPerDigit: 4, value: hexadecimalValue, into: buffer)
        case 43,
            44 where padded:
            let digits = UnsafeRawBufferPointer(rebasing: trimmed[..<43])
            return decode(digits, bitsPerDigit: 6, value: base64Value, into: buffer)
        default: return nil
        }
    }
}

/// Nil at a character that is no digit, and when bits are left over that are not zero.
private func decode(
    _ digits: UnsafeRawBufferPointer,
    bitsPerDigit: Int,
    value: (UInt8) -> UInt8?,
    into bytes: UnsafeMutableBufferPointer<UInt8>
) -> Secret? {
    var pending: UInt32 = 0
    var bits = 0
    var count = 0
    for digit in digits {
        guard let value = value(digit) else { return nil }
        pending = pending << bitsPerDigit | UInt32(value)
        bits += bitsPerDigit
        guard bits >= 8 else { continue }
        bits -= 8
        bytes[count] = UInt8(truncatingIfNeeded: pending >> bits)
        pending &= (1 << bits) - 1
        count += 1
    }
    return count == bytes.count && pending == 0 ? Secret(bytes) : nil
}

private func hexadecimalValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
}

private func base64Value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): digit - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
    case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
    default: nil
    }
}
