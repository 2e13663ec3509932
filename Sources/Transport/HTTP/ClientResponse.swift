import Core

extension HTTPClient {
    /// What a server said in full, whatever its status: only an exchange that failed is an error.
    package struct Response: Sendable {
        package var status: Int
        package var headers: Headers
        /// Empty when a consumer took it, chunk by chunk.
        package var body: [UInt8]
        /// Where it came from in the end, after redirects.
        package var url: String
        package var timing: Timing

        package var isSuccess: Bool { (200..<300).contains(status) }
    }

    /// Header fields in the order of arrival; names are looked up without regard to case.
    package struct Headers: Sendable, Sequence {
        private var fields: [(name: String, value: String)] = []

        package init() {}

        /// The first value of that name.
        package subscript(name: String) -> String? {
            fields.first { equalIgnoringCase($0.name, name) }?.value
        }

        package func all(_ name: String) -> [String] {
            fields.filter { equalIgnoringCase($0.name, name) }.map(\.value)
        }

        package var count: Int { fields.count }

        package func makeIterator() -> some IteratorProtocol<(name: String, value: String)> {
            fields.makeIterator()
        }

        mutating func append(_ name: String, _ value: String) {
            fields.append((name, value))
        }

        /// An old style of wrapping long values over several lines, which a few servers still have.
        mutating func unfold(_ more: String) {
            guard let last = fields.indices.last else { return }
            fields[last].value += " " + more
        }
    }

    package struct Timing: Sendable, Equatable {
        package enum Version: String, Sendable {
            case http10 = "HTTP/1.0"
            case http11 = "HTTP/1.1"
            case http2 = "HTTP/2"
        }
        package var version: Version
        package var reusedConnection: Bool
        /// All from the start of the last hop. `connect` ends when the request could be sent.
        package var connect: Duration
        package var firstByte: Duration
        package var total: Duration
    }
}

private func equalIgnoringCase(_ a: String, _ b: String) -> Bool {
    let a = a.utf8
    let b = b.utf8
    return a.count == b.count && zip(a, b).allSatisfy { lowercase($0) == lowercase($1) }
}

private func lowercase(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
}
