import Core

extension BusinessCentral {
    /// What stands beside a record and comes along with it: its lines, its dimensions.
    package struct Expansion: Sendable, Equatable {
        package var name: String
        package var select: [String]

        package init(_ name: String, select: [String]) {
            self.name = name
            self.select = select
        }
    }

    /// The part of a URL behind the question mark: which records, which of their fields, in which order.
    struct Question {
        var filter: String?
        /// All fields where it is empty.
        var select: [String] = []
        var expand: [Expansion] = []
        var order: String?
        /// How many fit, whatever else is asked for; and of these only one, because none are wanted.
        var countsAll = false

        /// With the most ids that the URL's length allows; at least one each.
        static func questions(
            for ids: [String],
            select: [String],
            expand: [Expansion] = [],
            at base: String
        ) -> [(ids: [String], url: String)] {
            var result: [(ids: [String], url: String)] = []
            var rest = ids[...]
            while let first = rest.popFirst() {
                var taken = [first]
                var question = Question(filter: "id eq \(first)", select: select, expand: expand)
                // So many fields that not even one id has room beside them: then all fields come.
                if question.url(at: base).utf8.count > Limits.longestURL { question.select = [] }
                while let next = rest.first {
                    var longer = question
                    longer.filter = (question.filter ?? "") + " or id eq \(next)"
                    guard longer.url(at: base).utf8.count <= Limits.longestURL else { break }
                    question = longer
                    taken.append(next)
                    rest.removeFirst()
                }
                result.append((taken, question.url(at: base)))
            }
            return result
        }

        func url(at base: String) -> String {
            var parts: [String] = []
            if let filter { parts.append("$filter=" + URLText.encoded(filter, keeping: ":*")) }
            if let order { parts.append("$orderby=" + URLText.encoded(order, keeping: ",")) }
            if !select.isEmpty { parts.append("$select=" + select.joined(separator: ",")) }
            if !expand.isEmpty { parts.append("$expand=" + expand.map(Self.text).joined(separator: ",")) }
            if countsAll { parts += ["$count=true", "$top=1"] }
            return parts.isEmpty ? base : base + "?" + parts.joined(separator: "&")
        }

        private static func text(_ expansion: Expansion) -> String {
            expansion.select.isEmpty
                ? expansion.name : "\(expansion.name)($select=\(expansion.select.joined(separator: ",")))"
        }
    }

    /// A name as OData allows it, and nothing that could end a path or begin a question.
    static func isIdentifier(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9") ~= first) else { return false }
        return text.utf8.count <= 120 && VendorError.isWord(text)
    }

    /// Lines and the like, which have no stamp of their own; asking for it would be refused.
    static let unstamped: Set<String> = [
        "companies", "purchaseInvoiceLines", "purchaseOrderLines", "purchaseReceiptLines", "salesInvoiceLines",
        "salesOrderLines", "dimensionSetLines",
    ]
}
