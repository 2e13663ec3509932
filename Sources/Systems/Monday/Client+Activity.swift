import Core

extension Monday {
    /// A line of a board's log: something that was done there, by whom and when.
    package struct Activity: Sendable, Equatable {
        package var id: String
        package var kind: Event.Kind
        /// Nil where the line is about the board itself.
        package var item: String?
        package var column: String?
        package var user: String?
        package var time: WallTime?
    }

    package struct ActivityPage: Sendable, Equatable {
        package var lines: [Activity]
        /// False where there is nothing behind this page.
        package var isFull: Bool
    }
}

extension Monday.Documents {
    package static let activity = Monday.Document(
        query: "MlActivity",
        "boards",
        text: """
            query MlActivity($boardIds: [ID!], $from: ISO8601DateTime, $limit: Int!, $page: Int!) {
              boards(ids: $boardIds, limit: 1) {
                id
                activity_logs(from: $from, limit: $limit, page: $page) {
                  id event entity data user_id created_at
                }
              }
            }
            """
    )
}

extension Monday.Client {
    /// One page, from 1 on, of what was done on a board since then, in Monday's own order. A line that makes no sense is
    /// left out, for it is no more than a hint.
    package func activity(
        of board: String,
        from: WallTime,
        page: Int,
        lane: Lane = .background
    ) async throws -> Monday.ActivityPage {
        let variables: JSON = [
            "boardIds": [.string(board)], "from": .string(from.text(fractionDigits: 0)),
            "limit": .number(Monday.Limits.activityPage), "page": .number(page),
        ]
        let answer = try await ask(Monday.Documents.activity, variables, lane: lane)
        guard let boards = try? answer.data["boards"].elements(), let found = boards.first?.orNil else {
            throw CallError(
                .lookAgain,
                Monday.name,
                .missing,
                "the board does not exist, or the token's user may not see it",
                requestID: answer.circumstances.requestID
            )
        }
        // Null, now and then, where there is nothing.
        guard let logs = found["activity_logs"].orNil else { return Monday.ActivityPage(lines: [], isFull: false) }
        do {
            let lines = try logs.elements()
            return Monday.ActivityPage(
                lines: lines.compactMap { try? Monday.Activity($0) },
                isFull: lines.count >= Monday.Limits.activityPage
            )
        } catch {
            throw answer.incomplete(error)
        }
    }
}

extension Monday.Activity {
    init(_ field: JSONField) throws(JSONField.Wrong) {
        id = try field["id"].id()
        kind = Monday.Event.Kind(try field["event"].string())
        user = try? field["user_id"].id()
        time = (try? field["created_at"].id()).flatMap(Self.time)
        // A document within a text, which no two kinds of events fill alike.
        let data = field["data"].unpacked
        item = try (data["pulse_id"].orNil ?? data["item_id"].orNil)?.id()
        column = try data["column_id"].orNil?.id()
    }

    /// The vendor counts in tenths of a microsecond since 1970: seventeen digits for a long while.
    private static func time(_ text: String) -> WallTime? {
        guard let count = Int(text), count > 0 else { return nil }
        return WallTime(millisecondsSince1970: count / 10_000)
    }
}
