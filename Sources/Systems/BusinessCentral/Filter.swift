import Core

extension BusinessCentral {
    /// Which records of an entity set are meant: those that meet every condition.
    ///
    /// It is asked of the server where all records are read, and looked at here where single ones are: a record that was
    /// known has to be seen leaving, which a server that filters would hide.
    package struct Filter: Sendable, Equatable {
        package struct Condition: Sendable, Equatable {
            package enum Test: Sendable, Equatable {
                /// One of these; never empty.
                case anyOf([JSON])
                case noneOf([JSON])
                case atLeast(JSON)
                case atMost(JSON)
            }

            package var field: String
            package var test: Test

            package init(_ field: String, _ test: Test) {
                self.field = field
                self.test = test
            }
        }

        package var conditions: [Condition]

        package init(_ conditions: [Condition]) {
            self.conditions = conditions
        }

        package var fields: [String] { conditions.map(\.field) }

        /// As the server reads it, of those conditions whose fields it has; nil where none are left.
        package func text(of entity: Entity?) -> String? {
            let words = conditions.compactMap { condition -> String? in
                guard isIdentifier(condition.field) else { return nil }
                let literal = { (value: JSON) in Self.literal(value, condition.field, entity) }
                switch condition.test {
                case .anyOf(let values):
                    // Of one field, which is the only "or" that the server takes.
                    let parts = values.map { "\(condition.field) eq \(literal($0))" }
                    return parts.count == 1 ? parts[0] : "(\(parts.joined(separator: " or ")))"
                case .noneOf(let values):
                    return values.map { "\(condition.field) ne \(literal($0))" }.joined(separator: " and ")
                case .atLeast(let value): return "\(condition.field) ge \(literal(value))"
                case .atMost(let value): return "\(condition.field) le \(literal(value))"
                }
            }
            return words.isEmpty ? nil : words.joined(separator: " and ")
        }

        /// Whether a record meets all of them. `value` gives its fields.
        package func holds(_ value: (String) -> JSON) -> Bool {
            conditions.allSatisfy { condition in
                let value = value(condition.field)
                switch condition.test {
                case .anyOf(let wanted): return wanted.contains { Self.order(value, $0) == 0 }
                case .noneOf(let unwanted): return !unwanted.contains { Self.order(value, $0) == 0 }
                case .atLeast(let least): return Self.order(value, least).map { $0 >= 0 } ?? false
                case .atMost(let most): return Self.order(value, most).map { $0 <= 0 } ?? false
                }
            }
        }

        /// Guids, numbers and dates stand as they are, everything else in quotes.
        private static func literal(_ value: JSON, _ field: String, _ entity: Entity?) -> String {
            guard case .string(let text) = value else { return value.text() }
            let isBare =
                isGUID(text) && (field == "id" || field.hasSuffix("Id"))
                || Day(text) != nil && field.hasSuffix("Date")
                || WallTime(text) != nil && (field.hasSuffix("DateTime") || field.hasSuffix("At"))
            if isBare { return text }
            let word = entity?.enumerations.contains(field) == true ? encodedMember(decodedMember(text)) : text
            return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
        }

        /// Negative where the first comes before the second; nil where they cannot be compared.
        private static func order(_ a: JSON, _ b: JSON) -> Int? {
            switch (plain(a), plain(b)) {
            case (.null, .null): return 0
            case (.bool(let a), .bool(let b)): return a == b ? 0 : a ? 1 : -1
            case (.number(let a), .number(let b)):
                guard let a = a.decimal, let b = b.decimal else { return nil }
                return a == b ? 0 : a < b ? -1 : 1
            case (.string(let a), .string(let b)):
                if let a = WallTime(a), let b = WallTime(b) { return a == b ? 0 : a < b ? -1 : 1 }
                return a == b ? 0 : a < b ? -1 : 1
            default: return nil
            }
        }

        /// As records hold it, whether somebody has written a member of an enumeration as people do or as the vendor does.
        private static func plain(_ value: JSON) -> JSON {
            guard case .string(let text) = value else { return isEmpty(value) ? .null : value }
            let word = JSON.string(decodedMember(text))
            return isEmpty(word) ? .null : word
        }
    }
}

extension BusinessCentral.Filter {
    /// `{ status: ["Draft", "Open"], vendorNumber: "10000", postingDate: { atLeast: "2026-01-01" }, blocked: { not: true } }`
    package init(_ field: JSONField) throws {
        conditions = try field.members().flatMap { name, field throws -> [Condition] in
            guard (1...100).contains(name.utf8.count) else { throw field.wrong("a field's name has 1 to 100 bytes") }
            guard case .object = field.value else {
                return [Condition(name, .anyOf(try Self.values(field)))]
            }
            try field.allowOnly(["not", "atLeast", "atMost"])
            var found: [Condition] = []
            if let unwanted = field["not"].orNil { found.append(Condition(name, .noneOf(try Self.values(unwanted)))) }
            if let least = field["atLeast"].orNil { found.append(Condition(name, .atLeast(try Self.value(least)))) }
            if let most = field["atMost"].orNil { found.append(Condition(name, .atMost(try Self.value(most)))) }
            guard !found.isEmpty else { throw field.wrong("expected not, atLeast or atMost") }
            return found
        }
        guard !conditions.isEmpty else { throw field.wrong("expected at least one field") }
        // The address of a question has an end.
        guard (text(of: nil)?.utf8.count ?? 0) <= 600 else { throw field.wrong("expected fewer or shorter values") }
    }

    private static func values(_ field: JSONField) throws -> [JSON] {
        guard case .array = field.value else { return [try value(field)] }
        let values = try field.elements().map(value)
        guard !values.isEmpty else { throw field.wrong("expected at least one value") }
        return values
    }

    private static func value(_ field: JSONField) throws -> JSON {
        switch field.value {
        case .string(let text)? where text.unicodeScalars.allSatisfy({ $0.value >= 0x20 }): return .string(text)
        case .number(let number)?: return .number(number)
        case .bool(let flag)?: return .bool(flag)
        case .string, .null, .array, .object, nil:
            throw field.wrong("expected a text on one line, a number, true or false")
        }
    }
}
