import Core
import Sandbox
import Testing
import Transport

@testable import Systems

/// The client against the simulator, which shares no code with it and reads the same documents.
@Suite(.onLoop) struct `NAV's client in the sandbox` {
    @OnLoop private func run(
        _ speech: Nav.Settings.Speech?,
        change: (inout NavSimulator.Settings) -> Void = { _ in },
        settings changeSettings: (inout Nav.Settings) -> Void = { _ in },
        _ body: @OnLoop (Nav.Client, NavSimulator) async throws -> Void
    ) async throws {
        var given = NavSimulator.Settings()
        given.seedInvoices = 5
        given.seedPosted = 3
        given.pageSize = 2
        change(&given)
        let clock = SandboxClock()
        let simulator = NavSimulator(given, clock: clock)
        let host = try SimulatorHost([simulator], clock: clock)
        defer { host.stop() }
        let credentials = JSONField(simulator.credentials)
        var settings = Nav.Settings(
            url: try credentials["url"].string(),
            company: try credentials["company"].string(),
            user: try credentials["user"].string()
        )
        settings.soapURL = try credentials["soapURL"].string()
        settings.speech = speech
        settings.tenant = given.tenant
        changeSettings(&settings)
        let client = Nav.Client(
            settings,
            key: Secret(text: given.key),
            http: HTTPClient(try settings.transport()),
            gate: BusinessCentralGate(),
            log: Log(role: "test")
        )
        try await body(client, simulator)
    }

    @OnLoop private func all(_ query: Nav.Query, _ client: Nav.Client) async throws -> [Nav.Row] {
        var page = try await client.rows(query, lane: .live)
        var rows = page.rows
        while let next = page.next {
            page = try await client.rows(next: next, of: query, lane: .live)
            rows += page.rows
        }
        return rows
    }

    private func key(_ row: Nav.Row) -> Nav.Key {
        Nav.Key(["Document_Type", "No"].compactMap { name in row[name].map { (name, $0) } })
    }

