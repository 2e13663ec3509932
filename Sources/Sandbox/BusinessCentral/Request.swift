import Core
import Transport

extension BusinessCentralSimulator {
    /// A request as far as it matters here, with its address taken apart.
    struct Request: Sendable {
        /// `purchaseInvoices(1234…)` or `subscriptions('abc')`.
        struct Segment: Sendable, Equatable {
            enum Key: Sendable, Equatable {
                case bare(String)
                case quoted(String)
            }
            var name: String
            var key: Key?
        }

        let method: HTTPMethod
        /// As it was sent, to build the next link on.
        let path: String
        let segments: [Segment]
        let query: [(name: String, value: String)]
        let token: String?
        /// User and web service access key, as a server of the customer's own takes them.
        let login: String?
        let ifMatch: String?
        let prefer: String
        let accept: String
        let contentType: String
        let readsFromReplica: Bool
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
            let authorization = exchange.header("Authorization") ?? ""
            token = authorization.hasPrefix("Bearer ") ? String(authorization.dropFirst("Bearer ".count)) : nil
            let basic =
                authorization.hasPrefix("Basic ")
                ? Base64.bytes(of: String(authorization.dropFirst("Basic ".count))) : nil
            login = basic.map { String(decoding: $0, as: UTF8.self) }
            ifMatch = exchange.header("If-Match")
            prefer = exchange.header("Prefer") ?? ""
            accept = exchange.header("Accept") ?? ""
            contentType = exchange.header("Content-Type") ?? ""
            readsFromReplica = exchange.header("Data-Access-Intent")?.lowercased() == "readonly"
            body = exchange.bodyBytes
        }

        var isJSON: Bool { contentType.lowercased().hasPrefix("application/json") }

        /// The page size that `Prefer` names; nil where it names none.
        func preferredPage() throws(Refusal) -> Int? {
            for part in prefer.split(separator: ",") {
                let words = part.split(separator: "=").map { $0.split(separator: " ").joined() }
                guard words.first == "odata.maxpagesize" || words.first == "maxpagesize" else { continue }
                guard words.count == 2, let size = Int(words[1]), size > 0 else {
                    throw .badBody("The page size in 'Prefer' is not valid.", rule: "bad page size")
                }
                return size
            }
            return nil
        }
    }
}

extension BusinessCentralSimulator.Request.Segment {
    /// Nil for a key without its end.
    init?(_ text: String) {
        guard let open = text.firstIndex(of: "(") else {
            self.init(name: text, key: nil)
            return
        }
        guard text.last == ")" else { return nil }
        let inside = text[text.index(after: open)...].dropLast()
        let name = String(text[..<open])
        guard inside.first == "'" else {
            self.init(name: name, key: .bare(String(inside)))
            return
        }
        guard inside.count >= 2, inside.last == "'" else { return nil }
        self.init(name: name, key: .quoted(String(inside.dropFirst().dropLast())))
    }
}
