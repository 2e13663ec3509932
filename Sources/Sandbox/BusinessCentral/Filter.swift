import Core

extension BusinessCentralSimulator {
    /// A condition on a record: what `$filter` says, read and checked against the record's type.
    indirect enum Filter: Sendable {
        enum Comparison: String, Sendable {
            case eq, ne, gt, ge, lt, le
        }

        enum Match: String, Sendable {
            case contains, startswith, endswith
        }

        /// A property, or a text made of one.
        struct Operand: Sendable {
            enum Function: Sendable {
                case none, lower, upper
                case substring(from: Int, count: Int?)
            }
            var place: Int
            var function = Function.none

            var isPlain: Bool {
                if case .none = function { true } else { false }
            }
        }

        case and(Filter, Filter)
        case or(Filter, Filter)
        case not(Filter)
        case compare(Operand, Comparison, Value)
        case match(Match, Operand, String)

        func holds(for values: [Value]) -> Bool {
            switch self {
            case .and(let a, let b): a.holds(for: values) && b.holds(for: values)
            case .or(let a, let b): a.holds(for: values) || b.holds(for: values)
            case .not(let a): !a.holds(for: values)
            case .compare(let operand, let comparison, let wanted):
                operand.value(in: values).compared(to: wanted).map(comparison.holds) ?? false
            case .match(let match, let operand, let wanted):
                if case .string(let text) = operand.value(in: values) { match.holds(text, wanted) } else { false }
            }
        }

        var places: Set<Int> {
            switch self {
            case .and(let a, let b), .or(let a, let b): a.places.union(b.places)
            case .not(let a): a.places
            case .compare(let operand, _, _), .match(_, let operand, _): [operand.place]
            }
        }

        /// Whether no record without such a value at that place can fit: what lines need instead of a parent.
        func fixes(anyOf wanted: Set<Int>) -> Bool {
            switch self {
            case .and(let a, let b): a.fixes(anyOf: wanted) || b.fixes(anyOf: wanted)
            case .or(let a, let b): a.fixes(anyOf: wanted) && b.fixes(anyOf: wanted)
            case .compare(let operand, .eq, _): wanted.contains(operand.place)
            case .not, .compare, .match: false
            }
        }

        /// Values of which all that fit have one at a place, of the kinds that an index is worth having for.
        var fixed: (place: Int, values: Set<Value>)? {
            switch self {
            case .and(let a, let b): return a.fixed ?? b.fixed
            case .or(let a, let b):
                guard let (place, values) = a.fixed, let other = b.fixed, other.place == place else { return nil }
                return (place, values.union(other.values))
            case .compare(let operand, .eq, let value):
                return operand.isPlain ? Self.fixed(operand.place, value) : nil
            case .not, .compare, .match: return nil
            }
        }

        private static func fixed(_ place: Int, _ value: Value) -> (place: Int, values: Set<Value>)? {
            switch value {
            case .string, .guid: (place, [value])
            case .number, .flag, .day, .time: nil
            }
        }

        /// What nothing that fits lies below, at that place.
        func least(at place: Int) -> Value? {
            switch self {
            case .and(let a, let b): a.least(at: place) ?? b.least(at: place)
            case .compare(let operand, .ge, let value), .compare(let operand, .gt, let value),
                .compare(let operand, .eq, let value):
                operand.isPlain && operand.place == place ? value : nil
            case .or, .not, .compare, .match: nil
            }
        }
    }
}

extension BusinessCentralSimulator.Filter.Operand {
    func value(in values: [BusinessCentralSimulator.Value]) -> BusinessCentralSimulator.Value {
        let value = values[place]
        guard case .string(let text) = value else { return value }
        switch function {
        case .none: return value
        case .lower: return .string(text.lowercased())
        case .upper: return .string(text.uppercased())
        case .substring(let from, let count):
            let rest = text.dropFirst(from)
            return .string(String(count.map { rest.prefix($0) } ?? rest))
        }
    }
}

extension BusinessCentralSimulator.Filter.Comparison {
    func holds(_ order: Int) -> Bool {
        switch self {
        case .eq: order == 0
        case .ne: order != 0
        case .gt: order > 0
        case .ge: order >= 0
        case .lt: order < 0
        case .le: order <= 0
        }
    }
}

extension BusinessCentralSimulator.Filter.Match {
    func holds(_ text: String, _ wanted: String) -> Bool {
        switch self {
        case .startswith: text.hasPrefix(wanted)
        case .endswith: text.hasSuffix(wanted)
        case .contains: wanted.isEmpty || text.contains(wanted)
        }
    }
}
