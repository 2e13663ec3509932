import Core
import Foundation
import Store
import Testing

@testable import Host

extension `the binary` {
    /// What no webhook and no reading tells of: the whole of both sides is compared by the real processes.
    @Suite struct `a reconcile end to end` {
        private func report(_ sync: SyncInstallation, _ flags: String...) throws -> JSONField {
            let ended = try sync.installation.command(["reconcile", "acme/bc-board", "--json"] + flags)
            try #require(ended.code == 0, "\(ended)")
            return JSONField(try JSON.parse(ended.output))
        }

        private func found(_ report: JSONField, _ kind: String) throws -> [Int] {
            let count = report["last"]["found"][kind]
            return [try count["found"].int(), try count["repaired"].int()]
        }

        /// No notification comes for a day.
        private func silence(_ sync: SyncInstallation) throws {
            try sync.sandbox.control(
                "PATCH",
                "/control/businessCentral/settings",
                #"{"notificationDelayMilliseconds":86400000}"#
            )
        }

        private func key(_ item: SyncInstallation.Item, _ sync: SyncInstallation) throws -> String {
            try sync.sandbox.control("GET", "/control/monday/items/\(item.id)")["values"]["erp_key"]["text"].string()
        }

        @Test func `mends what was missed, edited, taken away and doubled, with one write each`() throws {
            var connection = SyncInstallation.Connection()
            connection.reconcile = #"schedule: "never", duplicate: "repair""#
            let sync = try SyncInstallation([connection])
            try sync.serve()
            try sync.untilQuiet()
            var before = try sync.mutations()
            let inStep = try report(sync, "--wait")
            let count = try sync.booked().count
            #expect(try inStep["last"]["records"].int() == count && inStep["last"]["items"].int() == count)
            #expect(try inStep["last"]["checked"].int() == 0, "nothing had to be looked at twice: \(inStep)")
            #expect(try sync.mutations() == before)

            let items = try sync.items().filter { $0.state == "active" }.sorted { $0.line.number < $1.line.number }
            try sync.sandbox.control(
                "PATCH",
                "/control/monday/items/\(items[0].id)",
                #"{"name":"by hand","values":{"amount":"999","due_date":{"date":"2031-01-01"}}}"#
            )
            try sync.sandbox.control("POST", "/control/monday/items/\(items[1].id)/archive")
            try sync.sandbox.control(
                "POST",
                "/control/monday/boards/\(sync.board)/items",
                #"{"name":"a copy","values":{"erp_key":"\#(try key(items[2], sync))"}}"#
            )
            // Somebody's own.
            try sync.sandbox.control("POST", "/control/monday/boards/\(sync.board)/items", #"{"name":"own"}"#)
            try silence(sync)
            try sync.invoices("DELETE", items[3].key)
            try sync.invoices("POST", "", #"{"count":1,"amount":10}"#)
            try sync.invoices("PATCH", items[4].key, #"{"amount":4321}"#)

            before = try sync.mutations()
            let looked = try report(sync, "--wait", "--report-only")
            #expect(try found(looked, "different") == [2, 0] && found(looked, "missing") == [2, 0])
            #expect(try found(looked, "extra") == [1, 0] && found(looked, "duplicate") == [1, 0])
            #expect(try looked["findings"].elements().count == 6)
            #expect(try sync.mutations() == before)

            let mended = try report(sync, "--wait")
            #expect(try found(mended, "different") == [2, 2] && found(mended, "missing") == [2, 2])
            #expect(try found(mended, "extra") == [1, 1] && found(mended, "duplicate") == [1, 1])
            try until("only what is somebody's own is left", within: 20) {
                try sync.differences().map { $0.split(separator: " ").prefix(3).joined(separator: " ") }
                    == ["left over: own"]
            }
            try sync.untilQuiet()
            #expect(try sync.mutations() - before == 6)
            let again = try report(sync, "--wait")
            #expect(try again["findings"].elements().isEmpty && again["last"]["run"].int() == 4)
            let shown = try sync.installation.command("reconcile", "acme/bc-board", "--report")
            #expect(shown.code == 0 && shown.output.contains("all in step"), "\(shown)")
            let audit = try sync.installation.command("audit", "verify", "acme")
            #expect(audit.code == 0, "\(audit)")
            let lines = try sync.installation.command("audit", "acme").output.split(separator: "\n")
            #expect(lines.contains { $0.contains("reconciled") })
            // What somebody had put there is not lost without a line.
            #expect(lines.contains { $0.contains("overwritten") && $0.contains("name, amount, due_date") }, "\(lines)")
        }

        @Test func `knows the board again when the server's data was lost`() throws {
            let sync = try SyncInstallation()
            try sync.serve()
            try sync.untilQuiet()
            let gone = try #require(try sync.items().first { $0.state == "active" })
            _ = try sync.installation.stop()
            try silence(sync)
            try sync.invoices("DELETE", gone.key)
            try FileManager.default.removeItem(atPath: sync.installation.data)
            try sync.add([SyncInstallation.Connection()])
            let before = try sync.mutations()
            try sync.installation.serve()
            try sync.untilSubscribed()
            try sync.wait("it can be compared") {
                try sync.installation.command("reconcile", "acme/bc-board", "--report").code == 0
            }
            try sync.untilQuiet()
            // All items were known again, and nothing of them was written.
            #expect(try sync.mutations() == before)
            _ = try report(sync, "--wait")
            try sync.untilInStep()
            try sync.untilQuiet()
            #expect(try sync.mutations() == before + 1)
            #expect(try sync.timesMade().values.allSatisfy { $0 == 1 })
            #expect(try sync.items().first { $0.id == gone.id }?.state == "archived")
        }

        @Test func `brings a tenant's store that is days old up to date`() throws {
            let sync = try SyncInstallation()
            try sync.serve()
            try sync.untilQuiet()
            let store = sync.installation.data + "/tenants/acme/store.db"
            let backup = sync.installation.folder + "/backup.db"
            let old = try #require(try sync.items().first { $0.state == "active" })
            _ = try sync.installation.stop()
            try FileManager.default.copyItem(atPath: store, toPath: backup)

            try sync.installation.serve()
            try sync.invoices("PATCH", old.key, #"{"amount":77}"#)
            try sync.invoices("POST", "", #"{"count":2,"amount":10}"#)
            try sync.untilInStep()
            try sync.untilQuiet()
            _ = try sync.installation.stop()
            for end in ["-wal", "-shm"] { unlink(store + end) }
            // In its place: it belongs to the tenant's own user.
            try Data(contentsOf: URL(filePath: backup)).write(to: URL(filePath: store))
            try silence(sync)
            // What it was when the backup was made: by the old store, nothing has to be written.
            try sync.invoices("PATCH", old.key, #"{"amount":\#(old.line.amount)}"#)

            try sync.installation.serve()
            _ = try report(sync, "--wait")
            try sync.untilInStep()
            try sync.untilQuiet()
            #expect(try sync.timesMade().values.allSatisfy { $0 == 1 })
            #expect(try report(sync, "--wait")["findings"].elements().isEmpty)
        }

        /// Equal values have to look equal in every kind of column, or each night would write them anew.
        @Test func `finds equal what each kind of column makes of the same values`() throws {
            var connection = SyncInstallation.Connection()
            let sync = try SyncInstallation([])
            let kinds = [
                "number": "name", "vendorName": "dropdown", "dueDate": "timeline", "invoiceDate": "week",
                "postingDate": "date", "totalAmountIncludingTax": "numbers", "totalAmountExcludingTax": "text",
                "currencyCode": "long_text", "status": "status", "buyFromCountry": "country",
                "pricesIncludeTax": "checkbox",
            ]
            let columns = kinds.filter { $0.key != "number" }.map { field, type in
                let labels =
                    type == "status" ? #","settings":{"labels":["Draft","In Review","Open","Paid","Canceled"]}"# : ""
                return #"{"id":"c_\#(type)","title":"\#(field)","type":"\#(type)"\#(labels)}"#
            }
            connection.board = try sync.sandbox.control(
                "POST",
                "/control/monday/boards",
                #"""
                {"name":"All kinds","columns":[{"id":"erp_key","title":"Key","type":"text"},\#(columns.joined(separator: ","))]}
                """#
            )["id"].string()
            connection.columns = kinds.map { field, type in
                field == "number" ? #"number: "name""# : #"\#(field): "c_\#(type)""#
            }.joined(separator: ", ")
            try sync.add([connection])
            try sync.installation.serve()
            let count = try sync.booked().count
            try sync.wait("all are there") { try sync.items(on: connection.board).count == count }
            try sync.untilQuiet()
            let before = try sync.mutations()
            #expect(before >= count)
            let run = try report(sync, "--wait")
            #expect(try run["last"]["items"].int() == count && run["last"]["checked"].int() == 0, "\(run)")
            #expect(try sync.mutations() == before)
            #expect(try sync.installation.worker("acme/bc-board").trouble.isEmpty)
        }

        @Test func `says what cannot be asked for`() throws {
            let sync = try SyncInstallation()
            try sync.installation.serve()
            func failure(_ words: String...) throws -> Ended {
                try sync.installation.command(["reconcile"] + words)
            }
            try sync.wait("it can be compared") { try failure("acme/bc-board", "--report").code == 0 }
            #expect(try failure("acme/other").errors.contains("no connection acme/other"))
            #expect(try failure("acme/bc-board", "--route", "orders").errors.contains("it has purchaseInvoices"))
            #expect(try failure("acme/bc-board", "--report", "--report-only").code == 64)
        }
    }
}
