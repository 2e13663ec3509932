import Core

extension BusinessCentralSimulator {
    /// How a list is sorted: by what was asked for, and by age where that leaves two rows equal.
    struct RowOrder: Sendable, Equatable {
        struct Token {
            var values: [Value]
            var sequence: Int
        }

        let ordering: [Query.Ordering]

        init(_ ordering: [Query.Ordering]) {
            self.ordering = ordering
        }

        func precedes(_ a: Row, _ b: Row) -> Bool {
            for key in ordering {
                let order = a.values[key.place].compared(to: b.values[key.place]) ?? 0
                if order != 0 { return (order < 0) != key.isDescending }
            }
            return a.sequence < b.sequence
        }

        func compare(_ row: Row, _ token: Token) -> Int {
            for (key, value) in zip(ordering, token.values) {
                let order = row.values[key.place].compared(to: value) ?? 0
                if order != 0 { return key.isDescending ? -order : order }
            }
            return row.sequence - token.sequence
        }

        func token(of row: Row) -> String {
            let values = ordering.map { row.values[$0.place].json }
            return Base64.text(of: JSON.array(values + [.number(row.sequence)]).bytes(), .url)
        }

        func token(_ text: String, _ type: EntityType) -> Token? {
            guard let bytes = Base64.bytes(of: text, .url), let document = try? JSON.parse(bytes.span),
                case .array(let elements) = document, elements.count == ordering.count + 1,
                case .number(let last)? = elements.last, let sequence = last.int
            else { return nil }
            var values: [Value] = []
            for (key, element) in zip(ordering, elements) {
                guard let value = Value(element, type.fields[key.place].kind) else { return nil }
                values.append(value)
            }
            return Token(values: values, sequence: sequence)
        }
    }
}

extension RandomAccessCollection where Index == Int {
    /// Where the first element stands that is not `before`; those that are come first.
    func firstIndex(notBefore isBefore: (Element) -> Bool) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = low + (high - low) / 2
            if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
