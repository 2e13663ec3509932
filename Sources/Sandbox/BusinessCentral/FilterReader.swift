import Core

extension BusinessCentralSimulator {
    /// Reads a `$filter` as strictly as the vendor: unknown properties, literals of the wrong kind and an `or` over two
    /// properties are refused.
    struct FilterReader {
        private enum Token: Equatable {
            case word(String)
            case string(String)
            case symbol(UInt8)
        }

        private static let mostBytes = 16_384
        private static let mostDepth = 32

        private let type: EntityType
        private let acceptsPlainCaptions: Bool
        private var tokens: [Token]
        private var position = 0
        private var depth = 0

        static func read(
            _ text: String,
            of type: EntityType,
            acceptsPlainCaptions: Bool = false
        ) throws(Refusal) -> Filter {
            var reader = FilterReader(
                type: type,
                acceptsPlainCaptions: acceptsPlainCaptions,
                tokens: try tokens(of: text)
            )
            let filter = try reader.disjunction()
            guard reader.position == reader.tokens.count else { throw reader.syntax() }
            return filter
        }

        private init(type: EntityType, acceptsPlainCaptions: Bool, tokens: [Token]) {
            self.type = type
            self.acceptsPlainCaptions = acceptsPlainCaptions
            self.tokens = tokens
        }

        // MARK: Words

        private static func tokens(of text: String) throws(Refusal) -> [Token] {
            let bytes = Array(text.utf8)
            guard bytes.count <= mostBytes else { throw .badURL("The filter is too long.", rule: "filter too long") }
            var tokens: [Token] = []
            var index = 0
            while index < bytes.count {
                switch bytes[index] {
                case UInt8(ascii: " "): index += 1
                case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: ","):
                    tokens.append(.symbol(bytes[index]))
                    index += 1
                case UInt8(ascii: "'"):
                    guard let (string, end) = string(in: bytes, from: index) else {
                        throw .badURL("There is an unterminated string literal.", rule: "filter syntax")
                    }
                    tokens.append(.string(string))
                    index = end
                default:
                    let rest = bytes[index...]
                    let end = rest.firstIndex { " (),'".utf8.contains($0) } ?? bytes.count
                    tokens.append(.word(String(decoding: bytes[index..<end], as: UTF8.self)))
                    index = end
                }
            }
            return tokens
        }

