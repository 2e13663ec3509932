import Core

extension BusinessCentralSimulator {
    /// What tells the four kinds of document apart: the names of their fields, and how far their life goes.
    struct DocumentKind: Sendable {
        /// How much of an order's line has been received or shipped, and how much will be next.
        struct Movement: Sendable {
            let done: String
            let next: String
            let all: String
        }

        let documents: EntityType
        let lines: EntityType
        let parties: EntityType
        /// `vendor` or `customer`, as fields begin.
        let party: String
        /// `payToVendor` or `billToCustomer`, and the name beside it.
        let payer: String
        let payerPrefix: String
        let addressPrefix: String
        let price: String
        /// As messages and dimension lines call it.
        let caption: String
        let movement: Movement?
        let firstNumber: Int
        let firstPostedNumber: Int

        var isPurchase: Bool { party == "vendor" }
        var isOrder: Bool { movement != nil }
        /// What the other side calls the document, and what posting a purchase demands.
        var theirNumber: String { isPurchase ? "vendorInvoiceNumber" : "externalDocumentNumber" }

        static let purchaseInvoices = DocumentKind(
            documents: .purchaseInvoices,
            lines: .purchaseInvoiceLines,
            parties: .vendors,
            party: "vendor",
            payer: "payToVendor",
            payerPrefix: "payTo",
            addressPrefix: "buyFrom",
            price: "unitCost",
            caption: "Purchase Invoice",
            movement: nil,
            firstNumber: 107_201,
            firstPostedNumber: 108_001
        )
        static let purchaseOrders = DocumentKind(
            documents: .purchaseOrders,
            lines: .purchaseOrderLines,
            parties: .vendors,
            party: "vendor",
            payer: "payToVendor",
            payerPrefix: "payTo",
            addressPrefix: "buyFrom",
            price: "directUnitCost",
            caption: "Purchase Order",
            movement: Movement(done: "receivedQuantity", next: "receiveQuantity", all: "fullyReceived"),
            firstNumber: 106_001,
            firstPostedNumber: 0
        )
        static let salesInvoices = DocumentKind(
            documents: .salesInvoices,
            lines: .salesInvoiceLines,
            parties: .customers,
            party: "customer",
            payer: "billToCustomer",
            payerPrefix: "billTo",
            addressPrefix: "sellTo",
            price: "unitPrice",
            caption: "Sales Invoice",
            movement: nil,
            firstNumber: 102_201,
            firstPostedNumber: 103_001
        )
        static let salesOrders = DocumentKind(
            documents: .salesOrders,
            lines: .salesOrderLines,
            parties: .customers,
            party: "customer",
            payer: "billToCustomer",
            payerPrefix: "billTo",
            addressPrefix: "sellTo",
            price: "unitPrice",
            caption: "Sales Order",
            movement: Movement(done: "shippedQuantity", next: "shipQuantity", all: "fullyShipped"),
            firstNumber: 101_001,
            firstPostedNumber: 0
        )
        static let all = [purchaseInvoices, purchaseOrders, salesInvoices, salesOrders]

        static func ofDocuments(_ type: EntityType) -> DocumentKind? { all.first { $0.documents === type } }
        static func ofLines(_ type: EntityType) -> DocumentKind? { all.first { $0.lines === type } }

        /// What an order becomes when it is invoiced.
        var invoices: DocumentKind { isPurchase ? .purchaseInvoices : .salesInvoices }
    }
}
