import Core
import Glibc
import Testing

@testable import Host

extension `the binary` {
    /// A board is a view of Business Central, and people work on it all the same.
    @Suite struct `people at a board` {
        typealias Column = BoardsInstallation.Column

        private func place(_ more: String = "", monday: String = "webhooks: true") throws -> BoardsInstallation {
            let place = try BoardsInstallation()
            place.monday = monday
            let labels = ["Draft", "In Review", "Open", "Paid", "Canceled", "Corrective"]
            try place.route(
                "purchaseInvoices",
                [
                    Column("number", "name", "name"), Column("totalAmountIncludingTax", "amount", "numbers"),
                    Column("currencyCode", "currency"), Column("dueDate", "due", "date"),
                    Column("status", "status", "status", labels: labels),
                ],
                more: more
            )
            return place
        }

        private func webhooks(_ place: BoardsInstallation) throws -> Int {
            try place.board("GET", "webhooks").elements().count
        }

        @Test func `are written over, and the audit says who it was`() throws {
            let place = try place()
            try place.serve()
            try place.wait("Monday's webhooks") { try webhooks(place) == 6 }
            try place.untilQuiet()
            let board = place.routes[0].board
            let item = try #require(try place.items(board).first)
            try place.board(
                "PATCH",
                "items/\(item.id)",
                #"{"name":"mine now","values":{"amount":"-1","due":{"date":"2031-01-01"},"status":{"label":"Canceled"}}}"#
            )
            try place.untilInStep()
            try place.wait("lines of the audit") { try place.audit().contains { $0.contains("mine now") } }
            let line = try #require(try place.audit().last { $0.contains("mine now") })
            #expect(line.contains("overwritten") && line.firstMatch(of: /monday \d+ by user \d+/) != nil, "\(line)")

            // Columns go by their ids; one that is gone is left out and said, and all others go on.
            try place.board("PATCH", "boards/\(board)/columns/amount", #"{"title":"Total, as people say"}"#)
            try place.board("DELETE", "boards/\(board)/columns/currency")
            place.routes[0].columns.removeAll { $0.id == "currency" }
            try place.books("PATCH", "purchaseInvoices/\(item.key)", #"{"amount":4321.5}"#)
            try place.untilInStep()
            try place.books("PATCH", "purchaseInvoices/\(item.key)", #"{"currencyCode":"EUR","dueDate":"2027-02-02"}"#)
            try place.untilInStep()
            #expect(try place.installation.worker(BoardsInstallation.title).parked == 0)
            try place.wait("it is said which column is gone") {
                place.installation.log.contains("has no column currency, so currencyCode is not written")
            }
            try place.untilQuiet()
            try place.expectAudit()
        }

        @Test func `keep what they wrote until the record changes it`() throws {
            let place = try place(#"handEdits: "keep","#)
            try place.serve()
            try place.wait("Monday's webhooks") { try webhooks(place) == 6 }
            try place.untilQuiet()
            let board = place.routes[0].board
            let item = try #require(try place.items(board).first)
            try place.board(
                "PATCH",
                "items/\(item.id)",
                #"{"values":{"currency":"by hand","due":{"date":"2031-01-01"}}}"#
            )
            try place.wait("a line of the audit") { try place.audit().contains { $0.contains("by hand") } }
            let line = try #require(try place.audit().last { $0.contains("by hand") })
            #expect(line.contains("kept") && line.firstMatch(of: /monday \d+ by user \d+/) != nil, "\(line)")
            try place.books("PATCH", "purchaseInvoices/\(item.key)", #"{"dueDate":"2027-02-02"}"#)
            try place.wait("the books' day is back") {
                try place.item(item.key, on: board)?.texts["due"] == "2027-02-02"
            }
            #expect(try place.item(item.key, on: board)?.texts["currency"] == "by hand")
            try place.books("PATCH", "purchaseInvoices/\(item.key)", #"{"currencyCode":"DKK"}"#)
            try place.untilInStep()
            try place.untilQuiet()
            try place.expectAudit()
        }

        @Test func `put items away, take them back and move them, and each invoice has one`() throws {
            let place = try place()
            try place.serve()
            try place.wait("Monday's webhooks") { try webhooks(place) == 6 }
            try place.untilQuiet()
            let board = place.routes[0].board
            let items = try place.items(board)
            let other = try place.board("POST", "boards/\(board)/groups", #"{"title":"Elsewhere"}"#)
            let group = try other["id"].string()
            try place.board("PATCH", "items/\(items[3].id)", #"{"group":"\#(group)"}"#)
            try place.board("POST", "items/\(items[0].id)/archive")
            try place.board("POST", "items/\(items[1].id)/delete")
            try place.untilInStep()
            try place.untilQuiet()
            let successor = try #require(try place.item(items[0].key, on: board))
            #expect(successor.id != items[0].id)

            // Both are there now: the newer one is the record's, and the old one is told by the comparison.
            try place.board("POST", "items/\(items[0].id)/restore")
            try place.untilQuiet()
            let changed = try place.books("PATCH", "purchaseInvoices/\(items[0].key)", #"{"amount":5.55}"#)
            let total = try changed["totalAmountIncludingTax"].decimal()
            try place.books("PATCH", "purchaseInvoices/\(items[3].key)", #"{"amount":6.66}"#)
            try place.wait("the invoice's own item is written") {
                let own = try place.items(board).first { $0.id == successor.id }
                return own?.state == "active" && own?.texts["amount"].flatMap { Decimal($0) } == total
            }
            place.routes[0].more = #"reconcile: { schedule: "never", duplicate: "repair" },"#
            try place.add()
            let ended = try place.installation.command("reconcile", BoardsInstallation.title, "--wait")
            #expect(ended.code == 0, "\(ended)")
            try place.untilInStep()
            #expect(try place.board("GET", "items/\(items[0].id)")["state"].string() == "archived")
            #expect(try place.board("GET", "items/\(items[3].id)")["group"].string() == group)
            try place.expectAudit()
        }

        // MARK: Signed webhooks

        @Test func `are heard by signed webhooks alone where the token is an app's`() throws {
            let place = try place(monday: "webhooks: true, signingSecret: { env: \"MONDAY_SIGNING\" }")
            place.installation.secrets["MONDAY_SIGNING"] = "sandbox-monday-signing-secret"
            try place.options(#"{"signsHooks":true,"signsChallenges":true}"#)
            try place.serve()
            try place.wait("Monday's webhooks") { try webhooks(place) == 6 }
            try place.untilQuiet()
            let board = place.routes[0].board
            let item = try #require(try place.items(board).first)
            try place.board("PATCH", "items/\(item.id)", #"{"values":{"currency":"signed"}}"#)
            try place.untilInStep()
            try place.wait("a line of the audit") { try place.audit().contains { $0.contains("signed") } }

            // Not signed, signed with another secret: refused, and nothing is done.
            let address = try place.board("GET", "webhooks")[0]["url"].string()
            let path = String(address.drop { $0 != ":" }.dropFirst(3).drop { $0 != "/" })
            let body =
                #"{"event":{"type":"update_name","boardId":\#(board),"pulseId":\#(item.id),"subscriptionId":1,"triggerUuid":"x"}}"#
            let caller = Caller(place.installation.port)
            let before = try place.installation.metric("webhooks_total{outcome=\"forged\"}")
            #expect(caller.post(path, body)?.status == 401)
            let forged = "eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJ4In0.c2lnbmF0dXJl"
            #expect(caller.post(path, body, ["Authorization: \(forged)"])?.status == 401)
            let unsigned = "eyJhbGciOiJub25lIn0.eyJhdWQiOiJ4In0."
            #expect(caller.post(path, body, ["Authorization: \(unsigned)"])?.status == 401)
            #expect(try place.installation.metric("webhooks_total{outcome=\"forged\"}") == before + 3)

            // The app's secret is another one now: what Monday signs is not taken, and Business Central is heard still.
            try place.options(#"{"signingSecret":"another secret of the sandbox's app"}"#)
            try place.board("PATCH", "items/\(item.id)", #"{"values":{"currency":"forged"}}"#)
            try place.wait("it is refused") {
                try place.installation.metric("webhooks_total{outcome=\"forged\"}") > before + 3
            }
            #expect(try place.item(item.key, on: board)?.texts["currency"] == "forged")
            try place.books("PATCH", "purchaseInvoices/\(item.key)", #"{"currencyCode":"NOK"}"#)
            try place.untilInStep()
        }
    }
}

extension BoardsInstallation {
    fileprivate func expectAudit() throws {
        let audit = try installation.command("audit", "verify", "acme")
        #expect(audit.code == 0 && audit.output.contains("whole"), "\(audit)")
    }
}
