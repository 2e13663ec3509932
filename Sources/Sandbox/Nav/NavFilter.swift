import Core

extension NavSimulator {
    /// A condition on a record: what `$filter` says, read and checked against the page.
    indirect enum Filter: Sendable {
        enum Comparison: String, Sendable {
            case eq, ne, gt, ge, lt, le

            func holds(_ order: Int) -> Bool {
                switch self {
                case .eq: order == 0
                case .ne: order != 0
                case .gt: order > 0
                case .ge: order >= 0
                case .lt: order < 0
                case .le: order <= 0
                }
            }
        }

        enum Match: String, Sendable {
            case contains, startswith, endswith

            func holds(_ text: String, _ wanted: String) -> Bool {
                switch self {
                case .startswith: text.hasPrefix(wanted)
                case .endswith: text.hasSuffix(wanted)
                case .contains: wanted.isEmpty || text.contains(wanted)
                }
            }
        }

        case and(Filter, Filter)
        case or(Filter, Filter)
        case compare(Field, Comparison, Value)
        case match(Match, Field, String)

        func holds(_ value: (Field) -> Value) -> Bool {
            switch self {
            case .and(let a, let b): a.holds(value) && b.holds(value)
            case .or(let a, let b): a.holds(value) || b.holds(value)
            case .compare(let field, let comparison, let wanted):
                value(field).compared(to: wanted).map(comparison.holds) ?? false
            case .match(let match, let field, let wanted):
                if case .text(let text) = value(field) { match.holds(text, wanted) } else { false }
            }
        }

        /// Texts of which all that fit have one in a field.
        var fixed: (name: String, texts: Set<String>)? {
            switch self {
            case .and(let a, let b): return a.fixed ?? b.fixed
            case .or(let a, let b):
                guard let (name, texts) = a.fixed, let other = b.fixed, other.name == name else { return nil }
                return (name, texts.union(other.texts))
            case .compare(let field, .eq, .text(let text)): return (field.name, [text])
            case .compare, .match: return nil
            }
        }

        var names: Set<String> {
            switch self {
            case .and(let a, let b), .or(let a, let b): a.names.union(b.names)
            case .compare(let field, _, _), .match(_, let field, _): [field.name]
            }
        }
    }

    /// Reads a `$filter` as strictly as the vendor: unknown properties, literals of the wrong kind, functions that it has
    /// not, and an `or` over two properties are refused.
    struct FilterReader {
        private enum Token: Equatable {
            case word(String)
            case string(String)
            case symbol(Character)
        }

        private static let mostBytes = 16_384
        private static let mostDepth = 32

        private let page: Page
        private let service: String
        private let blank: String
        private var tokens: [Token]
        private var position = 0
        private var depth = 0

        static func read(_ text: String, of publication: (Page, String), blank: String) throws(Refusal) -> Filter {
            var reader = FilterReader(
                page: publication.0,
                service: publication.1,
                blank: blank,
                tokens: try tokens(of: text)
            )
            let filter = try reader.disjunction()
            guard reader.position == reader.tokens.count else { throw reader.syntax() }
            return filter
        }

        private init(page: Page, service: String, blank: String, tokens: [Token]) {
            self.page = page
            self.service = service
            self.blank = blank
            self.tokens = tokens
        }

        // MARK: Words

        private static func tokens(of text: String) throws(Refusal) -> [Token] {
            guard text.utf8.count <= mostBytes else {
                throw .badRequest("The filter is too long.", rule: "filter too long")
            }
            var tokens: [Token] = []
            var rest = text[...]
            while let first = rest.first {
                switch first {
                case " ": rest.removeFirst()
                case "(", ")", ",": tokens.append(.symbol(rest.removeFirst()))
                case "'":
                    rest.removeFirst()
                    guard let string = string(&rest) else {
                        throw .badRequest("There is an unterminated string literal.", rule: "filter syntax")
                    }
                    tokens.append(.string(string))
                default:
                    let word = rest.prefix { !" (),'".contains($0) }
                    rest = rest.dropFirst(word.count)
                    tokens.append(.word(String(word)))
                }
            }
            return tokens
        }

