extension MondaySchema {
    static let inputs = """
        input ItemsQuery {
          groups: [ItemsQueryGroup!] ids: [ID!] operator: ItemsQueryOperator = and order_by: [ItemsQueryOrderBy!]
          rules: [ItemsQueryRule!]
        }
        input ItemsQueryGroup {
          rules: [ItemsQueryRule!] groups: [ItemsQueryGroup!] operator: ItemsQueryOperator = and
        }
        input ItemsQueryRule {
          column_id: ID! compare_value: CompareValue! compare_attribute: String
          operator: ItemsQueryRuleOperator = any_of
        }
        input ItemsQueryOrderBy { column_id: String! direction: ItemsOrderByDirection = asc }
        input ItemsPageByColumnValuesQuery { column_id: String! column_values: [String]! }
        input ItemNicknameInput { plural: String preset_type: String singular: String }
        input UserKindFilterInput { in: [UserKindFilter!] not_in: [UserKindFilter!] }
        input UsersSortInput { field: UsersSortField! direction: UsersSortDirection! }
        input OnMatchInput { match_column_id: String! behaviour: OnMatchBehaviour! }
        input ColumnMappingInput { source: ID! target: ID }
        input DropdownSettingsOverridesInput { limit_select: Boolean label_limit_count: Int }
        input UpdateMention { id: ID! type: MentionType! }
        input ColumnCapabilitiesInput { calculated: CalculatedCapabilityInput }
        input CalculatedCapabilityInput { function: CalculatedFunction! }
        input StatusColumnCapabilitiesInput { calculated: StatusCalculatedCapabilityInput }
        input StatusCalculatedCapabilityInput { function: StatusCalculatedFunction! }
        input CreateDropdownColumnSettingsInput {
          labels: [CreateDropdownLabelInput!]! limit_select: Boolean label_limit_count: Int
        }
        input CreateDropdownLabelInput { label: String! }
        input UpdateDropdownColumnSettingsInput {
          labels: [UpdateDropdownLabelInput!]! limit_select: Boolean label_limit_count: Int
        }
        input UpdateDropdownLabelInput { label: String! id: Int is_deactivated: Boolean }
        input CreateStatusColumnSettingsInput { labels: [CreateStatusLabelInput!]! }
        input CreateStatusLabelInput {
          label: String! color: StatusColumnColors! index: Int! description: String is_done: Boolean
        }
        input UpdateStatusColumnSettingsInput { labels: [UpdateStatusLabelInput!]! }
        input UpdateStatusLabelInput {
          label: String! color: StatusColumnColors! index: Int! description: String is_done: Boolean id: Int
          is_deactivated: Boolean
        }
        """

    static let enumerations = """
        enum State { active all archived deleted }
        enum BoardKind { private public share }
        enum BoardHierarchy { classic multi_level }
        enum BoardObjectType { board custom_object document sub_items_board }
        enum BoardsOrderBy { created_at used_at }
        enum DuplicateBoardType {
          duplicate_board_with_pulses duplicate_board_with_pulses_and_updates duplicate_board_with_structure
        }
        enum PositionRelative { after_at before_at }
        enum VersionKind { current deprecated dev maintenance old__maintenance old_previous_maintenance
          previous_maintenance release_candidate }
        enum ItemsQueryOperator { and or }
        enum ItemsOrderByDirection { asc desc }
        enum ItemsQueryRuleOperator {
          any_of not_any_of is_empty is_not_empty greater_than greater_than_or_equals lower_than lower_than_or_equal
          between not_contains_text contains_text contains_terms starts_with ends_with within_the_next within_the_last
        }
        enum NumberValueUnitDirection { left right }
        enum Kind { agent person team }
        enum UserKind { all guests non_guests non_pending }
        enum UserKindFilter {
          ADMIN MEMBER GUEST VIEW_ONLY AGENT_MEMBER PERSONAL_AGENT_MEMBER AGENT_SIGNUP_USER EXTERNAL_AGENT_MEMBER
          EXTERNAL_AGENT_DETACHED_MEMBER SERVICE_USER VIBE_USER PORTAL PORTFOLIO_API_USER NEXUS_API_USER
          RESOURCE_DIRECTORY_API_USER OMNICHANNEL_API_USER GOALS_API_USER PROJECTS_API_USER
          SPRINT_MANAGEMENT_API_USER CRM_COMMERCE_API_USER CAMPAIGNS_API_USER DATA_RETENTION_API_USER
          MONDAY_SERVICE_API_USER AI_PLATFORM_AGENT_API_USER DEPENDENCIES_API_USER
          HISTORICAL_TRACKING_BACKFILL_API_USER BASIC
        }
        enum UserStatus { ACTIVE INACTIVE PENDING }
        enum UsersSortField { CREATED_AT }
        enum UsersSortDirection { ASC DESC }
        enum MentionType { Agent Board Project Team User }
        enum OnMatchBehaviour { UPSERT SKIP }
        enum BulkImportState { UPLOAD_PENDING REJECTED PROCESSING COMPLETED FAILED }
        enum BulkImportFailureReason {
          INVALID_UPLOAD AUTHORIZATION_FAILED PERMISSION_DENIED BOARD_CAPACITY_EXCEEDED ACCOUNT_CAPACITY_EXCEEDED
          FILE_TOO_LARGE INTERNAL_ERROR
        }
        enum ManagedColumnState { active deleted inactive }
        enum ColumnCapability { CALCULATED VISIBILITY }
        enum CalculatedFunction { COUNT_KEYS MAX MIN MIN_MAX NONE SUM }
        enum StatusCalculatedFunction { COUNT_KEYS }
        enum ColumnType {
          auto_number board_relation button checkbox color_picker country creation_log date dependency doc dropdown
          email file formula group hour integration item_assignees item_id last_updated link location long_text mirror
          numbers people phone progress rating status tags team text timeline time_tracking vote week world_clock
          unsupported name person direct_doc subtasks
        }
        enum WebhookEventType {
          change_column_value change_name change_specific_column_value change_status_column_value
          change_subitem_column_value change_subitem_name create_column create_item create_subitem
          create_subitem_update create_update delete_update edit_update item_archived item_deleted
          item_moved_to_any_group item_moved_to_specific_group item_restored move_subitem subitem_archived
          subitem_deleted
        }
        enum StatusColumnColors {
          \(MondayColor.all.map(\.name).joined(separator: " "))
        }
        """
}
