import Core

extension Monday {
    /// One GraphQL document: what is asked, without the values, which always travel as variables.
    ///
    /// Every document the product can send is made in this file and `Documents+Items.swift`, out of fixed parts, so that
    /// a test can check all of them against the vendor's schema.
    package struct Document: Sendable, Hashable {
        package enum Kind: Sendable {
            case query
            case mutation
        }

        package var kind: Kind
        /// As the document itself calls the operation; shown in logs and metrics.
        package var name: String
        package var text: String
        /// Under which names the answer holds what was asked for, in order.
        package var roots: [String]
        /// How many of the mutations create or duplicate boards, which have a limit of their own.
        package var boardMutations = 0

        package var mutations: Int { kind == .mutation ? roots.count : 0 }

        init(query name: String, _ roots: String..., text: String) {
            kind = .query
            self.name = name
            self.text = text
            self.roots = roots
        }

        init(mutation name: String, _ roots: [String], boardMutations: Int = 0, text: String) {
            kind = .mutation
            self.name = name
            self.text = text
            self.roots = roots
            self.boardMutations = boardMutations
        }
    }

    package enum Documents {
        /// All that are always the same. Those of `Documents+Items.swift` depend on columns and batches.
        package static let fixed = [
            ping, versions, dailyBudget, users, boards, board, findItems, findMoreItems, subitems, firstWith,
            createBoard,
            createGroup, createColumn,
            createStatusColumn, createDropdownColumn, updateStatusColumn, updateDropdownColumn, createUpdate, webhooks,
            createWebhook, deleteWebhook, startImport, importStatus, activity,
        ]
    }
}

// MARK: The account

extension Monday.Documents {
    package static let ping = Monday.Document(
        query: "MlPing",
        "me",
        "account",
        "version",
        text: """
            query MlPing {
              me { id name email }
              account { id name slug tier plan { tier max_users } }
              version { kind value }
            }
            """
    )

    package static let versions = Monday.Document(
        query: "MlVersions",
        "versions",
        text: "query MlVersions { versions { kind value display_name } }"
    )

    package static let dailyBudget = Monday.Document(
        query: "MlDailyBudget",
        "platform_api",
        text: """
            query MlDailyBudget {
              platform_api {
                daily_limit { base total }
                daily_analytics { last_updated by_day { day usage } }
              }
            }
            """
    )

    package static let users = Monday.Document(
        query: "MlUsers",
        "users",
        text: """
            query MlUsers($emails: [String!], $limit: Int!) {
              users(emails: $emails, limit: $limit) { id name email }
            }
            """
    )
}

// MARK: Boards

extension Monday.Documents {
    package static let boards = Monday.Document(
        query: "MlBoards",
        "boards",
        text: """
            query MlBoards($limit: Int!, $page: Int!, $workspaceIds: [ID]) {
              boards(limit: $limit, page: $page, state: active, workspace_ids: $workspaceIds) {
                id
                name
                state
                type
                board_kind
                hierarchy_type
                workspace_id
                items_count
              }
            }
            """
    )

    package static let board = Monday.Document(
        query: "MlBoardSchema",
        "boards",
        text: """
            query MlBoardSchema($ids: [ID!], $limit: Int!) {
              boards(ids: $ids, limit: $limit, state: all) {
                id
                name
                state
                type
                hierarchy_type
                permissions
                items_count
                items_limit
                groups { id title archived deleted }
                columns { id title type archived settings revision description }
              }
            }
            """
    )

    package static let createBoard = Monday.Document(
        mutation: "MlCreateBoard",
        ["create_board"],
        boardMutations: 1,
        text: """
            mutation MlCreateBoard($name: String!, $kind: BoardKind!, $workspaceId: ID) {
              create_board(board_name: $name, board_kind: $kind, workspace_id: $workspaceId, empty: true) { id name }
            }
            """
    )

    package static let createGroup = Monday.Document(
        mutation: "MlCreateGroup",
        ["create_group"],
        text: """
            mutation MlCreateGroup($boardId: ID!, $name: String!) {
              create_group(board_id: $boardId, group_name: $name) { id title }
            }
            """
    )

    package static let createColumn = Monday.Document(
        mutation: "MlCreateColumn",
        ["create_column"],
        text: """
            mutation MlCreateColumn($boardId: ID!, $title: String!, $type: ColumnType!, $id: String, \
            $description: String, $defaults: JSON) {
              create_column(board_id: $boardId, title: $title, column_type: $type, id: $id, \
            description: $description, defaults: $defaults) { \(column) }
            }
            """
    )

    package static let createStatusColumn = Monday.Document(
        mutation: "MlCreateStatus",
        ["create_status_column"],
        text: """
            mutation MlCreateStatus($boardId: ID!, $title: String!, $id: String, \
            $defaults: CreateStatusColumnSettingsInput) {
              create_status_column(board_id: $boardId, title: $title, id: $id, defaults: $defaults) { \(column) }
            }
            """
    )

    package static let createDropdownColumn = Monday.Document(
        mutation: "MlCreateDropdown",
        ["create_dropdown_column"],
        text: """
            mutation MlCreateDropdown($boardId: ID!, $title: String!, $id: String, \
            $defaults: CreateDropdownColumnSettingsInput) {
              create_dropdown_column(board_id: $boardId, title: $title, id: $id, defaults: $defaults) { \(column) }
            }
            """
    )

    package static let updateStatusColumn = Monday.Document(
        mutation: "MlUpdateStatus",
        ["update_status_column"],
        text: """
            mutation MlUpdateStatus($boardId: ID!, $id: String!, $revision: String!, \
            $settings: UpdateStatusColumnSettingsInput) {
              update_status_column(board_id: $boardId, id: $id, revision: $revision, settings: $settings) { \(column) }
            }
            """
    )

    package static let updateDropdownColumn = Monday.Document(
        mutation: "MlUpdateDropdown",
        ["update_dropdown_column"],
        text: """
            mutation MlUpdateDropdown($boardId: ID!, $id: String!, $revision: String!, \
            $settings: UpdateDropdownColumnSettingsInput) {
              update_dropdown_column(board_id: $boardId, id: $id, revision: $revision, settings: $settings) { \(column) }
            }
            """
    )

    private static let column = "id title type archived settings revision description"
}

// MARK: Updates and webhooks

extension Monday.Documents {
    package static let createUpdate = Monday.Document(
        mutation: "MlComment",
        ["create_update"],
        text: """
            mutation MlComment($itemId: ID, $parentId: ID, $body: String!) {
              create_update(item_id: $itemId, parent_id: $parentId, body: $body) { id created_at }
            }
            """
    )

    package static let webhooks = Monday.Document(
        query: "MlWebhooks",
        "webhooks",
        text: """
            query MlWebhooks($boardId: ID!, $appOnly: Boolean) {
              webhooks(board_id: $boardId, app_webhooks_only: $appOnly) { id board_id event config }
            }
            """
    )

    package static let createWebhook = Monday.Document(
        mutation: "MlCreateWebhook",
        ["create_webhook"],
        text: """
            mutation MlCreateWebhook($boardId: ID!, $url: String!, $event: WebhookEventType!, $config: JSON) {
              create_webhook(board_id: $boardId, url: $url, event: $event, config: $config) { id board_id event config }
            }
            """
    )

    package static let deleteWebhook = Monday.Document(
        mutation: "MlDeleteWebhook",
        ["delete_webhook"],
        text: "mutation MlDeleteWebhook($id: ID!) { delete_webhook(id: $id) { id board_id } }"
    )
}
