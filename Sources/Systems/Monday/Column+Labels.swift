import Core

/// Which label of a column is meant.
extension Monday.Column {
    /// Spaces around, capitals and the way an accent is spelled make no other label.
    package func label(_ text: String) -> Monday.Label? {
        let wanted = Monday.trimmed(text)
        let active = labels.filter { !$0.isDeactivated }
        if let exact = active.first(where: { Monday.trimmed($0.text) == wanted }) { return exact }
        let alike = active.filter { Monday.trimmed($0.text).lowercased() == wanted.lowercased() }
        return alike.count == 1 ? alike[0] : nil
    }

    func status(_ plain: JSON, _ mayMakeLabels: Bool) throws(CallError) -> Monday.ColumnValue {
        let (known, text) = try choice(plain)
        if let id = known?.id { return .status(id) }
        guard mayMakeLabels else { throw missing(text) }
        try checkNew(text)
        guard labels.count < Self.mostStatusLabels else {
            throw invalid(
                "“\(title)” has \(labels.count) labels already, the most a status can have; “\(text)” is not one"
            )
        }
        return .newStatus(text)
    }

    func dropdown(_ plain: JSON, _ mayMakeLabels: Bool) throws(CallError) -> Monday.ColumnValue {
        let choices = try each(plain) { element throws(CallError) in try choice(element) }
        if let mostLabels, choices.count > mostLabels {
            throw invalid("“\(title)” takes \(mostLabels) labels at most, and \(choices.count) are given")
        }
        let ids = choices.compactMap(\.known?.id)
        // Ids and texts cannot be mixed, so one that is missing makes all go by text.
        if ids.count == choices.count { return .dropdown(ids) }
        for choice in choices where choice.known == nil {
            guard mayMakeLabels else { throw missing(choice.text) }
            try checkNew(choice.text)
        }
        return .newDropdown(choices.map { $0.known?.text ?? $0.text })
    }

    package static let mostStatusLabels = 40
    package static let mostLabelCharacters = 30

    /// A whole number is a label's id where the column has such a label, else a text as any other.
    private func choice(_ plain: JSON) throws(CallError) -> (known: Monday.Label?, text: String) {
        if case .number(let number) = plain, let id = number.int,
            let known = labels.first(where: { $0.id == id && !$0.isDeactivated })
        {
            return (known, known.text)
        }
        let text = Monday.trimmed(try text(plain))
        guard !text.isEmpty else { throw wrong(plain, "a label") }
        return (label(text), text)
    }

    private func checkNew(_ text: String) throws(CallError) {
        guard text.utf16.count <= Self.mostLabelCharacters || type == .dropdown else {
            throw invalid(
                "“\(text)” is too long for a label of “\(title)”: \(Self.mostLabelCharacters) characters at most"
            )
        }
        guard text.utf16.count <= Monday.mostNameCharacters else {
            throw invalid("a text of \(text.utf16.count) characters is too long for a label of “\(title)”")
        }
        // Monday reads digits as the number of a label.
        guard type == .dropdown || !text.allSatisfy({ $0.isASCII && $0.isNumber }) else {
            throw invalid("“\(title)” has no label “\(text)”, and one of digits only can be made by hand only")
        }
    }

    private func missing(_ text: String) -> CallError {
        let isOff = labels.contains { $0.isDeactivated && Monday.trimmed($0.text) == text }
        let known = labels.filter { !$0.isDeactivated }.prefix(20).map { "“\($0.text)”" }.joined(separator: ", ")
        return invalid(
            isOff
                ? "the label “\(Monday.cut(text, to: 100))” of “\(title)” is deactivated"
                : "“\(title)” (\(id)) has no label “\(Monday.cut(text, to: 100))”; "
                    + (known.isEmpty ? "it has none at all" : "it has \(known)")
        )
    }
}

// MARK: Changing them

extension Monday.Column {
    /// The whole list with those added that it lacks, each once; what has an id keeps it.
    package func labels(adding texts: [String]) throws(CallError) -> [Monday.Label] {
        var list = labels
        for text in texts.map(Monday.trimmed) where !text.isEmpty {
            guard label(text) == nil, !list.contains(where: { $0.id == nil && $0.text == text }) else { continue }
            try checkNew(text)
            list.append(newLabel(text, beside: list))
        }
        return list
    }

    /// One that Monday has yet to make: of a status, at a place and in a colour that no other has.
    package func newLabel(_ text: String, beside list: [Monday.Label]) -> Monday.Label {
        var label = Monday.Label(text: text)
        guard type == .status else { return label }
        let used = Set(list.compactMap(\.index))
        label.index = (0..<Self.mostStatusLabels).first { !used.contains($0) }
        // Grey is kept for the empty label.
        let taken = Set(list.compactMap(\.color)).union(["explosive"])
        label.color = Monday.colors.sorted { $0.key < $1.key }.map(\.value).first { !taken.contains($0) }
        return label
    }

    /// As an update takes it. Monday replaces the whole list: a label left out is one deleted, of which it takes one at a
    /// time, and never together with one that is new.
    package func settings(for list: [Monday.Label]) throws(CallError) -> JSON {
        let known = Set(labels.compactMap(\.id))
        let kept = list.compactMap(\.id)
        guard Set(kept).count == kept.count, Set(kept).isSubset(of: known) else {
            throw defect("a list of labels names one that is not there, or one twice")
        }
        let deleted = known.subtracting(kept).count
        guard deleted <= 1 else { throw defect("a list of labels leaves out \(deleted); one at a time can be deleted") }
        guard deleted == 0 || kept.count == list.count else {
            throw defect("a list of labels deletes one and adds another; these are two steps")
        }
        guard type == .status else { return ["labels": .array(list.map(dropdownLabel))] }
        guard list.count <= Self.mostStatusLabels else {
            throw invalid("“\(title)” would have \(list.count) labels; a status can have \(Self.mostStatusLabels)")
        }
        var labels: [JSON] = []
        for label in list { labels.append(try statusLabel(label)) }
        return ["labels": .array(labels)]
    }

    private func dropdownLabel(_ label: Monday.Label) -> JSON {
        var object = JSON.Object()
        object["id"] = label.id.map { .number($0) }
        object["label"] = .string(label.text)
        if label.isDeactivated { object["is_deactivated"] = true }
        return .object(object)
    }

    private func statusLabel(_ label: Monday.Label) throws(CallError) -> JSON {
        guard let index = label.index, let color = label.color, Monday.colors.values.contains(color) else {
            throw defect("the status label “\(label.text)” has no place or no colour that Monday knows")
        }
        var object = JSON.Object()
        object["id"] = label.id.map { .number($0) }
        object["label"] = .string(label.text)
        object["color"] = .string(color)
        object["index"] = .number(index)
        if let description = label.description { object["description"] = .string(description) }
        if label.isDone { object["is_done"] = true }
        if label.isDeactivated { object["is_deactivated"] = true }
        return .object(object)
    }

    private func defect(_ reason: String) -> CallError {
        CallError(.skipRecord, Monday.name, .defect, reason)
    }
}
