import Core
import Store
import Transport

/// `records`: the records of a connection, with what became of each.
enum RecordsCommand {
    static let command = Command(
        name: "records",
        arguments: "TENANT/NAME",
        summary: "show a connection's records: what waits, what is parked and why, what is in step",
        flags: [
            CommandTable.data, CommandTable.json, Flag("route", "ROUTE", "of one route only"),
            Flag("parked", nil, "only those that wait for a person"),
            Flag("name", "TEXT", "the record's id or number, or its item's id"),
            Flag("limit", "N", "so many at most", usually: "100"),
        ]
    ) { arguments in
        let (tenant, name) = try ConnectionCommand.names(arguments.words.first)
        let limit = try arguments.integer("limit", in: 1...10_000) ?? 100
        let folder = try DataFolder(arguments.data, firstUser: nil)
        let control = try await SQLiteControlPlane.open(folder.control)
        let connection = try await control.known(tenant, name)
        await control.close()
        var query = RecordQuery(route: arguments["route"], name: arguments["name"], limit: limit)
        query.parked = arguments.has("parked")
        let store = try await TenantVisit.open(tenant, in: folder)
        let records = try await store?.records(query, for: connection.number) ?? []
        await store?.close()
        if arguments.has("json") {
            for record in records { Terminal.print(json(record).text()) }
        } else {
            Terminal.print(text(records, limit: limit))
        }
        return .done
    }

    private static func text(_ records: [RecordFacts], limit: Int) -> String {
        guard !records.isEmpty else { return "no such records" }
        var rows = [["NUMBER", "RECORD", "ROUTE", "ITEM", "STATE", "WRITTEN AT", "REASON"]]
        for record in records {
            rows.append([
                remark(record.link?.number ?? "-"), remark(record.key), remark(record.route),
                remark(record.link?.target ?? "-"), state(record),
                record.link.map { timeText($0.writtenMilliseconds) } ?? "-", remark(record.reason ?? ""),
            ])
        }
        let more = records.count < limit ? "" : "\n\nThere may be more: --limit, or --name for one."
        return Terminal.table(rows) + more
    }

    private static func state(_ record: RecordFacts) -> String {
        if record.isParked { return "parked" }
        if record.isWaiting { return record.attempts > 0 ? "waiting, tried \(record.attempts)x" : "waiting" }
        return record.link?.state == .archived ? "archived" : "in step"
    }

    private static func json(_ record: RecordFacts) -> JSON {
        var object = JSON.Object()
        object["route"] = .string(record.route)
        object["record"] = .string(record.key)
        object["state"] = .string(
            record.isParked
                ? "parked" : record.isWaiting ? "waiting" : record.link?.state == .archived ? "archived" : "in step"
        )
        object["attempts"] = .number(record.attempts)
        object["reason"] = record.reason.map { .string($0) } ?? .null
        if let link = record.link {
            object["number"] = .string(link.number)
            object["item"] = .string(link.target)
            object["writtenAt"] = .string(timeText(link.writtenMilliseconds))
            object["values"] = .object(link.values)
        }
        return .object(object)
    }
}
