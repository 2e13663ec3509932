/// Two fields of one response name must be the same question, because only one answer fits there.
extension GraphQL.Validator {
    private struct Candidate {
        var parent: String
        var field: GraphQL.Field
        var type: GraphQL.TypeReference
    }

    mutating func checkThatFieldsMerge() {
        for operation in document.operations {
            guard let root = schema.rootName(operation.kind) else { continue }
            checkSelections(operation.selections, of: root)
        }
        for fragment in document.fragments { checkSelections(fragment.selections, of: fragment.typeName) }
    }

    private mutating func checkSelections(_ selections: [GraphQL.Selection], of parent: String) {
        checkMerging([(selections, parent)])
        for selection in selections {
            switch selection {
            case .field(let field):
                guard let type = schema.field(field.name, of: parent)?.type.name else { continue }
                checkSelections(field.selections, of: type)
            case .spread: continue
            case .inline(let inline): checkSelections(inline.selections, of: inline.typeName ?? parent)
            }
        }
    }

    private mutating func checkMerging(_ sets: [(selections: [GraphQL.Selection], parent: String)]) {
        var groups: [String: [Candidate]] = [:]
        var order: [String] = []
        var visited: Set<String> = []
        for set in sets { collect(set.selections, of: set.parent, &groups, &order, &visited) }
        for name in order {
            let group = groups[name] ?? []
            for (index, first) in group.enumerated() {
                for second in group[(index + 1)...] {
                    guard comparisons > 0 else { return }
                    comparisons -= 1
                    if comparisons == 0 {
                        return fault("The document repeats too many fields to be checked.", first.field.location)
                    }
                    compare(name, first, second)
                }
            }
        }
    }

    private mutating func compare(_ name: String, _ a: Candidate, _ b: Candidate) {
        let areBothObjects = [a, b].allSatisfy { schema.types[$0.parent]?.kind == .object }
        let mayMeet = a.parent == b.parent || !areBothObjects
        let conflict: String? =
            if mayMeet, a.field.name != b.field.name {
                "\"\(a.field.name)\" and \"\(b.field.name)\" are different fields"
            } else if mayMeet, !areSame(a.field.arguments, b.field.arguments) {
                "they have differing arguments"
            } else if !haveSameShape(a.type, b.type) {
                "they return conflicting types \"\(a.type.text)\" and \"\(b.type.text)\""
            } else {
                nil
            }
        if let conflict {
            return fault(
                "Fields \"\(name)\" conflict because \(conflict). Use different aliases on the fields to fetch both if this "
                    + "was intentional.",
                a.field.location,
                b.field.location
            )
        }
        if !a.field.selections.isEmpty {
            checkMerging([(a.field.selections, a.type.name), (b.field.selections, b.type.name)])
        }
    }

    private func collect(
        _ selections: [GraphQL.Selection],
        of parent: String,
        _ groups: inout [String: [Candidate]],
        _ order: inout [String],
        _ visited: inout Set<String>
    ) {
        for selection in selections {
            switch selection {
            case .field(let field):
                guard let type = schema.field(field.name, of: parent)?.type else { continue }
                if groups[field.responseName] == nil { order.append(field.responseName) }
                groups[field.responseName, default: []].append(Candidate(parent: parent, field: field, type: type))
            case .spread(let spread):
                guard let fragment = fragments[spread.name], visited.insert(spread.name).inserted else { continue }
                collect(fragment.selections, of: fragment.typeName, &groups, &order, &visited)
            case .inline(let inline):
                collect(inline.selections, of: inline.typeName ?? parent, &groups, &order, &visited)
            }
        }
    }

    private func areSame(_ a: [GraphQL.Argument], _ b: [GraphQL.Argument]) -> Bool {
        a.count == b.count
            && a.allSatisfy { first in
                b.contains { $0.name == first.name && $0.value.text == first.value.text }
            }
    }

    private func haveSameShape(_ a: GraphQL.TypeReference, _ b: GraphQL.TypeReference) -> Bool {
        switch (a, b) {
        case (.nonNull(let a), .nonNull(let b)), (.list(let a), .list(let b)): haveSameShape(a, b)
        case (.nonNull, _), (_, .nonNull), (.list, _), (_, .list): false
        case (.named(let a), .named(let b)):
            a == b || schema.types[a]?.isComposite == true && schema.types[b]?.isComposite == true
        }
    }
}

extension GraphQL.Value {
    /// One text for equal values.
    fileprivate var text: String {
        switch kind {
        case .variable(let name): "$\(name)"
        case .int(let text), .float(let text), .enumeration(let text): text
        case .string(let text): "\"\(text.unicodeScalars.map { "\($0.value)" }.joined(separator: "."))\""
        case .bool(let value): "\(value)"
        case .null: "null"
        case .list(let elements): "[\(elements.map(\.text).joined(separator: ","))]"
        case .object(let fields):
            "{\(fields.sorted { $0.name < $1.name }.map { "\($0.name):\($0.value.text)" }.joined(separator: ","))}"
        }
    }
}
