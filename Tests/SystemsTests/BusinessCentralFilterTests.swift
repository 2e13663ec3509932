import Core
import Systems
import Testing

@Suite struct `a filter of Business Central` {
    private let invoices = BusinessCentral.Entity.named("purchaseInvoices")

    private func filter(_ text: String) throws -> BusinessCentral.Filter {
        try BusinessCentral.Filter(JSONField(JSON.parse5(text)))
    }

    @Test(arguments: [
        (#"{vendorNumber:"10000"}"#, "vendorNumber eq '10000'"),
        (#"{status:["Draft","In Review"]}"#, "(status eq 'Draft' or status eq 'In_x0020_Review')"),
        (#"{vendorName:"O'Brien _ Sons"}"#, "vendorName eq 'O''Brien _ Sons'"),
        (#"{status:"In_x0020_Review"}"#, "status eq 'In_x0020_Review'"),
        (#"{status:{not:["Paid",""]}}"#, "status ne 'Paid' and status ne '_x0020_'"),
        (
            #"{postingDate:{atLeast:"2026-01-01",atMost:"2026-12-31"}}"#,
            "postingDate ge 2026-01-01 and postingDate le 2026-12-31"
        ),
        (#"{vendorId:"F64EBA74-DACD-4854-A584-1834F68CFC3A"}"#, "vendorId eq F64EBA74-DACD-4854-A584-1834F68CFC3A"),
        // What looks like a date, in a field of text.
        (#"{vendorInvoiceNumber:"2026-01-01"}"#, "vendorInvoiceNumber eq '2026-01-01'"),
        (
            #"{pricesIncludeTax:false,discountAmount:{atLeast:0.50}}"#,
            "pricesIncludeTax eq false and discountAmount ge 0.50"
        ),
    ])
    func `is asked in the server's words`(text: String, words: String) throws {
        #expect(try filter(text).text(of: invoices) == words)
    }

    @Test(arguments: [
        (#"{status:["Draft","Open"]}"#, true), (#"{status:"Paid"}"#, false), (#"{status:{not:"Open"}}"#, false),
        (#"{amount:{atLeast:100}}"#, true), (#"{amount:100.000}"#, true), (#"{amount:{atMost:99.99}}"#, false),
        (#"{dueDate:{atMost:"2026-11-30"}}"#, true), (#"{dueDate:{atLeast:"2026-12-01"}}"#, false),
        (#"{type:"Non_x002D_Inventory"}"#, true), (#"{type:"Non-Inventory"}"#, true), (#"{currencyCode:""}"#, true),
        (#"{currencyCode:"EUR"}"#, false), (#"{none:"x"}"#, false),
        (#"{status:"Open",amount:{atLeast:101}}"#, false), (#"{amount:"100"}"#, false),
    ])
    func `is met by a record, or is not`(text: String, holds: Bool) throws {
        let record: [String: JSON] = [
            "status": "Open", "amount": .number(100), "dueDate": "2026-11-30", "currencyCode": "",
            "type": "Non-Inventory",
        ]
        #expect(try filter(text).holds { record[$0] ?? .null } == holds)
    }

    @Test(arguments: [
        ("{}", "the document"), (#"{status:[]}"#, "status"), (#"{status:{}}"#, "status"), (#"{status:null}"#, "status"),
        (#"{status:{like:"a"}}"#, "status.like"), (#"{status:[["a"]]}"#, "status[0]"), (#"{status:"a\nb"}"#, "status"),
        (#"{"":"a"}"#, "the document"),
    ])
    func `is refused with the place that is wrong`(text: String, path: String) {
        let thrown = #expect(throws: JSONField.Wrong.self) { _ = try filter(text) }
        #expect(thrown?.path == path)
    }

    @Test func `is refused when no address could hold it`() {
        let many = (0..<80).map { #""number \#($0)""# }.joined(separator: ",")
        #expect(throws: JSONField.Wrong.self) { _ = try filter("{vendorNumber:[\(many)]}") }
    }
}

@Suite struct `what is known of Business Central's entities` {
    @Test func `covers what a board can be a view of`() throws {
        let all = BusinessCentral.Entity.all.map(\.name)
        #expect(Set(all).count == all.count && all.count >= 12)
        let orders = try #require(BusinessCentral.Entity.named("purchaseOrders"))
        #expect(
            !orders.hasWebhooks && orders.usualPoll == .seconds(300) && orders.lines?.doneQuantity == "receivedQuantity"
        )
        let invoices = try #require(BusinessCentral.Entity.named("purchaseInvoices"))
        #expect(invoices.hasWebhooks && invoices.hasState && invoices.editable.contains("purchaser"))
        #expect(!invoices.editable.contains("status") && !invoices.editable.contains("vendorName"))
        let accounts = try #require(BusinessCentral.Entity.named("accounts"))
        #expect(accounts.editable.isEmpty && accounts.kind == .record)
        #expect(BusinessCentral.Entity.named("dimensionValues")?.number == "code")
        #expect(BusinessCentral.Entity.named("PurchaseInvoices") == nil)
    }
}
