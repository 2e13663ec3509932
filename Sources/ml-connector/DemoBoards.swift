import Core
import Sandbox
import Transport

/// The boards of the demonstration, as somebody at the customer's sets them up before anything is connected.
struct DemoBoards {
    /// Business Central's.
    var invoices = ""
    var orders = ""
    /// Where Monday keeps the subitems of the orders.
    var orderLines = ""
    var vendors = ""
    /// NAV's, on which people approve.
    var approvals = ""
    var navOrders = ""

    @OnLoop init(in monday: MondaySimulator) async throws {
        vendors = try await board("Vendors", [key, text("number", "Number"), text("city", "City")], monday)
        guard let connected = Int(vendors) else { throw JSONField(.string(vendors)).wrong("no board's number") }
        let vendor: JSON = [
            "id": "vendor_link", "title": "Vendor's item", "type": "board_relation",
            "settings": ["boardIds": [.number(connected)], "allowMultipleItems": false],
        ]
        invoices = try await board(
            "Purchase invoices",
            [
                key, ["id": "vendor", "title": "Vendor", "type": "dropdown"], vendor, numbers("amount", "Amount"),
                text("currency", "Currency"), date("due_date", "Due"),
                status(["Draft", "In Review", "Open", "Paid", "Canceled", "Corrective"]),
            ],
            monday
        )
        orders = try await board(
            "Purchase orders",
            [
                key, vendor, numbers("amount", "Amount"), text("currency", "Currency"), date("expected", "Expected"),
                status(["Draft", "In Review", "Open"]),
            ],
            monday
        )
        orderLines = try await lines(of: orders, monday)
        approvals = try await board(
            "Invoices to approve",
            [
                key, text("vendor", "Vendor"), text("vendor_invoice", "Their number"), numbers("amount", "Amount"),
                text("currency", "Currency"), date("due_date", "Due"),
                status([
                    "To review", "Approved", "Rejected", "Book it", "Waiting for approval", "Waiting for prepayment",
                    "Posted", "Paid", "Canceled", "Corrective",
                ]),
                ["id": "department", "title": "Department", "type": "dropdown"],
            ],
            monday
        )
        navOrders = try await board(
            "NAV orders",
            [
                key, text("vendor", "Vendor"), numbers("amount", "Amount"), date("expected", "Expected"),
                status(["Open", "Released", "Pending Approval", "Pending Prepayment"]),
                ["id": "lines", "title": "Material", "type": "long_text"],
            ],
            monday
        )
    }

    var all: [String] { [invoices, orders, vendors, approvals, navOrders] }

    var json: JSON {
        [
            "invoices": .string(invoices), "orders": .string(orders), "orderLines": .string(orderLines),
            "vendors": .string(vendors), "approvals": .string(approvals), "navOrders": .string(navOrders),
        ]
    }

    // MARK: Making them

    @OnLoop private func board(_ name: String, _ columns: [JSON], _ monday: MondaySimulator) async throws -> String {
        let made = try await monday.control(
            ["boards"],
            .post,
            body: ["name": .string(name), "columns": .array(columns)]
        )
        return try JSONField(made)["id"].string()
    }

    /// Monday makes their board with the first subitem: somebody adds one, then the columns, and takes it away again.
    @OnLoop private func lines(of board: String, _ monday: MondaySimulator) async throws -> String {
        let item = try await monday.control(["boards", board[...], "items"], .post, body: ["name": "For its columns"])
        let number = try JSONField(item)["id"].string()
        let subitem = try await monday.control(["items", number[...], "subitems"], .post, body: ["name": "A line"])
        let line = try JSONField(subitem)["id"].string()
        let subitems = try JSONField(subitem)["board"].string()
        for column in [
            numbers("quantity", "Ordered"), numbers("received", "Received"), date("expected", "Expected"),
        ] {
            _ = try await monday.control(["boards", subitems[...], "columns"], .post, body: column)
        }
        for id in [line, number] { _ = try await monday.control(["items", id[...], "delete"], .post, body: .null) }
        return subitems
    }

    private let key: JSON = ["id": "erp_key", "title": "ERP key", "type": "text"]

    private func text(_ id: String, _ title: String) -> JSON { column(id, title, "text") }
    private func numbers(_ id: String, _ title: String) -> JSON { column(id, title, "numbers") }
    private func date(_ id: String, _ title: String) -> JSON { column(id, title, "date") }

    private func column(_ id: String, _ title: String, _ type: String) -> JSON {
        ["id": .string(id), "title": .string(title), "type": .string(type)]
    }

    private func status(_ labels: [String]) -> JSON {
        [
            "id": "status", "title": "Status", "type": "status",
            "settings": ["labels": .array(labels.map { .string($0) })],
        ]
    }
}
