extension BusinessCentral.Entity {
    /// The standard API's, of which a board may be a view.
    package static let all: [BusinessCentral.Entity] = [
        Self(
            "vendors",
            .card,
            hasWebhooks: true,
            calculated: ["balance"],
            enumerations: ["blocked"],
            editable: """
                number displayName addressLine1 addressLine2 city state country postalCode
                phoneNumber email website taxRegistrationNumber currencyId currencyCode
                irs1099Code paymentTermsId paymentMethodId taxLiable blocked
                """
        ),
        Self(
            "customers",
            .card,
            hasWebhooks: true,
            calculated: ["balanceDue"],
            enumerations: ["type", "blocked"],
            editable: """
                number displayName type addressLine1 addressLine2 city state country
                postalCode phoneNumber email website salespersonCode creditLimit taxLiable
                taxAreaId taxRegistrationNumber currencyId currencyCode paymentTermsId
                shipmentMethodId paymentMethodId blocked
                """
        ),
        Self(
            "items",
            .card,
            hasWebhooks: true,
            calculated: ["inventory"],
            enumerations: ["type"],
            editable: """
                number displayName displayName2 type itemCategoryId itemCategoryCode blocked
                gtin unitPrice priceIncludesTax unitCost taxGroupId taxGroupCode
                baseUnitOfMeasureId baseUnitOfMeasureCode generalProductPostingGroupId
                generalProductPostingGroupCode inventoryPostingGroupId
                inventoryPostingGroupCode
                """
        ),
        Self(
            "employees",
            .card,
            hasWebhooks: true,
            enumerations: ["status"],
            editable: """
                number givenName middleName surname jobTitle addressLine1 addressLine2 city
                state country postalCode phoneNumber mobilePhone email personalEmail
                employmentDate terminationDate status birthDate statisticsGroupCode
                bankBranchNumber bankAccountNumber iban
                """
        ),
        Self(
            "projects",
            .card,
            editable: """
                number displayName
                """
        ),
        Self(
            "purchaseInvoices",
            .invoice,
            hasWebhooks: true,
            lines: .purchaseInvoice,
            hasDimensions: true,
            enumerations: ["status"],
            editable: """
                postingDate invoiceDate dueDate vendorInvoiceNumber vendorId vendorNumber
                payToVendorId payToVendorNumber shipToName shipToContact buyFromAddressLine1
                buyFromAddressLine2 buyFromCity buyFromCountry buyFromState buyFromPostCode
                shipToAddressLine1 shipToAddressLine2 shipToCity shipToCountry shipToState
                shipToPostCode shortcutDimension1Code shortcutDimension2Code currencyId
                currencyCode purchaser pricesIncludeTax discountAmount
                """
        ),
        Self(
            "salesInvoices",
            .invoice,
            hasWebhooks: true,
            lines: .salesInvoice,
            hasDimensions: true,
            enumerations: ["status"],
            editable: """
                externalDocumentNumber invoiceDate postingDate dueDate promisedPayDate
                customerPurchaseOrderReference customerId customerNumber billToCustomerId
                billToCustomerNumber shipToName shipToContact sellToAddressLine1
                sellToAddressLine2 sellToCity sellToCountry sellToState sellToPostCode
                shipToAddressLine1 shipToAddressLine2 shipToCity shipToCountry shipToState
                shipToPostCode currencyId shortcutDimension1Code shortcutDimension2Code
                currencyCode paymentTermsId shipmentMethodId salesperson disputeStatusId
                disputeStatus discountAmount phoneNumber email
                """
        ),
        Self(
            "purchaseOrders",
            .order,
            lines: .purchaseOrder,
            hasDimensions: true,
            enumerations: ["status"],
            usualPoll: .seconds(300),
            editable: """
                orderDate postingDate vendorId vendorNumber payToVendorId payToVendorNumber
                shipToName shipToContact buyFromAddressLine1 buyFromAddressLine2 buyFromCity
                buyFromCountry buyFromState buyFromPostCode shipToAddressLine1
                shipToAddressLine2 shipToCity shipToCountry shipToState shipToPostCode
                shortcutDimension1Code shortcutDimension2Code currencyId currencyCode
                pricesIncludeTax paymentTermsId shipmentMethodId purchaser
                requestedReceiptDate discountAmount fullyReceived
                """
        ),
        Self(
            "salesOrders",
            .order,
            hasWebhooks: true,
            lines: .salesOrder,
            hasDimensions: true,
            enumerations: ["status"],
            editable: """
                externalDocumentNumber orderDate postingDate customerId customerNumber
                billToCustomerId billToCustomerNumber shipToName shipToContact
                sellToAddressLine1 sellToAddressLine2 sellToCity sellToCountry sellToState
                sellToPostCode shipToAddressLine1 shipToAddressLine2 shipToCity shipToCountry
                shipToState shipToPostCode shortcutDimension1Code shortcutDimension2Code
                currencyId currencyCode pricesIncludeTax paymentTermsId shipmentMethodId
                salesperson partialShipping requestedDeliveryDate discountAmount fullyShipped
                phoneNumber email
                """
        ),
        Self(
            "accounts",
            .record,
            hasWebhooks: true,
            calculated: ["netChange"],
            enumerations: ["category", "accountType", "consolidationTranslationMethod"]
        ),
        Self(
            "generalLedgerEntries",
            .record,
            number: "documentNumber",
            hasWebhooks: true,
            hasDimensions: true,
            enumerations: ["documentType"]
        ),
        Self(
            "dimensions",
            .record,
            number: "code",
            hasWebhooks: true
        ),
        Self(
            "dimensionValues",
            .record,
            number: "code"
        ),
        Self(
            "journals",
            .record,
            number: "code",
            hasWebhooks: true
        ),
    ]
}
