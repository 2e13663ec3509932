import Core
import Foundation
import Testing
import Transport

@testable import Systems

/// A client of NAV, its gate, and a server that plays both of NAV's ports.
@OnLoop struct NavBench {
    typealias Request = BusinessCentralServer.Request
    typealias Answer = BusinessCentralServer.Answer

    let server: BusinessCentralServer
    let gate = BusinessCentralGate()
    let client: Nav.Client

    /// Gives the body a bench whose answers are the script's, but for the descriptions of OData and SOAP: those are the
    /// fixtures', where the script says nothing. Every pass of the gate has to be given back once.
    static func run<Result>(
        deadlines: HTTPClient.Deadlines = Nav.Limits.deadlines,
        key: String = Self.key,
        _ script: @escaping @Sendable (Request) -> Answer?,
        change: (inout Nav.Settings) -> Void = { _ in },
        _ body: @OnLoop (NavBench) async throws -> Result
    ) async throws -> Result {
        let server = BusinessCentralServer { request in script(request) ?? described(request) }
        defer { server.stop() }
        var settings = Nav.Settings(url: server.url + "/NAV", company: Self.company, user: Self.user)
        settings.soapURL = server.url + "/NAVSOAP"
        change(&settings)
        let bench = try NavBench(server, settings, key, deadlines)
        let result = try await body(bench)
        #expect(bench.gate.told.everyPassLeftOnce, "\(bench.gate.told)")
        return result
    }

    private init(
        _ server: BusinessCentralServer,
        _ settings: Nav.Settings,
        _ key: String,
        _ deadlines: HTTPClient.Deadlines
    ) throws {
        self.server = server
        client = Nav.Client(
            settings,
            key: Secret(text: key),
            http: HTTPClient(try settings.transport()),
            gate: gate,
            log: Log(role: "test"),
            deadlines: deadlines
        )
    }

    /// Without those for descriptions.
    var asked: [Request] {
        server.requests.filter { request in
            !request.path.hasSuffix("/$metadata") && !(request.path.contains("/WS/") && request.method == "GET")
        }
    }

    var soap: Nav.SOAPPages { client.soap }

    nonisolated static func described(_ request: Request) -> Answer {
        switch request.plainTarget {
        case "/NAV/ODataV4/$metadata": .reply(200, [:], (try? navFixture("metadata.xml")) ?? "")
        case "/NAVSOAP/WS/CRONUS International Ltd./Page/PurchaseInvoice" where request.method == "GET":
            .reply(200, [:], (try? navFixture("wsdl.xml")) ?? "")
        case "/NAVSOAP/WS/CRONUS International Ltd./Codeunit/Approvals" where request.method == "GET":
            .reply(200, [:], (try? navFixture("codeunit.xml")) ?? "")
        default: .reply(404, [:], "")
        }
    }
}

extension NavBench {
    nonisolated static let company = "CRONUS International Ltd."
    nonisolated static let user = "MLCONN"
    nonisolated static let key = "Canary~S3cret+key=of-forty-four-characters=="
    nonisolated static let invoice = Nav.Key([("Document_Type", "Invoice"), ("No", "1023")])
    nonisolated static let home = "/NAV/ODataV4/Company('CRONUS International Ltd.')"

    nonisolated static func refused(_ status: Int, _ headers: [String: String] = [:]) -> Answer {
        .reply(status, headers, #"{"error":{"code":"Unknown","message":"Das ging nicht."}}"#)
    }

    nonisolated static func rows(_ rows: String..., next: String? = nil) -> Answer {
        let link = next.map { #","@odata.nextLink":"\#($0)""# } ?? ""
        return .reply(200, [:], #"{"@odata.context":"…","value":[\#(rows.joined(separator: ","))]\#(link)}"#)
    }

    nonisolated static func envelope(_ body: String) -> Answer {
        .reply(
            200,
            ["Content-Type": "text/xml"],
            #"<Soap:Envelope xmlns:Soap="http://schemas.xmlsoap.org/soap/envelope/"><Soap:Body>"#
                + "\(body)</Soap:Body></Soap:Envelope>"
        )
    }

    nonisolated static func fault(_ exception: String, _ words: String = "Es ging nicht.") -> Answer {
        .reply(
            500,
            ["Content-Type": "text/xml"],
            #"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>"#
                + #"<faultcode xmlns:a="urn:microsoft-dynamics-schemas/error">a:\#(exception)</faultcode>"#
                + "<faultstring>\(words)</faultstring></s:Fault></s:Body></s:Envelope>"
        )
    }

    /// What a call that must not succeed throws.
    static func callError(
        sourceLocation: SourceLocation = #_sourceLocation,
        _ body: @OnLoop () async throws -> Void
    ) async throws -> CallError {
        var thrown: (any Error)?
        do { try await body() } catch { thrown = error }
        return try #require(thrown as? CallError, "\(String(describing: thrown))", sourceLocation: sourceLocation)
    }
}

/// What the vendor documents: see SOURCES.md beside it.
func navFixture(_ name: String) throws -> String {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/nav")
    return try String(contentsOf: folder.appending(path: name), encoding: .utf8)
}
