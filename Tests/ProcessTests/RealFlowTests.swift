import Foundation
import Testing

@testable import Host

extension `the binary` {
    /// Its systems answer nothing: nobody listens at their addresses.
    @Suite struct `a connection whose systems are away` {
        private func install() throws -> (Installation, hook: String) {
            let installation = try Installation([])
            let file = installation.folder + "/board.json5"
            try """
            {
              tenant: "acme", name: "board", flow: "business-central-monday",
              businessCentral: {
                entraTenant: "6f1c0000-0000-4000-8000-000000000000", clientId: "81aa0000-0000-4000-8000-000000000000",
                clientSecret: { env: "HOOK_SECRET" }, environment: "production", company: "CRONUS International",
                apiURL: "http://127.0.0.1:9", loginURL: "http://127.0.0.1:9",
              },
              monday: { token: { env: "HOOK_SECRET" }, apiURL: "http://127.0.0.1:9/v2" },
              routes: { purchaseInvoices: { board: "1234567890", columns: { number: "name" } } },
            }
            """.write(toFile: file, atomically: false, encoding: .utf8)
            let added = try installation.command("connection", "add", "--json", file)
            try #require(added.code == 0, "\(added.errors)")
            let object = try JSONSerialization.jsonObject(with: Data(added.output.utf8)) as? [String: Any]
            try installation.serve()
            return (installation, try #require(object?["webhookPath"] as? String))
        }

        @Test func `says so in its status, its metrics and its test, and keeps its address`() throws {
            let (installation, hook) = try install()
            try until("it says what troubles it", within: 20) {
                try installation.worker("acme/board").trouble.contains("127.0.0.1:9")
            }
            try until("it is counted") { try installation.metric("connections_in_trouble") == 1 }
            let page = try installation.metrics()
            #expect(page.contains(#"account_window_used_ratio{system="Monday",window="mutations"}"#))
            #expect(page.contains(#"{system="Business Central",window="#) && !page.contains(#"system="other""#))
            let caller = Caller(installation.port)
            #expect(caller.post(hook + "/purchaseInvoices?validationToken=a%2Fb", "")?.body == "a/b")
            #expect(caller.post(hook, #"{"value":[{"clientState":"guessed"}]}"#)?.status == 202)
            #expect(try installation.metric("notifications_forged_total") == 1)

            let tested = try installation.command("connection", "test", "acme/board")
            #expect(tested.code == 1 && tested.output.contains("BROKEN  Monday: "))
            #expect(!(tested.output + tested.errors + installation.log).contains(Installation.hookSecret))
            let shown = try installation.command("connection", "show", "acme/board")
            #expect(shown.output.contains("127.0.0.1:9") && shown.output.contains(hook))
            // What cannot be taken back does not keep it.
            let removed = try installation.command("connection", "remove", "acme/board")
            #expect(removed.code == 0 && removed.output.hasPrefix("acme/board is removed"), "\(removed.errors)")
            #expect(try installation.status().workers.isEmpty && caller.post(hook, "")?.status == 404)
        }
    }
}
