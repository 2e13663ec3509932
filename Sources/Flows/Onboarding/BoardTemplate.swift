import Systems

/// What a kind of record looks like on a board: which fields are worth a column, and of which type. A board can be made
/// from it, and an existing one be compared with it.
package struct BoardTemplate: Sendable, Equatable {
    package struct Column: Sendable, Equatable {
        /// As the books call it.
        package var field: String
        package var id: String
        package var title: String
        package var type: Monday.ColumnType
        /// What people call such a column as well.
        package var alias: [String] = []
        /// Those of a status from the beginning, in the order in which a record goes through them.
        package var labels: [String] = []
    }

    /// What the board is called, before the company's name.
    package var title: String
    /// The first one is what an item is called, and its id is `name`.
    package var columns: [Column]

    package static let keyTitle = "ERP key"
    package static let keyDescription =
        "Which record the item shows. Written by ml-connector alone; hide it rather than edit it."

    package init(_ title: String, name field: String, _ columns: [Column]) {
        self.title = title
        self.columns = [Column(field: field, id: "name", title: "Name", type: .name)] + columns
    }

    /// How a route's file says what goes where.
    package func rule(_ column: Column) -> (field: String, column: String, makesLabels: Bool) {
        // A state that nobody has thought of is better shown than refused.
        (column.field, column.id, column.type == .status)
    }
}
