import Core

extension Monday.Client {
    /// An item that stands under another one.
    package struct Subitem: Sendable, Equatable {
        package var parent: String
        package var item: Monday.FoundItem
        package var board: String?
        /// The text of its key column.
        package var key: String
    }

    /// The active items under these ones. They are asked of their parents: Monday does not search the boards on which it
    /// keeps them like any other.
    package func subitems(of parents: [String], keyColumn: String, lane: Lane) async throws -> [Subitem] {
        var found: [Subitem] = []
        for ids in Set(parents).sorted().chunks(of: Self.mostParents) {
            let variables: JSON = [
                "ids": .array(ids.map { .string($0) }), "limit": .number(Monday.Limits.mostIDs),
                "columnIds": [.string(keyColumn)],
            ]
            let answer = try await ask(Monday.Documents.subitems, variables, lane: lane)
            do {
                for parent in try answer.data["items"].elements() {
                    let id = try parent["id"].id()
                    // None at all comes as null.
                    for field in try parent["subitems"].orNil?.elements() ?? [] {
                        let item = try Monday.FoundItem(field)
                        guard item.state == "active" else { continue }
                        let cells = try field["column_values"].elements()
                        let key = cells.first { $0["id"].words == keyColumn }?["text"].words ?? ""
                        found.append(Subitem(parent: id, item: item, board: try? field["board"]["id"].id(), key: key))
                    }
                }
            } catch {
                throw answer.incomplete(error)
            }
        }
        return found
    }

    // Each may have hundreds of lines, whose complexity counts.
    private static let mostParents = 20

    /// Whether an active item of the board has this label. Only ids are compared: a text silently finds nothing.
    package func isLabelUsed(
        _ label: Int,
        in column: String,
        on board: String,
        lane: Lane
    ) async throws -> Bool {
        let variables: JSON = [
            "boardIds": [.string(board)],
            "query": [
                "rules": [
                    ["column_id": .string(column), "compare_value": [.number(label)], "operator": "any_of"]
                ]
            ],
        ]
        let answer = try await ask(Monday.Documents.firstWith, variables, lane: lane)
        do {
            return try !answer.data["boards"][0]["items_page"]["items"].elements().isEmpty
        } catch {
            throw answer.incomplete(error)
        }
    }
}
