import Core

extension SQLiteTenantStore {
    package func liveLinks(
        of route: String,
        after key: String?,
        limit: Int,
        for connection: Int64
    ) throws -> [Link] {
        var links: [Link] = []
        try database.each(
            """
            SELECT key, target, number, state, written, fields, kept FROM link
            WHERE connection = ? AND route = ? AND key > ? AND state = 'live' ORDER BY key LIMIT ?
            """,
            .integer(connection),
            .text(route),
            .text(key ?? ""),
            .integer(Int64(limit))
        ) { row in links.append(try link(route, row.text(0), row, from: 1)) }
        return links
    }
}
