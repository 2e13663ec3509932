import Core

extension NavSimulator {
    /// One record of a table: its fields that are not empty.
    struct Row: Sendable, Equatable {
        var values: [String: Value] = [:]
        /// The time stamp of the database: it moves with each write, whichever record is written.
        var version = 0

        subscript(name: String) -> Value? {
            get { values[name] }
            set { values[name] = newValue }
        }

        func text(_ name: String) -> String {
            if case .text(let text)? = values[name] { text } else { "" }
        }

        func number(_ name: String) -> Decimal {
            if case .number(let number)? = values[name] { number } else { .zero }
        }

        func flag(_ name: String) -> Bool { values[name] == .flag(true) }

        func day(_ name: String) -> Day {
            if case .day(let day)? = values[name] { day } else { .first }
        }

        mutating func set(_ name: String, _ text: String) { values[name] = .text(text) }
        mutating func set(_ name: String, _ number: Decimal) { values[name] = .number(number) }
        mutating func set(_ name: String, _ flag: Bool) { values[name] = .flag(flag) }
        mutating func set(_ name: String, _ day: Day) { values[name] = .day(day) }

        var etag: String { "W/\"'\(Base64.text(of: "8;\(version)0;".utf8))'\"" }
    }

    /// The records of one table in the order of their key.
    struct Table {
        let name: TableName
        private(set) var rows: [String: Row] = [:]
        private var order: [String]?
        /// The rows that share all of the key but its last field: the lines of a document.
        private var families: [String: Set<String>] = [:]
        /// Of fields that are searched for: the keys of the rows with each text.
        private var indexes: [String: [String: Set<String>]] = [:]

        init(_ name: TableName) {
            self.name = name
        }

        subscript(key: String) -> Row? { rows[key] }

        /// The fields of the key as one text that sorts as they do.
        func key(_ values: [Value]) -> String {
            values.map { value in
                guard case .number(let number) = value else { return value.shown }
                let digits = number.text
                return String(repeating: "0", count: max(0, 12 - digits.count)) + digits
            }.joined(separator: "\u{1}")
        }

        func key(of row: Row) -> String {
            key(name.key.map { row[$0.name] ?? ($0.isNumber ? .number(.zero) : .text("")) })
        }

        mutating func write(_ row: Row) {
            let key = key(of: row)
            let before = rows.updateValue(row, forKey: key)
            // Of the names a copy: what is walked through while it changes would be copied as a whole.
            for name in Array(indexes.keys) {
                if let before { indexes[name]?[before.text(name)]?.remove(key) }
                indexes[name]?[row.text(name), default: []].insert(key)
            }
            guard before == nil else { return }
            order = nil
            if let family = family(of: key) { families[family, default: []].insert(key) }
        }

        mutating func remove(_ row: Row) {
            let key = key(of: row)
            guard let before = rows.removeValue(forKey: key) else { return }
            for name in Array(indexes.keys) { indexes[name]?[before.text(name)]?.remove(key) }
            order = nil
            if let family = family(of: key) { families[family]?.remove(key) }
        }

        /// In the order of the key's last field; `values` are the others.
        func family(_ values: [Value]) -> [Row] {
            (families[key(values)] ?? []).sorted().compactMap { rows[$0] }
        }

        private func family(of key: String) -> String? {
            key.lastIndex(of: "\u{1}").map { String(key[..<$0]) }
        }

        /// Those with one of these texts in a field that is stored, in the order of their key.
        mutating func find(_ name: String, _ texts: Set<String>) -> [Row] {
            if indexes[name] == nil {
                var index: [String: Set<String>] = [:]
                for (key, row) in rows { index[row.text(name), default: []].insert(key) }
                indexes[name] = index
            }
            let index = indexes[name] ?? [:]
            return texts.flatMap { index[$0] ?? [] }.sorted().compactMap { rows[$0] }
        }

        mutating func sorted() -> [Row] {
            let keys = order ?? rows.keys.sorted()
            order = keys
            return keys.compactMap { rows[$0] }
        }
    }
}
