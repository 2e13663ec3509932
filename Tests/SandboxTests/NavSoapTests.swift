import Core
import Sandbox
import Testing
import Transport

/// What a client of SOAP does with a NAV server.
@OnLoop private struct Soap {
    let nav: NavPlace

    var root: String { "\(nav.simulator.soap.address)/\(nav.simulator.settings.instance)/WS" }
    var company: String { root + "/CRONUS%20International%20Ltd." }

    func call(
        _ service: String,
        _ operation: String,
        _ inside: String,
        kind: String = "Page",
        action: String? = nil
    ) async throws -> Place.Answer {
        let space =
            kind == "Page"
            ? "urn:microsoft-dynamics-schemas/page/\(service.lowercased())"
            : "urn:microsoft-dynamics-schemas/codeunit/\(service)"
        return try await post("\(company)/\(kind)/\(service)", space, operation, inside, action: action)
    }

    func post(
        _ url: String,
        _ space: String,
        _ operation: String,
        _ inside: String,
        action: String? = nil
    ) async throws -> Place.Answer {
        try await nav.send(
            .post,
            url,
            [("SOAPAction", action ?? "\"\(space):\(operation)\""), ("Content-Type", "text/xml; charset=utf-8")],
            body: "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>"
                + "<\(operation) xmlns=\"\(space)\">\(inside)</\(operation)></s:Body></s:Envelope>"
        )
    }

    func read(_ service: String, _ number: String) async throws -> XMLElement {
        try await call(service, "Read", "<No>\(number)</No>").result(service)
    }
}

extension Place.Answer {
    fileprivate var inside: XMLElement? { (try? XML.element(body))?["Body"]?.children.first }

    fileprivate func result(_ name: String) throws -> XMLElement {
        #expect(status == 200, "\(text)")
        return try #require(inside?[name], "\(text)")
    }

    fileprivate var rowNumbers: [String] {
        inside?["ReadMultiple_Result"]?.children.compactMap { $0["No"]?.text } ?? []
    }

    /// The exception's name, at the end of the fault's code.
    fileprivate var fault: String {
        guard status == 500, let code = inside?["faultcode"]?.text, let dot = code.lastIndex(of: ".") else { return "" }
        return String(code[code.index(after: dot)...])
    }
}

