import Core

extension BusinessCentralSimulator {
    /// What a request asks of a list or of one record: the part of its address behind the question mark.
    struct Query {
        struct Ordering: Sendable, Equatable {
            var place: Int
            var isDescending: Bool
        }

        struct Expansion {
            var navigation: EntityType.Navigation
            /// Of what it leads to: what to select, and what to expand in turn.
            var query: Query
        }

        var filter: Filter?
        var ordering: [Ordering] = []
        /// Nil for all.
        var selection: [Int]?
        var expansions: [Expansion] = []
        var top: Int?
        var skip = 0
        var counts = false
        var skipToken: String?

        /// These choose a company or a tenant.
        static let everywhere: Set<String> = ["company", "tenant"]
        static let forLists: Set<String> = [
            "$filter", "$orderby", "$select", "$expand", "$top", "$skip", "$count", "$skiptoken",
        ]
        static let forRecords: Set<String> = ["$select", "$expand"]

        init(
            _ items: [(name: String, value: String)],
            of type: EntityType,
            allowing allowed: Set<String>,
            _ settings: Settings
        ) throws(Refusal) {
            var seen: Set<String> = []
            for (name, value) in items {
                guard seen.insert(name).inserted else {
                    throw .badURL("Query option '\(name)' was specified more than once.", rule: "option given twice")
                }
                guard Self.everywhere.contains(name) || allowed.contains(name) else {
                    throw .badURL("The query option '\(name)' is not supported here.", rule: "unknown query option")
                }
                switch name {
                case "$filter":
                    filter = try FilterReader.read(
                        value,
                        of: type,
                        acceptsPlainCaptions: settings.acceptsPlainCaptions
                    )
                case "$orderby": ordering = try Self.ordering(value, of: type)
                case "$select": selection = try Self.selection(value, of: type)
                case "$expand": expansions = try Self.expansions(value, of: type, settings)
                case "$top": top = try Self.integer(name, value)
                case "$skip": skip = try Self.integer(name, value)
                case "$count": counts = try Self.flag(name, value)
                case "$skiptoken": skipToken = value
                default: break
                }
            }
        }

        static func selection(_ text: String, of type: EntityType) throws(Refusal) -> [Int]? {
            let names = text.split(separator: ",", omittingEmptySubsequences: false).map { trimmed($0) }
            guard names != ["*"] else { return nil }
            var places: Set<Int> = []
            for name in names { places.insert(try place(of: name, in: type)) }
            return places.sorted()
        }

        private static func ordering(_ text: String, of type: EntityType) throws(Refusal) -> [Ordering] {
            var ordering: [Ordering] = []
            for part in text.split(separator: ",", omittingEmptySubsequences: false) {
                let words = part.split(separator: " ")
                guard let name = words.first, words.count <= 2, words.count == 1 || ["asc", "desc"].contains(words[1])
                else { throw .badURL("Syntax error in '$orderby'.", rule: "orderby syntax") }
                ordering.append(Ordering(place: try place(of: name, in: type), isDescending: words.last == "desc"))
            }
            return ordering
        }

        /// `purchaseInvoiceLines($select=description;$expand=dimensionSetLines),vendor`
        private static func expansions(
            _ text: String,
            of type: EntityType,
            _ settings: Settings
        ) throws(Refusal) -> [Expansion] {
            var expansions: [Expansion] = []
            for part in split(text, at: ",") {
                let name = trimmed(part.prefix { $0 != "(" })
                guard let navigation = type.navigation.first(where: { $0.name == name }),
                    let target = EntityType.named(navigation.target)
                else {
                    throw .badURL(
                        "Could not find a property named '\(name)' on type 'Microsoft.NAV.\(type.entityName)'.",
                        rule: "unknown property in URL"
                    )
                }
                var items: [(name: String, value: String)] = []
                let options = part.dropFirst(part.prefix { $0 != "(" }.count)
                if !options.isEmpty {
                    guard options.last == ")" else {
                        throw .badURL("Syntax error in '$expand'.", rule: "expand syntax")
                    }
                    for option in split(String(options.dropFirst().dropLast()), at: ";") {
                        let words = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                        items.append((String(words[0]), words.count > 1 ? String(words[1]) : ""))
                    }
                }
                let query = try Query(items, of: target, allowing: forRecords, settings)
                expansions.append(Expansion(navigation: navigation, query: query))
            }
            return expansions
        }

        /// At separators that do not stand in parentheses.
        private static func split(_ text: String, at separator: Character) -> [String] {
            var parts = [""]
            var depth = 0
            for character in text {
                if character == "(" { depth += 1 }
                if character == ")" { depth -= 1 }
                if character == separator, depth == 0 {
                    parts.append("")
                } else {
                    parts[parts.count - 1].append(character)
                }
            }
            return parts
        }

        private static func integer(_ name: String, _ value: String) throws(Refusal) -> Int {
            guard let number = Int(value), number >= 0 else {
                throw .badURL("Invalid value '\(value)' for '\(name)' query option found.", rule: "bad option value")
            }
            return number
        }

        private static func flag(_ name: String, _ value: String) throws(Refusal) -> Bool {
            switch value {
            case "true": return true
            case "false": return false
            default:
                throw .badURL("Invalid value '\(value)' for '\(name)' query option found.", rule: "bad option value")
            }
        }

        private static func place(of name: some StringProtocol, in type: EntityType) throws(Refusal) -> Int {
            guard let place = type.place(of: String(name)) else {
                throw .badURL(
                    "Could not find a property named '\(name)' on type 'Microsoft.NAV.\(type.entityName)'.",
                    rule: "unknown property in URL"
                )
            }
            return place
        }

        private static func trimmed(_ text: some StringProtocol) -> String {
            text.split(separator: " ").joined(separator: " ")
        }
    }
}
