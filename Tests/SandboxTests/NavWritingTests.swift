import Core
import Sandbox
import Testing
import Transport

@Suite(.onLoop) struct `NAV, when it is written over OData,` {
    private static let header =
        #"{"Buy_from_Vendor_No":"10000","Vendor_Invoice_No":"nw-1001","Document_Date":"2026-01-31"}"#

    private func newInvoice(_ nav: NavPlace) async throws -> (number: String, path: String) {
        let made = try await nav.send(.post, "PurchaseInvoice", body: Self.header)
        #expect(made.status == 201, "\(made.text)")
        let number = try made["No"].string()
        return (number, "PurchaseInvoice('Invoice','\(number)')")
    }

    @Test @OnLoop func `creates an invoice, then its lines, one field after the other`() async throws {
        let nav = try NavPlace()
        defer { nav.close() }
        let (number, path) = try await newInvoice(nav)
        let header = try await nav.get(path)
        #expect(try header["Vendor_Invoice_No"].string() == "NW-1001")
        #expect(try header["Buy_from_Vendor_Name"].string() == "London Postmaster")
        #expect(try header["Due_Date"].string() == "2026-03-02" && header["Status"].string() == "Open")
        let line = try await nav.send(
            .post,
            path + "/PurchaseInvoicePurchLines",
            body: #"{"Type":"G/L Account","No":"6110","Quantity":2,"Direct_Unit_Cost":1200.5,"Description":"July"}"#
        )
        #expect(line.status == 201 && line.text.contains(#""Line_Amount":2401"#), "\(line.text)")
        #expect(try line["Line_No"].int() == 10_000 && line["Document_No"].string() == number)
        // The price of an item is looked up when its quantity is said.
        let item = #"{"Type":"Item","No":"1896-s","Direct_Unit_Cost":1,"Quantity":2}"#
        let priced = try await nav.send(.post, path + "/PurchaseInvoicePurchLines", body: item)
        #expect(priced.text.contains(#""Direct_Unit_Cost":506.6"#) && priced.text.contains(#""Line_No":20000"#))
        let list = try await nav.get("PurchaseInvoices?$filter=No eq '\(number)'")
        #expect(list.text.contains(#""Amount":3414.2"#), "\(list.text)")
    }

