import Core

extension BusinessCentralSimulator {
    /// One page of a list, and where the next begins.
    ///
    /// There is no snapshot behind it. The next page begins after the place of the last row: a row that has moved
    /// meanwhile is seen twice or, in a list sorted otherwise, not at all.
    struct Listing {
        var rows: [Row]
        var nextToken: String?
        /// Of all that fit, where it was asked for.
        var count: Int?

        init(_ all: some Collection<Row>, _ type: EntityType, _ query: Query, pageSize: Int) throws(Refusal) {
            var fitting = all.filter { row in query.filter?.holds(for: row.values) ?? true }
            count = query.counts ? fitting.count : nil
            let order = RowOrder(query.ordering)
            fitting.sort(by: order.precedes)
            var rest = fitting[...]
            if let text = query.skipToken {
                guard let token = order.token(text, type) else {
                    throw .badURL("The skip token is not valid.", rule: "bad skiptoken")
                }
                rest = rest.drop { order.compare($0, token) <= 0 }
            } else {
                rest = rest.dropFirst(query.skip)
            }
            rows = Array(rest.prefix(min(query.top ?? pageSize, pageSize)))
            // With $top the vendor gives no link beyond it.
            if query.top == nil, rows.count < rest.count, let last = rows.last { nextToken = order.token(of: last) }
        }
    }

    private struct RowOrder {
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

extension BusinessCentralSimulator.Value {
    /// Nil when the value is of another kind than the field; how long a text may be is not looked at.
    init?(_ json: JSON, _ kind: BusinessCentralSimulator.EntityType.Kind) {
        switch (kind, json) {
        case (.string, .string(let text)), (.choice, .string(let text)): self = .string(text)
        case (.guid, .string(let text)):
            guard let id = parsedGUID(text) else { return nil }
            self = .guid(id)
        case (.day, .string(let text)):
            guard let day = Day(text) else { return nil }
            self = .day(day)
        case (.time, .string(let text)):
            guard let time = WallTime(text) else { return nil }
            self = .time(time)
        case (.number, .number(let number)):
            guard let decimal = number.decimal else { return nil }
            self = .number(decimal)
        case (.integer, .number(let number)):
            guard let integer = number.int else { return nil }
            self = .number(Decimal(integer))
        case (.flag, .bool(let flag)): self = .flag(flag)
        default: return nil
        }
    }
}
