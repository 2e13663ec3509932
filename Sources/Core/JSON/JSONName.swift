import Glibc

/// The name of a member while its object is read, made for `switch`: `case "totalAmountIncludingTax":`.
///
/// A page repeats each name in every row. Names of up to 32 bytes are held inside this value, so that reading them
/// allocates nothing, and are compared byte by byte without becoming a `String`.
package struct JSONName: Sendable {
    private enum Storage {
        case short(Words, count: Int)
        case long(String)
    }

    private typealias Words = (UInt64, UInt64, UInt64, UInt64)
    private let storage: Storage

    init<Bytes: Collection<UInt8>>(_ bytes: Bytes) {
        guard bytes.count <= MemoryLayout<Words>.size else {
            storage = .long(String(decoding: bytes, as: UTF8.self))
            return
        }
        var words: Words = (0, 0, 0, 0)
        withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
        storage = .short(words, count: bytes.count)
    }

    package var text: String {
        switch storage {
        case .short(let words, let count):
            withUnsafeBytes(of: words) { String(decoding: $0[..<count], as: UTF8.self) }
        case .long(let text): text
        }
    }

    package static func ~= (wanted: StaticString, name: JSONName) -> Bool {
        name == wanted
    }

    package static func == (name: JSONName, wanted: StaticString) -> Bool {
        switch name.storage {
        case .short(let words, let count):
            count == wanted.utf8CodeUnitCount
                && withUnsafeBytes(of: words) {
                    $0.baseAddress.map { memcmp($0, wanted.utf8Start, count) == 0 } ?? false
                }
        case .long(let text):
            text.utf8.elementsEqual(UnsafeBufferPointer(start: wanted.utf8Start, count: wanted.utf8CodeUnitCount))
        }
    }
}

extension JSONName: CustomStringConvertible {
    package var description: String { text }
}
