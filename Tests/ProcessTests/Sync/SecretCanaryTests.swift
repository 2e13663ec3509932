import Core
import Foundation
import Glibc
import Store
import Testing

@testable import Host

extension `the binary` {
    @Suite struct `every secret of a connection` {
        @Test func `stays where it is needed, through errors, crashes and restarts`() async throws {
            // Inherited by the server, so that a crash would leave its memory where we find it.
            var limit = rlimit(rlim_cur: rlim_t.max, rlim_max: rlim_t.max)
            setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
            let sync = try SyncInstallation()
            try sync.serve()
            let installation = sync.installation
            let coresBefore = Self.cores(in: installation)
            let canaries = try await canaries(sync)
            try raiseErrors(sync, canaries)
            try crash(sync)
            try sync.untilInStep(within: 30)
            try sync.untilQuiet()

            var found: [String] = []
            func look(_ place: String, _ bytes: Data) {
                for canary in canaries where canary.isIn(bytes) { found.append("\(canary.name) in \(place)") }
            }
            for process in [try #require(ProcessTable.entry(installation.pid))]
                + ProcessTable.children(of: installation.pid)
            {
                for file in ["environ", "cmdline"] {
                    let bytes = FileManager.default.contents(atPath: "/proc/\(process.pid)/\(file)") ?? Data()
                    look("the \(file) of \(process.name)", bytes)
                }
            }
            look("the metrics", Data(try installation.metrics().utf8))
            for words in [
                ["status"], ["status", "--json"], ["records", "acme/bc-board", "--json"], ["records", "acme/bc-board"],
                ["audit", "acme", "--json"], ["audit", "acme"], ["connection", "show", "acme/bc-board"],
                ["connection", "show", "acme/bc-board", "--json"], ["connection", "test", "acme/bc-board"],
                ["connection", "list", "--json"], ["doctor"],
            ] {
                let ended = try installation.command(words)
                look(words.joined(separator: " "), Data((ended.output + ended.errors).utf8))
            }
            try installation.stop()
            for line in installation.log.split(separator: "\n") { look("the log: \(line)", Data(line.utf8)) }
            #expect(installation.log.utf8.count > 1_000)
            var looked = 0
            for file in try FileManager.default.subpathsOfDirectory(atPath: installation.data) {
                // The one place of the key that all others are under.
                guard file != "master.key" else { continue }
                let bytes = FileManager.default.contents(atPath: installation.data + "/" + file) ?? Data()
                looked += bytes.count > 4_096 ? 1 : 0
                look(file, bytes)
            }
            #expect(looked >= 3, "the stores were not looked into")
            #expect(found.isEmpty)
            #expect(Self.cores(in: installation) == coresBefore, "a crash left a core file")
            print("\(canaries.count) canaries: \(canaries.map(\.name).joined(separator: ", "))")
        }

        private struct Canary {
            var name: String
            /// As it may be written down anywhere.
            var forms: [Data]

            init(_ name: String, text: String) {
                self.name = name
                forms = [
                    Data(text.utf8), Data(Data(text.utf8).base64EncodedString().utf8),
                    Data(Hex.text(of: Array(text.utf8)).utf8),
                ]
            }

            init(_ name: String, key: [UInt8]) {
                self.name = name
                forms = [Data(key), Data(Data(key).base64EncodedString().utf8), Data(Hex.text(of: key).utf8)]
            }

            func isIn(_ bytes: Data) -> Bool { forms.contains { bytes.range(of: $0) != nil } }
        }

        private func canaries(_ sync: SyncInstallation) async throws -> [Canary] {
            let data = sync.installation.data
            let subscription = try sync.sandbox.control("GET", "/control/businessCentral/subscriptions")[0]
            let masterKey = try MasterKey(file: data + "/master.key")
            let raw = FileManager.default.contents(atPath: data + "/master.key") ?? Data()
            let control = try await SQLiteControlPlane.open(data + "/control.db")
            let tenant = try #require(try await control.tenant(try Name("acme")))
            await control.close()
            let dataKey = try masterKey.unwrap(tenant.wrappedKey, for: tenant.name)
            let text = String(decoding: raw, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            return [
                Canary("client secret", text: try sync.sandbox.description["businessCentral"]["clientSecret"].string()),
                Canary("Monday token", text: try sync.sandbox.description["monday"]["token"].string()),
                Canary("clientState", text: try subscription["clientState"].string()),
                // All access tokens of the sandbox begin so.
                Canary("access token", text: "eyJ0eXAi."),
                Canary("master key", key: Hex.bytes(of: text) ?? Array(raw)),
                Canary("data key", key: dataKey.secret.withBytes { Array($0) }),
            ]
        }

        /// Refusals of each kind, and vendors that repeat in their words what they were sent.
        private func raiseErrors(_ sync: SyncInstallation, _ canaries: [Canary]) throws {
            let keys = try sync.booked().filter { $0.value.status == "Draft" }.keys.sorted()
            let token = try sync.sandbox.description["monday"]["token"].string()
            let secret = try sync.sandbox.description["businessCentral"]["clientSecret"].string()
            let echoes: [(system: String, on: String, status: Int, body: String)] = [
                (
                    "monday", "change*", 200,
                    #"{"errors":[{"message":"no \#(token)","extensions":{"code":"ColumnValueException"}}]}"#
                ),
                ("monday", "change*", 401, #"{"errors":[{"message":"\#(token) unknown","extensions":{"code":"x"}}]}"#),
                ("monday", "change*", 500, "proxy: Authorization: \(token)"),
                (
                    "businessCentral", "GET purchaseInvoices", 400,
                    #"{"error":{"code":"Unknown","message":"x"}}"#
                ),
                (
                    "businessCentral", "token", 400,
                    #"{"error":"temporarily_unavailable","error_description":"\#(secret)"}"#
                ),
                ("businessCentral", "GET purchaseInvoices", 503, "x"),
            ]
            for (number, echo) in echoes.enumerated() {
                let body = JSON.string(echo.body).text()
                try sync.sandbox.fault(
                    echo.system,
                    on: echo.on,
                    #"{"status":\#(echo.status),"body":\#(body)}"#,
                    #","times":1"#
                )
                if echo.on == "token" { try sync.sandbox.control("POST", "/control/businessCentral/tokens/expire") }
                let before = try struck(sync)
                try sync.invoices("PATCH", keys[number % keys.count], #"{"amount":\#(number + 500)}"#)
                try until("the fault struck: \(echo)", within: 20) { try struck(sync) > before }
                // What stops a connection stops it for long; a person who mends it starts it again.
                if echo.status == 401 {
                    try sync.installation.command("connection", "pause", "acme/bc-board").expectDone()
                    try sync.installation.command("connection", "resume", "acme/bc-board").expectDone()
                    try sync.installation.untilReady()
                }
            }
            // A parked record waits for a person: its next change is written.
            for (number, key) in keys.enumerated() { try sync.invoices("PATCH", key, #"{"amount":\#(number + 900)}"#) }
        }

        private func struck(_ sync: SyncInstallation) throws -> Int {
            let facts = try sync.sandbox.facts()
            return try facts["monday"]["faultsStruck"].int() + facts["businessCentral"]["faultsStruck"].int()
        }

        private func crash(_ sync: SyncInstallation) throws {
            for signal in [SIGABRT, SIGSEGV] {
                for title in ["worker", "gateway"] {
                    let status = try sync.installation.status()
                    let victim = title == "gateway" ? status.gateway.pid : status.workers.first?.pid
                    let pid = try #require(victim)
                    #expect(ProcessTable.entry(pid)?.parent == sync.installation.pid)
                    Glibc.kill(pid, signal)
                    try until("the end of the \(title)") { !ProcessTable.isThere(pid) }
                    try sync.installation.untilReady()
                }
            }
        }

        /// Where the kernel would leave them: in the working folder, or where its pattern says.
        private static func cores(in installation: Installation) -> Set<String> {
            let pattern = (try? String(contentsOfFile: "/proc/sys/kernel/core_pattern", encoding: .utf8)) ?? ""
            let place =
                pattern.hasPrefix("/")
                ? String(pattern.prefix(upTo: pattern.lastIndex(of: "/") ?? pattern.startIndex)) : "."
            let folders = [place, FileManager.default.currentDirectoryPath, installation.folder, installation.data]
            return Set(
                folders.flatMap { folder in
                    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter {
                        $0.hasPrefix("core")
                    }
                    .map { folder + "/" + $0 }
                }
            )
        }
    }
}
