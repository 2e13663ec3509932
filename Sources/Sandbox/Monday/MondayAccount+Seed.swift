import Core

extension MondayAccount {
    /// A board for purchase invoices and one for vendors, as a customer sets them up before connecting anything.
    func seedBoards() -> (invoices: Int, vendors: Int) {
        let vendors = newBoard("Vendors", empty: true)
        vendors.columns.append(MondayColumn(id: "erp_key", title: "ERP key", type: "text"))
        let names = ["Fabrikam, Inc.", "First Up Consultants", "Graphic Design Institute", "Wide World Importers"]
        for (place, name) in names.enumerated() {
            let key: JSON = ["erp_key": .string("vendors/cronus/\((place + 1) * 10_000)")]
            guard case .object(let values) = key else { continue }
            _ = try? createItem(
                on: vendors,
                name: name,
                group: nil,
                values: values,
                createsLabels: false,
                by: otherUser
            )
        }

        let board = newBoard("AP invoices", empty: true)
        board.groups = [
            MondayBoard.Group(id: "topics", title: "Open"),
            MondayBoard.Group(id: "posted", title: "Posted", color: "#00c875"),
        ]
        var amount = MondayColumn(id: "amount", title: "Amount", type: "numbers")
        amount.settings["unit"] = ["symbol": "$", "direction": "left"]
        var status = MondayColumn(id: "status", title: "Status", type: "status")
        let labels = ["Draft", "Open", "Paid", "Canceled", "In review", "Corrective"]
        status.labels = labels.enumerated().map { place, text in
            // The fifth colour is the grey of an empty cell.
            MondayLabel(id: place, index: place, text: text, color: place == 5 ? 6 : place, isDone: text == "Paid")
        }
        var vendor = MondayColumn(id: "vendor", title: "Vendor", type: "dropdown")
        vendor.labels = names.enumerated().map { MondayLabel(id: $0 + 1, text: $1) }
        var link = MondayColumn(id: "vendor_link", title: "Vendor link", type: "board_relation")
        link.settings["boardIds"] = .array([.number(vendors.id)])
        link.settings["allowMultipleItems"] = true
        board.columns += [
            MondayColumn(id: "erp_key", title: "ERP key", type: "text"), amount,
            MondayColumn(id: "currency", title: "Currency", type: "text"),
            MondayColumn(id: "due_date", title: "Due date", type: "date"), status, vendor, link,
        ]
        return (board.id, vendors.id)
    }

    /// A board for purchase orders on which people approve: its own status beside that of the books, somebody who decides,
    /// and lines beneath the orders.
    func seedOrderBoard(vendors: Int) -> Int {
        let board = newBoard("Purchase orders", empty: true)
        board.groups = [
            MondayBoard.Group(id: "topics", title: "To approve"),
            MondayBoard.Group(id: "approved", title: "Approved", color: "#00c875"),
            MondayBoard.Group(id: "received", title: "Received", color: "#037f4c"),
        ]
        var amount = MondayColumn(id: "amount", title: "Amount", type: "numbers")
        amount.settings["unit"] = ["symbol": "€", "direction": "right"]
        var link = MondayColumn(id: "vendor_link", title: "Vendor", type: "board_relation")
        link.settings["boardIds"] = .array([.number(vendors)])
        link.settings["allowMultipleItems"] = false
        board.columns += [
            MondayColumn(id: "erp_key", title: "ERP key", type: "text"), amount,
            MondayColumn(id: "currency", title: "Currency", type: "text"),
            MondayColumn(id: "expected", title: "Expected", type: "date"),
            Self.status("status", "Status", ["Draft", "In Review", "Open"], done: "Open"),
            Self.status("approval", "Approval", ["Pending", "Approved", "Rejected"], done: "Approved"),
            MondayColumn(id: "approver", title: "Approver", type: "people"), link,
            MondayColumn(id: "note", title: "Note", type: "long_text"),
        ]
        _ = subitemBoard(of: board)
        return board.id
    }

    private static func status(_ id: String, _ title: String, _ labels: [String], done: String) -> MondayColumn {
        var column = MondayColumn(id: id, title: title, type: "status")
        column.labels = labels.enumerated().map { place, text in
            MondayLabel(id: place, index: place, text: text, color: place, isDone: text == done)
        }
        return column
    }
}
