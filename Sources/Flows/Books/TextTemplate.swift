import Core

/// A text in which `{field}` stands for a record's field: `{vendorName} ({vendorNumber})`. Braces that are meant as such
/// are doubled.
struct TextTemplate: Sendable, Equatable {
    enum Part: Sendable, Equatable {
        case text(String)
        case field(String)
    }

    let parts: [Part]

    init(parts: [Part]) {
        self.parts = parts
    }

    /// Nil where a brace is left open, or names nothing.
    init?(_ text: String) {
        var parts: [Part] = []
        var plain = ""
        var rest = text[...]
        while let first = rest.popFirst() {
            switch first {
            case "{" where rest.first == "{", "}" where rest.first == "}":
                plain.append(first)
                rest.removeFirst()
            case "{":
                guard let end = rest.firstIndex(of: "}"), end > rest.startIndex else { return nil }
                if !plain.isEmpty { parts.append(.text(plain)) }
                plain = ""
                parts.append(.field(String(rest[..<end])))
                rest = rest[rest.index(after: end)...]
            case "}": return nil
            default: plain.append(first)
            }
        }
        if !plain.isEmpty { parts.append(.text(plain)) }
        self.parts = parts
    }

    var fields: [String] {
        parts.compactMap { if case .field(let name) = $0 { name } else { nil } }
    }

    /// Empty where nothing but its own words would be left, although it names fields.
    func filled(_ plain: (String) -> JSON) -> String {
        var text = ""
        var isEmpty = !fields.isEmpty
        for part in parts {
            switch part {
            case .text(let words): text += words
            case .field(let name):
                guard let word = plain(name).word, !word.isEmpty else { continue }
                isEmpty = false
                text += word
            }
        }
        return isEmpty ? "" : text
    }
}

extension JSON {
    /// As it stands in a sentence; nil for null and for what has parts.
    var word: String? {
        switch self {
        case .string(let text): text
        case .number(let number): number.text
        case .bool(let flag): flag ? "yes" : "no"
        case .null, .array, .object: nil
        }
    }
}
