import Core
import Testing

@testable import Host

extension `the binary` {
    /// What an operator does about records that failed, with the commands there are.
    @Suite struct `a replay` {
        private static let refusal = #"""
            {"status":200,"body":"{\"data\":null,\"errors\":[{\"message\":\"This status label doesn't exist\",\"extensions\":{\"code\":\"ColumnValueException\",\"error_data\":{\"column_id\":\"status\"}}}]}"}
            """#

        private func drafts(_ sync: SyncInstallation, _ count: Int) throws -> [String] {
            let keys = try sync.booked().filter { $0.value.status == "Draft" }.keys.sorted()
            try #require(keys.count >= count)
            return Array(keys.prefix(count))
        }

        /// Refuses every write of the invoices until the fault is cleared.
        private func park(_ keys: [String], _ sync: SyncInstallation) throws {
            try sync.sandbox.fault("monday", on: "change_multiple_column_values*", Self.refusal)
            for (index, key) in keys.enumerated() { try sync.invoices("PATCH", key, #"{"amount":\#(700 + index)}"#) }
            try sync.wait("they are parked") {
                try sync.installation.worker("acme/bc-board").parked == UInt64(keys.count)
            }
            try sync.sandbox.clearFaults()
        }

        private func lines(_ ended: Ended) throws -> [JSONField] {
            try ended.output.split(separator: "\n").map { JSONField(try JSON.parse(String($0))) }
        }

        @Test func `tries what failed again, once, and the audit says who wanted it`() throws {
            let sync = try SyncInstallation()
            try sync.serve()
            try sync.untilQuiet()
            let keys = try drafts(sync, 3)
            try park(keys, sync)
            func run(_ words: String...) throws -> Ended {
                let ended = try sync.installation.command(words)
                #expect(ended.code == 0, "\(words): \(ended.errors)")
                return ended
            }

            // Why, and what to do.
            let shown = try run("records", "acme/bc-board", "--parked").output
            print(shown)
            #expect(
                shown.contains("This status label doesn't exist") && shown.contains("mend the record at its source")
            )
            let parked = try lines(try run("records", "acme/bc-board", "--class", "validation", "--json"))
            #expect(Set(try parked.map { try $0["record"].string() }) == Set(keys))
            for record in parked {
                #expect(try record["state"].string() == "parked" && record["class"].string() == "validation")
                #expect(try record["attempts"].int() >= 1 && record["cause"].string().hasPrefix("webhook "))
                #expect(WallTime(try record["parkedAt"].string()) != nil)
            }
            #expect(try run("records", "acme/bc-board", "--class", "permission", "--json").output.isEmpty)

            // A rehearsal changes nothing, and neither does a class that nothing failed for.
            let before = try run("audit", "acme", "--all", "--json").output
            let dry = try run("replay", "acme/bc-board", "--class", "validation", "--dry-run", "--json")
            #expect(try lines(dry).count == 3)
            #expect(try run("replay", "acme/bc-board", "--class", "permission").output.contains("nothing of that kind"))
            #expect(try run("replay", "acme/bc-board", "--until", "2001-01-01").output.contains("nothing of that kind"))
            #expect(try run("audit", "acme", "--all", "--json").output == before)

            // One of them by its number, the others by their class.
            let number = try #require(try sync.booked()[keys[0]]).number
            let one = try run("replay", "acme/bc-board", "--record", number)
            #expect(one.output.contains("1 record is tried again\n"), "\(one.output)")
            try sync.wait("it is done") { try sync.installation.worker("acme/bc-board").parked == 2 }
            let rest = try run("replay", "acme/bc-board", "--class", "validation")
            #expect(rest.output.contains("2 records are tried again\n"), "\(rest.output)")
            try sync.untilInStep()
            try sync.untilQuiet()

            // Again: there is nothing left to do.
            let writes = try sync.mutations()
            #expect(try run("replay", "acme/bc-board", "--class", "validation").output.contains("nothing"))
            #expect(try run("replay", "acme/bc-board", "--all-failed").output.contains("nothing"))
            // One that is in step is looked at, and not written.
            #expect(try run("replay", "acme/bc-board", "--record", keys[1]).output.contains("1 record is tried again"))
            try sync.wait("it was looked at") {
                try run("audit", "acme", "--record", keys[1], "--json").output.contains(
                    #""decision":"unchanged","cause":"replay by "#
                )
            }
            #expect(try sync.mutations() == writes)
            #expect(try sync.timesMade().values.allSatisfy { $0 == 1 })

            let history = try lines(try run("audit", "acme/bc-board", "--record", keys[0], "--json"))
            let decisions = try history.map { try $0["decision"].string() }
            #expect(decisions.suffix(3) == ["parked", "replayed", "updated"])
            let cause = try #require(try history.last?["cause"].string())
            #expect(cause.hasPrefix("replay by ") && cause.count > "replay by ".count)
            #expect(try run("audit", "verify", "acme").output.contains("whole"))

            // Nobody there to do it: it waits.
            try sync.installation.stop()
            let alone = try run("replay", "acme/bc-board", "--record", number)
            #expect(alone.output.contains("its worker does not run"), "\(alone.output)")
            let unknown = try sync.installation.command("replay", "acme/bc-board", "--record", "no such")
            #expect(unknown.code == 1 && unknown.output.contains("has no such record"))
            for words in [
                [], ["--all-failed", "--class", "validation"], ["--class", "nonsense"], ["--since", "soon"],
            ] {
                #expect(try sync.installation.command(["replay", "acme/bc-board"] + words).code == 64, "\(words)")
            }
        }

        @Test func `of many leaves live changes their room`() throws {
            let sync = try SyncInstallation()
            try sync.serve()
            try sync.untilQuiet()
            let key = try drafts(sync, 1)[0]
            // What has never been written is parked as well.
            try sync.sandbox.fault("monday", on: "create_item*", Self.refusal)
            try sync.invoices("POST", "", #"{"count":60,"amount":10}"#)
            try sync.wait("they are parked", within: 40) { try sync.installation.worker("acme/bc-board").parked == 60 }
            try sync.sandbox.clearFaults()
            let ended = try sync.installation.command("replay", "acme/bc-board", "--all-failed")
            #expect(ended.output.contains("60 records are tried again, at the pace of the background"), "\(ended)")
            try sync.invoices("PATCH", key, #"{"amount":77}"#)
            try sync.untilInStep(within: 40)
            try sync.untilQuiet()
            #expect(try sync.timesMade().values.allSatisfy { $0 == 1 })
            let audit = try sync.installation.command("audit", "acme", "--all", "--json").output
            #expect(audit.split(separator: "\n").count { $0.contains(#""decision":"replayed""#) } == 60)
            #expect(try sync.installation.command("audit", "verify", "acme").code == 0)
        }

        @Test func `of what one event brought, while other changes go on`() throws {
            let sync = try SyncInstallation()
            try sync.serve()
            try sync.untilQuiet()
            let keys = try drafts(sync, 2)
            try park(keys, sync)
            let parked = try lines(
                try sync.installation.command("records", "acme/bc-board", "--parked", "--json")
            )
            let cause = try #require(try parked.first { try $0["record"].string() == keys[0] })["cause"].string()
            let event = try #require(cause.split(separator: " ").last.map { String($0) })
            // Meanwhile the other one is changed, which tries it by itself.
            try sync.invoices("PATCH", keys[1], #"{"amount":123}"#)
            let ended = try sync.installation.command("replay", "acme/bc-board", "--event", event)
            #expect(ended.code == 0, "\(ended.errors)")
            try sync.untilInStep()
            try until("nothing is parked") { try sync.installation.worker("acme/bc-board").parked == 0 }
            #expect(try sync.timesMade().values.allSatisfy { $0 == 1 })
        }
    }

    @Suite struct `an export of the audit` {
        @Test func `has every field that was changed, and cells that a spreadsheet leaves alone`() throws {
            var connection = SyncInstallation.Connection()
            connection.columns = connection.columns.replacing("number:", with: "vendorInvoiceNumber:")
            let sync = try SyncInstallation([connection])
            try sync.installation.serve()
            let invoices = try sync.booked()
            // One has no such number, and an item needs a name.
            try sync.wait("all others are there") { try sync.items().count == invoices.count - 1 }
            try sync.wait("it is parked") { try sync.installation.worker("acme/bc-board").parked == 1 }
            let there = Set(try sync.items().map(\.key))
            let key = try #require(
                invoices.filter { $0.value.status == "Draft" && there.contains($0.key) }.keys.min()
            )
            // What a vendor writes on its invoice is anybody's text.
            try sync.invoices("PATCH", key, #"{"vendorInvoiceNumber":"=SUM(1,\"2\"), \"Inc\""}"#)
            try sync.wait("it is on the board") {
                try sync.items().first { $0.key == key }?.line.number.hasPrefix("=SUM") == true
            }
            try sync.untilQuiet()
            try sync.installation.stop()

            func rows(_ words: String...) throws -> [[String]] {
                let ended = try sync.installation.command(["audit", "acme", "--csv"] + words)
                #expect(ended.code == 0, "\(ended.errors)")
                return try parse(ended.output)
            }
            let all = try rows("--all")
            let titles = try #require(all.first)
            #expect(titles.first == "line" && titles.suffix(3) == ["field", "before", "after"])
            #expect(all.allSatisfy { $0.count == titles.count })

            // The same as the lines say.
            let lines = try sync.installation.command("audit", "acme", "--all", "--json").output.split(separator: "\n")
            var fields = 0
            for line in lines {
                let document = JSONField(try JSON.parse(String(line)))
                fields += max(try document["fields"].orNil?.members().count ?? 0, 1)
            }
            #expect(all.count == 1 + fields && lines.count > 12)

            let changed = try rows("--record", key, "--limit", "1").dropFirst()
            let name = try #require(changed.first { $0[titles.count - 3] == "name" })
            #expect(name.last == #"'=SUM(1,"2"), "Inc""#)
            let last = try #require(lines.last)
            let at = try JSONField(try JSON.parse(String(last)))["at"].string()
            #expect(try rows("--since", at).count > 1)
            #expect(try rows("--until", "2001-01-01").count == 1)
            let two = try sync.installation.command("audit", "acme", "--after", "0", "--limit", "2", "--json")
            #expect(two.output.split(separator: "\n") == Array(lines.prefix(2)) && two.errors.contains("--after 2"))
            let tail = try sync.installation.command("audit", "acme", "--limit", "2", "--json")
            #expect(tail.output.split(separator: "\n") == Array(lines.suffix(2)) && tail.errors.isEmpty)
        }

        /// RFC 4180, and nothing that it does not allow.
        private func parse(_ text: String) throws -> [[String]] {
            struct Wrong: Error { var at: Int }
            let bytes = Array(text.utf8)
            var rows: [[String]] = []
            var row: [String] = []
            var at = 0
            while at < bytes.count {
                var cell: [UInt8] = []
                if bytes[at] == 0x22 {
                    at += 1
                    while true {
                        guard at < bytes.count else { throw Wrong(at: at) }
                        if bytes[at] == 0x22 {
                            guard at + 1 < bytes.count, bytes[at + 1] == 0x22 else { break }
                            at += 1
                        }
                        cell.append(bytes[at])
                        at += 1
                    }
                    at += 1
                } else {
                    while at < bytes.count, bytes[at] != 0x2C, bytes[at] != 0x0D {
                        guard bytes[at] != 0x22, bytes[at] != 0x0A else { throw Wrong(at: at) }
                        cell.append(bytes[at])
                        at += 1
                    }
                }
                row.append(String(decoding: cell, as: UTF8.self))
                guard at < bytes.count else { throw Wrong(at: at) }
                if bytes[at] == 0x2C {
                    at += 1
                } else {
                    guard bytes[at] == 0x0D, at + 1 < bytes.count, bytes[at + 1] == 0x0A else { throw Wrong(at: at) }
                    rows.append(row)
                    row = []
                    at += 2
                }
            }
            #expect(row.isEmpty)
            return rows
        }
    }
}
