import Glibc
import Testing

@testable import Host

extension `the binary` {
    @Suite struct `a worker that hangs` {
        enum Way: String, CaseIterable {
            case stopped
            case spinning
        }

        @Test(arguments: Way.allCases)
        func `is replaced within ten seconds and delays no other tenant`(way: Way) throws {
            let installation = try Installation([
                .init(tenant: "sick", name: "hangs"), .init(tenant: "well", name: "works"),
            ])
            try installation.serve()
            let before = try installation.workerPids
            let well = installation.hooks.filter { $0.key == "well/works" }
            // The same twice, to tell the machine's own noise from what a hung neighbour costs.
            let one = try send(200, to: well, of: installation)
            let other = try send(200, to: well, of: installation)

            let sick = try #require(before["sick/hangs"])
            let clock = ContinuousClock()
            let began = clock.now
            switch way {
            case .stopped: kill(sick, SIGSTOP)
            case .spinning: #expect(try installation.post("sick/hangs", id: "s", #""rehearse":"spin""#).status == 202)
            }
            let senders = Senders(2, to: well, at: installation.port, pauseMicroseconds: 2_000)
            #expect(try installation.post("sick/hangs", id: "meanwhile").status == 202)
            try until("the hung worker is replaced", within: 20) {
                let worker = try installation.worker("sick/hangs")
                return worker.state == "up" && worker.pid != sick
            }
            let replaced = clock.now - began
            let during = senders.stop()
            #expect(replaced <= .seconds(10))
            #expect(try installation.worker("sick/hangs").lastCause == "hung")
            #expect(try installation.workerPids["well/works"] == before["well/works"])
            #expect(during.failures.isEmpty)
            report(
                "a worker \(way.rawValue): replaced after \(Int(replaced.milliseconds)) ms; another tenant before "
                    + "\(one.milliseconds.summary), again \(other.milliseconds.summary), "
                    + "meanwhile \(during.milliseconds.summary)"
            )

            try installation.untilSettled()
            #expect(try installation.stop() == .code(0))
            try installation.expectExactly(way == .stopped ? ["meanwhile"] : ["s", "meanwhile"], in: "sick/hangs")
            let sent = [one, other, during].flatMap { $0.acknowledged["well/works"] ?? [] }
            try installation.expectExactly(sent, in: "well/works")
        }

        private func send(
            _ count: Int,
            to hooks: [String: Installation.Hook],
            of installation: Installation
        ) throws
            -> Senders.Record
        {
            let senders = Senders(2, to: hooks, at: installation.port, pauseMicroseconds: 2_000)
            try until("\(count) webhooks are taken", within: 20) { senders.acknowledged >= count }
            return senders.stop()
        }
    }
}
