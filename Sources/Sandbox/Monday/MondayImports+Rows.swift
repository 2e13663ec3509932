import Core

/// What becomes of each row of an import.
extension MondayImports {
    func carryOut(_ id: String, _ header: [String], _ rows: [[String]]) {
        guard var job = jobs[id] else { return }
        var known = known(job)
        for (place, row) in rows.enumerated() {
            let outcome = take(row, header, job, &known)
            switch outcome.status {
            case "created": job.counts.created += 1
            case "updated": job.counts.updated += 1
            case "skipped": job.counts.skipped += 1
            case "invalid": job.counts.invalid += 1
            default: job.counts.failed += 1
            }
            job.report.append(["\(place + 1)", outcome.status, outcome.item, outcome.error])
        }
        job.state = "COMPLETED"
        job.ended = account.clock.instant
        jobs[id] = job
    }

    /// By what is matched: which item has it, the oldest where several do.
    private func known(_ job: Job) -> [String: Int] {
        guard let match = job.match else { return [:] }
        var known: [String: Int] = [:]
        for item in job.board.items where item.state == .active {
            guard let text = text(of: item, match.column), known[text] == nil else { continue }
            known[text] = item.id
        }
        return known
    }

    private func text(of item: MondayItem, _ column: String) -> String? {
        if column == "name" { return item.name }
        guard let known = item.board.column(column) else { return nil }
        return item.cells[column]?.cell.text(of: known, account)
    }

    private func take(
        _ row: [String],
        _ header: [String],
        _ job: Job,
        _ known: inout [String: Int]
    ) -> (status: String, item: String, error: String) {
        guard row.count == header.count else { return ("invalid", "", "The row has another number of fields") }
        let key = job.match.flatMap { match in header.firstIndex(of: match.column).map { row[$0] } } ?? ""
        let found = key.isEmpty ? nil : known[key].flatMap { account.items[$0] }
        if let found, job.match?.updates == false { return ("skipped", "\(found.id)", "") }
        do throws(GraphQL.Fault) {
            let values = try values(row, header, job.board)
            if let found {
                if !row[0].isEmpty, row[0] != "<NULL>" { try account.rename(found, to: row[0], by: account.ownUser) }
                try account.change(found, values: values, createsLabels: false, by: account.ownUser)
                return ("updated", "\(found.id)", "")
            }
            let item = try account.createItem(
                on: job.board,
                name: row[0],
                group: job.group,
                values: values,
                createsLabels: false,
                by: account.ownUser,
                isQuiet: !job.hasSideEffects
            )
            if !key.isEmpty { known[key] = item.id }
            return ("created", "\(item.id)", "")
        } catch {
            return ("invalid", found.map { "\($0.id)" } ?? "", error.message)
        }
    }

    /// Texts as people read them, as the values that a mutation would write. Nothing keeps what is there.
    private func values(_ row: [String], _ header: [String], _ board: MondayBoard) throws(GraphQL.Fault) -> JSON.Object
    {
        var values = JSON.Object()
        for (id, text) in zip(header, row).dropFirst() where !text.isEmpty {
            let column = board.columns[try board.columnIndex(id)]
            values[id] = text == "<NULL>" ? .null : value(text, column)
        }
        return values
    }

    private func value(_ text: String, _ column: MondayColumn) -> JSON {
        func parts(_ separator: String) -> [String] { text.split(separator: separator).map { String($0).trimmed } }
        switch column.type {
        case "status": return ["label": .string(text)]
        case "dropdown": return ["labels": .array(parts(",").map { .string($0) })]
        case "date": return ["date": .string(String(text.prefix(10)))]
        case "long_text": return ["text": .string(text)]
        case "email": return ["email": .string(text), "text": .string(text)]
        case "link": return ["url": .string(text), "text": .string(text)]
        case "phone": return ["phone": .string(text)]
        case "checkbox": return ["checked": .string(["true", "v"].contains(text.lowercased()) ? "true" : "false")]
        case "timeline":
            let ends = parts(" - ")
            return ["from": .string(ends.first ?? ""), "to": .string(ends.last ?? "")]
        case "board_relation":
            let ids = parts(",").map { part in
                Int(part) ?? column.connectedBoards.lazy.compactMap { board in
                    self.account.boards[board]?.items.first { $0.name == part && $0.state == .active }?.id
                }.first ?? 0
            }
            return ["item_ids": .array(ids.map { .number($0) })]
        case "people":
            let people = parts(",").compactMap { name in
                account.users.values.first { $0.name == name || $0.email == name }?.id
            }
            return ["personsAndTeams": .array(people.map { ["id": .number($0), "kind": "person"] })]
        default: return .string(text)
        }
    }
}
