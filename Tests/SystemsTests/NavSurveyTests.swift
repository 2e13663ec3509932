import Core
import Testing
import Transport

@testable import Systems

private typealias Bench = NavBench

@Suite(.onLoop) struct `a survey of a NAV server` {
    @OnLoop private func findings(
        _ needed: [Nav.Page] = [.vendorCard, .purchaseInvoice],
        _ script: @escaping @Sendable (Bench.Request) -> Bench.Answer?,
        change: (inout Nav.Settings) -> Void = { _ in }
    ) async throws -> [Finding] {
        try await Bench.run(script, change: change) { bench in
            try await bench.client.survey(of: needed, lane: .interactive).findings(needing: needed)
        }
    }

    private func broken(_ findings: [Finding]) -> [String] {
        findings.filter { $0.verdict == .broken }.map { "\($0.what): \($0.seen) \($0.remedy ?? "")" }
    }

    private static let companies = #"{"value":[{"Name":"CRONUS International Ltd."},{"Name":"Test"}]}"#

    @Test @OnLoop func `finds everything in order`() async throws {
        let findings = try await findings { request in
            request.path.hasSuffix("/ODataV4/Company") ? .reply(200, [:], Self.companies) : nil
        }
        #expect(findings.allSatisfy { $0.verdict == .works }, "\(findings)")
        #expect(
            findings.map(\.what) == [
                "NAV: server", "NAV: sign in", "NAV: company", "NAV: page 26 \"Vendor Card\"",
                "NAV: page 51 \"Purchase Invoice\"",
            ]
        )
    }

    @Test @OnLoop func `names the page that is missing, and where it is published`() async throws {
        let found = broken(
            try await findings([.vendorCard, .journal]) { request in
                request.path.hasSuffix("/ODataV4/Company") ? .reply(200, [:], Self.companies) : nil
            }
        )
        #expect(found.count == 1)
        #expect(found.first?.contains("object id 39 and the service name GeneralJournal") == true)
    }

    @Test @OnLoop func `spells the company as NAV does`() async throws {
        let found = broken(
            try await findings { request in
                request.path.hasSuffix("/ODataV4/Company") ? .reply(200, [:], Self.companies) : nil
            } change: {
                $0.company = "Cronus international ltd."
            }
        )
        #expect(found.count == 1)
        #expect(found.first?.contains("it is called \"CRONUS International Ltd.\"") == true)
    }

    @Test @OnLoop func `tells Business Central from NAV`() async throws {
        let found = broken(
            try await findings { request in
                request.path.hasSuffix("/api/v2.0/companies") ? .reply(200, [:], #"{"value":[]}"#) : nil
            }
        )
        #expect(found.count == 1 && found.first?.contains("connect it as businessCentral") == true)
    }

    @Test @OnLoop func `tries a refused credential once`() async throws {
        try await Bench.run { _ in
            .reply(401, ["WWW-Authenticate": "NTLM"])
        } _: { bench in
            let findings = try await bench.client.survey(lane: .interactive).findings(needing: [.vendorCard])
            #expect(broken(findings).count == 1 && broken(findings).first?.contains("Windows accounts") == true)
            #expect(bench.server.requests.count == 1)
        }
    }

    @Test @OnLoop func `takes SOAP where there is only OData V3`() async throws {
        let wsdl = try navFixture("wsdl.xml")
        let findings = try await findings([.purchaseInvoice, .vendorCard]) { request in
            if request.path.hasSuffix("/ODataV4/$metadata") { return .reply(404) }
            if request.path.hasSuffix("/NAV/OData") { return .reply(200, [:], "{}") }
            if request.path.hasSuffix("/services") { return .reply(200, [:], "<discovery/>") }
            if request.path.hasSuffix("/PurchaseInvoice") { return .reply(200, [:], wsdl) }
            guard request.path.hasSuffix("/SystemService") else { return nil }
            return Bench.envelope(
                #"<Companies_Result xmlns="urn:microsoft-dynamics-schemas/nav/system/">"#
                    + "<return_value>CRONUS International Ltd.</return_value></Companies_Result>"
            )
        }
        #expect(findings.first?.seen.contains("OData V3 only") == true)
        #expect(findings.contains { $0.what == "NAV: company" && $0.verdict == .works })
        #expect(findings.contains { $0.what.contains("page 51") && $0.verdict == .works })
        #expect(broken(findings).count == 1 && broken(findings).first?.contains("page 26") == true)
    }

    @Test @OnLoop func `says what to switch on where there is no way in`() async throws {
        let found = broken(
            try await findings { request in
                request.path.hasSuffix("$metadata") ? .reply(405) : nil
            } change: {
                $0.soapURL = nil
            }
        )
        #expect(found.count == 1)
        #expect(
            found.first?.contains("enable the OData V4 services") == true && found.first?.contains("soapURL") == true
        )
    }

    @Test @OnLoop func `says that nobody is there`() async throws {
        try await Bench.run { _ in
            nil
        } change: {
            $0.url = "http://127.0.0.1:1/NAV"
            $0.soapURL = nil
        } _: { bench in
            let findings = try await bench.client.survey(lane: .interactive).findings(needing: [.vendorCard])
            #expect(broken(findings).count == 1 && broken(findings).first?.contains("127.0.0.1:1") == true)
            #expect(bench.gate.told.outcomes == [.unreached])
        }
    }
}
