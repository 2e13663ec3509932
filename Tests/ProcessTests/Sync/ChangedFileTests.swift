import Testing

@testable import Host

extension `the binary` {
    @Suite struct `a connection's file that was changed` {
        @Test func `fills a column for the records that are there already`() throws {
            var connection = SyncInstallation.Connection()
            let columns = connection.columns
            connection.columns = columns.replacing(#"dueDate: "due_date","#, with: "")
            let sync = try SyncInstallation([connection])
            try sync.installation.serve()
            try sync.untilSubscribed()
            try until("the items are there") { try sync.items().count == sync.booked().count }
            try sync.untilQuiet()
            #expect(try sync.items().allSatisfy { $0.line.dueDate.isEmpty })
            let before = try sync.mutations()
            connection.columns = columns
            try sync.add([connection])
            try sync.untilInStep()
            // One write each, of what was missing; nothing is made a second time.
            #expect(try sync.mutations() - before == sync.booked().count)
            #expect(try sync.timesMade().values.allSatisfy { $0 == 1 })
        }

        @Test func `brings all records to another board`() throws {
            let sync = try SyncInstallation()
            try sync.serve()
            try sync.untilQuiet()
            let columns = [
                ("erp_key", "text"), ("amount", "numbers"), ("currency", "text"), ("due_date", "date"),
                ("status", "text"), ("vendor", "text"),
            ].map { #"{"id":"\#($0)","title":"\#($0)","type":"\#($1)"}"# }.joined(separator: ",")
            let board = try sync.sandbox.control(
                "POST",
                "/control/monday/boards",
                #"{"name":"Another","columns":[\#(columns)]}"#
            )["id"].string()
            var moved = SyncInstallation.Connection()
            moved.board = board
            try sync.add([moved])
            try sync.untilInStep(on: board)
            #expect(try sync.timesMade(on: board).values.allSatisfy { $0 == 1 })
            // The old board stays as it was.
            #expect(try sync.differences().isEmpty)
        }

        @Test func `brings what another company has had for long`() throws {
            let sync = try SyncInstallation()
            let other = "CRONUS Nordic"
            let made = try sync.invoices("POST", "", #"{"company":"\#(other)","count":1}"#)[0]["id"].string()
            try sync.invoices("PATCH", made, #"{"company":"\#(other)","stampSecondsAgo":3600}"#)
            try sync.serve()
            try sync.untilQuiet()
            #expect(try sync.timesMade()[made] == nil)
            try sync.add([SyncInstallation.Connection(company: other)])
            try until("the other company's invoice is there") { try sync.timesMade()[made] == 1 }
        }
    }
}
