import Core

/// Finding lines among ten million: by the names that a line carries, which are columns of their own, and by its time,
/// which rises with its number.
extension SQLiteTenantStore {
    /// Times rise nearly: workers write side by side, and a clock may be set back. So far around the place where a time
    /// should be, lines are looked at one by one.
    private static let clockSlack = Duration.seconds(3_600)

    package func auditLines(_ query: AuditQuery) throws -> [AuditLine] {
        let database = try database
        let span = try span(of: query, in: database)
        var lines: [AuditLine] = []
        try database.each(
            "SELECT sequence, line, hash FROM audit WHERE \(Self.fitting(query)) ORDER BY sequence LIMIT ?7",
            .integer(span.lowerBound),
            .integer(span.upperBound),
            query.connection.map { .integer($0) } ?? .null,
            query.name.map { .text($0) } ?? .null,
            Self.text(query.since),
            Self.text(query.until),
            .integer(Int64(query.limit))
        ) { row in
            lines.append(AuditLine(sequence: row.integer(0), text: row.text(1), hash: row.bytes(2)))
        }
        return lines
    }

    package func auditPlace(beforeLast count: Int, of query: AuditQuery) throws -> Int64 {
        let database = try database
        let span = try span(of: query, in: database)
        let first = try database.first(
            """
            SELECT sequence FROM audit WHERE \(Self.fitting(query)) ORDER BY sequence DESC LIMIT 1 OFFSET ?7
            """,
            .integer(span.lowerBound),
            .integer(span.upperBound),
            query.connection.map { .integer($0) } ?? .null,
            query.name.map { .text($0) } ?? .null,
            Self.text(query.since),
            Self.text(query.until),
            .integer(Int64(max(count, 1) - 1))
        ) { $0.integer(0) }
        return first.map { $0 - 1 } ?? query.after
    }

    /// The part that only narrows is left out where nothing is asked, so that SQLite sees which index serves.
    private static func fitting(_ query: AuditQuery) -> String {
        var conditions = ["sequence >= ?1 AND sequence < ?2"]
        // Of a record there are a few lines, of a connection millions: its index must not be the way.
        if query.connection != nil { conditions.append("\(query.name == nil ? "" : "+")connection = ?3") }
        if query.name != nil {
            conditions.append(
                """
                record IN (SELECT ?4 UNION SELECT record FROM audit WHERE number = ?4
                    UNION SELECT record FROM audit WHERE item = ?4)
                """
            )
        }
        let time = "iif(json_valid(line), json_extract(line, '$.at'), NULL)"
        if query.since != nil { conditions.append("ifnull(\(time) >= ?5, 1)") }
        if query.until != nil { conditions.append("ifnull(\(time) < ?6, 1)") }
        return conditions.joined(separator: " AND ")
    }

    /// As it stands in a line.
    private static func text(_ time: WallTime?) -> Statement.Value {
        time.map { .text($0.text(fractionDigits: 3)) } ?? .null
    }

    // MARK: Times

    private func span(of query: AuditQuery, in database: Database) throws -> Range<Int64> {
        let first = query.after == .max ? .max : query.after + 1
        let low = try query.since.map { try firstLine(from: $0 - Self.clockSlack, in: database) } ?? first
        let high = try query.until.map { try firstLine(from: $0 + Self.clockSlack, in: database) } ?? .max
        let lowest = max(first, low)
        return lowest..<max(lowest, high)
    }

    /// Halves the numbers until it stands at the first line of that time.
    private func firstLine(from time: WallTime, in database: Database) throws -> Int64 {
        var low = try database.integer("SELECT min(sequence) FROM audit")
        var high = try database.integer("SELECT max(sequence) FROM audit") + 1
        let text = time.text(fractionDigits: 3)
        while low < high {
            let middle = low + (high - low) / 2
            let (number, isBefore) =
                try database.first(
                    """
                    SELECT sequence, json_extract(line, '$.at') < ?3 FROM audit
                    WHERE sequence >= ?1 AND sequence < ?2 AND json_valid(line) ORDER BY sequence LIMIT 1
                    """,
                    .integer(middle),
                    .integer(high),
                    .text(text)
                ) { ($0.integer(0), $0.integer(1) == 1) } ?? (high, false)
            if isBefore { low = number + 1 } else { high = middle }
        }
        return low
    }
}
