/// Accounts, what was posted to them, and the journals that post. Fields are those of version 28.
extension BusinessCentralSimulator.EntityType {
    static let accounts = EntityType(
        "accounts",
        """
        id G! number S20! displayName S100! category E(_x0020_/ Assets/ Liabilities/ Equity/ Income/
        Cost_x0020_of_x0020_Goods_x0020_Sold/ Expense)! subCategory S80!~ blocked B!
        accountType E(Posting/Heading/Total/Begin_x002D_Total/End_x002D_Total)! directPosting B! netChange N!~
        consolidationTranslationMethod E(Average_x0020_Rate_x0020__x0028_Manual_x0029_/ Closing_x0020_Rate/
        Historical_x0020_Rate/ Composite_x0020_Rate/ Equity_x0020_Rate)! consolidationDebitAccount S20!
        consolidationCreditAccount S20! excludeFromConsolidation B! lastModifiedDateTime T!
        """
    )

    static let generalLedgerEntries = EntityType(
        "generalLedgerEntries",
        navigation: "dimensionSetLines*parentId account>accounts.accountId",
        """
        id G! entryNumber I! postingDate D! documentNumber S20! documentType E(_x0020_/ Payment/ Invoice/
        Credit_x0020_Memo/ Finance_x0020_Charge_x0020_Memo/ Reminder/ Refund)! accountId G!~ accountNumber S20!
        description S100! debitAmount N! creditAmount N! additionalCurrencyDebitAmount N!
        additionalCurrencyCreditAmount N! lastModifiedDateTime T!
        """
    )

    static let journals = EntityType(
        "journals",
        can: "cud",
        navigation: "journalLines*journalId",
        actions: ["post"],
        """
        id G! code S10 displayName S100 templateDisplayName S10 lastModifiedDateTime T! balancingAccountId G
        balancingAccountNumber S20!
        """
    )

    static let journalLines = EntityType(
        "journalLines",
        can: "cud",
        navigation: "dimensionSetLines*parentId journal>journals.journalId account>accounts.accountId",
        """
        id G! journalId G journalDisplayName S10 lineNumber I accountType E(G_x002F_L_x0020_Account/ Customer/ Vendor/
        Bank_x0020_Account/ Fixed_x0020_Asset/ IC_x0020_Partner/ Employee/ Allocation_x0020_Account) accountId G
        accountNumber S20 postingDate D documentNumber S20 externalDocumentNumber S35 amount N description S100
        comment S250 taxCode S20 balanceAccountType E(G_x002F_L_x0020_Account/ Customer/ Vendor/ Bank_x0020_Account/
        Fixed_x0020_Asset/ IC_x0020_Partner/ Employee/ Allocation_x0020_Account) balancingAccountId G
        balancingAccountNumber S20 lastModifiedDateTime T!
        """
    )

    static let vendorPaymentJournals = EntityType(
        "vendorPaymentJournals",
        can: "cud",
        navigation: "vendorPayments*journalId",
        """
        id G! code S10 displayName S100 balancingAccountId G balancingAccountNumber S20! lastModifiedDateTime T!
        """
    )

    static let vendorPayments = EntityType(
        "vendorPayments",
        can: "cud",
        navigation: """
            dimensionSetLines*parentId vendor>vendors.vendorId
            vendorPaymentJournal>vendorPaymentJournals.journalId
            """,
        """
        id G! journalId G journalDisplayName S10 lineNumber I vendorId G vendorNumber S20 postingDate D
        documentNumber S20 externalDocumentNumber S35 amount N appliesToInvoiceId G appliesToInvoiceNumber S20
        description S100 comment S250 lastModifiedDateTime T!
        """
    )

    static let generalLedgerSetup = EntityType(
        "generalLedgerSetup",
        """
        id G! allowPostingFrom D! allowPostingTo D! additionalReportingCurrency S10! localCurrencyCode S10!
        localCurrencySymbol S10! lastModifiedDateTime T! allowQueryFromConsolidation B! shortcutDimension1Code S20!
        shortcutDimension2Code S20! shortcutDimension3Code S20! shortcutDimension4Code S20!
        shortcutDimension5Code S20! shortcutDimension6Code S20! shortcutDimension7Code S20!
        shortcutDimension8Code S20!
        """
    )
}
