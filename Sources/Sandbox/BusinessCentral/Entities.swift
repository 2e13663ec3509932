extension BusinessCentralSimulator.EntityType {
    typealias EntityType = BusinessCentralSimulator.EntityType

    static let companies = EntityType(
        "companies",
        """
        id G! systemVersion S! timestamp I! name S30! displayName S250! businessProfileId S! systemCreatedAt T!
        systemCreatedBy G! systemModifiedAt T! systemModifiedBy G!
        """
    )

    static let vendors = EntityType(
        "vendors",
        """
        id G! number S20 displayName S100 addressLine1 S100 addressLine2 S50 city S30 state S30 country S10
        postalCode S20 phoneNumber S30 email S80 website S255 taxRegistrationNumber S50 currencyId G currencyCode S10
        irs1099Code S10 paymentTermsId G paymentMethodId G taxLiable B blocked E(_x0020_/Payment/All) balance N!
        lastModifiedDateTime T!
        """
    )

    static let purchaseInvoices = EntityType(
        "purchaseInvoices",
        navigation: ["purchaseInvoiceLines", "vendor"],
        """
        id G! number S20! postingDate D invoiceDate D dueDate D vendorInvoiceNumber S35 vendorId G vendorNumber S20
        vendorName S100! payToName S100! payToContact S100! payToVendorId G payToVendorNumber S20 shipToName S100
        shipToContact S100 buyFromAddressLine1 S100 buyFromAddressLine2 S50 buyFromCity S30 buyFromCountry S10
        buyFromState S30 buyFromPostCode S20 shipToAddressLine1 S100 shipToAddressLine2 S50 shipToCity S30
        shipToCountry S10 shipToState S30 shipToPostCode S20 payToAddressLine1 S100! payToAddressLine2 S50!
        payToCity S30! payToCountry S10! payToState S30! payToPostCode S20! shortcutDimension1Code S20
        shortcutDimension2Code S20 currencyId G currencyCode S10 orderId G! orderNumber S20! purchaser S20
        pricesIncludeTax B discountAmount N discountAppliedBeforeTax B! totalAmountExcludingTax N! totalTaxAmount N!
        totalAmountIncludingTax N! status E(_x0020_/Draft/In_x0020_Review/Open/Paid/Canceled/Corrective)!
        lastModifiedDateTime T!
        """
    )

    static let purchaseInvoiceLines = EntityType(
        "purchaseInvoiceLines",
        navigation: ["purchaseInvoice"],
        """
        id G! documentId G sequence I itemId G accountId G
        lineType E(Comment/Account/Item/Resource/Fixed_x0020_Asset/Charge/Allocation_x0020_Account)
        lineObjectNumber S20 description S100 description2 S50 unitOfMeasureId G unitOfMeasureCode S10 unitCost N
        quantity N discountAmount N discountPercent N discountAppliedBeforeTax B! amountExcludingTax N taxCode S50
        taxPercent N! totalTaxAmount N! amountIncludingTax N invoiceDiscountAllocation N netAmount N netTaxAmount N
        netAmountIncludingTax N expectedReceiptDate D itemVariantId G locationId G
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
}
