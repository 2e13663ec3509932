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
        try await makeLabels(for: rows, lane)
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

    /// An import makes no labels, so those that its rows need are made before it: a call for each column that lacks some.
    /// Where they cannot be made, the rows that need them are left to the writer, who can say why.
    private func makeLabels(for rows: [ImportRow], _ lane: Lane) async throws {
        guard let fitted else { return }
        var isOutdated = false
        for column in fitted.columns.map(\.column) where column.type == .status || column.type == .dropdown {
            let texts = Set(rows.flatMap { Self.labels(in: $0.values[column.id] ?? .null) })
            let missing = texts.filter { column.label($0) == nil }.sorted()
            guard !missing.isEmpty else { continue }
            isOutdated = true
            do {
                let labels = try column.labels(adding: missing)
                _ = try await monday.updateLabels(of: column, to: labels, on: mapping.board, lane: lane)
            } catch let error as CallError where error.remedy == .skipRecord || error.remedy == .lookAgain {
                log.warning("\(name): labels of the column “\(column.title)” were not made for an import: \(error)")
            }
        }
        if isOutdated { try await lookAgain() }
    }

    /// Those that a cell names by their texts: of the others it has the ids.
    private static func labels(in value: JSON) -> [String] {
        guard case .object(let cell) = value else { return [] }
        let field = JSONField(.object(cell))
        if let label = try? field["label"].string() { return [label] }
        return (try? field["labels"].elements().compactMap { try? $0.string() }) ?? []
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
