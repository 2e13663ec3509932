import Core

extension BusinessCentral {
    /// Text as it stands in a URL, and back.
    enum URLText {
        /// For one segment of a path, a value of a query or of a form: everything but letters, digits and `-._~` is encoded.
        static func encoded(_ text: String, keeping others: StaticString = "") -> String {
            String(decoding: encoded(text.utf8, keeping: others), as: UTF8.self)
        }

        static func encoded(_ bytes: some Sequence<UInt8>, keeping others: StaticString = "") -> [UInt8] {
            let kept = UnsafeBufferPointer(start: others.utf8Start, count: others.utf8CodeUnitCount)
            var result: [UInt8] = []
            for byte in bytes {
                if isUnreserved(byte) || kept.contains(byte) {
                    result.append(byte)
                } else {
                    result.append(UInt8(ascii: "%"))
                    result.append(digit(byte >> 4))
                    result.append(digit(byte & 15))
                }
            }
            return result
        }

        /// `nil` where a percent sign is not followed by two digits, or the bytes are no UTF-8.
        static func decoded(_ text: some StringProtocol) -> String? {
            var bytes: [UInt8] = []
            var rest = Array(text.utf8)[...]
            while let byte = rest.popFirst() {
                guard byte == UInt8(ascii: "%") else {
                    bytes.append(byte)
                    continue
                }
                guard rest.count >= 2, let value = Hex.bytes(of: String(decoding: rest.prefix(2), as: UTF8.self))?.first
                else { return nil }
                bytes.append(value)
                rest = rest.dropFirst(2)
            }
            return String(validating: bytes, as: UTF8.self)
        }

        private static func isUnreserved(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                true
            default: false
            }
        }

        private static func digit(_ value: UInt8) -> UInt8 {
            value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
        }
    }

    /// The parts of an absolute URL, for comparing where two of them lead. What is unusual is refused, not understood.
    struct URLParts: Equatable {
        var scheme: String
        /// In lower case, without the port that goes without saying.
        var authority: String
        /// Each without its percent signs.
        var path: [String]
        var query: String

        /// A simulator's, say, which nobody else can listen to.
        var isOfThisMachine: Bool {
            authority.hasPrefix("127.0.0.1:") || authority.hasPrefix("localhost:") || authority.hasPrefix("[::1]:")
        }

        init?(_ text: String) {
            // What a reader might take for something else: a space, a control character, a backslash, a user's name.
            guard text.utf8.count <= 8_192, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !text.utf8.contains(0x5C),
                !text.utf8.contains(UInt8(ascii: "#"))
            else { return nil }
            let scheme = text.prefix { $0 != ":" }
            let rest = text.dropFirst(scheme.count)
            guard ["http", "https"].contains(scheme.lowercased()), rest.hasPrefix("://") else { return nil }
            let authority = rest.dropFirst(3).prefix { $0 != "/" && $0 != "?" }
            guard !authority.isEmpty, !authority.contains("@") else { return nil }
            let target = rest.dropFirst(3 + authority.count)
            let path = target.prefix { $0 != "?" }
            self.scheme = scheme.lowercased()
            let usualPort = self.scheme == "https" ? ":443" : ":80"
            let lowered = authority.lowercased()
            self.authority = lowered.hasSuffix(usualPort) ? String(lowered.dropLast(usualPort.count)) : lowered
            query = String(target.dropFirst(path.count + 1))
            self.path = []
            for segment in path.split(separator: "/", omittingEmptySubsequences: true) {
                guard let plain = URLText.decoded(segment), plain != ".", plain != "..", !plain.contains("/") else {
                    return nil
                }
                self.path.append(plain)
            }
        }
    }

    /// Whether it is a GUID as Business Central writes them, in either case.
    static func isGUID(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return false }
        return bytes.indices.allSatisfy { index in
            switch index {
            case 8, 13, 18, 23: bytes[index] == UInt8(ascii: "-")
            default: isHexDigit(bytes[index])
            }
        }
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
