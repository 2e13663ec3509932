import Core

/// Codable structs are Wire for free: their members one after the other, in the order of their declaration, without
/// names. Both ends are of one version, so names would say nothing.
///
/// Structs, raw-value enums, optionals, arrays and `[UInt8]`; an enum with associated values writes its own `Wire`. What
/// is sent by the thousand (`Deliver`) is written by hand, too.
extension Wire where Self: Codable {
    package init(from reader: inout WireReader) throws(WireError) {
        let decoder = WireDecoder(reader)
        do {
            self = try Self(from: decoder)
        } catch let error as WireError {
            throw error
        } catch {
            throw WireError("it does not hold what a \(Self.self) holds")
        }
        reader = decoder.reader
    }

    package func write(to writer: inout WireWriter) {
        let encoder = WireEncoder(writer)
        do {
            try encode(to: encoder)
        } catch {
            preconditionFailure("\(Self.self) cannot be put on the wire: \(error)")
        }
        writer = encoder.writer
    }
}

extension Secret: Codable {
    package init(from decoder: any Decoder) throws {
        guard let decoder = decoder as? WireDecoder else { throw WireError("a secret is read from a socket only") }
        self = try decoder.reader.secret()
    }

    /// Over a socket between our own processes, and into no other format.
    package func encode(to encoder: any Encoder) throws {
        guard let encoder = encoder as? WireEncoder else { throw WireError("a secret is not written to any format") }
        encoder.writer.secret(self)
    }
}

private final class WireEncoder: Encoder, SingleValueEncodingContainer, UnkeyedEncodingContainer {
    var writer: WireWriter
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }
    private(set) var count = 0

    init(_ writer: WireWriter) {
        self.writer = writer
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(Members<Key>(encoder: self))
    }
    func singleValueContainer() -> any SingleValueEncodingContainer { self }
    func unkeyedContainer() -> any UnkeyedEncodingContainer { self }

    func encodeNil() throws { throw WireError("a bare nil has no form") }
    func encode(_ value: Bool) { writer.flag(value) }
    func encode(_ value: String) { writer.text(value) }
    func encode(_ value: Double) { writer.integer(value.bitPattern) }
    func encode(_ value: Float) { writer.integer(value.bitPattern) }
    func encode(_ value: Int) { writer.integer(Int64(value)) }
    func encode(_ value: Int8) { writer.integer(value) }
    func encode(_ value: Int16) { writer.integer(value) }
    func encode(_ value: Int32) { writer.integer(value) }
    func encode(_ value: Int64) { writer.integer(value) }
    func encode(_ value: UInt) { writer.integer(UInt64(value)) }
    func encode(_ value: UInt8) { writer.integer(value) }
    func encode(_ value: UInt16) { writer.integer(value) }
    func encode(_ value: UInt32) { writer.integer(value) }
    func encode(_ value: UInt64) { writer.integer(value) }

    func encode<Value: Encodable>(_ value: Value) throws {
        switch value {
        case let bytes as [UInt8]: writer.blob(bytes)
        case let list as any WireList:
            writer.integer(UInt32(list.elementCount))
            try list.encodeElements(to: self)
        case let duration as Duration: writer.duration(duration)
        default: try value.encode(to: self)
        }
    }

    func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        container(keyedBy: type)
    }
    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { self }
    func superEncoder() -> any Encoder { self }

    struct Members<Key: CodingKey>: KeyedEncodingContainerProtocol {
        let encoder: WireEncoder
        var codingPath: [any CodingKey] { [] }

        func encodeNil(forKey key: Key) throws { try encoder.encodeNil() }
        func encode(_ value: Bool, forKey key: Key) { encoder.encode(value) }
        func encode(_ value: String, forKey key: Key) { encoder.encode(value) }
        func encode(_ value: Double, forKey key: Key) { encoder.encode(value) }
        func encode(_ value: Int, forKey key: Key) { encoder.encode(value) }
        func encode(_ value: Int32, forKey key: Key) { encoder.encode(value) }
        func encode(_ value: Int64, forKey key: Key) { encoder.encode(value) }
        func encode(_ value: UInt8, forKey key: Key) { encoder.encode(value) }
        func encode(_ value: UInt32, forKey key: Key) { encoder.encode(value) }
        func encode(_ value: UInt64, forKey key: Key) { encoder.encode(value) }
        func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws { try encoder.encode(value) }

        func encodeIfPresent<Value: Encodable>(_ value: Value?, forKey key: Key) throws { try present(value) }
        // The library's own versions of these would leave out what is absent, and a form without names cannot.
        func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { try present(value) }
        func encodeIfPresent(_ value: String?, forKey key: Key) throws { try present(value) }
        func encodeIfPresent(_ value: Double?, forKey key: Key) throws { try present(value) }
        func encodeIfPresent(_ value: Float?, forKey key: Key) throws { try present(value) }
        func encodeIfPresent(_ value: Int?, forKey key: Key) throws { try present(value) }
        func encodeIfPresent(_ value: Int8?, forKey key: Key) throws { try present(value) }
        func encodeIfPresent(_ value: Int16?, forKey key: Key) throws { try present(value) }
        func encodeIfPresent(_ value: Int32?, forKey key: Key) throws { try present(value) }
        func encodeIfPresent(_ value: Int64?, forKey key: Key) throws { try present(value) }
        func encodeIfPresent(_ value: UInt?, forKey key: Key) throws { try present(value) }
        func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws { try present(value) }
        func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws { try present(value) }
        func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws { try present(value) }
        func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws { try present(value) }

        private func present<Value: Encodable>(_ value: Value?) throws {
            encoder.writer.flag(value != nil)
            if let value { try encoder.encode(value) }
        }

        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type,
            forKey key: Key
        ) -> KeyedEncodingContainer<Nested> { encoder.container(keyedBy: type) }
        func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { encoder }
        func superEncoder() -> any Encoder { encoder }
        func superEncoder(forKey key: Key) -> any Encoder { encoder }
    }
}

