import Core

/// What may stand as an argument, and where a variable may stand for it.
extension GraphQL.Validator {
    mutating func check(_ variable: GraphQL.VariableDefinition) {
        checkDirectives(variable.directives, mayStand: false)
        guard let type = schema.types[variable.type.name] else {
            return fault("Unknown type \"\(variable.type.name)\".", variable.location)
        }
        guard type.isInput else {
            return fault(
                "Variable \"$\(variable.name)\" cannot be non-input type \"\(variable.type.text)\".",
                variable.location
            )
        }
        if let value = variable.defaultValue { check(value, against: variable.type) }
    }

    mutating func check(
        _ arguments: [GraphQL.Argument],
        _ definitions: [GraphQL.InputDefinition],
        _ what: String,
        _ location: GraphQL.Location
    ) {
        unique(arguments.map { ($0.name, $0.location) }) { "There can be only one argument named \"\($0)\"." }
        for argument in arguments {
            let definition = definitions.first { $0.name == argument.name }
            if definition == nil { fault("Unknown argument \"\(argument.name)\" on \(what).", argument.location) }
            check(argument.value, against: definition?.type, hasDefault: definition?.defaultValue != nil)
        }
        for definition in definitions where definition.isRequired {
            guard !arguments.contains(where: { $0.name == definition.name }) else { continue }
            fault(
                "\(what.capitalizedFirst) argument \"\(definition.name)\" of type \"\(definition.type.text)\" is required, "
                    + "but it was not provided.",
                location
            )
        }
    }

    /// Without a type only the form is looked at, and the variables inside are noted.
    mutating func check(_ value: GraphQL.Value, against type: GraphQL.TypeReference?, hasDefault: Bool = false) {
        if case .variable(let name) = value.kind {
            uses.variables.append(Usage(name: name, location: value.location, type: type, hasDefault: hasDefault))
            return
        }
        switch type {
        case .nonNull(let inner)?:
            guard !value.isNull else {
                return fault("Expected value of type \"\(inner.text)!\", found null.", value.location)
            }
            check(value, against: inner)
        case .list(let inner)?:
            guard case .list(let elements) = value.kind else {
                if !value.isNull { check(value, against: inner) }
                return
            }
            for element in elements { check(element, against: inner) }
        case .named(let name)?:
            guard let type = schema.types[name], !value.isNull else { return }
            check(value, againstNamed: type)
        case nil:
            switch value.kind {
            case .list(let elements): for element in elements { check(element, against: nil) }
            case .object(let fields):
                checkUnique(fields)
                for field in fields { check(field.value, against: nil) }
            case .variable, .int, .float, .string, .bool, .null, .enumeration: break
            }
        }
    }

    private mutating func check(_ value: GraphQL.Value, againstNamed type: GraphQL.TypeDefinition) {
        let fits: Bool
        switch (type.kind, value.kind) {
        case (.input, .object(let fields)): return check(fields, against: type, value.location)
        case (.enumeration, .enumeration(let name)): fits = type.values.contains(name)
        case (.scalar, _):
            switch (type.name, value.kind) {
            case ("Int", .int(let text)): fits = Int32(text) != nil
            case ("Float", .int), ("Float", .float), ("String", .string), ("Boolean", .bool), ("ID", .string),
                ("ID", .int):
                fits = true
            case ("Int", _), ("Float", _), ("String", _), ("Boolean", _), ("ID", _): fits = false
            default:
                // A scalar of the vendor's own takes any value there is.
                return check(value, against: nil)
            }
        default: fits = false
        }
        if !fits { fault("Expected value of type \"\(type.name)\".", value.location) }
    }

    private mutating func check(
        _ fields: [GraphQL.Argument],
        against type: GraphQL.TypeDefinition,
        _ location: GraphQL.Location
    ) {
        checkUnique(fields)
        for field in fields {
            let input = type.inputs.first { $0.name == field.name }
            if input == nil {
                fault("Field \"\(field.name)\" is not defined by type \"\(type.name)\".", field.location)
            }
            check(field.value, against: input?.type, hasDefault: input?.defaultValue != nil)
        }
        for input in type.inputs where input.isRequired && !fields.contains(where: { $0.name == input.name }) {
            fault(
                "Field \"\(type.name).\(input.name)\" of required type \"\(input.type.text)\" was not provided.",
                location
            )
        }
    }

    private mutating func checkUnique(_ fields: [GraphQL.Argument]) {
        unique(fields.map { ($0.name, $0.location) }) { "There can be only one input field named \"\($0)\"." }
    }

    // MARK: Positions

    mutating func checkPosition(of usage: Usage, _ definition: GraphQL.VariableDefinition) {
        guard let expected = usage.type, schema.types[definition.type.name] != nil else { return }
        let fits: Bool
        if case .nonNull(let inner) = expected, !definition.type.isNonNull {
            let hasDefault = definition.defaultValue.map { !$0.isNull } ?? false
            fits = (hasDefault || usage.hasDefault) && Self.fits(definition.type, inner)
        } else {
            fits = Self.fits(definition.type, expected)
        }
        guard !fits else { return }
        fault(
            "Variable \"$\(usage.name)\" of type \"\(definition.type.text)\" used in position expecting type "
                + "\"\(expected.text)\".",
            definition.location,
            usage.location
        )
    }

    /// Whether all values of one type are values of the other.
    private static func fits(_ type: GraphQL.TypeReference, _ expected: GraphQL.TypeReference) -> Bool {
        switch (type, expected) {
        case (.nonNull(let type), .nonNull(let expected)), (.list(let type), .list(let expected)): fits(type, expected)
        case (.nonNull(let type), _): fits(type, expected)
        case (.named(let type), .named(let expected)): type == expected
        case (.named, _), (.list, _): false
        }
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
