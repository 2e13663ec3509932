import Core

/// Microsoft Dynamics NAV 2016 to 2018, on the customer's own server: pages and codeunits that an administrator has
/// published as web services, read over OData V4, and over SOAP where there is no V4 or only SOAP can do it.
package enum Nav {
    package static let name = RemoteSystem.nav.rawValue

    /// A page that we may want, by the name that it is usually published under. A connection's file may say another name.
    package enum Page: String, Sendable, CaseIterable {
        case vendorCard = "VendorCard"
        case customerCard = "CustomerCard"
        case itemCard = "ItemCard"
        case purchaseInvoice = "PurchaseInvoice"
        case purchaseInvoices = "PurchaseInvoices"
        case postedPurchaseInvoice = "PostedPurchaseInvoice"
        case postedPurchaseInvoices = "PostedPurchaseInvoices"
        case purchaseOrder = "PurchaseOrder"
        case purchaseOrders = "PurchaseOrders"
        case accounts = "GLAccountCard"
        case vendorLedgerEntries = "VendorLedgerEntries"
        case dimensions = "Dimensions"
        case dimensionValues = "DimensionValues"
        case setup = "GLSetup"
        case journal = "GeneralJournal"
        case journalBatches = "GeneralJournalBatches"
        case approvalEntries = "ApprovalEntries"
    }

    /// Whether a value stands for "none": an empty text or date, or the blank option in any of its spellings.
    package static func isEmpty(_ value: JSON) -> Bool {
        switch value {
        case .null: true
        case .string(let text):
            ["", " ", "_blank_", "_x0020_", "0001-01-01", "0001-01-01T00:00:00Z"].contains(text)
        case .bool, .number, .array, .object: false
        }
    }
}
