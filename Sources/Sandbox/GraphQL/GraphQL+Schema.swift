extension GraphQL {
    /// What may be asked: the types, their fields and arguments.
    package struct Schema: Sendable {
        var types: [String: TypeDefinition] = [:]
        var queryName = "Query"
        var mutationName = "Mutation"
        let directives: [String: [InputDefinition]] = [
            "include": [InputDefinition(name: "if", type: .nonNull(.named("Boolean")))],
            "skip": [InputDefinition(name: "if", type: .nonNull(.named("Boolean")))],
        ]

        func rootName(_ kind: OperationKind) -> String? {
            switch kind {
            case .query: queryName
            case .mutation: types[mutationName] == nil ? nil : mutationName
            case .subscription: nil
            }
        }

        /// What every composite type can be asked beside its own fields.
        func field(_ name: String, of typeName: String) -> FieldDefinition? {
            if name == "__typename", types[typeName]?.isComposite == true {
                return FieldDefinition(name: name, arguments: [], type: .nonNull(.named("String")))
            }
            return types[typeName]?.fields[name]
        }

        /// The object types that a value of this type can have.
        func possibleTypes(of name: String) -> Set<String> {
            guard let type = types[name] else { return [] }
            return type.kind == .object ? [name] : type.possible
        }
    }

    struct TypeDefinition: Sendable {
        enum Kind: Sendable {
            case scalar
            case object
            case interface
            case union
            case enumeration
            case input
        }
        var name: String
        var kind: Kind
        var fields: [String: FieldDefinition] = [:]
        var interfaces: [String] = []
        /// Of an interface or a union: the object types that are one.
        var possible: Set<String> = []
        var values: [String] = []
        var inputs: [InputDefinition] = []

        var isComposite: Bool { kind == .object || kind == .interface || kind == .union }
        var isInput: Bool { kind == .scalar || kind == .enumeration || kind == .input }
    }

    struct FieldDefinition: Sendable {
        var name: String
        var arguments: [InputDefinition]
        var type: TypeReference
    }

    /// An argument, or a field of an input object.
    struct InputDefinition: Sendable {
        var name: String
        var type: TypeReference
        var defaultValue: Value?

        var isRequired: Bool { type.isNonNull && defaultValue == nil }
    }
}
