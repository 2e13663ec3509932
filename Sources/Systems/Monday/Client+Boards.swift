import Core

extension Monday {
    /// A board as a list of boards shows it.
    package struct BoardLine: Sendable, Equatable {
        package var id: String
        package var name: String
        package var itemCount: Int?
        /// `classic` or `multi_level`.
        package var hierarchy: String?

        package init(id: String, name: String, itemCount: Int? = nil, hierarchy: String? = nil) {
            self.id = id
            self.name = name
            self.itemCount = itemCount
            self.hierarchy = hierarchy
        }
    }
}

extension Monday.Client {
    private static let boardsOfPage = 100
    private static let mostBoardPages = 50

    /// The boards that the token may see and that are in use, without those of subitems and documents.
    package func boards(lane: Lane = .live) async throws -> [Monday.BoardLine] {
        var boards: [Monday.BoardLine] = []
        var seen: Set<String> = []
        for page in 1...Self.mostBoardPages {
            let variables: JSON = ["limit": .number(Self.boardsOfPage), "page": .number(page), "workspaceIds": .null]
            let answer = try await ask(Monday.Documents.boards, variables, lane: lane)
            let lines: [JSONField]
            do {
                lines = try answer.data["boards"].elements()
                for line in lines where (try? line["type"].string()) ?? "board" == "board" {
                    // One that was made meanwhile moves the others to the next page.
                    guard seen.insert(try line["id"].id()).inserted else { continue }
                    boards.append(try Monday.BoardLine(line))
                }
            } catch {
                throw answer.incomplete(error)
            }
            // There is no other word for the end of the list.
            if lines.count < Self.boardsOfPage { break }
        }
        return boards
    }
}

extension Monday.BoardLine {
    fileprivate init(_ field: JSONField) throws(JSONField.Wrong) {
        id = try field["id"].id()
        name = try field["name"].string()
        itemCount = try? field["items_count"].int()
        hierarchy = try? field["hierarchy_type"].string()
    }
}
