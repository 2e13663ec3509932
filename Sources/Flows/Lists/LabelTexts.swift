import Core
import Systems

/// How the texts of labels are made to fit, and to differ.
enum LabelTexts {
    /// Equal for what people would take for the same label.
    static func fold(_ text: String) -> String {
        Monday.trimmed(text).lowercased()
    }

    /// On one line, no longer than allowed, and no two the same: of those that would be, each gets its number behind it.
    /// What has no text at all is called by its number. In the order in which new ones are to stand.
    static func distinct(_ options: [LabelPlan.Option], longest: Int) -> [LabelPlan.Option] {
        var seen: Set<String> = []
        var options = options.filter { seen.insert($0.key).inserted }.map { option in
            var option = option
            let line = Monday.oneLine(option.text)
            option.text = line.isEmpty ? Monday.oneLine(option.name) : line
            return option
        }
        for mark in [\LabelPlan.Option.name, \.key] {
            let counts = counts(options, longest)
            options = options.map { option in
                guard counts[option.cut(longest).folded, default: 0] > 1 else { return option }
                var option = option
                option.text = marked(option.text, with: option[keyPath: mark], longest)
                return option
            }
        }
        var taken: Set<String> = []
        return options.map { $0.cut(longest) }.sorted { ($0.folded, $0.key) < ($1.folded, $1.key) }
            .filter { taken.insert($0.folded).inserted }
    }

    /// With its number behind each that has the text of a label that stands for something else.
    static func apart(
        _ options: [LabelPlan.Option],
        from others: Set<String>,
        longest: Int
    ) -> [LabelPlan.Option] {
        var taken = others.union(options.map(\.folded))
        return options.map { option in
            guard others.contains(option.folded) else { return option }
            var apart = option
            apart.text = marked(option.text, with: option.name, longest)
            return taken.insert(apart.folded).inserted ? apart : option
        }
    }

    private static func counts(_ options: [LabelPlan.Option], _ longest: Int) -> [String: Int] {
        Dictionary(options.map { ($0.cut(longest).folded, 1) }, uniquingKeysWith: +)
    }

    /// What is cut is the text, so that the mark can be seen.
    private static func marked(_ text: String, with mark: String, _ longest: Int) -> String {
        let end = " (\(Monday.cut(Monday.oneLine(mark), to: max(longest / 2, 8))))"
        guard !text.hasSuffix(end) || text.utf16.count > longest else { return text }
        let start = text.hasSuffix(end) ? String(text.dropLast(end.count)) : text
        return Monday.cut(start, to: max(longest - end.utf16.count, 1)) + end
    }
}

extension LabelPlan.Option {
    var folded: String { LabelTexts.fold(text) }
    /// What people call it where it has no name.
    fileprivate var name: String { number.isEmpty ? key : number }

    fileprivate func cut(_ longest: Int) -> Self {
        var option = self
        option.text = Monday.cut(text, to: longest)
        return option
    }
}
