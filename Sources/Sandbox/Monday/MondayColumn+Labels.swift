import Core

/// The lists of labels: made with a column, replaced as a whole, or grown by a value that is written.
extension MondayColumn {
    private static let mostStatusLabels = 40
    private static let longestStatusLabel = 30
    private static let longestDescription = 80
    /// The vendor publishes no figure for dropdowns; these keep a board readable.
    private static let mostDropdownLabels = 9_000
    private static let longestDropdownLabel = 255

    /// Takes a typed input's labels as the list of a new column.
    mutating func setLabels(ofNew settings: JSON) throws(GraphQL.Fault) {
        var labels: [MondayLabel] = []
        for (place, field) in elements(settings, "labels").enumerated() {
            var label = try label(from: field, id: 0)
            label.id = type == "status" ? place : place + 1
            labels.append(label)
        }
        self.labels = try checked(labels)
        setLimits(settings)
    }

    /// Replaces the list: a label that is not named is deleted. One deletion a call, and none together with an addition.
    /// A label that a cell holds stays.
    mutating func replaceLabels(_ settings: JSON, inUse used: Set<Int>) throws(GraphQL.Fault) {
        guard managedID == nil else { throw Self.isManaged }
        var next = (labels.map(\.id).max() ?? (type == "status" ? -1 : 0)) + 1
        var list: [MondayLabel] = []
        var added = 0
        for field in elements(settings, "labels") {
            guard let id = JSONField(field)["id"].orNil else {
                list.append(try label(from: field, id: next))
                next += 1
                added += 1
                continue
            }
            guard let id = try? id.int(), labels.contains(where: { $0.id == id }) else {
                throw .monday("INVALID_INPUT", "There is no label with this id in the column")
            }
            list.append(try label(from: field, id: id))
        }
        let kept = Set(list.map(\.id))
        let gone = labels.filter { !kept.contains($0.id) }
        let deleted = gone.count
        guard deleted <= 1 else { throw .monday("INVALID_INPUT", "Only one label can be deleted per request") }
        guard deleted == 0 || added == 0 else {
            throw .monday("INVALID_INPUT", "Labels cannot be added and deleted in the same request")
        }
        if let label = gone.first(where: { used.contains($0.id) }) {
            throw .monday("INVALID_INPUT", "The label \(label.text) is in use and cannot be deleted")
        }
        labels = try checked(list)
        setLimits(settings)
    }

    /// Which code the vendor gives is not known; that it is a matter of rights is.
    private static let isManaged = GraphQL.Fault.monday(
        "UserUnauthorizedException",
        "The labels of a managed column cannot be changed on a board",
        status: 403
    )

    /// The label that a value names by its text; made on the spot when that is asked for.
    mutating func label(named text: String, createIfMissing: Bool) throws(GraphQL.Fault) -> MondayLabel? {
        if let label = labels.first(where: { $0.text == text }) { return label }
        guard createIfMissing else { return nil }
        guard managedID == nil else { throw Self.isManaged }
        let id = (labels.map(\.id).max() ?? (type == "status" ? -1 : 0)) + 1
        let label = MondayLabel(id: id, index: (labels.map(\.index).max() ?? -1) + 1, text: text, color: id % 20)
        labels = try checked(labels + [label])
        revision += 1
        return label
    }

    private func label(from json: JSON, id: Int) throws(GraphQL.Fault) -> MondayLabel {
        let field = JSONField(json)
        var label = MondayLabel(id: id, text: (try? field["label"].string()) ?? "")
        label.isDeactivated = (try? field["is_deactivated"].bool()) ?? false
        guard type == "status" else { return label }
        label.index = (try? field["index"].int()) ?? 0
        label.description = try? field["description"].string()
        label.isDone = (try? field["is_done"].bool()) ?? false
        if let name = try? field["color"].string(), let color = MondayColor.named(name) { label.color = color.number }
        return label
    }

    private func checked(_ labels: [MondayLabel]) throws(GraphQL.Fault) -> [MondayLabel] {
        let (most, longest) =
            type == "status"
            ? (Self.mostStatusLabels, Self.longestStatusLabel) : (Self.mostDropdownLabels, Self.longestDropdownLabel)
        guard labels.count <= most else { throw .monday("INVALID_INPUT", "A column has at most \(most) labels") }
        var texts: Set<String> = []
        var indexes: Set<Int> = []
        for label in labels {
            guard 1...longest ~= label.text.utf16.count || type == "status" && label.text.isEmpty else {
                throw .monday("INVALID_INPUT", "A label has from 1 to \(longest) characters")
            }
            guard texts.insert(label.text).inserted else {
                throw .monday("INVALID_INPUT", "Two labels cannot have the same text")
            }
            guard label.description.map({ $0.utf16.count <= Self.longestDescription }) ?? true else {
                throw .monday("INVALID_INPUT", "A description has at most \(Self.longestDescription) characters")
            }
            guard type != "status" || 0..<Self.mostStatusLabels ~= label.index && indexes.insert(label.index).inserted
            else {
                throw .monday("INVALID_INPUT", "The index of a label is from 0 to 39 and its own")
            }
        }
        return labels
    }

    private mutating func setLimits(_ settings: JSON) {
        guard case .object(let object) = settings else { return }
        for name in ["limit_select", "label_limit_count"] {
            if let value = object[name] { self.settings[name] = value }
        }
    }

    private func elements(_ settings: JSON, _ name: String) -> [JSON] {
        if case .object(let object) = settings, case .array(let elements)? = object[name] { return elements }
        return []
    }
}
