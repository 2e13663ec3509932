import Core

/// What a cell holds, in the form in which a value is written and kept: one form for all that people see as the same. So a
/// record's value and its cell's can be compared, and both with what was written last.
extension Monday.Column {
    /// A record's value in that form. Where labels may be made, all go by their texts: an id that a label gets later must
    /// not look like a change.
    package func normal(_ value: Monday.ColumnValue, labelsByText: Bool) -> Monday.ColumnValue {
        switch value {
        case .text(let text): .text(Monday.trimmed(text))
        case .longText(let text): .longText(Monday.trimmed(text))
        case .number(let amount): .number(Decimal(amount.canonical) ?? amount)
        case .status(let id) where labelsByText: text(ofLabel: id).map { .newStatus($0) } ?? value
        case .dropdown(let ids): normal(ids, labelsByText)
        case .newDropdown(let texts): .newDropdown(Set(texts).sorted())
        case .people(let people):
            .people(people.sorted { ($0.isTeam ? 1 : 0, $0.id) < ($1.isTeam ? 1 : 0, $1.id) })
        case .items(let ids): .items(Set(ids).sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) })
        case .tags(let ids): .tags(Set(ids).sorted())
        case .name, .status, .newStatus, .date, .moment, .timeline, .week, .hour, .link, .email, .phone, .country,
            .checkbox, .rating, .location, .stored:
            value
        }
    }

    private func normal(_ ids: [Int], _ labelsByText: Bool) -> Monday.ColumnValue {
        let ids = Set(ids).sorted()
        let texts = ids.compactMap { text(ofLabel: $0) }
        return labelsByText && texts.count == ids.count ? .newDropdown(Set(texts).sorted()) : .dropdown(ids)
    }

    /// Monday reads a status of digits as the number of a label, so such a one goes by its id.
    private func text(ofLabel id: Int) -> String? {
        guard let text = labels.first(where: { $0.id == id }).map({ Monday.trimmed($0.text) }), !text.isEmpty,
            type == .dropdown || !text.allSatisfy({ $0.isASCII && $0.isNumber })
        else { return nil }
        return text
    }

    /// The same of a cell; null where it is empty, and nil where nobody can say.
    package func held(in cell: Monday.Cell, labelsByText: Bool) -> JSON? {
        guard cell.isReadable, let type else { return nil }
        guard let text = cell.canonical else { return .null }
        return value(of: text, shown: cell.shown, type, labelsByText).map {
            normal($0, labelsByText: labelsByText).json
        }
    }

    /// `text` is what equal cells have in common.
    private func value(
        of text: String,
        shown: String,
        _ type: Monday.ColumnType,
        _ labelsByText: Bool
    ) -> Monday.ColumnValue? {
        let parts = text.split(separator: ",").map(String.init)
        switch type {
        case .name: return .name(text)
        case .text: return .text(text)
        case .longText: return .longText(text)
        case .numbers: return Decimal(text).map { .number($0) }
        case .status:
            guard let id = Int(text) else { return nil }
            // Made since the board was looked at.
            return labelsByText && !labels.contains { $0.id == id } ? .newStatus(Monday.trimmed(shown)) : .status(id)
        case .dropdown:
            let ids = parts.compactMap { Int($0) }
            guard labelsByText, ids.contains(where: { id in !labels.contains { $0.id == id } }) else {
                return .dropdown(ids)
            }
            return ids.count == 1 ? .newDropdown([Monday.trimmed(shown)]) : nil
        case .date:
            return text.utf8.count == 10 ? Day(text).map { .date($0) } : moment(text)
        case .timeline: return days(text).map { .timeline(from: $0, to: $1) }
        case .week: return days(text).map { from, _ in .week(from: from) }
        case .hour:
            let parts = text.split(separator: ":").compactMap { Int($0) }
            return parts.count == 2 ? .hour(parts[0], minute: parts[1]) : nil
        case .people:
            return .people(
                parts.compactMap { part in
                    let words = part.split(separator: ":")
                    return words.last.flatMap { Int($0) }.map { Monday.Person(id: $0, isTeam: words.first == "team") }
                }
            )
        case .boardRelation, .dependency: return .items(parts)
        case .tags: return .tags(parts.compactMap { Int($0) })
        case .link: return pair(text) { .link(url: $0, text: $1) }
        case .email: return pair(text) { .email(address: $0, text: $1) }
        case .phone: return .phone(text, country: nil)
        case .country: return .country(code: text, name: nil)
        case .checkbox: return .checkbox(true)
        case .rating: return Int(text).map { .rating($0) }
        // Of these a cell does not tell all that was written.
        case .location: return .stored(["address": .string(text)])
        case .autoNumber, .button, .colorPicker, .creationLog, .directDoc, .doc, .file, .formula, .group, .integration,
            .itemAssignees, .itemID, .lastUpdated, .mirror, .person, .progress, .subtasks, .team, .timeTracking,
            .unsupported, .vote, .worldClock:
            return nil
        }
    }

    private func moment(_ text: String) -> Monday.ColumnValue? {
        WallTime(text.split(separator: " ").joined(separator: "T") + "Z").map { .moment($0) }
    }

    private func days(_ text: String) -> (Day, Day)? {
        let days = text.split(separator: "/").compactMap { Day(String($0)) }
        return days.count == 2 ? (days[0], days[1]) : nil
    }

    /// An address, and what is shown instead of it where that differs.
    private func pair(_ text: String, _ make: (String, String) -> Monday.ColumnValue) -> Monday.ColumnValue {
        let parts = text.split(separator: " ", maxSplits: 1).map(String.init)
        return make(parts.first ?? "", parts.count == 2 ? parts[1] : parts.first ?? "")
    }

    // MARK: What cells do not tell in full

    /// Whether two values are the same as far as a cell of the column tells.
    package func areAlike(_ one: JSON, _ other: JSON) -> Bool {
        func told(_ value: JSON) -> JSON? {
            let field = JSONField(value)
            if type == .country { return field["countryCode"].value }
            if type == .location { return field["address"].value }
            guard type == .phone, let digits = try? field["phone"].string() else { return nil }
            return .string(String(digits.drop { $0 == "+" }))
        }
        return one == other || told(one).map { $0 == told(other) } ?? false
    }

    // MARK: What people see

    /// A value in that form as people read it: a label by its text, an amount, a day. Null for an empty one, and nil for
    /// what is more than one value.
    package func plain(_ value: JSON) -> JSON? {
        guard let type else { return nil }
        let field = JSONField(value)
        guard value != .null else { return type == .checkbox ? false : .null }
        switch type {
        case .name, .text: return value
        case .longText: return field["text"].orNil?.value
        case .numbers: return (try? field.string()).flatMap { Decimal($0) }.map { .number(JSON.Number($0)) }
        case .status:
            if let text = try? field["label"].string() { return .string(text) }
            return (try? field["index"].int()).flatMap { text(of: $0) }
        case .dropdown:
            if let texts = try? field["labels"].elements() { return texts.count == 1 ? texts[0].value : nil }
            guard let ids = try? field["ids"].elements(), ids.count == 1 else { return nil }
            return (try? ids[0].int()).flatMap { text(of: $0) }
        case .date: return field["time"].orNil == nil ? field["date"].orNil?.value : nil
        case .checkbox: return true
        case .autoNumber, .boardRelation, .button, .colorPicker, .country, .creationLog, .dependency, .directDoc, .doc,
            .email, .file, .formula, .group, .hour, .integration, .itemAssignees, .itemID, .lastUpdated, .link,
            .location, .mirror, .people, .person, .phone, .progress, .rating, .subtasks, .tags, .team, .timeline,
            .timeTracking, .unsupported, .vote, .week, .worldClock:
            return nil
        }
    }

    /// The id of the one label that a value in that form is; nil where it is none, or more.
    package func label(in value: JSON) -> Int? {
        let field = JSONField(value)
        if let index = try? field["index"].int() { return index }
        guard let ids = try? field["ids"].elements(), ids.count == 1 else { return nil }
        return try? ids[0].int()
    }

    private func text(of label: Int) -> JSON? {
        labels.first { $0.id == label }.map { .string(Monday.trimmed($0.text)) }
    }
}
