import Core

extension BusinessCentralSimulator {
    /// One record. Its type knows which value stands where.
    struct Row: Sendable {
        let type: EntityType
        /// The key by which it is kept: the system's id, which most kinds show as `id`.
        let id: String
        /// In the order of creation, which is the order of a list that nobody sorts.
        let sequence: Int
        /// Changes with each write; the etag is made of it.
        var version = 0
        var values: [Value]

        init(_ type: EntityType, id: String, sequence: Int) {
            self.type = type
            self.id = id
            self.sequence = sequence
            values = type.emptyValues
            if let place = type.place(of: "id") { values[place] = .guid(id) }
        }

        subscript(name: String) -> Value {
            get {
                guard let place = type.place(of: name) else { preconditionFailure("\(type.set) has no \(name)") }
                return values[place]
            }
            set {
                guard let place = type.place(of: name) else { preconditionFailure("\(type.set) has no \(name)") }
                values[place] = newValue
            }
        }

        func has(_ name: String) -> Bool { type.place(of: name) != nil }

        /// Empty too where its kind has no such field.
        func text(_ name: String) -> String {
            if has(name), case .string(let text) = self[name] { text } else { "" }
        }

        func number(_ name: String) -> Decimal {
            if has(name), case .number(let number) = self[name] { number } else { .zero }
        }

        func guid(_ name: String) -> String {
            if has(name), case .guid(let guid) = self[name] { guid } else { "" }
        }

        func day(_ name: String) -> Day? {
            if has(name), case .day(let day) = self[name], day != .first { day } else { nil }
        }

        /// Sets it where there is such a field.
        mutating func set(_ name: String, _ value: Value) {
            if let place = type.place(of: name) { values[place] = value }
        }

        /// Number or code: what people call it.
        var key: String { type.keyField.map { text($0) } ?? id }

        /// Looks like the vendor's: a length, a row version that nobody can guess, and the end of a key.
        var etag: String {
            var mixed = SeededGenerator(seed: UInt64(truncatingIfNeeded: sequence) << 32 ^ UInt64(version))
            let digits = "\(mixed.next())"
            return "W/\"\(Base64.text(of: "'\(digits.utf8.count);\(digits)1;00;'".utf8))\""
        }
    }
}
