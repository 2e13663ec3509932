import Core

extension BusinessCentralSimulator {
    /// One kind of record as the API shows it: its fields in their order, with what may stand in them.
    final class EntityType: Sendable {
        enum Kind: Sendable, Equatable {
            case string(most: Int)
            case guid
            case day
            case time
            case number
            case integer
            case flag
            /// Members in their encoded form.
            case choice([String])
        }

        struct Field: Sendable {
            let name: String
            let kind: Kind
            let isReadOnly: Bool

            var empty: Value {
                switch kind {
                case .string: .string("")
                case .guid: .noGuid
                case .day: .day(.first)
                case .time: .time(.first)
                case .number, .integer: .number(.zero)
                case .flag: .flag(false)
                case .choice(let members): .string(members.first ?? "")
                }
            }
        }

        /// As addresses call it: `purchaseInvoices`.
        let set: String
        let fields: [Field]
        /// To many, or to one: what `$expand` can show.
        let navigation: [String]
        private let places: [String: Int]

        /// `fields` are names, each followed by its kind: `G` guid, `S20` text of at most 20 characters, `D` day, `T` time,
        /// `N` decimal, `I` integer, `B` true or false, `E(a/b)` one of these; and `!` where clients cannot write it.
        init(_ set: String, navigation: [String] = [], _ fields: String) {
            self.set = set
            self.navigation = navigation
            let words = fields.split { $0 == " " || $0 == "\n" }
            self.fields = stride(from: 0, to: words.count - 1, by: 2).map { Field(words[$0], words[$0 + 1]) }
            places = Dictionary(uniqueKeysWithValues: self.fields.enumerated().map { ($1.name, $0) })
        }

        func place(of name: String) -> Int? { places[name] }

        /// `Edm.String` and so on, for error texts.
        func typeName(at place: Int) -> String {
            switch fields[place].kind {
            case .string: "Edm.String"
            case .guid: "Edm.Guid"
            case .day: "Edm.Date"
            case .time: "Edm.DateTimeOffset"
            case .number: "Edm.Decimal"
            case .integer: "Edm.Int32"
            case .flag: "Edm.Boolean"
            case .choice: "Microsoft.NAV.\(fields[place].name)"
            }
        }
    }

    /// One record. Its type knows which value stands where.
    struct Row: Sendable {
        let type: EntityType
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
            values = type.fields.map(\.empty)
            if type.place(of: "id") != nil { self["id"] = .guid(id) }
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

        func text(_ name: String) -> String {
            if case .string(let text) = self[name] { text } else { "" }
        }

        func number(_ name: String) -> Decimal {
            if case .number(let number) = self[name] { number } else { .zero }
        }

        func guid(_ name: String) -> String {
            if case .guid(let guid) = self[name] { guid } else { "" }
        }

        /// Looks like the vendor's: a length, a row version that nobody can guess, and the end of a key.
        var etag: String {
            var mixed = SeededGenerator(seed: UInt64(truncatingIfNeeded: sequence) << 32 ^ UInt64(version))
            let digits = "\(mixed.next())"
            return "W/\"\(Base64.text(of: "'\(digits.utf8.count);\(digits)1;00;'".utf8))\""
        }
    }
}

extension BusinessCentralSimulator.EntityType.Field {
    fileprivate init(_ name: Substring, _ kind: Substring) {
        self.name = String(name)
        isReadOnly = kind.last == "!"
        let text = isReadOnly ? kind.dropLast() : kind
        switch text.first {
        case "G": self.kind = .guid
        case "D": self.kind = .day
        case "T": self.kind = .time
        case "N": self.kind = .number
        case "I": self.kind = .integer
        case "B": self.kind = .flag
        case "S": self.kind = .string(most: Int(text.dropFirst()) ?? 2_048)
        case "E": self.kind = .choice(text.dropFirst(2).dropLast().split(separator: "/").map(String.init))
        default: preconditionFailure("\(name) has the unknown kind \(kind)")
        }
    }
}