        /// Two quotes inside stand for one.
        private static func string(in bytes: [UInt8], from start: Int) -> (String, end: Int)? {
            var text: [UInt8] = []
            var index = start + 1
            while index < bytes.count {
                guard bytes[index] == UInt8(ascii: "'") else {
                    text.append(bytes[index])
                    index += 1
                    continue
                }
                guard index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "'") else {
                    return (String(decoding: text, as: UTF8.self), index + 1)
                }
                text.append(bytes[index])
                index += 2
            }
            return nil
        }

        // MARK: Grammar

        private mutating func disjunction() throws(Refusal) -> Filter {
            var filter = try conjunction()
            while take(word: "or") {
                let other = try conjunction()
                guard filter.places.union(other.places).count == 1 else {
                    throw .badURL(
                        "The filter uses the OR operator on distinct fields, which is not supported.",
                        rule: "or over two properties"
                    )
                }
                filter = .or(filter, other)
            }
            return filter
        }

        private mutating func conjunction() throws(Refusal) -> Filter {
            var filter = try negation()
            while take(word: "and") { filter = .and(filter, try negation()) }
            return filter
        }

        private mutating func negation() throws(Refusal) -> Filter {
            depth += 1
            defer { depth -= 1 }
            guard depth <= Self.mostDepth else { throw .badURL("The filter is too deep.", rule: "filter too deep") }
            if take(word: "not") { return .not(try negation()) }
            if take(symbol: "(") {
                let filter = try disjunction()
                try expect(")")
                return filter
            }
            return try condition()
        }

        private mutating func condition() throws(Refusal) -> Filter {
            let name = try word()
            if let match = Filter.Match(rawValue: name), peek == .symbol(UInt8(ascii: "(")) {
                try expect("(")
                let operand = try operand(named: try word())
                try demandString(operand)
                try expect(",")
                let wanted = try string()
                try expect(")")
                return .match(match, operand, wanted)
            }
            let operand = try operand(named: name)
            let comparison = try word()
            guard let comparison = Filter.Comparison(rawValue: comparison) else {
                throw .badURL("The operator '\(comparison)' is not supported.", rule: "unknown operator")
            }
            return .compare(operand, comparison, try literal(for: operand))
        }

        private mutating func operand(named name: String) throws(Refusal) -> Filter.Operand {
            guard peek == .symbol(UInt8(ascii: "(")) else { return Filter.Operand(place: try place(of: name)) }
            try expect("(")
            let inner = Filter.Operand(place: try place(of: try word()))
            try demandString(inner)
            let function: Filter.Operand.Function
            switch name {
            case "tolower": function = .lower
            case "toupper": function = .upper
            case "substring":
                try expect(",")
                let from = try integer()
                function = .substring(from: from, count: take(symbol: ",") ? try integer() : nil)
            default: throw .badURL("An unknown function with name '\(name)' was found.", rule: "unknown function")
            }
            try expect(")")
            return Filter.Operand(place: inner.place, function: function)
        }

        private mutating func literal(for operand: Filter.Operand) throws(Refusal) -> Value {
            let field = type.fields[operand.place]
            guard let token = peek else { throw syntax() }
            position += 1
            let value: Value? =
                switch (field.kind, token) {
                case (.string, .string(let text)): .string(text)
                case (.choice(let members), .string(let text)): try member(text, of: members, field.name)
                case (.guid, .word(let text)): parsedGUID(text).map { .guid($0) }
                case (.day, .word(let text)): Day(text).map { .day($0) }
                case (.time, .word(let text)): WallTime(text).map { .time($0) }
                case (.number, .word(let text)), (.integer, .word(let text)): Decimal(text).map { .number($0) }
                case (.flag, .word("true")): .flag(true)
                case (.flag, .word("false")): .flag(false)
                default: nil
                }
            guard let value else {
                throw .badURL(
                    "A binary operator with incompatible types was detected. Found operand type "
                        + "'\(type.typeName(at: operand.place))' and another literal.",
                    rule: "literal of the wrong kind"
                )
            }
            return value
        }

        private func member(_ text: String, of members: [String], _ name: String) throws(Refusal) -> Value {
            if members.contains(text) { return .string(text) }
            if acceptsPlainCaptions, let member = members.first(where: { captionOfMember($0) == text }) {
                return .string(member)
            }
            throw .badURL("The string '\(text)' is not a member of '\(name)'.", rule: "unknown enum member")
        }

        // MARK: Pieces

        private var peek: Token? { position < tokens.count ? tokens[position] : nil }

        private mutating func take(word: String) -> Bool {
            guard peek == .word(word) else { return false }
            position += 1
            return true
        }

        private mutating func take(symbol: Unicode.Scalar) -> Bool {
            guard peek == .symbol(UInt8(ascii: symbol)) else { return false }
            position += 1
            return true
        }

        private mutating func expect(_ symbol: Unicode.Scalar) throws(Refusal) {
            guard take(symbol: symbol) else { throw syntax() }
        }

        private mutating func word() throws(Refusal) -> String {
            guard case .word(let word) = peek else { throw syntax() }
            position += 1
            return word
        }

        private mutating func string() throws(Refusal) -> String {
            guard case .string(let string) = peek else { throw syntax() }
            position += 1
            return string
        }

        private mutating func integer() throws(Refusal) -> Int {
            guard let number = Int(try word()), 0...10_000 ~= number else { throw syntax() }
            return number
        }

        private func place(of name: String) throws(Refusal) -> Int {
            guard let place = type.place(of: name) else {
                throw .badURL(
                    "Could not find a property named '\(name)' on type 'Microsoft.NAV.\(type.entityName)'.",
                    rule: "unknown property in URL"
                )
            }
            return place
        }

        private func demandString(_ operand: Filter.Operand) throws(Refusal) {
            guard case .string = type.fields[operand.place].kind else {
                throw .badURL(
                    "No function signature matches the type '\(type.typeName(at: operand.place))'.",
                    rule: "literal of the wrong kind"
                )
            }
        }

        private func syntax() -> Refusal {
            Refusal(
                400,
                "BadRequest_NotFound",
                "Syntax error in the filter at word \(position + 1).",
                rule: "filter syntax"
            )
        }
    }
}

/// `In_x0020_Review` as people read it: `In Review`.
func captionOfMember(_ member: String) -> String {
    var text = ""
    var rest = member[...]
    while let first = rest.first {
        if rest.hasPrefix("_x"), rest.count >= 7, rest.dropFirst(6).first == "_",
            let code = UInt32(rest.dropFirst(2).prefix(4), radix: 16), let scalar = Unicode.Scalar(code)
        {
            text.unicodeScalars.append(scalar)
            rest = rest.dropFirst(7)
        } else {
            text.append(first)
            rest = rest.dropFirst()
        }
    }
    return text
}
