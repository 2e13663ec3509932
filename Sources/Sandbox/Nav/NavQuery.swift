import Core

extension NavSimulator {
    /// What a request asks of a list or of one record: the part of its address behind the question mark.
    struct Query {
        struct Ordering: Sendable {
            var field: Field
            var isDescending: Bool
        }

        var filter: Filter?
        var ordering: [Ordering] = []
        /// Nil for all.
        var selection: Set<String>?
        var expandsPart = false
        var top: Int?
        var skip = 0
        var counts = false
        var skipToken: String?

        static let forLists: Set<String> = [
            "$filter", "$orderby", "$select", "$expand", "$top", "$skip", "$count", "$skiptoken",
        ]
        static let forRecords: Set<String> = ["$select", "$expand"]
        /// These belong to the address.
        private static let places: Set<String> = ["company", "tenant"]

        init(
            _ items: [(name: String, value: String)],
            of page: Page,
            _ service: String,
            allowing allowed: Set<String>,
            blank: String
        ) throws(Refusal) {
            var seen: Set<String> = []
            for (name, value) in items {
                guard seen.insert(name).inserted else {
                    throw .badRequest(
                        "Query option '\(name)' was specified more than once.",
                        rule: "option given twice"
                    )
                }
                guard Self.places.contains(name) || allowed.contains(name) else {
                    throw .badRequest("The query option '\(name)' is not supported here.", rule: "unknown query option")
                }
                switch name {
                case "$filter": filter = try FilterReader.read(value, of: (page, service), blank: blank)
                case "$orderby": ordering = try Self.ordering(value, of: page, service)
                case "$select": selection = try Self.selection(value, of: page, service)
                case "$expand":
                    guard let part = page.part, value == service + part.name else {
                        throw .unknownProperty(value, service)
                    }
                    expandsPart = true
                case "$top": top = try Self.integer(name, value)
                case "$skip": skip = try Self.integer(name, value)
                case "$count":
                    guard value == "true" || value == "false" else {
                        throw .badRequest("Invalid value '\(value)' for '$count' found.", rule: "bad option value")
                    }
                    counts = value == "true"
                case "$skiptoken": skipToken = value
                default: break
                }
            }
        }

        private static func selection(_ text: String, of page: Page, _ service: String) throws(Refusal) -> Set<String>?
        {
            let names = text.split(separator: ",", omittingEmptySubsequences: false)
                .map { $0.split(separator: " ").joined() }
            guard names != ["*"] else { return nil }
            let part = page.part.map { service + $0.name }
            for name in names where page.field(name) == nil && name != part { throw .unknownProperty(name, service) }
            return Set(names)
        }

        private static func ordering(_ text: String, of page: Page, _ service: String) throws(Refusal) -> [Ordering] {
            var ordering: [Ordering] = []
            for part in text.split(separator: ",", omittingEmptySubsequences: false) {
                let words = part.split(separator: " ")
                guard let name = words.first, words.count <= 2, words.count == 1 || ["asc", "desc"].contains(words[1])
                else { throw .badRequest("Syntax error in '$orderby'.", rule: "orderby syntax") }
                guard let field = page.field(name) else { throw .unknownProperty(name, service) }
                guard !field.isVariable else {
                    throw .badRequest("One cannot order by '\(name)'.", rule: "order by a variable")
                }
                ordering.append(Ordering(field: field, isDescending: words.last == "desc"))
            }
            return ordering
        }

        private static func integer(_ name: String, _ value: String) throws(Refusal) -> Int {
            guard let number = Int(value), number >= 0 else {
                throw .badRequest("Invalid value '\(value)' for '\(name)' found.", rule: "bad option value")
            }
            return number
        }
    }
}
