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
            Flag("parked", nil, "only those that wait for a person, with what to do about each"),
            Flag("class", "KIND", "only those parked for that kind of failure: \(Parked.kinds)"),
            Flag("since", "TIME", "only those parked from then on, such as 2026-11-20 or 2026-11-20T10:00:00Z"),
            Flag("until", "TIME", "only those parked before then"),
            Flag("name", "TEXT", "the record's id or number, or its item's id"),
            Flag("limit", "N", "so many at most", usually: "100"),
        ]
    ) { arguments in
        let (tenant, name) = try ConnectionCommand.names(arguments.words.first)
        var query = RecordQuery(
            route: arguments["route"],
            parked: arguments.has("parked"),
            name: arguments["name"],
            limit: try arguments.integer("limit", in: 1...10_000) ?? 100
        )
        try query.narrow(by: arguments)
        let folder = try DataFolder(arguments.data, firstUser: nil)
        let control = try await SQLiteControlPlane.open(folder.control)
        let connection = try await control.known(tenant, name)
        await control.close()
        let store = try await TenantVisit.open(tenant, in: folder)
        let records = try await store?.records(query, for: connection.number) ?? []
        await store?.close()
        let isFull = records.count == query.limit
        if arguments.has("json") {
            for record in records { Terminal.print(json(record).text()) }
            if isFull { Terminal.complain("there may be more: --limit, or --name for one") }
        } else {
            Terminal.print(query.isOfParked ? Parked.text(records, of: "\(tenant)/\(name)") : text(records))
            if isFull { Terminal.print("\nThere may be more: --limit, or --name for one.") }
        }
        return .done
    }

    private static func text(_ records: [RecordFacts]) -> String {
        guard !records.isEmpty else { return "no such records" }
        var rows = [["NUMBER", "RECORD", "ROUTE", "ITEM", "STATE", "WRITTEN AT", "REASON"]]
        for record in records {
            rows.append([
                remark(record.link?.number ?? "-"), remark(record.key), remark(record.route),
                remark(record.link?.target ?? "-"), state(record),
                record.link.map { timeText($0.writtenMilliseconds) } ?? "-", remark(record.reason ?? ""),
            ])
        }
        return Terminal.table(rows)
    }

    private static func state(_ record: RecordFacts) -> String {
        record.isWaiting && record.attempts > 0 ? "waiting, tried \(record.attempts)x" : word(record)
    }

    private static func word(_ record: RecordFacts) -> String {
        if record.isParked { return "parked" }
        if record.isWaiting { return "waiting" }
        return record.link?.state == .archived ? "archived" : "in step"
    }

    static func json(_ record: RecordFacts) -> JSON {
        var object = JSON.Object()
        object["route"] = .string(record.route)
        object["record"] = .string(record.key)
        object["state"] = .string(word(record))
        object["attempts"] = .number(record.attempts)
        object["reason"] = record.reason.map { .string($0) } ?? .null
        if let parking = record.parking {
            object["class"] = .string(parking.kind)
            object["parkedAt"] = .string(timeText(parking.parkedMilliseconds))
            object["failingSince"] = .string(timeText(parking.failingSinceMilliseconds))
            object["cause"] = .string(parking.cause)
            object["nextStep"] = .string(Parked.nextStep(parking))
        }
        if let link = record.link {
            object["number"] = .string(link.number)
            object["item"] = .string(link.target)
            object["writtenAt"] = .string(timeText(link.writtenMilliseconds))
            object["values"] = .object(link.values)
        }
        return .object(object)
    }
}

extension RecordQuery {
    /// By what only parked records have.
    mutating func narrow(by arguments: Arguments) throws(UsageError) {
        let kind: CallError.Kind? = try arguments.choice("class")
        self.kind = kind?.rawValue
        sinceMilliseconds = try arguments.time("since").map { Int64($0.millisecondsSince1970) }
        untilMilliseconds = try arguments.time("until").map { Int64($0.millisecondsSince1970) }
    }
}

extension Arguments {
    func time(_ name: String) throws(UsageError) -> WallTime? {
        guard let text = self[name] else { return nil }
        guard let time = WallTime(text) ?? Day(text).map({ WallTime(startOf: $0) }) else {
            throw UsageError("--\(name) takes a time such as 2026-11-20 or 2026-11-20T10:00:00Z, not '\(text)'")
        }
        return time
    }
}
