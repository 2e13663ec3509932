import Core

/// What a body of notifications says of its sender: how many of them carry the secret that we gave the subscription, and
/// how many do not.
struct ClientStates: Equatable {
    private(set) var genuine = 0
    private(set) var forged = 0

    /// Nil for a body that holds no notifications: they come as `{"value":[{"clientState":"..."}]}`.
    init?(of body: UnsafeRawBufferPointer, secret: Secret) {
        do {
            try body.withMemoryRebound(to: UInt8.self) { bytes in
                try JSONReader.read(bytes.span) { reader in try count(&reader, secret) }
            }
        } catch {
            return nil
        }
        if genuine + forged == 0 { return nil }
    }

    private mutating func count(_ reader: inout JSONReader, _ secret: Secret) throws {
        var hasValue = false
        try reader.object { reader, name in
            guard name == "value" else { return try reader.skip() }
            // Which of two would count, no two readers agree.
            guard !hasValue else { throw reader.error("one value") }
            hasValue = true
            try reader.array { reader in
                if try Self.carries(secret, &reader) { genuine += 1 } else { forged += 1 }
            }
        }
    }

    private static func carries(_ secret: Secret, _ reader: inout JSONReader) throws -> Bool {
        guard try reader.kind() == .object else {
            try reader.skip()
            return false
        }
        var states = 0
        var isGenuine = false
        try reader.object { reader, name in
            guard name == "clientState" else { return try reader.skip() }
            states += 1
            guard try reader.kind() == .string else { return try reader.skip() }
            var state = try reader.string()
            isGenuine = state.withUTF8 { state in
                secret.withBytes { equalInConstantTime($0, UnsafeRawBufferPointer(state)) }
            }
        }
        return isGenuine && states == 1
    }
}

/// The answer to a body `{"challenge":"..."}`: the same again. Nil for any other body.
func challengeAnswer(to body: UnsafeRawBufferPointer) -> String? {
    let largest = 8_192
    guard body.count <= largest, let document = try? JSON.parse(String(decoding: body, as: UTF8.self)),
        case .object(let object) = document, object["event"] == nil, case .string(let challenge)? = object["challenge"]
    else { return nil }
    let answer: JSON = ["challenge": .string(challenge)]
    return answer.text()
}
