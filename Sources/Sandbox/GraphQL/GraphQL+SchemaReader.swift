extension GraphQL.Schema {
    /// Reads types, interfaces, unions, enums, inputs and scalars; descriptions are passed over. A name that is used and
    /// not defined is an error, so that a schema text that was cut down stays whole.
    package init(definitions text: String) throws(GraphQL.Fault) {
        var bounds = GraphQL.Bounds()
        bounds.tokens = 200_000
        var parser = try GraphQL.Parser(text, bounds)
        for name in ["Int", "Float", "String", "Boolean", "ID"] {
            types[name] = GraphQL.TypeDefinition(name: name, kind: .scalar)
        }
        while parser.token != .end {
            if case .string = parser.token { try parser.advance() }
            let type = try parser.typeDefinition()
            guard types.updateValue(type, forKey: type.name) == nil else {
                throw GraphQL.Fault("the type \(type.name) is defined twice")
            }
        }
        for type in types.values where type.kind == .object {
            for interface in type.interfaces { types[interface]?.possible.insert(type.name) }
        }
        try check()
    }

    private func check() throws(GraphQL.Fault) {
        for type in types.values {
            let used = type.fields.values.flatMap { [$0.type] + $0.arguments.map(\.type) } + type.inputs.map(\.type)
            for name in used.map(\.name) + type.interfaces + Array(type.possible) where types[name] == nil {
                throw GraphQL.Fault("the type \(name) is used by \(type.name) and not defined")
            }
        }
    }
}

extension GraphQL.Parser {
    fileprivate mutating func typeDefinition() throws(GraphQL.Fault) -> GraphQL.TypeDefinition {
        let keyword = try name()
        var type = GraphQL.TypeDefinition(name: try name(), kind: .scalar)
        switch keyword {
        case "scalar": break
        case "type", "interface":
            type.kind = keyword == "type" ? .object : .interface
            type.interfaces = try interfaces()
            try list("{", "}") { parser throws(GraphQL.Fault) in
                let field = try parser.fieldDefinition()
                type.fields[field.name] = field
            }
        case "union":
            type.kind = .union
            try take("=")
            repeat { type.possible.insert(try name()) } while try takes("|")
        case "enum":
            type.kind = .enumeration
            try list("{", "}") { parser throws(GraphQL.Fault) in type.values.append(try parser.name()) }
        case "input":
            type.kind = .input
            try list("{", "}") { parser throws(GraphQL.Fault) in type.inputs.append(try parser.inputDefinition()) }
        default: throw unexpected("a definition")
        }
        return type
    }

    private mutating func interfaces() throws(GraphQL.Fault) -> [String] {
        guard token == .name("implements") else { return [] }
        try advance()
        var names: [String] = []
        repeat { names.append(try name()) } while try takes("&")
        return names
    }

    private mutating func fieldDefinition() throws(GraphQL.Fault) -> GraphQL.FieldDefinition {
        let name = try name()
        var arguments: [GraphQL.InputDefinition] = []
        if token == .punctuator("(") {
            try list("(", ")") { parser throws(GraphQL.Fault) in arguments.append(try parser.inputDefinition()) }
        }
        try take(":")
        return GraphQL.FieldDefinition(name: name, arguments: arguments, type: try type())
    }

    private mutating func inputDefinition() throws(GraphQL.Fault) -> GraphQL.InputDefinition {
        let name = try name()
        try take(":")
        var input = GraphQL.InputDefinition(name: name, type: try type())
        if try takes("=") { input.defaultValue = try value(constant: true) }
        return input
    }
}
