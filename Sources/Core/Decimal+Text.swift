extension Decimal {
    /// Reads what JSON and XML Schema call a decimal, and an exponent: `-12.50`, `+3`, `.5`, `007`, `1.5e3`.
    ///
    /// `nil` for anything else, and for more than 38 digits.
    package init?(_ text: String) {
        var text = text
        guard let value = text.withUTF8({ Decimal(utf8: $0) }) else { return nil }
        self = value
    }

    init?(utf8 bytes: UnsafeBufferPointer<UInt8>) {
        var at = 0
        let negative = bytes.first == UInt8(ascii: "-")
        if negative || bytes.first == UInt8(ascii: "+") { at += 1 }

        var digits = Digits()
        while at < bytes.count, isDigit(bytes[at]) {
            digits.append(bytes[at])
            at += 1
        }
        var scale = 0
        var count = negative || bytes.first == UInt8(ascii: "+") ? at - 1 : at
        if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
            at += 1
            let start = at
            while at < bytes.count, isDigit(bytes[at]) {
                digits.append(bytes[at])
                at += 1
            }
            scale = at - start
            count += scale
        }
        guard count > 0 else { return nil }
        if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
            guard let exponent = Self.exponent(bytes[(at + 1)...]) else { return nil }
            scale -= exponent
            at = bytes.count
        }
        guard at == bytes.count, let coefficient = digits.coefficient else { return nil }
        self.init(coefficient: negative ? -coefficient : coefficient, scale: scale)
    }

    /// All digits, none of them as an exponent: `100.00`, `-0.05`.
    package var text: String {
        guard scale > 0 else { return "\(coefficient)" }
        let digits = "\(coefficient.magnitude)"
        let padded = String(repeating: "0", count: max(scale + 1 - digits.utf8.count, 0)) + digits
        return "\(isNegative ? "-" : "")\(padded.dropLast(scale)).\(padded.suffix(scale))"
    }

    /// Cut at a million either way, where no value has room any more.
    private static func exponent(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
        let negative = bytes.first == UInt8(ascii: "-")
        let digits = negative || bytes.first == UInt8(ascii: "+") ? bytes.dropFirst() : bytes
        guard !digits.isEmpty, digits.allSatisfy(isDigit) else { return nil }
        let value = digits.reduce(0) { min($0 * 10 + Int($1 - UInt8(ascii: "0")), 1_000_000) }
        return negative ? -value : value
    }

    /// Digits as they come in. Eighteen fit a machine word, whose arithmetic is several times faster.
    private struct Digits {
        private var low: Int = 0
        private var lowCount = 0
        private var high: Int128 = 0
        private var tooMany = false

        mutating func append(_ byte: UInt8) {
            if lowCount == 18 { flush() }
            low = low * 10 + Int(byte - UInt8(ascii: "0"))
            lowCount += 1
        }

        var coefficient: Int128? {
            mutating get {
                if high == 0, !tooMany { return Int128(low) }
                flush()
                return tooMany ? nil : high
            }
        }

        private mutating func flush() {
            let (shifted, overflowed) = high.multipliedReportingOverflow(by: power(lowCount))
            let (sum, overflowedToo) = shifted.addingReportingOverflow(Int128(low))
            tooMany = tooMany || overflowed || overflowedToo
            high = tooMany ? 0 : sum
            low = 0
            lowCount = 0
        }

        private func power(_ digits: Int) -> Int128 {
            (0..<digits).reduce(1) { product, _ in product * 10 }
        }
    }
}

extension Decimal: CustomStringConvertible {
    package var description: String { text }
}
