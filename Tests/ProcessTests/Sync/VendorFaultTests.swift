import Core
import Glibc
import Testing

@testable import Host

extension `the binary` {
    /// What goes wrong at the vendors: an operator reads what it is, and it heals by itself or as soon as it is mended.
    @Suite struct `a fault at a vendor` {
        private func someDraft(_ sync: SyncInstallation) throws -> String {
            try #require(try sync.booked().filter { $0.value.status == "Draft" }.keys.min())
        }

        /// The message is in `status`, in the log and in the metrics; `words` is the part of it that tells what to do.
        private func expectTrouble(_ sync: SyncInstallation, _ fault: String, says words: String) throws {
            let message = try sync.untilTrouble(says: words)
            #expect(!sync.installation.logLines(containing: words).isEmpty, "the log does not say \(words)")
            let status = try sync.installation.command("status")
            #expect(status.output.contains(words))
            #expect(try sync.installation.metric("connections_in_trouble") == 1)
            print("| \(fault) | \(message) |")
        }

        @Test func `of credentials is told, and over when they are mended`() throws {
            let sync = try SyncInstallation()
            try sync.serve()
            let key = try someDraft(sync)
            var amount = 0
            func change() throws {
                amount += 1
                try sync.invoices("PATCH", key, #"{"amount":\#(amount)}"#)
            }
            for (fault, state, mended, words) in [
                (
                    "client secret revoked", #"{"secret":"revoked"}"#, #"{"secret":"good"}"#,
                    "the client secret is not right"
                ),
                (
                    "client secret expired", #"{"secret":"expired"}"#, #"{"secret":"good"}"#,
                    "the client secret has expired"
                ),
                ("application disabled", #"{"enabled":false}"#, #"{"enabled":true}"#, "refuses the application"),
            ] {
                try sync.sandbox.control("POST", "/control/businessCentral/application", state)
                try sync.sandbox.control("POST", "/control/businessCentral/tokens/expire")
                try change()
                try expectTrouble(sync, fault, says: words)
                try sync.sandbox.control("POST", "/control/businessCentral/application", mended)
                // As an operator does it: with a new secret in the same file.
                try sync.add([SyncInstallation.Connection()])
                try sync.untilInStep()
                try sync.untilNoTrouble()
            }
            try sync.sandbox.control("POST", "/control/monday/token/revoke")
            try change()
            try expectTrouble(sync, "Monday token revoked", says: "the token is not accepted")
            try sync.sandbox.control("POST", "/control/monday/token/restore")
            try sync.add([SyncInstallation.Connection()])
            try sync.untilInStep()
            try sync.untilNoTrouble()
        }

        @Test func `that takes a column away is told, and the others go on`() throws {
            let sync = try SyncInstallation()
            try sync.serve()
            let key = try someDraft(sync)
            let columns = "/control/monday/boards/\(sync.board)/columns"
            try sync.sandbox.control("DELETE", "\(columns)/amount")
            try sync.invoices("PATCH", key, #"{"amount":17,"dueDate":"2027-02-03"}"#)
            try expectTrouble(
                sync,
                "column deleted",
                says: "has no column amount, so totalAmountIncludingTax is not written"
            )
            try until("the other field is there") {
                try sync.items().first { $0.key == key }?.line.dueDate == "2027-02-03"
            }
            #expect(try sync.installation.worker("acme/bc-board").parked == 0)
            // An id is never given again: the column is made anew, and named in the connection's file.
            try sync.sandbox.control("POST", columns, #"{"id":"total","title":"Total","type":"numbers"}"#)
            var mended = SyncInstallation.Connection()
            mended.columns = mended.columns.replacing(#""amount""#, with: #""total""#)
            try sync.add([mended])
            try sync.invoices("PATCH", key, #"{"amount":18}"#)
            let amount = try #require(try sync.booked()[key]).amount
            try until("the amount is in the new column", within: 15) {
                let item = try sync.items().first { $0.key == key }
                let values = try sync.sandbox.control("GET", "/control/monday/items/\(item?.id ?? "")")["values"]
                return try values["total"]["text"].orNil?.string() == amount
            }
            try sync.untilNoTrouble()
        }

        @Test(arguments: [
            (
                "503 without Retry-After", #"{"status":503}"#, "not available at the moment", "Monday failed"
            ),
            (
                "503 with Retry-After: 1", #"{"status":503,"retryAfterSeconds":1}"#, "not available at the moment",
                "Monday failed"
            ),
            ("a page of HTML", #""garbage""#, "makes no sense", "answered HTTP 200 with"),
            ("an answer cut in two", #""truncated""#, "makes no sense", "answered HTTP 200 with"),
            ("an answer that does not come", #"{"stallSeconds":600}"#, "no whole answer", "no whole answer"),
            ("a connection that is closed", #""hangUpBefore""#, "Server returned nothing", "Server returned nothing"),
        ])
        func `of its servers is told, and over when it is over`(
            fault: String,
            effect: String,
            businessCentralSays: String,
            mondaySays: String
        ) throws {
            var connection = SyncInstallation.Connection()
            connection.longestCallSeconds = 1
            let sync = try SyncInstallation([connection])
            try sync.serve()
            let key = try someDraft(sync)
            for (system, operation, words) in [
                ("businessCentral", "GET *", businessCentralSays), ("monday", "*", mondaySays),
            ] {
                try sync.sandbox.fault(system, on: operation, effect)
                try sync.invoices("PATCH", key, #"{"amount":\#(system.utf8.count)}"#)
                if system == "monday" {
                    // Status says what the log says, a few seconds later.
                    try sync.wait("the log says \(words)") {
                        sync.installation.logLines(containing: ": Monday").contains { $0.contains(words) }
                    }
                } else {
                    try expectTrouble(sync, "\(system): \(fault)", says: words)
                }
                try sync.sandbox.clearFaults()
                // The wait between two tries doubles, up to a minute.
                let healed = try sync.untilInStep(within: 65)
                print("in step \(healed) after the end of the fault")
            }
            try sync.untilNoTrouble(within: 65)
            #expect(try sync.timesMade().values.allSatisfy { $0 == 1 })
            #expect(try sync.installation.worker("acme/bc-board").parked == 0)
        }

        @Test func `that forgets where a list goes on costs a reading from the beginning`() throws {
            let sync = try SyncInstallation()
            try sync.serve()
            let key = try someDraft(sync)
            try sync.untilQuiet()
            try sync.sandbox.control("PATCH", "/control/businessCentral/settings", #"{"largestPage":5}"#)
            try sync.sandbox.fault(
                "businessCentral",
                on: "GET purchaseInvoices",
                #"{"status":400,"body":"{\"error\":{\"code\":\"BadRequest\",\"message\":\"The skip token is not valid.\"}}"}"#,
                #","times":1,"skip":1"#
            )
            // Nobody tells of the change: it is on the last page.
            try dropSubscription(sync)
            try sync.invoices("PATCH", key, #"{"amount":4321}"#)
            let took = try sync.untilInStep(within: 15)
            #expect(try sync.sandbox.facts()["businessCentral"]["faultsStruck"].int() == 1)
            let told = sync.installation.logLines(containing: "the link to the next page is no longer taken")
            #expect(told.count == 1)
            print("| expired link to a next page | \(told.first ?? "") | in step after \(took)")
        }

        @Test func `that drops a subscription is noticed, and what was missed is read`() throws {
            let sync = try SyncInstallation()
            try sync.serve()
            let key = try someDraft(sync)
            try sync.untilQuiet()
            try dropSubscription(sync)
            try sync.invoices("PATCH", key, #"{"amount":4321}"#)
            let took = try sync.untilInStep(within: 15)
            let words = "has dropped the subscription; it is made again"
            // A reading that was under way may have brought the change already.
            try sync.wait("the log says that \(words)") {
                !sync.installation.logLines(containing: words).isEmpty
            }
            print("| subscription gone | \(sync.installation.logLines(containing: words)[0]) | in step after \(took)")
            // And the new one tells of changes.
            try sync.untilSubscribed()
            try sync.invoices("PATCH", key, #"{"amount":4322}"#)
            try sync.untilInStep()
        }

        private func dropSubscription(_ sync: SyncInstallation) throws {
            let path = "/control/businessCentral/subscriptions"
            for subscription in try sync.sandbox.control("GET", path).elements() {
                try sync.sandbox.control("DELETE", "\(path)/\(try subscription["subscriptionId"].string())")
            }
        }
    }

    @Suite struct `a full disk under a tenant's store` {
        @Test(.enabled(if: geteuid() == 0, "only root can mount a small disk"))
        func `is told, costs nothing, and is over when there is room`() throws {
            let sync = try SyncInstallation()
            try sync.serve()
            try sync.untilQuiet()
            try sync.installation.stop()
            let disk = try SmallDisk(under: sync.installation.data + "/tenants/acme", megabytes: 2)
            defer { disk.unmount() }
            try sync.installation.serve()
            try disk.fill()
            let keys = try sync.booked().filter { $0.value.status == "Draft" }.keys
            var amount = 0
            var told: [String] = []
            // The first ones still find room in the pages that the store has.
            try sync.wait("the log says that there is no room", every: 50_000) {
                amount += 1
                for key in keys { try sync.invoices("PATCH", key, #"{"amount":\#(amount)}"#) }
                told = sync.installation.logLines(containing: "no room left")
                return !told.isEmpty
            }
            print("| full disk | \(told.joined(separator: "; ")) |")
            let worker = try sync.installation.worker("acme/bc-board")
            print("| full disk, status | \(worker.state), \(worker.waiting) waiting, “\(worker.trouble)” |")
            let before = try sync.installation.worker("acme/bc-board").restarts
            try disk.empty()
            let healed = try sync.untilInStep(within: 30)
            print("in step \(healed) after there was room again; \(before) restarts")
            try sync.untilQuiet()
            #expect(try sync.timesMade().values.allSatisfy { $0 == 1 })
            #expect(try sync.installation.command("audit", "verify", "acme").code == 0)
            try sync.installation.stop()
        }
    }
}

extension Ended {
    func expectDone() {
        #expect(code == 0, "\(errors)")
    }
}
