import Foundation
import Testing

@testable import Host

extension `the binary` {
    @Suite struct `a command` {
        @Test(
            arguments: [
                ([], 64, ""), (["nonsense"], 64, "help"), (["status", "--nonsense"], 64, "--help"),
                (["serve", "--listen"], 64, "--listen HOST:PORT"), (["serve", "--listen", "x"], 64, "0.0.0.0:8080"),
                (["serve", "--spawner", "magic"], 64, "zygote, exec"), (["serve", "--drain", "soon"], 64, "1 to 600"),
                (["serve", "--restarts", "5"], 64, "5/60"), (["serve", "--tls-key", "k"], 64, "give both or neither"),
                (["connection", "nonsense"], 64, "--help"), (["connection", "add"], 64, "needs the file"),
                (["connection", "remove", "acme"], 64, "TENANT/NAME"), (["retry"], 64, "TENANT/NAME"),
                (["status"], 69, "ml-connector serve"), (["reload"], 69, "ml-connector serve"),
                (["upgrade"], 69, "ml-connector serve"), (["retry", "acme/orders"], 69, "ml-connector serve"),
                (["connection", "remove", "acme/none"], 1, "connection list"),
                (["connection", "pause", "acme/none"], 1, "connection list"),
                (["connection", "add", "/nowhere.json5"], 1, "/nowhere.json5"),
            ] as [([String], Int32, String)]
        )
        func `that cannot be done says so by its code, and says what to do`(
            words: [String],
            code: Int32,
            advice: String
        ) throws {
            let installation = try Installation([])
            let ended = try installation.command(words)
            #expect(ended.code == code)
            if !words.isEmpty {
                #expect(ended.errors.hasPrefix("ml-connector: ") && ended.errors.contains(advice), "\(ended.errors)")
                #expect(ended.output == "")
            }
        }

        @Test(arguments: [
            ("{\n  [", "wrong.json5:2:3: expected a name or }"), ("{ tenant: 'a' }", "wrong.json5:1: name: missing"),
            ("{ tenant: 'A b', name: 'x', flow: 'demonstration' }", "tenant"),
            ("{ tenant: 'a', name: 'x',\n flow: 'nonsense' }", "wrong.json5:2: flow: there is no flow 'nonsense'"),
            ("{ tenant: 'a', name: 'x', flow: 'demonstration',\n nonsense: 1 }", "wrong.json5:2: nonsense"),
            (
                "{ tenant: 'a', name: 'x', flow: 'demonstration', webhook: {\n check: 'header', header: 'X',\n"
                    + " secret: { file: '/nowhere' } } }", "wrong.json5:3: webhook.secret: /nowhere cannot be read"
            ),
            ("{ tenant: 'a', name: 'x', flow: 'demonstration', webhook: { check: 'magic' } }", "hmac-sha256"),
            (
                "{ tenant: 'a', name: 'x', flow: 'demonstration', webhook: "
                    + "{ check: 'header', header: 'X', secret: { env: 'NOT_SET' } } }",
                "wrong.json5:1: webhook.secret: the variable NOT_SET is not set"
            ),
        ]) func `that is given a wrong connection names file and place`(document: String, place: String) throws {
            let installation = try Installation([])
            let file = installation.folder + "/wrong.json5"
            try document.write(toFile: file, atomically: false, encoding: .utf8)
            let ended = try installation.command("connection", "add", file)
            #expect(ended.code == 78)
            #expect(ended.errors.contains(place), "\(ended.errors)")
            #expect(try installation.command("connection", "list", "--json").output == "[]\n")
        }

        @Test func `that is asked for JSON prints JSON`() throws {
            let installation = try Installation([.init(tenant: "acme", name: "orders")])
            try installation.serve()
            for words in [
                ["version"], ["status"], ["doctor"], ["reload"], ["connection", "list"], ["upgrade"],
            ] {
                let ended = try installation.command(words + ["--json"])
                #expect(ended.code == 0, "\(words): \(ended.errors)")
                let parsed = try JSONSerialization.jsonObject(with: Data(ended.output.utf8))
                #expect((parsed as? [Any])?.isEmpty == false || (parsed as? [String: Any])?.isEmpty == false)
            }
            for words in [["help"], ["serve", "--help"], ["status", "--help"], ["connection", "--help"]] {
                #expect(try installation.command(words).code == 0)
            }
            #expect(try installation.command("retry", "acme/none").code == 1)
        }

        @Test func `changes a running server at once`() throws {
            let installation = try Installation([.init(tenant: "acme", name: "orders")])
            try installation.serve()
            try installation.add([.init(tenant: "acme", name: "bills")])
            try installation.untilReady()
            #expect(try installation.post("acme/bills", id: "1").status == 202)
            #expect(try installation.command("connection", "pause", "acme/bills").code == 0)
            #expect(try installation.post("acme/bills", id: "2").status == 202)
            #expect(try installation.command("connection", "resume", "acme/bills").code == 0)
            #expect(try installation.post("acme/bills", id: "3").status == 202)
            #expect(try installation.command("connection", "remove", "acme/bills").code == 0)
            #expect(try installation.post("acme/bills", id: "4").status == 404)
            #expect(try installation.status().workers.map(\.name) == ["orders"])
        }
    }
}
