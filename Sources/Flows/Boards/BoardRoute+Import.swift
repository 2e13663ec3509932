import Core
import Engine
import Systems
import Transport

/// A first load by Monday's bulk import: a handful of calls for thousands of items, where one by one they would take days
/// of a small plan. What the vendor says of it nobody has tried for long, so a connection has to ask for it.
extension BoardRoute: ImportingRoute {
    nonisolated var mostRows: Int { Monday.ImportSheet.mostRows }
    nonisolated var looksEvery: Duration { .seconds(5) }

    func importable(_ values: JSON.Object, of key: String) -> JSON.Object? {
        guard let fitted, firstGroup != nil else { return nil }
        var sheet = Monday.ImportSheet(fitted.columns.map(\.column))
        guard sheet.add(values) else { return nil }
        var held = JSON.Object()
        // What is empty need not be told of a new item.
        for member in values.members where sheet.holds(member.name) || member.value == .null {
            held[member.name] = member.value
        }
        return held
    }

    func beginImport(_ rows: [ImportRow], idempotencyKey: String, lane: Lane) async throws -> ImportBegun {
        try await prepare()
        guard let fitted, let keyColumn, let group = mapping.group ?? firstGroup else {
            throw CallError(.lookAgain, Monday.name, .missing, "the board has no group to import into")
        }
        let company = try await source.company(lane: lane)
        var sheet = Monday.ImportSheet([keyColumn] + fitted.columns.map(\.column))
        for row in rows {
            var values = row.values
            values[keyColumn.id] = .string(externalKey(row.key, company))
            guard sheet.add(values) else {
                // The board has changed since its rows were gathered.
                throw CallError(.lookAgain, Monday.name, .expired, "a value does not fit the board's columns any more")
            }
        }
        let job = try await monday.startImport(
            into: mapping.board,
            group: group,
            matching: keyColumn.id,
            key: idempotencyKey,
            lane: lane
        )
        let (monday, finished) = (monday, sheet)
        return ImportBegun(job: job.id) { try await monday.upload(finished, of: job) }
    }

    func outcome(ofImport job: String, lane: Lane) async throws -> ImportOutcome {
        switch try await monday.importState(job, lane: lane) {
        case .notSent: return .notSent
        case .underWay: return .underWay
        case .failed(let words): return .failed(words)
        case .completed(let report):
            guard let report else { return .failed("Monday says that it is done, and nothing of what it did") }
            var made: [Int: String] = [:]
            var refused: [Int: String] = [:]
            for line in try await monday.importReport(at: report) {
                if let item = line.item, line.error.isEmpty {
                    made[line.row - 1] = item
                } else {
                    refused[line.row - 1] = line.error
                }
            }
            return .done(made: made, refused: refused)
        }
    }
}
