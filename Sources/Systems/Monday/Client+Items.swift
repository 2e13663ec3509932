import Core

extension Monday.Client {
    /// The active items whose key column holds one of these keys, by key; those with the lowest ids first. A key without
    /// items is not in the answer. Capitals make no difference to Monday, so they make none here.
    package func find(
        on board: String,
        keyColumn: String,
        keys: [String],
        lane: Lane
    ) async throws -> [String: [Monday.FoundItem]] {
        var byFolded: [String: [String]] = [:]
        for key in Set(keys) where !key.isEmpty { byFolded[key.lowercased(), default: []].append(key) }
        var found: [String: [Monday.FoundItem]] = [:]
        for keys in byFolded.values.compactMap(\.first).sorted().chunks(of: Monday.Limits.mostIDs) {
            // Usually one item for each key. What is more follows on the next page.
            let limit = min(Monday.Limits.largestPage, max(25, 2 * keys.count))
            let columnIDs: JSON = [.string(keyColumn)]
            let first: JSON = [
                "boardId": .string(board),
                "columns": [["column_id": .string(keyColumn), "column_values": .array(keys.map { .string($0) })]],
                "limit": .number(limit), "columnIds": columnIDs,
            ]
            var answer = try await ask(Monday.Documents.findItems, first, lane: lane)
            var page = answer.data["items_page_by_column_values"]
            for number in 1... {
                do {
                    for field in try page["items"].elements() {
                        guard let key = try key(of: field, in: keyColumn), let keys = byFolded[key.lowercased()] else {
                            continue
                        }
                        let item = try Monday.FoundItem(field)
                        for key in keys { found[key, default: []].append(item) }
                    }
                } catch {
                    throw answer.incomplete(error)
                }
                guard let cursor = page["cursor"].words else { break }
                guard number < Self.mostFindPages else {
                    throw CallError(
                        .skipRecord,
                        Monday.name,
                        .conflict,
                        "more items than can be sorted out hold the same few keys in the column “\(keyColumn)”"
                    )
                }
                let next: JSON = ["cursor": .string(cursor), "limit": .number(limit), "columnIds": columnIDs]
                answer = try await ask(Monday.Documents.findMoreItems, next, lane: lane)
                page = answer.data["next_items_page"]
            }
        }
        return found.mapValues { $0.sorted { ($0.id.utf8.count, $0.id) < ($1.id.utf8.count, $1.id) } }
    }

    private static let mostFindPages = 50

    private func key(of item: JSONField, in column: String) throws(JSONField.Wrong) -> String? {
        for cell in try item["column_values"].elements() where cell["id"].words == column { return cell["text"].words }
        return nil
    }

    /// The items with these ids, by id, archived and deleted ones too as long as Monday knows them. One that is not in the
    /// answer does not exist any more.
    package func items(
        _ ids: [String],
        columns: [Monday.Column],
        lane: Lane
    ) async throws -> [String: Monday.Item] {
        var items: [String: Monday.Item] = [:]
        let document = Monday.Documents.items(with: Set(columns.compactMap(\.type)))
        for ids in Set(ids).sorted().chunks(of: Monday.Limits.mostIDs) {
            let variables: JSON = [
                "ids": .array(ids.map { .string($0) }), "limit": .number(Monday.Limits.mostIDs),
                "columnIds": .array(columns.map { .string($0.id) }),
            ]
            let answer = try await ask(document, variables, lane: lane)
            do {
                for item in try answer.data["items"].each(Monday.Item.init) { items[item.id] = item }
            } catch {
                throw answer.incomplete(error)
            }
        }
        return items
    }
}
