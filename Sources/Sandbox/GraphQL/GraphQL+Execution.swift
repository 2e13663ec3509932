import Core
import Transport

extension GraphQL {
    /// What a resolver found for a field.
    package enum Resolved {
        case json(JSON)
        case node(any Node)
        case list([Resolved])

        package static var null: Resolved { .json(.null) }
    }

    /// An object behind a field: it answers for the fields of its type.
    @OnLoop package protocol Node {
        var typeName: String { get }
        func resolve(_ field: String, _ arguments: JSON.Object) throws(Fault) -> Resolved
    }

    /// Where a query or mutation begins. Its fields run one after the other, in the order of the document.
    @OnLoop package protocol Root {
        func resolve(_ field: RootField) async throws(Fault) -> Resolved
    }

    /// One field at the top of an operation, as it is going to be called.
    package struct RootField: Sendable {
        package var name: String
        /// Its alias, or else its name.
        package var responseName: String
        package var arguments: JSON.Object
        package var location: Location
        var fields: [Field]
        var type: TypeReference
    }

    /// An operation that is valid, with its variables: ready to run.
    package struct Prepared: Sendable {
        package let kind: OperationKind
        package let name: String?
        /// `__typename` is not among them.
        package let rootFields: [RootField]
        let schema: Schema
        let document: Document
        let operation: Operation
        let variables: JSON.Object
    }
}

extension GraphQL.Schema {
    /// Picks the operation, and coerces variables and the arguments at the top.
    package func prepare(
        _ document: GraphQL.Document,
        operationName: String?,
        variables: JSON.Object
    ) throws(GraphQL.Fault) -> GraphQL.Prepared {
        let operations = document.operations.filter { operationName == nil || $0.name == operationName }
        guard let operation = operations.first else {
            throw GraphQL.Fault(
                operationName.map { "Unknown operation named \"\($0)\"." } ?? "Must provide an operation."
            )
        }
        guard operations.count == 1 else {
            throw GraphQL.Fault("Must provide operation name if query contains multiple operations.")
        }
        let variables = try coerce(variables, for: operation.variables)
        let collector = GraphQL.Collector(schema: self, document: document, variables: variables)
        let root = rootName(operation.kind) ?? queryName
        var fields: [GraphQL.RootField] = []
        for (name, group) in try collector.fields([operation.selections], of: root) {
            guard let first = group.first, first.name != "__typename", let definition = field(first.name, of: root)
            else { continue }
            fields.append(
                GraphQL.RootField(
                    name: first.name,
                    responseName: name,
                    arguments: try arguments(first.arguments, for: definition.arguments, variables),
                    location: first.location,
                    fields: group,
                    type: definition.type
                )
            )
        }
        return GraphQL.Prepared(
            kind: operation.kind,
            name: operation.name,
            rootFields: fields,
            schema: self,
            document: document,
            operation: operation,
            variables: variables
        )
    }
}

extension GraphQL {
    /// Finds the fields that a selection asks of one object type, fragments and directives applied.
    struct Collector: Sendable {
        let schema: Schema
        let variables: JSON.Object
        private let fragments: [String: Fragment]

        init(schema: Schema, document: Document, variables: JSON.Object) {
            self.schema = schema
            self.variables = variables
            fragments = Dictionary(document.fragments.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        }

        func fields(_ sets: [[Selection]], of type: String) throws(Fault) -> [(name: String, fields: [Field])] {
            var groups: [(name: String, fields: [Field])] = []
            var visited: Set<String> = []
            for set in sets { try collect(set, type, &groups, &visited) }
            return groups
        }

        private func collect(
            _ selections: [Selection],
            _ type: String,
            _ groups: inout [(name: String, fields: [Field])],
            _ visited: inout Set<String>
        ) throws(Fault) {
            for selection in selections {
                switch selection {
                case .field(let field):
                    guard try isIncluded(field.directives) else { continue }
                    if let index = groups.firstIndex(where: { $0.name == field.responseName }) {
                        groups[index].fields.append(field)
                    } else {
                        groups.append((field.responseName, [field]))
                    }
                case .spread(let spread):
                    guard try isIncluded(spread.directives), visited.insert(spread.name).inserted,
                        let fragment = fragments[spread.name], applies(fragment.typeName, to: type)
                    else { continue }
                    try collect(fragment.selections, type, &groups, &visited)
                case .inline(let inline):
                    guard try isIncluded(inline.directives), applies(inline.typeName ?? type, to: type) else {
                        continue
                    }
                    try collect(inline.selections, type, &groups, &visited)
                }
            }
        }

        private func applies(_ condition: String, to type: String) -> Bool {
            condition == type || schema.types[condition]?.possible.contains(type) == true
        }

        private func isIncluded(_ directives: [Directive]) throws(Fault) -> Bool {
            for directive in directives {
                let definitions = schema.directives[directive.name] ?? []
                let condition = try schema.arguments(directive.arguments, for: definitions, variables)["if"]
                if (directive.name == "skip") == (condition == .bool(true)) { return false }
            }
            return true
        }
    }
}
