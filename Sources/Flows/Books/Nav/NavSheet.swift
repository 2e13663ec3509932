import Core
import Systems

/// The pages on which NAV shows one kind of document: a list, quick to read, and a card with everything else and the lines.
struct NavSheet: Sendable, Equatable {
    var list: Nav.Page
    var card: Nav.Page
    /// What its key begins with; nil for one whose key is its number alone.
    var documentType: String?
    var isPosted: Bool
    /// For people.
    var title: String

    static let invoices = NavSheet(
        list: .purchaseInvoices,
        card: .purchaseInvoice,
        documentType: "Invoice",
        isPosted: false,
        title: "purchase invoice"
    )
    static let postedInvoices = NavSheet(
        list: .postedPurchaseInvoices,
        card: .postedPurchaseInvoice,
        documentType: nil,
        isPosted: true,
        title: "posted purchase invoice"
    )
    static let orders = NavSheet(
        list: .purchaseOrders,
        card: .purchaseOrder,
        documentType: "Order",
        isPosted: false,
        title: "purchase order"
    )

    func key(_ number: String) -> Nav.Key {
        let type = documentType.map { [(field: "Document_Type", value: JSON.string($0))] } ?? []
        return Nav.Key(type + [(field: "No", value: .string(number))])
    }
}

/// What the words of a connection's file mean on NAV's pages. Any property may also be called by NAV's own name for it.
enum NavWords {
    /// The first of these that a page has counts.
    static let documents: [String: [String]] = [
        "number": ["No"],
        "vendorNumber": ["Buy_from_Vendor_No"],
        "vendorName": ["Buy_from_Vendor_Name"],
        "payToVendorNumber": ["Pay_to_Vendor_No"],
        "payToName": ["Pay_to_Name"],
        "vendorInvoiceNumber": ["Vendor_Invoice_No"],
        "vendorOrderNumber": ["Vendor_Order_No"],
        "orderNumber": ["Order_No"],
        "preAssignedNumber": ["Pre_Assigned_No"],
        "documentDate": ["Document_Date"],
        "orderDate": ["Order_Date"],
        "postingDate": ["Posting_Date"],
        "dueDate": ["Due_Date"],
        "expectedReceiptDate": ["Expected_Receipt_Date"],
        "requestedReceiptDate": ["Requested_Receipt_Date"],
        "promisedReceiptDate": ["Promised_Receipt_Date"],
        "currencyCode": ["Currency_Code"],
        "amount": ["Amount"],
        "amountIncludingVAT": ["Amount_Including_VAT"],
        "remainingAmount": ["Remaining_Amount"],
        "dimension1": ["Shortcut_Dimension_1_Code"],
        "dimension2": ["Shortcut_Dimension_2_Code"],
        "locationCode": ["Location_Code"],
        "purchaser": ["Purchaser_Code"],
        "assignedUser": ["Assigned_User_ID"],
        "paymentTerms": ["Payment_Terms_Code"],
        "paymentMethod": ["Payment_Method_Code"],
        "onHold": ["On_Hold"],
    ]

    static let masters: [String: [String]] = [
        "number": ["No", "Code"],
        "code": ["Code", "No"],
        "name": ["Name", "Description"],
        "displayName": ["Name", "Description"],
        "dimension": ["Dimension_Code"],
        "blocked": ["Blocked"],
        "balance": ["Balance_LCY"],
        "city": ["City"],
        "contact": ["Contact"],
        "phone": ["Phone_No"],
        "email": ["E_Mail"],
        "currencyCode": ["Currency_Code"],
        "paymentTerms": ["Payment_Terms_Code"],
        "purchaser": ["Purchaser_Code"],
        "vatNumber": ["VAT_Registration_No"],
        "lastModified": ["Last_Date_Modified"],
    ]

    /// `dimension.DEPARTMENT`: whichever shortcut that dimension is in this company.
    static func dimension(in word: String) -> String? {
        let prefix = "dimension."
        return word.hasPrefix(prefix) && word.count > prefix.count ? String(word.dropFirst(prefix.count)) : nil
    }

    static let shortcuts = ["Shortcut_Dimension_1_Code", "Shortcut_Dimension_2_Code"]
}
