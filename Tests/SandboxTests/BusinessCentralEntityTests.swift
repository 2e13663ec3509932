import Core
import Sandbox
import Testing
import Transport

@Suite(.onLoop) struct `Business Central's entities` {
    @Test(arguments: [
        ("vendors", 21), ("customers", 8), ("items", 8), ("accounts", 15), ("dimensions", 3), ("dimensionValues", 9),
        ("currencies", 10), ("paymentTerms", 5), ("purchaseOrders", 6), ("salesOrders", 5), ("salesInvoices", 5),
        ("journals", 3), ("vendorPaymentJournals", 1), ("employees", 3), ("locations", 3), ("unitsOfMeasure", 4),
        ("itemCategories", 3), ("bankAccounts", 2), ("companyInformation", 1), ("generalLedgerSetup", 1),
    ]) @OnLoop func `are all there`(set: String, count: Int) async throws {
        let books = try await Books()
        defer { books.close() }
        let answer = try await books.get("\(books.company)/\(set)?$orderby=lastModifiedDateTime%20desc")
        #expect(answer.status == 200 && answer.rows.count == count, "\(answer.text)")
        #expect(try await books.get("\(books.company)/\(set)/$count").text == "\(count)")
        let one = try await books.get("\(books.company)/\(set)(\(answer.column("id")[0]))")
        #expect(one.status == 200 && one["id"].value == answer.rows[0]["id"].value)
    }

    @Test @OnLoop func `have names that break what was not made with care`() async throws {
        let books = try await Books()
        defer { books.close() }
        let names = try await books.get(books.company + "/vendors?$select=displayName").column("displayName")
        #expect(names.contains("Søren & Ærø ApS") && names.contains("漢字商事"))
        #expect(names.contains("\"Wide World\" Importers") && names.contains { $0.unicodeScalars.count == 100 })
        let others = try await books.get(books.root + "/companies")
        #expect(others.rows.count == 2)
    }

    @Test(arguments: [
        "purchaseInvoiceLines", "purchaseOrderLines", "salesInvoiceLines", "salesOrderLines", "dimensionSetLines",
        "journalLines", "defaultDimensions",
    ]) @OnLoop func `that are lines are shown only with what they belong to`(set: String) async throws {
        let books = try await Books()
        defer { books.close() }
        #expect(try await books.get("\(books.company)/\(set)").status == 400)
        #expect(try await books.refusals("lines without their document") == 1)
        let mine = "?$filter=id%20eq%2000000000-0000-0000-0000-000000000000"
        #expect(try await books.get("\(books.company)/\(set)\(mine)").status == 200)
        #expect(try await books.send(.post, "\(books.company)/\(set)", body: "{}").status == 405)
    }

    @Test @OnLoop func `lead to each other, through more than one`() async throws {
        let books = try await Books()
        defer { books.close() }
        let expand =
            "purchaseOrderLines($select=sequence;$expand=dimensionSetLines($select=valueCode),item($select=number)),vendor"
        let orders = try await books.get(
            "\(books.company)/purchaseOrders?$filter=number%20eq%20'106001'&$expand=\(books.encoded(expand))"
        )
        let line = try #require(orders.rows.first)["purchaseOrderLines"][0]
        #expect(try line.members().map(\.name) == ["@odata.etag", "sequence", "dimensionSetLines", "item"])
        #expect(try line["dimensionSetLines"][0]["valueCode"].string() == "PROD")
        #expect(try line["item"]["number"].string() == "1896-S")
        #expect(try orders.rows[0]["vendor"]["number"].string() == "V00010")
        let lines = try await books.get("\(books.company)/purchaseOrders(\(orders.column("id")[0]))/purchaseOrderLines")
        let dimensions =
            "\(books.company)/purchaseOrders(\(orders.column("id")[0]))/purchaseOrderLines(\(lines.column("id")[0]))/dimensionSetLines"
        #expect(try await books.get(dimensions).column("code") == ["DEPARTMENT"])
        let bad = "purchaseOrderLines($expand=nothing)"
        #expect(try await books.get("\(books.company)/purchaseOrders?$expand=\(books.encoded(bad))").status == 400)
    }

