import Core

extension BusinessCentralSimulator {
    /// One kind of record as the API shows it: its fields in their order, with what may stand in them, and what leads from
    /// it to others.
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
            /// Worked out from other tables when it is read: a change of it writes no record, and moves no stamp.
            let isCalculated: Bool
            /// `"name":`, as answers are full of it.
            let label: [UInt8]

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

        /// What `$expand` can show, and an address can follow.
        struct Navigation: Sendable {
            enum Way: Sendable, Equatable {
                /// To all whose field holds this record's id.
                case many(theirField: String)
                /// To the one whose id stands in this field.
                case one(ourField: String)
            }
            let name: String
            let target: String
            let way: Way
        }

        /// The route of the API that the vendor ships.
        static let standardRoute = "v2.0"

        /// As addresses call it: `purchaseInvoices`.
        let set: String
        /// `v2.0`, or publisher, group and version of somebody's own API.
        let route: String
        let fields: [Field]
        let navigation: [Navigation]
        let actions: [String]
        let canCreate: Bool
        let canChange: Bool
        let canDelete: Bool
        /// Where the instant of the last change stands; lines have none.
        let stampPlace: Int?
        let emptyValues: [Value]
        private let places: [String: Int]

        /// `fields` are names, each followed by its kind: `G` guid, `S20` text of at most 20 characters, `D` day, `T` time,
        /// `N` decimal, `I` integer, `B` true or false, `E(a/b)` one of these; then `!` where clients cannot write it, and
        /// `~` where it is calculated. `can` holds `c`, `u`, `d` for what clients may do: create, update, delete.
        /// `navigation` says `lines*documentId` for all lines whose `documentId` is this record, and
        /// `vendor>vendors.vendorId` for the one vendor whose id is in `vendorId`.
        init(
            _ set: String,
            route: String = standardRoute,
            can verbs: String = "",
            navigation: String = "",
            actions: [String] = [],
            _ fields: String
        ) {
            self.set = set
            self.route = route
            self.actions = actions
            canCreate = verbs.contains("c")
            canChange = verbs.contains("u")
            canDelete = verbs.contains("d")
            self.navigation = Self.words(navigation).map(Navigation.init)
            let words = Self.words(fields)
            self.fields = stride(from: 0, to: words.count - 1, by: 2).map { Field(words[$0], words[$0 + 1]) }
            places = Dictionary(uniqueKeysWithValues: self.fields.enumerated().map { ($1.name, $0) })
            stampPlace = places["lastModifiedDateTime"]
            emptyValues = self.fields.map(\.empty)
        }

        /// At blanks that do not stand in parentheses.
        private static func words(_ text: String) -> [String] {
            var words = [""]
            var depth = 0
            for character in text {
                if character == "(" { depth += 1 }
                if character == ")" { depth -= 1 }
                if character == " " || character == "\n" {
                    if depth == 0, words.last != "" { words.append("") }
                } else {
                    words[words.count - 1].append(character)
                }
            }
            return words.filter { !$0.isEmpty }
        }

        func place(of name: String) -> Int? { places[name] }

        /// One of them, as types are called: `purchaseInvoice`.
        var entityName: String {
            if set == "unitsOfMeasure" { return "unitOfMeasure" }
            if set.hasSuffix("ies") { return set.dropLast(3) + "y" }
            return set.hasSuffix("s") ? String(set.dropLast()) : set
        }

        /// The field that names a record of this kind to people.
        var keyField: String? { ["number", "code"].first { places[$0] != nil } }

        /// Where it says whose it is: without one of these or its `id`, nobody is shown lines.
        var parentFields: [String] {
            switch set {
            case "dimensionValues", "vendorPayments": []
            default: ["documentId", "parentId", "journalId"].filter { places[$0] != nil }
            }
        }

        /// `Edm.String` and so on, for error texts and for the metadata.
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
}

extension BusinessCentralSimulator.EntityType.Field {
    fileprivate init(_ name: String, _ kind: String) {
        self.name = name
        label = Array("\"\(name)\":".utf8)
        isCalculated = kind.last == "~"
        let writable = isCalculated ? kind.dropLast() : kind[...]
        isReadOnly = writable.last == "!"
        let text = isReadOnly ? writable.dropLast() : writable
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

extension BusinessCentralSimulator.EntityType.Navigation {
    fileprivate init(_ text: String) {
        let parts = text.split { "*>.".contains($0) }.map(String.init)
        switch (text.contains("*"), parts.count) {
        case (true, 2): self.init(name: parts[0], target: parts[0], way: .many(theirField: parts[1]))
        case (false, 3): self.init(name: parts[0], target: parts[1], way: .one(ourField: parts[2]))
        default: preconditionFailure("\(text) is no navigation")
        }
    }

    var isToMany: Bool {
        switch way {
        case .many: true
        case .one: false
        }
    }
}
