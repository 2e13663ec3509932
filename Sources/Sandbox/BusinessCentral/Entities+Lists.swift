/// Items, and the small lists that other records choose from. Fields are those of version 28.
extension BusinessCentralSimulator.EntityType {
    static let items = EntityType(
        "items",
        can: "cud",
        navigation: """
            unitOfMeasure>unitsOfMeasure.baseUnitOfMeasureId defaultDimensions*parentId
            itemCategory>itemCategories.itemCategoryId
            """,
        """
        id G! number S20 displayName S100 displayName2 S50 type E(Inventory/Service/Non_x002D_Inventory)
        itemCategoryId G itemCategoryCode S20 blocked B gtin S14 inventory N unitPrice N priceIncludesTax B unitCost N
        taxGroupId G taxGroupCode S20 baseUnitOfMeasureId G baseUnitOfMeasureCode S10 generalProductPostingGroupId G
        generalProductPostingGroupCode S20 inventoryPostingGroupId G inventoryPostingGroupCode S20
        lastModifiedDateTime T!
        """
    )

    static let itemCategories = EntityType(
        "itemCategories",
        can: "cud",
        """
        id G! code S20 displayName S100 lastModifiedDateTime T!
        """
    )

    static let unitsOfMeasure = EntityType(
        "unitsOfMeasure",
        can: "cud",
        """
        id G! code S10 displayName S50 internationalStandardCode S10 symbol S10 lastModifiedDateTime T!
        """
    )

    static let currencies = EntityType(
        "currencies",
        can: "cud",
        """
        id G! code S10 displayName S30 symbol S10 amountDecimalPlaces S5 amountRoundingPrecision N
        lastModifiedDateTime T!
        """
    )

    static let paymentTerms = EntityType(
        "paymentTerms",
        can: "cud",
        """
        id G! code S10 displayName S100 dueDateCalculation S discountDateCalculation S discountPercent N
        calculateDiscountOnCreditMemos B lastModifiedDateTime T!
        """
    )

    static let paymentMethods = EntityType(
        "paymentMethods",
        can: "cud",
        """
        id G! code S10 displayName S100 lastModifiedDateTime T!
        """
    )

    static let shipmentMethods = EntityType(
        "shipmentMethods",
        can: "cud",
        """
        id G! code S10 displayName S100 lastModifiedDateTime T!
        """
    )

    static let locations = EntityType(
        "locations",
        can: "cud",
        """
        id G! code S10 displayName S100 contact S100 addressLine1 S100 addressLine2 S50 city S30 state S30 country S10
        postalCode S20 phoneNumber S30 email S80 website S255 lastModifiedDateTime T!
        """
    )

    static let bankAccounts = EntityType(
        "bankAccounts",
        can: "cud",
        """
        id G! number S20 displayName S100 lastModifiedDateTime T! bankAccountNumber S30 blocked B currencyCode S10
        currencyId G iban S50 intercompanyEnabled B
        """
    )

    static let companyInformation = EntityType(
        "companyInformation",
        can: "u",
        """
        id G! displayName S100 addressLine1 S100 addressLine2 S50 city S30 state S30 country S10 postalCode S20
        phoneNumber S30 faxNumber S30 email S80 website S255 taxRegistrationNumber S50 currencyCode S10!
        currentFiscalYearStartDate D! industry S30 experience S lastModifiedDateTime T!
        """
    )
}
