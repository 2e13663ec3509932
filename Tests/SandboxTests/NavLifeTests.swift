import Core
import Sandbox
import Testing
import Transport

@Suite(.onLoop) struct `the life of documents in NAV` {
    private func act(_ nav: NavPlace, _ number: String, _ function: String) async throws -> Place.Answer {
        try await nav.send(.post, "PurchaseInvoice('Invoice','\(number)')/NAV.\(function)")
    }

    private func status(_ nav: NavPlace, _ number: String) async throws -> String {
        try await nav.get("PurchaseInvoice('Invoice','\(number)')")["Status"].string()
    }

    @Test @OnLoop func `goes from open to posted to paid`() async throws {
        let nav = try NavPlace { $0.seedPosted = 0 }
        defer { nav.close() }
        let number = try await nav.made("invoices", #"{"vendor":"10000","amount":80,"vendorInvoice":"A-1"}"#)
        #expect(try await act(nav, number, "PerformManualRelease").status == 204)
        #expect(try await status(nav, number) == "Released")
        #expect(try await act(nav, number, "PerformManualReopen").status == 204)
        #expect(try await act(nav, number, "PostDocument").status == 204)
        #expect(try await nav.get("PurchaseInvoice('Invoice','\(number)')").status == 404)
        let posted = try await nav.get("PostedPurchaseInvoice?$filter=Pre_Assigned_No eq '\(number)'")
        let after = try #require(posted.column("No").first)
        let list = try await nav.get("PostedPurchaseInvoices('\(after)')")
        #expect(list.text.contains(#""Amount":80,"Amount_Including_VAT":100"#), "\(list.text)")
        #expect(list.text.contains(#""Remaining_Amount":100,"Closed":false"#), "\(list.text)")
        try await nav.control(.post, "posted/\(after)/pay", #"{"amount":40}"#)
        #expect(try await nav.get("PostedPurchaseInvoices('\(after)')").text.contains(#""Remaining_Amount":60"#))
        try await nav.control(.post, "posted/\(after)/pay")
        #expect(try await nav.get("PostedPurchaseInvoices('\(after)')").text.contains(#""Closed":true"#))
        #expect(try await nav.get("VendorCard('10000')").text.contains(#""Balance_LCY":0"#))
        // The vendor's number stands once only.
        let again = try await nav.made("invoices", #"{"vendor":"10000","amount":80,"vendorInvoice":"A-1"}"#)
        #expect(try await act(nav, again, "PostDocument").status == 400)
        #expect(try await nav.refusals("posted a duplicate") == 1)
        let lines = try await nav.get("PostedPurchaseInvoice('\(after)')/PostedPurchaseInvoicePurchInvLines")
        #expect(lines.rows.count == 1)
    }

    @Test(arguments: [
        (#"{"vendorInvoice":"B-1"}"#, #"{"Blocked":"Payment"}"#, "blocked"),
        (#"{"vendorInvoice":"B-1"}"#, #"{"Vendor_Posting_Group":""}"#, "vendor without groups"),
        (#"{"vendorInvoice":""}"#, "{}", "posted without vendor invoice number"),
    ]) @OnLoop func `posts nothing that is not complete`(wish: String, vendor: String, rule: String) async throws {
        let nav = try NavPlace()
        defer { nav.close() }
        let number = try await nav.made("invoices", wish.dropLast() + #","vendor":"10000"}"#)
        try await nav.control(.patch, "vendors/10000", vendor)
        #expect(try await act(nav, number, "PostDocument").status == 400)
        #expect(try await nav.refusals(rule) == 1)
        #expect(try await status(nav, number) == "Open")
    }

    @Test @OnLoop func `asks for approval where there is a workflow`() async throws {
        let nav = try NavPlace()
        defer { nav.close() }
        try await nav.control(.patch, "settings", #"{"hasApprovalWorkflow":true}"#)
        let first = try await nav.made()
        let second = try await nav.made()
        #expect(try await act(nav, first, "PerformManualRelease").status == 400)
        #expect(try await nav.refusals("released past the workflow") == 1)
        #expect(try await act(nav, first, "ApproveDocument").status == 400)
        for number in [first, second] { try await nav.control(.post, "invoices/\(number)/send") }
        #expect(try await status(nav, first) == "Pending Approval")
        #expect(try await act(nav, first, "PerformManualReopen").status == 400)
        #expect(try await act(nav, first, "ApproveDocument").status == 204)
        #expect(try await status(nav, first) == "Released")
        #expect(try await status(nav, second) == "Pending Approval")
        #expect(try await act(nav, second, "RejectDocument").status == 204)
        #expect(try await status(nav, second) == "Open")
        try await nav.control(.post, "invoices/\(second)/send", #"{"approvers":["BOSS"]}"#)
        #expect(try await act(nav, second, "ApproveDocument").status == 400)
        #expect(try await nav.refusals("not the approver") == 1)
        let entries = try await nav.get("ApprovalEntries?$filter=Table_ID eq 38 and Document_No eq '\(second)'")
        #expect(entries.column("Status") == ["Rejected", "Open"] && entries.column("Approver_ID").last == "BOSS")
        let calls = try await nav.control(.get, "calls").text
        #expect(
            calls.contains(
                #""name":"ApproveDocument","door":"OData","type":"Invoice","number":"\#(first)","refusal":"""#
            )
        )
    }

    @Test @OnLoop func `decides everything when the base codeunit is called`() async throws {
        let nav = try NavPlace()
        defer { nav.close() }
        let first = try await nav.made("invoices", #"{"status":"Pending Approval"}"#)
        let second = try await nav.made("invoices", #"{"status":"Pending Approval"}"#)
        #expect(try await act(nav, first, "ApproveApprovalRequests").status == 404)
        try await nav.control(.patch, "settings", #"{"publishesApprovalsManagement":true}"#)
        #expect(try await act(nav, first, "ApproveApprovalRequests").status == 204)
        #expect(try await status(nav, second) == "Released")
    }

    @Test @OnLoop func `invoices an order in parts`() async throws {
        let nav = try NavPlace()
        defer { nav.close() }
        let number = try await nav.made("orders", #"{"vendor":"10000","vendorInvoice":"P-1"}"#)
        try await nav.control(.patch, "orders/\(number)", #"{"Vendor_Order_No":"their-7"}"#)
        let path = "PurchaseOrder('Order','\(number)')"
        #expect(try await nav.get(path)["Vendor_Order_No"].string() == "THEIR-7")
        try await nav.control(.post, "orders/\(number)/receive")
        let lines = try await nav.get(path + "/PurchaseOrderPurchLines")
        #expect(lines.column("Quantity_Received") == lines.column("Quantity"))
        let posted = try await nav.control(.post, "orders/\(number)/post")
        #expect(try posted["Order_No"].string() == number)
        #expect(try await nav.get(path).status == 404)
        try await nav.control(.post, "posted/\(try posted["No"].string())/cancel")
        let cancelled = try await nav.get("PostedPurchaseInvoices('\(try posted["No"].string())')")
        #expect(cancelled.text.contains(#""Cancelled":true"#) && cancelled.text.contains(#""Remaining_Amount":0"#))
    }

    @Test @OnLoop func `makes go wrong what it is told to`() async throws {
        let nav = try NavPlace()
        defer { nav.close() }
        let body = #"{"Buy_from_Vendor_No":"10000","Vendor_Invoice_No":"X"}"#
        let fault = #"{"system":"nav","on":"POST PurchaseInvoice","effect":"hangUpAfter","times":1}"#
        _ = try await nav.place.control(.post, "/faults", fault)
        let failure = await #expect(throws: HTTPClient.Failure.self) {
            try await nav.send(.post, "PurchaseInvoice", body: body)
        }
        #expect(failure?.kind == .connectionLost)
        #expect(try await nav.get("PurchaseInvoices?$filter=Vendor_Authorization_No eq ''").rows.count == 5)
        #expect(try await nav.place.facts("nav")["faultsStruck"].int() == 1)
        #expect(try await nav.place.facts("nav")["requests"]["GET PurchaseInvoices"]["200"].int() == 1)
    }

    @Test @OnLoop func `calls a function that asks somebody in vain`() async throws {
        let nav = try NavPlace()
        defer { nav.close() }
        let number = try await nav.made()
        try await nav.control(.post, "functions", #"{"service":"PurchaseInvoice","name":"Godkend","effect":"ask"}"#)
        let answer = try await act(nav, number, "Godkend")
        #expect(answer.status == 400 && answer.text.contains("Callback functions are not allowed"))
        try await nav.control(.delete, "functions/PurchaseInvoice/Godkend")
        #expect(try await act(nav, number, "Godkend").status == 404)
    }
}
