extension Nav.Page {
    /// Of the page in NAV: what an administrator publishes.
    package var number: Int {
        switch self {
        case .vendorCard: 26
        case .customerCard: 21
        case .itemCard: 30
        case .purchaseInvoice: 51
        case .purchaseInvoices: 9308
        case .postedPurchaseInvoice: 138
        case .postedPurchaseInvoices: 146
        case .purchaseOrder: 50
        case .purchaseOrders: 9307
        case .accounts: 17
        case .vendorLedgerEntries: 29
        case .dimensions: 536
        case .dimensionValues: 560
        case .setup: 118
        case .journal: 39
        case .journalBatches: 251
        case .approvalEntries: 658
        }
    }

    /// Its name in NAV.
    package var title: String {
        switch self {
        case .vendorCard: "Vendor Card"
        case .customerCard: "Customer Card"
        case .itemCard: "Item Card"
        case .purchaseInvoice: "Purchase Invoice"
        case .purchaseInvoices: "Purchase Invoices"
        case .postedPurchaseInvoice: "Posted Purchase Invoice"
        case .postedPurchaseInvoices: "Posted Purchase Invoices"
        case .purchaseOrder: "Purchase Order"
        case .purchaseOrders: "Purchase Order List"
        case .accounts: "G/L Account Card"
        case .vendorLedgerEntries: "Vendor Ledger Entries"
        case .dimensions: "Dimensions"
        case .dimensionValues: "Dimension Value List"
        case .setup: "General Ledger Setup"
        case .journal: "General Journal"
        case .journalBatches: "General Journal Batches"
        case .approvalEntries: "Approval Entries"
        }
    }

    /// What its records are known by, in the order of the table's key.
    package var keyFields: [String] {
        switch self {
        case .vendorCard, .customerCard, .itemCard, .accounts, .postedPurchaseInvoice, .postedPurchaseInvoices: ["No"]
        case .purchaseInvoice, .purchaseInvoices, .purchaseOrder, .purchaseOrders: ["Document_Type", "No"]
        case .vendorLedgerEntries, .approvalEntries: ["Entry_No"]
        case .dimensions: ["Code"]
        case .dimensionValues: ["Dimension_Code", "Code"]
        case .setup: ["Primary_Key"]
        case .journal: ["Journal_Template_Name", "Journal_Batch_Name", "Line_No"]
        case .journalBatches: ["Journal_Template_Name", "Name"]
        }
    }

    /// The control on it that shows a document's lines. OData names the sub-page by the service and this.
    var linesControl: String? {
        switch self {
        case .purchaseInvoice, .purchaseOrder: "PurchLines"
        case .postedPurchaseInvoice: "PurchInvLines"
        case .vendorCard, .customerCard, .itemCard, .purchaseInvoices, .postedPurchaseInvoices, .purchaseOrders,
            .accounts,
            .vendorLedgerEntries, .dimensions, .dimensionValues, .setup, .journal, .journalBatches, .approvalEntries:
            nil
        }
    }

    /// For messages: `page 51 "Purchase Invoice"`.
    package var described: String { "page \(number) \"\(title)\"" }

    /// What an administrator does so that it can be read under that name.
    package func publishing(as service: String? = nil) -> String {
        "in NAV, open the page \"Web Services\", add a line with the object type Page, the object id \(number) and the "
            + "service name \(service ?? rawValue), and tick Published; or name the service that it already has under "
            + "nav.services.\(rawValue) in the connection's file"
    }
}
