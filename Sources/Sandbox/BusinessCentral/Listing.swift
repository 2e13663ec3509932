import Core

extension BusinessCentralSimulator {
    /// One page of a list, and where the next begins.
    ///
    /// There is no snapshot behind it. The next page begins after the place of the last row: a row that has moved
    /// meanwhile is seen twice or, in a list sorted otherwise, not at all.
    struct Listing {
        var rows: [Row] = []
        var nextToken: String?
        /// Of all that fit, where it was asked for.
        var count: Int?

        /// `all` are in the order that the query asks for.
        init(sorted all: [Row], _ type: EntityType, _ query: Query, pageSize: Int) throws(Refusal) {
            let order = RowOrder(query.ordering)
            func fits(_ row: Row) -> Bool { query.filter?.holds(for: row.values) ?? true }
            if query.counts { count = all.count(where: fits) }
            var start = query.firstPlace(in: all)
            var skipped = query.skip
            if let text = query.skipToken {
                guard let token = order.token(text, type) else {
                    throw .badURL("The skip token is not valid.", rule: "bad skiptoken")
                }
                start = max(start, all.firstIndex(notBefore: { order.compare($0, token) <= 0 }))
                skipped = 0
            }
            let most = min(query.top ?? pageSize, pageSize)
            for row in all[start...] where fits(row) {
                if skipped > 0 {
                    skipped -= 1
                } else if rows.count < most {
                    rows.append(row)
                } else {
                    // With $top the vendor gives no link beyond it.
                    if query.top == nil, let last = rows.last { nextToken = order.token(of: last) }
                    break
                }
            }
        }
    }
}

extension BusinessCentralSimulator.Query {
    /// A list in the order of what its filter begins with need not be looked at from its start.
    fileprivate func firstPlace(in rows: [BusinessCentralSimulator.Row]) -> Int {
        guard let first = ordering.first, !first.isDescending, let least = filter?.least(at: first.place) else {
            return 0
        }
        return rows.firstIndex(notBefore: { ($0.values[first.place].compared(to: least) ?? 0) < 0 })
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
