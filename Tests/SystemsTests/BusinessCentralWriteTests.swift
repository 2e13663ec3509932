import Core
import Systems
import Testing
import Transport

private typealias Bench = BusinessCentralBench

@Suite(.onLoop) struct `writing to Business Central` {
    private let journal = "7c000000-0000-4000-8000-000000000001"
    private let place = "/v2.0/\(Bench.tenant)/production/api/v2.0/companies(\(Bench.cronus))"
    private let address = BusinessCentral.Address("purchaseInvoices", Bench.invoice1)

    private var fields: JSON.Object {
        var fields = JSON.Object()
        fields["quantity"] = .number(2)
        fields["unitCost"] = .number(Decimal("3.30") ?? .zero)
        fields["description"] = "Søren’s"
        fields["amount"] = .number(1)
        return fields
    }

    @Test @OnLoop func `keeps the order of the fields`() async throws {
        let row = Bench.row(Bench.invoice2)
        try await Bench.run { _ in
            .reply(201, [:], row)
        } _: { bench in
            let lines = BusinessCentral.Address("journals", journal).then("journalLines")
            let made = try await bench.client.create(at: lines, fields, lane: .live)
            #expect(made.id == Bench.invoice2 && made.etag == #"W/"JzE5OzQ3""#)
            let request = bench.apiRequests[0]
            #expect(request.method == "POST" && request.path == "\(place)/journals(\(journal))/journalLines")
            #expect(request.body == #"{"quantity":2,"unitCost":3.30,"description":"Søren’s","amount":1}"#)
            #expect(request.headers["content-type"] == "application/json" && request.headers["if-match"] == nil)
        }
    }

    @Test @OnLoop func `changes only what is as it was`() async throws {
        let tag = #"W/"JzIwOzEyMjU=""#
        let row = Bench.row(Bench.invoice1)
        try await Bench.run { request in
            request.index == 1
                ? .reply(200, [:], row) : Bench.refused(request.index == 2 ? 409 : 412, "Request_EntityChanged")
        } _: { bench in
            let now = try await bench.client.change(at: address, tag: tag, fields, lane: .live)
            #expect(now?.id == Bench.invoice1)
            for _ in 0..<2 {
                let error = try await Bench.callError {
                    _ = try await bench.client.change(at: address, tag: tag, fields, lane: .live)
                }
                #expect(error.remedy == .lookAgain && error.kind == .conflict && !error.isUncertain)
            }
            #expect(bench.apiRequests.allSatisfy { $0.headers["if-match"] == tag && $0.method == "PATCH" })
        }
    }

    @Test @OnLoop func `takes away, also what is away already`() async throws {
        try await Bench.run { request in
            request.index == 1 ? .reply(204) : Bench.refused(404, "Internal_RecordNotFound")
        } _: { bench in
            try await bench.client.delete(at: address, tag: "*", lane: .live)
            try await bench.client.delete(at: address, tag: "*", lane: .live)
            #expect(bench.apiRequests.map(\.method) == ["DELETE", "DELETE"])
        }
    }

    @Test @OnLoop func `acts on exactly one record`() async throws {
        try await Bench.run { _ in
            .reply(204)
        } _: { bench in
            try await bench.client.act("post", on: address, lane: .live)
            let request = bench.apiRequests[0]
            #expect(request.method == "POST" && request.body.isEmpty)
            #expect(request.target == "\(place)/purchaseInvoices(\(Bench.invoice1))/Microsoft.NAV.post")
        }
    }

    /// What was not answered may have been done. A refusal was not.
    @Test(arguments: [
        (BusinessCentralServer.Answer.hangUp, true), (Bench.refused(504, ""), true), (Bench.refused(408, ""), true),
        (Bench.refused(500, "Internal_ServerError"), true), (Bench.refused(400, "Application_DialogException"), false),
        (Bench.refused(429, "Application_TooManyRequests"), false), (Bench.refused(503, ""), false),
        (Bench.refused(403, "Authorization_RequestDenied"), false),
    ])
    @OnLoop func `says whether it may have been done`(
        answer: BusinessCentralServer.Answer,
        isUncertain: Bool
    ) async throws {
        try await Bench.run { _ in
            answer
        } _: { bench in
            let error = try await Bench.callError { try await bench.client.act("post", on: address, lane: .live) }
            #expect(error.isUncertain == isUncertain, "\(error)")
        }
    }

    @Test(arguments: ["../vendors", "a b", "vendors(1)", ""]) @OnLoop func `goes nowhere else`(
        name: String
    ) async throws {
        try await Bench.run { _ in
            .reply(204)
        } _: { bench in
            let error = try await Bench.callError {
                try await bench.client.act("post", on: .init(name, Bench.invoice1), lane: .live)
            }
            #expect(error.kind == .defect && bench.server.requests.isEmpty)
            let other = try await Bench.callError {
                try await bench.client.act("post", on: .init("a", "1)/b("), lane: .live)
            }
            #expect(other.kind == .defect)
        }
    }