    @Test(arguments: [
        (HTTPClient.Method.post, "accounts"), (.post, "generalLedgerEntries"), (.post, "dimensions"),
        (.post, "dimensionValues"), (.post, "generalLedgerSetup"), (.post, "companyInformation"),
    ]) @OnLoop func `that are read-only take nothing`(method: HTTPClient.Method, set: String) async throws {
        let books = try await Books()
        defer { books.close() }
        let answer = try await books.send(method, "\(books.company)/\(set)", body: #"{"displayName":"x"}"#)
        #expect(answer.status == 405 && answer.code == "BadRequest_MethodNotAllowed")
    }

    @Test @OnLoop func `get numbers, keep them apart and follow references`() async throws {
        let books = try await Books()
        defer { books.close() }
        let vendors = books.company + "/vendors"
        let made = try await books.send(.post, vendors, body: #"{"displayName":"New","currencyCode":"NOK"}"#)
        #expect(made.status == 201 && made.text.contains(#""number":"V10010""#), "\(made.text)")
        let krone = try await books.get(books.company + "/currencies?$filter=code%20eq%20'NOK'")
        #expect(try made["currencyId"].string() == krone.column("id")[0])
        let twin = try await books.send(.post, vendors, body: #"{"number":"V10010"}"#)
        #expect(twin.status == 400 && twin.code == "Internal_EntityWithSameKeyExists")
        let unknown = try await books.send(.post, vendors, body: #"{"currencyCode":"XXX"}"#)
        #expect(unknown.code == "Internal_InvalidTableRelation")
        let url = "\(vendors)(\(try made["id"].string()))"
        let blocked = try await books.send(.patch, url, [("If-Match", "*")], body: #"{"blocked":"All"}"#)
        #expect(try blocked["blocked"].string() == "All")
        let invoice = try await books.send(
            .post,
            books.company + "/purchaseInvoices",
            body: #"{"vendorNumber":"V10010"}"#
        )
        #expect(invoice.code == "Application_DialogException")
        #expect(try await books.send(.delete, url, [("If-Match", "*")]).status == 204)
        let busy = try await books.get(vendors + "?$filter=number%20eq%20'V00010'")
        let refused = try await books.send(.delete, "\(vendors)(\(busy.column("id")[0]))", [("If-Match", "*")])
        #expect(refused.status == 400)
        #expect(try await books.send(.post, books.company + "/currencies", body: "{}").status == 400)
    }

    @Test @OnLoop func `do not move their stamp for what is calculated`() async throws {
        let books = try await Books()
        defer { books.close() }
        let url = books.company + "/vendors?$filter=number%20eq%20'V00090'"
        let before = try await books.get(url)
        books.place.clock.advance(by: .seconds(60))
        _ = try await books.control(.post, "invoices", #"{"vendorNumber":"V00090","amount":80,"status":"Open"}"#)
        let after = try await books.get(url)
        #expect(after.column("balance") == ["100"], "\(after.text)")
        #expect(before.column("@odata.etag") == after.column("@odata.etag"))
        #expect(before.column("lastModifiedDateTime") == after.column("lastModifiedDateTime"))
    }

    @Test @OnLoop func `are found at a custom API and at a server of the customer's own`() async throws {
        let books = try await Books()
        defer { books.close() }
        let custom = books.company.split(separator: "/api/v2.0").joined(separator: "/api/contoso/approvals/v1.0")
        let requests = try await books.get(custom + "/approvalRequests?$orderby=lastModifiedDateTime")
        #expect(requests.rows.count == 3 && requests.text.contains("/api/contoso/approvals/v1.0/$metadata#companies("))
        #expect(try await books.get(books.company + "/approvalRequests").status == 404)
        let url = custom + "/approvalRequests(\(requests.column("id")[0]))"
        let decided = try await books.send(.patch, url, [("If-Match", "*")], body: #"{"decision":"Approved"}"#)
        #expect(try decided["decision"].string() == "Approved")

        let settings = books.simulator.settings
        let own = "\(books.simulator.address)/\(settings.instance)/api/v2.0"
        let login = Base64.text(of: "\(settings.user):\(settings.webServiceKey)".utf8)
        let companies = try await books.get(own + "/companies", [("Authorization", "Basic \(login)")])
        #expect(companies.rows.count == 2 && companies.text.contains("\(own)/$metadata#companies"))
        let page = try await books.get(
            "\(own)/companies(\(companies.column("id")[0]))/vendors",
            [("Authorization", "Basic \(login)"), ("Prefer", "odata.maxpagesize=5")]
        )
        #expect(try page["@odata.nextLink"].string().hasPrefix(own))
        #expect(try await books.get(own + "/companies").status == 401)
        #expect(try await books.get(own + "/companies", [("Authorization", "Basic eDp5")]).status == 401)
        #expect(try await books.get(books.root + "/companies", [("Authorization", "Basic \(login)")]).status == 401)
    }

    @Test @OnLoop func `are described by the metadata`() async throws {
        let books = try await Books()
        defer { books.close() }
        let answer = try await books.get(books.root + "/$metadata")
        #expect(answer.headers["Content-Type"] == "application/xml")
        #expect(
            answer.text.contains(#"<EntitySet Name="purchaseInvoices" EntityType="Microsoft.NAV.purchaseInvoice"/>"#)
        )
        #expect(answer.text.contains(#"<Property Name="vendorName" Type="Edm.String" MaxLength="100"/>"#))
        #expect(answer.text.contains(#"<Member Name="In_x0020_Review" Value="2"/>"#))
        #expect(answer.text.contains(#"<Action Name="receiveAndInvoice" IsBound="true">"#))
        #expect(!answer.text.contains("approvalRequests"))
        let definitions = try await books.get(books.root + "/entityDefinitions")
        let currency = try #require(try definitions.rows.first { try $0["entityName"].string() == "currency" })
        #expect(try currency["entitySetName"].string() == "currencies")
        #expect(try currency["properties"][2]["captions"][0]["caption"].string() == "Display Name")
        #expect(try currency["entityCaptions"][0]["languageCode"].int() == 1033)
    }

    @Test @OnLoop func `change as people at the client want it`() async throws {
        let books = try await Books()
        defer { books.close() }
        let value = #"{"code":"4000","displayName":"Aarhus","dimensionId":""#
        let centre = try await books.control(.get, "dimensions/COSTCENTRE")["id"].string()
        _ = try await books.control(.post, "dimensionValues", value + centre + #""}"#)
        #expect(try await books.get(books.company + "/dimensionValues/$count").text == "10")
        let account = try await books.control(.patch, "accounts/8110", #"{"displayName":"Cleaning, all sites"}"#)
        #expect(try account["displayName"].string() == "Cleaning, all sites")
        _ = try await books.control(.patch, "items/70100", #"{"inventory":7}"#)
        let made = try await books.control(
            .post,
            "purchaseOrders",
            #"{"count":3,"vendorNumber":"V00020","amount":12.5,"status":"Open"}"#
        )
        let orders = try JSONField(made.json).elements()
        #expect(try orders.count == 3 && orders[0]["totalAmountExcludingTax"].decimal() == Decimal("12.5"))
        _ = try await books.control(.delete, "purchaseOrders/\(try orders[0]["number"].string())")
        let gone = try await books.get("\(books.company)/purchaseOrders(\(try orders[0]["id"].string()))")
        #expect(gone.status == 404)
        let bad = try await books.place.control(.post, "/control/businessCentral/vendors/V00010/post")
        #expect(bad.status == 400 || bad.status == 404)
    }

    @Test @OnLoop func `are read to the end in pages while they change`() async throws {
        let books = try await Books { $0.seedInvoices = 300 }
        defer { books.close() }
        var seen: Set<String> = []
        var next: String? = books.company + "/purchaseInvoices?$orderby=lastModifiedDateTime,id&$select=id"
        var pages = 0
        while let url = next {
            let page = try await books.get(url, [("Prefer", "odata.maxpagesize=40")])
            seen.formUnion(page.column("id"))
            next = try page["@odata.nextLink"].orNil?.string()
            pages += 1
            if pages == 3 { _ = try await books.control(.patch, "invoices/107201", #"{"shipToContact":"moved"}"#) }
        }
        #expect(seen.count == 300 && pages == 8)
        let since = books.place.clock.now.text
        #expect(
            try await books.invoices("?$filter=lastModifiedDateTime gt \(since)&$orderby=lastModifiedDateTime").rows
                .isEmpty
        )
    }
}
