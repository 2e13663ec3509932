/// The part of the vendor's schema, version 2026-10, that our product uses, and what stands next to it.
///
/// Names, nullability, arguments and defaults are the vendor's. What is not here is refused as if it did not exist.
package enum MondaySchema {
    package static let schema: GraphQL.Schema = {
        do {
            let parts = [roots, objects, inputs, enumerations] + columnValues
            return try GraphQL.Schema(definitions: parts.joined(separator: "\n"))
        } catch {
            preconditionFailure("the schema of the Monday simulator does not stand: \(error)")
        }
    }()

    private static let roots = """
        type Query {
          me: User
          account: Account
          version: Version!
          versions: [Version!]
          complexity: Complexity
          platform_api: PlatformApi
          boards(board_kind: BoardKind, hierarchy_types: [BoardHierarchy!], ids: [ID!], latest: Boolean, limit: Int = 25,
            order_by: BoardsOrderBy, page: Int = 1, state: State = active, workspace_ids: [ID]): [Board]
          next_items_page(cursor: String!, limit: Int! = 25): ItemsResponse!
          items_page_by_column_values(board_id: ID!, columns: [ItemsPageByColumnValuesQuery!], cursor: String,
            hierarchy_scope_config: String, limit: Int! = 25): ItemsResponse!
          items(exclude_nonactive: Boolean, ids: [ID!], limit: Int = 25, newest_first: Boolean, page: Int = 1): [Item]
          users(ids: [ID!], name: String, emails: [String!], user_kind: UserKindFilterInput, sort: [UsersSortInput!],
            visibility: String, status: [UserStatus!], limit: Int = 200, page: Int = 1, kind: UserKind,
            non_active: Boolean, newest_first: Boolean): [User!]
          webhooks(app_webhooks_only: Boolean, board_id: ID!): [Webhook]
          managed_column(id: [String!], state: [ManagedColumnState!]): [ManagedColumn!]
          get_column_type_schema(type: ColumnType!): JSON
          tags(ids: [ID!]): [Tag]
          fetch_job_status(job_id: ID!): JobStatus!
        }
        type Mutation {
          complexity: Complexity
          create_item(board_id: ID!, column_values: JSON, create_labels_if_missing: Boolean, group_id: String,
            item_name: String!, position_relative_method: PositionRelative, relative_to: ID): Item
          create_subitem(column_values: JSON, create_labels_if_missing: Boolean, item_name: String!,
            parent_item_id: ID!): Item
          change_multiple_column_values(board_id: ID!, column_values: JSON!, create_labels_if_missing: Boolean,
            item_id: ID): Item
          change_column_value(board_id: ID!, column_id: String!, create_labels_if_missing: Boolean, item_id: ID,
            value: JSON!): Item
          change_simple_column_value(board_id: ID!, column_id: String!, create_labels_if_missing: Boolean, item_id: ID,
            value: String): Item
          move_item_to_group(group_id: String!, item_id: ID): Item
          archive_item(item_id: ID): Item
          delete_item(item_id: ID): Item
          create_update(body: String!, original_creation_date: String, mentions_list: [UpdateMention], item_id: ID,
            parent_id: ID, use_app_info: Boolean): Update
          edit_update(id: ID!, body: String!): Update!
          create_column(board_id: ID!, id: String, title: String!, description: String, after_column_id: ID,
            capabilities: ColumnCapabilitiesInput, defaults: JSON, column_type: ColumnType!): Column
          update_column(board_id: ID!, id: String!, title: String, description: String, width: Int, revision: String!,
            capabilities: ColumnCapabilitiesInput, settings: JSON, column_type: ColumnType!): Column
          create_dropdown_column(board_id: ID!, id: String, title: String!, description: String, after_column_id: ID,
            defaults: CreateDropdownColumnSettingsInput): Column
          update_dropdown_column(board_id: ID!, id: String!, title: String, description: String, width: Int,
            revision: String!, settings: UpdateDropdownColumnSettingsInput): Column
          create_status_column(board_id: ID!, id: String, title: String!, description: String, after_column_id: ID,
            capabilities: StatusColumnCapabilitiesInput, defaults: CreateStatusColumnSettingsInput): Column
          update_status_column(board_id: ID!, id: String!, title: String, description: String, width: Int,
            revision: String!, capabilities: StatusColumnCapabilitiesInput,
            settings: UpdateStatusColumnSettingsInput): Column
          delete_column(board_id: ID!, column_id: String!): Column
          change_column_title(board_id: ID!, column_id: String!, title: String!): Column
          create_group(board_id: ID!, group_color: String, group_name: String!, position: String,
            position_relative_method: PositionRelative, relative_to: String): Group
          delete_group(board_id: ID!, group_id: String!): Group
          duplicate_group(add_to_top: Boolean, board_id: ID!, group_id: String!, group_title: String): Group
          create_board(board_kind: BoardKind!, board_name: String!, board_owner_ids: [ID!],
            board_owner_team_ids: [ID!], board_subscriber_ids: [ID!], board_subscriber_teams_ids: [ID!],
            description: String, empty: Boolean = false, folder_id: ID, item_nickname: ItemNicknameInput,
            prompt: String, template_id: ID, workspace_id: ID): Board
          duplicate_board(board_id: ID!, board_name: String, duplicate_type: DuplicateBoardType!, folder_id: ID,
            keep_subscribers: Boolean, workspace_id: ID): BoardDuplication
          archive_board(board_id: ID!): Board
          delete_board(board_id: ID!): Board
          create_webhook(board_id: ID!, config: JSON, event: WebhookEventType!, url: String!): Webhook
          delete_webhook(id: ID!): Webhook
          create_or_get_tag(board_id: ID, tag_name: String): Tag
          delete_update(id: ID!): Update
          archive_group(board_id: ID!, group_id: String!): Group
          move_item_to_board(board_id: ID!, columns_mapping: [ColumnMappingInput!], group_id: ID!, item_id: ID!,
            subitems_columns_mapping: [ColumnMappingInput!]): Item
          bulk_archive_items(board_id: ID!, item_ids: [ID!]!): BulkDeleteInit
          backfill_items(board_id: ID!, group_id: ID!): UploadJobInit
          ingest_items(board_id: ID!, group_id: ID!, on_match: OnMatchInput): UploadJobInit
          create_dropdown_managed_column(title: String!, description: String,
            settings: CreateDropdownColumnSettingsInput): DropdownManagedColumn
          create_status_managed_column(title: String!, description: String,
            settings: CreateStatusColumnSettingsInput): StatusManagedColumn
          update_dropdown_managed_column(id: String!, title: String, description: String,
            settings: UpdateDropdownColumnSettingsInput, revision: Int!): DropdownManagedColumn
          update_status_managed_column(id: String!, title: String, description: String,
            settings: UpdateStatusColumnSettingsInput, revision: Int!): StatusManagedColumn
          activate_managed_column(id: String!): ManagedColumn
          deactivate_managed_column(id: String!): ManagedColumn
          delete_managed_column(id: String!): ManagedColumn
          attach_status_managed_column(board_id: ID!, managed_column_id: ID!, title: String, description: String,
            after_column_id: ID): Column
          attach_dropdown_managed_column(board_id: ID!, managed_column_id: ID!, title: String, description: String,
            after_column_id: ID, settings: DropdownSettingsOverridesInput): Column
        }
        """
}