    @Test @OnLoop func `reads what stands below a record, page by page`() async throws {
        try await Bench.run { request in
            let next = "http://\(request.headers["host"] ?? "")\(place)/journals(\(journal))/journalLines?$skiptoken=2"
            return request.target.contains("skiptoken")
                ? Bench.rows(Bench.row(Bench.invoice2)) : Bench.rows(Bench.row(Bench.invoice1), next: next)
        } _: { bench in
            let filter = BusinessCentral.Filter([.init("externalDocumentNumber", .anyOf(["mlc:1"]))])
            let rows = try await bench.client.rows(
                at: BusinessCentral.Address("journals", journal).then("journalLines"),
                filter: filter,
                select: ["amount"],
                lane: .live
            )
            #expect(rows.map(\.id) == [Bench.invoice1, Bench.invoice2])
            #expect(
                bench.apiRequests[0].plainTarget == "\(place)/journals(\(journal))/journalLines"
                    + "?$filter=externalDocumentNumber eq 'mlc:1'&$select=id,amount"
            )
        }
    }
}

@Suite(.onLoop) struct `reading beside a record of Business Central` {
    private let place = "/v2.0/\(Bench.tenant)/production/api/v2.0/companies(\(Bench.cronus))/purchaseOrders"

    @Test @OnLoop func `brings lines along, those of a condition only, from the copy`() async throws {
        try await Bench.run { request in
            let next = "http://\(request.headers["host"] ?? "")\(place)?$skiptoken=2"
            return request.target.contains("skiptoken")
                ? Bench.rows(Bench.row(Bench.invoice2)) : Bench.rows(Bench.row(Bench.invoice1), next: next)
        } _: { bench in
            let page = try await bench.client.page(
                "purchaseOrders",
                changedSince: nil,
                filter: .init([.init("status", .anyOf(["In Review"]))]),
                select: ["number"],
                expand: [.init("purchaseOrderLines", select: ["quantity", "description"])],
                fromCopy: true,
                lane: .background
            )
            let next = try #require(page.next)
            _ = try await bench.client.page(next: next, lane: .background)
            let requests = bench.apiRequests
            #expect(requests.allSatisfy { $0.headers["data-access-intent"] == "ReadOnly" })
            #expect(
                requests[0].plainTarget == place + "?$filter=status eq 'In_x0020_Review'"
                    + "&$orderby=lastModifiedDateTime asc,id asc&$select=id,lastModifiedDateTime,number"
                    + "&$expand=purchaseOrderLines($select=quantity,description)"
            )
            #expect(requests[1].target == place + "?$skiptoken=2")
        }
    }

    @Test @OnLoop func `asks the original after a notification`() async throws {
        try await Bench.run { request in
            request.target.contains("filter")
                ? Bench.rows(Bench.row(Bench.invoice1)) : .reply(200, [:], Bench.row(Bench.invoice1))
        } _: { bench in
            let lines = [BusinessCentral.Expansion("purchaseOrderLines", select: ["id"])]
            _ = try await bench.client.records("purchaseOrders", ids: [Bench.invoice1], expand: lines, lane: .live)
            _ = try await bench.client.record("purchaseOrders", id: Bench.invoice1, expand: lines, lane: .live)
            _ = try await bench.client.page("purchaseOrders", changedSince: .first, lane: .background)
            #expect(bench.apiRequests.allSatisfy { $0.headers["data-access-intent"] == nil })
            #expect(
                bench.apiRequests.prefix(2).allSatisfy { $0.target.hasSuffix("$expand=purchaseOrderLines($select=id)") }
            )
        }
    }

    @Test @OnLoop func `learns the fields from the environment's own description, once`() async throws {
        let metadata = """
            <?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">
            <edmx:DataServices><Schema Namespace="Microsoft.NAV" xmlns="http://docs.oasis-open.org/odata/ns/edm">
            <EntityType Name="vendor"><Key><PropertyRef Name="id"/></Key><Property Name="id" Type="Edm.Guid"/>
            <Property Name="number" Type="Edm.String"/><NavigationProperty Name="currency" Type="Microsoft.NAV.currency"/>
            </EntityType><EntityContainer Name="NAV"><EntitySet Name="vendors" EntityType="Microsoft.NAV.vendor"/>
            </EntityContainer></Schema></edmx:DataServices></edmx:Edmx>
            """
        try await Bench.run { _ in
            .reply(200, ["Content-Type": "application/xml"], metadata)
        } _: { bench in
            let vendors = try await bench.client.fields(of: "vendors")
            let items = try await bench.client.fields(of: "items")
            #expect(vendors == ["id", "number", "currency"] && items == nil)
            #expect(bench.apiRequests.count == 1 && bench.apiRequests[0].path.hasSuffix("/api/v2.0/$metadata"))
        }
        try await Bench.run { _ in
            .reply(404)
        } _: { bench in
            let fields = try await bench.client.fields(of: "vendors")
            #expect(fields == nil)
        }
        try await Bench.run { _ in
            .reply(200, [:], "<!DOCTYPE x []><x/>")
        } _: { bench in
            let error = try await Bench.callError { _ = try await bench.client.fields(of: "vendors") }
            #expect(error.kind == .garbage)
        }
    }

    @Test @OnLoop func `goes along an extension's route with the same account`() async throws {
        try await Bench.run { _ in
            Bench.rows()
        } _: { bench in
            let other = bench.client.along(.custom(publisher: "acme", group: "plant", version: "v1.0"))
            _ = try await other.page("machines", changedSince: nil, lane: .live)
            let path = "/v2.0/\(Bench.tenant)/production/api/acme/plant/v1.0/companies(\(Bench.cronus))/machines"
            #expect(bench.apiRequests[0].path == path && bench.gate.told.entered.count == 1)
        }
    }
}
