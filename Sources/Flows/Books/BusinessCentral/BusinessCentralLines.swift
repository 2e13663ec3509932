import Core
import Systems

/// A document's lines as a text that people read on a board:
///
///     10 × Bicycle (1000), 4 outstanding, 2026-12-01
struct BusinessCentralLines: Sendable {
    /// What a column of text holds.
    static let mostCharacters = 2_000
    private let lines: [JSON.Object]
    private let names: BusinessCentral.Entity.Lines

    init(_ lines: [JSON.Object], _ names: BusinessCentral.Entity.Lines) {
        // In the order of the document, whatever order they come in.
        self.lines = lines.enumerated().sorted { a, b in
            (Self.place(a.element), a.offset) < (Self.place(b.element), b.offset)
        }.map(\.element)
        self.names = names
    }

    /// Nil where there are none. Where not all have room, it says how many are left out.
    var text: String? {
        let all = lines.map(line).filter { !$0.isEmpty }
        guard !all.isEmpty else { return nil }
        let whole = all.joined(separator: "\n")
        if whole.utf16.count <= Self.mostCharacters { return whole }
        var text = ""
        for (index, line) in all.enumerated() {
            let cut = "… and \(all.count - index) more"
            guard text.utf16.count + line.utf16.count + 40 <= Self.mostCharacters else { return text + cut }
            text += line + "\n"
        }
        return text
    }

    private func line(_ line: JSON.Object) -> String {
        var words = line["description"]?.word ?? ""
        if let number = line["lineObjectNumber"]?.word, !number.isEmpty {
            words += words.isEmpty ? number : " (\(number))"
        }
        // A comment has no quantity.
        if let quantity = Self.number(line["quantity"]), quantity != .zero {
            words = "\(Self.text(quantity)) × \(words)"
            let done = names.doneQuantity.flatMap { Self.number(line[$0]) }
            if let done, let rest = try? quantity - done, rest != .zero {
                words += ", \(Self.text(rest)) outstanding"
            }
        }
        if let date = line[names.date]?.word, !BusinessCentral.isEmpty(.string(date)) { words += ", \(date)" }
        return words
    }

    private static func place(_ line: JSON.Object) -> Int {
        if case .number(let number)? = line["sequence"] { number.int ?? 0 } else { 0 }
    }

    private static func number(_ value: JSON?) -> Decimal? {
        if case .number(let number)? = value { number.decimal } else { nil }
    }

    private static func text(_ number: Decimal) -> String {
        guard number.text.contains(".") else { return number.text }
        let short = number.text.reversed().drop { $0 == "0" }.drop { $0 == "." }
        return String(short.reversed())
    }
}
