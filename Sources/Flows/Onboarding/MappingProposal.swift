import Core
import Systems

/// Which field of a record could go to which column of a board that people have made: by what the columns are called, and
/// by what they can hold. Somebody looks at it before anything is written.
package struct MappingProposal: Sendable, Equatable {
    package struct Pair: Sendable, Equatable {
        package var field: String
        /// Its id, what it is called, and its type in the vendor's words.
        package var column: String
        package var title: String
        package var type: String
        /// Labels that the status column has not: a record in such a state could not be shown without them.
        package var missingLabels: [String]

        package init(field: String, column: String, title: String, type: String, missingLabels: [String] = []) {
            self.field = field
            self.column = column
            self.title = title
            self.type = type
            self.missingLabels = missingLabels
        }
    }

    package private(set) var pairs: [Pair] = []
    /// The names do not fit, but the column is the only one of its kind that is left, and so is the field.
    package private(set) var guesses: [Pair] = []
    /// Without a column.
    package private(set) var fields: [String] = []
    /// Nil where the board has none, and one has to be made.
    package private(set) var keyColumn: String?
    /// What keeps the board from being written at all.
    package private(set) var refusal: String?

    /// Below this, two names have too little in common.
    private static let least = 0.5

    package init(_ template: BoardTemplate, on board: Monday.Board) {
        self.init(template, among: board.columns)
        refusal = board.refusal
    }

    package init(_ template: BoardTemplate, among columns: [Monday.Column]) {
        let key = Self.key(among: columns)
        keyColumn = key?.id
        var free = columns.filter {
            !$0.isArchived && $0.refusal == nil && $0.id != key?.id && $0.type != .name
        }
        var wanted = template.columns[...]
        if let name = wanted.popFirst() { pairs.append(Self.pair(name, .name)) }
        // The best pair of all first, so that "Due" does not take the column that "Due date" fits better.
        var candidates: [(likeness: Double, field: Int, column: Int)] = []
        for (field, each) in wanted.enumerated() {
            for (column, there) in free.enumerated() {
                let likeness = ColumnLikeness.of(each, to: there)
                if likeness >= Self.least { candidates.append((likeness, field, column)) }
            }
        }
        candidates.sort { ($1.likeness, $0.field, $0.column) < ($0.likeness, $1.field, $1.column) }
        var taken: [Int: Int] = [:]
        var used: Set<Int> = []
        for each in candidates where taken[each.field] == nil && !used.contains(each.column) {
            taken[each.field] = each.column
            used.insert(each.column)
        }
        var left: [BoardTemplate.Column] = []
        for (place, each) in wanted.enumerated() {
            if let column = taken[place] {
                pairs.append(Self.pair(each, free[column]))
            } else {
                left.append(each)
            }
        }
        free = free.enumerated().filter { !used.contains($0.offset) }.map(\.element)
        guesses = left.compactMap { each in
            let alike = free.filter { $0.type == each.type }
            guard alike.count == 1, left.count(where: { $0.type == each.type }) == 1 else { return nil }
            // Any text may go into a text column, so being one says nothing.
            return each.type == .text || each.type == .longText ? nil : Self.pair(each, alike[0])
        }
        fields = left.map(\.field)
    }

    private static func pair(_ wanted: BoardTemplate.Column, _ column: Monday.Column) -> Pair {
        let has = Set(column.labels.map { $0.text.lowercased() })
        return Pair(
            field: wanted.field,
            column: column.id,
            title: column.title,
            type: column.typeName,
            missingLabels: column.type == .status ? wanted.labels.filter { !has.contains($0.lowercased()) } : []
        )
    }

    private static func key(among columns: [Monday.Column]) -> Monday.Column? {
        let texts = columns.filter { !$0.isArchived && $0.type?.canHoldKey == true }
        let titles: Set<String> = ["erp key", "erp id", "external id", "external key", "ml connector key"]
        return texts.first { $0.id == BoardMapping.usualKeyColumn }
            ?? texts.first { titles.contains(ColumnLikeness.words($0.title).joined(separator: " ")) }
    }
}

/// How well a column of a board suits a field, from 0 to 1.
enum ColumnLikeness {
    static func of(_ wanted: BoardTemplate.Column, to column: Monday.Column) -> Double {
        let fit = fit(wanted.type, column.type)
        guard fit > 0 else { return 0 }
        let names = [wanted.title, wanted.field, wanted.id] + wanted.alias
        // An id such as date4 or status is Monday's own, and says no more than the type.
        let idWeight = column.id.hasPrefix(column.typeName) ? 0 : 0.9
        let best =
            names.map { name in max(likeness(name, column.title), idWeight * likeness(name, column.id)) }.max()
            ?? 0
        return best * fit
    }

    /// 1 where the column is made for such values, less where it can hold them, 0 where it cannot.
    private static func fit(_ wanted: Monday.ColumnType, _ found: Monday.ColumnType?) -> Double {
        switch (wanted, found) {
        case (let wanted, let found) where wanted == found: 1
        case (.dropdown, .text), (.longText, .text), (.text, .longText), (.status, .dropdown): 0.9
        case (.status, .text), (.dropdown, .longText), (.text, .dropdown): 0.8
        // A date or an amount as text can be read, and neither be sorted nor summed.
        case (.date, .text), (.numbers, .text): 0.6
        default: 0
        }
    }

    /// Of two names: 1 for the same words, and less the fewer they share.
    static func likeness(_ one: String, _ other: String) -> Double {
        let (a, b) = (words(one), words(other))
        guard !a.isEmpty, !b.isEmpty else { return 0 }
        let (joined, others) = (a.joined(), b.joined())
        if joined == others { return 1 }
        let letters = max(joined.count, others.count)
        if letters >= 5, Likeness.distance(joined, others) <= 1 + letters / 10 { return 0.8 }
        let shared = Set(a).intersection(b).count
        return 0.9 * Double(shared) / Double(Set(a).union(b).count)
    }

    /// `totalAmountIncludingTax`, `due_date` and `Due date` as words in small letters.
    static func words(_ name: String) -> [String] {
        var words: [String] = []
        var word = ""
        var wasSmall = false
        for letter in name {
            let isPart = letter.isLetter || letter.isNumber
            if !isPart || wasSmall && letter.isUppercase, !word.isEmpty {
                words.append(word)
                word = ""
            }
            if isPart { word += letter.lowercased() }
            wasSmall = letter.isLowercase || letter.isNumber
        }
        return word.isEmpty ? words : words + [word]
    }
}