@Suite(.onLoop) struct `NAV over SOAP` {
    @Test @OnLoop func `names companies and services`() async throws {
        let nav = try NavPlace()
        defer { nav.close() }
        let soap = Soap(nav: nav)
        let space = "urn:microsoft-dynamics-schemas/nav/system/"
        let companies = try await soap.post(soap.root + "/SystemService", space, "Companies", "")
        #expect(companies.inside?.children.map(\.text) == ["CRONUS International Ltd.", "Målør & Søn's A/S"])
        let services = try await nav.get(soap.company + "/services").text
        #expect(services.contains("/Page/VendorCard\"") && services.contains("/Codeunit/ConnectorFunctions\""))
        let description = try await nav.get(soap.company + "/Page/PurchaseInvoice")
        let wsdl = try XML.element(description.body)
        let operations = try #require(wsdl["portType"]).children.compactMap { $0.attributes["name"] }
        #expect(operations.contains("Delete_PurchLines") && operations.contains("ApproveDocument"))
        #expect(description.text.contains(#"name="Purch_Invoice_Line""#))
        let statuses = wsdl["types"]?["schema"]?.children.first { $0.attributes["name"] == "Status" }
        let members = statuses?["restriction"]?.children.compactMap { $0.attributes["value"] }
        #expect(members == ["Open", "Released", "Pending_Approval", "Pending_Prepayment"])
        let readOnly = try XML.element(try await nav.get(soap.company + "/Page/PurchaseInvoices").body)
        #expect(readOnly["portType"]?.children.compactMap { $0.attributes["name"] }.contains("Create") == false)
        for (path, status) in [("/Page/Nothing", 404), ("/Codeunit/VendorCard", 404), ("/Table/x", 404)] {
            #expect(try await nav.get(soap.company + path).status == status)
        }
        #expect(try await nav.get(soap.root + "/cronus%20international%20ltd./services").status == 404)
        #expect(try await nav.send(.put, soap.company + "/Page/VendorCard").status == 405)
        try await nav.control(.patch, "settings", #"{"isSOAPOn":false}"#)
        #expect(try await nav.get(soap.company + "/services").status == 405)
        try await nav.control(.patch, "settings", #"{"isSOAPOn":true,"isKeyExpired":true}"#)
        #expect(try await nav.get(soap.company + "/services").headers["WWW-Authenticate"] == #"Basic realm="""#)
    }

    @Test @OnLoop func `wants an envelope, a namespace and an action that agree`() async throws {
        let nav = try NavPlace()
        defer { nav.close() }
        let soap = Soap(nav: nav)
        let url = soap.company + "/Page/VendorCard"
        let space = "urn:microsoft-dynamics-schemas/page/vendorcard"
        #expect(
            try await soap.call("VendorCard", "Read", "<No>10000</No>", action: "\"x\"").fault
                == "WebServiceRequestException"
        )
        #expect(try await soap.post(url, space + "s", "Read", "<No>1</No>").status == 500)
        #expect(try await soap.call("VendorCard", "Nonsense", "").status == 500)
        #expect(try await soap.call("VendorCard", "Read", "<Number>10000</Number>").status == 500)
        #expect(try await nav.send(.post, url, body: "{}").status == 415)
        #expect(try await nav.send(.post, url, [("Content-Type", "text/xml")], body: "<a>").status == 500)
        let rules = try await nav.place.facts("nav")["refusals"]
        for rule in ["wrong SOAPAction", "wrong namespace", "unknown operation", "unknown element", "malformed body"] {
            #expect(try rules[rule].int() == 1, "\(rule)")
        }
    }

    @Test @OnLoop func `reads one record, and nothing where there is none`() async throws {
        let nav = try NavPlace()
        defer { nav.close() }
        let soap = Soap(nav: nav)
        let vendor = try await soap.read("VendorCard", "10000")
        #expect(vendor["Name"]?.text == "London Postmaster" && vendor["Blocked"]?.text == "_blank_")
        #expect(vendor["Address"] == nil && vendor["Balance_LCY"] != nil && vendor["Key"]?.text.hasSuffix(";") == true)
        let none = try await soap.call("VendorCard", "Read", "<No>99</No>")
        #expect(none.status == 200 && none.inside?.name == "Read_Result" && none.inside?.children.isEmpty == true)
        // What it is told is a condition.
        #expect(try await soap.read("VendorCard", "20000|30000")["No"]?.text == "20000")
        #expect(try await soap.call("VendorCard", "Read", "<No>'20000|30000'</No>").inside?.children.isEmpty == true)
        let number = try await nav.made("orders", #"{"vendor":"10000"}"#)
        let order = try await soap.read("PurchaseOrder", number)
        #expect(order["Document_Type"] == nil && order["Status"]?.text == "Open")
        #expect(order["PurchLines"]?.children.first?.name == "Purchase_Order_Line")
        #expect(order["PurchLines"]?.children.first?["Type"]?.text == "Item")
        try await nav.control(.patch, "settings", #"{"sendsForbiddenCharacters":true}"#)
        let spoilt = try await soap.call("VendorCard", "Read", "<No>10000</No>")
        #expect(spoilt.text.contains("Postmaster&#x1F;</Name>"))
    }

    @Test(arguments: [
        ("No", "10000", 1), ("No", "10000..30000", 3), ("No", "10000|20000", 2), ("No", "..20000", 3),
        ("No", "61000..", 1), ("No", "<>10000", 14), ("No", ">=50000", 2), ("Name", "@*möbel*", 1), ("Name", "A*", 1),
        ("Name", "'O''Hara''s \"Quick\" Haulage'", 1), ("Country_Region_Code", "gb", 6), ("Blocked", " ", 15),
        ("Blocked", "All", 0), ("Country_Region_Code", "GB&<>DE", 6), ("Last_Date_Modified", "01/30/18..", 15),
        ("Last_Date_Modified", "2018-01-30..", -1), ("Nonsense", "x", -1), ("ShowMap", "x", -1), ("Priority", "0", 15),
        ("Prices_Including_VAT", "No", 15), ("Name", "", 15), ("Prices_Including_VAT", "Perhaps", -1),
    ]) @OnLoop func `filters as people at NAV do`(field: String, criteria: String, count: Int) async throws {
        let nav = try NavPlace()
        defer { nav.close() }
        let filter = "<filter><Field>\(field)</Field><Criteria>\(XML.escaped(criteria))</Criteria></filter>"
        let answer = try await Soap(nav: nav).call("VendorCard", "ReadMultiple", filter + "<setSize>0</setSize>")
        guard count >= 0 else {
            #expect(answer.status == 500 && !answer.fault.isEmpty)
            return
        }
        #expect(answer.rowNumbers.count == count, "\(criteria): \(answer.rowNumbers)")
    }

    @Test @OnLoop func `turns pages at a bookmark, in either direction`() async throws {
        let nav = try NavPlace()
        defer { nav.close() }
        let soap = Soap(nav: nav)
        let filter = "<filter><Field>No</Field><Criteria/></filter>"
        for size in [4, -4] {
            var seen: [String] = []
            var bookmark = ""
            for _ in 0..<5 {
                let answer = try await soap.call(
                    "VendorCard",
                    "ReadMultiple",
                    "\(filter)<bookmarkKey>\(bookmark)</bookmarkKey><setSize>\(size)</setSize>"
                )
                seen += answer.rowNumbers
                bookmark = answer.inside?["ReadMultiple_Result"]?.children.last?["Key"]?.text ?? bookmark
            }
            #expect(seen.count == 15 && seen == (size > 0 ? seen.sorted() : seen.sorted(by: >)))
        }
        #expect(try await soap.call("VendorCard", "ReadMultiple", "<setSize>0</setSize>").status == 500)
        #expect(try await soap.call("VendorCard", "ReadMultiple", filter).status == 500)
        let invoices = try await soap.call("PurchaseInvoice", "ReadMultiple", "\(filter)<setSize>0</setSize>")
        #expect(invoices.rowNumbers.count == 4 && !invoices.text.contains("Purch_Invoice_Line"))
    }

    @Test @OnLoop func `creates, changes and deletes by keys that grow old`() async throws {
        let nav = try NavPlace()
        defer { nav.close() }
        let soap = Soap(nav: nav)
        let line =
            "<Purch_Invoice_Line><Type>G_L_Account</Type><No>6110</No><Quantity>2</Quantity>"
            + "<Direct_Unit_Cost>10.5</Direct_Unit_Cost></Purch_Invoice_Line>"
        let made = try await soap.call(
            "PurchaseInvoice",
            "Create",
            "<PurchaseInvoice><Buy_from_Vendor_No>10000</Buy_from_Vendor_No><Vendor_Invoice_No>s-1</Vendor_Invoice_No>"
                + "<PurchLines>\(line)</PurchLines></PurchaseInvoice>"
        ).result("PurchaseInvoice")
        let number = try #require(made["No"]?.text)
        let key = try #require(made["Key"]?.text)
        #expect(made["Vendor_Invoice_No"]?.text == "S-1")
        #expect(made["PurchLines"]?.children.first?["Line_Amount"]?.text == "21")
        let change = "<Key>\(key)</Key><Due_Date>2027-01-31</Due_Date><Status>Open</Status>"
        let changed = try await soap.call("PurchaseInvoice", "Update", "<PurchaseInvoice>\(change)</PurchaseInvoice>")
        let after = try changed.result("PurchaseInvoice")
        #expect(after["Due_Date"]?.text == "2027-01-31" && after["Key"]?.text != key)
        let stale = try await soap.call("PurchaseInvoice", "Update", "<PurchaseInvoice>\(change)</PurchaseInvoice>")
        #expect(stale.fault == "ServiceBrokerException" && stale.text.contains("Other user has modified"))
        #expect(try await soap.call("PurchaseInvoice", "IsUpdated", "<Key>\(key)</Key>").text.contains(">true<"))
        let fresh = try #require(after["Key"]?.text)
        #expect(try await soap.call("PurchaseInvoice", "IsUpdated", "<Key>\(fresh)</Key>").text.contains(">false<"))
        let readOnly = "<PurchaseInvoice><Key>\(fresh)</Key><Status>Released</Status></PurchaseInvoice>"
        #expect(try await soap.call("PurchaseInvoice", "Update", readOnly).status == 500)

        let recId = try await soap.call("PurchaseInvoice", "GetRecIdFromKey", "<Key>\(fresh)</Key>")
        #expect(recId.text.contains(">Purchase Header: Invoice,\(number)<"))
        let byId = "<recId>PURCHASE HEADER: INVOICE,\(number)</recId>"
        #expect(
            try await soap.call("PurchaseInvoice", "ReadByRecId", byId).result("PurchaseInvoice")["No"]?.text == number
        )

        let lineKey = try #require(after["PurchLines"]?.children.first?["Key"]?.text)
        let gone = try await soap.call(
            "PurchaseInvoice",
            "Delete_PurchLines",
            "<PurchLines_Key>\(lineKey)</PurchLines_Key>"
        )
        #expect(gone.text.contains("<Delete_PurchLines_Result>true</Delete_PurchLines_Result>"))
        let deleted = try await soap.call("PurchaseInvoice", "Delete", "<Key>\(fresh)</Key>")
        #expect(deleted.text.contains("<Delete_Result>true</Delete_Result>"))
        let missing = try await soap.call("PurchaseInvoice", "Delete", "<Key>\(fresh)</Key>")
        #expect(missing.fault == "NavCSideRecordNotFoundException" && missing.text.contains("does not exist"))
        #expect(try await soap.call("PurchaseInvoice", "Delete", "<Key>1;2;3;4;</Key>").status == 500)
        #expect(try await soap.call("PurchaseInvoices", "Create", "<PurchaseInvoices/>").status == 500)
    }

    @Test @OnLoop func `does all of an operation or nothing of it`() async throws {
        let nav = try NavPlace()
        defer { nav.close() }
        let soap = Soap(nav: nav)
        let before = try await nav.get("PurchaseInvoices/$count").text
        let bad = "<PurchLines><Purch_Invoice_Line><No>6110</No></Purch_Invoice_Line></PurchLines>"
        let refused = try await soap.call(
            "PurchaseInvoice",
            "Create",
            "<PurchaseInvoice><Buy_from_Vendor_No>10000</Buy_from_Vendor_No>\(bad)</PurchaseInvoice>"
        )
        #expect(refused.fault == "NavTestFieldException")
        #expect(try await nav.get("PurchaseInvoices/$count").text == before)
        let two =
            "<VendorCard_List><VendorCard><Name>A</Name></VendorCard><VendorCard><Name>B</Name></VendorCard></VendorCard_List>"
        let made = try await soap.call("VendorCard", "CreateMultiple", two)
        #expect(try made.result("VendorCard_List").children.compactMap { $0["No"]?.text } == ["V00010", "V00020"])
        let again = two.split(separator: "B").joined(separator: String(repeating: "x", count: 51))
        #expect(try await soap.call("VendorCard", "CreateMultiple", again).fault == "NavNCLEvaluateException")
        #expect(try await nav.get("VendorCard/$count").text == "17")
        let same = "<VendorCard><No>V00010</No></VendorCard>"
        #expect(try await soap.call("VendorCard", "Create", same).fault == "NavCSideDuplicateKeyException")
        #expect(
            try await soap.call("VendorCard", "Create", "<VendorCard><Blocked>Nonsense</Blocked></VendorCard>").status
                == 500
        )
    }

    @Test @OnLoop func `calls functions with the key of one record`() async throws {
        let nav = try NavPlace()
        defer { nav.close() }
        let soap = Soap(nav: nav)
        let number = try await nav.made("invoices", #"{"vendor":"10000"}"#)
        let other = try await nav.made("invoices", #"{"status":"Pending Approval"}"#)
        let key = try #require(try await soap.read("PurchaseInvoice", number)["Key"]?.text)
        let parameter = "<purchaseHeader>\(key)</purchaseHeader>"
        let released = try await soap.call("PurchaseInvoice", "PerformManualRelease", parameter)
        #expect(released.status == 200, "\(released.text)")
        let after = try await soap.read("PurchaseInvoice", number)
        #expect(after["Status"]?.text == "Released" && after["Key"]?.text == released.inside?["purchaseHeader"]?.text)
        #expect(
            try await soap.call("PurchaseInvoice", "PerformManualReopen", parameter).fault == "ServiceBrokerException"
        )
        #expect(try await soap.read("PurchaseInvoice", other)["Status"]?.text == "Pending_Approval")
        let alone = "<documentType>Invoice</documentType><no>\(other)</no>"
        let approved = try await soap.call("ConnectorFunctions", "ApproveDocument", alone, kind: "Codeunit")
        #expect(approved.text.contains("<return_value>true</return_value>"), "\(approved.text)")
        #expect(try await soap.read("PurchaseInvoice", other)["Status"]?.text == "Released")
        let unknown = "<documentType>Invoice</documentType><no>9</no>"
        let missing = try await soap.call("ConnectorFunctions", "PostDocument", unknown, kind: "Codeunit")
        #expect(missing.fault == "NavCSideRecordNotFoundException")
        try await nav.control(.post, "functions", #"{"service":"PurchaseInvoice","name":"Ask","effect":"ask"}"#)
        let newest = try #require(try await soap.read("PurchaseInvoice", other)["Key"]?.text)
        let asked = try await soap.call("PurchaseInvoice", "Ask", "<purchaseHeader>\(newest)</purchaseHeader>")
        #expect(asked.fault == "NavNCLCallbackNotAllowedException")
        #expect(try await nav.place.facts("nav")["requests"]["SOAP PurchaseInvoice Ask"]["500"].int() == 1)
        #expect(try await nav.control(.get, "calls").json.elementCount == 3)
    }

    @Test @OnLoop func `writes a journal into the batch that it is told`() async throws {
        let nav = try NavPlace()
        defer { nav.close() }
        let soap = Soap(nav: nav)
        let line =
            "<GeneralJournal><Posting_Date>2026-11-20</Posting_Date><Document_No>M1</Document_No>"
            + "<Account_Type>G_L_Account</Account_Type><Account_No>6110</Account_No><Amount>-5</Amount></GeneralJournal>"
        let batch = "<CurrentJnlBatchName>MLCONN</CurrentJnlBatchName>"
        let made = try await soap.call("GeneralJournal", "Create", batch + line).result("GeneralJournal")
        #expect(made["Credit_Amount"]?.text == "5" && made["Line_No"] == nil && made["AccName"]?.text == "Rent")
        _ = try await soap.call("GeneralJournal", "Create", batch + line)
        let filter = "<filter><Field>Document_No</Field><Criteria>M1</Criteria></filter><setSize>0</setSize>"
        let found = try await soap.call("GeneralJournal", "ReadMultiple", batch + filter)
        #expect(found.inside?["ReadMultiple_Result"]?.children.count == 2)
        #expect(try await nav.get("GeneralJournal").column("Line_No") == ["10000", "20000"])
        let elsewhere = try await soap.call("GeneralJournal", "ReadMultiple", filter)
        #expect(elsewhere.inside?["ReadMultiple_Result"]?.children.isEmpty == true)
    }
}
