import Core
import Testing

@testable import Host

extension `the binary` {
    @Suite struct `a board that tells of itself` {
        private func webhooks(_ sync: SyncInstallation) throws -> [String] {
            try sync.sandbox.control("GET", "/control/monday/webhooks").elements().map { try $0["id"].string() }
        }

        @Test func `is heard beside Business Central, and left alone when the connection goes`() throws {
            let sync = try SyncInstallation([.init(monday: "webhooks: true")])
            try sync.serve()
            try sync.wait("Monday's webhooks") { try webhooks(sync).count == 6 }
            try sync.untilQuiet()
            let hook = try #require(sync.installation.hooks["acme/bc-board"])
            let address = try sync.sandbox.control("GET", "/control/monday/webhooks")[0]["url"].string()
            #expect(address.contains("/monday-") && address.hasPrefix("http://127.0.0.1:"))

            // A person's edit comes through the gateway, is undone, and the audit says whose it was.
            let item = try #require(try sync.items().first)
            let edit = #"{"values":{"currency":"by hand"}}"#
            try sync.sandbox.control("PATCH", "/control/monday/items/\(item.id)", edit)
            try sync.untilInStep()
            func audit() throws -> [Substring] {
                try sync.installation.command("audit", "acme/bc-board", "--json").output.split(separator: "\n")
            }
            try sync.wait("a line of the audit") { try audit().contains { $0.contains("by hand") } }
            let line = try #require(try audit().last { $0.contains("by hand") })
            #expect(line.contains("overwritten") && line.firstMatch(of: /monday \d+ by user \d+/) != nil, "\(line)")
            // One that is put away gets a new one.
            try sync.sandbox.control("POST", "/control/monday/items/\(item.id)/archive")
            try sync.untilInStep()
            try sync.untilQuiet()

            // An address that nobody was given is none; Business Central is never told so.
            let caller = Caller(sync.installation.port)
            let forged = String(address.split(separator: "/").last?.dropLast(4) ?? "") + "0000"
            let body = #"{"event":{"type":"update_name","boardId":1,"pulseId":1,"subscriptionId":1,"triggerUuid":"x"}}"#
            #expect(caller.post("\(hook.path)/\(forged)", body)?.status == 404)
            #expect(caller.post("\(hook.path)/monday-", body)?.status == 404)
            #expect(caller.post("\(hook.path)/purchaseInvoices", body)?.status == 202)
            // Genuine by its address, and about another board.
            let name = address.split(separator: "/").last.map { String($0) } ?? ""
            #expect(caller.post("\(hook.path)/\(name)", body)?.status == 200)
            try sync.wait("it is counted") {
                try sync.installation.metric("notifications_forged_total{seen_by=\"worker\"}") == 1
            }

            // Switched off by a person, it is made again; after a restart all are known.
            let first = try webhooks(sync)[0]
            try sync.sandbox.control("DELETE", "/control/monday/webhooks/\(first)")
            try sync.wait("it is made again") { try webhooks(sync).count == 6 }
            let before = try webhooks(sync)
            #expect(!before.contains(first))
            _ = try sync.installation.stop()
            try sync.installation.serve()
            try sync.wait("the worker is back") { try sync.installation.worker("acme/bc-board").state == "up" }
            try sync.untilQuiet()
            #expect(try webhooks(sync) == before)

            let removed = try sync.installation.command("connection", "remove", "acme/bc-board")
            #expect(removed.code == 0, "\(removed)")
            #expect(try webhooks(sync).isEmpty)
        }
    }
}
