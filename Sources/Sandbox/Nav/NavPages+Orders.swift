/// The pages of purchase orders: as NAV 2018 has them. Names, each followed by its kind as `Page` explains it.
extension NavSimulator.Page {
    typealias Page = NavSimulator.Page

    static let purchaseOrderLines = Page(
        54,
        "Purchase Order Subform",
        on: .purchaseLines,
        key: "Document_Type Document_No Line_No",
        shows: "Order",
        allows: "IMD",
        """
        Document_Type O(Quote|Order|Invoice|Credit_Memo|Blanket_Order|Return_Order)^ Type
        O(|G/L_Account|Item||Fixed_Asset|Charge_(Item)) FilteredTypeField S? No C20 Cross_Reference_No C20
        IC_Partner_Code C20 IC_Partner_Ref_Type
        O(|G/L_Account|Item|||Charge_(Item)|Cross_Reference|Common_Item_No.|Vendor_Item_No.) IC_Partner_Reference C20
        Variant_Code C10 Nonstock B VAT_Prod_Posting_Group C20 Description S50 Drop_Shipment B! Return_Reason_Code C10
        Location_Code C10 Bin_Code C20 Quantity N Reserved_Quantity N!~ Job_Remaining_Qty N Unit_of_Measure_Code C10
        Unit_of_Measure S10 Direct_Unit_Cost N Indirect_Cost_Percent N Unit_Cost_LCY N Unit_Price_LCY N
        Line_Discount_Percent N Line_Amount N Line_Discount_Amount N Prepayment_Percent N Prepmt_Line_Amount N
        Prepmt_Amt_Inv N! Allow_Invoice_Disc B Inv_Discount_Amount N! Inv_Disc_Amount_to_Invoice N! Qty_to_Receive N
        Quantity_Received N! Qty_to_Invoice N Quantity_Invoiced N! Prepmt_Amt_to_Deduct N Prepmt_Amt_Deducted N!
        Allow_Item_Charge_Assignment B Qty_to_Assign N!~ Qty_Assigned N!~ Job_No C20 Job_Task_No C20
        Job_Planning_Line_No I Job_Line_Type O(|Budget|Billable|Both_Budget_and_Billable) Job_Unit_Price N
        Job_Line_Amount N Job_Line_Discount_Amount N Job_Line_Discount_Percent N Job_Total_Price N! Job_Unit_Price_LCY
        N! Job_Total_Price_LCY N! Job_Line_Amount_LCY N! Job_Line_Disc_Amount_LCY N! Requested_Receipt_Date D
        Promised_Receipt_Date D Planned_Receipt_Date D Expected_Receipt_Date D Order_Date D Lead_Time_Calculation S
        Planning_Flexibility O(Unlimited|None) Prod_Order_No C20! Prod_Order_Line_No I! Operation_No C10!
        Work_Center_No C20! Finished B Whse_Outstanding_Qty_Base N!~ Inbound_Whse_Handling_Time S Blanket_Order_No C20
        Blanket_Order_Line_No I Appl_to_Item_Entry I Deferral_Code C10 Shortcut_Dimension_1_Code C20
        Shortcut_Dimension_2_Code C20 ShortcutDimCode_x005B_3_x005D_ C20? ShortcutDimCode_x005B_4_x005D_ C20?
        ShortcutDimCode_x005B_5_x005D_ C20? ShortcutDimCode_x005B_6_x005D_ C20? ShortcutDimCode_x005B_7_x005D_ C20?
        ShortcutDimCode_x005B_8_x005D_ C20? Document_No C20! Line_No I! Invoice_Discount_Amount N? Invoice_Disc_Pct
        N!? Total_Amount_Excl_VAT N!? Total_VAT_Amount N!? Total_Amount_Incl_VAT N!? RefreshTotals S!?
        """
    )

