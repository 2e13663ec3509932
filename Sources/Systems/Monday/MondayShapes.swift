import Core

extension Monday {
    package struct Board: Sendable, Equatable {
        package var id: String
        package var name: String
        /// `active`, `archived` or `deleted`.
        package var state: String
        /// `classic` or `multi_level`.
        package var hierarchy: String?
        package var permissions: String?
        package var itemCount: Int?
        package var mostItems: Int?
        package var groups: [Group]
        package var columns: [Column]

        package func column(_ id: String) -> Column? {
            columns.first { $0.id == id }
        }

        /// What keeps items from being written to the board, for people; nil where nothing does.
        package var refusal: String? {
            if state != "active" { return "the board “\(name)” is \(state)" }
            if hierarchy == "multi_level" {
                // Such a write is answered with success and changes nothing.
                return
                    "the board “\(name)” has several levels, where Monday drops some writes in silence: use a classic one"
            }
            return nil
        }
    }

    package struct Group: Sendable, Equatable {
        package var id: String
        package var title: String
        package var isArchived: Bool
    }

    package struct Column: Sendable, Equatable {
        package var id: String
        package var title: String
        /// As Monday calls it; `type` is nil where we do not know the word.
        package var typeName: String
        package var type: ColumnType? { ColumnType(word: typeName) }
        package var isArchived = false
        /// Has to be shown to change the column, and is another one after that.
        package var revision = ""
        package var description: String?
        package var labels: [Label] = []
        /// How many labels one cell of a dropdown may hold; nil where it does not matter.
        package var mostLabels: Int?
        /// Of a column that connects boards: to which, and whether a cell may hold several items.
        package var boards: [String] = []
        package var takesSeveralItems = true

        /// Every board has it: what the item is called.
        package static let name = Column(id: "name", title: "Name", typeName: "name")
    }

    package struct Item: Sendable, Equatable {
        package var id: String
        package var name: String
        /// `active`, `archived` or `deleted`.
        package var state: String
        package var created: WallTime?
        package var updated: WallTime?
        package var url: String?
        package var board: String?
        package var group: String?
        package var cells: [Cell]

        package subscript(column: String) -> Cell? {
            cells.first { $0.column == column }
        }
    }

    package struct ItemPage: Sendable, Equatable {
        package var items: [Item]
        /// Nil after the last page. Dies an hour after the first page was asked for.
        package var cursor: String?
    }

    /// An item that has the key it was looked up by.
    package struct FoundItem: Sendable, Equatable {
        package var id: String
        package var name: String
        package var state: String
        package var updated: WallTime?
    }

    package struct User: Sendable, Equatable {
        package var id: String
        package var name: String
        package var email: String
    }

    package struct Account: Sendable, Equatable {
        package var id: String
        package var name: String
        package var slug: String
        package var tier: String?
    }

    package struct Ping: Sendable, Equatable {
        package var user: User
        /// Nil where the token may not see it.
        package var account: Account?
        /// The version that answered.
        package var version: String?
        /// What was refused; the rest of the answer stands.
        package var complaints: [CallError]
    }

    package struct Version: Sendable, Equatable {
        /// `current`, `maintenance`, `release_candidate` …
        package var kind: String
        package var value: String
    }

    package struct Webhook: Sendable, Equatable {
        package var id: String
        package var board: String
        package var event: String
        /// JSON as Monday keeps it.
        package var config: String?
    }

    package struct DailyBudget: Sendable, Equatable {
        /// Calls that the account may make from midnight to midnight of UTC.
        package var total: Int
        package var used: [String: Int]
    }
}
