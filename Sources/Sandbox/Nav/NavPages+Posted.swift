/// The pages of what is posted: as NAV 2018 has them. Names, each followed by its kind as `Page` explains it.
extension NavSimulator.Page {
    static let postedPurchaseInvoiceLines = Page(
        139,
        "Posted Purch. Invoice Subform",
        on: .postedLines,
        key: "Document_No Line_No",
        """
        Document_No C20!^ Line_No I^ Type S FilteredTypeField S? No C Cross_Reference_No C20? IC_Partner_Code C
        Variant_Code C Description S Return_Reason_Code C Quantity N Unit_of_Measure_Code C Unit_of_Measure S
        Direct_Unit_Cost N Indirect_Cost_Percent N Unit_Cost_LCY N Unit_Price_LCY N Line_Discount_Percent N
        Line_Amount N Line_Discount_Amount N Allow_Invoice_Disc B Job_No C Insurance_No C Budgeted_FA_No C
        FA_Posting_Type S Depr_until_FA_Posting_Date B Depreciation_Book_Code C Depr_Acquisition_Cost B
        Appl_to_Item_Entry I Deferral_Code C Shortcut_Dimension_1_Code C Shortcut_Dimension_2_Code C
        Invoice_Discount_Amount N!? Total_Amount_Excl_VAT N!? Total_VAT_Amount N!? Total_Amount_Incl_VAT N!?
        """
    )

    static let postedPurchaseInvoice = Page(
        138,
        "Posted Purchase Invoice",
        on: .postedHeaders,
        key: "No",
        allows: "MD",
        part: Part("PurchInvLines", postedPurchaseInvoiceLines),
        """
        No C20! Buy_from_Vendor_Name S50! Buy_from_Address S50! Buy_from_Address_2 S50! Buy_from_Post_Code C20!
        Buy_from_City S30! Buy_from_Contact_No C20! Buy_from_Contact S50! Posting_Date D! Document_Date D! Due_Date D!
        Quote_No C20! Order_No C20! Vendor_Invoice_No C35! Vendor_Order_No C35! Pre_Assigned_No C20! No_Printed I!
        Order_Address_Code C10! Purchaser_Code C20! Responsibility_Center S10! Cancelled B!~ Corrective B!~
        Currency_Code C10! Expected_Receipt_Date D! Payment_Terms_Code C10! Payment_Method_Code C10!
        Shortcut_Dimension_1_Code C20! Shortcut_Dimension_2_Code C20! Payment_Discount_Percent N! Pmt_Discount_Date D!
        Location_Code C10! Shipment_Method_Code C10! Payment_Reference C50 Creditor_No C20 Ship_to_Code C10
        Ship_to_Name S50! Ship_to_Address S50! Ship_to_Address_2 S50! Ship_to_Post_Code C20! Ship_to_City S30!
        Ship_to_Contact S50! Pay_to_Name S50! Pay_to_Address S50! Pay_to_Address_2 S50! Pay_to_Post_Code C20!
        Pay_to_City S30! Pay_to_Contact_No C20! Pay_to_Contact S50!
        """
    )

    static let postedPurchaseInvoices = Page(
        146,
        "Posted Purchase Invoices",
        on: .postedHeaders,
        key: "No",
        """
        No C20 Vendor_Invoice_No C35 Buy_from_Vendor_No C20 Order_Address_Code C10 Buy_from_Vendor_Name S50
        Currency_Code C10! Amount N!~ Amount_Including_VAT N!~ Buy_from_Post_Code C20 Buy_from_Country_Region_Code C10
        Buy_from_Contact S50 Pay_to_Vendor_No C20 Pay_to_Name S50 Pay_to_Post_Code C20 Pay_to_Country_Region_Code C10
        Pay_to_Contact S50 Ship_to_Code C10 Ship_to_Name S50 Ship_to_Post_Code C20 Ship_to_Country_Region_Code C10
        Ship_to_Contact S50 Posting_Date D Purchaser_Code C20 Shortcut_Dimension_1_Code C20 Shortcut_Dimension_2_Code
        C20 Location_Code C10 No_Printed I! Document_Date D Payment_Terms_Code C10 Due_Date D Payment_Discount_Percent
        N Payment_Method_Code C10 Shipment_Method_Code C10 Remaining_Amount N!~ Closed B!~ Cancelled B!~ Corrective
        B!~
        """
    )

    static let vendorEntries = Page(
        29,
        "Vendor Ledger Entries",
        on: .vendorEntries,
        key: "Entry_No",
        allows: "M",
        """
        Posting_Date D! Document_Type O(|Payment|Invoice|Credit_Memo|Finance_Charge_Memo|Reminder|Refund)! Document_No
        C20! External_Document_No C35! Vendor_No C20! Message_to_Recipient S140 Description S50!
        Global_Dimension_1_Code C20! Global_Dimension_2_Code C20! IC_Partner_Code C20! Purchaser_Code C20!
        Currency_Code C10! Payment_Method_Code C10 Payment_Reference C50 Creditor_No C20 Original_Amount N!~
        Original_Amt_LCY N!~ Amount N!~ Amount_LCY N!~ Debit_Amount N!~ Debit_Amount_LCY N!~ Credit_Amount N!~
        Credit_Amount_LCY N!~ Remaining_Amount N!~ Remaining_Amt_LCY N!~ Bal_Account_Type
        O(G/L_Account|Customer|Vendor|Bank_Account|Fixed_Asset)! Bal_Account_No C20! Due_Date D Pmt_Discount_Date D
        Pmt_Disc_Tolerance_Date D Original_Pmt_Disc_Possible N! Remaining_Pmt_Disc_Possible N Max_Payment_Tolerance N
        Open B! On_Hold C3 User_ID C50! Source_Code C10! Reason_Code C10! Reversed B! Reversed_by_Entry_No I!
        Reversed_Entry_No I! Entry_No I! Exported_to_Payment_File B! Dimension_Set_ID I!
        """
    )
}
