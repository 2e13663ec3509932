import Core

/// The refusals of single fields, with the vendor's codes.
extension GraphQL.Fault {
    static func monday(
        _ code: String,
        _ message: String,
        status: Int = 200,
        data: JSON.Object = JSON.Object()
    ) -> GraphQL.Fault {
        var fault = GraphQL.Fault(message)
        fault.extensions["code"] = .string(code)
        fault.extensions["status_code"] = .number(status)
        fault.extensions["error_data"] = .object(data)
        return fault
    }

    static func noBoard(_ id: JSON?) -> GraphQL.Fault {
        monday(
            "InvalidBoardIdException",
            "The board does not exist. Please check your board ID and try again",
            data: JSON.Object(("board_id", id ?? .null))
        )
    }

    static func noItem(_ id: JSON?) -> GraphQL.Fault {
        monday(
            "InvalidItemIdException",
            "The item does not exist or is not active.",
            data: JSON.Object(("item_id", id ?? .null))
        )
    }

    static func noColumn(_ id: String) -> GraphQL.Fault {
        monday(
            "InvalidColumnIdException",
            "This column ID doesn't exist for the board",
            data: JSON.Object(("column_id", .string(id)))
        )
    }

    static func noGroup(_ id: String) -> GraphQL.Fault {
        monday("InvalidGroupIdException", "Group not found", data: JSON.Object(("group_id", .string(id))))
    }

    static func argument(_ message: String) -> GraphQL.Fault {
        monday("InvalidArgumentException", message)
    }

    static let internalError = monday("INTERNAL_SERVER_ERROR", "Internal Server Error", status: 500)

    /// A value that its column does not take.
    static func value(_ column: MondayColumn, _ problem: String, _ value: JSON) -> GraphQL.Fault {
        monday(
            "ColumnValueException",
            problem,
            data: JSON.Object(
                ("column_id", .string(column.id)),
                ("column_name", .string(column.title)),
                ("column_type", .string(column.type)),
                ("column_value", .string(value.text()))
            )
        )
    }

    /// Text that should have been JSON: the whole request is refused so, before any of it is carried out.
    static func noJSON(_ argument: String, at location: GraphQL.Location) -> GraphQL.Fault {
        var fault = GraphQL.Fault("Argument \"\(argument)\" got invalid value", at: [location])
        fault.extensions["problems"] = [["path": [], "explanation": "Syntax error in JSON input"]]
        return fault
    }
}

extension JSON.Object {
    init(_ members: (String, JSON)...) {
        self.init()
        for (name, value) in members { self[name] = value }
    }
}
