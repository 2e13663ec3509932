/// Dimensions, journals, approvals and the setup: as NAV 2018 has them. Names, each followed by its kind as `Page` explains it.
extension NavSimulator.Page {
    static let dimensions = Page(
        536,
        "Dimensions",
        on: .dimensions,
        key: "Code",
        allows: "IMD",
        """
        Code C Name S Code_Caption S Filter_Caption S Description S Blocked B Map_to_IC_Dimension_Code C
        Consolidation_Code C
        """
    )

    static let dimensionValueCard = Page(
        537,
        "Dimension Values",
        on: .dimensionValues,
        key: "Dimension_Code Code",
        allows: "IMD",
        """
        Dimension_Code C20^ Code C20 Name S50 Dimension_Value_Type O(Standard|Heading|Total|Begin-Total|End-Total)
        Totaling S250 Blocked B Map_to_IC_Dimension_Value_Code C20 Consolidation_Code C20
        """
    )

    static let dimensionValueList = Page(
        560,
        "Dimension Value List",
        on: .dimensionValues,
        key: "Dimension_Code Code",
        """
        Dimension_Code C20^ Code C20 Name S50 Dimension_Value_Type O(Standard|Heading|Total|Begin-Total|End-Total)
        Totaling S250 Blocked B Consolidation_Code C20
        """
    )

    static let setup = Page(
        118,
        "General Ledger Setup",
        on: .setup,
        key: "Primary_Key",
        allows: "M",
        """
        Primary_Key C10^ Allow_Posting_From D Allow_Posting_To D Register_Time B Local_Address_Format
        O(Post_Code+City|City+Post_Code|City+County+Post_Code|Blank_Line+Post_Code+City) Local_Cont_Addr_Format
        O(First|After_Company_Name|Last) Inv_Rounding_Precision_LCY N Inv_Rounding_Type_LCY O(Nearest|Up|Down)
        AmountRoundingPrecision N AmountDecimalPlaces S5 UnitAmountRoundingPrecision N UnitAmountDecimalPlaces S5
        Allow_G_L_Acc_Deletion_Before D Check_G_L_Account_Usage B EMU_Currency B LCY_Code C10 Local_Currency_Symbol
        S10 Local_Currency_Description S60 Pmt_Disc_Excl_VAT B Adjust_for_Payment_Disc B Unrealized_VAT B
        Prepayment_Unrealized_VAT B Max_VAT_Difference_Allowed N VAT_Rounding_Type O(Nearest|Up|Down) Bank_Account_Nos
        S20 Bill_to_Sell_to_VAT_Calc O(Bill-to/Pay-to_No.|Sell-to/Buy-from_No.) Print_VAT_specification_in_LCY B
        Use_Legacy_G_L_Entry_Locking B Show_Amounts O(Amount_Only|Debit/Credit_Only|All_Amounts)
        Global_Dimension_1_Code C20! Global_Dimension_2_Code C20! Shortcut_Dimension_1_Code C20!
        Shortcut_Dimension_2_Code C20! Shortcut_Dimension_3_Code C20 Shortcut_Dimension_4_Code C20
        Shortcut_Dimension_5_Code C20 Shortcut_Dimension_6_Code C20 Shortcut_Dimension_7_Code C20
        Shortcut_Dimension_8_Code C20 Acc_Sched_for_Balance_Sheet S10 Acc_Sched_for_Income_Stmt S10
        Acc_Sched_for_Cash_Flow_Stmt S10 Acc_Sched_for_Retained_Earn S10 Additional_Reporting_Currency S10
        VAT_Exchange_Rate_Adjustment O(No_Adjustment|Adjust_Amount|Adjust_Additional-Currency_Amount)
        Appln_Rounding_Precision N Pmt_Disc_Tolerance_Warning B Pmt_Disc_Tolerance_Posting
        O(Payment_Tolerance_Accounts|Payment_Discount_Accounts) Payment_Discount_Grace_Period S
        Payment_Tolerance_Warning B Payment_Tolerance_Posting O(Payment_Tolerance_Accounts|Payment_Discount_Accounts)
        Payment_Tolerance_Percent N! Max_Payment_Tolerance_Amount N! Payroll_Trans_Import_Format S20
        """
    )

