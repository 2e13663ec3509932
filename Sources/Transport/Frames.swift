/// What goes over a Unix socket: a header of twelve bytes, then a message.
///
///     0        4     5         6             7          8             12
///     | length | tag | purpose | descriptors | reserved | correlation | message …
///
/// `length` counts the message alone. `descriptors` says how many descriptors travel with the frame.
package struct Frame: Sendable, Equatable {
    package enum Purpose: UInt8, Sendable {
        case notice
        case question
        case answer
        /// Instead of an answer: why there is none, as text.
        case refusal
    }

    /// No message is larger. It leaves room for a batch of webhooks, whose bodies are bounded far below it.
    package static let largestMessage = 4 << 20
    static let headerSize = 12

    package var tag: UInt8
    package var purpose: Purpose
    package var correlation: UInt32
    package var descriptors: UInt8
    package var message: ArraySlice<UInt8>

    package init(
        tag: UInt8,
        purpose: Purpose,
        correlation: UInt32 = 0,
        descriptors: UInt8 = 0,
        message: ArraySlice<UInt8>
    ) {
        self.tag = tag
        self.purpose = purpose
        self.correlation = correlation
        self.descriptors = descriptors
        self.message = message
    }

    package func append(to bytes: inout [UInt8]) {
        precondition(message.count <= Self.largestMessage, "a message of \(message.count) bytes, tag \(tag)")
        var header = WireWriter(reserving: Self.headerSize)
        header.integer(UInt32(message.count))
        header.integer(tag)
        header.integer(purpose.rawValue)
        header.integer(descriptors)
        header.integer(UInt8(0))
        header.integer(correlation)
        bytes.append(contentsOf: header.bytes)
        bytes.append(contentsOf: message)
    }
}

/// Cuts a stream into frames, however it arrives.
package struct FrameReader: Sendable {
    private var buffer: [UInt8] = []
    private var start = 0

    package init() {}

    package var isEmpty: Bool { start == buffer.count }

    package mutating func append(_ bytes: some Collection<UInt8>) {
        if start == buffer.count {
            buffer.removeAll(keepingCapacity: buffer.capacity <= 1 << 16)
            start = 0
        } else if start > 1 << 16 {
            buffer.removeFirst(start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next whole frame, or nil until more bytes have come. Throws when the peer does not speak our protocol.
    package mutating func next() throws(WireError) -> Frame? {
        guard buffer.count - start >= Frame.headerSize else { return nil }
        var header = WireReader(buffer[start..<start + Frame.headerSize])
        let length = Int(try header.integer(UInt32.self))
        let tag = try header.integer(UInt8.self)
        let purpose = try header.integer(UInt8.self)
        let descriptors = try header.integer(UInt8.self)
        let reserved = try header.integer(UInt8.self)
        let correlation = try header.integer(UInt32.self)
        guard length <= Frame.largestMessage else {
            throw WireError("a frame of \(length) bytes; the largest is \(Frame.largestMessage)")
        }
        guard let purpose = Frame.Purpose(rawValue: purpose), reserved == 0 else {
            throw WireError("a frame of unknown purpose \(purpose)")
        }
        let first = start + Frame.headerSize
        guard buffer.count - first >= length else { return nil }
        start = first + length
        return Frame(
            tag: tag,
            purpose: purpose,
            correlation: correlation,
            descriptors: descriptors,
            message: buffer[first..<start]
        )
    }
}
