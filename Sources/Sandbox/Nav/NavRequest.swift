import Core
import Transport

/// A request as far as it matters to a NAV server, with its address taken apart.
struct NavRequest: Sendable {
    /// `VendorCard('10000')`: a name, and what stands in its parentheses.
    struct Segment: Sendable, Equatable {
        var name: String
        var key: [KeyPart]?
    }

    /// One field of a key, by its name or by its place.
    struct KeyPart: Sendable, Equatable {
        var name: String?
        var isQuoted: Bool
        var text: String
    }

    let method: HTTPMethod
    /// As it was sent, to build the next link on.
    let path: String
    let segments: [Segment]
    let query: [(name: String, value: String)]
    let authorization: String
    let ifMatch: String?
    let contentType: String
    let soapAction: String?
    let body: [UInt8]

    @OnLoop init?(_ exchange: HTTPExchange) {
        method = exchange.method
        path = exchange.path
        query = exchange.queryItems
        var segments: [Segment] = []
        for part in path.utf8.split(separator: UInt8(ascii: "/")) {
            guard let text = PercentCoding.decoded(part), let segment = Segment(text) else { return nil }
            segments.append(segment)
        }
        self.segments = segments
        authorization = exchange.header("Authorization") ?? ""
        ifMatch = exchange.header("If-Match")
        contentType = exchange.header("Content-Type") ?? ""
        soapAction = exchange.header("SOAPAction")
        body = exchange.bodyBytes
    }

    var isJSON: Bool { contentType.lowercased().hasPrefix("application/json") }

    func option(_ name: String) -> String? { query.first { $0.name == name }?.value }
}

extension NavRequest.Segment {
    /// Nil for parentheses or quotation marks without their end.
    init?(_ text: String) {
        guard let open = text.firstIndex(of: "("), text.last == ")" else {
            self.init(name: text, key: nil)
            return
        }
        var parts: [NavRequest.KeyPart] = []
        var rest = text[text.index(after: open)...].dropLast()
        while true {
            guard let part = Self.part(&rest) else { return nil }
            parts.append(part)
            guard rest.first == "," else { break }
            rest.removeFirst()
        }
        guard rest.isEmpty else { return nil }
        self.init(name: String(text[..<open]), key: parts)
    }

    private static func part(_ rest: inout Substring) -> NavRequest.KeyPart? {
        var name: String?
        if let first = rest.first, first.isLetter, let equals = rest.firstIndex(of: "=") {
            name = String(rest[..<equals])
            rest = rest[rest.index(after: equals)...]
        }
        guard rest.first == "'" else {
            let text = rest.prefix { $0 != "," }
            guard !text.isEmpty else { return nil }
            rest = rest.dropFirst(text.count)
            return NavRequest.KeyPart(name: name, isQuoted: false, text: String(text))
        }
        rest.removeFirst()
        var text = ""
        while let next = rest.popFirst() {
            guard next == "'" else {
                text.append(next)
                continue
            }
            guard rest.first == "'" else { return NavRequest.KeyPart(name: name, isQuoted: true, text: text) }
            text.append(rest.removeFirst())
        }
        return nil
    }
}
