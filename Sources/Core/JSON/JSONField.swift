/// A place in a document, which knows its path: `limits.monday.mutationsPerMinute: expected a number`.
///
/// Going to a place never fails; asking what stands there does, and says where.
package struct JSONField: Sendable {
    /// What a document should have held, and where; it shows nothing of the document's values.
    package struct Wrong: Error, Sendable, Equatable, CustomStringConvertible {
        package let path: String
        package let problem: String

        package var description: String { "\(path): \(problem)" }
    }

    /// Empty for the document itself.
    package let path: String
    /// `nil` where the document has nothing.
    package let value: JSON?

    package init(_ document: JSON) {
        self.init(path: "", value: document)
    }

    private init(path: String, value: JSON?) {
        self.path = path
        self.value = value
    }

    package subscript(name: String) -> JSONField {
        let value: JSON? = if case .object(let object) = value { object[name] } else { nil }
        return JSONField(path: path.isEmpty ? name : "\(path).\(name)", value: value)
    }

    package subscript(index: Int) -> JSONField {
        let value: JSON? =
            if case .array(let elements) = value, elements.indices.contains(index) { elements[index] } else { nil }
        return JSONField(path: "\(path)[\(index)]", value: value)
    }

    /// The field itself, or `nil` where there is nothing or null: `try field["poll"].orNil?.string()`.
    package var orNil: JSONField? {
        value == nil || value == .null ? nil : self
    }

    package func string() throws(Wrong) -> String {
        guard case .string(let text) = value else { throw expected("a string") }
        return text
    }

    package func bool() throws(Wrong) -> Bool {
        guard case .bool(let value) = value else { throw expected("true or false") }
        return value
    }

    package func int(in range: ClosedRange<Int> = Int.min...Int.max) throws(Wrong) -> Int {
        guard case .number(let number) = value else { throw expected("a number") }
        guard let int = number.int else { throw expected("a whole number") }
        guard range.contains(int) else {
            throw wrong("expected a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return int
    }

    package func decimal() throws(Wrong) -> Decimal {
        guard case .number(let number) = value else { throw expected("a number") }
        guard let decimal = number.decimal else {
            throw expected("a number of at most \(Decimal.maxDigits) digits")
        }
        return decimal
    }

    package func elements() throws(Wrong) -> [JSONField] {
        guard case .array(let elements) = value else { throw expected("an array") }
        return elements.indices.map { self[$0] }
    }

    /// The members in their order, each with its name.
    package func members() throws(Wrong) -> [(name: String, field: JSONField)] {
        guard case .object(let object) = value else { throw expected("an object") }
        return object.members.map { ($0.name, self[$0.name]) }
    }

    /// Refuses an object with other members than these: in a configuration they are spelling mistakes.
    package func allowOnly(_ names: Set<String>) throws(Wrong) {
        for (name, field) in try members() where !names.contains(name) {
            throw field.wrong("unknown name; known here: \(names.sorted().joined(separator: ", "))")
        }
    }

    /// An error about this field, for values that are well formed and make no sense.
    package func wrong(_ problem: String) -> Wrong {
        Wrong(path: path.isEmpty ? "the document" : path, problem: problem)
    }

    private func expected(_ what: String) -> Wrong {
        guard let value else { return wrong("missing; expected \(what)") }
        return wrong("expected \(what)" + (value.kindName == what ? "" : ", found \(value.kindName)"))
    }
}