    @Test(arguments: [
        (#"{"Buy_from_Vendor_No":"99"}"#, "not in the related table"), (#"{"No":"77"}"#, "number given by hand"),
        (#"{"Nonsense":1}"#, "unknown property"), (#"{"Status":"Released"}"#, "read-only property"),
        (#"{"Vendor_Invoice_No":"123456789012345678901234567890123456"}"#, "string too long"),
        (#"{"Document_Type":"Order"}"#, "other type"), (#"{"Document_Type":"Nonsense"}"#, "unknown option"),
        (#"{"Due_Date":20260131}"#, "value of the wrong kind"), (#"{"Due_Date":null}"#, "value of the wrong kind"),
        (#"{"Shortcut_Dimension_1_Code":"NONE"}"#, "not in the related table"),
        (#"{"Currency_Code":"XXX"}"#, "not in the related table"),
        (#"{"PurchaseInvoicePurchLines":[]}"#, "deep insert"),
        (#"[]"#, "malformed body"), (#"{"Buy_from_Vendor_Name":"Other"}"#, "not in the related table"),
    ]) @OnLoop func `refuses what the vendor refuses`(body: String, rule: String) async throws {
        let nav = try NavPlace()
        defer { nav.close() }
        let answer = try await nav.send(.post, "PurchaseInvoice", body: body)
        #expect(answer.status == 400 && !answer.code.isEmpty)
        #expect(try await nav.refusals(rule) == 1, "\(answer.text)")
    }

    @Test(arguments: [
        (#"{"No":"6110"}"#, "line without type"), (#"{"Type":"G/L Account","No":"5410"}"#, "no direct posting"),
        (#"{"Type":"Item","No":"9"}"#, "not in the related table"), (#"{"Line_No":5}"#, "read-only property"),
        (#"{"Type":"Fixed Asset","No":"9"}"#, "not played"), (#"{"Line_Amount":5}"#, "line without quantity"),
    ]) @OnLoop func `refuses a line that the vendor refuses`(body: String, rule: String) async throws {
        let nav = try NavPlace()
        defer { nav.close() }
        let (_, path) = try await newInvoice(nav)
        let answer = try await nav.send(.post, path + "/PurchaseInvoicePurchLines", body: body)
        #expect(answer.status == 400)
        #expect(try await nav.refusals(rule) == 1, "\(answer.text)")
    }

    @Test @OnLoop func `changes only what it is shown the tag of`() async throws {
        let nav = try NavPlace()
        defer { nav.close() }
        let (_, path) = try await newInvoice(nav)
        let tag = try await nav.get(path)["@odata.etag"].string()
        let body = #"{"Shortcut_Dimension_1_Code":"sales"}"#
        let missing = try await nav.send(.patch, path, body: body)
        #expect(missing.status == 400 && missing.text.contains("client concurrency token"))
        #expect(try await nav.send(.patch, path, [("If-Match", "abc")], body: body).status == 400)
        let changed = try await nav.send(.patch, path, [("If-Match", tag)], body: body)
        #expect(changed.status == 200 && changed.text.contains(#""Shortcut_Dimension_1_Code":"SALES""#))
        #expect(try await nav.send(.patch, path, [("If-Match", tag)], body: body).status == 409)
        try await nav.control(.patch, "settings", #"{"staleStatus":412,"answersPatchWithoutBody":true}"#)
        #expect(try await nav.send(.patch, path, [("If-Match", tag)], body: body).status == 412)
        let silent = try await nav.send(.patch, path, [("If-Match", "*")], body: body)
        #expect(silent.status == 204 && silent.body.isEmpty)
        #expect(try await nav.send(.patch, path, [("If-Match", "*")], body: #"{"No":"9"}"#).status == 400)
        #expect(try await nav.send(.delete, path).status == 400)
        #expect(try await nav.send(.delete, path, [("If-Match", "*")]).status == 204)
        #expect(try await nav.get(path).status == 404)
    }

    @Test(arguments: [
        (HTTPClient.Method.post, "PurchaseInvoices"), (.post, "ApprovalEntries"), (.post, "VendorLedgerEntries"),
        (.patch, "DimensionValues(Dimension_Code='PROJECT',Code='VW')"), (.delete, "VendorLedgerEntries(1)"),
        (.post, "GLSetup"), (.patch, "PostedPurchaseInvoices('108001')"), (.put, "VendorCard('10000')"),
        (.get, "PurchaseInvoice('Invoice','1024')/NAV.ApproveDocument"), (.delete, "VendorCard"),
    ]) @OnLoop func `has no such verb for a page that does not allow it`(
        method: HTTPClient.Method,
        path: String
    ) async throws {
        let nav = try NavPlace()
        defer { nav.close() }
        let answer = try await nav.send(method, path, [("If-Match", "*")], body: method == .get ? "" : "{}")
        #expect(answer.status == 405, "\(answer.text)")
    }

    @Test @OnLoop func `keeps a released document as it is`() async throws {
        let nav = try NavPlace()
        defer { nav.close() }
        let number = try await nav.made("invoices", #"{"vendor":"10000","status":"Released"}"#)
        let path = "PurchaseInvoice('Invoice','\(number)')"
        #expect(try await nav.get(path)["Status"].string() == "Released")
        let line = path + "/PurchaseInvoicePurchLines"
        #expect(try await nav.send(.post, line, body: #"{"Type":"G/L Account"}"#).status == 400)
        #expect(try await nav.send(.patch, path, [("If-Match", "*")], body: #"{"Currency_Code":"USD"}"#).status == 400)
        #expect(
            try await nav.send(.patch, path, [("If-Match", "*")], body: #"{"Due_Date":"2027-01-01"}"#).status == 200
        )
        #expect(try await nav.refusals("document not open") == 2)
        let open = try await nav.made("invoices", #"{"vendor":"10000"}"#)
        let other = try await nav.send(
            .patch,
            "PurchaseInvoice('Invoice','\(open)')",
            [("If-Match", "*")],
            body: #"{"Buy_from_Vendor_No":"20000"}"#
        )
        #expect(other.status == 400 && other.text.contains("Callback functions are not allowed"))
    }

    @Test @OnLoop func `writes vendors and dimension values`() async throws {
        let nav = try NavPlace()
        defer { nav.close() }
        let made = try await nav.send(.post, "VendorCard", body: #"{"Name":"Nürnberg & Co","Currency_Code":"usd"}"#)
        #expect(made.status == 201)
        #expect(try made["No"].string() == "V00010" && made["Search_Name"].string() == "NÜRNBERG & CO")
        #expect(try made["Currency_Code"].string() == "USD")
        #expect(try made["Last_Date_Modified"].string() == nav.place.clock.now.day.text)
        #expect(
            try await nav.send(.post, "VendorCard", body: #"{"No":"10000"}"#).code == "Internal_EntityWithSameKeyExists"
        )
        let value = #"{"Dimension_Code":"PROJECT","Code":"saab","Name":"Saab 900"}"#
        #expect(try await nav.send(.post, "DimensionValueCard", body: value).status == 201)
        #expect(
            try await nav.get("DimensionValues?$filter=Dimension_Code eq 'PROJECT'").column("Code").contains("SAAB")
        )
        #expect(
            try await nav.send(.post, "DimensionValueCard", body: #"{"Dimension_Code":"X","Code":"Y"}"#).status == 400
        )
    }

    @Test @OnLoop func `takes journal lines with a number of their own, and posts what balances`() async throws {
        let nav = try NavPlace { $0.seedPosted = 0 }
        defer { nav.close() }
        let posted = try await nav.made("posted", #"{"vendor":"10000","amount":100}"#)
        func line(_ number: Int, _ rest: String) -> String {
            #"{"Journal_Template_Name":"GENERAL","Journal_Batch_Name":"MLCONN","Line_No":\#(number),"#
                + #""Posting_Date":"2026-11-20","Document_Type":"Payment","Document_No":"ML\#(number)",\#(rest)}"#
        }
        let good = line(
            10_000,
            #""External_Document_No":"bill:1","Account_Type":"Vendor","Account_No":"10000","Amount":125,"#
                + #""Bal_Account_Type":"Bank Account","Bal_Account_No":"NBL","#
                + #""Applies_to_Doc_Type":"Invoice","Applies_to_Doc_No":"\#(posted)""#
        )
        let made = try await nav.send(.post, "GeneralJournal", body: good)
        #expect(made.status == 201 && made.text.contains(#""AccName":"London Postmaster""#), "\(made.text)")
        #expect(try await nav.send(.post, "GeneralJournal", body: good).code == "Internal_EntityWithSameKeyExists")
        let alone = line(20_000, #""Account_Type":"G/L Account","Account_No":"6110","Amount":5"#)
        #expect(try await nav.send(.post, "GeneralJournal", body: alone).status == 201)
        for wrong in [
            line(3, #""Account_Type":"Vendor","Account_No":"9""#), line(3, #""Applies_to_Doc_No":"9""#),
            #"{"Line_No":3}"#, #"{"Journal_Template_Name":"GENERAL","Journal_Batch_Name":"NONE","Line_No":3}"#,
        ] {
            #expect(try await nav.send(.post, "GeneralJournal", body: wrong).status == 400, "\(wrong)")
        }
        let unbalanced = try await nav.place.control(.post, "/control/nav/journal/GENERAL/MLCONN/post")
        #expect(unbalanced.status == 400 && unbalanced.text.contains("out of balance by 5"))
        let second = "GeneralJournal('GENERAL','MLCONN',20000)"
        #expect(try await nav.send(.delete, second, [("If-Match", "*")]).status == 204)
        try await nav.control(.post, "journal/GENERAL/MLCONN/post")
        let invoice = try await nav.get("PostedPurchaseInvoices('\(posted)')")
        #expect(invoice.text.contains(#""Remaining_Amount":0,"Closed":true"#), "\(invoice.text)")
        #expect(try await nav.get("GeneralJournal").rows.isEmpty)
        let payment = try await nav.get("VendorLedgerEntries?$filter=External_Document_No eq 'bill:1'")
        #expect(payment.rows.count == 1 && payment.text.contains(#""Open":false"#))
    }
}
