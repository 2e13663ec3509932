import Core

extension NavSimulator {
    /// What stands in one field of a record. Nothing is ever null: a field without a value holds its kind's empty one.
    enum Value: Sendable, Hashable {
        case text(String)
        case number(Decimal)
        case flag(Bool)
        case day(Day)
        case time(WallTime)

        /// Negative, zero or positive; nil for two of different kinds.
        func compared(to other: Value) -> Int? {
            switch (self, other) {
            case (.text(let a), .text(let b)): order(a, b)
            case (.number(let a), .number(let b)): order(a, b)
            case (.flag(let a), .flag(let b)): order(a ? 1 : 0, b ? 1 : 0)
            case (.day(let a), .day(let b)): order(a, b)
            case (.time(let a), .time(let b)): order(a, b)
            case (.text, _), (.number, _), (.flag, _), (.day, _), (.time, _): nil
            }
        }

        var isEmpty: Bool {
            switch self {
            case .text(let text): text.isEmpty
            case .number(let number): number == .zero
            case .flag(let flag): !flag
            case .day(let day): day == .first
            case .time(let time): time == .first
            }
        }

        /// As error texts quote it.
        var shown: String {
            switch self {
            case .text(let text): text
            case .number(let number): Self.shortest(number)
            case .flag(let flag): flag ? "Yes" : "No"
            case .day(let day): day.text
            case .time(let time): time.text(fractionDigits: 0)
            }
        }

        /// The vendor writes no zeros at the end of a fraction: 1200, 12.5.
        static func shortest(_ number: Decimal) -> String {
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

extension NavSimulator.Value {
    /// Why a value is not taken; the caller knows of which field.
    enum Mismatch: Error, Equatable {
        case kind
        case member(String)
        case length(Int, most: Int)
    }

    /// As OData's JSON has it. Texts in code fields are upper-cased and trimmed, as the server does it.
    init(_ json: JSON, as kind: NavSimulator.Field.Kind, blank: String) throws(Mismatch) {
        switch (kind, json) {
        case (.code, .string(let text)), (.text, .string(let text)): self = try Self.text(text, as: kind)
        case (.option(let members), .string(let text)):
            let caption = text == blank || text == " " ? "" : text
            guard members.contains(caption) else { throw .member(text) }
            self = .text(caption)
        case (.integer, .number(let number)):
            guard let int = number.int, Int(Int32.min)...Int(Int32.max) ~= int else { throw .kind }
            self = .number(Decimal(int))
        case (.decimal, .number(let number)):
            guard let decimal = number.decimal else { throw .kind }
            self = .number(decimal)
        case (.flag, .bool(let flag)): self = .flag(flag)
        case (.day, .string(let text)):
            guard let day = Day(text) else { throw .kind }
            self = .day(day)
        case (.time, .string(let text)):
            guard let time = WallTime(text) else { throw .kind }
            self = .time(time)
        default: throw .kind
        }
    }

    static func text(_ text: String, as kind: NavSimulator.Field.Kind) throws(Mismatch) -> Self {
        let count = text.unicodeScalars.count
        switch kind {
        case .code(let most):
            let code = trimmed(text).uppercased()
            guard code.unicodeScalars.count <= most else { throw .length(count, most: most) }
            return .text(code)
        case .text(let most):
            guard count <= most else { throw .length(count, most: most) }
            return .text(text)
        case .option, .integer, .decimal, .flag, .day, .time: return .text(text)
        }
    }

    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }

    /// As OData's JSON has it.
    func append(as kind: NavSimulator.Field.Kind, blank: String, to output: inout [UInt8]) {
        switch self {
        case .text(let text):
            if text.isEmpty, case .option = kind {
                JSON.append(blank, to: &output)
            } else {
                JSON.append(text, to: &output)
            }
        case .number(let number): output.append(contentsOf: Self.shortest(number).utf8)
        case .flag(let flag): output.append(contentsOf: (flag ? "true" : "false").utf8)
        case .day(let day): JSON.append(day.text, to: &output)
        case .time(let time): JSON.append(time.text, to: &output)
        }
    }

    /// As OData's JSON has it.
    func json(as kind: NavSimulator.Field.Kind, blank: String = "") -> JSON {
        switch self {
        case .text(let text):
            if text.isEmpty, case .option = kind { .string(blank) } else { .string(text) }
        case .number(let number): .number(Decimal(Self.shortest(number)) ?? number)
        case .flag(let flag): .bool(flag)
        case .day(let day): .string(day.text)
        case .time(let time): .string(time.text)
        }
    }
}
