import Core
import Foundation
import Store
import Testing

@testable import Engine
@testable import Host

extension `the binary` {
    /// Business Central drops a subscription, without a word, at any answer but success and "later".
    @Suite struct `a gateway that is notified` {
        private static let secret = "b0a1c2d3"
        private static let genuine = #"{"value":[{"clientState":"b0a1c2d3","resource":"purchaseInvoices(1)"}]}"#
        private static let forged = #"{"value":[{"clientState":"guessed"},{"clientState":"b0a1c2d"}]}"#

        /// The connection is paused: what is taken stays in the inbox, where it can be looked at.
        private func install(inboxLimit: Int = 64) throws -> (Installation, hook: String) {
            let installation = try Installation(
                [.init(tenant: "acme", name: "board")],
                "--inbox-limit",
                "\(inboxLimit)"
            )
            let key = try MasterKey(file: installation.data + "/master.key")
            let database = try Database(
                path: installation.data + "/control.db",
                schema: Schema(kind: 0x6d6c_6370, title: "a control plane", steps: [""])
            )
            let (tenant, name) = (try Name("acme"), try Name("board"))
            let wrapped = try #require(try database.first("SELECT wrapped_key FROM tenant") { $0.bytes(0) })
            let sealed = try key.unwrap(wrapped, for: tenant).seal(
                Secret(text: Self.secret),
                context: .secret("hook.secret", of: name, tenant: tenant)
            )
            try database.run("DELETE FROM secret")
            try database.run("INSERT INTO secret VALUES (1, 'hook.secret', ?)", .bytes(sealed))
            try database.run(
                "UPDATE connection SET flow = 'business-central-monday', paused = 1, document = ?",
                .text(#"{ tenant: "acme", name: "board", flow: "business-central-monday" }"#)
            )
            try installation.serve()
            return (installation, try #require(installation.hooks["acme/board"]).path)
        }

        private func kinds(_ installation: Installation) throws -> [String] {
            let database = try Database(
                path: installation.data + "/inbox/inbox.db",
                schema: Schema(kind: 0x6d6c_6962, title: "an inbox", steps: [""])
            )
            var kinds: [String] = []
            try database.each("SELECT kind FROM inbox ORDER BY sequence") { kinds.append($0.text(0)) }
            return kinds
        }

        @Test func `shakes hands, takes what is genuine, and refuses nothing`() throws {
            let (installation, hook) = try install()
            let caller = Caller(installation.port)
            for path in [hook, hook + "/purchaseInvoices-1"] {
                let asked = path + "?a=b&validationToken=a%20b%2B%C3%A9%3C"
                for answer in [caller.get(asked), caller.post(asked, ""), caller.post(asked, "{nonsense")] {
                    #expect(answer?.status == 200 && answer?.body == "a b+é<")
                    #expect(answer?.header("Content-Type") == "text/plain")
                }
                #expect(caller.post(path, Self.genuine)?.status == 202)
                #expect(caller.post(path, Self.genuine)?.status == 202)
                #expect(caller.post(path, Self.forged)?.status == 202)
                for malformed in ["", "{", "[]", #"{"value":[]}"#, "\u{0}"] {
                    #expect(caller.post(path, malformed)?.status == 202)
                }
                #expect(caller.get(path)?.status == 202)
            }
            let mixed = #"{"value":[{"clientState":"guessed"},{"clientState":"b0a1c2d3"}]}"#
            #expect(caller.post(hook + "/b", "\u{FEFF}" + mixed)?.status == 202)
            let long = String(repeating: "x", count: 5_000)
            #expect(caller.get(hook + "?validationToken=" + long).map { $0.status == 202 && $0.body == "" } == true)
            for path in [hook + "x", "/hooks/x/purchaseInvoices", hook + "/", hook + "/a/b", hook + "/a_b"] {
                #expect(caller.post(path, Self.genuine)?.status == 404)
                #expect(caller.get(path + "?validationToken=x")?.status == 404)
            }
            let large = #"{"value":[{"clientState":"b0a1c2d3","x":"\#(String(repeating: "y", count: 2 << 20))"}]}"#
            #expect(caller.post(hook + "/large", large)?.status == 202)

            func webhooks(_ outcome: String) throws -> Double {
                try installation.metric("webhooks_total{outcome=\"\(outcome)\"}")
            }
            #expect(try webhooks("handshake") == 6 && webhooks("accepted") == 4 && webhooks("duplicate") == 2)
            #expect(try webhooks("forged") == 2 && webhooks("malformed") == 2 * 6 + 1 && webhooks("unknown") == 6)
            #expect(!installation.log.contains(Self.secret))
            try installation.stop()
            #expect(try kinds(installation) == ["webhook", "purchaseInvoices-1", "b", "large"])
        }

        /// One token, and Monday beside Business Central.
        @Test func `is told by Monday too, at addresses that it has given out`() throws {
            let (installation, hook) = try install()
            let caller = Caller(installation.port)
            let name = try HookName.make(.challenge, slot: "7", key: Secret(text: Self.secret))
            let path = "\(hook)/\(name)"
            let challenge = try #require(caller.post(path, #"{"challenge":"3eZbrw1aBm2rZgRNFdxV2595"}"#))
            #expect(challenge.status == 200 && challenge.body == #"{"challenge":"3eZbrw1aBm2rZgRNFdxV2595"}"#)
            func event(_ isRetry: Bool, _ trigger: String = "a") -> String {
                #"{"event":{"type":"update_name","pulseId":1,"boardId":2,"subscriptionId":3,"triggerUuid":"\#(trigger)","isRetry":\#(isRetry)}}"#
            }
            #expect(caller.post(path, event(false))?.status == 200)
            #expect(caller.post(path, event(true))?.status == 200)
            #expect(caller.post(path, event(false, "b"))?.status == 200)
            // Nobody was given these; what is Business Central's own is never told so.
            let strange = try HookName.make(.challenge, slot: "7", key: Secret(text: "guessed"))
            for other in [strange, "monday-7-", "monday-", String(name.dropLast())] {
                #expect(caller.post("\(hook)/\(other)", event(false, "c"))?.status == 404)
                #expect(caller.post("\(hook)/\(other)", #"{"challenge":"x"}"#)?.status == 404)
            }
            #expect(caller.get(path)?.status == 405)
            #expect(caller.post(hook, event(false))?.status == 202)
            #expect(
                caller.post(hook + "/vendors", #"{"challenge":"x"}"#).map { $0.status == 202 && $0.body == "" } == true
            )
            #expect(caller.post(hook + "/vendors", Self.genuine)?.status == 202)
            #expect(caller.post(path, #"{"challenge":"\#(String(repeating: "x", count: 300_000))"}"#)?.status == 413)

            func webhooks(_ outcome: String) throws -> Double {
                try installation.metric("webhooks_total{outcome=\"\(outcome)\"}")
            }
            #expect(try webhooks("handshake") == 1 && webhooks("accepted") == 3 && webhooks("duplicate") == 1)
            #expect(try webhooks("unknown") == 8 && webhooks("forged") == 0 && webhooks("malformed") == 3)
            try installation.stop()
            #expect(try kinds(installation) == [name, name, "vendors"])
        }

        @Test func `shakes hands while its inbox is full, and asks for the rest again later`() throws {
            let (installation, hook) = try install(inboxLimit: 1)
            let caller = Caller(installation.port)
            func post(_ number: Int) -> Caller.Answer? {
                let filling = String(repeating: "x", count: 50_000)
                return caller.post(hook, #"{"value":[{"clientState":"b0a1c2d3","\#(number)":"\#(filling)"}]}"#)
            }
            let refused = try #require((0..<100).lazy.compactMap { post($0) }.first { $0.status != 202 })
            #expect(refused.status == 503 && (refused.header("Retry-After").flatMap { Int($0) } ?? 0) > 0)
            #expect(caller.post(hook + "?validationToken=yes", "")?.body == "yes")
            #expect(caller.post(hook, Self.forged)?.status == 202)
        }
    }
}
