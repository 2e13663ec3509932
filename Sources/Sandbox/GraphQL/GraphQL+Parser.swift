extension GraphQL.Document {
    /// Reads an executable document; what belongs to schemas is refused here already.
    package init(_ text: String, within bounds: GraphQL.Bounds = .init()) throws(GraphQL.Fault) {
        var parser = try GraphQL.Parser(text, bounds)
        self = try parser.document()
    }
}

extension GraphQL {
    /// Recursive descent over the tokens, never deeper than its bounds say.
    struct Parser {
        private var lexer: Lexer
        private let bounds: Bounds
        private var tokens = 0
        private var depth = 0
        private(set) var token = Token.end
        private(set) var location = Location(line: 1, column: 1)

        init(_ text: String, _ bounds: Bounds) throws(Fault) {
            guard text.utf8.count <= bounds.bytes else {
                throw Fault("Syntax Error: the document has more than \(bounds.bytes) bytes.")
            }
            lexer = Lexer(text)
            self.bounds = bounds
            try advance()
        }

        // MARK: Documents

        mutating func document() throws(Fault) -> Document {
            var document = Document()
            repeat {
                switch token {
                case .punctuator("{"):
                    let location = location
                    let selections = try selectionSet()
                    document.operations.append(
                        Operation(
                            kind: .query,
                            name: nil,
                            variables: [],
                            directives: [],
                            selections: selections,
                            location: location
                        )
                    )
                case .name("fragment"): document.fragments.append(try fragment())
                case .name("query"), .name("mutation"), .name("subscription"):
                    document.operations.append(try operation())
                default: throw unexpected()
                }
            } while token != .end
            return document
        }

        private mutating func operation() throws(Fault) -> Operation {
            let location = location
            guard let kind = OperationKind(rawValue: try name()) else { throw unexpected() }
            let name: String? = if case .name = token { try self.name() } else { nil }
            var variables: [VariableDefinition] = []
            if token == .punctuator("(") {
                try list("(", ")") { parser throws(Fault) in variables.append(try parser.variable()) }
            }
            let directives = try self.directives(constant: false)
            return Operation(
                kind: kind,
                name: name,
                variables: variables,
                directives: directives,
                selections: try selectionSet(),
                location: location
            )
        }

        private mutating func variable() throws(Fault) -> VariableDefinition {
            let location = location
            try take("$")
            let name = try name()
            try take(":")
            let type = try type()
            var defaultValue: Value?
            if try takes("=") { defaultValue = try value(constant: true) }
            return VariableDefinition(
                name: name,
                type: type,
                defaultValue: defaultValue,
                directives: try directives(constant: true),
                location: location
            )
        }

        private mutating func fragment() throws(Fault) -> Fragment {
            let location = location
            try advance()
            let name = try name()
            guard name != "on" else { throw Fault("Syntax Error: Unexpected Name \"on\".", at: [location]) }
            guard try self.name() == "on" else { throw unexpected("\"on\"") }
            let typeName = try self.name()
            return Fragment(
                name: name,
                typeName: typeName,
                directives: try directives(constant: false),
                selections: try selectionSet(),
                location: location
            )
        }

        private mutating func selectionSet() throws(Fault) -> [Selection] {
            var selections: [Selection] = []
            try list("{", "}") { parser throws(Fault) in selections.append(try parser.selection()) }
            return selections
        }

        private mutating func selection() throws(Fault) -> Selection {
            let location = location
            guard try takes("...") else { return .field(try field()) }
            if case .name(let name) = token, name != "on" {
                try advance()
                return .spread(Spread(name: name, directives: try directives(constant: false), location: location))
            }
            var typeName: String?
            if token == .name("on") {
                try advance()
                typeName = try name()
            }
            return .inline(
                InlineFragment(
                    typeName: typeName,
                    directives: try directives(constant: false),
                    selections: try selectionSet(),
                    location: location
                )
            )
        }

        private mutating func field() throws(Fault) -> Field {
            let location = location
            var name = try name()
            var alias: String?
            if try takes(":") {
                alias = name
                name = try self.name()
            }
            return Field(
                alias: alias,
                name: name,
                arguments: try arguments(constant: false),
                directives: try directives(constant: false),
                selections: token == .punctuator("{") ? try selectionSet() : [],
                location: location
            )
        }