    @Test(arguments: [Nav.Settings.Speech.odata, .soap])
    @OnLoop func `reads lists to their end, and documents with their lines`(speech: Nav.Settings.Speech) async throws {
        try await run(speech) { client, _ in
            let invoices = try await all(Nav.Query(.purchaseInvoice), client)
            #expect(invoices.count == 5)
            #expect(Set(invoices.map { $0["No"]?.text() }).count == 5)
            let first = try #require(invoices.first)
            let whole = try #require(
                try await client.row(.purchaseInvoice, key: key(first), withLines: true, lane: .live)
            )
            #expect(!whole.lines.isEmpty && whole["Buy_from_Vendor_No"] == first["Buy_from_Vendor_No"])
            var withLines = Nav.Query(.purchaseInvoice)
            withLines.withLines = true
            #expect(try await all(withLines, client).first?.lines == whole.lines)
            let numbers = invoices.prefix(3).compactMap { $0["No"] }
            let some = try await all(Nav.Query(.purchaseInvoice, filter: .anyOf("No", numbers)), client)
            #expect(some.count == 3)
            let gone = Nav.Key([("Document_Type", "Invoice"), ("No", "NO'SUCH/1")])
            let missing = try await client.row(.purchaseInvoice, key: gone, withLines: false, lane: .live)
            #expect(missing == nil)
        }
    }

    @Test @OnLoop func `sees the same over both`() async throws {
        var seen: [[JSON.Object]] = []
        for speech in Nav.Settings.Speech.allCases {
            try await run(speech) { client, _ in
                let names = ["Document_Type", "No", "Buy_from_Vendor_No", "Due_Date", "Status", "Vendor_Invoice_No"]
                seen.append(
                    try await all(Nav.Query(.purchaseInvoice), client).map { row in
                        var object = JSON.Object()
                        for name in names { object[name] = row[name] }
                        return object
                    }
                )
            }
        }
        #expect(seen.count == 2 && seen.first == seen.last)
    }

    @Test(arguments: [Nav.Settings.Speech.odata, .soap])
    @OnLoop func `writes a document with a line, and changes it once`(speech: Nav.Settings.Speech) async throws {
        try await run(speech) { client, _ in
            let vendor = try #require(try await client.rows(Nav.Query(.purchaseInvoice), lane: .live).rows.first)
            var fields = JSON.Object()
            fields["Buy_from_Vendor_No"] = vendor["Buy_from_Vendor_No"]
            fields["Vendor_Invoice_No"] = "NW-1001 & 'Æ'"
            let made = try await client.insert(.purchaseInvoice, fields, lane: .live)
            #expect(made["Vendor_Invoice_No"] == "NW-1001 & 'Æ'")
            let line = object(["Type": "G/L Account", "No": "6110", "Quantity": 1, "Direct_Unit_Cost": 1200])
            try await client.insertLine(.purchaseInvoice, of: key(made), line, lane: .live)
            let seen = try #require(
                try await client.row(.purchaseInvoice, key: key(made), withLines: true, lane: .live)
            )
            #expect(seen.lines.count == 1 && seen.lines.first?["Type"] == "G/L Account")
            let change = object(["Due_Date": "2018-03-31"])
            try await client.modify(.purchaseInvoice, key: key(made), seen, change, lane: .live)
            let changed = try await client.row(.purchaseInvoice, key: key(made), withLines: false, lane: .live)
            #expect(changed?["Due_Date"] == "2018-03-31")
            let error = try await NavBench.callError {
                try await client.modify(.purchaseInvoice, key: key(made), seen, change, lane: .live)
            }
            #expect(error.remedy == .lookAgain && error.kind == .conflict, "\(error)")
            let found = try await all(
                Nav.Query(.purchaseInvoice, filter: .equals("Vendor_Invoice_No", "NW-1001 & 'Æ'")),
                client
            )
            #expect(found.map { $0["No"] } == [made["No"]])
        }
    }

    @Test(arguments: [Nav.Settings.Speech.odata, .soap])
    @OnLoop func `is told what it may not write`(speech: Nav.Settings.Speech) async throws {
        try await run(speech) { client, _ in
            let row = try #require(try await client.rows(Nav.Query(.purchaseInvoice), lane: .live).rows.first)
            let error = try await NavBench.callError {
                let change = object(["Status": "Released"])
                try await client.modify(.purchaseInvoice, key: key(row), row, change, lane: .live)
            }
            #expect(error.remedy == .skipRecord && error.kind == .validation, "\(error)")
        }
    }

    @Test(arguments: [NavSimulator.Settings.Authentication.negotiate, .ntlm])
    @OnLoop func `says why nobody is let in`(kind: NavSimulator.Settings.Authentication) async throws {
        try await run(nil) {
            $0.authentication = kind
        } _: { client, _ in
            let findings = try await client.survey(lane: .interactive).findings(needing: [.vendorCard])
            #expect(findings.filter { $0.verdict == .broken }.map(\.what) == ["NAV: sign in"])
            #expect(findings.last?.seen.contains("NavUserPassword") == true)
        }
    }

    @Test @OnLoop func `finds its way by itself`() async throws {
        try await run(nil) {
            $0.isODataOn = false
        } _: { client, _ in
            let findings = try await client.survey(of: [.vendorCard], lane: .interactive).findings(needing: [
                .vendorCard
            ])
            #expect(findings.allSatisfy { $0.verdict == .works }, "\(findings)")
            #expect(try await client.rows(Nav.Query(.vendorCard), lane: .live).rows.first?.soapKey != nil)
        }
        try await run(nil) { client, _ in
            let needed: [Nav.Page] = [
                .vendorCard, .purchaseInvoice, .purchaseInvoices, .postedPurchaseInvoices, .journal,
            ]
            let findings = try await client.survey(lane: .interactive).findings(needing: needed)
            #expect(findings.allSatisfy { $0.verdict == .works }, "\(findings)")
        }
        try await run(nil) {
            $0.tenant = "t"
        } settings: {
            $0.company = "cronus international LTD."
        } _: { client, _ in
            let findings = try await client.survey(lane: .interactive).findings(needing: [.vendorCard])
            #expect(findings.last?.verdict == .broken, "\(findings)")
            #expect(findings.last?.seen.contains("it is called \"CRONUS International Ltd.\"") == true, "\(findings)")
        }
    }

    @Test @OnLoop func `works for a company with a difficult name`() async throws {
        for speech in Nav.Settings.Speech.allCases {
            let name = { (settings: inout Nav.Settings) in settings.company = "Målør & Søn's A/S" }
            try await run(speech, settings: name) { client, _ in
                let vendors = try await all(Nav.Query(.vendorCard), client)
                #expect(!vendors.isEmpty, "\(speech)")
            }
        }
    }

    @Test @OnLoop func `knows each page of the simulator by its fields`() async throws {
        try await run(.odata) { client, _ in
            for page in Nav.Page.allCases {
                guard let fields = try await client.fields(of: page, lane: .live) else { continue }
                let usual = page.usualProperties
                #expect(
                    fields.intersection(usual).count * 100 >= usual.count * 90,
                    "\(page): \(usual.subtracting(fields))"
                )
            }
        }
    }
}
