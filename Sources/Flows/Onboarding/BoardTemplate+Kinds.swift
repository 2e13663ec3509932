import Systems

extension BoardTemplate {
    /// Whose fields they are.
    package enum BooksKind: Sendable, Equatable, CaseIterable {
        case businessCentral
        case nav
    }

    /// The kinds of records that have a template, those that people begin with first.
    package static func kinds(of books: BooksKind) -> [String] {
        switch books {
        case .businessCentral:
            ["purchaseInvoices", "purchaseOrders", "salesInvoices", "salesOrders", "vendors", "customers", "items"]
        case .nav: ["purchaseInvoices", "purchaseOrders", "vendors", "customers", "items"]
        }
    }

    /// Nil for a kind without one.
    package static func of(_ kind: String, in books: BooksKind) -> BoardTemplate? {
        switch books {
        case .businessCentral: businessCentral(kind)
        case .nav: nav(kind)
        }
    }

    private static let invoiceStates = ["Draft", "In Review", "Open", "Paid", "Canceled", "Corrective"]
    private static let orderStates = ["Draft", "In Review", "Open"]

    private static func businessCentral(_ kind: String) -> BoardTemplate? {
        switch kind {
        case "purchaseInvoices":
            BoardTemplate(
                "Purchase invoices",
                name: "number",
                [
                    .vendor, .text("vendorInvoiceNumber", "vendor_invoice", "Vendor invoice no.", "supplier invoice"),
                    .amount("totalAmountIncludingTax"), .currency, .day("invoiceDate", "invoice_date", "Invoice date"),
                    .due, .status(invoiceStates),
                ]
            )
        case "salesInvoices":
            BoardTemplate(
                "Sales invoices",
                name: "number",
                [
                    .customer, .amount("totalAmountIncludingTax"),
                    .number("remainingAmount", "remaining", "Remaining amount", "open amount", "balance"), .currency,
                    .day("invoiceDate", "invoice_date", "Invoice date"), .due, .status(invoiceStates),
                ]
            )
        case "purchaseOrders":
            BoardTemplate(
                "Purchase orders",
                name: "number",
                [
                    .vendor, .amount("totalAmountIncludingTax"), .currency,
                    .day("orderDate", "order_date", "Order date"),
                    .day("requestedReceiptDate", "receipt_date", "Requested receipt", "delivery date", "expected"),
                    .status(orderStates), .lines,
                ]
            )
        case "salesOrders":
            BoardTemplate(
                "Sales orders",
                name: "number",
                [
                    .customer, .amount("totalAmountIncludingTax"), .currency,
                    .day("orderDate", "order_date", "Order date"),
                    .day("requestedDeliveryDate", "delivery_date", "Requested delivery", "ship date"),
                    .status(orderStates), .lines,
                ]
            )
        case "vendors": card("Vendors", balance: "balance")
        case "customers": card("Customers", balance: "balanceDue")
        case "items":
            BoardTemplate(
                "Items",
                name: "displayName",
                [
                    .text("number", "number", "No.", "item no", "sku"), .text("gtin", "gtin", "GTIN", "barcode"),
                    .number("unitPrice", "unit_price", "Unit price", "price"),
                    .number("unitCost", "unit_cost", "Unit cost", "cost"),
                    .number("inventory", "inventory", "Inventory", "stock", "on hand"),
                ]
            )
        default: nil
        }
    }

    private static func card(_ title: String, balance: String) -> BoardTemplate {
        BoardTemplate(
            title,
            name: "displayName",
            [
                .text("number", "number", "No.", "number"), .text("city", "city", "City", "town"),
                .text("country", "country", "Country"), .text("phoneNumber", "phone", "Phone", "telephone"),
                .text("email", "email", "E-mail", "mail"), .number(balance, "balance", "Balance"),
                .text("currencyCode", "currency", "Currency"),
            ]
        )
    }

    private static let navStates = [
        "Open", "Pending Approval", "Pending Prepayment", "Released", "Posted", "Paid", "Canceled",
    ]

    private static func nav(_ kind: String) -> BoardTemplate? {
        switch kind {
        case "purchaseInvoices":
            BoardTemplate(
                "Purchase invoices",
                name: "number",
                [
                    .vendor, .text("vendorInvoiceNumber", "vendor_invoice", "Vendor invoice no.", "supplier invoice"),
                    .amount("amount"), .currency, .due, .status(navStates),
                ]
            )
        case "purchaseOrders":
            BoardTemplate(
                "Purchase orders",
                name: "number",
                [.vendor, .amount("amountIncludingVAT"), .currency, .due, .status(Array(navStates.prefix(4))), .lines]
            )
        case "vendors": navCard("Vendors")
        case "customers": navCard("Customers")
        case "items":
            BoardTemplate("Items", name: "name", [.text("number", "number", "No.", "item no", "sku")])
        default: nil
        }
    }

    private static func navCard(_ title: String) -> BoardTemplate {
        BoardTemplate(
            title,
            name: "name",
            [.text("number", "number", "No.", "number"), .text("city", "city", "City", "town")]
        )
    }
}

extension BoardTemplate.Column {
    fileprivate static let vendor = Self(
        field: "vendorName",
        id: "vendor",
        title: "Vendor",
        type: .dropdown,
        alias: ["supplier", "creditor", "buy from", "pay to"]
    )
    fileprivate static let customer = Self(
        field: "customerName",
        id: "customer",
        title: "Customer",
        type: .dropdown,
        alias: ["client", "debtor", "sell to", "account"]
    )
    fileprivate static let currency = Self.text("currencyCode", "currency", "Currency", "iso code")
    fileprivate static let due = Self.day("dueDate", "due_date", "Due date", "payment date", "deadline", "pay by")
    fileprivate static let lines = Self(
        field: "lines",
        id: "lines",
        title: "Lines",
        type: .longText,
        alias: ["materials", "details"]
    )

    fileprivate static func amount(_ field: String) -> Self {
        .number(field, "amount", "Amount", "total", "total amount", "sum", "value", "gross")
    }

    fileprivate static func status(_ labels: [String]) -> Self {
        Self(
            field: "status",
            id: "status",
            title: "Status",
            type: .status,
            alias: ["state", "stage", "phase"],
            labels: labels
        )
    }

    fileprivate static func text(_ field: String, _ id: String, _ title: String, _ alias: String...) -> Self {
        Self(field: field, id: id, title: title, type: .text, alias: alias)
    }

    fileprivate static func number(_ field: String, _ id: String, _ title: String, _ alias: String...) -> Self {
        Self(field: field, id: id, title: title, type: .numbers, alias: alias)
    }

    fileprivate static func day(_ field: String, _ id: String, _ title: String, _ alias: String...) -> Self {
        Self(field: field, id: id, title: title, type: .date, alias: alias)
    }
}
