import Core
import Sandbox
import Systems
import Testing
import Transport

@testable import Flows

/// The strict simulator, and a client that finds it where the vendor would be.
@OnLoop private final class Simulated {
    let simulator: BusinessCentralSimulator
    let client: BusinessCentral.Client
    private let host: SimulatorHost

    init(onPremises: Bool = false) throws {
        let clock = SandboxClock()
        simulator = BusinessCentralSimulator(BusinessCentralSimulator.Settings(), clock: clock)
        host = try SimulatorHost([simulator], clock: clock)
        let theirs = simulator.settings
        let company = BusinessCentral.Settings.Company.name(theirs.companies[0])
        var settings: BusinessCentral.Settings
        if onPremises {
            settings = BusinessCentral.Settings(
                server: .init(url: "\(simulator.address)/\(theirs.instance)", user: theirs.user),
                company: company
            )
        } else {
            settings = BusinessCentral.Settings(
                entraTenant: theirs.entraTenant,
                clientID: theirs.applications[0].clientID,
                environment: theirs.environment,
                company: company
            )
            settings.apiURL = simulator.address
            settings.loginURL = simulator.address
        }
        let http = HTTPClient(HTTPClient.Settings(allowed: try HTTPClient.AllowedOrigins(settings.origins)))
        let secret = Secret(text: theirs.applications[0].secret)
        let tokens = BusinessCentral.EntraTokens(settings, clientSecret: secret, http: http).keeper()
        client = BusinessCentral.Client(
            settings,
            http: http,
            gate: BusinessCentralGate(),
            admission: onPremises ? .user(theirs.user, key: Secret(text: theirs.webServiceKey)) : .application(tokens),
            log: Log(role: "test")
        )
    }

    func close() {
        host.stop()
    }

    func source(_ route: BusinessCentralRoute, _ fields: String...) -> BusinessCentralSource {
        BusinessCentralSource(route, fields: fields, client: client)
    }

    func all(_ source: any RecordSource) async throws -> [Record] {
        var page = try await source.page(changedSince: nil, lane: .background)
        var records = page.records
        while let next = page.next {
            page = try await source.page(next: next, lane: .background)
            records += page.records
        }
        return records
    }
}

@Suite(.onLoop) struct `Business Central's books on the simulator` {
    @Test(arguments: [false, true]) @OnLoop func `have every kind of record`(onPremises: Bool) async throws {
        let place = try Simulated(onPremises: onPremises)
        defer { place.close() }
        for entity in BusinessCentral.Entity.all where entity.name != "projects" {
            let own = entity.lines == nil ? [] : ["lines", "dimension.DEPARTMENT"]
            let source = BusinessCentralSource(
                .init(entity.name),
                fields: [entity.number] + own + entity.calculated.sorted(),
                client: place.client
            )
            let records = try await place.all(source)
            #expect(!records.isEmpty || entity.name == "employees", "\(entity.name)")
            #expect(records.allSatisfy { !source.number(of: $0).isEmpty }, "\(entity.name)")
            let keys = records.prefix(3).map(\.id)
            let read = try await source.read(Array(keys), lane: .live)
            #expect(read.map(\.id) == Array(keys), "\(entity.name)")
            let known = try #require(try await place.client.fields(of: entity.name), "\(entity.name)")
            #expect(known.isSuperset(of: source.fields.select + source.fields.expand.map(\.name)), "\(entity.name)")
            #expect(entity.editable.isSubset(of: known), "\(entity.editable.subtracting(known)) of \(entity.name)")
        }
    }

    @Test @OnLoop func `show lines, dimensions and what stands beside a record`() async throws {
        let place = try Simulated()
        defer { place.close() }
        let orders = place.source(
            .init("purchaseOrders"),
            "lines",
            "vendor.displayName",
            "dimension.DEPARTMENT",
            "status"
        )
        let records = try await place.all(orders)
        let texts = records.compactMap { orders.plain("lines", of: $0).word }
        #expect(texts.count == records.count && texts.allSatisfy { $0.contains(" × ") })
        #expect(texts.contains { $0.contains("outstanding") })
        #expect(records.allSatisfy { orders.plain("vendor.displayName", of: $0).word != nil })
        #expect(Set(records.compactMap { orders.plain("status", of: $0).word }) == ["Draft", "In Review", "Open"])

        let lines = try #require(
            BusinessCentralLineSource(of: .init("purchaseOrders"), fields: ["quantity"], client: place.client)
        )
        let document = try #require(records.last)
        let keys = try await lines.keys(ofDocument: document.id, lane: .live)
        let count = texts.last?.split(separator: "\n").count
        #expect(keys.count == count && keys.allSatisfy { $0.hasPrefix(document.id + ":") })
        let read = try await lines.read(keys, lane: .live)
        #expect(read.map(\.id) == keys)
        let all = try await place.all(lines)
        #expect(Set(all.map(\.id)).isSuperset(of: keys) && all.count > keys.count)

