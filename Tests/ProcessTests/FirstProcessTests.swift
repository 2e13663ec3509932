import Foundation
import Glibc
import Testing

@testable import Host

private let namespace = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]

/// Root's alone, and not every container's root may.
private let mayUnshare: Bool = {
    let program = try? Program(namespace + ["true"], output: "/dev/null", errors: "/dev/null")
    return (try? program?.wait(within: 10)) == .code(0)
}()

extension `the binary` {
    @Suite(.enabled(if: mayUnshare, "needs root, and a machine that lets it make a pid namespace"))
    struct `as the first process of a container` {
        @Test func `it reaps whom it did not start, and stops within its deadline`() throws {
            let installation = try Installation([.init(tenant: "acme", name: "orders")])
            try installation.serve(through: namespace)
            let first = try #require(ProcessTable.children(of: installation.pid).first).pid
            #expect(try installation.status().pid == 1)
            #expect(try installation.post("acme/orders", id: "1").status == 202)
            let orphan = try orphan(in: first, of: installation)
            kill(orphan, SIGKILL)
            try until("the orphan is reaped") { !ProcessTable.isThere(orphan) }

            let family = ProcessTable.children(of: first)
            let clock = ContinuousClock()
            let began = clock.now
            kill(first, SIGTERM)
            #expect(try installation.server?.wait(within: 12) == .code(0))
            let took = clock.now - began
            #expect(took < .seconds(11))
            for process in family { #expect(!ProcessTable.isThere(process.pid)) }
            report("as PID 1: SIGTERM to the end in \(took.milliseconds) ms")
        }

        @Test(arguments: ["zygote", "exec"])
        func `it does not take a stranger's exit for that of a worker with the same pid`(spawner: String) throws {
            let installation = try Installation([.init(tenant: "acme", name: "orders")], "--spawner", spawner)
            try installation.serve(through: namespace)
            let first = try #require(ProcessTable.children(of: installation.pid).first).pid
            let stranger = try orphan(in: first, of: installation)
            let pid = try #require(Self.innerPid(of: stranger))
            kill(stranger, SIGKILL)
            try until("the stranger is reaped") { !ProcessTable.isThere(stranger) }

            // A fork by the zygote takes two pids, and its own comes second.
            let last = spawner == "zygote" ? pid - 2 : pid - 1
            try run("echo \(last) >/proc/sys/kernel/ns_last_pid", in: first, of: installation)
            let worker = try #require(ProcessTable.children(of: first).first { $0.name == "acme/orders" })
            kill(worker.pid, SIGKILL)
            try until("the worker has the stranger's pid") {
                let worker = try installation.worker("acme/orders")
                return worker.state == "up" && worker.pid == pid
            }
            #expect(try installation.worker("acme/orders").restarts == 1)
            #expect(ProcessTable.children(of: first).filter { $0.name == "acme/orders" }.count == 1)
            kill(first, SIGTERM)
            #expect(try installation.server?.wait(within: 12) == .code(0))
        }

        /// A process whose parent has ended, so that the first process inherits it.
        private func orphan(in first: Int32, of installation: Installation) throws -> Int32 {
            try run("sleep 300 >/dev/null 2>&1 &", in: first, of: installation)
            var found: Int32?
            try until("there is an orphan") {
                found = ProcessTable.children(of: first).first { $0.name == "sleep" }?.pid
                return found != nil
            }
            return try #require(found)
        }

        private func run(_ script: String, in first: Int32, of installation: Installation) throws {
            let program = try Program(
                ["nsenter", "--target", "\(first)", "--pid", "--mount", "sh", "-c", script],
                output: "/dev/null",
                errors: installation.folder + "/script"
            )
            try #require(try program.wait(within: 10) == .code(0))
        }

        /// As the namespace counts.
        private static func innerPid(of pid: Int32) -> Int32? {
            let text = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
            let line = text?.split(separator: "\n").first { $0.hasPrefix("NSpid:") }
            return line?.split(separator: "\t").last.flatMap { Int32($0) }
        }
    }
}
