import Core

/// How the connection's file says what a label asks for.
///
///     "Approved": { do: "release" }
///     "OK": { do: "mark", field: "On_Hold", value: "" }
///     "Approve in NAV": { do: "approve", service: "PurchaseInvoice", function: "ApproveDocument" }
///     "Approve": { do: "approve" }
///     "Accrue": {
///         do: "journalLine", template: "GENERAL", batch: "MLCONN", account: "6110", balancingAccount: "2910",
///         amount: "amount", text: "{number} {vendorName}", dimensions: { DEPARTMENT: "{dimension1}" },
///     }
extension BookAction {
    private static let words = "\"release\", \"reopen\", \"post\", \"approve\", \"mark\" or \"journalLine\""

    init(_ field: JSONField) throws {
        guard case .object = field.value else {
            throw field.wrong("expected what it asks for, such as { do: \"release\" }; do is \(Self.words)")
        }
        switch try field["do"].string() {
        case "release": self = try Self.plain(.release, field)
        case "reopen": self = try Self.plain(.reopen, field)
        case "post": self = try Self.plain(.post, field)
        case "approve":
            try field.allowOnly(["do", "service", "function"])
            // Where the books have one function for that, in their own part of the file, it need not be named again.
            let function = try field["function"].orNil?.name() ?? ""
            guard !NavFunctions.isDangerous(function) else {
                throw field["function"].wrong(
                    "\(function) acts on every request in the filter of the record it is given, and could approve other "
                        + "documents: publish a function of your own that filters on this one document, and name that"
                )
            }
            let service = try field["service"].orNil?.name() ?? ""
            guard !function.isEmpty || service.isEmpty else {
                throw field["function"].wrong("missing; expected the function of the service \(service)")
            }
            self = .approve(service: service, function: function)
        case "mark":
            try field.allowOnly(["do", "field", "value"])
            let value = field["value"]
            switch value.value {
            case .string, .number, .bool, .null: break
            case .array, .object, nil:
                throw value.wrong("expected what the field gets: a text, a number, true or false")
            }
            self = .mark(field: try field["field"].name(), value: value.value ?? .null)
        case "journalLine": self = .journalLine(try JournalTemplate(field))
        default: throw field["do"].wrong("expected \(Self.words)")
        }
    }

    private static func plain(_ action: BookAction, _ field: JSONField) throws -> BookAction {
        try field.allowOnly(["do"])
        return action
    }

    /// The fields of a record that it is made of.
    var fields: [String] {
        switch self {
        case .release, .reopen, .post, .approve: []
        case .mark(let field, _): [field]
        case .journalLine(let template): template.fields
        }
    }
}

extension JournalTemplate {
    private static let usualAccountType = "G/L Account"

    fileprivate init(_ field: JSONField) throws {
        try field.allowOnly([
            "do", "template", "batch", "accountType", "account", "balancingAccountType", "balancingAccount", "amount",
            "negative", "text", "dimensions",
        ])
        let balancing = field["balancingAccount"].orNil
        if balancing == nil, let type = field["balancingAccountType"].orNil {
            throw type.wrong("there is no balancingAccount that it could be the type of")
        }
        var dimensions: [String: TextTemplate] = [:]
        for (code, value) in try field["dimensions"].orNil?.members() ?? [] {
            guard (1...20).contains(code.utf8.count) else { throw value.wrong("a dimension's code has 1 to 20 bytes") }
            dimensions[code] = try value.template()
        }
        self.init(
            template: try field["template"].name(),
            batch: try field["batch"].name(),
            accountType: try field["accountType"].orNil?.name() ?? Self.usualAccountType,
            account: try field["account"].template(),
            balancingAccountType: try balancing.map { _ in
                try field["balancingAccountType"].orNil?.name() ?? Self.usualAccountType
            },
            balancingAccount: try balancing?.template(),
            amountField: try field["amount"].name(),
            isNegative: try field["negative"].orNil?.bool() ?? false,
            text: try field["text"].template(),
            dimensions: dimensions
        )
    }

    /// In the order in which they are named, each once.
    var fields: [String] {
        var seen: Set<String> = []
        let templates =
            [account, balancingAccount, text].compactMap { $0 }
            + dimensions.sorted { $0.key < $1.key }.map(\.value)
        return ([amountField] + templates.flatMap(\.fields)).filter { seen.insert($0).inserted }
    }
}

extension JSONField {
    fileprivate func name() throws -> String {
        let text = try string()
        guard (1...250).contains(text.utf8.count) else { throw wrong("expected a name of 1 to 250 bytes") }
        return text
    }

    fileprivate func template() throws -> TextTemplate {
        let text = try string()
        guard (1...1_000).contains(text.utf8.count), let template = TextTemplate(text) else {
            throw wrong("expected words with fields in braces, such as \"{number} of {vendorName}\"")
        }
        return template
    }
}
