import Core
import Glibc
import Testing

@testable import Host

extension `the binary` {
    /// NAV online is Business Central: the same flow, and webhooks.
    @Suite struct `NAV online` {
        private func document(_ sandbox: SandboxProcess, _ board: String) throws -> String {
            let online = sandbox.description["businessCentral"]
            return """
                {
                    tenant: "acme", name: "nav-board", flow: "nav-monday",
                    businessCentral: {
                        entraTenant: "\(try online["entraTenant"].string())",
                        clientId: "\(try online["clientId"].string())", clientSecret: { env: "BC_SECRET" },
                        environment: "\(try online["environment"].string())", company: "\(try online["company"].string())",
                        apiURL: "\(try online["apiURL"].string())", loginURL: "\(try online["loginURL"].string())",
                    },
                    monday: {
                        token: { env: "MONDAY_TOKEN" },
                        apiURL: "\(try sandbox.description["monday"]["apiURL"].string())",
                    },
                    routes: { purchaseInvoices: {
                        board: "\(board)", poll: "every 1h", reconcile: { schedule: "never" },
                        columns: {
                            number: "name", vendorName: "vendor", dueDate: { column: "due_date", back: true },
                            status: { column: "status", actions: { "Book it": { do: "post" } } },
                        },
                    } },
                    limits: {
                        monday: { mutationsPerMinute: 0, requestsPerMinute: 0, callsPerDay: 0 },
                        businessCentral: { requestsPer5Minutes: 0 },
                    },
                    timing: { confirmDeletedAfterSeconds: 1, checkSubscriptionsSeconds: 2, checkWebhooksSeconds: 2 },
                }
                """
        }

        @Test func `shows invoices at once, and takes back a date and a posting`() throws {
            let sandbox = try SandboxProcess()
            try sandbox.control("PATCH", "/control/monday/options", #"{"enforcesPlan":false}"#)
            try sandbox.control(
                "PATCH",
                "/control/businessCentral/settings",
                #"{"notificationDelayMilliseconds":50,"requestsPerWindow":1000000}"#
            )
            let board = try NavInstallation.makeBoard(
                sandbox,
                "Online",
                """
                {"id":"erp_key","type":"text"},{"id":"vendor","type":"text"},{"id":"due_date","type":"date"},
                {"id":"status","type":"status","settings":{"labels":["Draft","In Review","Open","Paid","Canceled",
                "Corrective","Book it"]}}
                """
            )
            let installation = try Installation(flags: ["--public-url", "http://127.0.0.1:PORT"])
            installation.secrets["BC_SECRET"] = try sandbox.description["businessCentral"]["clientSecret"].string()
            installation.secrets["MONDAY_TOKEN"] = try sandbox.description["monday"]["token"].string()
            try installation.add([("nav-board", document(sandbox, board))])
            try installation.serve()
            func items() throws -> [NavInstallation.Item] {
                try sandbox.control("GET", "/control/monday/boards/\(board)/items").elements()
                    .map(NavInstallation.Item.init)
            }
            func invoice(_ id: String) throws -> JSONField {
                let all = try sandbox.control("GET", "/control/businessCentral/invoices").elements()
                return try #require(try all.first { try $0["id"].string() == id })
            }
            try until("the first load", within: 30) {
                try items().count == sandbox.control("GET", "/control/businessCentral/invoices").elements().count
            }
            var before = 0
            try until("both tell", within: 20) {
                let hooks = try sandbox.control("GET", "/control/monday/webhooks").elements().count
                defer { before = hooks }
                usleep(400_000)
                return try hooks > 0 && hooks == before
                    && !sandbox.control("GET", "/control/businessCentral/subscriptions").elements().isEmpty
            }
            let item = try #require(try items().first { $0["status"] == "Draft" })
            let path = "/control/monday/items/\(item.id)"
            try sandbox.control("PATCH", path, #"{"values":{"due_date":{"date":"2027-05-06"}}}"#)
            try until("the date is there", within: 20) { try invoice(item.key)["dueDate"].string() == "2027-05-06" }
            try sandbox.control("PATCH", path, #"{"values":{"status":{"label":"Book it"}}}"#)
            do {
                try until("it is posted", within: 20) {
                    try items().first { $0.id == item.id }?["status"] == "Open"
                }
            } catch {
                throw Overdue(
                    description: "\(error): \(try items().filter { $0.id == item.id })\n\(installation.picture)"
                )
            }
            #expect(try invoice(item.key)["status"].string() == "Open")
            let posted = try #require(try items().first { $0.id == item.id })
            #expect(posted.name != item.name && posted.key == item.key)
        }
    }
}
