import Core

extension Monday {
    /// One choice of a status or dropdown column.
    package struct Label: Sendable, Equatable {
        /// What the label is known by, whatever its text and place. Nil for one that Monday has yet to make.
        package var id: Int?
        package var text: String
        /// Where it stands among the others; a status has one.
        package var index: Int?
        /// The vendor's name of its colour; a status has one.
        package var color: String?
        package var isDone = false
        package var isDeactivated = false
        package var description: String?

        package init(id: Int? = nil, text: String, index: Int? = nil, color: String? = nil) {
            self.id = id
            self.text = text
            self.index = index
            self.color = color
        }
    }

    /// The vendor documents colours by name and sends numbers; updates take names only.
    package static let colors: [Int: String] = [
        0: "working_orange", 1: "done_green", 2: "stuck_red", 3: "dark_blue", 4: "purple", 5: "explosive",
        6: "grass_green", 7: "bright_blue", 8: "saladish", 9: "egg_yolk", 10: "blackish", 11: "dark_red",
        12: "sofia_pink", 13: "lipstick", 14: "dark_purple", 15: "bright_green", 16: "chili_blue", 17: "american_gray",
        18: "brown", 19: "dark_orange", 101: "sunset", 102: "bubble", 103: "peach", 104: "berry", 105: "winter",
        106: "river", 107: "navy", 108: "aquamarine", 109: "indigo", 110: "dark_indigo", 151: "pecan", 152: "lavender",
        153: "royal", 154: "steel", 155: "orchid", 156: "lilac", 157: "tan", 158: "sky", 159: "coffee", 160: "teal",
    ]
}

extension Monday.Label {
    /// The labels in a column's settings, in whichever of the forms that are still about: a list of objects, or an object
    /// of texts by id. What has neither id nor text is none.
    static func all(in settings: JSONField) -> [Monday.Label] {
        let labels = settings["labels"]
        if let listed = try? labels.elements() { return listed.compactMap(Self.init) }
        return ((try? labels.members()) ?? []).compactMap { name, field in
            guard let id = Int(name), let text = try? field.string() else { return nil }
            return Monday.Label(id: id, text: text)
        }
    }

    private init?(_ field: JSONField) {
        guard let id = try? field["id"].int(),
            let text = (try? field["label"].string()) ?? (try? field["name"].string())
        else { return nil }
        self.init(id: id, text: text, index: try? field["index"].int())
        color = (try? field["color"].string()) ?? (try? field["color"].int()).flatMap { Monday.colors[$0] }
        isDone = (try? field["is_done"].bool()) ?? false
        isDeactivated = (try? field["is_deactivated"].bool()) ?? false
        description = try? field["description"].string()
    }
}
