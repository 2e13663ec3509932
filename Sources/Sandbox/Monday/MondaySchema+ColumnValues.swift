extension MondaySchema {
    private static let shared = "column: Column! id: ID! is_leaf: Boolean! text: String type: ColumnType! value: JSON"

    /// Every type that a column's value can have, with the fields that it has beside the shared ones.
    private static let ownFields: KeyValuePairs<String, String> = [
        "BatteryValue": "battery_value: [BatteryValueItem!]!",
        "BoardRelationValue":
            "display_value: String! linked_item_ids: [ID!]! linked_items: [Item!]! updated_at: Date",
        "ButtonValue": "color: String label: String",
        "CheckboxValue": "checked: Boolean updated_at: Date",
        "ColorPickerValue": "color: String updated_at: Date",
        "CountryValue": "country: Country updated_at: Date",
        "CreationLogValue": "created_at: Date! creator: User! creator_id: ID!",
        "DateValue": "date: String icon: String time: String updated_at: Date",
        "DependencyValue":
            "display_value: String! linked_item_ids: [ID!]! linked_items: [Item!]! updated_at: Date",
        "DirectDocValue": "",
        "DocValue": "",
        "DropdownValue": "values: [DropdownValueOption!]!",
        "EmailValue": "email: String label: String updated_at: Date",
        "FileValue": "",
        "FormulaValue": "display_value: String!",
        "GroupValue": "group: Group group_id: ID",
        "HourValue": "hour: Int minute: Int updated_at: Date",
        "IntegrationValue": "entity_id: ID issue_api_url: ID issue_id: String",
        "ItemIdValue": "item_id: ID!",
        "LastUpdatedValue": "updated_at: Date updater: User updater_id: ID",
        "LinkValue": "updated_at: Date url: String url_text: String",
        "LocationValue": "address: String lat: Float lng: Float updated_at: Date",
        "LongTextValue": "updated_at: Date",
        "MirrorValue": "display_value: String! mirrored_items: [MirroredItem!]!",
        "NumbersValue": "direction: NumberValueUnitDirection number: Float symbol: String",
        "PeopleValue": "persons_and_teams: [PeopleEntity!] updated_at: Date",
        "PersonValue": "person_id: ID updated_at: Date",
        "PhoneValue": "country_short_name: String phone: String updated_at: Date",
        "ProgressValue": "",
        "RatingValue": "rating: Int updated_at: Date",
        "StatusValue":
            "index: Int is_done: Boolean label: String label_style: StatusLabelStyle update_id: ID updated_at: Date",
        "SubtasksValue": "display_value: String! subitems: [Item!]! subitems_ids: [ID!]!",
        "TagsValue": "tag_ids: [Int!]! tags: [Tag!]!",
        "TeamValue": "team_id: Int updated_at: Date",
        "TextValue": "",
        "TimelineValue": "from: Date to: Date updated_at: Date visualization_type: String",
        "TimeTrackingValue": "duration: Int running: Boolean started_at: Date updated_at: Date",
        "UnsupportedValue": "",
        "VoteValue": "updated_at: Date vote_count: Int! voter_ids: [ID!]! voters: [User!]!",
        "WeekValue": "end_date: Date start_date: Date",
        "WorldClockValue": "timezone: String updated_at: Date",
    ]

    static let columnValues =
        [
            """
            interface ColumnValue { \(shared) }
            type BatteryValueItem { count: Int! key: ID! }
            type Country { code: String! name: String! }
            type DropdownValueOption { id: ID! label: String! }
            type MirroredItem { linked_board: Board! linked_board_id: ID! linked_item: Item! }
            type PeopleEntity { id: ID! kind: Kind }
            type StatusLabelStyle { border: String! color: String! }
            """
        ] + ownFields.map { "type \($0) implements ColumnValue { \(shared) \($1) }" }
}
