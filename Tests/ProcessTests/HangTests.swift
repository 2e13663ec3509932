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

        @Test func `may be the gateway, whose callers wait and are served by the next`() throws {
            let installation = try Installation([.init(tenant: "well", name: "works")])
            try installation.serve()
            let before = try installation.workerPids
            let gateway = try #require(installation.status().gateway.pid)
            let senders = Senders(2, to: installation.hooks, at: installation.port, newConnections: true)
            try until("some are taken") { senders.acknowledged > 10 }
            kill(gateway, SIGSTOP)
            let replaced = try until("the hung gateway is replaced", within: 20) {
                let status = try installation.status()
                return status.gateway.state == "up" && status.gateway.pid != gateway
            }
            #expect(replaced <= .seconds(10))
            let taken = senders.acknowledged
            try until("more are taken") { senders.acknowledged > taken + 10 }
            let record = senders.stop()
            // Those that the stopped one had accepted were cut when it was killed, and sent again: two at the most.
            #expect(record.failures.keys.allSatisfy { $0 == 0 } && record.failures[0, default: 0] <= 2)
            #expect(try installation.workerPids == before)
            try installation.untilSettled()
            try installation.stop()
            try installation.expectExactly(record.acknowledged["well/works"] ?? [], in: "well/works")
            report("a gateway stopped: replaced after \(Int(replaced.milliseconds)) ms")
        }

        @Test func `may be the zygote, without which workers still start`() throws {
            let installation = try Installation([.init(tenant: "well", name: "works")])
            try installation.serve()
            let worker = try #require(installation.workerPids["well/works"])
            let zygote = try #require(
                ProcessTable.children(of: installation.pid).first { $0.name == "ml zygote" }
            ).pid
            kill(zygote, SIGSTOP)
            kill(worker, SIGKILL)
            let replaced = try until("there is another worker", within: 20) {
                let now = try installation.worker("well/works")
                return now.state == "up" && now.pid != worker
            }
            #expect(replaced <= .seconds(10))
            try until("the stopped zygote is gone") { !ProcessTable.isThere(zygote) }
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