        private mutating func arguments(constant: Bool) throws(Fault) -> [Argument] {
            guard token == .punctuator("(") else { return [] }
            var arguments: [Argument] = []
            try list("(", ")") { parser throws(Fault) in
                arguments.append(try parser.argument(constant: constant))
            }
            return arguments
        }

        private mutating func argument(constant: Bool) throws(Fault) -> Argument {
            let location = location
            let name = try name()
            try take(":")
            return Argument(name: name, value: try value(constant: constant), location: location)
        }

        mutating func directives(constant: Bool) throws(Fault) -> [Directive] {
            var directives: [Directive] = []
            while token == .punctuator("@") {
                let location = location
                try advance()
                directives.append(
                    Directive(name: try name(), arguments: try arguments(constant: constant), location: location)
                )
            }
            return directives
        }

        // MARK: Values and types

        mutating func value(constant: Bool) throws(Fault) -> Value {
            let location = location
            switch token {
            case .punctuator("["):
                var elements: [Value] = []
                try list("[", "]", mayBeEmpty: true) { parser throws(Fault) in
                    elements.append(try parser.value(constant: constant))
                }
                return Value(kind: .list(elements), location: location)
            case .punctuator("{"):
                var fields: [Argument] = []
                try list("{", "}", mayBeEmpty: true) { parser throws(Fault) in
                    fields.append(try parser.argument(constant: constant))
                }
                return Value(kind: .object(fields), location: location)
            case .punctuator("$"):
                guard !constant else { throw unexpected("a constant value") }
                try advance()
                return Value(kind: .variable(try name()), location: location)
            case .int(let text): return try leaf(.int(text), location)
            case .float(let text): return try leaf(.float(text), location)
            case .string(let text): return try leaf(.string(text), location)
            case .name("true"): return try leaf(.bool(true), location)
            case .name("false"): return try leaf(.bool(false), location)
            case .name("null"): return try leaf(.null, location)
            case .name(let name): return try leaf(.enumeration(name), location)
            case .punctuator, .end: throw unexpected()
            }
        }

        private mutating func leaf(_ kind: Value.Kind, _ location: Location) throws(Fault) -> Value {
            try advance()
            return Value(kind: kind, location: location)
        }

        mutating func type() throws(Fault) -> TypeReference {
            var type: TypeReference
            if token == .punctuator("[") {
                try enter()
                try advance()
                type = .list(try self.type())
                try take("]")
                depth -= 1
            } else {
                type = .named(try name())
            }
            if try takes("!") { type = .nonNull(type) }
            return type
        }

        // MARK: Tokens

        /// Between two brackets, one item at least unless `mayBeEmpty`.
        mutating func list(
            _ open: String,
            _ close: String,
            mayBeEmpty: Bool = false,
            _ item: (inout Parser) throws(Fault) -> Void
        ) throws(Fault) {
            try enter()
            try take(open)
            if mayBeEmpty, token == .punctuator(close) {
                try advance()
            } else {
                repeat { try item(&self) } while try !takes(close)
            }
            depth -= 1
        }

        private mutating func enter() throws(Fault) {
            depth += 1
            guard depth <= bounds.depth else {
                throw Fault("Syntax Error: more than \(bounds.depth) levels.", at: [location])
            }
        }

        mutating func advance() throws(Fault) {
            token = try lexer.next()
            location = lexer.start
            tokens += 1
            guard tokens <= bounds.tokens else {
                throw Fault("Syntax Error: Document contains more than \(bounds.tokens) tokens.", at: [location])
            }
        }

        mutating func name() throws(Fault) -> String {
            guard case .name(let name) = token else { throw unexpected("Name") }
            try advance()
            return name
        }

        mutating func take(_ punctuator: String) throws(Fault) {
            guard try takes(punctuator) else { throw unexpected("\"\(punctuator)\"") }
        }

        mutating func takes(_ punctuator: String) throws(Fault) -> Bool {
            guard token == .punctuator(punctuator) else { return false }
            try advance()
            return true
        }

        func unexpected(_ expected: String? = nil) -> Fault {
            let problem = expected.map { "Expected \($0), found \(token.spoken)." } ?? "Unexpected \(token.spoken)."
            return Fault("Syntax Error: \(problem)", at: [location])
        }
    }
}
