/// One thing in which the two sides of a route are not in step.
package struct Drift: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// A record without an item.
        case missing
        /// An item whose record is gone.
        case extra
        /// An item that holds other values than its record: somebody edited it, or a change was missed.
        case different
        /// One more item with the key of a record that has one.
        case duplicate
        /// An item with a record's key that our store knows nothing of, or knows another one for.
        case unlinked
    }

    package var kind: Kind
    package var key: String
    package var number: String
    package var item: String?
    /// Which fields differ.
    package var fields: [String]
    /// Whether something is done about it.
    package var isRepaired: Bool

    package init(
        _ kind: Kind,
        key: String,
        number: String,
        item: String? = nil,
        fields: [String] = [],
        isRepaired: Bool = false
    ) {
        self.kind = kind
        self.key = key
        self.number = number
        self.item = item
        self.fields = fields
        self.isRepaired = isRepaired
    }

    package init(_ line: JSON) throws {
        let field = JSONField(line)
        guard let kind = Kind(rawValue: try field["kind"].string()) else {
            throw field["kind"].wrong("expected a kind of drift")
        }
        self.kind = kind
        key = try field["record"].string()
        number = try field["number"].string()
        item = try field["item"].orNil?.string()
        fields = []
        for name in try field["fields"].orNil?.elements() ?? [] { fields.append(try name.string()) }
        isRepaired = try field["repaired"].bool()
    }

    package var json: JSON {
        var line = JSON.Object()
        line["kind"] = .string(kind.rawValue)
        line["record"] = .string(key)
        line["number"] = .string(number)
        line["item"] = item.map { .string($0) }
        if !fields.isEmpty { line["fields"] = .array(fields.map { .string($0) }) }
        line["repaired"] = .bool(isRepaired)
        return .object(line)
    }
}