        /// Two quotation marks inside stand for one.
        private static func string(_ rest: inout Substring) -> String? {
            var text = ""
            while let next = rest.popFirst() {
                guard next == "'" else {
                    text.append(next)
                    continue
                }
                guard rest.first == "'" else { return text }
                text.append(rest.removeFirst())
            }
            return nil
        }

        // MARK: Grammar

        private mutating func disjunction() throws(Refusal) -> Filter {
            var filter = try conjunction()
            while take(.word("or")) {
                let other = try conjunction()
                guard filter.names.union(other.names).count == 1 else {
                    throw .badRequest(
                        "An error occurred while trying to evaluate the filter: the OR operator is not supported on "
                            + "distinct fields on an OData filter.",
                        rule: "or over two properties"
                    )
                }
                filter = .or(filter, other)
            }
            return filter
        }

        private mutating func conjunction() throws(Refusal) -> Filter {
            var filter = try term()
            while take(.word("and")) { filter = .and(filter, try term()) }
            return filter
        }

        private mutating func term() throws(Refusal) -> Filter {
            depth += 1
            defer { depth -= 1 }
            guard depth <= Self.mostDepth else { throw .badRequest("The filter is too deep.", rule: "filter too deep") }
            if take(.symbol("(")) {
                let filter = try disjunction()
                try expect(")")
                return filter
            }
            let name = try word()
            if let match = Filter.Match(rawValue: name), peek == .symbol("(") {
                try expect("(")
                let field = try field(try word())
                switch field.kind {
                case .code, .text: break
                case .option, .integer, .decimal, .flag, .day, .time: throw wrongKind(field)
                }
                try expect(",")
                guard case .string(let text)? = peek else { throw syntax() }
                position += 1
                try expect(")")
                return .match(match, field, text)
            }
            let field = try field(name)
            let comparison = try word()
            guard let comparison = Filter.Comparison(rawValue: comparison) else {
                throw .badRequest("The operator '\(comparison)' is not supported.", rule: "unknown operator")
            }
            return .compare(field, comparison, try literal(for: field))
        }

        private mutating func literal(for field: Field) throws(Refusal) -> Value {
            guard let token = peek else { throw syntax() }
            position += 1
            let value: Value?
            switch (field.kind, token) {
            case (.code, .string(let text)): value = .text(text.uppercased())
            case (.text, .string(let text)): value = .text(text)
            case (.option(let members), .string(let text)):
                let caption = text == blank || text == " " ? "" : text
                guard members.contains(caption) else { throw .wrong(field, .member(text)) }
                value = .text(caption)
            case (.day, .word(let text)): value = Day(text).map { .day($0) }
            case (.time, .word(let text)): value = WallTime(text).map { .time($0) }
            case (.decimal, .word(let text)): value = Decimal(text).map { .number($0) }
            case (.integer, .word(let text)): value = Int(text).map { .number(Decimal($0)) }
            case (.flag, .word("true")): value = .flag(true)
            case (.flag, .word("false")): value = .flag(false)
            default: value = nil
            }
            guard let value else { throw wrongKind(field) }
            return value
        }

        // MARK: Pieces

        private var peek: Token? { position < tokens.count ? tokens[position] : nil }

        private mutating func take(_ token: Token) -> Bool {
            guard peek == token else { return false }
            position += 1
            return true
        }

        private mutating func expect(_ symbol: Character) throws(Refusal) {
            guard take(.symbol(symbol)) else { throw syntax() }
        }

        private mutating func word() throws(Refusal) -> String {
            guard case .word(let word) = peek else { throw syntax() }
            position += 1
            return word
        }

        private func field(_ name: String) throws(Refusal) -> Field {
            guard let field = page.field(name) else { throw .unknownProperty(name, service) }
            guard !field.isVariable else {
                throw .badRequest(
                    "The property '\(name)' cannot be used in the query option.",
                    rule: "filter on a variable"
                )
            }
            return field
        }

        private func wrongKind(_ field: Field) -> Refusal {
            .badRequest(
                "A binary operator with incompatible types was detected for the property '\(field.name)'.",
                rule: "literal of the wrong kind"
            )
        }

        private func syntax() -> Refusal {
            .badRequest("Syntax error in the filter at word \(position + 1).", rule: "filter syntax")
        }
    }
}
