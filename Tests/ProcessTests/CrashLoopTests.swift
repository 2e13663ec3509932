import Foundation
import Testing
import Transport

@testable import Host

extension `the binary` {
    @Suite struct `a connection that crashes` {
        private let healthy = (0..<24).map { Installation.Connection(tenant: "t\($0 % 6)", name: "c\($0)") }
        private let sick = Installation.Connection(tenant: "sick", name: "crashes")

        @Test func `again and again is quarantined with an alert, and started by retry`() throws {
            let installation = try Installation(healthy + [sick])
            try installation.serve()
            let before = try installation.workerPids
            for number in 0..<6 {
                #expect(try installation.post("sick/crashes", id: "\(number)", #""rehearse":"crash""#).status == 202)
            }
            try untilQuarantined(installation)
            #expect(try installation.metric("worker_restarts_total{cause=\"crashed\"}") == 6)

            let ended = try installation.command("retry", "sick/crashes")
            #expect(ended.code == 0)
            try until("it is up", within: 5) { try installation.worker("sick/crashes").state == "up" }
            try expectOthersUntouched(installation, before)
            #expect(try installation.post("sick/crashes", id: "after").status == 202)
            try installation.untilSettled()
            try installation.stop()
            try installation.expectExactly((0..<6).map { "\($0)" } + ["after"], in: "sick/crashes")
        }

        @Test func `at every start costs nobody else anything, and runs when it is mended`() throws {
            let installation = try Installation(healthy + [sick])
            try installation.serve()
            let before = try installation.workerPids
            #expect(try installation.post("sick/crashes", id: "poison", #""rehearse":"poison""#).status == 202)
            try untilQuarantined(installation)
            let spentBefore = ProcessFacts(pid: installation.pid).processorSeconds ?? 0
            let clock = ContinuousClock()
            let began = clock.now

            // What comes in for it meanwhile is kept, and all others are served.
            let others = installation.hooks.filter { $0.key != "sick/crashes" }
            let senders = Senders(2, to: others, at: installation.port, pauseMicroseconds: 20_000)
            #expect(try installation.post("sick/crashes", id: "kept").status == 202)
            try until("a hundred are served", within: 20) { senders.acknowledged >= 100 }
            let record = senders.stop()
            #expect(record.failures.isEmpty)
            let spent = (ProcessFacts(pid: installation.pid).processorSeconds ?? 0) - spentBefore
            let share = spent / ((clock.now - began).milliseconds / 1_000)
            report(String(format: "the supervisor beside a quarantined crash loop: %.1f %% of a core", share * 100))
            #expect(try installation.worker("sick/crashes").state == "quarantined")
            try expectOthersUntouched(installation, before)

            var mended = sick
            mended.rehearses = false
            try installation.add([mended])
            try until("it is up", within: 5) { try installation.worker("sick/crashes").state == "up" }
            try installation.untilSettled()
            try expectOthersUntouched(installation, before)
            try installation.stop()
            try installation.expectExactly(["poison", "kept"], in: "sick/crashes")
        }

        @Test func `with no hope is quarantined at once, and says why`() throws {
            let installation = try Installation(Array(healthy.prefix(3)) + [sick])
            try installation.edit("UPDATE connection SET flow = 'nonsense' WHERE name = 'crashes'")
            installation.start()
            try until("it is quarantined", within: 10) {
                // A server that has just begun may not have read its connections yet.
                let workers = (try? installation.status())?.workers ?? []
                return workers.contains { $0.name == "crashes" && $0.state == "quarantined" }
            }
            let worker = try installation.worker("sick/crashes")
            #expect(worker.reason?.contains("there is no flow 'nonsense'") == true)
            #expect(worker.restarts == 1)
            #expect(installation.logLines(containing: "alert").contains { $0.contains("there is no flow 'nonsense'") })
            try until("the others are up", within: 10) {
                try installation.status().workers.filter { $0.state == "up" }.count == 3
            }
        }

        private func untilQuarantined(_ installation: Installation) throws {
            try until("it is quarantined", within: 15) {
                try installation.worker("sick/crashes").state == "quarantined"
            }
            #expect(
                installation.logLines(containing: " alert ").contains { $0.contains("sick/crashes is quarantined") }
            )
            #expect(try installation.status().alerts.contains { $0.contains("sick/crashes is quarantined") })
            #expect(try installation.metric("workers{state=\"quarantined\"}") == 1)
            #expect(try installation.metric("alerts_total") == 1)
            let listed = try installation.command("status").output
            #expect(listed.split(separator: "\n").contains { $0.contains("sick/crashes  quarantined") })
        }

        private func expectOthersUntouched(_ installation: Installation, _ before: [String: Int32]) throws {
            let now = try installation.workerPids
            #expect(now.filter { $0.key != "sick/crashes" } == before.filter { $0.key != "sick/crashes" })
        }
    }
}