    static let journal = Page(
        39,
        "General Journal",
        on: .journalLines,
        key: "Journal_Template_Name Journal_Batch_Name Line_No",
        allows: "IMD",
        """
        Journal_Template_Name C10^ Journal_Batch_Name C10^ Line_No I^ CurrentJnlBatchName C10? Posting_Date D
        Document_Date D Document_Type O(|Payment|Invoice|Credit_Memo|Finance_Charge_Memo|Reminder|Refund) Document_No
        C20 Incoming_Document_Entry_No I External_Document_No C35 Applies_to_Ext_Doc_No C35 Account_Type
        O(G/L_Account|Customer|Vendor|Bank_Account|Fixed_Asset|IC_Partner|Employee) Account_No C20 Description S50
        Payer_Information S50 Transaction_Information S100 Business_Unit_Code C20 Salespers_Purch_Code C20 Campaign_No
        C20 Currency_Code C10 EU_3_Party_Trade B! Gen_Posting_Type O(|Purchase|Sale|Settlement) Gen_Bus_Posting_Group
        C20 Gen_Prod_Posting_Group C20 VAT_Bus_Posting_Group C20 VAT_Prod_Posting_Group C20 Quantity N Amount N
        Amount_LCY N Debit_Amount N Credit_Amount N VAT_Amount N VAT_Difference N! Bal_VAT_Amount N Bal_VAT_Difference
        N! Bal_Account_Type O(G/L_Account|Customer|Vendor|Bank_Account|Fixed_Asset|IC_Partner|Employee) Bal_Account_No
        C20 Bal_Gen_Posting_Type O(|Purchase|Sale|Settlement) Bal_Gen_Bus_Posting_Group C20 Bal_Gen_Prod_Posting_Group
        C20 Deferral_Code C10 Bal_VAT_Bus_Posting_Group C20 Bal_VAT_Prod_Posting_Group C20 Bill_to_Pay_to_No C20!
        Ship_to_Order_Address_Code C10 Shortcut_Dimension_1_Code C20 Shortcut_Dimension_2_Code C20
        ShortcutDimCode_x005B_3_x005D_ C20? ShortcutDimCode_x005B_4_x005D_ C20? ShortcutDimCode_x005B_5_x005D_ C20?
        ShortcutDimCode_x005B_6_x005D_ C20? ShortcutDimCode_x005B_7_x005D_ C20? ShortcutDimCode_x005B_8_x005D_ C20?
        Payment_Terms_Code C10 Applied_Automatically B! Applied B? Applies_to_Doc_Type
        O(|Payment|Invoice|Credit_Memo|Finance_Charge_Memo|Reminder|Refund) Applies_to_Doc_No C20 Applies_to_ID C50
        On_Hold C3 Bank_Payment_Type O(|Computer_Check|Manual_Check|Electronic_Payment|Electronic_Payment-IAT)
        Reason_Code C10 Correction B Comment S250 Direct_Debit_Mandate_ID C35 AccName S50!? BalAccName S50!? Balance
        N!? TotalBalance N!?
        """
    )

    static let journalBatches = Page(
        251,
        "General Journal Batches",
        on: .journalBatches,
        key: "Journal_Template_Name Name",
        allows: "IMD",
        """
        Journal_Template_Name C10^ Name C10 Description S50 Bal_Account_Type
        O(G/L_Account|Customer|Vendor|Bank_Account|Fixed_Asset) Bal_Account_No C20 No_Series C20 Posting_No_Series C20
        Reason_Code C10 Copy_VAT_Setup_to_Jnl_Lines B Allow_VAT_Difference B Allow_Payment_Export B
        Suggest_Balancing_Amount B Bank_Statement_Import_Format S20
        """
    )

    static let approvalEntries = Page(
        658,
        "Approval Entries",
        on: .approvalEntries,
        key: "Entry_No",
        """
        Entry_No I!^ Overdue S!? Table_ID I Limit_Type O(Approval_Limits|Credit_Limits|Request_Limits|No_Limits)
        Approval_Type O(Workflow_User_Group|Sales_Pers./Purchaser|Approver) Document_Type
        O(Quote|Order|Invoice|Credit_Memo|Blanket_Order|Return_Order|) Document_No C20 RecordIDText S!? Details S!?
        Sequence_No I Status O(Created|Open|Canceled|Rejected|Approved) Sender_ID C50 Salespers_Purch_Code C20
        Approver_ID C50 Currency_Code C10 Amount_LCY N Available_Credit_Limit_LCY N Date_Time_Sent_for_Approval T
        Last_Date_Time_Modified T Last_Modified_By_User_ID C50 Comment B!~ Due_Date D
        """
    )
}
