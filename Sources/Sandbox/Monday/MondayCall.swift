import Core
import Transport

/// What one request knows: the account, the scans, and how it is to be refused as a whole when a field demands that.
@OnLoop final class MondayCall {
    let account: MondayAccount
    let scans: MondayScans
    let hooks: MondayHooks
    let imports: MondayImports
    /// Where the simulator is.
    let address: String
    let user: Int
    /// What is left of the minute's complexity before this request, and what it is thought to cost.
    var complexity: (before: Int, cost: Int, resetSeconds: Int) = (0, 0, 60)
    var version = ""
    var dailyLimit = 0
    var dailyUsage: [(day: Day, calls: Int)] = []
    /// An answer in a shape of its own, which takes the place of what was found.
    var legacyRefusal: JSON?

    init(
        account: MondayAccount,
        scans: MondayScans,
        hooks: MondayHooks,
        imports: MondayImports,
        address: String
    ) {
        self.account = account
        self.scans = scans
        self.hooks = hooks
        self.imports = imports
        self.address = address
        user = account.ownUser
    }
}

/// An object without behaviour: its fields are known, or found when they are asked for.
@OnLoop struct MondayRecord: GraphQL.Node {
    let typeName: String
    let fields: JSON.Object
    var nodes: [String: () throws(GraphQL.Fault) -> GraphQL.Resolved] = [:]

    init(
        _ typeName: String,
        _ fields: JSON.Object,
        nodes: [String: () throws(GraphQL.Fault) -> GraphQL.Resolved] = [:]
    ) {
        self.typeName = typeName
        self.fields = fields
        self.nodes = nodes
    }

    func resolve(_ field: String, _ arguments: JSON.Object) throws(GraphQL.Fault) -> GraphQL.Resolved {
        if let node = nodes[field] { return try node() }
        return fields[field].map { .json($0) } ?? MondaySchema.nothing(in: field, of: typeName)
    }
}

extension MondaySchema {
    /// What stands in a field that the simulator knows nothing of: null, or the least that is allowed there.
    @OnLoop static func nothing(in field: String, of type: String) -> GraphQL.Resolved {
        guard case .nonNull(let inner)? = schema.field(field, of: type)?.type else { return .null }
        switch inner {
        case .list: return .list([])
        case .named("Int"), .named("Float"): return .json(.number(0))
        case .named("Boolean"): return .json(false)
        case .named("String"), .named("ID"): return .json("")
        case .named, .nonNull: return .null
        }
    }
}

extension JSON.Object {
    func string(_ name: String) -> String? {
        if case .string(let text)? = self[name] { text } else { nil }
    }

    func int(_ name: String) -> Int? {
        if case .number(let number)? = self[name] { number.int } else { nil }
    }

    func bool(_ name: String) -> Bool? {
        if case .bool(let value)? = self[name] { value } else { nil }
    }

    func list(_ name: String) -> [JSON]? {
        if case .array(let elements)? = self[name] { elements } else { nil }
    }

    func object(_ name: String) -> JSON.Object? {
        if case .object(let object)? = self[name] { object } else { nil }
    }

    func strings(_ name: String) -> [String]? {
        list(name)?.compactMap { if case .string(let text) = $0 { text } else { nil } }
    }

    func ids(_ name: String) -> [Int]? {
        list(name)?.compactMap(MondayAccount.number)
    }
}
