import Core
import Foundation
import Glibc
import Store
import Testing

@testable import Host

extension `the binary` {
    @Suite struct `a look into a tenant's store` {
        private static let began: Int64 = 1_795_000_000_000

        private static func entry(_ number: Int, _ decision: AuditEntry.Decision) -> AuditEntry {
            AuditEntry(
                atMilliseconds: began + Int64(number) * 60_000,
                connection: "orders",
                route: "purchaseInvoices",
                key: "key-\(number)",
                number: "PI-\(number)",
                target: "item-\(number)",
                decision: decision,
                cause: "poll",
                fields: [.init(name: "status", before: nil, after: "Open")],
                reason: decision == .parked ? "Monday: no such label\u{1B}[2J" : nil
            )
        }

        /// As an engine would have left it: one record in step, one parked, one that waits.
        private func install() async throws -> Installation {
            let installation = try Installation([
                .init(tenant: "acme", name: "orders"), .init(tenant: "acme", name: "bills"),
            ])
            try installation.serve()
            try installation.stop()
            let store = try await SQLiteTenantStore.open(installation.data + "/tenants/acme/store.db")
            let connection = try #require(installation.hooks["acme/orders"]).number
            let marks = (1...3).map {
                Mark(route: "purchaseInvoices", key: "key-\($0)", lane: .live, cause: "poll", heardMilliseconds: 1)
            }
            try await store.mark(marks, advancing: nil, for: connection)
            let link = Link(
                route: "purchaseInvoices",
                key: "key-1",
                target: "item-1",
                number: "PI-1",
                values: JSON.Object(),
                writtenMilliseconds: Self.began
            )
            let done = Conclusion(
                route: link.route,
                key: "key-1",
                version: 1,
                end: .done,
                link: link,
                audit: [Self.entry(1, .created), Self.entry(1, .unchanged)]
            )
            let parked = Conclusion(
                route: link.route,
                key: "key-2",
                version: 1,
                end: .parked(kind: "validation", reason: "Monday: no such label\u{1B}[2J", attempts: 3),
                audit: [Self.entry(2, .parked)]
            )
            try await store.conclude([done, parked], at: Self.began, for: connection)
            await store.close()
            return installation
        }

        private func objects(_ text: String) throws -> [[String: Any]] {
            try text.split(separator: "\n").map {
                try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
            }
        }

