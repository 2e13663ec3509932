import Core
import Flows

/// A connection's file while its questions are being answered. Secrets that were typed stand beside it, not in it.
struct InterviewDraft {
    var document = JSON.object(JSON.Object())
    var typed: [String: Secret] = [:]

    subscript(path: [String]) -> JSON? {
        get {
            var value: JSON? = document
            for name in path {
                guard case .object(let object)? = value else { return nil }
                value = object[name]
            }
            return value == .null ? nil : value
        }
        set { document = Self.setting(newValue, at: path[...], in: document) }
    }

    private static func setting(_ value: JSON?, at path: ArraySlice<String>, in document: JSON) -> JSON {
        guard let name = path.first else { return value ?? .null }
        var object = if case .object(let object) = document { object } else { JSON.Object() }
        let rest = path.dropFirst()
        object[name] = rest.isEmpty ? value : setting(value, at: rest, in: object[name] ?? .null)
        return .object(object)
    }

    func text(_ path: [String]) -> String? {
        if case .string(let text)? = self[path] { text } else { nil }
    }

    /// Whether it has to be asked for. A secret that is to be typed is typed now.
    func lacks(_ question: SetupQuestion) -> Bool {
        guard let answer = self[question.place] else { return true }
        return answer == ["prompt": true] && typed[question.path] == nil
    }

    var title: String { "\(text(["tenant"]) ?? "")/\(text(["name"]) ?? "")" }

    /// Routes whose boards are still to be made.
    var newBoards: [String] {
        guard case .object(let routes)? = self[["routes"]] else { return [] }
        return routes.members.map(\.name).filter { route in
            switch self[["routes", route, "board"]] {
            case .string("new"), .object: true
            default: false
            }
        }
    }

    var fileText: String {
        ConnectionText.of(
            document,
            comments: ConnectionText.comments,
            title: "Made by ml-connector connection add --interactive. Keep it in git: it holds no secret."
        )
    }
}

/// Which field goes where, as it was proposed and as somebody has changed it since.
struct InterviewMapping {
    private var pairs: [MappingProposal.Pair] = []
    private var left: [String] = []

    init() {}

    init(_ proposal: MappingProposal) {
        pairs = proposal.pairs
        left = proposal.fields
    }

    mutating func take(_ pair: MappingProposal.Pair) {
        left.removeAll { $0 == pair.field }
        pairs.append(pair)
    }

    /// `FIELD=COLUMN`, or `FIELD=` to leave it out. Nil when it is done; else what is wrong with it.
    mutating func change(_ answer: String) -> String? {
        let parts = answer.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { part in
            String(part.filter { !$0.isWhitespace })
        }
        guard parts.count == 2, !parts[0].isEmpty else { return "expected FIELD=COLUMN, such as dueDate=date4" }
        let (field, column) = (parts[0], parts[1])
        let isName = pairs.contains { $0.field == field && $0.column == "name" }
        if isName, column.isEmpty { return "an item needs a name: give another field to it first, OTHER=name" }
        pairs.removeAll { $0.field == field || $0.column == column }
        left.removeAll { $0 == field }
        if column.isEmpty {
            left.append(field)
        } else {
            pairs.append(MappingProposal.Pair(field: field, column: column, title: column, type: "as you say"))
        }
        return nil
    }

    var text: String {
        var rows = pairs.map { pair in
            var row = ["  " + pair.field, "->", "\(remark(pair.title)) (\(pair.column), \(pair.type))"]
            if !pair.missingLabels.isEmpty {
                row[2] += ", gets the labels \(pair.missingLabels.joined(separator: ", "))"
            }
            return row
        }
        for field in left { rows.append(["  " + field, "->", "nowhere"]) }
        return Terminal.table(rows)
    }

    /// As the file says it.
    var rules: JSON {
        var rules = JSON.Object()
        for pair in pairs {
            let isStatus = !pair.missingLabels.isEmpty
            rules[pair.field] =
                isStatus ? ["column": .string(pair.column), "makeLabels": true] : .string(pair.column)
        }
        return .object(rules)
    }
}
