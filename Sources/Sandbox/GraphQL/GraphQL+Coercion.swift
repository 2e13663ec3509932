import Core

extension GraphQL.Schema {
    /// The variables of an operation as their types say, defaults filled in. A name that is missing stays missing, which
    /// is not the same as null.
    func coerce(
        _ given: JSON.Object,
        for definitions: [GraphQL.VariableDefinition]
    ) throws(GraphQL.Fault) -> JSON.Object {
        var variables = JSON.Object()
        for definition in definitions {
            guard let value = given[definition.name] else {
                if let defaultValue = definition.defaultValue {
                    variables[definition.name] = try coerce(defaultValue, to: definition.type, variables)
                } else if definition.type.isNonNull {
                    throw GraphQL.Fault(
                        "Variable \"$\(definition.name)\" of required type \"\(definition.type.text)\" was not provided.",
                        at: [definition.location]
                    )
                }
                continue
            }
            do {
                variables[definition.name] = try coerce(value, to: definition.type, at: "")
            } catch {
                throw GraphQL.Fault(
                    "Variable \"$\(definition.name)\" got invalid value\(error.place); \(error.problem)",
                    at: [definition.location]
                )
            }
        }
        return variables
    }

    private struct Misfit: Error {
        var place: String
        var problem: String
    }

    private func coerce(
        _ value: JSON,
        to reference: GraphQL.TypeReference,
        at place: String
    ) throws(Misfit) -> JSON {
        switch reference {
        case .nonNull(let inner):
            guard value != .null else {
                throw misfit(place, "Expected non-nullable type \"\(reference.text)\" not to be null.")
            }
            return try coerce(value, to: inner, at: place)
        case .list(let inner):
            switch value {
            case .null: return .null
            case .array(let elements):
                var coerced: [JSON] = []
                for (index, element) in elements.enumerated() {
                    coerced.append(try coerce(element, to: inner, at: "\(place)[\(index)]"))
                }
                return .array(coerced)
            case .bool, .number, .string, .object: return .array([try coerce(value, to: inner, at: place)])
            }
        case .named(let name):
            guard value != .null else { return .null }
            guard let type = types[name] else { throw misfit(place, "Unknown type \"\(name)\".") }
            guard type.kind == .input else {
                guard let leaf = input(value, as: type) else {
                    throw misfit(place, "\(name) cannot represent \(value.kindName).")
                }
                return leaf
            }
            return try coerceObject(value, to: type, at: place)
        }
    }

    private func coerceObject(_ value: JSON, to type: GraphQL.TypeDefinition, at place: String) throws(Misfit) -> JSON {
        guard case .object(let object) = value else {
            throw misfit(place, "Expected type \"\(type.name)\" to be an object.")
        }
        for member in object.members where !type.inputs.contains(where: { $0.name == member.name }) {
            throw misfit(place, "Field \"\(member.name)\" is not defined by type \"\(type.name)\".")
        }
        var coerced = JSON.Object()
        for input in type.inputs {
            if let value = object[input.name] {
                coerced[input.name] = try coerce(value, to: input.type, at: "\(place).\(input.name)")
            } else if let defaultValue = input.defaultValue {
                coerced[input.name] = try? coerce(defaultValue, to: input.type, JSON.Object())
            } else if input.type.isNonNull {
                throw misfit(
                    place,
                    "Field \"\(input.name)\" of required type \"\(input.type.text)\" was not provided."
                )
            }
        }
        return .object(coerced)
    }

    private func misfit(_ place: String, _ problem: String) -> Misfit {
        Misfit(place: place.isEmpty ? "" : " at \"\(place)\"", problem: problem)
    }

    // MARK: Arguments

    /// The arguments of a field or directive, with variables put in and defaults filled in.
    func arguments(
        _ given: [GraphQL.Argument],
        for definitions: [GraphQL.InputDefinition],
        _ variables: JSON.Object
    ) throws(GraphQL.Fault) -> JSON.Object {
        var arguments = JSON.Object()
        for definition in definitions {
            let argument = given.first { $0.name == definition.name }
            var isGiven = argument != nil
            if case .variable(let name) = argument?.value.kind { isGiven = variables[name] != nil }
            if let argument, isGiven {
                let value = try coerce(argument.value, to: definition.type, variables)
                guard value != .null || !definition.type.isNonNull else {
                    throw GraphQL.Fault(
                        "Argument \"\(definition.name)\" of non-null type \"\(definition.type.text)\" must not be null.",
                        at: [argument.value.location]
                    )
                }
                arguments[definition.name] = value
            } else if let defaultValue = definition.defaultValue {
                arguments[definition.name] = try coerce(defaultValue, to: definition.type, variables)
            } else if definition.type.isNonNull {
                throw GraphQL.Fault(
                    "Argument \"\(definition.name)\" of required type \"\(definition.type.text)\" was not provided.",
                    at: argument.map { [$0.location] } ?? []
                )
            }
        }
        return arguments
    }

    /// A value of the document as JSON. Validation has seen that it fits; what still does not becomes null.
    private func coerce(
        _ value: GraphQL.Value,
        to reference: GraphQL.TypeReference,
        _ variables: JSON.Object
    ) throws(GraphQL.Fault) -> JSON {
        if case .variable(let name) = value.kind { return variables[name] ?? .null }
        switch reference {
        case .nonNull(let inner): return try coerce(value, to: inner, variables)
        case .list(let inner):
            guard !value.isNull else { return .null }
            guard case .list(let elements) = value.kind else {
                return .array([try coerce(value, to: inner, variables)])
            }
            var coerced: [JSON] = []
            for element in elements { coerced.append(try coerce(element, to: inner, variables)) }
            return .array(coerced)
        case .named(let name):
            guard case .object(let fields) = value.kind, let type = types[name], type.kind == .input else {
                let json = value.json(variables)
                return types[name].flatMap { input(json, as: $0) } ?? json
            }
            return .object(try arguments(fields, for: type.inputs, variables))
        }
    }

    // MARK: Leaves

    /// A value from outside as this scalar or enum takes it; nil when it does not.
    func input(_ value: JSON, as type: GraphQL.TypeDefinition) -> JSON? {
        if type.kind == .enumeration {
            guard case .string(let name) = value, type.values.contains(name) else { return nil }
            return value
        }
        switch (type.name, value) {
        case ("Int", .number(let number)) where number.int.flatMap { Int32(exactly: $0) } != nil: return value
        case ("Float", .number): return value
        case ("String", .string), ("ID", .string), ("Boolean", .bool): return value
        case ("ID", .number(let number)): return number.int.map { .string("\($0)") }
        case ("Date", .string), ("ISO8601DateTime", .string): return value
        case ("Int", _), ("Float", _), ("String", _), ("ID", _), ("Boolean", _), ("Date", _), ("ISO8601DateTime", _):
            return nil
        default: return value
        }
    }
}

extension GraphQL.Value {
    /// The value as it is written, without a type.
    func json(_ variables: JSON.Object) -> JSON {
        switch kind {
        case .variable(let name): variables[name] ?? .null
        case .int(let text), .float(let text): (try? JSON.parse(text)) ?? .null
        case .string(let text), .enumeration(let text): .string(text)
        case .bool(let value): .bool(value)
        case .null: .null
        case .list(let elements): .array(elements.map { $0.json(variables) })
        case .object(let fields):
            .object(fields.reduce(into: JSON.Object()) { $0[$1.name] = $1.value.json(variables) })
        }
    }
}
