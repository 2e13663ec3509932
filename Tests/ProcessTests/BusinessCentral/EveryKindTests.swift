import Core
import Glibc
import Testing

@testable import Host

extension `the binary` {
    /// All that Business Central's documents and cards go through, on a board for each kind.
    @Suite struct `records of every kind` {
        typealias Column = BoardsInstallation.Column

        enum Way: CaseIterable, Sendable {
            case webhooks, polls
        }

        private static let states = ["Draft", "In Review", "Open", "Paid", "Canceled", "Corrective"]

        private func kinds(_ place: BoardsInstallation) throws {
            let name = Column("displayName", "name", "name")
            let status = Column("status", "status", "status", labels: Self.states)
            let amount = Column("totalAmountIncludingTax", "amount", "numbers")
            try place.route(
                "vendors",
                [
                    name, Column("number", "number"), Column("city", "city"), Column("email", "mail"),
                    Column("blocked", "blocked", "status", labels: ["Payment", "All"]),
                ]
            )
            try place.route(
                "customers",
                [
                    name, Column("number", "number"), Column("country", "country", "dropdown"),
                    Column("creditLimit", "credit", "numbers"),
                    Column("blocked", "blocked", "status", labels: ["Ship", "Invoice", "All"]),
                ]
            )
            try place.route(
                "items",
                [
                    name, Column("number", "number"), Column("unitPrice", "price", "numbers"),
                    Column("type", "type", "dropdown"), Column("blocked", "blocked", "checkbox"),
                ]
            )
            try place.route(
                "purchaseInvoices",
                [
                    Column("number", "name", "name"), Column("vendorName", "vendor", "dropdown"), amount, status,
                    Column("currencyCode", "currency"), Column("dueDate", "due", "date"),
                ]
            )
            try place.route(
                "salesInvoices",
                [
                    Column("number", "name", "name"), Column("customerName", "customer"), amount, status,
                    Column("dueDate", "due", "date"),
                ]
            )
            try place.route(
                "purchaseOrders",
                [
                    Column("number", "name", "name"), Column("vendorName", "vendor"), amount, status,
                    Column("orderDate", "ordered", "date"), Column("fullyReceived", "received", "checkbox"),
                ],
                // The sandbox's environment tells of no purchase orders, as most do not.
                more: #"poll: "every 1s""#
            )
            try place.route(
                "salesOrders",
                [
                    Column("number", "name", "name"), Column("customerName", "customer"), amount, status,
                    Column("requestedDeliveryDate", "wanted", "date"),
                ]
            )
        }

        @Test(arguments: Way.allCases)
        func `are made, changed, posted, paid and deleted, and their boards show it`(way: Way) throws {
            let place = try BoardsInstallation(hearsWebhooks: way == .webhooks)
            if way == .polls { place.poll = "every 1s" }
            try kinds(place)
            try place.serve()
            if way == .webhooks { try place.untilSubscribed(to: 6) }
            try place.untilQuiet()
            let step = Step(place, way)

            let vendor = try place.make("vendors", #"{"displayName":"Nová & \"Syn\" s.r.o.","city":"Brno"}"#)
            let customer = try place.make("customers", #"{"displayName":"Trøndelag Bygg AS","country":"NO"}"#)
            let item = try place.make("items", #"{"displayName":"Lamp ½″ 'blue'","unitPrice":12.5}"#)
            try step.done("made")
            let vendorNumber = try place.books("GET", "vendors/\(vendor)")["number"].string()
            let customerNumber = try place.books("GET", "customers/\(customer)")["number"].string()
            let bill = try place.make(
                "purchaseInvoices",
                #"{"vendorNumber":"\#(vendorNumber)","vendorInvoiceNumber":"A-1","amount":120.45}"#
            )
            let invoice = try place.make("salesInvoices", #"{"customerNumber":"\#(customerNumber)","amount":99}"#)
            let order = try place.make("purchaseOrders", #"{"vendorNumber":"\#(vendorNumber)","amount":400}"#)
            let sale = try place.make("salesOrders", #"{"customerNumber":"\#(customerNumber)","amount":250}"#)
            try step.done("drafted")
            let items = try Dictionary(
                uniqueKeysWithValues: [bill, invoice, order, sale].map { ($0, try step.item($0)) }
            )

            try place.books("PATCH", "vendors/\(vendor)", #"{"displayName":"Nová a Syn","blocked":"Payment"}"#)
            try place.books("PATCH", "customers/\(customer)", #"{"creditLimit":5000}"#)
            try place.books("PATCH", "items/\(item)", #"{"unitPrice":0,"blocked":true}"#)
            try place.books("PATCH", "purchaseInvoices/\(bill)", #"{"amount":121,"dueDate":"2027-03-01"}"#)
            try place.books("PATCH", "salesInvoices/\(invoice)", #"{"amount":100}"#)
            try place.books("PATCH", "purchaseOrders/\(order)", #"{"amount":410}"#)
            try place.books("PATCH", "salesOrders/\(sale)", #"{"requestedDeliveryDate":"2027-04-01"}"#)
            try step.done("changed")

            try place.books("PATCH", "vendors/\(vendor)", #"{"blocked":"_x0020_"}"#)
            for draft in ["purchaseInvoices/\(bill)", "salesInvoices/\(invoice)"] {
                try place.books("POST", "\(draft)/post")
            }
            for draft in ["purchaseOrders/\(order)", "salesOrders/\(sale)"] {
                try place.books("POST", "\(draft)/release")
            }
            try step.done("posted")
            for (key, before) in items { #expect(try step.item(key) == before, "it moved to another item") }
            for posted in ["purchaseInvoices/\(bill)", "salesInvoices/\(invoice)"] {
                try place.books("POST", "\(posted)/pay")
            }
            try place.books("POST", "purchaseOrders/\(order)/receive")
            try step.done("paid")

            // Half a life later all of it is gone; an order that is invoiced is gone as well, and its invoice is there.
            try place.books("POST", "salesOrders/\(sale)/ship")
            try place.books("POST", "salesOrders/\(sale)/invoice")
            for gone in ["purchaseInvoices/\(bill)", "items/\(item)"] { try place.books("DELETE", gone) }
            if way == .webhooks { try step.done("deleted") }
            try place.books("DELETE", "purchaseOrders/\(order)")
            // No poll tells what is not there any more.
            let ended = try place.installation.command("reconcile", BoardsInstallation.title, "--wait")
            #expect(ended.code == 0, "\(ended)")
            try step.done("compared")
            for key in [bill, order, sale] {
                #expect(try place.board("GET", "items/\(items[key] ?? "")")["state"].string() == "archived")
            }
            try place.untilQuiet()
            #expect(try place.installation.worker(BoardsInstallation.title).parked == 0)
            try place.expectWhole()
        }

        /// One step of the story, and how long the boards took to show it.
        private struct Step {
            let place: BoardsInstallation
            let way: Way

            init(_ place: BoardsInstallation, _ way: Way) {
                (self.place, self.way) = (place, way)
            }

            func done(_ what: String) throws {
                let took = try place.untilInStep()
                print("\(way): what was \(what) is on all boards after \(took)")
            }

            func item(_ key: String) throws -> String {
                for route in place.routes {
                    if let item = try place.item(key, on: route.board) { return item.id }
                }
                throw Overdue(description: "there is no item for \(key)")
            }
        }
    }
}
