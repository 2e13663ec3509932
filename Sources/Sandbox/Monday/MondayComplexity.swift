import Core

/// What a question is thought to cost before it is answered: a point for each field, as often as lists may repeat it,
/// and 10,000 for each write.
struct MondayComplexity {
    private let operation: GraphQL.Prepared
    private let fragments: [String: GraphQL.Fragment]
    private var known: [String: Int] = [:]
    private static let perWrite = 10_000
    private static let most = 1_000_000_000

    static func estimate(_ operation: GraphQL.Prepared) -> Int {
        var complexity = MondayComplexity(operation)
        let root = operation.kind == .mutation ? "Mutation" : "Query"
        let writes = operation.kind == .mutation ? operation.rootFields.count * perWrite : 0
        return min(writes + complexity.cost(operation.operation.selections, of: root), most)
    }

    /// The same after the answer is known.
    static func actual(_ operation: GraphQL.Prepared, fields: Int) -> Int {
        fields + (operation.kind == .mutation ? operation.rootFields.count * perWrite : 0)
    }

    private init(_ operation: GraphQL.Prepared) {
        self.operation = operation
        fragments = Dictionary(
            operation.document.fragments.map { ($0.name, $0) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    private mutating func cost(_ selections: [GraphQL.Selection], of type: String) -> Int {
        var sum = 0
        for selection in selections {
            switch selection {
            case .field(let field):
                guard let definition = operation.schema.field(field.name, of: type) else { continue }
                let below = cost(field.selections, of: definition.type.name)
                let (product, overflow) = below.multipliedReportingOverflow(by: repeats(field, definition))
                sum += 1 + (overflow ? Self.most : min(product, Self.most))
            case .spread(let spread):
                if known[spread.name] == nil, let fragment = fragments[spread.name] {
                    known[spread.name] = 0
                    known[spread.name] = cost(fragment.selections, of: fragment.typeName)
                }
                sum += known[spread.name] ?? 0
            case .inline(let inline): sum += cost(inline.selections, of: inline.typeName ?? type)
            }
            sum = min(sum, Self.most)
        }
        return sum
    }

    /// A page's limit counts where the page is, not once more for the items in it.
    private func repeats(_ field: GraphQL.Field, _ definition: GraphQL.FieldDefinition) -> Int {
        let arguments =
            (try? operation.schema.arguments(field.arguments, for: definition.arguments, operation.variables))
        if let ids = arguments?.list("ids") { return max(ids.count, 1) }
        return max(arguments?.int("limit") ?? 1, 1)
    }
}
