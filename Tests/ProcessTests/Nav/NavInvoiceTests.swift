import Core
import Testing

@testable import Host

extension `the binary` {
    @Suite struct `an invoice in NAV` {
        /// NAV tells of nothing: each step is found by a poll.
        @Test(arguments: [false, true])
        func `is one item from its first draft to its last state`(isSOAPOnly: Bool) throws {
            let place = try NavInstallation(.init(isSOAPOnly: isSOAPOnly))
            try place.serve()

            let number = try place.makeInvoice()
            let item = try place.untilItem(number)
            #expect(item.name == number && item["amount"] == "12.5" && item["vendor"] == "London Postmaster")
            #expect(item["currency"] == "EUR" && item["status"] == "Open")

            try place.nav("PATCH", "invoices/\(number)", #"{"amount":99.75,"Due_Date":"2027-02-03"}"#)
            _ = try place.untilItem(number) { $0["amount"] == "99.75" && $0["due_date"] == "2027-02-03" }
            try place.nav("POST", "invoices/\(number)/release")
            _ = try place.untilItem(number) { $0["status"] == "Approved" }
            try place.nav("POST", "invoices/\(number)/post")
            let posted = try place.untilItem(number) { $0["status"] == "Posted" }
            let name = try #require(try place.posted(number).first)
            #expect(posted.id == item.id && posted.name == name)

            try place.nav("POST", "posted/\(name)/pay")
            #expect(try place.untilItem(number) { $0["status"] == "Paid" }.id == item.id)

            let other = try place.makeInvoice("7")
            try place.nav("POST", "invoices/\(other)/post")
            let second = try place.untilItem(other) { $0["status"] == "Posted" }
            try place.nav("POST", "posted/\(second.name)/cancel")
            #expect(try place.untilItem(other) { $0["status"] == "Canceled" }.id == second.id)

            let third = try place.makeInvoice("8")
            let draft = try place.untilItem(third)
            try place.nav("DELETE", "invoices/\(third)")
            #expect(try place.untilItem(third) { $0.state == "archived" }.id == draft.id)

            // Nobody was made twice on the way, and NAV itself was never changed.
            let keys = try place.items().map(\.key)
            #expect(Set(keys).count == keys.count)
            #expect(try place.nav("GET", "calls").elements().isEmpty)
            #expect(try place.trouble() == "")
        }

        /// Posted more than a week ago, and paid only now: no list of what is new names it.
        @Test func `that is no longer listed is asked for by its number`() throws {
            let place = try NavInstallation()
            try place.serve()
            let unpaid = try #require(
                try place.documents("posted").first { try $0["Remaining_Amount"].decimal() != .zero }
            )
            let (before, number) = (try unpaid["Pre_Assigned_No"].string(), try unpaid["No"].string())
            _ = try place.untilItem(before) { $0["status"] == "Posted" }
            try place.nav("POST", "posted/\(number)/pay")
            #expect(try place.untilItem(before) { $0["status"] == "Paid" }.name == number)
        }

        @Test func `costs few requests while nothing changes`() throws {
            let place = try NavInstallation()
            try place.serve()
            // The first load was followed by looks of its own.
            let number = try place.makeInvoice()
            _ = try place.untilItem(number)
            let before = try place.requests()
            let next = try place.makeInvoice()
            _ = try place.untilItem(next)
            // A poll or two, each of the lists and their cards, and the look at the new one.
            let spent = try place.requests() - before
            print("a new invoice was found and written with \(spent) requests to NAV")
            #expect(spent <= 20)
        }
    }
}
