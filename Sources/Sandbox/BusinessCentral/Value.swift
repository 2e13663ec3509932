import Core

extension BusinessCentralSimulator {
    /// What stands in one field of a record. Nothing is ever null: a field without a value holds its kind's empty one.
    enum Value: Sendable, Hashable {
        case string(String)
        case guid(String)
        /// In a box: most fields of most records hold no number, and a hundred thousand records have many fields.
        indirect case number(Decimal)
        case flag(Bool)
        case day(Day)
        case time(WallTime)

        static let noGuid = Value.guid("00000000-0000-0000-0000-000000000000")

        /// Negative, zero or positive; nil for two of different kinds.
        func compared(to other: Value) -> Int? {
            switch (self, other) {
            case (.string(let a), .string(let b)), (.guid(let a), .guid(let b)): order(a, b)
            case (.number(let a), .number(let b)): order(a, b)
            case (.day(let a), .day(let b)): order(a, b)
            case (.time(let a), .time(let b)): order(a, b)
            case (.flag(let a), .flag(let b)): order(a ? 1 : 0, b ? 1 : 0)
            case (.string, _), (.guid, _), (.number, _), (.flag, _), (.day, _), (.time, _): nil
            }
        }

        func append(to output: inout [UInt8]) {
            switch self {
            case .string(let text), .guid(let text): JSON.append(text, to: &output)
            case .number(let number): output.append(contentsOf: Self.shortest(number).utf8)
            case .flag(let flag): output.append(contentsOf: (flag ? "true" : "false").utf8)
            case .day(let day): JSON.append(day.text, to: &output)
            case .time(let time): JSON.append(time.text, to: &output)
            }
        }

        var json: JSON {
            switch self {
            case .string(let text), .guid(let text): .string(text)
            case .number(let number): .number(Decimal(Self.shortest(number)) ?? number)
            case .flag(let flag): .bool(flag)
            case .day(let day): .string(day.text)
            case .time(let time): .string(time.text)
            }
        }

        /// The vendor writes no zeros at the end of a fraction: 1200, 12.5.
        private static func shortest(_ number: Decimal) -> String {
            var text = number.text[...]
            guard text.contains(".") else { return String(text) }
            while text.last == "0" { text.removeLast() }
            if text.last == "." { text.removeLast() }
            return text == "-0" ? "0" : String(text)
        }
    }
}

private func order<Ordered: Comparable>(_ a: Ordered, _ b: Ordered) -> Int {
    a < b ? -1 : a == b ? 0 : 1
}

/// A GUID in its usual form, lower-cased; nil for anything else.
func parsedGUID(_ text: some StringProtocol) -> String? {
    let bytes = Array(text.utf8)
    guard bytes.count == 36 else { return nil }
    for (index, byte) in bytes.enumerated() {
        switch (index, byte) {
        case (8, UInt8(ascii: "-")), (13, UInt8(ascii: "-")), (18, UInt8(ascii: "-")), (23, UInt8(ascii: "-")): break
        case (8, _), (13, _), (18, _), (23, _): return nil
        case (_, UInt8(ascii: "0")...UInt8(ascii: "9")), (_, UInt8(ascii: "a")...UInt8(ascii: "f")),
            (_, UInt8(ascii: "A")...UInt8(ascii: "F")):
            break
        default: return nil
        }
    }
    return text.lowercased()
}

extension SeededGenerator {
    mutating func guid() -> String {
        let high = next() & 0xffff_ffff_ffff_0fff | 0x4000
        let low = next() & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000
        let text = hex(high) + hex(low)
        let cuts = [0, 8, 12, 16, 20, 32].map { text.index(text.startIndex, offsetBy: $0) }
        return zip(cuts, cuts.dropFirst()).map { String(text[$0..<$1]) }.joined(separator: "-")
    }

    mutating func token(bytes count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
    }

    private func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
