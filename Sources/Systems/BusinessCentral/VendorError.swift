import Core
import Transport

extension BusinessCentral {
    /// What the body of a refusal says, as far as it says anything: `{"error":{"code":"…","message":"…"}}`.
    struct VendorError: Equatable {
        /// What to decide by, after the status.
        var code: String?
        /// For people, in the vendor's words, on one line.
        var words: String?
        /// At the end of every message, and what the vendor's support asks for.
        var correlation: String?

        private static let mostBytes = 64 << 10
        private static let mostWords = 300

        init(body: [UInt8], hiding secret: Secret) {
            guard body.count <= Self.mostBytes, let document = try? JSON.parse(body.span, maxDepth: 16) else { return }
            let error = JSONField(document)["error"]
            code = (try? error["code"].string()).flatMap(Self.code)
            guard let message = try? error["message"].string() else { return }
            (words, correlation) = Self.parts(of: message)
            if Self.shows(secret, in: message) { words = nil }
        }

        /// Of another message than an API's.
        init(words: String, correlation: String?, hiding secret: Secret) {
            self.correlation = correlation
            self.words = Self.shows(secret, in: words) ? nil : Self.parts(of: words).words
        }

        /// A code, as opposed to anything else that somebody may have put there.
        static func code(_ text: String) -> String? {
            isWord(text) && text.utf8.count <= 60 ? text : nil
        }

        /// Letters of ASCII, digits and underscores.
        static func isWord(_ text: String) -> Bool {
            !text.isEmpty
                && text.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"):
                        true
                    default: false
                    }
                }
        }

        /// Should a server repeat a secret, or the beginning of one.
        private static func shows(_ secret: Secret, in message: String) -> Bool {
            guard secret.count > 0 else { return false }
            let beginning = secret.withBytes { Array($0.prefix(16)) }
            // Byte by byte: an accent behind its last letter would make another character of that one.
            return [beginning, URLText.encoded(beginning)].contains { message.utf8.firstRange(of: $0) != nil }
        }

        /// `Words.  CorrelationId:  {GUID}.`
        private static func parts(of message: String) -> (words: String?, correlation: String?) {
            let mark = "CorrelationId:"
            var words = message[...]
            var correlation: String?
            if let range = message.firstRange(of: mark) {
                let id = message[range.upperBound...].drop { $0 == " " }.prefix(36)
                if isGUID(String(id)) { correlation = String(id) }
                words = message[..<range.lowerBound]
            }
            // Cut before it is put on one line: a message may be as long as it likes.
            let line = words.prefix(4 * mostWords).split(whereSeparator: \.isWhitespace).joined(separator: " ")
            return (line.isEmpty ? nil : String(line.prefix(mostWords)), correlation)
        }
    }

    /// Seconds, or a date of HTTP measured against the server's own clock where it tells that.
    static func retryAfter(_ headers: HTTPClient.Headers, at now: WallTime) -> Duration? {
        guard let text = headers["Retry-After"] else { return nil }
        // A day is more than any of them means.
        let most = 86_400
        if !text.isEmpty, text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) {
            return .seconds(min(Int(text) ?? most, most))
        }
        guard let then = httpDate(text) else { return nil }
        let serverTime = headers["Date"].flatMap(httpDate) ?? now
        return min(max(then - serverTime, .zero), .seconds(most))
    }

    /// `Fri, 20 Nov 2026 07:14:00 GMT`
    static func httpDate(_ text: String) -> WallTime? {
        let parts = text.split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard parts.count == 6, parts[5] == "GMT", parts[1].utf8.count == 2,
            let month = months.firstIndex(of: String(parts[2]))
        else { return nil }
        return WallTime("\(parts[3])-\(month < 9 ? "0" : "")\(month + 1)-\(parts[1])T\(parts[4])Z")
    }
}