private final class WireDecoder: Decoder, SingleValueDecodingContainer, UnkeyedDecodingContainer {
    var reader: WireReader
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }
    var count: Int? { nil }
    var isAtEnd: Bool { reader.remaining == 0 }
    var currentIndex: Int { 0 }

    init(_ reader: WireReader) {
        self.reader = reader
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(Members<Key>(decoder: self))
    }
    func singleValueContainer() -> any SingleValueDecodingContainer { self }
    func unkeyedContainer() -> any UnkeyedDecodingContainer { self }

    func decodeNil() -> Bool { false }
    func decode(_ type: Bool.Type) throws -> Bool { try reader.flag() }
    func decode(_ type: String.Type) throws -> String { try reader.text() }
    func decode(_ type: Double.Type) throws -> Double { Double(bitPattern: try reader.integer()) }
    func decode(_ type: Float.Type) throws -> Float { Float(bitPattern: try reader.integer()) }
    func decode(_ type: Int.Type) throws -> Int { Int(try reader.integer(Int64.self)) }
    func decode(_ type: Int8.Type) throws -> Int8 { try reader.integer() }
    func decode(_ type: Int16.Type) throws -> Int16 { try reader.integer() }
    func decode(_ type: Int32.Type) throws -> Int32 { try reader.integer() }
    func decode(_ type: Int64.Type) throws -> Int64 { try reader.integer() }
    func decode(_ type: UInt.Type) throws -> UInt { UInt(try reader.integer(UInt64.self)) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try reader.integer() }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try reader.integer() }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try reader.integer() }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try reader.integer() }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let value: Any =
            switch type {
            case is [UInt8].Type: try reader.blob()
            case is Duration.Type: try reader.duration()
            case let list as any WireList.Type: try list.decodeElements(from: self)
            default: try Value(from: self)
            }
        guard let value = value as? Value else { throw WireError("not a \(type)") }
        return value
    }

    /// Every element takes a byte at least, so a lying count is found before memory is taken for it.
    func listCount() throws(WireError) -> Int {
        let count = Int(try reader.integer(UInt32.self))
        guard count <= reader.remaining else {
            throw WireError("a list of \(count) does not fit in \(reader.remaining) bytes")
        }
        return count
    }

    func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        container(keyedBy: type)
    }
    func nestedUnkeyedContainer() -> any UnkeyedDecodingContainer { self }
    func superDecoder() -> any Decoder { self }

    struct Members<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let decoder: WireDecoder
        var codingPath: [any CodingKey] { [] }
        var allKeys: [Key] { [] }

        func contains(_ key: Key) -> Bool { true }
        func decodeNil(forKey key: Key) throws -> Bool { false }
        func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
            try decoder.decode(type)
        }
        func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
            try present(type)
        }
        // The library's own versions of these would ask `contains`, which a form without names cannot answer.
        func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try present(type) }
        func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { try present(type) }
        func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? { try present(type) }
        func decodeIfPresent(_ type: Float.Type, forKey key: Key) throws -> Float? { try present(type) }
        func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try present(type) }
        func decodeIfPresent(_ type: Int8.Type, forKey key: Key) throws -> Int8? { try present(type) }
        func decodeIfPresent(_ type: Int16.Type, forKey key: Key) throws -> Int16? { try present(type) }
        func decodeIfPresent(_ type: Int32.Type, forKey key: Key) throws -> Int32? { try present(type) }
        func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? { try present(type) }
        func decodeIfPresent(_ type: UInt.Type, forKey key: Key) throws -> UInt? { try present(type) }
        func decodeIfPresent(_ type: UInt8.Type, forKey key: Key) throws -> UInt8? { try present(type) }
        func decodeIfPresent(_ type: UInt16.Type, forKey key: Key) throws -> UInt16? { try present(type) }
        func decodeIfPresent(_ type: UInt32.Type, forKey key: Key) throws -> UInt32? { try present(type) }
        func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) throws -> UInt64? { try present(type) }

        private func present<Value: Decodable>(_ type: Value.Type) throws -> Value? {
            try decoder.reader.flag() ? try decoder.decode(type) : nil
        }
        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type,
            forKey key: Key
        ) -> KeyedDecodingContainer<Nested> { decoder.container(keyedBy: type) }
        func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedDecodingContainer { decoder }
        func superDecoder() -> any Decoder { decoder }
        func superDecoder(forKey key: Key) -> any Decoder { decoder }
    }
}

/// Arrays, seen without their element type, so that their count can be written before them.
private protocol WireList {
    var elementCount: Int { get }
    func encodeElements(to encoder: WireEncoder) throws
    static func decodeElements(from decoder: WireDecoder) throws -> Self
}

extension Array: WireList where Element: Codable {
    fileprivate var elementCount: Int { count }

    fileprivate func encodeElements(to encoder: WireEncoder) throws {
        for element in self { try encoder.encode(element) }
    }

    fileprivate static func decodeElements(from decoder: WireDecoder) throws -> [Element] {
        let count = try decoder.listCount()
        var elements: [Element] = []
        for _ in 0..<count { elements.append(try decoder.decode(Element.self)) }
        return elements
    }
}
