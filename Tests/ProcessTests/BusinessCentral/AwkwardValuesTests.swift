import Core
import Glibc
import Testing

@testable import Host

extension `the binary` {
    /// What customers' data holds, and what breaks what was not made with care.
    @Suite struct `awkward values` {
        typealias Column = BoardsInstallation.Column

        private static let names = [
            #"O'Brien "Quick" & Söhne <b> \n {x} %s"#, "株式会社 青空印刷", "👩‍👩‍👧‍👦 – ½″ ﷽ Ⅷ", "شركة النخيل",
            String(repeating: "漢", count: 100), String(repeating: "é", count: 100),
        ]

        @Test func `come to the board as they are, changed and made at one instant, over a page's border`() throws {
            let place = try BoardsInstallation(hearsWebhooks: false, settings: #","largestPage":20"#)
            place.poll = "every 1s"
            try place.route(
                "vendors",
                [
                    Column("website", "name", "name"), Column("displayName", "title"), Column("number", "number"),
                    Column("addressLine1", "address", "long_text"), Column("currencyCode", "currency", "dropdown"),
                    Column("blocked", "blocked", "status", labels: ["Payment", "All"]),
                ]
            )
            try place.route(
                "items",
                [
                    Column("displayName", "name", "name"), Column("unitPrice", "price", "numbers"),
                    Column("unitCost", "cost", "numbers"), Column("type", "type", "dropdown"),
                    Column("number", "number"),
                ]
            )
            try place.route(
                "purchaseInvoices",
                [
                    Column("number", "name", "name"), Column("vendorName", "vendor", "dropdown"),
                    Column("totalAmountIncludingTax", "amount", "numbers"), Column("currencyCode", "currency"),
                    Column("dueDate", "due", "date"), Column("shipToContact", "contact"),
                    Column(
                        "status",
                        "status",
                        "status",
                        labels: ["Draft", "In Review", "Open", "Paid", "Canceled", "Corrective"]
                    ),
                ]
            )
            // An item needs a name: those of the sandbox have no website.
            for vendor in try place.books("GET", "vendors").elements() {
                let number = try vendor["number"].string()
                try place.books("PATCH", "vendors/\(number)", #"{"website":"https://\#(number).example"}"#)
            }
            for (index, name) in Self.names.enumerated() {
                let text = JSON.string(name).text()
                let site = String((name + "·" + String(repeating: "\(index)", count: 255)).prefix(255))
                let long = String(decoding: Array(site.utf16.prefix(255)), as: UTF16.self)
                try place.books(
                    "POST",
                    "vendors",
                    #"{"displayName":\#(text),"addressLine1":\#(text),"website":\#(JSON.string(long).text())}"#
                )
                try place.books(
                    "POST",
                    "items",
                    #"{"displayName":\#(text),"unitPrice":\#(["0", "-1250.75", "0.01", "99999999.99", "-0.05", "1"][index])}"#
                )
            }
            try place.books("POST", "items", #"{"displayName":"Hours","type":"Non_x002D_Inventory"}"#)
            for (amount, currency) in [("0", "EUR"), ("12345678.9", "JPY"), ("0.01", "GBP"), ("77", "DKK")] {
                try place.make(
                    "purchaseInvoices",
                    #"{"vendorNumber":"V00030","amount":\#(amount),"currencyCode":"\#(currency)","dueDate":"0001-01-01"}"#
                ).checked()
            }
            // Half a hundred with one stamp, where a page holds twenty.
            try place.books("POST", "invoices", #"{"count":60,"amount":10}"#)
            try place.books("PATCH", "invoices", #"{"count":50,"shipToContact":"\"Early\" ☕"}"#)
            try place.serve(within: 40)
            try place.untilQuiet()
            try place.books("PATCH", "invoices", #"{"count":72,"shipToContact":"Søren's"}"#)
            for item in try place.books("GET", "items").elements().prefix(30) {
                try place.books("PATCH", "items/\(try item["id"].string())", #"{"unitPrice":-7.5}"#)
            }
            try place.untilInStep(within: 40)
            // Emptied again.
            let contact = try place.books("GET", "purchaseInvoices")[0]["id"].string()
            try place.books("PATCH", "purchaseInvoices/\(contact)", #"{"shipToContact":"","dueDate":"0001-01-01"}"#)
            try place.untilInStep(within: 40)
            try place.untilQuiet()
            #expect(try place.installation.worker(BoardsInstallation.title).parked == 0)
            try place.expectWhole()
        }
    }
}

extension String {
    /// For what has to be made and is not looked at again.
    fileprivate func checked() { #expect(!isEmpty) }
}
