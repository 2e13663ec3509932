/// The pages of purchase invoices: as NAV 2018 has them. Names, each followed by its kind as `Page` explains it.
extension NavSimulator.Page {
    static let purchaseInvoiceLines = Page(
        55,
        "Purch. Invoice Subform",
        on: .purchaseLines,
        key: "Document_Type Document_No Line_No",
        shows: "Invoice",
        allows: "IMD",
        """
        Document_Type O(Quote|Order|Invoice|Credit_Memo|Blanket_Order|Return_Order)^ Type
        O(|G/L_Account|Item||Fixed_Asset|Charge_(Item)) FilteredTypeField S? No C20 Cross_Reference_No C20
        IC_Partner_Code C20 IC_Partner_Ref_Type
        O(|G/L_Account|Item|||Charge_(Item)|Cross_Reference|Common_Item_No.|Vendor_Item_No.) IC_Partner_Reference C20
        Variant_Code C10 Nonstock B VAT_Prod_Posting_Group C20 Description S50 Return_Reason_Code C10 Location_Code
        C10 Bin_Code C20 Quantity N Unit_of_Measure_Code C10 Unit_of_Measure S10 Direct_Unit_Cost N
        Indirect_Cost_Percent N Unit_Cost_LCY N Unit_Price_LCY N Line_Discount_Percent N Line_Amount N
        Line_Discount_Amount N Allow_Invoice_Disc B Inv_Discount_Amount N! Allow_Item_Charge_Assignment B
        Qty_to_Assign N!~ Qty_Assigned N!~ Job_No C20 Job_Task_No C20 Job_Line_Type
        O(|Budget|Billable|Both_Budget_and_Billable) Job_Unit_Price N Job_Line_Amount N Job_Line_Discount_Amount N
        Job_Line_Discount_Percent N Job_Total_Price N! Job_Unit_Price_LCY N! Job_Total_Price_LCY N!
        Job_Line_Amount_LCY N! Job_Line_Disc_Amount_LCY N! Prod_Order_No C20! Blanket_Order_No C20
        Blanket_Order_Line_No I Insurance_No C20 Budgeted_FA_No C20 FA_Posting_Type O(|Acquisition_Cost|Maintenance)
        Depreciation_Book_Code C10 Depr_until_FA_Posting_Date B Depr_Acquisition_Cost B Duplicate_in_Depreciation_Book
        S10 Use_Duplication_List B Appl_to_Item_Entry I Deferral_Code C10 Shortcut_Dimension_1_Code C20
        Shortcut_Dimension_2_Code C20 ShortcutDimCode_x005B_3_x005D_ C20? ShortcutDimCode_x005B_4_x005D_ C20?
        ShortcutDimCode_x005B_5_x005D_ C20? ShortcutDimCode_x005B_6_x005D_ C20? ShortcutDimCode_x005B_7_x005D_ C20?
        ShortcutDimCode_x005B_8_x005D_ C20? Document_No C20! Line_No I! AmountBeforeDiscount N!? InvoiceDiscountAmount
        N? Invoice_Disc_Pct N? Total_Amount_Excl_VAT N!? Total_VAT_Amount N!? Total_Amount_Incl_VAT N!?
        """
    )

    static let purchaseInvoice = Page(
        51,
        "Purchase Invoice",
        on: .purchaseHeaders,
        key: "Document_Type No",
        shows: "Invoice",
        allows: "IMD",
        part: Part("PurchLines", purchaseInvoiceLines),
        """
        Document_Type O(Quote|Order|Invoice|Credit_Memo|Blanket_Order|Return_Order)^ No C20 Buy_from_Vendor_No C20
        Buy_from_Vendor_Name S50 Buy_from_Address S50 Buy_from_Address_2 S50 Buy_from_Post_Code C20 Buy_from_City S30
        Buy_from_Contact_No C20 Buy_from_Contact S50 Document_Date D Posting_Date D Due_Date D
        Incoming_Document_Entry_No I Vendor_Invoice_No C35 Purchaser_Code C20 Campaign_No C20 Order_Address_Code C10
        Responsibility_Center S10 Assigned_User_ID C50 Status O(Open|Released|Pending_Approval|Pending_Prepayment)!
        Job_Queue_Status O(|Scheduled_for_Posting|Error|Posting)! Currency_Code C10 Expected_Receipt_Date D
        Prices_Including_VAT B VAT_Bus_Posting_Group C20 Payment_Terms_Code C10 Payment_Method_Code C10
        Transaction_Type C10 Shortcut_Dimension_1_Code C20 Shortcut_Dimension_2_Code C20 Payment_Discount_Percent N
        Pmt_Discount_Date D Shipment_Method_Code C10 Payment_Reference C50 Creditor_No C20 On_Hold C3
        ShippingOptionWithLocation S? ShippingOptionWithoutLocation S? Location_Code C10 Ship_to_Name S50
        Ship_to_Address S50 Ship_to_Address_2 S50 Ship_to_Post_Code C20 Ship_to_City S30 Ship_to_Country_Region_Code
        C10 Ship_to_Contact S50 PayToOptions S? Pay_to_Name S50 Pay_to_Address S50 Pay_to_Address_2 S50
        Pay_to_Post_Code C20 Pay_to_City S30 Pay_to_Contact_No C20 Pay_to_Contact S50 Transaction_Specification C10
        Transport_Method C10 Entry_Point C10 Area C10
        """
    )

    static let purchaseInvoices = Page(
        9308,
        "Purchase Invoices",
        on: .purchaseHeaders,
        key: "Document_Type No",
        shows: "Invoice",
        """
        Document_Type O(Quote|Order|Invoice|Credit_Memo|Blanket_Order|Return_Order)^ No C20 Buy_from_Vendor_No C20
        Order_Address_Code C10 Buy_from_Vendor_Name S50 Vendor_Authorization_No C35 Buy_from_Post_Code C20
        Buy_from_Country_Region_Code C10 Buy_from_Contact S50 Pay_to_Vendor_No C20 Pay_to_Name S50 Pay_to_Post_Code
        C20 Pay_to_Country_Region_Code C10 Pay_to_Contact S50 Ship_to_Code C10 Ship_to_Name S50 Ship_to_Post_Code C20
        Ship_to_Country_Region_Code C10 Ship_to_Contact S50 Posting_Date D Shortcut_Dimension_1_Code C20
        Shortcut_Dimension_2_Code C20 Location_Code C10 Purchaser_Code C20 Assigned_User_ID C50 Currency_Code C10
        Document_Date D Status O(Open|Released|Pending_Approval|Pending_Prepayment)! Payment_Terms_Code C10 Due_Date D
        Payment_Discount_Percent N Payment_Method_Code C10 Shipment_Method_Code C10 Requested_Receipt_Date D
        Job_Queue_Status O(|Scheduled_for_Posting|Error|Posting)! Amount N!~
        """
    )
}
