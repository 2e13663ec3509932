import Core
import Glibc
import Testing

@testable import Host

extension `the binary` {
    @Suite struct `a request that outlives its worker` {
        /// Monday goes on with what it was sent, also when nobody waits for the answer any more.
        @Test func `does not undo what the next worker writes`() throws {
            let sync = try SyncInstallation()
            try sync.serve()
            try sync.untilQuiet()
            let key = try #require(try sync.booked().filter { $0.value.status == "Draft" }.keys.min())
            try sync.sandbox.fault(
                "monday",
                on: "change_multiple_column_values*",
                #"{"delayMilliseconds":1500}"#,
                #","times":1"#
            )
            try sync.invoices("PATCH", key, #"{"amount":1}"#)
            try until("the change is on its way") { try sync.sandbox.facts()["monday"]["faultsStruck"].int() == 1 }
            let worker = try #require(try sync.installation.worker("acme/bc-board").pid)
            #expect(ProcessTable.entry(worker)?.parent == sync.installation.pid)
            kill(worker, SIGKILL)
            try sync.invoices("PATCH", key, #"{"amount":2}"#)
            try sync.untilInStep()
            try until("Monday has done all that it was sent") { try underway(sync) == 0 }
            #expect(try sync.differences().isEmpty)
        }

        private func underway(_ sync: SyncInstallation) throws -> Int {
            let facts = try sync.sandbox.facts()["monday"]
            func sum(_ name: String) throws -> Int {
                try facts[name].members().reduce(0) { $0 + (try $1.field.int()) }
            }
            return try sum("requests") - sum("statuses")
        }
    }
}
