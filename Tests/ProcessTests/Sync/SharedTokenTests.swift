import Glibc
import Testing

@testable import Host

extension `the binary` {
    @Suite struct `two connections on one token` {
        /// Real minutes, because they are the vendor's; `ops/bench/rates.py` measures how much of them is used.
        @Test func `never send more than forty mutations in a minute together, whoever dies`() throws {
            let limits = "monday: { requestsPerMinute: 0, callsPerDay: 0 }"
            let sync = try SyncInstallation([])
            // What exceeds the promise is refused, and counted by the instants of arrival.
            try sync.sandbox.control("PATCH", "/control/monday/options", #"{"mutationsPerMinute":40}"#)
            try sync.invoices("POST", "", #"{"count":100}"#)
            let other = try sync.sandbox.control(
                "POST",
                "/control/monday/boards",
                #"{"name":"Other","columns":[{"id":"erp_key","title":"ERP key","type":"text"}]}"#
            )["id"].string()
            var first = SyncInstallation.Connection(name: "first", limits: limits)
            var second = SyncInstallation.Connection(name: "second", board: other, limits: limits)
            first.columns = #"number: "name""#
            second.columns = #"number: "name""#
            try sync.add([first, second])
            try sync.installation.serve()
            var dice = SeededDice()
            print("the shared token has seed \(dice.seed)")
            var kills = 0
            let end = ContinuousClock.now + .seconds(75)
            while ContinuousClock.now < end {
                usleep(UInt32(1_000_000 + dice.roll(6_000_000)))
                #expect(try sync.sandbox.facts()["monday"]["refusals"].members().isEmpty)
                let title = dice.roll(2) == 0 ? "acme/first" : "acme/second"
                guard let pid = try? sync.installation.worker(title).pid,
                    ProcessTable.entry(pid)?.parent == sync.installation.pid
                else { continue }
                kill(pid, SIGKILL)
                kills += 1
            }
            let facts = try sync.sandbox.facts()["monday"]
            let highest = try facts["mutations"]["highestArrivedIn60s"].int()
            print("\(kills) kills, \(highest) mutations in the fullest minute")
            #expect((30...40).contains(highest))
            #expect(try facts["refusals"].members().isEmpty, "\(facts["refusals"])")
            #expect(kills > 5)
            let made = try sync.timesMade().merging(try sync.timesMade(on: other)) { max($0, $1) }
            #expect(made.values.allSatisfy { $0 == 1 })
        }
    }
}