        @Test func `shows records with what became of each`() async throws {
            let installation = try await install()
            let all = try installation.command("records", "acme/orders")
            #expect(all.code == 0, "\(all.errors)")
            let lines = all.output.split(separator: "\n")
            #expect(lines.count == 4)
            #expect(lines[1].contains("PI-1") && lines[1].contains("item-1") && lines[1].contains("in step"))
            #expect(lines[2].contains("parked") && lines[2].contains("Monday: no such label [2J"))
            #expect(lines[3].contains("key-3") && lines[3].contains("waiting"))
            let parked = try installation.command("records", "acme/orders", "--parked", "--json")
            #expect(try objects(parked.output).map { $0["record"] as? String } == ["key-2"])
            let named = try installation.command("records", "acme/orders", "--name", "PI-1", "--json")
            #expect(try objects(named.output).map { $0["state"] as? String } == ["in step"])
            #expect(
                try installation.command("records", "acme/orders", "--route", "other").output == "no such records\n"
            )
            #expect(try installation.command("records", "acme/bills").output == "no such records\n")
            #expect(try installation.command("records", "acme/nobody").code == 1)
            #expect(
                try objects(installation.command("records", "acme/orders", "--limit", "1", "--json").output).count == 1
            )
        }

        @Test func `shows the audit, and says whether it is whole`() async throws {
            let installation = try await install()
            let all = try installation.command("audit", "acme")
            #expect(all.code == 0 && all.output.split(separator: "\n").count == 4, "\(all.errors)")
            #expect(all.output.contains("parked") && !all.output.contains("\u{1B}"))
            func numbers(_ words: String...) throws -> [Int] {
                let ended = try installation.command(["audit", "acme/orders", "--json"] + words)
                return try objects(ended.output).compactMap { $0["seq"] as? Int }
            }
            #expect(try numbers() == [1, 2, 3] && numbers("--limit", "1") == [3])
            #expect(try numbers("--after", "1", "--limit", "1") == [2] && numbers("--record", "PI-2") == [3])
            let time = WallTime(millisecondsSince1970: Int(Self.began) + 61_000).text
            #expect(try numbers("--since", time) == [3] && numbers("--since", "2020-01-01", "--limit", "2") == [1, 2])
            #expect(try installation.command("audit", "acme/bills").output == "no such lines\n")
            #expect(try installation.command("audit", "acme", "--since", "soon").code == 64)
            #expect(try installation.command("audit", "nobody").code == 1)

            let whole = try installation.command("audit", "verify", "acme")
            #expect(whole.code == 0 && whole.output == "acme: 3 lines, whole\n")
            try edit(installation, "UPDATE audit SET line = replace(line, 'PI-1', 'PI-7') WHERE sequence = 2")
            let changed = try installation.command("audit", "verify", "acme")
            #expect(changed.code == 1 && changed.output.contains("line 2 is not as it was written"))
            try edit(installation, "DELETE FROM audit WHERE sequence = 2")
            let missing = try installation.command("audit", "verify", "acme", "--json")
            #expect(missing.code == 1)
            #expect(try objects(missing.output).first?["fault"] as? String == "line 2 is missing")
        }

        @Test func `shows a connection, served or not`() async throws {
            let installation = try await install()
            let address = try #require(installation.hooks["acme/orders"]).path
            let down = try installation.command("connection", "show", "acme/orders")
            #expect(down.code == 0 && down.output.contains("no server runs") && down.output.contains(address))
            #expect(down.output.contains("1 live, 0 in the background, 1 parked"))
            try installation.serve()
            let up = try installation.command("connection", "show", "acme/orders")
            #expect(
                up.output.contains("up for") && up.output.contains("http://127.0.0.1:\(installation.port)\(address)")
            )
            let shown = try installation.command("connection", "show", "acme/orders", "--json")
            let object = try JSONSerialization.jsonObject(with: Data(shown.output.utf8)) as? [String: Any]
            #expect((object?["queue"] as? [String: Int]) == ["live": 1, "background": 0, "parked": 1])
            #expect(try installation.command("connection", "show", "acme/nobody").code == 1)
        }

        @Test func `tests a connection, or a file, as far as its flow speaks with others`() async throws {
            let installation = try await install()
            for word in ["acme/orders", installation.folder + "/acme-orders.json5"] {
                let ended = try installation.command("connection", "test", word)
                #expect(ended.code == 0 && ended.output.contains("nothing to test"), "\(ended.errors)")
            }
            let unknown = try installation.command("connection", "test", "acme/nobody")
            #expect(unknown.code == 1 && unknown.errors.contains("neither a connection nor a file"))
            let file = installation.folder + "/new.json5"
            try "{ tenant: 'new', name: 'x', flow: 'demonstration',\n webhook: { check: 'md5' } }"
                .write(toFile: file, atomically: false, encoding: .utf8)
            let wrong = try installation.command("connection", "test", file)
            #expect(wrong.code == 78 && wrong.errors.contains("new.json5:2: webhook.check: "))
        }

        /// Root's commands have to leave the files to the tenant's own user.
        @Test(arguments: [true, false])
        func `takes no file away from the tenant's workers`(isServed: Bool) async throws {
            let installation = try await install()
            let folder = installation.data + "/tenants/acme"
            if isServed { try installation.serve() }
            for words in [
                ["records", "acme/orders"], ["audit", "acme"], ["audit", "verify", "acme"],
                ["connection", "show", "acme/orders"], ["connection", "test", "acme/orders"],
            ] { #expect(try installation.command(words).code == 0, "\(words)") }
            var owner = stat()
            try #require(stat(folder, &owner) == 0)
            #expect(geteuid() != 0 || owner.st_uid != 0)
            for file in try FileManager.default.contentsOfDirectory(atPath: folder) {
                var status = stat()
                try #require(lstat(folder + "/" + file, &status) == 0)
                #expect(status.st_uid == owner.st_uid, "\(file)")
            }
            // And nothing is made where nothing was.
            let fresh = try Installation([.init(tenant: "new", name: "x")])
            #expect(try fresh.command("records", "new/x").output == "no such records\n")
            #expect(try fresh.command("connection", "show", "new/x").code == 0)
            #expect(try fresh.command("audit", "new").code == 1)
            #expect(!FileManager.default.fileExists(atPath: fresh.data + "/tenants/new"))
            if !isServed { try installation.serve() }
            #expect(try installation.post("acme/orders", id: "1").status == 202)
            try installation.untilSettled()
        }

        private func edit(_ installation: Installation, _ statement: String) throws {
            let schema = SQLiteTenantStore.schema
            try Database(path: installation.data + "/tenants/acme/store.db", schema: schema).execute(statement)
        }
    }

    @Suite struct `a secret of a connection` {
        @Test(arguments: ["zygote", "exec"])
        func `is nowhere but in the processes that need it`(spawner: String) throws {
            let installation = try Installation([.init(tenant: "acme", name: "orders")], "--spawner", spawner)
            try installation.serve()
            #expect(try installation.post("acme/orders", id: "1").status == 202)
            try installation.untilSettled()
            let address = try #require(installation.hooks["acme/orders"]).path.dropFirst("/hooks/".count)
            let canaries = [Installation.hookSecret, String(address)]
            for process in ProcessTable.children(of: installation.pid) {
                for file in ["environ", "cmdline"] {
                    let text = FileManager.default.contents(atPath: "/proc/\(process.pid)/\(file)") ?? Data()
                    for canary in canaries { #expect(!String(decoding: text, as: UTF8.self).contains(canary)) }
                }
                guard process.name != "ml zygote" else { continue }
                let limits = try String(contentsOfFile: "/proc/\(process.pid)/limits", encoding: .utf8)
                let cores = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") })
                #expect(cores.split(separator: " ").dropFirst(4).prefix(2) == ["0", "0"], "\(cores)")
            }
            for canary in canaries {
                #expect(!installation.log.contains(canary))
                #expect(try !installation.metrics().contains(canary))
                #expect(try !installation.command("status", "--json").output.contains(canary))
            }
            try installation.stop()
            for file in try FileManager.default.subpathsOfDirectory(atPath: installation.data) {
                let bytes = FileManager.default.contents(atPath: installation.data + "/" + file) ?? Data()
                #expect(bytes.range(of: Data(Installation.hookSecret.utf8)) == nil, "\(file)")
            }
        }
    }
}
