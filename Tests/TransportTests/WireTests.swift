import Core
import Testing
import Transport

@Suite struct `a message on the wire` {
    struct Part: Wire, Codable, Equatable {
        var name: String
        var count: UInt32
    }

    struct Sample: Wire, Codable, Equatable {
        enum Kind: String, Codable { case first, second }
        var text: String
        var flag: Bool
        var number: Int64
        var unsigned: UInt64
        var small: Int32
        var real: Double
        var bytes: [UInt8]
        var parts: [Part]
        var texts: [String]
        var kind: Kind
        var secret: Secret
        var duration: Duration
        var maybeText: String?
        var maybeNumber: Int64?
        var maybeSmall: Int32?
        var maybeFlag: Bool?
        var maybePart: Part?
        var maybeBytes: [UInt8]?
        var maybeSecret: Secret?
    }

    static let full = Sample(
        text: "Grüße",
        flag: true,
        number: .min,
        unsigned: .max,
        small: -7,
        real: 1.5,
        bytes: [0, 255, 7],
        parts: [Part(name: "a", count: 1), Part(name: "", count: 0)],
        texts: ["x", ""],
        kind: .second,
        secret: Secret(text: "s3cret"),
        duration: .milliseconds(1_500),
        maybeText: "t",
        maybeNumber: 1,
        maybeSmall: 2,
        maybeFlag: false,
        maybePart: Part(name: "p", count: 9),
        maybeBytes: [],
        maybeSecret: Secret(text: "x")
    )
    static let empty = Sample(
        text: "",
        flag: false,
        number: 0,
        unsigned: 0,
        small: 0,
        real: 0,
        bytes: [],
        parts: [],
        texts: [],
        kind: .first,
        secret: Secret([]),
        duration: .zero
    )

    static func bytes(of value: some Wire) -> [UInt8] {
        var writer = WireWriter()
        value.write(to: &writer)
        return writer.bytes
    }

    @Test(arguments: [full, empty])
    func `comes back as it went`(sample: Sample) throws {
        var reader = WireReader(Self.bytes(of: sample)[...])
        #expect(try Sample(from: &reader) == sample)
        try reader.finish()
    }

    @Test func `is refused when it is cut anywhere`() {
        let bytes = Self.bytes(of: Self.full)
        for length in bytes.indices {
            #expect(throws: WireError.self) {
                var reader = WireReader(bytes[..<length])
                _ = try Sample(from: &reader)
            }
        }
    }

    @Test func `never crashes its reader, whatever a byte is changed to`() {
        let bytes = Self.bytes(of: Self.full)
        var understood = 0
        for index in bytes.indices {
            for value in [0, 1, 0x7F, 0x80, 0xFF] as [UInt8] {
                var broken = bytes
                broken[index] = value
                var reader = WireReader(broken[...])
                if (try? Sample(from: &reader)) != nil { understood += 1 }
            }
        }
        #expect(understood > 0 && understood < bytes.count * 5)
    }

    @Test func `does not take memory for a list that cannot be there`() {
        var writer = WireWriter()
        writer.integer(UInt32.max)
        var reader = WireReader(writer.bytes[...])
        #expect(throws: WireError("a list of 4294967295 does not fit in 0 bytes")) { try reader.list(of: Part.self) }
    }
}

@Suite struct `a stream of frames` {
    static let frames = [
        Frame(tag: 1, purpose: .notice, message: []),
        Frame(tag: 2, purpose: .question, correlation: 77, descriptors: 1, message: [1, 2, 3]),
        Frame(tag: 2, purpose: .refusal, correlation: 77, message: ArraySlice(repeating: 9, count: 5_000)),
    ]
    static var stream: [UInt8] {
        var bytes: [UInt8] = []
        for frame in frames { frame.append(to: &bytes) }
        return bytes
    }

    @Test(arguments: [1, 2, 11, 12, 13, 4_096, 100_000])
    func `is cut into the same frames however it arrives`(piece: Int) throws {
        var reader = FrameReader()
        var seen: [Frame] = []
        var rest = Self.stream[...]
        while !rest.isEmpty {
            reader.append(rest.prefix(piece))
            rest = rest.dropFirst(piece)
            while let frame = try reader.next() { seen.append(frame) }
        }
        #expect(seen == Self.frames)
        #expect(reader.isEmpty)
    }

    @Test func `is refused when a frame says it is larger than any may be`() {
        var reader = FrameReader()
        var header = WireWriter()
        header.integer(UInt32(Frame.largestMessage + 1))
        header.integer(UInt64(0))
        reader.append(header.bytes)
        #expect(throws: WireError.self) { try reader.next() }
    }

    @Test func `is refused when a purpose is unknown`() {
        var reader = FrameReader()
        reader.append([0, 0, 0, 0, 1, 9, 0, 0, 0, 0, 0, 0])
        #expect(throws: WireError("a frame of unknown purpose 9")) { try reader.next() }
    }
}
