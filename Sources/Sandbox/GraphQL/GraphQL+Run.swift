import Core
import Transport

extension GraphQL.Prepared {
    /// What came of it: `data` is null when an error reached the top.
    package struct Outcome: Sendable {
        package var data: JSON
        package var errors: [GraphQL.Fault]
        /// How many fields were answered: the price of the question.
        package var fieldCount: Int
    }

    @OnLoop package func execute(_ root: any GraphQL.Root) async -> Outcome {
        let run = GraphQL.Run(self)
        let data = await run.execute(root)
        return Outcome(data: data ?? .null, errors: run.errors, fieldCount: run.fieldCount)
    }
}

extension GraphQL {
    /// One execution. A failed field is null, and so is what cannot be without it.
    @OnLoop fileprivate final class Run {
        private let prepared: Prepared
        private let collector: Collector
        var errors: [Fault] = []
        var fieldCount = 0
        private var path: [JSON] = []
        /// The answer is bounded whatever the question: more fields than this are refused.
        private static let mostFields = 2_000_000

        init(_ prepared: Prepared) {
            self.prepared = prepared
            collector = Collector(
                schema: prepared.schema,
                document: prepared.document,
                variables: prepared.variables
            )
        }

        func execute(_ root: any Root) async -> JSON? {
            var data = JSON.Object()
            let rootName = prepared.schema.rootName(prepared.kind) ?? ""
            let groups = (try? collector.fields([prepared.operation.selections], of: rootName)) ?? []
            for group in groups where group.fields.first?.name == "__typename" { data[group.name] = .string(rootName) }
            for field in prepared.rootFields {
                path = [.string(field.responseName)]
                fieldCount += 1
                var value: JSON?
                do {
                    let resolved = try await root.resolve(field)
                    value = complete(resolved, field.type, field.fields)
                } catch {
                    value = failed(error, field.type, field.location)
                }
                guard let value else { return nil }
                data[field.responseName] = value
            }
            // A name that stands first in the document stands first in the answer.
            var ordered = JSON.Object()
            for group in groups { ordered[group.name] = data[group.name] }
            return .object(ordered)
        }

        // MARK: Values

        private func failed(_ error: Fault, _ type: TypeReference, _ location: Location?) -> JSON? {
            var error = error
            error.path = path
            if error.locations.isEmpty, let location { error.locations = [location] }
            errors.append(error)
            // Spelled out: a bare nil would be JSON's null.
            return type.isNonNull ? JSON?.none : JSON?.some(.null)
        }

        /// Nil when null is not allowed there and has to go up.
        private func complete(_ resolved: Resolved, _ type: TypeReference, _ fields: [Field]) -> JSON? {
            switch (type, resolved) {
            case (.nonNull(let inner), _):
                guard let value = complete(resolved, inner, fields) else { return nil }
                guard value == .null else { return value }
                // What failed below has said so already.
                let isKnown = errors.contains { $0.path.starts(with: path) }
                return isKnown ? JSON?.none : failed(ours("null is no \(type.text)"), type, fields.first?.location)
            case (_, .json(.null)): return .null
            case (.list(let inner), .list(let elements)): return list(elements, inner, fields)
            case (.list(let inner), .json(.array(let elements))):
                return list(elements.map(Resolved.json), inner, fields)
            case (.named(let name), .json(let value)):
                guard let type = prepared.schema.types[name], !type.isComposite, let leaf = Self.leaf(value, type)
                else {
                    return failed(ours("\(value.kindName) is no \(name)"), .named(name), fields.first?.location)
                }
                return leaf
            case (.named(let name), .node(let node)):
                guard prepared.schema.possibleTypes(of: name).contains(node.typeName) else {
                    return failed(ours("\(node.typeName) is no \(name)"), .named(name), fields.first?.location)
                }
                return object(node, fields)
            case (.list, _), (.named, .list):
                return failed(ours("a list where none belongs"), type, fields.first?.location)
            }
        }

        private func list(_ elements: [Resolved], _ type: TypeReference, _ fields: [Field]) -> JSON? {
            var values: [JSON] = []
            values.reserveCapacity(elements.count)
            for (index, element) in elements.enumerated() {
                path.append(.number(index))
                let value = complete(element, type, fields)
                path.removeLast()
                guard let value else { return .null }
                values.append(value)
            }
            return .array(values)
        }

        private func object(_ node: any Node, _ parents: [Field]) -> JSON? {
            let schema = prepared.schema
            guard let groups = try? collector.fields(parents.map(\.selections), of: node.typeName) else { return .null }
            var object = JSON.Object()
            for (name, fields) in groups {
                guard let field = fields.first, let definition = schema.field(field.name, of: node.typeName) else {
                    continue
                }
                fieldCount += 1
                path.append(.string(name))
                let value = value(of: field, definition, fields, node)
                path.removeLast()
                guard let value else { return .null }
                object[name] = value
            }
            return .object(object)
        }

        private func value(of field: Field, _ definition: FieldDefinition, _ fields: [Field], _ node: any Node) -> JSON?
        {
            if field.name == "__typename" { return .string(node.typeName) }
            do throws(Fault) {
                guard fieldCount <= Self.mostFields else { throw Fault("The answer has too many fields.") }
                let arguments = try prepared.schema.arguments(
                    field.arguments,
                    for: definition.arguments,
                    prepared.variables
                )
                return complete(try node.resolve(field.name, arguments), definition.type, fields)
            } catch {
                return failed(error, definition.type, field.location)
            }
        }

        /// What a resolver of ours got wrong.
        private func ours(_ problem: String) -> Fault {
            Fault("Internal server error: the simulator answers wrongly: \(problem)")
        }

        private static func leaf(_ value: JSON, _ type: TypeDefinition) -> JSON? {
            if type.kind == .enumeration {
                if case .string(let name) = value, type.values.contains(name) { return value }
                return nil
            }
            switch (type.name, value) {
            case ("Int", .number(let number)) where number.int.flatMap { Int32(exactly: $0) } != nil: return value
            case ("ID", .number(let number)): return .string(number.text)
            case ("Float", .number), ("String", .string), ("ID", .string), ("Boolean", .bool), ("Date", .string),
                ("ISO8601DateTime", .string):
                return value
            case ("Int", _), ("Float", _), ("String", _), ("ID", _), ("Boolean", _), ("Date", _),
                ("ISO8601DateTime", _):
                return nil
            default: return value
            }
        }
    }
}
