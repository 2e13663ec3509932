import Core

extension Monday {
    /// A walk over the active items of a board, those first whose last change is the oldest.
    ///
    /// Monday forgets a walk's place an hour after its first page, and its order without a request is none. So one that
    /// takes long is begun again from the last change it saw, a little earlier, and what it has seen by then is left out.
    package struct Scan: Sendable {
        package enum Step: Sendable, Equatable {
            /// From the first page: everything that changed since then, or everything.
            case begin(since: WallTime?)
            /// From the first page, those first whose last change is the newest: whoever wants to know what happened
            /// lately stops at what it knows, and pays for no overlap.
            case newest
            case next(cursor: String)
            case done
        }

        /// Monday compares to the second or to the day, nobody knows which.
        package static let overlap = Duration.seconds(48 * 3_600)

        private let since: WallTime?
        private var cursor: String?
        private var isDone = false
        private var began: Instant?
        private var newest: WallTime?
        /// With the change in which each was seen: one that changes while we walk comes again.
        private var seen: [String: WallTime?] = [:]

        package init(changedSince since: WallTime? = nil) {
            self.since = since
        }

        /// What to ask next. Time is kept here: a walk that is about to be forgotten begins again by itself.
        package mutating func step(at now: Instant) -> Step {
            if isDone { return .done }
            if let began, now - began >= Limits.longestScan { restart() }
            if let cursor { return .next(cursor: cursor) }
            began = now
            return .begin(since: (newest ?? since).map { $0 - Self.overlap })
        }

        /// The page's items that this walk has not given yet.
        package mutating func took(_ page: ItemPage) -> [Item] {
            cursor = page.cursor
            isDone = page.cursor == nil
            return page.items.filter { item in
                if let updated = item.updated { newest = max(newest ?? updated, updated) }
                guard seen[item.id] != .some(item.updated) else { return false }
                seen[item.id] = .some(item.updated)
                return true
            }
        }

        /// After `.lookAgain`: the place is lost.
        package mutating func restart() {
            cursor = nil
            began = nil
        }

        package var seenCount: Int { seen.count }
    }
}

extension Monday.Client {
    /// One page of a scan. Throws `.lookAgain` of kind `.expired` when Monday has forgotten the place, and `.timeout` when
    /// the page is too large for it. Nil when the scan is done.
    package func page(
        _ step: Monday.Scan.Step,
        of board: String,
        columns: [Monday.Column],
        size: Int = Monday.Limits.usualPage,
        lane: Lane = .background
    ) async throws -> Monday.ItemPage? {
        let types = Set(columns.compactMap(\.type))
        let size = min(max(size, 1), Monday.Limits.largestPage)
        var variables: JSON.Object = JSON.Object()
        variables["limit"] = .number(size)
        variables["columnIds"] = .array(columns.map { .string($0.id) })
        switch step {
        case .done: return nil
        case .next(let cursor):
            variables["cursor"] = .string(cursor)
            let answer = try await ask(Monday.Documents.nextPage(with: types), .object(variables), lane: lane)
            return try page(answer.data["next_items_page"], answer)
        case .begin, .newest:
            variables["boardIds"] = [.string(board)]
            variables["query"] = Self.query(step)
            let answer = try await ask(Monday.Documents.firstPage(with: types), .object(variables), lane: lane)
            let boards = answer.data["boards"]
            guard let board = try? boards.elements() else { throw answer.incomplete(boards.wrong("missing")) }
            guard board.first?.orNil != nil else {
                throw CallError(
                    .lookAgain,
                    Monday.name,
                    .missing,
                    "the board does not exist, or the token's user may not see it",
                    requestID: answer.circumstances.requestID
                )
            }
            return try page(boards[0]["items_page"], answer)
        }
    }

    private func page(_ field: JSONField, _ answer: Monday.Answer) throws(CallError) -> Monday.ItemPage {
        do {
            return Monday.ItemPage(items: try field["items"].each(Monday.Item.init), cursor: field["cursor"].words)
        } catch {
            throw answer.incomplete(error)
        }
    }

    private static func query(_ step: Monday.Scan.Step) -> JSON {
        let direction: JSON = step == .newest ? "desc" : "asc"
        let order: JSON = [["column_id": "__last_updated__", "direction": direction]]
        guard case .begin(let since?) = step else { return ["order_by": order] }
        return [
            "rules": [
                [
                    "column_id": "__last_updated__",
                    "compare_value": ["EXACT", .string(since.text(fractionDigits: 0))],
                    "operator": "greater_than_or_equals", "compare_attribute": "UPDATED_AT",
                ]
            ],
            "order_by": order,
        ]
    }
}
