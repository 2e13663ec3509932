/// Who an event is, whatever way and however often it arrives: the first 128 bits of a digest over what identifies it.
package struct EventKey: Sendable, Hashable {
    package static let byteCount = 16
    package var high: UInt64
    package var low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Takes the first sixteen bytes, and nothing from fewer.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.byteCount else { return nil }
        high = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
        low = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }

    /// The sixteen bytes as they are stored and sent.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withUnsafeBytes(of: (high.bigEndian, low.bigEndian), body)
    }
}

/// Something a remote system told us, checked but not stored yet.
package struct Arrival: Sendable, Equatable {
    /// The number of the connection it came in for.
    package var connection: Int64
    package var key: EventKey
    /// What kind of notification it is, in a word.
    package var kind: String
    /// Milliseconds since 1970.
    package var receivedMilliseconds: Int64
    /// As it was received.
    package var body: [UInt8]

    package init(connection: Int64, key: EventKey, kind: String, receivedMilliseconds: Int64, body: [UInt8]) {
        self.connection = connection
        self.key = key
        self.kind = kind
        self.receivedMilliseconds = receivedMilliseconds
        self.body = body
    }
}

/// An arrival that a store has made durable, under a number that is given once and never again.
package struct Event: Sendable, Equatable {
    package var sequence: Int64
    package var arrival: Arrival

    package init(sequence: Int64, arrival: Arrival) {
        self.sequence = sequence
        self.arrival = arrival
    }

    package var connection: Int64 { arrival.connection }
    package var key: EventKey { arrival.key }
    package var kind: String { arrival.kind }
    package var receivedMilliseconds: Int64 { arrival.receivedMilliseconds }
    package var body: [UInt8] { arrival.body }
}
