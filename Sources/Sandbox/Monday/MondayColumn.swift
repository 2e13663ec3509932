import Core

/// A column of a board.
struct MondayColumn: Sendable {
    let id: String
    var title: String
    let type: String
    var description: String?
    var width: Int?
    /// What the type keeps beside its labels: connected boards, units.
    var settings = JSON.Object()
    var labels: [MondayLabel] = []
    /// Of which managed column it is, if of any.
    var managedID: String?
    /// Opaque to callers; every change of the column makes a new one.
    var revision = 1

    var revisionText: String { "r-\(revision)" }

    /// As it is read today.
    var settingsJSON: JSON {
        var object = JSON.Object()
        if type == "status" { object["type"] = "status" }
        if type == "status" || type == "dropdown" { object["labels"] = .array(labels.map { $0.json(of: type) }) }
        for member in settings.members { object[member.name] = member.value }
        return .object(object)
    }

    /// As it was read before 2025-10.
    var legacySettingsText: String {
        switch type {
        case "status":
            var texts = JSON.Object()
            for label in labels { texts["\(label.id)"] = .string(label.text) }
            return JSON.object(JSON.Object(("labels", .object(texts)))).text()
        case "dropdown":
            let list = labels.map { JSON.object(JSON.Object(("id", .number($0.id)), ("name", .string($0.text)))) }
            return JSON.object(JSON.Object(("labels", .array(list)))).text()
        default: return settingsJSON.text()
        }
    }

    static let readOnlyTypes: Set<String> = [
        "mirror", "formula", "item_id", "creation_log", "last_updated", "auto_number", "progress", "button", "subtasks",
        "time_tracking", "vote",
    ]

    /// The object type behind a value; what the API has no type for is unsupported.
    var valueTypeName: String {
        let words = type.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }
        let name = words.joined() + "Value"
        return MondaySchema.schema.possibleTypes(of: "ColumnValue").contains(name) ? name : "UnsupportedValue"
    }

    /// How webhooks call the type.
    var hookType: String {
        switch type {
        case "status": "color"
        case "people": "multiple-person"
        case "numbers": "numeric"
        case "long_text": "long-text"
        case "board_relation": "board-relation"
        case "timeline": "timerange"
        case "mirror": "lookup"
        default: type
        }
    }

    static func isValid(id: String) -> Bool {
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        let bytes = Array(id.utf8)
        return 1...24 ~= bytes.count && bytes.first.map { letters ~= $0 || $0 == UInt8(ascii: "_") } == true
            && bytes.allSatisfy {
                letters ~= $0 || $0 == UInt8(ascii: "_") || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
            }
    }
}

/// One choice of a status or dropdown column. Cells hold its id, which never changes.
struct MondayLabel: Sendable, Equatable {
    var id: Int
    /// Where people see it; of a status only.
    var index = 0
    var text: String
    var color = 0
    var description: String?
    var isDone = false
    var isDeactivated = false

    func json(of type: String) -> JSON {
        var object = JSON.Object(("id", .number(id)), ("label", .string(text)))
        if type == "status" {
            object["color"] = .number(color)
            object["index"] = .number(index)
            object["description"] = description.map { .string($0) }
            if isDone { object["is_done"] = true }
            if isDeactivated { object["is_deactivated"] = true }
        } else {
            object["is_deactivated"] = .bool(isDeactivated)
        }
        return .object(object)
    }
}