        let departments = BusinessCentralRoute(
            "departments",
            entitySet: "dimensionValues",
            filter: .init([.init("dimensionCode", .anyOf(["DEPARTMENT"]))])
        )
        let values = place.source(departments, "code", "displayName")
        let found = try await place.all(values)
        let unfiltered = try await place.all(place.source(.init("dimensionValues"), "code"))
        #expect(!found.isEmpty && found.count < unfiltered.count)
    }

    @Test @OnLoop func `are asked for some of their records in words that the vendor takes`() async throws {
        let place = try Simulated()
        defer { place.close() }
        let conditions: [(String, [BusinessCentral.Filter.Condition])] = [
            ("purchaseOrders", [.init("status", .anyOf(["In Review", "Open"]))]),
            ("purchaseInvoices", [.init("status", .noneOf(["Paid", ""])), .init("dueDate", .atLeast("2020-01-01"))]),
            ("vendors", [.init("blocked", .anyOf([""])), .init("displayName", .noneOf(["O'Brien"]))]),
            ("items", [.init("unitPrice", .atLeast(.number(1))), .init("blocked", .anyOf([false]))]),
        ]
        for (entitySet, conditions) in conditions {
            let route = BusinessCentralRoute("some", entitySet: entitySet, filter: .init(conditions))
            let source = place.source(route, "number")
            let some = try await place.all(source)
            let count = try await source.count(lane: .background)
            // What the server finds is what is found here.
            let here = try await place.all(place.source(.init(entitySet), "number")).map(\.id)
            let read = try await source.read(here, lane: .live)
            #expect(Set(some.map(\.id)) == Set(read.map(\.id)) && count == some.count && !some.isEmpty, "\(entitySet)")
        }
    }

    @Test @OnLoop func `take what goes back, once`() async throws {
        let place = try Simulated()
        defer { place.close() }
        let source = place.source(
            .init("purchaseInvoices"),
            "purchaser",
            "totalAmountIncludingTax",
            "dimension.DEPARTMENT"
        )
        let draft = try #require(try await place.all(source).first { source.plain("status", of: $0) == "Draft" })
        let line = BackChange.act(
            .journalLine(
                JournalTemplate(
                    template: "GENERAL",
                    batch: "MLCONN",
                    accountType: "G/L Account",
                    account: TextTemplate(parts: [.text("6110")]),
                    balancingAccountType: nil,
                    balancingAccount: TextTemplate(parts: [.text("6110")]),
                    amountField: "totalAmountIncludingTax",
                    isNegative: true,
                    text: TextTemplate(parts: [.field("number"), .text(" approved")]),
                    dimensions: ["DEPARTMENT": TextTemplate(parts: [.text("SALES")])]
                )
            ),
            label: "Accrue"
        )
        func now() async throws -> Record {
            try #require(try await source.read([draft.id], lane: .live).first)
        }
        func decide(_ changes: BackChange...) async throws {
            _ = try await source.perform(changes, on: try await now(), idempotencyKey: "k", lane: .live)
        }
        for _ in 0..<2 {
            try await decide(.set(field: "purchaser", to: "MH"), .set(field: "dimension.DEPARTMENT", to: "ADM"))
        }
        try await decide(.set(field: "dimension.DEPARTMENT", to: "PROD"))
        #expect(source.plain("purchaser", of: try await now()) == "MH")
        #expect(source.plain("dimension.DEPARTMENT", of: try await now()) == "PROD")
        for _ in 0..<2 { try await decide(line) }
        let journals = try await place.client.rows(at: .init("journals"), select: ["code"], lane: .live)
        let journal = try #require(journals.first { $0["code"] == "MLCONN" })
        let address = BusinessCentral.Address("journals", journal.id).then("journalLines")
        let lines = try await place.client.rows(at: address, lane: .live)
        #expect(lines.count == 1 && lines.first?["description"]?.word?.hasSuffix(" approved") == true)

        for _ in 0..<2 { try await decide(.act(.post, label: "Book it")) }
        #expect(source.plain("status", of: try await now()) == "Open")
        let refusal = source.refusal(to: [.set(field: "purchaser", to: "JO")], of: try await now())
        #expect(refusal?.reason.contains("posted") == true)
    }
}
