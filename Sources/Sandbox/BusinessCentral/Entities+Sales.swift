/// What is sold: orders, invoices and their lines. Fields are those of version 28.
extension BusinessCentralSimulator.EntityType {
    static let salesInvoices = EntityType(
        "salesInvoices",
        can: "cud",
        navigation: """
            dimensionSetLines*parentId salesInvoiceLines*documentId customer>customers.customerId
            currency>currencies.currencyId paymentTerm>paymentTerms.paymentTermsId
            shipmentMethod>shipmentMethods.shipmentMethodId
            """,
        actions: ["post", "postAndSend", "send", "cancel", "cancelAndSend", "makeCorrectiveCreditMemo"],
        """
        id G! number S20! externalDocumentNumber S35 invoiceDate D postingDate D dueDate D promisedPayDate D
        customerPurchaseOrderReference S35 customerId G customerNumber S20 customerName S100! billToName S100!
        billToCustomerId G billToCustomerNumber S20 shipToName S100 shipToContact S100 sellToAddressLine1 S100
        sellToAddressLine2 S50 sellToCity S30 sellToCountry S10 sellToState S30 sellToPostCode S20
        billToAddressLine1 S100! billToAddressLine2 S50! billToCity S30! billToCountry S10! billToState S30!
        billToPostCode S20! shipToAddressLine1 S100 shipToAddressLine2 S50 shipToCity S30 shipToCountry S10
        shipToState S30 shipToPostCode S20 currencyId G shortcutDimension1Code S20 shortcutDimension2Code S20
        currencyCode S orderId G! orderNumber S20! paymentTermsId G shipmentMethodId G salesperson S20
        disputeStatusId G disputeStatus S10 pricesIncludeTax B! remainingAmount N! discountAmount N
        discountAppliedBeforeTax B! totalAmountExcludingTax N! totalTaxAmount N! totalAmountIncludingTax N!
        status E(_x0020_/Draft/In_x0020_Review/Open/Paid/Canceled/Corrective)! lastModifiedDateTime T! phoneNumber S30
        email S80
        """
    )

    static let salesInvoiceLines = EntityType(
        "salesInvoiceLines",
        can: "cud",
        navigation: """
            dimensionSetLines*parentId location>locations.locationId salesInvoice>salesInvoices.documentId
            item>items.itemId account>accounts.accountId unitOfMeasure>unitsOfMeasure.unitOfMeasureId
            """,
        """
        id G! documentId G sequence I itemId G accountId G lineType E(Comment/ Account/ Item/ Resource/
        Fixed_x0020_Asset/ Charge/ Allocation_x0020_Account) lineObjectNumber S20 description S100 description2 S50
        unitOfMeasureId G unitOfMeasureCode S10 quantity N unitPrice N discountAmount N discountPercent N
        discountAppliedBeforeTax B! amountExcludingTax N! taxCode S50 taxPercent N! totalTaxAmount N!
        amountIncludingTax N! invoiceDiscountAllocation N! netAmount N! netTaxAmount N! netAmountIncludingTax N!
        shipmentDate D itemVariantId G locationId G
        """
    )

    static let salesOrders = EntityType(
        "salesOrders",
        can: "cud",
        navigation: """
            dimensionSetLines*parentId salesOrderLines*documentId customer>customers.customerId
            currency>currencies.currencyId paymentTerm>paymentTerms.paymentTermsId
            shipmentMethod>shipmentMethods.shipmentMethodId
            """,
        actions: ["shipAndInvoice"],
        """
        id G! number S20! externalDocumentNumber S35 orderDate D postingDate D customerId G customerNumber S20
        customerName S100! billToName S100! billToCustomerId G billToCustomerNumber S20 shipToName S100
        shipToContact S100 sellToAddressLine1 S100 sellToAddressLine2 S50 sellToCity S30 sellToCountry S10
        sellToState S30 sellToPostCode S20 billToAddressLine1 S100! billToAddressLine2 S50! billToCity S30!
        billToCountry S10! billToState S30! billToPostCode S20! shipToAddressLine1 S100 shipToAddressLine2 S50
        shipToCity S30 shipToCountry S10 shipToState S30 shipToPostCode S20 shortcutDimension1Code S20
        shortcutDimension2Code S20 currencyId G currencyCode S pricesIncludeTax B paymentTermsId G shipmentMethodId G
        salesperson S20 partialShipping B requestedDeliveryDate D discountAmount N discountAppliedBeforeTax B!
        totalAmountExcludingTax N! totalTaxAmount N! totalAmountIncludingTax N! fullyShipped B
        status E(Draft/In_x0020_Review/Open)! lastModifiedDateTime T! phoneNumber S30 email S80
        """
    )

    static let salesOrderLines = EntityType(
        "salesOrderLines",
        can: "cud",
        navigation: """
            dimensionSetLines*parentId location>locations.locationId salesOrder>salesOrders.documentId
            item>items.itemId account>accounts.accountId unitOfMeasure>unitsOfMeasure.unitOfMeasureId
            """,
        """
        id G! documentId G sequence I itemId G accountId G lineType E(Comment/ Account/ Item/ Resource/
        Fixed_x0020_Asset/ Charge/ Allocation_x0020_Account) lineObjectNumber S20 description S100 description2 S50
        unitOfMeasureId G unitOfMeasureCode S10 quantity N unitPrice N discountAmount N discountPercent N
        discountAppliedBeforeTax B! amountExcludingTax N! taxCode S50 taxPercent N! totalTaxAmount N!
        amountIncludingTax N! invoiceDiscountAllocation N! netAmount N! netTaxAmount N! netAmountIncludingTax N!
        shipmentDate D shippedQuantity N! invoicedQuantity N! invoiceQuantity N shipQuantity N itemVariantId G
        locationId G
        """
    )
}
