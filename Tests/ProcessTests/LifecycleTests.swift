import Foundation
import Glibc
import Testing

@testable import Host

extension `the binary` {
    @Suite struct `a server` {
        private let some: [Installation.Connection] = [
            .init(tenant: "acme", name: "orders"), .init(tenant: "acme", name: "bills"),
            .init(tenant: "zenith", name: "board"),
        ]

        @Test(arguments: [SIGTERM, SIGINT], ["zygote", "exec"])
        func `drains and ends when it is told to, and leaves nobody behind`(signal: Int32, spawner: String) throws {
            let installation = try Installation(some, "--spawner", spawner)
            try installation.serve()
            let family = ProcessTable.children(of: installation.pid)
            #expect(family.count == (spawner == "zygote" ? 5 : 4))
            #expect(try installation.post("acme/orders", id: "1").status == 202)
            let server = try #require(installation.server)
            server.send(signal)
            #expect(try server.wait(within: 10) == .code(0))
            for process in family { #expect(!ProcessTable.isThere(process.pid), "\(process.name) is left") }
            #expect(!FileManager.default.fileExists(atPath: installation.data + "/control.sock"))

            // What was acknowledged may have been in the inbox still.
            try installation.serve()
            try installation.untilSettled()
            try installation.stop()
            try installation.expectExactly(["1"], in: "acme/orders")
        }

        @Test func `that is told twice ends at once`() throws {
            let installation = try Installation(some)
            try installation.serve()
            let family = ProcessTable.children(of: installation.pid)
            // Stopped, they can neither drain nor end by themselves.
            for worker in try installation.workerPids.values { kill(worker, SIGSTOP) }
            let server = try #require(installation.server)
            server.send(SIGTERM)
            try until("it drains") { !installation.logLines(containing: "draining").isEmpty }
            server.send(SIGTERM)
            let clock = ContinuousClock()
            let began = clock.now
            #expect(try server.wait(within: 5) == .code(1))
            try until("its children are gone", within: 1) { family.allSatisfy { !ProcessTable.isRunning($0.pid) } }
            #expect(clock.now - began < .seconds(1))
        }

        @Test func `does not wait longer for a stuck worker than its drain time`() throws {
            let installation = try Installation(some, "--drain", "1")
            try installation.serve()
            kill(try #require(installation.workerPids["acme/bills"]), SIGSTOP)
            let clock = ContinuousClock()
            let began = clock.now
            #expect(try installation.stop(within: 10) == .code(0))
            #expect(clock.now - began < .seconds(4))
        }

        @Test(arguments: ["zygote", "exec"])
        func `that is killed takes its processes along, and its successor delivers what is left`(
            spawner: String
        ) throws {
            let installation = try Installation(some, "--spawner", spawner)
            try installation.serve()
            let family = ProcessTable.children(of: installation.pid)
            // Nobody takes these out of the inbox.
            kill(try #require(installation.workerPids["acme/bills"]), SIGSTOP)
            for number in 0..<50 { #expect(try installation.post("acme/bills", id: "\(number)").status == 202) }
            installation.server?.kill()
            let gone = try until("all its processes are gone", within: 1) {
                family.allSatisfy { !ProcessTable.isRunning($0.pid) }
            }
            try installation.serve()
            try installation.untilSettled()
            try installation.stop()
            try installation.expectExactly((0..<50).map { "\($0)" }, in: "acme/bills")
            report("after kill -9 of the supervisor its children (\(spawner)) are gone within \(gone.milliseconds) ms")
        }

        @Test func `goes on when its zygote is killed`() throws {
            let installation = try Installation(some)
            try installation.serve()
            let before = try installation.workerPids
            for title in before.keys.sorted() {
                // Until the exit is known a start would wait for an answer of the dead: that must do no harm either.
                let zygote = ProcessTable.children(of: installation.pid).first { $0.name == "ml zygote" }
                if let zygote { kill(zygote.pid, SIGKILL) }
                kill(try #require(before[title]), SIGKILL)
                try until("\(title) has another process", within: 10) {
                    let worker = try installation.worker(title)
                    return worker.state == "up" && worker.pid != before[title]
                }
            }
            try until("there is a zygote again") {
                ProcessTable.children(of: installation.pid).contains { $0.name == "ml zygote" }
            }
        }

        @Test(arguments: [true, false])
        func `takes up changed connections and leaves the others alone`(bySignal: Bool) throws {
            let installation = try Installation(some)
            try installation.serve()
            let first = try installation.workerPids
            /// With no command that tells the server by itself.
            func reload(_ what: String, _ isSo: (Status) -> Bool) throws {
                if bySignal {
                    installation.server?.send(SIGHUP)
                } else {
                    #expect(try installation.command("reload").code == 0)
                }
                try until(what) {
                    let status = try installation.status()
                    return isSo(status) && status.workers.allSatisfy { $0.state == "up" }
                }
            }
            try installation.edit(
                "INSERT INTO connection (tenant, name, flow, document, hook_token) SELECT tenant, 'new', "
                    + "flow, replace(document, '\"orders\"', '\"new\"'), 'x' FROM connection WHERE name = 'orders'"
            )
            try installation.edit("UPDATE connection SET revision = revision + 1 WHERE name = 'bills'")
            try reload("one is added and one changed") { status in
                status.workers.count == 4 && status.workers.first { $0.name == "bills" }?.pid != first["acme/bills"]
            }
            try installation.edit("UPDATE connection SET paused = 1 WHERE name = 'new'")
            try reload("one is paused") { $0.workers.count == 3 }
            try installation.edit("UPDATE connection SET paused = 0 WHERE name = 'new'")
            try reload("it is resumed") { $0.workers.count == 4 }
            try installation.edit("DELETE FROM connection WHERE name = 'new'")
            try reload("it is removed") { $0.workers.count == 3 }
            let now = try installation.workerPids
            #expect(now["acme/orders"] == first["acme/orders"] && now["zenith/board"] == first["zenith/board"])
            #expect(now["acme/bills"] != first["acme/bills"])
        }

        @Test func `takes webhooks for a paused connection, and hands them over when it is resumed`() throws {
            let installation = try Installation(some)
            try installation.serve()
            #expect(try installation.command("connection", "pause", "acme/orders").code == 0)
            try until("it is paused") { try installation.status().workers.allSatisfy { $0.name != "orders" } }
            #expect(try installation.post("acme/orders", id: "while paused").status == 202)
            #expect(try installation.command("connection", "resume", "acme/orders").code == 0)
            try until("it is resumed") { try installation.worker("acme/orders").state == "up" }
            try installation.untilSettled()
            try installation.stop()
            try installation.expectExactly(["while paused"], in: "acme/orders")
        }

        @Test func `has an exclusive claim on its data, and says so`() throws {
            let installation = try Installation(some)
            try installation.serve()
            let ended = try installation.command("serve", "--listen", "127.0.0.1:\(freePort())")
            #expect(ended.code == 69)
            #expect(ended.errors.contains("serves") && ended.errors.contains("already"))
            let pid = try installation.status().pid
            #expect(pid == installation.pid)
        }
    }
}
