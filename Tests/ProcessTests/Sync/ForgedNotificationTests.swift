import Core
import Testing

@testable import Host

extension `the binary` {
    @Suite struct `a forged notification` {
        private func notification(_ state: String?, _ key: String, company: String) -> String {
            let member = state.map { #""clientState":"\#($0)","# } ?? ""
            return """
                {"value":[{"subscriptionId":"x",\(member)"expirationDateTime":"2027-01-01T00:00:00Z",\
                "resource":"api/v2.0/companies(\(company))/purchaseInvoices(\(key))","changeType":"updated",\
                "lastModifiedDateTime":"2026-11-20T00:00:00Z"}]}
                """
        }

        @Test func `changes nothing, is counted, and is answered like any other`() throws {
            let sync = try SyncInstallation()
            try sync.serve()
            try sync.untilQuiet()
            let hook = try #require(sync.installation.hooks["acme/bc-board"])
            let subscription = try sync.sandbox.control("GET", "/control/businessCentral/subscriptions")[0]
            let secret = try subscription["clientState"].string()
            let company = try #require(
                try subscription["resource"].string().split(separator: "(").last?.split(separator: ")").first
            )
            let (key, line) = try #require(try sync.booked().first)
            let item = try #require(try sync.items().first { $0.key == key })
            // Should anything be written at all, it would show here.
            try sync.sandbox.control(
                "PATCH",
                "/control/monday/items/\(item.id)",
                #"{"values":{"currency":"by hand"}}"#
            )
            let before = try sync.mutations()
            // The reading that follows a new subscription may still be under way.
            var asked = -1
            try until("nothing more is asked", every: 1_000_000) {
                let now = try requests(sync)
                defer { asked = now }
                return now == asked
            }
            let caller = Caller(sync.installation.port)
            let path = "\(hook.path)/purchaseInvoices"
            func post(_ path: String, _ body: String) throws -> Int {
                try #require(caller.post(path, body, ["Content-Type: application/json"])).status
            }
            let wrong = String(secret.reversed())
            #expect(try post(path, notification(wrong, key, company: String(company))) == 202)
            #expect(try post(path, notification("", key, company: String(company))) == 202)
            #expect(try post(path, notification(nil, key, company: String(company))) == 202)
            #expect(try post(path, #"{"value":[]}"#) == 202)
            #expect(try post(path, "no JSON") == 202)
            #expect(try sync.installation.metric("notifications_forged_total{seen_by=\"gateway\"}") == 3)
            #expect(try sync.installation.metric("webhooks_total{outcome=\"forged\"}") == 3)
            #expect(try sync.installation.metric("webhooks_total{outcome=\"malformed\"}") == 2)

            // An address that nobody was given, and one with a secret of the wrong length.
            #expect(try post("/hooks/\(String(repeating: "a", count: 64))/purchaseInvoices", "{}") == 404)
            #expect(try post("/hooks/a/purchaseInvoices", notification(secret, key, company: String(company))) == 404)
            #expect(try sync.installation.metric("webhooks_total{outcome=\"unknown\"}") == 2)

            // One of two is genuine: it is taken, and the worker leaves the other aside.
            let genuine = notification(secret, key, company: String(company)).dropFirst(#"{"value":["#.count).dropLast(
                2
            )
            let forged = notification(wrong, key, company: String(company)).dropFirst(#"{"value":["#.count).dropLast(2)
            #expect(try post(path, #"{"value":[\#(forged)]}"#) == 202)
            try sync.untilQuiet()
            #expect(try requests(sync) == asked, "a forged notification led to a question")
            #expect(try sync.mutations() == before)

            // Genuine in everything but its company: it is about a record that is not there.
            let other = "00000000-0000-4000-8000-00000000000f"
            #expect(try post(path, notification(secret, other, company: other)) == 202)
            #expect(try post(path, #"{"value":[\#(forged),\#(genuine)]}"#) == 202)
            try sync.untilQuiet()
            try until("the worker has told what it counts") {
                try sync.installation.metric("notifications_forged_total{seen_by=\"worker\"}") >= 1
            }
            #expect(try sync.mutations() == before, "\(line)")
            #expect(try sync.items().count == sync.booked().count)
            #expect(try sync.items().first { $0.id == item.id }?.line.currency == "by hand")
        }

        /// How often Business Central was asked for invoices.
        private func requests(_ sync: SyncInstallation) throws -> Int {
            try sync.sandbox.facts()["businessCentral"]["requests"]["GET purchaseInvoices"]["200"].int()
        }
    }
}
