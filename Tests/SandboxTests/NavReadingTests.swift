import Core
import Sandbox
import Testing
import Transport

@Suite(.onLoop) struct `NAV, when it is read over OData,` {
    @Test @OnLoop func `wants the user and the key, and says which scheme it knows`() async throws {
        let nav = try NavPlace()
        defer { nav.close() }
        let settings = nav.simulator.settings
        #expect(settings.key.utf8.count == 44)
        #expect(try await nav.get("VendorCard").status == 200)
        let lower = NavPlace.basic(settings.user.lowercased(), settings.key)
        #expect(try await nav.get("VendorCard", [("Authorization", lower)]).status == 200)
        for wrong in [NavPlace.basic(settings.user, "x"), NavPlace.basic("x", settings.key), "Bearer x", "Basic é", ""]
        {
            let refused = try await nav.get("VendorCard", [("Authorization", wrong)])
            #expect(refused.status == 401 && refused.headers["WWW-Authenticate"] == #"Basic realm="""#)
            #expect(refused.text.isEmpty)
        }
        try await nav.control(.patch, "settings", #"{"isKeyExpired":true}"#)
        #expect(try await nav.get("VendorCard").status == 401)
        try await nav.control(.patch, "settings", #"{"isKeyExpired":false,"authentication":"negotiate"}"#)
        let windows = try await nav.get("VendorCard")
        #expect(windows.status == 401 && windows.headers["WWW-Authenticate"] == "Negotiate")
        try await nav.control(.patch, "settings", #"{"authentication":"ntlm"}"#)
        #expect(try await nav.get("VendorCard").headers["WWW-Authenticate"] == "NTLM")
        #expect(try await nav.refusals("unauthorized") == 8)
    }

    @Test @OnLoop func `finds a company by its exact name only`() async throws {
        let nav = try NavPlace()
        defer { nav.close() }
        let companies = try await nav.get(nav.root + "/Company")
        #expect(companies.column("Name") == ["CRONUS International Ltd.", "Målør & Søn's A/S"])
        #expect(try await nav.get(nav.company)["Name"].string() == "CRONUS International Ltd.")
        let lower = nav.root + "/Company('cronus%20international%20ltd.')/VendorCard"
        #expect(try await nav.get(lower).status == 404)
        let byOption = nav.root + "/VendorCard?company=M%C3%A5l%C3%B8r%20%26%20S%C3%B8n's%20A%2FS"
        #expect(try await nav.get(byOption).rows.count == 15)
        #expect(try await nav.get(nav.root + "/VendorCard").status == 400)
        try await nav.control(.patch, "settings", #"{"defaultCompany":"CRONUS International Ltd."}"#)
        #expect(try await nav.get(nav.root + "/VendorCard").rows.count == 15)
        try await nav.control(.patch, "settings", #"{"tenant":"north"}"#)
        #expect(try await nav.get("VendorCard").status == 404)
        #expect(try await nav.get("VendorCard?tenant=north").rows.count == 15)
    }

    @Test @OnLoop func `shows what is published and nothing else`() async throws {
        let nav = try NavPlace()
        defer { nav.close() }
        let document = try await nav.get(nav.root)
        #expect(document.column("name").prefix(2) == ["Company", "VendorCard"])
        let metadata = try await nav.get(nav.root + "/$metadata").text
        #expect(metadata.contains(#"<EntitySet Name="PurchaseInvoices" EntityType="NAV.PurchaseInvoices"/>"#))
        #expect(metadata.contains(#"<PropertyRef Name="Document_Type"/><PropertyRef Name="No"/></Key>"#))
        #expect(metadata.contains(#"<Property Name="Vendor_Invoice_No" Type="Edm.String" MaxLength="35"/>"#))
        #expect(
            metadata.contains(#"Name="PurchaseInvoicePurchLines" Type="Collection(NAV.PurchaseInvoicePurchLines)""#)
        )
        #expect(metadata.contains(#"<Action Name="ApproveDocument" IsBound="true">"#))
        #expect(try XML.element(Array(metadata.utf8)).name == "Edmx")

        try await nav.control(.patch, "services/VendorCard", #"{"published":false}"#)
        try await nav.control(.post, "services", #"{"page":9308,"service":"Købsfakturaer"}"#)
        let body = #"{"hidden":["Remaining_Amount"],"renamed":{"Vendor_Invoice_No":"Faktura_Nr"}}"#
        try await nav.control(.patch, "services/PostedPurchaseInvoices", body)
        #expect(try await nav.get("VendorCard").status == 404)
        #expect(try await nav.get("Købsfakturaer").rows.count == 4)
        let changed = try await nav.get("PostedPurchaseInvoices")
        #expect(changed.text.contains("Faktura_Nr") && !changed.text.contains("Remaining_Amount"))
        #expect(try await nav.get("PostedPurchaseInvoices?$filter=Remaining_Amount gt 0").status == 400)
        let later = try await nav.get(nav.root + "/$metadata").text
        #expect(!later.contains(#"Name="VendorCard""#) && later.contains(#"Name="Købsfakturaer""#))
        #expect(try XML.element(Array(later.utf8)).name == "Edmx")
    }

    @Test @OnLoop func `takes keys by name and by place`() async throws {
        let nav = try NavPlace()
        defer { nav.close() }
        let number = try await nav.made()
        for key in [
            "'Invoice','\(number)'", "Document_Type='Invoice',No='\(number)'", "No='\(number)',Document_Type='Invoice'",
        ] {
            let answer = try await nav.get("PurchaseInvoice(\(key))")
            #expect(answer.status == 200, "\(answer.text)")
            #expect(try answer["Document_Type"].string() == "Invoice" && answer["No"].string() == number)
        }
        for (key, status) in [
            ("'\(number)'", 400), ("'Order','\(number)'", 404), ("Document_Type='Invoice',Number='1'", 400),
            ("'Invoice',\(number)", 400), ("'Invoice','9'", 404),
        ] {
            #expect(try await nav.get("PurchaseInvoice(\(key))").status == status, "\(key)")
        }
        #expect(try await nav.get("VendorCard('44127904')")["Name"].string() == "O'Hara's \"Quick\" Haulage")
        #expect(try await nav.get("VendorLedgerEntries(1)")["Document_Type"].string() == "Invoice")
        #expect(try await nav.get("ItemCard('1896-s')")["No"].string() == "1896-S")
        let line = try await nav.get(
            "PurchaseInvoice('Invoice','\(number)')/PurchaseInvoicePurchLines(Document_Type='Invoice',Document_No='\(number)',Line_No=10000)"
        )
        #expect(try line["Line_No"].int() == 10_000)
    }

    @Test(arguments: [
        ("No eq '10000'", 1), ("no eq '10000'", -1), ("Name eq 'O''Hara''s \"Quick\" Haulage'", 1),
        ("Country_Region_Code eq 'gb'", 6), ("No eq '10000' or No eq '20000'", 2),
        ("startswith(Name,'M')", 2), ("contains(Name,'ö')", 2), ("endswith(No,'0000')", 5),
        ("Blocked eq ' '", 15), ("Blocked ne 'All'", 15), ("Blocked eq 'Nonsense'", -1),
        ("Last_Date_Modified ge 2020-01-01 and Country_Region_Code eq 'DE'", 2), ("Last_Date_Modified ge '2020'", -1),
        ("(No eq '10000' or No eq '20000') and Name ne 'x'", 2), ("No eq '10000' or Name eq 'x'", -1),
        ("not (No eq '10000')", -1), ("tolower(Name) eq 'x'", -1), ("ShowMap eq 'x'", -1),
        ("No gt '40000' and No lt '5'", 5),
        ("Balance_LCY gt 0", 1), ("Priority eq 0", 15), ("Prices_Including_VAT eq false", 15), ("No eq", -1),
    ]) @OnLoop func `filters as the vendor does`(filter: String, count: Int) async throws {
        let nav = try NavPlace { $0.seedPosted = 0 }
        defer { nav.close() }
        try await nav.control(.post, "posted", #"{"vendor":"30000","amount":100}"#)
        let answer = try await nav.get("VendorCard?$filter=\(filter)")
        guard count >= 0 else {
            #expect(answer.status == 400, "\(filter) \(answer.text)")
            return
        }
        #expect(answer.status == 200 && answer.rows.count == count, "\(filter): \(answer.column("No"))")
    }

    @Test @OnLoop func `ends a page at its limit and links to the next`() async throws {
        let nav = try NavPlace { $0.pageSize = 4 }
        defer { nav.close() }
        var seen: [String] = []
        var url = "VendorCard?$select=Name&$filter=Blocked ne 'All'"
        for _ in 0..<4 {
            let page = try await nav.get(url)
            seen += page.column("No")
            guard let next = try page["@odata.nextLink"].orNil?.string() else { break }
            #expect(next.contains("$skiptoken=") && page.rows.count == 4 && !page.text.contains("City"))
            url = next
        }
        #expect(seen.count == 15 && seen == seen.sorted())
        let top = try await nav.get("VendorCard?$top=2&$skip=1&$count=true")
        #expect(top.column("No") == ["10000", "20000"] && top["@odata.nextLink"].orNil == nil)
        #expect(try top["@odata.count"].int() == 15)
        let ordered = try await nav.get("VendorCard?$orderby=Country_Region_Code desc,Name&$select=Country_Region_Code")
        #expect(ordered.column("Country_Region_Code") == ["US", "SE", "PL", "NL"])
        let second = try await nav.get(try ordered["@odata.nextLink"].string())
        #expect(second.column("Country_Region_Code") == ["IS", "IE", "GB", "GB"])
        #expect(try await nav.get("VendorCard/$count").text == "15")
        #expect(try await nav.get("VendorCard?$skiptoken=abc").status == 400)
        #expect(try await nav.get("VendorCard?$apply=x").status == 400)
        #expect(try await nav.get("VendorCard?$select=Nonsense").status == 400)
    }

    @Test @OnLoop func `sums up amounts from lines and shows lines with their document`() async throws {
        let nav = try NavPlace()
        defer { nav.close() }
        let number = try await nav.made("orders", #"{"vendor":"10000","amount":99.99}"#)
        let list = try await nav.get(
            "PurchaseOrders?$filter=No eq '\(number)'&$select=No,Amount,Amount_Including_VAT,Status"
        )
        #expect(list.text.contains(#""Status":"Open","Amount":99.99,"Amount_Including_VAT":124.99"#), "\(list.text)")
        let full = try await nav.get("PurchaseOrder('Order','\(number)')?$expand=PurchaseOrderPurchLines")
        let lines = try full["PurchaseOrderPurchLines"].elements()
        #expect(lines.count == 1 && full["Amount"].orNil == nil)
        #expect(try lines[0]["Total_Amount_Incl_VAT"].decimal() == Decimal("124.99"))
        #expect(try lines[0]["Document_No"].string() == number && lines[0]["Line_No"].int() == 10_000)
        #expect(try await nav.get("PurchaseOrders?$expand=PurchLines").status == 400)
        #expect(try full["Payment_Reference"].string() == "" && full["Pmt_Discount_Date"].string() == "0001-01-01")
        #expect(try full["Job_Queue_Status"].string() == " ")
        #expect(try full["@odata.etag"].string().hasPrefix("W/\"'"))
    }

    @Test @OnLoop func `can be an older, a newer or a closed server`() async throws {
        let nav = try NavPlace()
        defer { nav.close() }
        let server = "\(nav.simulator.address)/\(nav.simulator.settings.instance)"
        #expect(try await nav.get(server + "/OData").status == 200)
        #expect(try await nav.get(server + "/api/beta/companies").status == 404)
        #expect(try await nav.get(server + "/api/v2.0/companies").status == 404)
        try await nav.control(.patch, "settings", #"{"hasBetaAPI":true,"newerAPI":"v2.0"}"#)
        #expect(try await nav.get(server + "/api/beta/companies").status == 200)
        #expect(try await nav.get(server + "/api/v2.0/companies").status == 200)
        #expect(try await nav.get("\(nav.simulator.address)/Other/ODataV4/").status == 404)
        try await nav.control(.patch, "settings", #"{"isODataOn":false}"#)
        #expect(try await nav.get(nav.root).status == 404)
        try await nav.control(.patch, "settings", #"{"offStatus":405}"#)
        #expect(try await nav.get("VendorCard").status == 405)
    }

    @Test @OnLoop func `bounds requests, and how many there are at once`() async throws {
        let nav = try NavPlace { $0.mostConnections = 1 }
        defer { nav.close() }
        let large = #"{"Name":""# + String(repeating: "x", count: 1_100_000) + #""}"#
        #expect(try await nav.send(.post, "VendorCard", body: large).status == 413)
        try await nav.control(.patch, "settings", #"{"processingMilliseconds":300}"#)
        async let first = nav.get("VendorCard")
        async let second = nav.get("VendorCard")
        let statuses = try await [first.status, second.status].sorted()
        #expect(statuses == [200, 429])
    }
}
