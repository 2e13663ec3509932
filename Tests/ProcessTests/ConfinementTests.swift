import Foundation
import Glibc
import Testing

@testable import Host

extension `the binary` {
    @Suite struct `a worker that trespasses` {
        // Without root there is one user for all; what is left must be enough.
        @Test(arguments: ["zygote", "exec"], geteuid() == 0 ? [true, false] : [false])
        func `is refused everything`(spawner: String, asRoot: Bool) throws {
            let installation = try Installation(
                [.init(tenant: "eve", name: "trespasser"), .init(tenant: "zenith", name: "neighbour")],
                "--spawner",
                spawner,
                // Built where another user may not get.
                ownCopy: true,
                user: asRoot || geteuid() != 0 ? nil : 65_534
            )
            try installation.serve()
            let sibling = try #require(installation.workerPids["zenith/neighbour"])
            let neighbour = installation.data + "/tenants/zenith"
            try #require(access(neighbour + "/store.db", R_OK) == 0)
            try #require(access(installation.data + "/master.key", R_OK) == 0)
            let details = #""rehearse":"trespass","sibling":\#(sibling),"neighbour":"\#(neighbour)""#
            #expect(try installation.post("eve/trespasser", id: "1", details).status == 202)
            try installation.untilSettled()
            try until("the attempts are logged") { installation.logLines(containing: "read the inbox").count == 1 }

            let attempts = installation.logLines(containing: " trespass: ")
            #expect(attempts.count == 21)
            for attempt in attempts { #expect(attempt.contains(": refused ("), "\(attempt)") }
            #expect(try installation.workerPids["zenith/neighbour"] == sibling)
            // Nothing is missing on this machine, or the log says what.
            let missing = installation.logLines(containing: "processes run without")
            if missing.isEmpty { #expect(try confinement(of: sibling) == "1 2") }
            if asRoot {
                let users = try installation.status().workers.map { try user(of: #require($0.pid)) }
                #expect(Set(users).count == 2 && !users.contains(0))
            }
            try installation.stop()
        }

        /// Whether it may gain rights, and whether a filter is in force, as the kernel has them.
        private func confinement(of pid: Int32) throws -> String {
            try "\(status(of: pid, "NoNewPrivs")) \(status(of: pid, "Seccomp"))"
        }

        private func user(of pid: Int32) throws -> Int {
            try #require(Int(status(of: pid, "Uid").split(separator: "\t")[0]))
        }

        private func status(of pid: Int32, _ name: String) throws -> String {
            let text = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
            let line = try #require(text.split(separator: "\n").first { $0.hasPrefix(name + ":") })
            return String(line.dropFirst(name.count + 2))
        }
    }
}
