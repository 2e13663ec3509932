import Core

/// What the people at an item are told when a value is given up.
enum Telling {
    private static let longestValue = 200
    private static let longest = 2_000

    /// Nil when nothing is lost that somebody would miss.
    static func words(
        _ aside: Aside,
        _ written: JSON.Object,
        _ title: (String) -> String,
        _ words: (JSON, String) -> String? = { _, _ in nil }
    ) -> String? {
        func text(_ value: JSON, _ field: String) -> String {
            words(value, field).map { "“\($0.prefix(longestValue))”" } ?? Self.text(value)
        }
        func value(_ field: String) -> String { text(written[field] ?? .null, field) }
        // What was asked for while the source changed takes nothing from anybody.
        let conflicts = aside.conflicts.members.filter { member in
            written[member.name].map { !Asked($0).isApart } ?? true
        }
        var lines = aside.refused.members.map { member in
            "“\(title(member.name))” is \(value(member.name)) again: \(text(member.value, member.name)) was not taken over"
                + (aside.refusal.map { ", because: \($0)" } ?? "") + "."
        }
        lines += conflicts.map { member in
            "“\(title(member.name))” was changed on both sides: \(value(member.name)) counts, \(text(member.value, member.name)) does "
                + "not any more."
        }
        guard !lines.isEmpty else { return nil }
        return String(lines.joined(separator: "\n").prefix(longest))
    }

    /// As they wait in the store.
    static func values(_ words: String) -> JSON.Object {
        var values = JSON.Object()
        values["words"] = .string(words)
        return values
    }

    static func words(in intent: Intent) -> String {
        if case .string(let words) = intent.values["words"] { words } else { "" }
    }

    private static func text(_ value: JSON) -> String {
        switch value {
        case .null: "nothing"
        case .string(let text): "“\(text.prefix(longestValue))”"
        case .bool, .number, .array, .object: "“\(value.text().prefix(longestValue))”"
        }
    }
}
