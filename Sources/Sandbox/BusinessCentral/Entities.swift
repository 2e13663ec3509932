extension BusinessCentralSimulator.EntityType {
    typealias EntityType = BusinessCentralSimulator.EntityType

    /// All that a company holds, in the order in which it is made up.
    static let all = [
        generalLedgerSetup, companyInformation, currencies, paymentTerms, paymentMethods, shipmentMethods, locations,
        unitsOfMeasure, itemCategories, dimensions, dimensionValues, accounts, bankAccounts, vendors, customers,
        employees, items, defaultDimensions, purchaseInvoices, purchaseInvoiceLines, purchaseOrders,
        purchaseOrderLines, salesInvoices, salesInvoiceLines, salesOrders, salesOrderLines, dimensionSetLines,
        generalLedgerEntries, journals, journalLines, vendorPaymentJournals, vendorPayments, approvalRequests,
    ]

    private static let bySet = Dictionary(uniqueKeysWithValues: all.map { ($0.set, $0) })

    static func named(_ set: some StringProtocol) -> EntityType? { bySet[String(set)] }

    static let companies = EntityType(
        "companies",
        """
        id G! systemVersion S! timestamp I! name S30! displayName S250! businessProfileId S! systemCreatedAt T!
        systemCreatedBy G! systemModifiedAt T! systemModifiedBy G!
        """
    )

    static let subscriptions = EntityType(
        "subscriptions",
        """
        subscriptionId S150! notificationUrl S2048 resource S2048 timestamp I! userId G! lastModifiedDateTime T!
        clientState S2048 expirationDateTime T! systemCreatedAt T! systemCreatedBy G! systemModifiedAt T!
        systemModifiedBy G!
        """
    )

    static let webhookSupportedResources = EntityType("webhookSupportedResources", "id G! resource S250!")

    /// What a customer's own extension adds: requests for approval, which people decide on either side.
    static let approvalRequests = EntityType(
        "approvalRequests",
        route: "contoso/approvals/v1.0",
        can: "cud",
        """
        id G! number S20 documentType E(Purchase_x0020_Invoice/Purchase_x0020_Order) documentNumber S20 approver S50
        amount N currencyCode S10 dueDate D decision E(_x0020_/Approved/Rejected) comment S250 lastModifiedDateTime T!
        """
    )
}