    static let purchaseOrder = Page(
        50,
        "Purchase Order",
        on: .purchaseHeaders,
        key: "Document_Type No",
        shows: "Order",
        allows: "IMD",
        part: Part("PurchLines", purchaseOrderLines),
        """
        Document_Type O(Quote|Order|Invoice|Credit_Memo|Blanket_Order|Return_Order)^ No C20 Buy_from_Vendor_No C20
        Buy_from_Vendor_Name S50 Buy_from_Address S50 Buy_from_Address_2 S50 Buy_from_Post_Code C20 Buy_from_City S30
        Buy_from_Contact_No C20 Buy_from_Contact S50 Document_Date D Posting_Date D Due_Date D Vendor_Invoice_No C35
        Purchaser_Code C20 No_of_Archived_Versions I!~ Order_Date D Quote_No C20! Vendor_Order_No C35
        Vendor_Shipment_No C35 Order_Address_Code C10 Responsibility_Center S10 Assigned_User_ID C50 Status
        O(Open|Released|Pending_Approval|Pending_Prepayment)! Job_Queue_Status
        O(|Scheduled_for_Posting|Error|Posting)! Currency_Code C10 Expected_Receipt_Date D Prices_Including_VAT B
        VAT_Bus_Posting_Group C20 Payment_Terms_Code C10 Payment_Method_Code C10 Transaction_Type C10
        Shortcut_Dimension_1_Code C20 Shortcut_Dimension_2_Code C20 Payment_Discount_Percent N Pmt_Discount_Date D
        Shipment_Method_Code C10 Payment_Reference C50 Creditor_No C20 On_Hold C3 Inbound_Whse_Handling_Time S
        Lead_Time_Calculation S Requested_Receipt_Date D Promised_Receipt_Date D ShippingOptionWithLocation S?
        ShippingOptionWithoutLocation S? Location_Code C10 Sell_to_Customer_No C20 Ship_to_Code C10 Ship_to_Name S50
        Ship_to_Address S50 Ship_to_Address_2 S50 Ship_to_Post_Code C20 Ship_to_City S30 Ship_to_Country_Region_Code
        C10 Ship_to_Contact S50 PayToOptions S? Pay_to_Name S50 Pay_to_Address S50 Pay_to_Address_2 S50
        Pay_to_Post_Code C20 Pay_to_City S30 Pay_to_Contact_No C20 Pay_to_Contact S50 Transaction_Specification C10
        Transport_Method C10 Entry_Point C10 Area C10 Prepayment_Percent N Compress_Prepayment B
        Prepmt_Payment_Terms_Code C10 Prepayment_Due_Date D Prepmt_Payment_Discount_Percent N Prepmt_Pmt_Discount_Date
        D Vendor_Cr_Memo_No C35
        """
    )

    static let purchaseOrders = Page(
        9307,
        "Purchase Order List",
        on: .purchaseHeaders,
        key: "Document_Type No",
        shows: "Order",
        """
        Document_Type O(Quote|Order|Invoice|Credit_Memo|Blanket_Order|Return_Order)^ No C20 Buy_from_Vendor_No C20
        Order_Address_Code C10 Buy_from_Vendor_Name S50 Vendor_Authorization_No C35 Buy_from_Post_Code C20
        Buy_from_Country_Region_Code C10 Buy_from_Contact S50 Pay_to_Vendor_No C20 Pay_to_Name S50 Pay_to_Post_Code
        C20 Pay_to_Country_Region_Code C10 Pay_to_Contact S50 Ship_to_Code C10 Ship_to_Name S50 Ship_to_Post_Code C20
        Ship_to_Country_Region_Code C10 Ship_to_Contact S50 Posting_Date D Shortcut_Dimension_1_Code C20
        Shortcut_Dimension_2_Code C20 Location_Code C10 Purchaser_Code C20 Assigned_User_ID C50 Currency_Code C10
        Document_Date D Status O(Open|Released|Pending_Approval|Pending_Prepayment)! Payment_Terms_Code C10 Due_Date D
        Payment_Discount_Percent N Payment_Method_Code C10 Shipment_Method_Code C10 Requested_Receipt_Date D
        Job_Queue_Status O(|Scheduled_for_Posting|Error|Posting)! Amount_Received_Not_Invoiced_excl_VAT_LCY N!~
        Amount_Received_Not_Invoiced_LCY N!~ Amount N!~ Amount_Including_VAT N!~
        """
    )
}
