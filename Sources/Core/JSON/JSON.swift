/// A small JSON document in memory: a setting, a token, an error answer. Pages of records are read by `JSONReader`.
///
/// Nothing is lost on the way through: members keep their order, numbers the text they came in. Strings and names are
/// equal when their bytes are; Swift would also call two spellings of an accented letter equal.
package enum JSON: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(Number)
    case string(String)
    case array([JSON])
    case object(Object)

    /// A number as it is written. It never passes through a `Double`, so 0.10 stays 0.10.
    package struct Number: Sendable, Equatable {
        package let text: String

        /// For readers that have checked the grammar.
        init(checked text: String) {
            self.text = text
        }

        package init(_ value: Int) {
            text = "\(value)"
        }

        package init(_ value: Decimal) {
            text = value.text
        }

        package var int: Int? { decimal?.int }
        package var decimal: Decimal? { Decimal(text) }
    }

    package static func == (a: JSON, b: JSON) -> Bool {
        switch (a, b) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.number(let a), .number(let b)): a == b
        case (.string(let a), .string(let b)): haveSameBytes(a, b)
        case (.array(let a), .array(let b)): a == b
        case (.object(let a), .object(let b)): a == b
        case (.null, _), (.bool, _), (.number, _), (.string, _), (.array, _), (.object, _): false
        }
    }

    package static func number(_ value: Int) -> JSON { .number(Number(value)) }
    package static func number(_ value: Decimal) -> JSON { .number(Number(value)) }

    /// What it is, for messages: the value itself may be a secret.
    package var kindName: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int) { self = .number(Number(value)) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: JSON...) { self = .array(elements) }
    package init(nilLiteral: ()) { self = .null }

    /// A literal that names a member twice keeps the place of the first and the value of the last.
    package init(dictionaryLiteral elements: (String, JSON)...) {
        var object = Object()
        for (name, value) in elements { object[name] = value }
        self = .object(object)
    }
}
