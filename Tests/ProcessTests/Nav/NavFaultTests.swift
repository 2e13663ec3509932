import Core
import Testing

@testable import Host

extension `the binary` {
    @Suite struct `a fault at NAV` {
        private func change(_ place: NavInstallation, _ day: Int) throws {
            let day = "2027-01-\(day < 10 ? "0" : "")\(day)"
            try place.nav("PATCH", "invoices/1024", #"{"Due_Date":"\#(day)"}"#)
        }

        private func untilChanged(_ place: NavInstallation, _ day: Int) throws {
            _ = try place.untilItem("1024", within: 40) { $0["due_date"].hasSuffix(day < 10 ? "-0\(day)" : "-\(day)") }
        }

        @Test func `of its server is told, and over when it is over`() throws {
            let place = try NavInstallation(.init(longestCallSeconds: 1))
            try place.serve()
            for (index, (effect, words)) in [
                (#"{"status":500}"#, "the server is in trouble"), (#"{"status":503}"#, "not available at the moment"),
                (#""garbage""#, "makes no sense"), (#""truncated""#, "makes no sense"),
                (#""hangUpBefore""#, "Server returned nothing"), (#"{"stallSeconds":600}"#, "no whole answer"),
            ].enumerated() {
                try place.sandbox.fault("nav", on: "*", effect)
                try change(place, index + 1)
                try place.untilTrouble(words, within: 30)
                try place.sandbox.clearFaults()
                try untilChanged(place, index + 1)
                try place.untilNoTrouble()
            }
            #expect(try place.installation.worker(NavInstallation.title).parked == 0)
        }

        @Test func `that an administrator has to mend is told in his words`() throws {
            let place = try NavInstallation()
            try place.serve()
            // A page that is unpublished, and published again.
            try place.nav("PATCH", "services/PurchaseInvoices", #"{"published":false}"#)
            try change(place, 1)
            try place.untilTrouble("open the page \"Web Services\"")
            try place.nav("PATCH", "services/PurchaseInvoices", #"{"published":true}"#)
            try untilChanged(place, 1)
            try place.untilNoTrouble()
            // A key that has expired: the next one is put where the file points, and the file is added again.
            try place.nav("PATCH", "settings", #"{"isKeyExpired":true}"#)
            try change(place, 2)
            try place.untilTrouble("the web service access key is wrong or has expired")
            let key = "another key that is as long as NAV makes them"
            try place.nav("PATCH", "settings", #"{"isKeyExpired":false,"key":"\#(key)"}"#)
            place.installation.secrets["NAV_KEY"] = key
            try place.add()
            try untilChanged(place, 2)
            // One that is called otherwise from now on.
            try place.nav("PATCH", "services/PurchaseInvoices", #"{"service":"KobsFakturaer"}"#)
            try change(place, 3)
            // Once the server has been looked at again it says which one that may be.
            try place.untilTrouble("is not published as PurchaseInvoices", within: 40)
            place.wish.nav = #"services: { PurchaseInvoices: "KobsFakturaer" },"#
            try place.add()
            try untilChanged(place, 3)
            // Upper and lower case count in a company's name.
            let company = try place.sandbox.description["nav"]["company"].string()
            place.wish.company = company.uppercased()
            try place.add()
            try change(place, 4)
            try place.untilTrouble("it is called \"\(company)\"")
            place.wish.company = nil
            try place.add()
            try untilChanged(place, 4)
            let keys = try place.items().map(\.key)
            #expect(Set(keys).count == keys.count && keys.count == 30)
        }

        @Test func `at the start is told by the command that tries the connection`() throws {
            let place = try NavInstallation()
            try place.nav("PATCH", "services/PostedPurchaseInvoices", #"{"published":false}"#)
            try place.add()
            let test = try place.installation.command("connection", "test", NavInstallation.title)
            #expect(test.code != 0, "\(test)")
            #expect(test.output.contains("page 146") && test.output.contains("Web Services"), "\(test)")
        }

        /// The customer's own code says what has changed, long before the next poll.
        @Test func `is not what a stranger tells of it`() throws {
            let place = try NavInstallation(.init(nav: #"webhookSecret: { env: "NEWS_SECRET" },"#))
            try place.serve()
            let hook = try #require(place.installation.hooks[NavInstallation.title])
            let caller = Caller(place.installation.port)
            func tell(_ id: String, _ secret: String?) -> Int? {
                let body = #"{"source":"nav","id":"\#(id)","entity":"PurchaseInvoice","key":"1024","change":"updated"}"#
                return caller.post(hook.path, body, secret.map { ["X-Webhook-Secret: \($0)"] } ?? [])?.status
            }
            #expect(tell("1", nil) == 401 && tell("1", "guessed") == 401)
            try change(place, 1)
            #expect(tell("1", NavInstallation.newsSecret) == 202)
            try untilChanged(place, 1)
            try change(place, 2)
            #expect(tell("2", NavInstallation.newsSecret) == 202)
            try untilChanged(place, 2)
            try place.wait("the audit names it") { try place.audit("1024").contains("webhook ") }
            #expect(caller.post(hook.path, "{}", ["X-Webhook-Secret: \(NavInstallation.newsSecret)"])?.status == 400)
        }
    }
}
