import Core
import Testing

@testable import Host

@Suite struct `a connection file` {
    static let full = """
        {
          // An order board.
          tenant: "acme", name: "orders", flow: "demonstration",
          webhook: {
            check: "hmac-sha256", header: "X-Signature", prefix: "sha256=", encoding: "base64",
            secret: { env: "ACME_HOOK" }, identity: { header: "X-Event-Id" }, largestBody: 1000, refusalStatus: 200,
          },
          process: { memoryMiB: 256, crashes: 9 },
        }
        """

    @Test func `says whose it is, how webhooks are checked and where secrets are`() throws {
        let file = try ConnectionFile(text: Self.full)
        #expect(file.tenant.text == "acme" && file.name.text == "orders" && file.flow == "demonstration")
        #expect(file.secrets == ["webhook.secret": .environment("ACME_HOOK")])
        let rules = try #require(file.webhook)
        #expect(rules.check == .hmacSHA256 && rules.checkHeader == "X-Signature" && rules.prefix == "sha256=")
        #expect(rules.encoding == .base64 && rules.identity == .header && rules.identityName == "X-Event-Id")
        #expect(rules.largestBody == 1_000 && rules.refusalStatus == 200)
    }

    @Test func `changes the server's restart policy only where it says so`() throws {
        var usual = WorkerLife.Policy()
        usual.crashes = 3
        usual.period = .seconds(77)
        let policy = try ConnectionFile(text: Self.full).process.policy(otherwise: usual)
        #expect(policy.crashes == 9 && policy.period == .seconds(77))
    }

    @Test func `says how long things are kept`() throws {
        #expect(try ConnectionFile(text: Self.full).retention == Retention())
        let text = #"{ tenant: "a", name: "b", flow: "demonstration", retention: { auditDays: 400 } }"#
        #expect(try ConnectionFile(text: text).retention.auditDays == 400)
        let error = #expect(throws: JSONField.Wrong.self) {
            try ConnectionFile(text: text.replacing("400", with: "1"))
        }
        #expect(error?.path == "retention.auditDays")
    }

    /// A server of the customer's own tells nothing by itself: with a secret in the file, his own code may.
    @Test func `takes from a NAV server what its own code tells, where there is a secret for it`() throws {
        let text = #"{ tenant: "a", name: "b", flow: "nav-monday", nav: { MORE } }"#
        let silent = try ConnectionFile(text: text.replacing("MORE", with: "")).hookRules
        #expect(silent.map(\.dialect) == [.challenge])
        let file = try ConnectionFile(text: text.replacing("MORE", with: #"webhookSecret: { env: "S" }"#))
        let rules = try #require(file.hookRules.first)
        #expect(file.hookRules.map(\.dialect) == [.news, .challenge] && rules.names == "")
        #expect(rules.secretPlace == "nav.webhookSecret" && file.secrets["nav.webhookSecret"] != nil)
        #expect(rules.check == .header && rules.checkHeader == "X-Webhook-Secret" && rules.identityName == "id")
        let cloud = text.replacing("nav:", with: "businessCentral:").replacing("MORE", with: "")
        let online = try ConnectionFile(text: cloud)
        #expect(online.hookRules.map(\.dialect) == [.clientState, .challenge])
    }

    @Test func `leaves the webhooks to a flow that has its own way with them`() throws {
        let text = #"{ tenant: "a", name: "b", flow: "business-central-monday" }"#
        let rules = try ConnectionFile(text: text).hookRules
        #expect(rules.map(\.dialect) == [.clientState, .challenge] && rules.map(\.names) == ["", "monday-"])
        #expect(rules.map(\.secretPlace) == ["hook.secret", nil] && rules.map(\.identity) == [.body, .member])
        #expect(rules[1].webToken == nil)
        let signed = try ConnectionFile(
            text: text.replacing("}", with: ", monday: { signingSecret: { env: \"S\" }, account: \"18\" } }")
        ).hookRules[1]
        #expect(signed.secretPlace == "monday.signingSecret" && signed.checkHeader == "Authorization")
        #expect(signed.webToken?.account == "18" && signed.webToken?.namesAddress == true)
        #expect(signed.seen(from: "https://a.example").webToken?.outside == "https://a.example")
        #expect(try ConnectionFile(text: Self.full).hookRules.map(\.secretPlace) == ["webhook.secret"])
        #expect(try ConnectionFile(text: #"{ tenant: "a", name: "b", flow: "demonstration" }"#).hookRules.isEmpty)
        let error = #expect(throws: JSONField.Wrong.self) {
            try ConnectionFile(text: text.replacing("}", with: ", webhook: {} }"))
        }
        #expect(error?.path == "webhook" && error?.problem.contains("leave this section out") == true)
    }

    @Test func `has a hundred secrets at most`() throws {
        func file(_ count: Int) -> String {
            let secrets = (0..<count).map { "s\($0): { env: 'S' }" }.joined(separator: ", ")
            return "{ tenant: 'a', name: 'b', flow: 'c', \(secrets) }"
        }
        #expect(try ConnectionFile(text: file(100)).secrets.count == 100)
        #expect(throws: JSONField.Wrong.self) { try ConnectionFile(text: file(101)) }
    }

    @Test(arguments: [
        (#"{ tenant: "Acme Inc", name: "a", flow: "f" }"#, "tenant"),
        (#"{ tenant: "../x", name: "a", flow: "f" }"#, "tenant"),
        (#"{ tenant: "acme", flow: "f" }"#, "name"),
        (#"{ tenant: "acme", name: "a", flow: 7 }"#, "flow"),
        (#"{ tenant: "a", name: "a", flow: "f", webhook: { check: "md5" } }"#, "webhook.check"),
        (#"{ tenant: "a", name: "a", flow: "f", webhook: { check: "header", header: "X" } }"#, "webhook.secret"),
        (
            #"{ tenant: "a", name: "a", flow: "f", webhook: { check: "header", header: "X", secret: "plain" } }"#,
            "secret"
        ),
        (#"{ tenant: "a", name: "a", flow: "f", webhook: { secret: { env: "X" } } }"#, "webhook.secret"),
        (#"{ tenant: "a", name: "a", flow: "f", webhook: { header: "X: y" , check: "header" } }"#, "webhook.header"),
        (#"{ tenant: "a", name: "a", flow: "f", webhook: { largestBody: 99999999 } }"#, "webhook.largestBody"),
        (#"{ tenant: "a", name: "a", flow: "f", webhook: { chekc: "none" } }"#, "chekc"),
        (#"{ tenant: "a", name: "a", flow: "f", process: { memoryMiB: 1 } }"#, "process.memoryMiB"),
        (#"{ tenant: "a", name: "a", flow: "f" "#, "line 1"),
    ])
    func `is refused with the place that is wrong`(text: String, place: String) {
        let error = #expect(throws: (any Error).self) { try ConnectionFile(text: text) }
        #expect("\(error.map { "\($0)" } ?? "")".contains(place))
    }
}
