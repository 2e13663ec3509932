/// What is bought: orders, invoices and their lines. Fields are those of version 28.
extension BusinessCentralSimulator.EntityType {
    static let purchaseInvoices = EntityType(
        "purchaseInvoices",
        can: "cud",
        navigation: """
            dimensionSetLines*parentId purchaseInvoiceLines*documentId vendor>vendors.vendorId
            currency>currencies.currencyId
            """,
        actions: ["post"],
        """
        id G! number S20! postingDate D invoiceDate D dueDate D vendorInvoiceNumber S35 vendorId G vendorNumber S20
        vendorName S100! payToName S100! payToContact S100! payToVendorId G payToVendorNumber S20 shipToName S100
        shipToContact S100 buyFromAddressLine1 S100 buyFromAddressLine2 S50 buyFromCity S30 buyFromCountry S10
        buyFromState S30 buyFromPostCode S20 shipToAddressLine1 S100 shipToAddressLine2 S50 shipToCity S30
        shipToCountry S10 shipToState S30 shipToPostCode S20 payToAddressLine1 S100! payToAddressLine2 S50!
        payToCity S30! payToCountry S10! payToState S30! payToPostCode S20! shortcutDimension1Code S20
        shortcutDimension2Code S20 currencyId G currencyCode S orderId G! orderNumber S20! purchaser S20
        pricesIncludeTax B discountAmount N discountAppliedBeforeTax B! totalAmountExcludingTax N! totalTaxAmount N!
        totalAmountIncludingTax N! status E(_x0020_/Draft/In_x0020_Review/Open/Paid/Canceled/Corrective)!
        lastModifiedDateTime T!
        """
    )

    static let purchaseInvoiceLines = EntityType(
        "purchaseInvoiceLines",
        can: "cud",
        navigation: """
            dimensionSetLines*parentId location>locations.locationId purchaseInvoice>purchaseInvoices.documentId
            item>items.itemId account>accounts.accountId unitOfMeasure>unitsOfMeasure.unitOfMeasureId
            """,
        """
        id G! documentId G sequence I itemId G accountId G lineType E(Comment/ Account/ Item/ Resource/
        Fixed_x0020_Asset/ Charge/ Allocation_x0020_Account) lineObjectNumber S20 description S100 description2 S50
        unitOfMeasureId G unitOfMeasureCode S10 unitCost N quantity N discountAmount N discountPercent N
        discountAppliedBeforeTax B! amountExcludingTax N taxCode S50 taxPercent N! totalTaxAmount N!
        amountIncludingTax N invoiceDiscountAllocation N netAmount N netTaxAmount N netAmountIncludingTax N
        expectedReceiptDate D itemVariantId G locationId G
        """
    )

    static let purchaseOrders = EntityType(
        "purchaseOrders",
        can: "cud",
        navigation: """
            purchaseOrderLines*documentId dimensionSetLines*parentId vendor>vendors.vendorId
            currency>currencies.currencyId paymentTerm>paymentTerms.paymentTermsId
            shipmentMethod>shipmentMethods.shipmentMethodId
            """,
        actions: ["receiveAndInvoice"],
        """
        id G! number S20! orderDate D postingDate D vendorId G vendorNumber S20 vendorName S100! payToName S100!
        payToVendorId G payToVendorNumber S20 shipToName S100 shipToContact S100 buyFromAddressLine1 S100
        buyFromAddressLine2 S50 buyFromCity S30 buyFromCountry S10 buyFromState S30 buyFromPostCode S20
        payToAddressLine1 S100! payToAddressLine2 S50! payToCity S30! payToCountry S10! payToState S30!
        payToPostCode S20! shipToAddressLine1 S100 shipToAddressLine2 S50 shipToCity S30 shipToCountry S10
        shipToState S30 shipToPostCode S20 shortcutDimension1Code S20 shortcutDimension2Code S20 currencyId G
        currencyCode S pricesIncludeTax B paymentTermsId G shipmentMethodId G purchaser S20 requestedReceiptDate D
        discountAmount N discountAppliedBeforeTax B! totalAmountExcludingTax N! totalTaxAmount N!
        totalAmountIncludingTax N! fullyReceived B status E(Draft/In_x0020_Review/Open)! lastModifiedDateTime T!
        """
    )

    static let purchaseOrderLines = EntityType(
        "purchaseOrderLines",
        can: "cud",
        navigation: """
            dimensionSetLines*parentId location>locations.locationId purchaseOrder>purchaseOrders.documentId
            item>items.itemId account>accounts.accountId unitOfMeasure>unitsOfMeasure.unitOfMeasureId
            """,
        """
        id G! documentId G sequence I itemId G accountId G lineType E(Comment/ Account/ Item/ Resource/
        Fixed_x0020_Asset/ Charge/ Allocation_x0020_Account) lineObjectNumber S20 description S100 description2 S50
        unitOfMeasureId G unitOfMeasureCode S10 quantity N directUnitCost N discountAmount N discountPercent N
        discountAppliedBeforeTax B! amountExcludingTax N! taxCode S50 taxPercent N! totalTaxAmount N!
        amountIncludingTax N! invoiceDiscountAllocation N! netAmount N! netTaxAmount N! netAmountIncludingTax N!
        expectedReceiptDate D receivedQuantity N! invoicedQuantity N! invoiceQuantity N receiveQuantity N
        itemVariantId G locationId G
        """
    )
}
