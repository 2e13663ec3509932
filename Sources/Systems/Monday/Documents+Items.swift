// MARK: Reading

extension Monday.Documents {
    /// Looks items up by the text of one column. Finds active items only.
    package static let findItems = Monday.Document(
        query: "MlFindByKey",
        "items_page_by_column_values",
        text: """
            query MlFindByKey($boardId: ID!, $columns: [ItemsPageByColumnValuesQuery!], $limit: Int!, \
            $columnIds: [String!]) {
              items_page_by_column_values(board_id: $boardId, columns: $columns, limit: $limit) {
                cursor
                items { \(found) }
              }
            }
            """
    )

    package static let findMoreItems = Monday.Document(
        query: "MlFindMore",
        "next_items_page",
        text: """
            query MlFindMore($cursor: String!, $limit: Int!, $columnIds: [String!]) {
              next_items_page(cursor: $cursor, limit: $limit) {
                cursor
                items { \(found) }
              }
            }
            """
    )

    /// What stands under these items.
    package static let subitems = Monday.Document(
        query: "MlSubitems",
        "items",
        text: """
            query MlSubitems($ids: [ID!], $limit: Int!, $columnIds: [String!]) {
              items(ids: $ids, limit: $limit) {
                id
                subitems { \(found) board { id } }
              }
            }
            """
    )

    /// Whether any item has this value: one is enough.
    package static let firstWith = Monday.Document(
        query: "MlFirstWith",
        "boards",
        text: """
            query MlFirstWith($boardIds: [ID!], $query: ItemsQuery) {
              boards(ids: $boardIds, limit: 1) {
                id
                items_page(limit: 1, query_params: $query) { items { id } }
              }
            }
            """
    )

    private static let found =
        "id name state updated_at column_values(ids: $columnIds) { __typename id type text }"

    /// Archived and deleted items too, as far as Monday still knows them.
    package static func items(with types: Set<Monday.ColumnType>) -> Monday.Document {
        Monday.Document(
            query: "MlItemsByIds",
            "items",
            text: """
                query MlItemsByIds($ids: [ID!], $limit: Int!, $columnIds: [String!]) {
                  items(ids: $ids, limit: $limit, exclude_nonactive: false) {
                \(item(types))
                  }
                }
                """
        )
    }

    package static func firstPage(with types: Set<Monday.ColumnType>) -> Monday.Document {
        Monday.Document(
            query: "MlItemsFirst",
            "boards",
            text: """
                query MlItemsFirst($boardIds: [ID!], $limit: Int!, $query: ItemsQuery, $columnIds: [String!]) {
                  boards(ids: $boardIds, limit: 1) {
                    id
                    items_page(limit: $limit, query_params: $query) {
                      cursor
                      items {
                \(item(types))
                      }
                    }
                  }
                }
                """
        )
    }

    package static func nextPage(with types: Set<Monday.ColumnType>) -> Monday.Document {
        Monday.Document(
            query: "MlItemsNext",
            "next_items_page",
            text: """
                query MlItemsNext($cursor: String!, $limit: Int!, $columnIds: [String!]) {
                  next_items_page(cursor: $cursor, limit: $limit) {
                    cursor
                    items {
                \(item(types))
                    }
                  }
                }
                """
        )
    }

    /// An item with its cells. Each type's own members cost complexity, and a formula's value has a limit of its own, so
    /// only those of the types at hand are asked for.
    private static func item(_ types: Set<Monday.ColumnType>) -> String {
        let typed = Monday.ColumnType.allCases.filter(types.contains).compactMap(members)
        return """
            id
            name
            state
            created_at
            updated_at
            url
            board { id }
            group { id title }
            column_values(ids: $columnIds, capabilities: [CALCULATED]) {
            __typename
            id
            type
            text
            value
            \(typed.joined(separator: "\n"))
            }
            """
    }

