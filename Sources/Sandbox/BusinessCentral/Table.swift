import Core
import Transport

extension BusinessCentralSimulator {
    /// The records of one entity set in one company, and what they were a moment ago.
    ///
    /// Lists are read page after page, and records by a number: neither looks at all rows again. What was sorted once stays
    /// sorted, and what was searched for once is found by an index.
    @OnLoop final class Table {
        private struct Change {
            var at: Instant
            var id: String
            var before: Row?
        }

        let type: EntityType
        private(set) var rows: [String: Row] = [:]
        private var nextSequence = 1
        private var recent: [Change] = []
        private var indexes: [Int: [Value: Set<String>]] = [:]
        private var sortings: [Sorting] = []
        /// A replica further behind than this is not played.
        private static let mostRecent = 20_000
        private static let mostSortings = 4

        init(_ type: EntityType) {
            self.type = type
        }

        subscript(id: String) -> Row? { rows[id] }

        func makeRow(id: String) -> Row {
            defer { nextSequence += 1 }
            return Row(type, id: id, sequence: nextSequence)
        }

        /// Puts the row in, or in place of the one it was; its etag is another one from now on.
        @discardableResult
        func write(_ row: Row, at now: Instant) -> Row {
            var row = row
            let before = rows[row.id]
            row.version = (before?.version ?? row.version) + 1
            note(Change(at: now, id: row.id, before: before))
            keep(row, before)
            return row
        }

        /// Changes what is calculated: nobody wrote the record, so its etag and its stamp stay.
        func recalculate(_ id: String, _ change: (inout Row) -> Void) {
            guard let before = rows[id] else { return }
            var row = before
            change(&row)
            keep(row, before)
        }

        func remove(_ id: String, at now: Instant) {
            guard let before = rows.removeValue(forKey: id) else { return }
            note(Change(at: now, id: id, before: before))
            forget(before)
            for place in sortings.indices { sortings[place].note(id, before) }
        }

        private func keep(_ row: Row, _ before: Row?) {
            if let before { forget(before) }
            rows[row.id] = row
            // Of the keys a copy: what is walked through while it changes would be copied as a whole, again and again.
            for place in Array(indexes.keys) { indexes[place]?[row.values[place], default: []].insert(row.id) }
            for place in sortings.indices { sortings[place].note(row.id, before) }
        }

        private func forget(_ row: Row) {
            for place in Array(indexes.keys) { indexes[place]?[row.values[place]]?.remove(row.id) }
        }

        // MARK: Finding

        /// All with this value, the oldest first.
        func find(_ name: String, _ value: Value) -> [Row] {
            guard let place = type.place(of: name) else { return [] }
            return find(at: place, value)
        }

        func find(at place: Int, _ value: Value) -> [Row] {
            let index = indexes[place] ?? makeIndex(of: place)
            return (index[value] ?? []).compactMap { rows[$0] }.sorted { $0.sequence < $1.sequence }
        }

        private func makeIndex(of place: Int) -> [Value: Set<String>] {
            var index: [Value: Set<String>] = [:]
            for (id, row) in rows { index[row.values[place], default: []].insert(id) }
            indexes[place] = index
            return index
        }

        /// By its number or its code.
        func row(key: String) -> Row? {
            type.keyField.flatMap { find($0, .string(key)).first }
        }

        func sorted(by order: RowOrder) -> [Row] {
            if let place = sortings.firstIndex(where: { $0.order == order }) {
                var sorting = sortings.remove(at: place)
                sorting.settle(rows)
                sortings.append(sorting)
                return sorting.rows
            }
            let sorting = Sorting(order, rows)
            if sortings.count == Self.mostSortings { sortings.removeFirst() }
            sortings.append(sorting)
            return sorting.rows
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

        private func note(_ change: Change) {
            recent.append(change)
            if recent.count > 2 * Self.mostRecent { recent.removeFirst(Self.mostRecent) }
        }
    }

    /// All rows of a table in one order, brought up to date when they are asked for.
    private struct Sorting {
        let order: RowOrder
        private(set) var rows: [Row]
        /// What stands in `rows` for those that have changed since; nil for new ones.
        private var changed: [String: Row?] = [:]
        /// More than these are sorted anew, all at once.
        private static let mostMoved = 200

        init(_ order: RowOrder, _ all: [String: Row]) {
            self.order = order
            rows = all.values.sorted(by: order.precedes)
        }

        mutating func note(_ id: String, _ before: Row?) {
            guard changed[id] == nil else { return }
            changed[id] = .some(before)
        }

        mutating func settle(_ all: [String: Row]) {
            defer { changed = [:] }
            guard changed.count <= Self.mostMoved else {
                rows = all.values.sorted(by: order.precedes)
                return
            }
            for (id, before) in changed {
                if let before {
                    let place = rows.firstIndex(notBefore: { order.precedes($0, before) })
                    if place < rows.count, rows[place].id == id { rows.remove(at: place) }
                }
            }
            for id in changed.keys {
                guard let row = all[id] else { continue }
                rows.insert(row, at: rows.firstIndex(notBefore: { order.precedes($0, row) }))
            }
        }
    }
}
