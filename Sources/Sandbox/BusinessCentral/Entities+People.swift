/// Whom one deals with. Fields are those of version 28.
extension BusinessCentralSimulator.EntityType {
    static let vendors = EntityType(
        "vendors",
        can: "cud",
        navigation: """
            defaultDimensions*parentId currency>currencies.currencyId paymentTerm>paymentTerms.paymentTermsId
            paymentMethod>paymentMethods.paymentMethodId
            """,
        """
        id G! number S20 displayName S100 addressLine1 S100 addressLine2 S50 city S30 state S30 country S10
        postalCode S20 phoneNumber S30 email S80 website S255 taxRegistrationNumber S50 currencyId G currencyCode S
        irs1099Code S10 paymentTermsId G paymentMethodId G taxLiable B blocked E(_x0020_/Payment/All) balance N!~
        lastModifiedDateTime T!
        """
    )

    static let customers = EntityType(
        "customers",
        can: "cud",
        navigation: """
            defaultDimensions*parentId currency>currencies.currencyId paymentTerm>paymentTerms.paymentTermsId
            shipmentMethod>shipmentMethods.shipmentMethodId paymentMethod>paymentMethods.paymentMethodId
            """,
        """
        id G! number S20 displayName S100 type E(Company/Person) addressLine1 S100 addressLine2 S50 city S30 state S30
        country S10 postalCode S20 phoneNumber S30 email S80 website S255 salespersonCode S20 balanceDue N!~
        creditLimit N taxLiable B taxAreaId G taxAreaDisplayName S! taxRegistrationNumber S50 currencyId G
        currencyCode S paymentTermsId G shipmentMethodId G paymentMethodId G blocked E(_x0020_/Ship/Invoice/All)
        lastModifiedDateTime T!
        """
    )

    static let employees = EntityType(
        "employees",
        can: "cud",
        navigation: "defaultDimensions*parentId",
        """
        id G! number S20 displayName S! givenName S30 middleName S30 surname S30 jobTitle S30 addressLine1 S100
        addressLine2 S50 city S30 state S30 country S10 postalCode S20 phoneNumber S30 mobilePhone S30 email S80
        personalEmail S80 employmentDate D terminationDate D status E(Active/Inactive/Terminated) birthDate D
        statisticsGroupCode S10 bankBranchNumber S20 bankAccountNumber S30 iban S50 lastModifiedDateTime T!
        """
    )
}
