import Core

extension BusinessCentralSimulator {
    /// The records of one entity set in one company, and what they were a moment ago.
    struct Table {
        private struct Change {
            var at: Instant
            var id: String
            var before: Row?
        }

        let type: EntityType
        private(set) var rows: [String: Row] = [:]
        private var nextSequence = 1
        private var recent: [Change] = []
        /// A replica further behind than this is not played.
        private static let mostRecent = 20_000

        init(_ type: EntityType) {
            self.type = type
        }

        subscript(id: String) -> Row? { rows[id] }

        mutating func makeRow(id: String) -> Row {
            defer { nextSequence += 1 }
            return Row(type, id: id, sequence: nextSequence)
        }

        /// Puts the row in, or in place of the one it was; its etag is another one from now on.
        @discardableResult
        mutating func write(_ row: Row, at now: Instant) -> Row {
            var row = row
            let before = rows[row.id]
            row.version = (before?.version ?? row.version) + 1
            note(Change(at: now, id: row.id, before: before))
            rows[row.id] = row
            return row
        }

        mutating func remove(_ id: String, at now: Instant) {
            guard let before = rows.removeValue(forKey: id) else { return }
            note(Change(at: now, id: id, before: before))
        }

        /// As a replica shows them that has not heard of anything since then.
        func rows(at past: Instant) -> [String: Row] {
            var rows = rows
            for change in recent.reversed() {
                guard change.at > past else { break }
                rows[change.id] = change.before
            }
            return rows
        }

        private mutating func note(_ change: Change) {
            recent.append(change)
            if recent.count > 2 * Self.mostRecent { recent.removeFirst(Self.mostRecent) }
        }
    }
}
