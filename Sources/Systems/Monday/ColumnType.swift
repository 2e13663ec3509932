extension Monday {
    /// What kind of values a column holds, under the vendor's names.
    package enum ColumnType: String, Sendable, CaseIterable {
        case autoNumber = "auto_number"
        case boardRelation = "board_relation"
        case button
        case checkbox
        case colorPicker = "color_picker"
        case country
        case creationLog = "creation_log"
        case date
        case dependency
        case directDoc = "direct_doc"
        case doc
        case dropdown
        case email
        case file
        case formula
        case group
        case hour
        case integration
        case itemAssignees = "item_assignees"
        case itemID = "item_id"
        case lastUpdated = "last_updated"
        case link
        case location
        case longText = "long_text"
        case mirror
        case name
        case numbers
        case people
        case person
        case phone
        case progress
        case rating
        case status
        case subtasks
        case tags
        case team
        case text
        case timeline
        case timeTracking = "time_tracking"
        case unsupported
        case vote
        case week
        case worldClock = "world_clock"

        /// The vendor's word, or the one its pages and people use for connected boards.
        package init?(word: String) {
            self.init(rawValue: word == "connect_boards" ? "board_relation" : word)
        }

        /// What keeps values from being written to such a column, for people; nil where they can be.
        package var refusal: String? {
            switch self {
            case .text, .longText, .numbers, .status, .dropdown, .date, .timeline, .week, .hour, .people, .link,
                .boardRelation, .dependency, .email, .phone, .country, .checkbox, .rating, .tags, .location, .name:
                nil
            case .mirror: "shows values of a connected board: map the column there instead"
            case .formula, .progress: "is computed by Monday from other columns"
            case .autoNumber, .itemID, .creationLog, .lastUpdated: "is filled in by Monday itself"
            case .button, .timeTracking, .vote, .subtasks: "cannot be set through Monday's API"
            case .file: "takes files only, which are uploaded one by one"
            case .person, .team: "is of a kind that Monday has replaced: use a People column"
            case .colorPicker, .directDoc, .doc, .group, .integration, .itemAssignees, .unsupported, .worldClock:
                "is of a kind that this connector does not write"
            }
        }

        /// Whether items can be looked up by a value of such a column. A key has to be found exactly.
        package var canHoldKey: Bool { self == .text }
    }
}
