extension MondaySchema {
    static let objects = """
        scalar JSON
        scalar Date
        scalar ISO8601DateTime
        scalar CompareValue
        type User {
          id: ID! account: Account! account_id: ID! created_at: ISO8601DateTime! email: String! is_deleted: Boolean!
          kind: String! name: String! status: UserStatus! title: String! url: String!
        }
        type Account { id: ID! name: String! slug: String! tier: String plan: Plan }
        type Plan { max_users: Int! period: String tier: String version: Int! }
        type Version { display_name: String! kind: VersionKind! value: String! }
        type Complexity { after: Int! before: Int! query: Int! reset_in_x_seconds: Int! }
        type PlatformApi { daily_limit: DailyLimit daily_analytics: DailyAnalytics }
        type DailyLimit { base: Int total: Int }
        type DailyAnalytics { last_updated: ISO8601DateTime by_day: [PlatformApiDailyAnalyticsByDay!] }
        type PlatformApiDailyAnalyticsByDay { day: String! usage: Int! }
        type Board {
          id: ID!
          activity_logs(column_ids: [String], from: ISO8601DateTime, group_ids: [String], item_ids: [ID!],
            limit: Int = 25, page: Int = 1, to: ISO8601DateTime, user_ids: [ID!]): [ActivityLogType]
          board_kind: BoardKind!
          columns(ids: [String], types: [ColumnType!], capabilities: [ColumnCapability]): [Column]
          created_at: ISO8601DateTime
          creator: User!
          description: String
          groups(ids: [String]): [Group]
          hierarchy_type: BoardHierarchy
          items_count: Int
          items_limit: Int
          items_page(cursor: String, hierarchy_scope_config: String, limit: Int! = 25,
            query_params: ItemsQuery): ItemsResponse!
          name: String!
          permissions: String!
          state: State!
          tags: [Tag]
          top_group: Group!
          type: BoardObjectType
          updated_at: ISO8601DateTime
          url: String!
          workspace_id: ID
        }
        type BoardDuplication { board: Board! is_async: Boolean! }
        type Group {
          archived: Boolean color: String! deleted: Boolean id: ID!
          items_page(cursor: String, hierarchy_scope_config: String, limit: Int! = 25,
            query_params: ItemsQuery): ItemsResponse!
          position: String! title: String!
        }
        type Column {
          id: ID! title: String! description: String type: ColumnType! width: Int archived: Boolean! settings: JSON
          settings_str: String! revision: String!
        }
        type ItemsResponse { cursor: String items: [Item!]! }
        type Item {
          id: ID!
          board: Board
          column_values(capabilities: [ColumnCapability!], ids: [String!], types: [ColumnType!]): [ColumnValue!]!
          created_at: Date
          creator: User
          creator_id: String!
          email: String!
          group: Group
          linked_items(link_to_item_column_id: String!, linked_board_id: ID!): [Item!]!
          name: String!
          parent_item: Item
          relative_link: String
          state: State
          subitems: [Item]
          updated_at: Date
          updates(limit: Int = 25, page: Int = 1, ids: [ID!]): [Update!]
          url: String!
        }
        type Update {
          id: ID! body: String! created_at: Date creator: User creator_id: String edited_at: Date! item: Item
          item_id: String original_creation_date: String replies: [Reply!] text_body: String updated_at: Date
        }
        type Reply {
          id: ID! body: String! created_at: Date creator: User creator_id: String edited_at: Date! kind: String!
          text_body: String updated_at: Date
        }
        type Tag { color: String! id: ID! name: String! }
        type Webhook { board_id: ID! config: String event: WebhookEventType! id: ID! }
        type ActivityLogType {
          account_id: String! created_at: String! data: String! entity: String! event: String! id: String!
          user_id: String!
        }
        type ManagedColumn {
          id: String title: String description: String settings_json: JSON revision: Int state: ManagedColumnState
        }
        type DropdownManagedColumn {
          id: String title: String description: String settings_json: JSON revision: Int state: ManagedColumnState
        }
        type StatusManagedColumn {
          id: String title: String description: String settings_json: JSON revision: Int state: ManagedColumnState
        }
        type BulkDeleteInit { job_id: ID }
        type UploadJobInit { job_id: ID upload_url: String }
        type ItemsJobItemCounts { submitted: Int invalid: Int skipped: Int created: Int updated: Int failed: Int }
        type ItemsJobStatus {
          status: BulkImportState counts: ItemsJobItemCounts progress_percentage: Int
          failure_reason: BulkImportFailureReason failure_message: String fully_imported: Boolean
          report_created: Boolean report_url: String
        }
        union JobStatus = ItemsJobStatus
        """
}
