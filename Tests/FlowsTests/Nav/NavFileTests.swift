import Core
import Engine
import Foundation
import Systems
import Testing
import Transport

@testable import Flows

@Suite(.onLoop, .timeLimit(.minutes(1))) struct `the file of a connection to NAV` {
    private static let nav =
        #"nav: { url: "https://erp:7048/NAV", company: "CRONUS", user: "ML", key: { env: "K" } }"#
    private static let online = """
        businessCentral: { entraTenant: "t", clientId: "c", clientSecret: { env: "S" }, environment: "production", \
        company: "CRONUS" }
        """
    private static let routes = #"routes: { purchaseInvoices: { board: "1", columns: { number: "name" } } }"#
    private static let orders = #"routes: { purchaseOrders: { board: "1", columns: { number: "name" } } }"#

    private static func document(_ parts: String...) throws -> JSON {
        let head = #"tenant: "acme", name: "nav-board", flow: "nav-monday", monday: { token: { env: "M" } }"#
        return try JSON.parse5("{ \(([head] + parts).joined(separator: ", ")) }")
    }

    @OnLoop private func refusal(_ parts: String...) throws -> String {
        let head = #"tenant: "acme", name: "nav-board", flow: "nav-monday", monday: { token: { env: "M" } }"#
        let document = try JSON.parse5("{ \(([head] + parts).joined(separator: ", ")) }")
        do {
            _ = try FlowCatalog.make("nav-monday", document: document)
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test @OnLoop func `is about a server of the customer's own, or about NAV online`() throws {
        #expect(try refusal(Self.nav, Self.routes) == "")
        #expect(try refusal(Self.nav, Self.orders) == "")
        #expect(try refusal(Self.online, Self.routes) == "")
        #expect(try refusal(Self.nav, Self.online, Self.routes).contains("not both"))
        #expect(try refusal(Self.routes).contains("for a server of your own"))
    }

    @Test(arguments: [
        (#"nav: { url: "https://erp:7048/NAV", user: "ML", key: { env: "K" } }"#, "nav.company"),
        (
            #"nav: { url: "https://erp:7048/N", company: "C", user: "M", key: {}, functions: { pay: {} } }"#,
            "nav.functions.pay"
        ),
        (
            #"nav: { url: "https://erp:7048/N", company: "C", user: "M", key: {}, colour: 1 }"#, "nav.colour"
        ),
        (Self.nav + ", limits: { nav: { requestsPerMinute: 3 } }", "limits.nav.requestsPerMinute"),
    ])
    @OnLoop func `is refused with the place of the mistake`(part: String, place: String) throws {
        #expect(try refusal(part, Self.routes).hasPrefix(place))
    }

    @Test @OnLoop func `may name functions, limits and every kind of record`() throws {
        let all = NavFile.routes.map { #"\#($0): { board: "1", columns: { number: "name" } }"# }.joined(separator: ", ")
        let document = try Self.document(Self.nav, "routes: { \(all) }", "limits: { nav: { inFlight: 1 } }")
        let field = JSONField(document)
        let file = try BoardFlowFile(
            field,
            books: "nav",
            routes: NavFile.routes,
            usualPoll: { name, _ in NavFile.polls[name] }
        )
        #expect(file.routes.map(\.poll) == NavFile.routes.map { .every(NavFile.polls[$0] ?? .zero) })
        let nav = try NavFile(document, timing: file.timing)
        #expect(nav.settings.company == "CRONUS" && nav.functions == NavFunctions())
        #expect(nav.windows.windows.first { $0.name == "inFlight" }?.limit == 1)
    }

    @Test @OnLoop func `is there as an example that works`() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "ops/examples/nav-monday.json5")
        let document = try JSON.parse5(try String(contentsOf: path, encoding: .utf8))
        _ = try FlowCatalog.make("nav-monday", document: document)
    }
}
