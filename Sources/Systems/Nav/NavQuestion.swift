import Core

extension Nav {
    /// A query as OData asks it: one question, or several where a list of values is too long for an address.
    struct Question: Sendable, Equatable {
        /// What the options behind the question mark are, for each part.
        var parts: [[String]]

        /// Names have been found in the catalog before, so all of them are safe.
        init(_ query: Query, service: Catalog.Service, expanding way: String?, at base: String) throws(CallError) {
            var fixed: [String] = []
            let select = query.select.isEmpty ? [] : service.key + query.select.filter { !service.key.contains($0) }
            if !select.isEmpty { fixed.append("$select=" + select.map { URLText.encoded($0) }.joined(separator: ",")) }
            if !query.order.isEmpty {
                fixed.append("$orderby=" + URLText.encoded(query.order.joined(separator: ","), keeping: ","))
            }
            if let way { fixed.append("$expand=" + URLText.encoded(way)) }
            let room = Limits.longestURL - base.utf8.count - 1
            parts = try Self.parts(of: query.filter, service, fixed, room: room)
        }

        /// One for each piece of the longest list in the filter that fits. At least one value goes into each.
        private static func parts(
            of filter: Filter?,
            _ service: Catalog.Service,
            _ fixed: [String],
            room: Int
        ) throws(CallError) -> [[String]] {
            guard let filter else { return [fixed] }
            let conditions = filter.conditions
            var longest: Int?
            var most = 0
            for (index, condition) in conditions.enumerated() {
                guard case .anyOf(_, let values) = condition else { continue }
                // Nothing is one of no values.
                if values.isEmpty { return [] }
                if values.count > most { (longest, most) = (index, values.count) }
            }
            func options(_ conditions: [Filter]) throws(CallError) -> [String] {
                var texts: [String] = []
                for condition in conditions { texts.append(try condition.odata(service)) }
                return ["$filter=" + URLText.encoded(texts.joined(separator: " and "))] + fixed
            }
            func fits(_ options: [String]) -> Bool { options.joined(separator: "&").utf8.count <= room }
            let whole = try options(conditions)
            guard !fits(whole), let longest, case .anyOf(let field, let values) = conditions[longest] else {
                return [whole]
            }

            var parts: [[String]] = []
            var rest = values[...]
            while !rest.isEmpty {
                var count = rest.count
                while true {
                    var conditions = conditions
                    conditions[longest] = .anyOf(field, Array(rest.prefix(count)))
                    let part = try options(conditions)
                    guard count > 1, !fits(part) else {
                        parts.append(part)
                        break
                    }
                    count /= 2
                }
                rest = rest.dropFirst(count)
            }
            return parts
        }
    }

    /// Where in a query's pages somebody is: which of its parts, and the server's own word for the next page of it.
    struct Cursor: Sendable, Equatable {
        var part: Int
        var place: String?

        init(part: Int, place: String? = nil) {
            self.part = part
            self.place = place
        }

        init?(_ text: String) {
            let words = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
            guard let first = words.first, let part = Int(first), 0...1_000_000 ~= part else { return nil }
            self.part = part
            place = words.count > 1 ? String(words[1]) : nil
        }

        var text: String { place.map { "\(part) \($0)" } ?? "\(part)" }

        static let unknown = CallError(
            .lookAgain,
            Nav.name,
            .expired,
            "the place in the list is not known any more; the list is read from its beginning"
        )
    }
}

extension Nav.Filter {
    /// Those that all have to hold, one beside the other.
    var conditions: [Nav.Filter] {
        switch self {
        case .all(let filters): filters.flatMap(\.conditions)
        case .equals, .anyOf, .atLeast, .moreThan: [self]
        }
    }

    /// The fields that it asks about.
    var fields: [String] {
        conditions.compactMap { condition in
            switch condition {
            case .equals(let field, _), .anyOf(let field, _), .atLeast(let field, _), .moreThan(let field, _): field
            case .all: nil
            }
        }
    }

    fileprivate func odata(_ service: Nav.Catalog.Service) throws(CallError) -> String {
        func literal(_ field: String, _ value: JSON) throws(CallError) -> String {
            try Nav.literal(value, field: field, type: service.properties[field]?.type)
        }
        switch self {
        case .equals(let field, let value): return "\(field) eq \(try literal(field, value))"
        case .atLeast(let field, let value): return "\(field) ge \(try literal(field, value))"
        case .moreThan(let field, let value): return "\(field) gt \(try literal(field, value))"
        case .anyOf(let field, let values):
            var texts: [String] = []
            for value in values { texts.append("\(field) eq \(try literal(field, value))") }
            return texts.count == 1 ? texts[0] : "(" + texts.joined(separator: " or ") + ")"
        case .all(let filters):
            var texts: [String] = []
            for filter in filters { texts.append(try filter.odata(service)) }
            return texts.joined(separator: " and ")
        }
    }
}

extension Nav {
    /// A value as it stands in a key or a filter of OData V4.
    static func literal(_ value: JSON, field: String, type: String?) throws(CallError) -> String {
        guard let text = plainText(value) else { throw incomparable(field, type) }
        switch type {
        case "Edm.Date", "Edm.DateTimeOffset", "Edm.TimeOfDay", "Edm.Guid", "Edm.Duration":
            guard !text.isEmpty, text.utf8.allSatisfy(isOfWord) else { throw incomparable(field, type) }
            return text
        case "Edm.Decimal", "Edm.Double", "Edm.Byte", "Edm.Int16", "Edm.Int32", "Edm.Int64":
            guard Decimal(text) != nil else { throw incomparable(field, type) }
            return text
        case "Edm.Boolean":
            guard ["true", "false"].contains(text) else { throw incomparable(field, type) }
            return text
        case .some, nil: return Address.literal(text)
        }
    }

    private static func incomparable(_ field: String, _ type: String?) -> CallError {
        CallError(
            .skipRecord,
            name,
            .validation,
            "the field \(field) cannot be compared with this value: it is "
                + (type.map { "of the type \($0)" } ?? "a text")
        )
    }

    /// What dates, times and ids are made of, and nothing that could go on behind them.
    private static func isOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: "."),
            UInt8(ascii: "+"):
            true
        default: false
        }
    }

    /// Of a value that has one; null stands for an empty text.
    static func plainText(_ value: JSON) -> String? {
        switch value {
        case .null: ""
        case .bool(let value): value ? "true" : "false"
        case .number(let number): number.text
        case .string(let text): text
        case .array, .object: nil
        }
    }
}
