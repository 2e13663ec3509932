import Foundation
import Glibc
import Testing

@testable import Host

extension `the binary` {
    @Suite struct `an upgrade` {
        @Test func `twenty times over fails no request and loses no webhook`() throws {
            let connections = (0..<6).map { Installation.Connection(tenant: "t\($0 % 3)", name: "c\($0)") }
            let installation = try Installation(connections, ownCopy: true)
            try installation.serve()
            let senders = Senders(3, to: installation.hooks, at: installation.port, newConnections: true)
            var times: [Double] = []
            let clock = ContinuousClock()
            for number in 1...20 {
                let before = try installation.workerPids
                try installation.replaceBinary()
                let began = clock.now
                if number % 2 == 0 {
                    installation.server?.send(SIGUSR2)
                    try until("generation \(number + 1) has taken over", within: 30) {
                        guard let status = try? installation.status() else { return false }
                        return status.generation == number + 1 && status.replacing == 0
                            && status.gateway.state == "up" && status.workers.allSatisfy { $0.state == "up" }
                    }
                } else {
                    let ended = try installation.command("upgrade", "--json")
                    #expect(ended.code == 0, "\(ended.errors)")
                    #expect(ended.output.contains("\"generation\":\(number + 1)"))
                }
                times.append((clock.now - began).milliseconds)
                try installation.untilReady()
                let status = try installation.status()
                #expect(status.pid == installation.pid && status.generation == number + 1)
                #expect(Set(before.values).isDisjoint(with: try installation.workerPids.values))
            }
            let record = senders.stop()
            #expect(record.failures == [:], "requests failed, by status")
            #expect(installation.server?.hasEnded == false)
            try installation.untilSettled()
            #expect(try installation.stop() == .code(0))
            for title in installation.hooks.keys {
                try installation.expectExactly(record.acknowledged[title] ?? [], in: title)
            }
            report(
                "20 upgrades of 6 workers: \(times.summary); \(record.milliseconds.count) requests, "
                    + "each over a new connection, none failed: \(record.milliseconds.summary)"
            )
        }

        @Test(arguments: [
            ("a program that fails", "#!/bin/sh\nexit 1\n"), ("no program", "nonsense"),
            ("one that does not know this version", "#!/bin/sh\nexit 64\n"),
        ]) func `to a binary that cannot take over is refused`(name: String, content: String) throws {
            let installation = try Installation([.init(tenant: "acme", name: "orders")], ownCopy: true)
            try installation.serve()
            let before = try installation.workerPids
            try installation.replaceBinary(with: content)
            installation.server?.send(SIGUSR2)
            try until("the log says why") { !installation.logLines(containing: "not upgraded: ").isEmpty }
            #expect(try installation.status().generation == 1)
            #expect(try installation.workerPids == before)
            #expect(try installation.post("acme/orders", id: "1").status == 202)

            // A good one is taken all the same, afterwards.
            try installation.replaceBinary()
            #expect(try installation.command("upgrade").code == 0)
            #expect(try installation.status().generation == 2)
        }
    }
}

extension Installation {
    /// Puts another file at the binary's path in one step, as a package manager does.
    fileprivate func replaceBinary(with content: String? = nil) throws {
        let new = binary + ".new"
        if let content {
            try content.write(toFile: new, atomically: false, encoding: .utf8)
            chmod(new, 0o755)
        } else {
            try FileManager.default.copyItem(atPath: Self.builtBinary, toPath: new)
        }
        try #require(rename(new, binary) == 0)
    }
}
