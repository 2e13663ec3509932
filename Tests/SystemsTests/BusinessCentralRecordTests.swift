import Core
import Systems
import Testing
import Transport

private typealias Bench = BusinessCentralBench

@Suite(.onLoop) struct `records of Business Central` {
    @Test @OnLoop func `are read as the vendor shows them`() async throws {
        let answer = try businessCentralFixture("page")
        try await Bench.run { _ in
            .reply(200, [:], answer)
        } _: { bench in
            let page = try await bench.client.page("purchaseInvoices", changedSince: nil, lane: .live)
            #expect(page.next == nil && page.records.map(\.id) == [Bench.invoice1, Bench.invoice2])
            let first = page.records[0]
            #expect(first.etag == #"W/"JzIwOzEyMjU1NzUwNjQ3MjkxMTQ0Mjg5MTswMDsn""#)
            #expect(first.modified == WallTime("2026-08-01T12:54:20.4671234Z"))
            #expect(
                first.fields.members.map(\.name) == [
                    "number", "postingDate", "dueDate", "vendorId", "vendorName", "currencyCode", "pricesIncludeTax",
                    "totalAmountIncludingTax", "discountAmount", "status", "purchaseInvoiceLines",
                ]
            )
            #expect(first["totalAmountIncludingTax"]?.text() == "1200.10")
            #expect(first["status"] == "In Review")
            // A name of people, which no enumeration has.
            #expect(first["vendorName"] == "Fabrikam & Sons_x0020_Ltd.")
            #expect(first["dueDate"] == "0001-01-01" && first["currencyCode"] == "")
            let line = JSONField(try #require(first["purchaseInvoiceLines"]))[0]
            #expect(line["lineType"].value == "Fixed Asset" && line["unitCost"].value?.text() == "3.30")
            #expect(page.records[1].modified == .first && page.records[1]["status"] == " ")
        }
    }