    private static func members(of type: Monday.ColumnType) -> String? {
        switch type {
        // On boards of several levels a status that is rolled up comes as a battery.
        case .status: "... on StatusValue { index label }\n... on BatteryValue { battery_value { key count } }"
        case .date: "... on DateValue { date time }"
        case .dropdown: "... on DropdownValue { values { id label } }"
        case .boardRelation: "... on BoardRelationValue { display_value linked_item_ids }"
        case .dependency: "... on DependencyValue { display_value linked_item_ids }"
        case .mirror: "... on MirrorValue { display_value }"
        case .formula: "... on FormulaValue { display_value }"
        case .people: "... on PeopleValue { persons_and_teams { id kind } }"
        case .timeline: "... on TimelineValue { from to }"
        case .link: "... on LinkValue { url url_text }"
        case .checkbox: "... on CheckboxValue { checked }"
        case .email: "... on EmailValue { email label }"
        case .phone: "... on PhoneValue { phone country_short_name }"
        case .country: "... on CountryValue { country { code name } }"
        case .hour: "... on HourValue { hour minute }"
        case .week: "... on WeekValue { start_date end_date }"
        case .rating: "... on RatingValue { rating }"
        case .tags: "... on TagsValue { tag_ids }"
        case .location: "... on LocationValue { address }"
        case .itemID: "... on ItemIdValue { item_id }"
        case .creationLog: "... on CreationLogValue { created_at creator_id }"
        case .lastUpdated: "... on LastUpdatedValue { updated_at updater_id }"
        // What these hold is in `text` and `value`. A number's own member is a binary float: never for money.
        case .text, .longText, .numbers, .name, .autoNumber, .button, .colorPicker, .directDoc, .doc, .file, .group,
            .integration, .itemAssignees, .person, .progress, .subtasks, .team, .timeTracking, .unsupported, .vote,
            .worldClock:
            nil
        }
    }
}

// MARK: Writing

extension Monday.Documents {
    package enum WriteShape: Sendable, CaseIterable {
        case create
        case createSubitem
        case update
        case archive
    }

    /// No limit is published. The vendor's own clients stay at 20 items a call and 30 fields a document.
    package static let mostWrites = 20

    /// One write as a plain document, several as fields `m0`, `m1` … of one. They run in order and fail one by one.
    package static func write(_ shapes: [WriteShape]) -> Monday.Document {
        precondition(1...mostWrites ~= shapes.count, "\(shapes.count) writes in one document")
        if shapes.count == 1 { return single(shapes[0]) }
        let aliases = shapes.indices.map { "m\($0)" }
        let variables = zip(shapes.indices, shapes).map { index, shape in declarations(shape, "\(index)") }
        let fields = zip(aliases, zip(shapes.indices, shapes)).map { alias, write in
            "  \(alias): \(field(write.1, "\(write.0)"))"
        }
        return Monday.Document(
            mutation: "MlBatch",
            aliases,
            text: """
                mutation MlBatch(\(variables.joined(separator: ", "))) {
                \(fields.joined(separator: "\n"))
                }
                """
        )
    }

    private static func single(_ shape: WriteShape) -> Monday.Document {
        let (name, root) =
            switch shape {
            case .create: ("MlCreateItem", "create_item")
            case .createSubitem: ("MlCreateSubitem", "create_subitem")
            case .update: ("MlChangeMany", "change_multiple_column_values")
            case .archive: ("MlArchive", "archive_item")
            }
        return Monday.Document(
            mutation: name,
            [root],
            text: "mutation \(name)(\(declarations(shape, "0"))) {\n  \(field(shape, "0"))\n}"
        )
    }

    private static func declarations(_ shape: WriteShape, _ n: String) -> String {
        switch shape {
        case .createSubitem: "$i\(n): ID!, $n\(n): String!, $v\(n): JSON, $l\(n): Boolean"
        case .create: "$b\(n): ID!, $g\(n): String, $n\(n): String!, $v\(n): JSON, $l\(n): Boolean"
        case .update: "$b\(n): ID!, $i\(n): ID!, $v\(n): JSON!, $l\(n): Boolean"
        case .archive: "$i\(n): ID!"
        }
    }

    private static func field(_ shape: WriteShape, _ n: String) -> String {
        switch shape {
        case .create:
            "create_item(board_id: $b\(n), group_id: $g\(n), item_name: $n\(n), column_values: $v\(n), "
                + "create_labels_if_missing: $l\(n)) { id name updated_at }"
        case .createSubitem:
            "create_subitem(parent_item_id: $i\(n), item_name: $n\(n), column_values: $v\(n), "
                + "create_labels_if_missing: $l\(n)) { id name updated_at }"
        case .update:
            "change_multiple_column_values(board_id: $b\(n), item_id: $i\(n), column_values: $v\(n), "
                + "create_labels_if_missing: $l\(n)) { id name updated_at }"
        case .archive: "archive_item(item_id: $i\(n)) { id name updated_at }"
        }
    }
}
