import Core
import Engine

/// What a preview has told, counted: by what would be done, by column, by reason. However many records there are, it stays
/// small.
struct PreviewReport {
    private static let mostNames = 200

    private(set) var records = 0
    private var decisions: [AuditEntry.Decision: Int] = [:]
    /// How many items would get another value in this column. Of new items all columns are new, so they are not counted.
    private var columns: [String: Int] = [:]
    private var reasons: [String: Int] = [:]

    mutating func add(_ news: PreviewNews) {
        guard case .line(let line) = news else { return }
        records += 1
        decisions[line.decision, default: 0] += 1
        switch line.decision {
        case .updated, .adopted, .wroteBack: for field in line.fields { Self.count(field.name, in: &columns) }
        case .parked: Self.count(line.reason ?? "", in: &reasons)
        case .created, .archived, .unchanged, .kept, .lost, .ignored, .replayed, .reconciled, .pruned: break
        case .conflict, .refused, .overwritten: break
        }
    }

    private static func count(_ name: String, in counts: inout [String: Int]) {
        let name = counts[name] == nil && counts.count >= mostNames ? "others" : name
        counts[name, default: 0] += 1
    }

    // MARK: All of it

    private static let words: [(AuditEntry.Decision, String)] = [
        (.created, "created"), (.adopted, "taken over as they have the key already"), (.updated, "changed"),
        (.wroteBack, "written back"), (.archived, "archived"), (.unchanged, "left as they are"), (.parked, "refused"),
    ]

    var text: String {
        guard records > 0 else { return "there are no records\nNothing was written." }
        let counts = Self.words.compactMap { decision, words in decisions[decision].map { "\($0) \(words)" } }
        var text = "of \(records) record\(records == 1 ? "" : "s") would be: \(counts.joined(separator: ", "))"
        if !columns.isEmpty {
            let changed = columns.sorted { $0.key < $1.key }.map { "\(remark($0.key)) of \($0.value)" }
            text += "\ncolumns that would change: \(changed.joined(separator: ", "))"
        }
        for (reason, count) in reasons.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            text += "\nrefused \(count)x: \(remark(reason))"
        }
        return text + "\nNothing was written."
    }

    var json: JSON {
        var counts = JSON.Object()
        for (decision, _) in Self.words { counts[decision.rawValue] = .number(decisions[decision, default: 0]) }
        return [
            "summary": [
                "records": .number(records), "decisions": .object(counts), "columns": Self.json(columns),
                "refusals": Self.json(reasons),
            ]
        ]
    }

    private static func json(_ counts: [String: Int]) -> JSON {
        var object = JSON.Object()
        for (name, count) in counts.sorted(by: { $0.key < $1.key }) { object[name] = .number(count) }
        return .object(object)
    }

    // MARK: One after the other

    /// Nil for what nobody has to read: a record that stays as it is.
    static func text(_ news: PreviewNews) -> String? {
        switch news {
        case .began(let route, let place, let records, let load):
            var text = "\(remark(route)) -> \(remark(place))"
            if let records { text += ": \(records) records" }
            if let load {
                text += "\na first load of all of them would last about " + words(load)
            }
            return text + "\n"
        case .notice(let route, let words): return "notice   \(remark(route)): \(remark(words))"
        case .ended(let route, let writes, let time):
            return "\(remark(route)): \(writes) writes" + (time.map { ", which would last about " + words($0) } ?? "")
        case .line(let line):
            guard line.decision != .unchanged else { return nil }
            var text = verb(line.decision) + " " + remark(line.number.isEmpty ? line.key : line.number)
            if !line.number.isEmpty { text += "  " + remark(line.key) }
            if let target = line.target { text += "  item " + remark(target) }
            if let reason = line.reason { text += ": " + remark(reason) }
            for field in line.fields {
                text += "\n         \(remark(field.name)): \(short(field.before)) -> \(short(field.after))"
            }
            return text
        }
    }

    private static func words(_ time: Estimate) -> String { "\(Estimate.words(time.seconds)): \(time.limit)" }

    private static func verb(_ decision: AuditEntry.Decision) -> String {
        switch decision {
        case .created: "create  "
        case .updated: "change  "
        case .adopted: "adopt   "
        case .archived: "archive "
        case .parked: "refuse  "
        case .wroteBack: "back    "
        case .conflict, .refused, .overwritten: "lose    "
        case .unchanged, .kept, .lost, .ignored, .replayed, .reconciled, .pruned: "leave   "
        }
    }

    private static func short(_ value: JSON?) -> String {
        guard let value, value != .null else { return "-" }
        let text = remark(value.text())
        return text.count > 100 ? text.prefix(100) + "…" : text
    }

    static func json(_ news: PreviewNews) -> JSON? {
        switch news {
        case .began(let route, let place, let records, let load):
            return [
                "route": .string(route), "place": .string(place), "records": records.map { .number($0) } ?? .null,
                "loadSeconds": load.map { .number(Int($0.seconds)) } ?? .null,
                "loadLimit": load.map { .string($0.limit) } ?? .null,
            ]
        case .ended(let route, let writes, let time):
            return [
                "route": .string(route), "writes": .number(writes),
                "writeSeconds": time.map { .number(Int($0.seconds)) } ?? .null,
                "writeLimit": time.map { .string($0.limit) } ?? .null,
            ]
        case .notice(let route, let words): return ["route": .string(route), "notice": .string(words)]
        case .line(let line):
            var fields = JSON.Object()
            for field in line.fields {
                fields[field.name] = ["before": field.before ?? .null, "after": field.after ?? .null]
            }
            return [
                "route": .string(line.route), "record": .string(line.key), "number": .string(line.number),
                "item": line.target.map { .string($0) } ?? .null, "decision": .string(line.decision.rawValue),
                "reason": line.reason.map { .string($0) } ?? .null, "fields": .object(fields),
            ]
        }
    }
}
