import Core
import Foundation
import Testing

@testable import Host

extension `the binary` {
    @Suite struct `a preview of a connection` {
        /// Of a record: what is done, and each field before and after.
        private struct Deed: Equatable {
            var decision: String
            var fields: JSON?
        }

        private func objects(_ ended: Ended) throws -> [JSONField] {
            try #require(ended.code == 0, "\(ended)")
            return try ended.output.split(separator: "\n").map { JSONField(try JSON.parse(String($0))) }
        }

        private func deeds(_ objects: [JSONField]) throws -> [String: Deed] {
            var deeds: [String: Deed] = [:]
            for object in objects where object["decision"].orNil != nil {
                deeds[try object["record"].string()] = Deed(
                    decision: try object["decision"].string(),
                    fields: object["fields"].value
                )
            }
            return deeds
        }

        private func calls(_ sync: SyncInstallation) throws -> Int {
            try sync.sandbox.facts()["monday"]["mutations"]["executed"].int()
        }

        @Test func `of a file that is new says what adding it then does, and writes nothing`() throws {
            let sync = try SyncInstallation([])
            let connection = SyncInstallation.Connection()
            let file = try sync.file(connection)
            let shown = try sync.installation.command("connection", "preview", file, "--json")
            let previewed = try deeds(objects(shown))
            let booked = try sync.booked()
            #expect(previewed.keys.sorted() == booked.keys.sorted())
            #expect(previewed.values.allSatisfy { $0.decision == "created" })
            let summary = try #require(objects(shown).last?["summary"])
            #expect(try summary["decisions"]["created"].int() == booked.count)
            let text = try sync.installation.command("connection", "preview", file, "--limit", "2").output
            #expect(text.contains("\(booked.count) records") && text.contains("of 2 records would be: 2 created"))
            let all = try sync.installation.command("connection", "preview", file, "--all").output
            #expect(all.contains("of \(booked.count) records would be: \(booked.count) created"), "\(all)")
            #expect(!all.contains("create  "))

            #expect(try sync.mutations() == 0 && sync.items().isEmpty)
            #expect(!FileManager.default.fileExists(atPath: sync.installation.data + "/tenants/acme"))
            let known = try sync.installation.command("connection", "list").output
            #expect(known.contains("no connections yet"))

            try sync.add([connection])
            try sync.serve()
            try sync.untilQuiet()
            let audit = try sync.installation.command("audit", "acme/bc-board", "--json", "--limit", "10000")
            #expect(try deeds(objects(audit)) == previewed)
        }

        @Test func `of a file that is changed says which columns would change, beside the running connection`() throws {
            var connection = SyncInstallation.Connection()
            let columns = connection.columns
            connection.columns = columns.replacing(#"dueDate: "due_date","#, with: "")
            let sync = try SyncInstallation([connection])
            try sync.installation.serve()
            try sync.untilSubscribed()
            try until("the items are there") { try sync.items().count == sync.booked().count }
            try sync.untilQuiet()
            let before = try sync.mutations()
            let records = try sync.booked().count
            let lines = try sync.installation.command("audit", "acme", "--json", "--limit", "10000").output

            // As it is there is nothing to do.
            let same = try sync.installation.command("connection", "preview", "acme/bc-board")
            #expect(same.code == 0 && same.output.contains("\(records) left as they are"), "\(same)")

            connection.columns = columns
            let shown = try sync.installation.command("connection", "preview", sync.file(connection), "--json")
            let previewed = try deeds(objects(shown))
            #expect(previewed.count == records)
            for deed in previewed.values {
                #expect(deed.decision == "updated")
                let fields = try JSONField(try #require(deed.fields)).members()
                #expect(fields.map(\.name) == ["due_date"] && fields[0].field["before"].value == .null)
            }
            let summary = try #require(objects(shown).last?["summary"])
            #expect(try summary["columns"].members().map(\.name) == ["due_date"])
            #expect(try sync.mutations() == before)
            #expect(
                try sync.installation.command("audit", "acme", "--json", "--limit", "10000").output == lines,
                "it wrote into the store"
            )

            try sync.add([connection])
            try sync.untilInStep()
            try sync.untilQuiet()
            let after = try objects(
                sync.installation.command("audit", "acme", "--json", "--limit", "10000", "--after", "\(records)")
            )
            #expect(try deeds(after) == previewed)
            #expect(try sync.mutations() - before == records)
        }

        @Test func `of a file that goes to another board says what would be made there`() throws {
            let sync = try SyncInstallation()
            try sync.serve()
            try sync.untilQuiet()
            let before = try sync.mutations()
            var moved = SyncInstallation.Connection()
            moved.board = try sync.sandbox.control(
                "POST",
                "/control/monday/boards",
                #"{"name":"Other","columns":[{"id":"erp_key","title":"ERP key","type":"text"}]}"#
            )["id"].string()
            moved.columns = #"number: "name""#
            let shown = try sync.installation.command("connection", "preview", sync.file(moved), "--json")
            let previewed = try deeds(objects(shown))
            #expect(try previewed.count == sync.booked().count)
            #expect(previewed.values.allSatisfy { $0.decision == "created" })
            #expect(try sync.mutations() == before)
            // And the connection goes on as it was.
            let same = try sync.installation.command("connection", "preview", "acme/bc-board", "--all", "--json")
            let summary = try #require(objects(same).last?["summary"])
            #expect(try summary["decisions"]["unchanged"].int() == sync.booked().count)
        }

        @Test func `says what is in the way, and what cannot be previewed`() throws {
            var connection = SyncInstallation.Connection()
            connection.columns = #"number: "name", dueDate: "no_such_column""#
            let sync = try SyncInstallation([])
            let shown = try sync.installation.command("connection", "preview", sync.file(connection))
            #expect(shown.code == 0 && shown.output.contains("has no column no_such_column"), "\(shown)")
            connection.board = "4711"
            let lost = try sync.installation.command("connection", "preview", sync.file(connection))
            #expect(lost.code == 1 && lost.errors.contains("there is no board 4711"), "\(lost)")
            try sync.installation.add([.init(tenant: "acme", name: "orders")])
            let demonstration = try sync.installation.command("connection", "preview", "acme/orders")
            #expect(demonstration.code == 1 && demonstration.errors.contains("nothing to preview"))
            #expect(try sync.installation.command("connection", "preview").code == 64)
            let both = try sync.installation.command("connection", "preview", "acme/orders", "--all", "--limit", "3")
            #expect(both.code == 64)
        }
    }
}
