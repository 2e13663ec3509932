import Core
import Testing

@testable import Host

extension `the binary` {
    @Suite struct `what stands beside the invoices in NAV` {
        private static let boards = """
            {"id":"erp_key","type":"text"},{"id":"amount","type":"numbers"},{"id":"note","type":"long_text"},
            {"id":"city","type":"text"},
            {"id":"status","type":"status","settings":{"labels":["Open","Released","Pending Approval","Pending Prepayment"]}}
            """

        @Test(arguments: [false, true])
        func `is on its boards: orders with their lines, and vendors`(isSOAPOnly: Bool) throws {
            let place = try NavInstallation(.init(isSOAPOnly: isSOAPOnly))
            let orders = try place.makeBoard("Orders", Self.boards)
            let vendors = try place.makeBoard("Vendors", Self.boards)
            // With the first subitem Monday makes their board.
            let first = try place.sandbox.control(
                "POST",
                "/control/monday/boards/\(orders)/items",
                #"{"name":"by hand"}"#
            )
            let sub = try place.sandbox.control(
                "POST",
                "/control/monday/items/\(try first["id"].string())/subitems",
                #"{"name":"by hand"}"#
            )
            let lines = try sub["board"].string()
            place.wish.routes = """
                purchaseOrders: {
                    board: "\(orders)", poll: "every 1s", reconcile: { schedule: "never" },
                    columns: { number: "name", amountIncludingVAT: "amount", lines: "note", status: "status" },
                    lines: { board: "\(lines)", columns: { description: "name", quantity: "amount" }, poll: "every 2s" },
                },
                vendors: {
                    board: "\(vendors)", poll: "every 1s", reconcile: { schedule: "never" },
                    columns: { name: "name", city: "city" },
                },
                """
            try place.serve()
            let made = try place.nav("POST", "orders", #"{"count":1,"vendor":"10000","amount":50}"#)
            let number = try made[0]["No"].string()
            let item = try place.untilItem(number, on: orders) { $0["status"] == "Open" && !$0["note"].isEmpty }
            #expect(item["note"].contains("outstanding"), "\(item["note"])")
            let count = try place.nav("GET", "orders/\(number)")["lines"].elements().count
            try place.wait("its lines") {
                try place.items(on: lines).filter { $0.state == "active" && $0.key.hasPrefix(number) }.count == count
            }
            try place.nav("POST", "orders/\(number)/release")
            _ = try place.untilItem(number, on: orders) { $0["status"] == "Released" }

            try place.nav("POST", "vendors", #"{"No":"V-9","Name":"New Vendor","City":"Bath"}"#)
            _ = try place.untilItem("v-9", on: vendors) { $0.name == "New Vendor" && $0["city"] == "Bath" }
            try place.nav("PATCH", "vendors/V-9", #"{"City":"Wells"}"#)
            _ = try place.untilItem("v-9", on: vendors) { $0["city"] == "Wells" }

            try place.nav("DELETE", "orders/\(number)")
            _ = try place.untilItem(number, on: orders) { $0.state == "archived" }
            #expect(try place.trouble() == "")
        }

        /// A label says “IT Computers”, and NAV gets IT.
        @Test func `is a list of labels, by which people choose it for NAV`() throws {
            let place = try NavInstallation()
            let columns = "/control/monday/boards/\(place.board)/columns"
            for id in ["vendors", "departments"] {
                try place.sandbox.control("POST", columns, #"{"id":"\#(id)","title":"\#(id)","type":"dropdown"}"#)
            }
            place.wish.columns = """
                vendorNumber: { column: "vendors", list: "vendors" },
                dimension1: { column: "departments", list: "departments", back: true },
                """
            place.wish.lists = """
                vendors: { board: "\(place.board)", column: "vendors", text: "{name} ({number})", poll: "every 1s" },
                departments: {
                    from: "dimensionValues", dimension: "DEPARTMENT", board: "\(place.board)", column: "departments",
                    text: "{code} {name}", poll: "every 1s",
                },
                """
            try place.serve()
            func labels(_ column: String) throws -> [String: Int] {
                let board = try place.sandbox.control("GET", "/control/monday/boards/\(place.board)")
                let found = try board["columns"].elements().first { try $0["id"].string() == column }
                var labels: [String: Int] = [:]
                for label in try found?["settings"]["labels"].elements() ?? [] {
                    labels[try label["label"].string()] = try label["id"].int()
                }
                return labels
            }
            try place.nav(
                "POST",
                "dimensionValues",
                #"{"Dimension_Code":"DEPARTMENT","Code":"IT","Name":"Computers"}"#
            )
            try place.wait("its label") { try labels("departments")["IT Computers"] != nil }
            let number = try place.makeInvoice()
            let item = try place.untilItem(number) { $0["vendors"] == "London Postmaster (10000)" }
            try place.edit(item.id, "departments", #"{"labels":["IT Computers"]}"#)
            func department() throws -> String {
                try place.nav("GET", "invoices/\(number)")["Shortcut_Dimension_1_Code"].string()
            }
            try place.wait("NAV has the code") { try department() == "IT" }
            // And what NAV says shows as the label.
            try place.nav("PATCH", "invoices/\(number)", #"{"Shortcut_Dimension_1_Code":"SALES"}"#)
            _ = try place.untilItem(number) { $0["departments"] == "SALES Sales" }
            // Emptied, it is emptied there.
            try place.edit(item.id, "departments", "null")
            try place.wait("NAV has none") { try department() == "" }

            // A label of somebody's own stands for nothing in NAV.
            try place.sandbox.control("POST", "\(columns)/departments/labels", #"{"label":"Invented"}"#)
            try place.edit(item.id, "departments", #"{"labels":["Invented"]}"#)
            let told = try place.untilItem(number) { !$0.updates.isEmpty && $0["departments"] == "" }
            #expect(told.updates.joined().contains("not in the list departments"), "\(told.updates)")
            #expect(try department() == "")
        }
    }
}
