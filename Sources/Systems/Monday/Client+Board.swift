import Core

extension Monday.Client {
    /// The board with its columns, labels and groups; nil when it does not exist or the token may not see it, which
    /// Monday does not tell apart.
    package func board(_ id: String, lane: Lane = .live) async throws -> Monday.Board? {
        let answer = try await send(Monday.Documents.board, ["ids": [.string(id)], "limit": 1], lane: lane)
        if let worst = answer.worst {
            guard worst.kind != .unknownID, worst.kind != .gone else { return nil }
            throw worst.callError(answer.circumstances)
        }
        do {
            return try answer.data["boards"].elements().first?.orNil.map(Monday.Board.init)
        } catch {
            throw answer.incomplete(error)
        }
    }

    package func createBoard(
        _ name: String,
        kind: String = "public",
        workspace: String? = nil,
        key: String? = nil,
        lane: Lane = .live
    ) async throws -> String {
        let variables: JSON = [
            "name": .string(name), "kind": .string(kind), "workspaceId": workspace.map { .string($0) } ?? .null,
        ]
        return try await change(Monday.Documents.createBoard, variables, lane: lane, key: key, Self.newID)
    }

    package func createGroup(
        _ name: String,
        on board: String,
        key: String? = nil,
        lane: Lane = .live
    ) async throws -> String {
        let variables: JSON = ["boardId": .string(board), "name": .string(name)]
        return try await change(
            Monday.Documents.createGroup,
            variables,
            lane: lane,
            key: key,
            boards: [board],
            Self.newID
        )
    }

    static func newID(_ field: JSONField) throws(JSONField.Wrong) -> String {
        try field["id"].id()
    }
}

// MARK: Columns

extension Monday.Client {
    /// A column that is to be made.
    package struct NewColumn: Sendable, Equatable {
        package var id: String?
        package var title: String
        package var type: Monday.ColumnType
        package var description: String?
        /// Of the type's own settings, for any type but those with labels: `{"boardIds": …}`.
        package var settings: JSON?

        /// Ids are of small letters, digits and underscores; one of a column that was deleted stays taken.
        package init(
            _ type: Monday.ColumnType,
            id: String?,
            title: String,
            description: String? = nil,
            settings: JSON? = nil
        ) {
            self.type = type
            self.id = id
            self.title = title
            self.description = description
            self.settings = settings
        }
    }

    package func createColumn(
        _ column: NewColumn,
        on board: String,
        key: String? = nil,
        lane: Lane = .live
    ) async throws -> Monday.Column {
        var variables = try start(column, on: board)
        variables["type"] = .string(column.type.rawValue)
        variables["description"] = column.description.map { .string($0) } ?? .null
        // As text, which the vendor's schema means by this type; null leaves it out.
        variables["defaults"] = column.settings.map { .string($0.text()) } ?? .null
        return try await made(Monday.Documents.createColumn, variables, board, key, lane)
    }

    package func createStatusColumn(
        id: String?,
        title: String,
        labels: [String],
        on board: String,
        key: String? = nil,
        lane: Lane = .live
    ) async throws -> Monday.Column {
        let empty = Monday.Column(id: id ?? "", title: title, typeName: Monday.ColumnType.status.rawValue)
        var variables = try start(NewColumn(.status, id: id, title: title), on: board)
        variables["defaults"] = try empty.settings(for: empty.labels(adding: labels))
        return try await made(Monday.Documents.createStatusColumn, variables, board, key, lane)
    }

    /// `most` is how many labels one cell may hold.
    package func createDropdownColumn(
        id: String?,
        title: String,
        labels: [String],
        most: Int? = nil,
        on board: String,
        key: String? = nil,
        lane: Lane = .live
    ) async throws -> Monday.Column {
        let empty = Monday.Column(id: id ?? "", title: title, typeName: Monday.ColumnType.dropdown.rawValue)
        var variables = try start(NewColumn(.dropdown, id: id, title: title), on: board)
        var settings = JSON.Object()
        settings["labels"] = .array(try empty.labels(adding: labels).map { ["label": .string($0.text)] })
        if let most {
            settings["limit_select"] = true
            settings["label_limit_count"] = .number(most)
        }
        variables["defaults"] = .object(settings)
        return try await made(Monday.Documents.createDropdownColumn, variables, board, key, lane)
    }

    /// Gives a status or dropdown column this whole list of labels. The column has to be as Monday last described it:
    /// `.lookAgain` says that somebody changed it meanwhile. The one returned is the next to start from.
    package func updateLabels(
        of column: Monday.Column,
        to labels: [Monday.Label],
        on board: String,
        key: String? = nil,
        lane: Lane = .live
    ) async throws -> Monday.Column {
        let document =
            switch column.type {
            case .status: Monday.Documents.updateStatusColumn
            case .dropdown: Monday.Documents.updateDropdownColumn
            default: throw CallError(.skipRecord, Monday.name, .defect, "“\(column.title)” is not a column with labels")
            }
        var variables = JSON.Object()
        variables["boardId"] = .string(board)
        variables["id"] = .string(column.id)
        variables["revision"] = .string(column.revision)
        variables["settings"] = try column.settings(for: labels)
        return try await made(document, variables, board, key, lane)
    }

    private func start(_ column: NewColumn, on board: String) throws(CallError) -> JSON.Object {
        if let id = column.id {
            let isGood = id.enumerated().allSatisfy { place, letter in
                "a"..."z" ~= letter || letter == "_" || place > 0 && "0"..."9" ~= letter
            }
            guard isGood, 1...Monday.Limits.longestColumnID ~= id.utf8.count else {
                throw CallError(
                    .stopConnection,
                    Monday.name,
                    .configuration,
                    "“\(Monday.cut(id, to: 60))” cannot be a column's id: small letters, digits and underscores, "
                        + "\(Monday.Limits.longestColumnID) at most, and no digit first"
                )
            }
        }
        var variables = JSON.Object()
        variables["boardId"] = .string(board)
        variables["title"] = .string(column.title)
        variables["id"] = column.id.map { .string($0) } ?? .null
        return variables
    }

    private func made(
        _ document: Monday.Document,
        _ variables: JSON.Object,
        _ board: String,
        _ key: String?,
        _ lane: Lane
    ) async throws -> Monday.Column {
        try await change(
            document,
            .object(variables),
            lane: lane,
            key: key,
            boards: [board]
        ) { field throws(JSONField.Wrong) in try Monday.Column(field) }
    }
}
