import Core
import Glibc
import Testing

@testable import Host

extension `the binary` {
    @Suite struct `a first load` {
        private static let records = 300

        @Test func `rises to its total, whoever is killed on the way`() throws {
            var connection = SyncInstallation.Connection()
            // Twenty a second: long enough to look at it.
            connection.limits = """
                monday: { mutationsPerMinute: 1200, requestsPerMinute: 0, callsPerDay: 0 },
                businessCentral: { requestsPer5Minutes: 0 },
                """
            let sync = try SyncInstallation([])
            try sync.invoices("POST", "", #"{"count":\#(Self.records),"amount":10}"#)
            // In pages, so that it is killed between two of them, too.
            try sync.sandbox.control("PATCH", "/control/businessCentral/settings", #"{"largestPage":100}"#)
            let total = try sync.booked().count
            try sync.add([connection])
            try sync.installation.serve()
            var seen: [UInt64] = []
            var notes: Set<String> = []
            var kills = 0
            try until("the first load is over", within: 90, every: 100_000) {
                guard let worker = try? sync.installation.worker("acme/bc-board"),
                    let load = worker.progress.first
                else { return false }
                #expect(load.done >= seen.last ?? 0, "\(seen) and then \(load)")
                #expect(load.total == UInt64(total) && load.done <= UInt64(total), "\(load)")
                if seen.last != load.done {
                    seen.append(load.done)
                    let status = try sync.installation.command("status").output
                    if status.contains("first load: ") { notes.insert(status) }
                }
                if load.done > 60 * UInt64(kills + 1), kills < 3, let pid = worker.pid {
                    kill(pid, SIGKILL)
                    kills += 1
                }
                return load.isEnded
            }
            #expect(kills >= 2 && seen.count > kills && seen.last == UInt64(total), "\(kills) kills, \(seen)")
            #expect(notes.contains { $0.contains("of \(total) records, about ") }, "\(notes)")
            try sync.untilInStep()
            #expect(try sync.timesMade().values.allSatisfy { $0 == 1 })
            let shown = try sync.installation.command("connection", "show", "acme/bc-board").output
            #expect(shown.contains("ended, \(total) of \(total) records"), "\(shown)")
            #expect(try sync.installation.metric("backfill_routes") == 0)
        }

        @Test func `says before it begins that the account's day is too short for it`() throws {
            var connection = SyncInstallation.Connection()
            connection.limits = """
                monday: { mutationsPerMinute: 0, requestsPerMinute: 0, callsPerDay: 20 },
                businessCentral: { requestsPer5Minutes: 0 },
                """
            let sync = try SyncInstallation([])
            try sync.invoices("POST", "", #"{"count":2000,"amount":10}"#)
            let total = try sync.booked().count
            let preview = try sync.installation.command("connection", "preview", sync.file(connection), "--limit", "1")
            // 122 calls, of which eighteen a day are the background's; the first day may be nearly over.
            #expect(preview.output.firstMatch(of: /would last about [567] days: 20 calls a day/) != nil, "\(preview)")
            try sync.add([connection])
            try sync.installation.serve()
            try sync.wait("it is said in the log", within: 30) {
                sync.installation.log.contains(
                    "the account's 20 calls a day make the first load of \(total) records last about "
                )
            }
            try sync.wait("status says so", within: 30) {
                let status = try sync.installation.command("status").output
                return status.contains("first load: ") && status.contains(" days left (20 calls a day)")
            }
            let worker = try sync.installation.worker("acme/bc-board")
            #expect(try #require(worker.progress.first?.secondsLeft) > 4 * 86_400)
            #expect(try sync.installation.metric("backfill_remaining_seconds") > 4 * 86_400)
        }
    }
}
