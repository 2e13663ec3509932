extension GraphQL {
    /// A document as it is written: operations and fragments, nothing looked up yet.
    package struct Document: Sendable {
        var operations: [Operation] = []
        var fragments: [Fragment] = []
    }

    package enum OperationKind: String, Sendable {
        case query
        case mutation
        case subscription
    }

    struct Operation: Sendable {
        var kind: OperationKind
        var name: String?
        var variables: [VariableDefinition]
        var directives: [Directive]
        var selections: [Selection]
        var location: Location
    }

    struct VariableDefinition: Sendable {
        var name: String
        var type: TypeReference
        var defaultValue: Value?
        var directives: [Directive]
        var location: Location
    }

    struct Fragment: Sendable {
        var name: String
        var typeName: String
        var directives: [Directive]
        var selections: [Selection]
        var location: Location
    }

    enum Selection: Sendable {
        case field(Field)
        case spread(Spread)
        case inline(InlineFragment)
    }

    struct Field: Sendable {
        var alias: String?
        var name: String
        var arguments: [Argument]
        var directives: [Directive]
        var selections: [Selection]
        var location: Location

        var responseName: String { alias ?? name }
    }

    struct Spread: Sendable {
        var name: String
        var directives: [Directive]
        var location: Location
    }

    struct InlineFragment: Sendable {
        var typeName: String?
        var directives: [Directive]
        var selections: [Selection]
        var location: Location
    }

    struct Directive: Sendable {
        var name: String
        var arguments: [Argument]
        var location: Location
    }

    struct Argument: Sendable {
        var name: String
        var value: Value
        var location: Location
    }

    struct Value: Sendable {
        enum Kind: Sendable {
            case variable(String)
            case int(String)
            case float(String)
            case string(String)
            case bool(Bool)
            case null
            case enumeration(String)
            case list([Value])
            case object([Argument])
        }
        var kind: Kind
        var location: Location

        var isNull: Bool { if case .null = kind { true } else { false } }
    }

    /// `[ID!]!` and the like.
    indirect enum TypeReference: Sendable, Equatable {
        case named(String)
        case list(TypeReference)
        case nonNull(TypeReference)

        var name: String {
            switch self {
            case .named(let name): name
            case .list(let inner), .nonNull(let inner): inner.name
            }
        }

        var isNonNull: Bool { if case .nonNull = self { true } else { false } }

        var text: String {
            switch self {
            case .named(let name): name
            case .list(let inner): "[\(inner.text)]"
            case .nonNull(let inner): "\(inner.text)!"
            }
        }
    }
}
