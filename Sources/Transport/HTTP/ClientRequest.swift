import Core

extension HTTPClient {
    package enum Method: String, Sendable, CaseIterable {
        case get = "GET"
        case head = "HEAD"
        case options = "OPTIONS"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"

        /// Whether doing it twice comes to the same as doing it once, by the rules of HTTP.
        package var isIdempotent: Bool { self != .post && self != .patch }
    }

    /// What to ask of whom, and how long and how much to bear with the answer.
    package struct Request: Sendable {
        package var method: Method
        /// Absolute, and percent-encoded already.
        package var url: String
        package var headers: [Header]
        package var body: [UInt8]
        package var deadlines = Deadlines()
        package var limits = Limits()
        /// How many redirects to follow. With none, a 3xx is an answer like any other.
        package var redirects = 0
        /// Whether the request may be sent once more when a kept connection breaks before the first byte of an answer.
        /// Allow it for a query that happens to be a POST; forbid it for a DELETE that must be told exactly once.
        package var mayRepeat: Bool

        package init(_ method: Method, _ url: String, headers: [Header] = [], body: [UInt8] = []) {
            self.method = method
            self.url = url
            self.headers = headers
            self.body = body
            mayRepeat = method.isIdempotent
        }
    }

    package struct Header: Sendable {
        package enum Value: Sendable {
            case plain(String)
            /// A credential behind public words: `"Bearer "` and a token. It leaves with the first redirect to another
            /// origin, and no error or log can show it.
            case secret(after: String, Secret)
        }
        package var name: String
        package var value: Value

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = .plain(value)
        }

        package init(_ name: String, _ prefix: String = "", secret: Secret) {
            self.name = name
            value = .secret(after: prefix, secret)
        }
    }

    package struct Deadlines: Sendable {
        /// From the call until the request can be sent: name, TCP, proxy and TLS.
        package var connect: Duration = .seconds(10)
        /// Without a byte in either direction, once connected. A consumer that takes its time does not count.
        package var idle: Duration = .seconds(60)
        /// For everything, redirects included.
        package var total: Duration = .seconds(300)

        package init() {}
    }

    package struct Limits: Sendable {
        /// Counted after decompression, so that a small answer cannot unfold into a large one.
        package var bodyBytes = 64 << 20
        package var headerBytes = 64 << 10

        package init() {}
    }
}

extension HTTPClient.Request: CustomStringConvertible {
    /// Its method only: a URL may carry a key, a body may carry anything.
    package var description: String { "\(method.rawValue) request" }
}

extension HTTPClient.Header {
    /// What is wrong with it, without its value.
    var fault: String? {
        guard !name.isEmpty, name.utf8.allSatisfy(isTokenByte) else {
            return "a header's name has a forbidden character"
        }
        guard !Self.ours.contains(name.lowercased()) else { return "the header \(name) is set by the client itself" }
        let isClean: Bool =
            switch value {
            case .plain(let text): text.utf8.allSatisfy(isValueByte)
            case .secret(let prefix, let secret):
                prefix.utf8.allSatisfy(isValueByte) && secret.withBytes { $0.allSatisfy(isValueByte) }
            }
        return isClean ? nil : "the header \(name) has a line break or another control character in its value"
    }

    // They frame the message: two opinions about its length is how one request is smuggled inside another.
    private static let ours: Set<String> = [
        "host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade", "expect",
        "accept-encoding", "proxy-authorization",
    ]

    var isCredential: Bool {
        switch value {
        case .secret: true
        case .plain: ["authorization", "cookie"].contains(name.lowercased())
        }
    }
}

private func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "A")...UInt8(ascii: "Z"):
        true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
}

private func isValueByte(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte != 0x7f || byte == UInt8(ascii: "\t")
}