    @Test @OnLoop func `are counted without being read`() async throws {
        try await Bench.run { _ in
            .reply(200, [:], #"{"@odata.context":"…","@odata.count":20017,"value":[\#(Bench.row(Bench.invoice1))]}"#)
        } _: { bench in
            #expect(try await bench.client.count("purchaseInvoices", lane: .background) == 20_017)
            let target = try #require(bench.apiRequests.last?.plainTarget)
            #expect(target.hasSuffix("/purchaseInvoices?$select=id&$count=true&$top=1"))
            #expect(bench.gate.told.entered == [.background])
        }
    }

    /// Nothing published says that every page can be counted.
    @Test(arguments: [
        Bench.rows(Bench.row(Bench.invoice1)), Bench.refused(400, "BadRequest"), Bench.refused(501, "NotImplemented"),
        .reply(200, [:], #"{"@odata.count":-4,"value":[]}"#), .reply(200, [:], #"{"@odata.count":"many","value":[]}"#),
        .reply(200, [:], "[]"),
    ]) @OnLoop func `are not counted where the server does not say`(
        answer: BusinessCentralServer.Answer
    ) async throws {
        try await Bench.run { _ in
            answer
        } _: { bench in
            let count = try await bench.client.count("purchaseInvoices", lane: .background)
            #expect(count == nil)
        }
    }

    @Test @OnLoop func `are counted later, when the server does not answer now`() async throws {
        try await Bench.run { _ in
            Bench.refused(503, "Unavailable")
        } _: { bench in
            let error = try await Bench.callError { _ = try await bench.client.count("purchaseInvoices", lane: .live) }
            #expect(error.remedy == .retry(after: nil))
        }
    }

    @Test @OnLoop func `are asked for from an instant on, and page by page`() async throws {
        let place = "/v2.0/\(Bench.tenant)/production/api/v2.0/companies(\(Bench.cronus))/purchaseInvoices"
        try await Bench.run { request in
            request.target.contains("skiptoken")
                ? Bench.rows(Bench.row(Bench.invoice2))
                : Bench.rows(
                    Bench.row(Bench.invoice1),
                    next: "http://\(request.headers["host"] ?? "")\(place)?$skiptoken=a'b%20c"
                )
        } _: { bench in
            let first = try await bench.client.page(
                "purchaseInvoices",
                changedSince: WallTime("2026-08-01T12:00:00Z"),
                select: ["number", "status"],
                pageSize: 1_000,
                lane: .live
            )
            let second = try await bench.client.page(next: try #require(first.next), pageSize: 1_000, lane: .live)
            #expect(first.records.map(\.id) == [Bench.invoice1] && second.records.map(\.id) == [Bench.invoice2])
            #expect(second.next == nil)
            let requests = bench.apiRequests
            #expect(
                requests[0].plainTarget == place
                    + "?$filter=lastModifiedDateTime ge 2026-08-01T12:00:00.000Z"
                    + "&$orderby=lastModifiedDateTime asc,id asc&$select=id,lastModifiedDateTime,number,status"
            )
            #expect(!requests[0].target.contains(" ") && !requests[0].target.contains("+"))
            #expect(requests.allSatisfy { $0.headers["prefer"] == "odata.maxpagesize=1000" })
            #expect(requests[1].target == place + "?$skiptoken=a'b%20c")
        }
    }

    @Test(arguments: [
        "http://127.0.0.1:1/v2.0/T/production/api/v2.0/companies(C)/vendors",
        "https://HOST/v2.0/T/production/api/v2.0/companies(C)/vendors",
        "http://user@HOST/v2.0/T/production/api/v2.0/companies(C)/vendors",
        "http://HOST@127.0.0.1:1/v2.0/T/production/api/v2.0/companies(C)/vendors",
        "http://HOST\\@evil/v2.0/T/production/api/v2.0/companies(C)/vendors",
        "http://HOST/v2.0/T/sandbox/api/v2.0/companies(C)/vendors",
        "http://HOST/v2.0/T/production/api/v2.0/companies(\(BusinessCentralBench.invoice1))/vendors",
        "http://HOST/v2.0/T/production/api/v1.0/companies(C)/vendors",
        "http://HOST/v2.0/T/production/api/v2.0/companies(C)/../vendors",
        "http://HOST/v2.0/T/production/api/v2.0/companies(C)/%2e%2e",
        "http://HOST/v2.0/T/production/api/v2.0/companies(C)/vendors(1)",
        "http://HOST/v2.0/T/production/admin/api/v2.0/companies(C)/vendors",
        "http://HOST/v2.0/production/api/v2.0/companies(C)", "//HOST/v2.0", "/v2.0", "", " ", "file:///etc/passwd",
        "http://HOST/v2.0/T/production/api/v2.0/companies(C)/vendors#x", "http://HOST",
    ])
    @OnLoop func `are not looked for elsewhere`(link: String) async throws {
        try await Bench.run { _ in
            Bench.rows()
        } _: { bench in
            let link = link.replacing("HOST", with: "127.0.0.1:\(bench.server.port)")
                .replacing("/T/", with: "/\(Bench.tenant)/").replacing("(C)", with: "(\(Bench.cronus))")
            let error = try await Bench.callError { _ = try await bench.client.page(next: link, lane: .live) }
            #expect(error.kind == .garbage && error.remedy == .retry(after: nil))
            #expect(bench.server.requests.isEmpty)
        }
    }

    @Test(arguments: [
        "/v2.0/T/Production/api/v2.0/companies(C)/vendors?$skiptoken=1",
        "/v2.0/example.com/production/api/v2.0/companies(C)/vendors?aid=FIN&$skiptoken=1",
        "/v2.0/production/api/v2.0/companies(C)/vendors", "/v2.0/T/production/api/v2.0/companies%28C%29/vendors",
    ])
    @OnLoop func `are found where the server spells its own names differently`(link: String) async throws {
        try await Bench.run { _ in
            Bench.rows()
        } _: { bench in
            let link = link.replacing("/T/", with: "/\(Bench.tenant)/")
                .replacing("C)", with: "\(Bench.cronus.uppercased()))")
                .replacing("C%29", with: "\(Bench.cronus)%29")
            _ = try await bench.client.page(next: bench.server.url + link, lane: .live)
            #expect(bench.apiRequests.count == 1)
        }
    }

    @Test @OnLoop func `are fetched by their ids in as few calls as URLs are long`() async throws {
        let ids = (0..<100).map { "5d110000-0000-4000-8000-0000000000" + ($0 < 10 ? "0" : "") + "\($0)" }
        try await Bench.run { request in
            let asked = request.plainTarget.split(separator: " ").filter { $0.hasPrefix("5d11") }
            // All but one, one of them twice, and one that nobody asked for.
            let found = asked.map { String($0.prefix(36)) }.filter { $0 != ids[7] }
            return Bench.rows(
                ([found[0]] + found + [Bench.cronus]).map { Bench.row($0.uppercased()) }.joined(separator: ",")
            )
        } _: { bench in
            let records = try await bench.client.records(
                "purchaseInvoices",
                ids: ids.reversed() + [ids[0].uppercased()],
                select: ["number"],
                lane: .live
            )
            #expect(records.map(\.id) == ids.filter { $0 != ids[7] }.reversed())
            let requests = bench.apiRequests
            #expect(requests.count == 3)
            for request in requests {
                #expect((bench.server.url + request.target).utf8.count < 2_048)
                #expect(request.plainTarget.contains("?$filter=id eq 5d11"))
                #expect(request.plainTarget.hasSuffix("&$select=id,lastModifiedDateTime,number"))
            }
        }
    }

    @Test @OnLoop func `are asked for with all fields where a choice of them would be too long`() async throws {
        let select = (0..<60).map { "aFieldWithQuiteALongNameOfItsOwn\($0)" }
        try await Bench.run { _ in
            Bench.rows(Bench.row(Bench.invoice1))
        } _: { bench in
            let records = try await bench.client.records(
                "purchaseInvoices",
                ids: [Bench.invoice1],
                select: select,
                lane: .live
            )
            #expect(records.count == 1)
            #expect(bench.apiRequests.allSatisfy { !$0.target.contains("$select") })
        }
    }

    @Test @OnLoop func `are not asked for where nobody named one`() async throws {
        try await Bench.run { _ in
            Bench.rows()
        } _: { bench in
            let records = try await bench.client.records("purchaseInvoices", ids: [], lane: .live)
            #expect(records.isEmpty)
            #expect(bench.server.requests.isEmpty)
        }
    }

    @Test(arguments: ["", "x", "5d110000-0000-4000-8000-00000000000g", "1) or (true", "../../x"])
    @OnLoop func `have ids that are ids`(id: String) async throws {
        try await Bench.run { _ in
            Bench.rows()
        } _: { bench in
            let one = try await Bench.callError { _ = try await bench.client.record("vendors", id: id, lane: .live) }
            let many = try await Bench.callError {
                _ = try await bench.client.records("vendors", ids: [id], lane: .live)
            }
            #expect(one.remedy == .skipRecord && many.remedy == .skipRecord)
            #expect(bench.server.requests.isEmpty)
        }
    }

    @Test(arguments: ["", "a b", "a/b", "a?b", "1a", "purchaseInvoices(x)", "a,b", "ü"])
    @OnLoop func `have names that are names`(name: String) async throws {
        try await Bench.run { _ in
            Bench.rows()
        } _: { bench in
            let ofSet = try await Bench.callError { _ = try await bench.client.idPage(name, lane: .live) }
            let ofField = try await Bench.callError {
                _ = try await bench.client.page("vendors", changedSince: nil, select: [name], lane: .live)
            }
            #expect(ofSet.kind == .configuration && ofField.kind == .configuration)
            #expect(bench.server.requests.isEmpty)
        }
    }

    @Test @OnLoop func `are read one by one`() async throws {
        try await Bench.run { _ in
            .reply(200, [:], Bench.row(Bench.invoice1, #""number":"1""#))
        } _: { bench in
            let record = try await bench.client.record(
                "purchaseInvoices",
                id: Bench.invoice1.uppercased(),
                select: ["number"],
                lane: .live
            )
            #expect(record?["number"] == "1" && record?.etag == #"W/"JzE5OzQ3""#)
            #expect(
                bench.apiRequests.first?.target.hasSuffix(
                    "/purchaseInvoices(\(Bench.invoice1))?$select=id,lastModifiedDateTime,number"
                ) == true
            )
            let error = try await Bench.callError {
                _ = try await bench.client.record("purchaseInvoices", id: Bench.invoice2, lane: .live)
            }
            #expect(error.kind == .garbage)
        }
    }

    @Test(arguments: ["Internal_RecordNotFound", "Internal_DataNotFoundFilter"])
    @OnLoop func `are missing only where Business Central says so`(code: String) async throws {
        try await Bench.run { _ in
            Bench.refused(404, code)
        } _: { bench in
            let record = try await bench.client.record("vendors", id: Bench.invoice1, lane: .live)
            #expect(record == nil)
        }
    }

    @Test(arguments: ["Internal_CompanyNotFound", "BadRequest_ResourceNotFound", "NoEnvironment", ""])
    @OnLoop func `are not taken for deleted when the way to them is wrong`(code: String) async throws {
        try await Bench.run { _ in
            code.isEmpty ? .reply(404) : Bench.refused(404, code)
        } _: { bench in
            let error = try await Bench.callError {
                _ = try await bench.client.record("vendors", id: Bench.invoice1, lane: .live)
            }
            #expect(error.kind == (code.isEmpty ? .garbage : .configuration))
        }
    }

    @Test @OnLoop func `come in smaller pages when one is too large`() async throws {
        try await Bench.run { request in
            let size = request.headers["prefer"].flatMap { Int($0.dropFirst("odata.maxpagesize=".count)) } ?? 0
            return size > 700 ? .reply(413) : Bench.rows(Bench.row(Bench.invoice1))
        } _: { bench in
            for _ in 0..<2 {
                let page = try await bench.client.page("vendors", changedSince: nil, pageSize: 5_000, lane: .live)
                #expect(page.records.count == 1)
            }
            let sizes = bench.apiRequests.map { $0.headers["prefer"]?.dropFirst("odata.maxpagesize=".count) }
            #expect(sizes == ["5000", "2500", "1250", "625", "625"])
            // After a while a larger one is tried, and given up again.
            for _ in 0..<20 { _ = try await bench.client.idPage("vendors", lane: .background) }
            #expect(bench.apiRequests.contains { $0.headers["prefer"] == "odata.maxpagesize=1250" })
        }
    }

    @Test @OnLoop func `come in smaller pages after one that took too long`() async throws {
        try await Bench.run { request in
            request.index == 1 ? .reply(504) : Bench.rows(Bench.row(Bench.invoice1))
        } _: { bench in
            let error = try await Bench.callError {
                _ = try await bench.client.page("vendors", changedSince: nil, pageSize: 4_000, lane: .live)
            }
            #expect(error.kind == .timeout)
            _ = try await bench.client.page("vendors", changedSince: nil, pageSize: 4_000, lane: .live)
            #expect(bench.apiRequests.last?.headers["prefer"] == "odata.maxpagesize=2000")
        }
    }

    @Test @OnLoop func `end in an error when even the smallest page is too large`() async throws {
        try await Bench.run { _ in
            .reply(413)
        } _: { bench in
            let error = try await Bench.callError {
                _ = try await bench.client.page("vendors", changedSince: nil, pageSize: 200, lane: .live)
            }
            #expect(error.kind == .validation)
            #expect(bench.apiRequests.count == 3)
        }
    }

    @Test(arguments: [
        #"{"value":[{"number":"1"}]}"#, #"{"value":[{"id":7}]}"#, #"{"value":[{"id":""}]}"#, #"{"value":null}"#,
        #"{"value":[{"id":"a","x":1,"x":2}]}"#, #"{"value":[{"id":"a"}]"#, #"{"value":[{"id":"a"},]}"#, "[]",
        #"{"value":[],"@odata.nextLink":7}"#,
    ])
    @OnLoop func `are refused as a page when one of them makes no sense`(body: String) async throws {
        try await Bench.run { _ in
            .reply(200, [:], body)
        } _: { bench in
            let error = try await Bench.callError { _ = try await bench.client.idPage("vendors", lane: .live) }
            #expect(error.kind == .garbage && error.remedy == .retry(after: nil))
        }
    }

    @Test(arguments: ["null", #""yesterday""#]) @OnLoop func `may be without a time`(time: String) async throws {
        try await Bench.run { _ in
            .reply(200, [:], #"{"value":[{"id":"a","lastModifiedDateTime":\#(time),"@odata.etag":null}]}"#)
        } _: { bench in
            let page = try await bench.client.page("vendors", changedSince: nil, lane: .live)
            #expect(page.records == [Record(id: "a", fields: JSON.Object())])
        }
    }

    @Test @OnLoop func `come five thousand at a time`() async throws {
        let many = (0..<5_000).map { Bench.row("id-\($0)", #""number":"\#($0)","amount":\#($0).10"#) }
        let body = #"{"value":[\#(many.joined(separator: ","))]}"#
        try await Bench.run { _ in
            .reply(200, [:], body)
        } _: { bench in
            let page = try await bench.client.page("purchaseInvoices", changedSince: nil, lane: .background)
            #expect(page.records.count == 5_000)
            #expect(page.records[4_999]["amount"]?.text() == "4999.10")
        }
    }
}
