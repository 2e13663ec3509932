import Core
import Glibc
import Testing

@testable import Host

extension `the binary` {
    /// What stands beside a record on its board: lines, its vendor's item, a list's labels, and other routes' conditions.
    @Suite struct `a board of Business Central` {
        typealias Column = BoardsInstallation.Column

        private static let states = ["Draft", "In Review", "Open", "Paid", "Canceled", "Corrective"]
        private static let invoice = [
            Column("number", "name", "name"), Column("totalAmountIncludingTax", "amount", "numbers"),
            Column("status", "status", "status", labels: states),
        ]

        // MARK: Lines

        /// The board of the subitems of another one, which Monday makes with the first of them.
        private func subitems(of board: String, _ place: BoardsInstallation) throws -> String {
            let item = try place.board("POST", "boards/\(board)/items", #"{"name":"first"}"#)["id"].string()
            let made = try place.board("POST", "items/\(item)/subitems", #"{"name":"first"}"#)
            let subitems = try made["board"].string()
            try place.board("POST", "items/\(try made["id"].string())/delete")
            try place.board("POST", "items/\(item)/delete")
            for column in [("quantity", "numbers"), ("expected", "date")] {
                let body = #"{"id":"\#(column.0)","title":"\#(column.0)","type":"\#(column.1)"}"#
                try place.board("POST", "boards/\(subitems)/columns", body)
            }
            return subitems
        }

        @Test func `has the lines of orders as subitems`() throws {
            let place = try BoardsInstallation()
            var boards: [(set: String, lines: String, board: String)] = []
            for (set, lines) in [("purchaseOrders", "purchaseOrderLines"), ("salesOrders", "salesOrderLines")] {
                let date =
                    set == "purchaseOrders" ? #", "expectedReceiptDate": "expected""# : #", "shipmentDate": "expected""#
                let more = """
                    poll: "every \(set == "purchaseOrders" ? "1s" : "1h")",
                    columns: { "number": "name" },
                    lines: { board: "SUBITEMS", columns: { "description": "name", "quantity": "quantity"\(date) }, keyColumn: "erp_key" },
                    """
                let route = try place.route(set, [Column("number", "name", "name")])
                let subitems = try subitems(of: route.board, place)
                place.routes[place.routes.count - 1].more = more.replacing("SUBITEMS", with: subitems)
                boards.append((set, lines, subitems))
            }
            func differences() throws -> [String] {
                try boards.flatMap { set, lines, board throws -> [String] in
                    var wanted: [String] = []
                    for order in try place.books("GET", set).elements() {
                        for line in try place.books("GET", "\(set)/\(try order["id"].string())/\(lines)").elements() {
                            let quantity = try line["quantity"].decimal().text
                            wanted.append("\(try line["description"].string()) \(quantity)")
                        }
                    }
                    let held = try place.items(board).filter { $0.state == "active" }.map {
                        "\($0.name) \($0.texts["quantity"].flatMap { Decimal($0) }?.text ?? "0")"
                    }
                    return wanted.sorted() == held.sorted() ? [] : ["\(set): \(held.sorted()), not \(wanted.sorted())"]
                }
            }
            try place.add()
            try place.installation.serve()
            try place.untilInStep(within: 30, differences)

            for (set, party) in [
                ("purchaseOrders", #""vendorNumber":"V00010""#), ("salesOrders", #""customerNumber":"C00010""#),
            ] {
                let lines = set == "purchaseOrders" ? "purchaseOrderLines" : "salesOrderLines"
                let order = try place.make(
                    set,
                    #"{\#(party),"\#(lines)":[{"lineType":"Item","lineObjectNumber":"1896-S","quantity":3}]}"#
                )
                try place.untilInStep(differences)
                let more = #"{"lineType":"Item","lineObjectNumber":"1900-S","quantity":7}"#
                try place.books("POST", "\(set)/\(order)/\(lines)", more)
                try place.untilInStep(differences)
                let line = try place.books("GET", "\(set)/\(order)/\(lines)")[0]["id"].string()
                try place.books("PATCH", "\(lines)/\(line)", #"{"quantity":5}"#)
                try place.untilInStep(differences)
                try place.books("DELETE", "\(lines)/\(line)")
                try place.untilInStep(differences)
            }
            try place.untilQuiet()
            #expect(try place.installation.worker(BoardsInstallation.title).parked == 0)
            try place.expectWhole()
        }

        // MARK: Vendors

        @Test func `has its vendors as labels, as many as fit, and else as the items of another board`() throws {
            let place = try BoardsInstallation()
            try place.books("POST", "vendors", #"{"count":150,"displayName":"Vendor of \"many\""}"#)
            // With those that are blocked for everything nobody deals any more.
            let first = try place.books("GET", "vendors").elements().count { vendor in
                (try? vendor["blocked"].string()).map { $0 != "All" } ?? true
            }
            let columns = Self.invoice + [Column("vendorName", "vendor", "dropdown")]
            var route = try place.route("purchaseInvoices", columns)
            place.lists = """
                vendors: { board: "\(route.board)", column: "vendor", text: "{displayName} ({number})", poll: "every 1s" },
                """
            route.more = """
                columns: {
                    number: "name", totalAmountIncludingTax: "amount", status: "status",
                    vendorName: { column: "vendor", list: "vendors", by: "vendorId" },
                },
                """
            route.columns = Self.invoice
            place.routes = [route]
            try place.add()
            try place.installation.serve()
            try place.untilInStep(within: 30)
            func labels() throws -> [String] {
                let columns = try place.board("GET", "boards/\(route.board)")["columns"].elements()
                let vendor = try #require(try columns.first { try $0["id"].string() == "vendor" })
                return try vendor["settings"]["labels"].elements().map { label in
                    try (try? label["label"].string()) ?? label["name"].string()
                }
            }
            try place.wait("all vendors are labels") { try labels().count >= first }
            #expect(try labels().count == first)
            // More than fit: those that are there stay, none is added, and an alert says what to do.
            try place.books("POST", "vendors", #"{"count":55,"displayName":"Vendor of too many"}"#)
            try place.wait("an alert", within: 30) {
                let trouble = try place.trouble()
                return trouble.contains("200") && trouble.contains("board of their own")
            }
            #expect(try labels().count == first)
            let shown = try #require(try place.items(route.board).first { $0.texts["vendor"]?.isEmpty == false })
            #expect(shown.texts["vendor"]?.contains("(V") == true, "\(shown)")

            // What the alert advises: a board of their own, and a column that connects it.
            place.lists = ""
            let vendors = try place.route(
                "vendors",
                [Column("displayName", "name", "name"), Column("number", "number")],
                more: #"filter: { city: { not: "Nowhere" } },"#
            )
            let settings = #"{"boardIds":[\#(vendors.board)],"allowMultipleItems":false}"#
            try place.board(
                "POST",
                "boards/\(route.board)/columns",
                #"{"id":"vendor_link","title":"Vendor","type":"board_relation","settings":\#(settings)}"#
            )
            place.routes[0].more = """
                columns: {
                    number: "name", totalAmountIncludingTax: "amount", status: "status",
                    vendorId: { column: "vendor_link", item: { route: "vendors" } },
                },
                """
            try place.add()
            let many = try place.books("GET", "vendors").elements().count
            func links() throws -> [String] {
                var vendorItems: [String: String] = [:]
                for item in try place.items(vendors.board) where item.state == "active" {
                    vendorItems[item.key] = item.id
                }
                var differences = vendorItems.count == many ? [] : ["\(vendorItems.count) vendors, not \(many)"]
                let items = try place.items(route.board)
                for invoice in try place.books("GET", "purchaseInvoices").elements() {
                    let key = try invoice["id"].string()
                    let held = items.first { $0.key == key && $0.state == "active" }?.texts["vendor_link"] ?? ""
                    let wish = vendorItems[try invoice["vendorId"].string()] ?? ""
                    if held != wish { differences.append("\(try invoice["number"].string()): \(held), not \(wish)") }
                }
                return differences
            }
            try place.untilInStep(within: 60, links)

            // An invoice comes before its vendor's item, and is linked when that is made, without another word of it.
            let late = try place.make("vendors", #"{"displayName":"Latecomer","city":"Nowhere"}"#)
            let invoice = try place.make("purchaseInvoices", #"{"vendorId":"\#(late)","amount":10}"#)
            try place.untilInStep(links)
            #expect(try place.item(invoice, on: route.board)?.texts["vendor_link"]?.isEmpty != false)
            try place.books("PATCH", "vendors/\(late)", #"{"city":"Brno"}"#)
            try place.wait("the latecomer's item is shown") {
                let item = try place.items(vendors.board).first { $0.key == late && $0.state == "active" }
                return try place.item(invoice, on: route.board)?.texts["vendor_link"] == item?.id && item != nil
            }
            try place.untilQuiet()
            try place.expectWhole()
        }

        // MARK: Conditions, and records of an extension

        @Test(arguments: [true, false])
        func `shows the records that meet its condition, beside another that shows all`(hears: Bool) throws {
            let place = try BoardsInstallation(hearsWebhooks: hears)
            if !hears { place.poll = "every 1s" }
            try place.route("purchaseInvoices", Self.invoice)
            let drafts = try place.route(
                "drafts",
                of: "purchaseInvoices",
                Self.invoice,
                more: #"entity: "purchaseInvoices", filter: { status: ["Draft", "In Review"] },"#
            )
            try place.route(
                "approvalRequests",
                [
                    Column("number", "name", "name"), Column("amount", "amount", "numbers"),
                    Column("decision", "decision", "dropdown"), Column("comment", "comment"),
                ],
                more: #"poll: "every 1s", api: { publisher: "contoso", group: "approvals", version: "v1.0" },"#
            )
            func differences() throws -> [String] {
                try place.differences(drafts) { ["Draft", "In_x0020_Review"].contains(try $0["status"].string()) }
            }
            try place.add()
            try place.installation.serve()
            try place.untilInStep(within: 30, differences)
            let invoice = try place.make(
                "purchaseInvoices",
                #"{"vendorNumber":"V00010","vendorInvoiceNumber":"F-1","amount":10}"#
            )
            let request = try place.make("approvalRequests", #"{"number":"AR9","amount":-5,"comment":"\"why\" – ☕"}"#)
            try place.untilInStep(differences)
            let item = try #require(try place.item(invoice, on: drafts.board)).id
            try place.books("POST", "purchaseInvoices/\(invoice)/post")
            try place.books("PATCH", "approvalRequests/\(request)", #"{"decision":"Approved"}"#)
            try place.untilInStep(differences)
            #expect(try place.board("GET", "items/\(item)")["state"].string() == "archived")
            try place.untilQuiet()
            #expect(try place.installation.worker(BoardsInstallation.title).parked == 0)
            try place.expectWhole()
        }
    }
}
