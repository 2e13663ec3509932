import Core

/// Who a document of NAV is, before it is posted and after.
///
/// Posting makes another document of it, under another number, and only remembers the one from before. That number is
/// who it is for us; a document that was never there unposted has the number it was posted under.
enum NavIdentity: Sendable, Hashable {
    case number(String)
    case posted(String)

    private static let postedPrefix = "posted:"

    /// As it stands in keys: in lower case, because that is how a board's key column has it.
    var id: String {
        switch self {
        case .number(let number): Self.folded(number)
        case .posted(let number): Self.postedPrefix + Self.folded(number)
        }
    }

    init?(_ id: String) {
        let isPosted = id.hasPrefix(Self.postedPrefix)
        guard let number = Self.unfolded(isPosted ? id.dropFirst(Self.postedPrefix.count) : id[...]), !number.isEmpty
        else { return nil }
        self = isPosted ? .posted(number) : .number(number)
    }

    // MARK: Codes in lower case and back

    /// NAV writes its codes in capitals. One that does not come back from lower case as it was is spelt out.
    static func folded(_ code: String) -> String {
        let small = code.lowercased()
        let isPlain =
            small.uppercased().utf8.elementsEqual(code.utf8) && !small.contains(":") && !small.hasPrefix(spelt)
        return isPlain ? small : spelt + code.utf8.map { hexadecimal($0) }.joined()
    }

    static func unfolded(_ word: some StringProtocol) -> String? {
        guard word.hasPrefix(spelt) else { return word.uppercased() }
        let digits = Array(word.utf8.dropFirst(spelt.utf8.count))
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for place in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[place]), let low = value(digits[place + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static let spelt = "="

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
