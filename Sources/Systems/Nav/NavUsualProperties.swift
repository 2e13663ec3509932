/// What the pages of a NAV 2018 database as it is delivered show: what a page that was published under another name is
/// recognised by. A customer's own may have more, or fewer; what is there for certain says only the server.
extension Nav.Page {
    var usualProperties: Set<String> { Set(listed.split(whereSeparator: \.isWhitespace).map(String.init)) }

    private var listed: String {
        switch self {
        case .vendorCard:
            """
            No Name Blocked Privacy_Blocked Last_Date_Modified Balance_LCY Balance_Due_LCY Document_Sending_Profile
            Search_Name IC_Partner_Code Purchaser_Code Responsibility_Center Address Address_2 Post_Code City
            Country_Region_Code Primary_Contact_No Contact Phone_No E_Mail Fax_No Home_Page Our_Account_No
            Language_Code VAT_Registration_No GLN Pay_to_Vendor_No Invoice_Disc_Code Prices_Including_VAT
            Gen_Bus_Posting_Group VAT_Bus_Posting_Group Vendor_Posting_Group Currency_Code Prepayment_Percent
            Application_Method Payment_Terms_Code Payment_Method_Code Priority Block_Payment_Tolerance
            Preferred_Bank_Account_Code Partner_Type Cash_Flow_Payment_Terms_Code Creditor_No Location_Code
            Shipment_Method_Code Lead_Time_Calculation Base_Calendar_Code
            """
        case .customerCard:
            """
            No Name Search_Name IC_Partner_Code Balance_LCY Balance_Due_LCY Credit_Limit_LCY Blocked Privacy_Blocked
            Salesperson_Code Responsibility_Center Service_Zone_Code Document_Sending_Profile Last_Date_Modified
            Address Address_2 Post_Code City Country_Region_Code Primary_Contact_No ContactName Phone_No E_Mail
            Fax_No Home_Page Language_Code Bill_to_Customer_No VAT_Registration_No GLN Copy_Sell_to_Addr_to_Qte_From
            Account_Code OIOUBL_Profile_Code OIOUBL_Profile_Code_Required Invoice_Copies Gen_Bus_Posting_Group
            VAT_Bus_Posting_Group Customer_Posting_Group Currency_Code Customer_Price_Group Customer_Disc_Group
            Allow_Line_Disc Invoice_Disc_Code Prices_Including_VAT Prepayment_Percent Application_Method
            Partner_Type Payment_Terms_Code Payment_Method_Code Reminder_Terms_Code Fin_Charge_Terms_Code
            Cash_Flow_Payment_Terms_Code Print_Statements Last_Statement_No Block_Payment_Tolerance
            Preferred_Bank_Account_Code Location_Code Combine_Shipments Reserve Shipping_Advice Shipment_Method_Code
            Shipping_Agent_Code Shipping_Agent_Service_Code Shipping_Time Base_Calendar_Code Balance_LCY_2
            TotalMoneyOwed CreditLimit Payments_LCY
            """
        case .itemCard:
            """
            No Description Blocked Type Base_Unit_of_Measure Last_Date_Modified GTIN Item_Category_Code
            Product_Group_Code Service_Item_Group Automatic_Ext_Texts Shelf_No Created_From_Nonstock_Item
            Search_Description Inventory InventoryNonFoundation Qty_on_Purch_Order Qty_on_Prod_Order
            Qty_on_Component_Lines Qty_on_Sales_Order Qty_on_Service_Order Qty_on_Job_Order Qty_on_Assembly_Order
            Qty_on_Asm_Component StockoutWarningDefaultYes StockoutWarningDefaultNo PreventNegInventoryDefaultYes
            PreventNegInventoryDefaultNo Net_Weight Gross_Weight Unit_Volume Costing_Method Standard_Cost Unit_Cost
            Indirect_Cost_Percent Last_Direct_Cost Net_Invoiced_Qty Cost_is_Adjusted Cost_is_Posted_to_G_L
            Gen_Prod_Posting_Group VAT_Prod_Posting_Group Inventory_Posting_Group Default_Deferral_Template_Code
            Tariff_No Country_Region_of_Origin_Code Unit_Price Price_Includes_VAT Price_Profit_Calculation
            Profit_Percent Allow_Invoice_Disc Item_Disc_Group Sales_Unit_of_Measure Application_Wksh_User_ID
            VAT_Bus_Posting_Gr_Price Replenishment_System Lead_Time_Calculation Vendor_No Vendor_Item_No
            Purch_Unit_of_Measure Manufacturing_Policy Routing_No Production_BOM_No Rounding_Precision
            Flushing_Method Overhead_Rate Scrap_Percent Lot_Size Assembly_Policy Assembly_BOM Reordering_Policy
            Reserve Order_Tracking_Policy Stockkeeping_Unit_Exists Dampener_Period Dampener_Quantity Critical
            Safety_Lead_Time Safety_Stock_Quantity Include_Inventory Lot_Accumulation_Period Rescheduling_Period
            Reorder_Point Reorder_Quantity Maximum_Inventory Overflow_Level Time_Bucket Minimum_Order_Quantity
            Maximum_Order_Quantity Order_Multiple Item_Tracking_Code Serial_Nos Lot_Nos Expiration_Calculation
            Warehouse_Class_Code Special_Equipment_Code Put_away_Template_Code Put_away_Unit_of_Measure_Code
            Phys_Invt_Counting_Period_Code Last_Phys_Invt_Date Last_Counting_Period_Update Next_Counting_Start_Date
            Next_Counting_End_Date Identifier_Code Use_Cross_Docking
            """
        case .purchaseInvoice:
            """
            Document_Type No Buy_from_Vendor_No Buy_from_Vendor_Name Buy_from_Address Buy_from_Address_2
            Buy_from_Post_Code Buy_from_City Buy_from_Contact_No Buy_from_Contact Document_Date Posting_Date
            Due_Date Incoming_Document_Entry_No Vendor_Invoice_No Purchaser_Code Campaign_No Order_Address_Code
            Responsibility_Center Assigned_User_ID Status Job_Queue_Status Currency_Code Expected_Receipt_Date
            Prices_Including_VAT VAT_Bus_Posting_Group Payment_Terms_Code Payment_Method_Code Transaction_Type
            Shortcut_Dimension_1_Code Shortcut_Dimension_2_Code Payment_Discount_Percent Pmt_Discount_Date
            Shipment_Method_Code Payment_Reference Creditor_No On_Hold Location_Code Ship_to_Name Ship_to_Address
            Ship_to_Address_2 Ship_to_Post_Code Ship_to_City Ship_to_Country_Region_Code Ship_to_Contact Pay_to_Name
            Pay_to_Address Pay_to_Address_2 Pay_to_Post_Code Pay_to_City Pay_to_Contact_No Pay_to_Contact
            Transaction_Specification Transport_Method Entry_Point Area
            """
        case .purchaseInvoices:
            """
            Document_Type No Buy_from_Vendor_No Order_Address_Code Buy_from_Vendor_Name Vendor_Authorization_No
            Buy_from_Post_Code Buy_from_Country_Region_Code Buy_from_Contact Pay_to_Vendor_No Pay_to_Name
            Pay_to_Post_Code Pay_to_Country_Region_Code Pay_to_Contact Ship_to_Code Ship_to_Name Ship_to_Post_Code
            Ship_to_Country_Region_Code Ship_to_Contact Posting_Date Shortcut_Dimension_1_Code
            Shortcut_Dimension_2_Code Location_Code Purchaser_Code Assigned_User_ID Currency_Code Document_Date
            Status Payment_Terms_Code Due_Date Payment_Discount_Percent Payment_Method_Code Shipment_Method_Code
            Requested_Receipt_Date Job_Queue_Status Amount
            """
        case .postedPurchaseInvoice:
            """
            No Buy_from_Vendor_Name Buy_from_Address Buy_from_Address_2 Buy_from_Post_Code Buy_from_City
            Buy_from_Contact_No Buy_from_Contact Posting_Date Document_Date Due_Date Quote_No Order_No
            Vendor_Invoice_No Vendor_Order_No Pre_Assigned_No No_Printed Order_Address_Code Purchaser_Code
            Responsibility_Center Cancelled Corrective Currency_Code Expected_Receipt_Date Payment_Terms_Code
            Payment_Method_Code Shortcut_Dimension_1_Code Shortcut_Dimension_2_Code Payment_Discount_Percent
            Pmt_Discount_Date Location_Code Shipment_Method_Code Payment_Reference Creditor_No Ship_to_Code
            Ship_to_Name Ship_to_Address Ship_to_Address_2 Ship_to_Post_Code Ship_to_City Ship_to_Contact
            Pay_to_Name Pay_to_Address Pay_to_Address_2 Pay_to_Post_Code Pay_to_City Pay_to_Contact_No
            Pay_to_Contact
            """
        case .postedPurchaseInvoices:
            """
            No Vendor_Invoice_No Buy_from_Vendor_No Order_Address_Code Buy_from_Vendor_Name Currency_Code Amount
            Amount_Including_VAT Buy_from_Post_Code Buy_from_Country_Region_Code Buy_from_Contact Pay_to_Vendor_No
            Pay_to_Name Pay_to_Post_Code Pay_to_Country_Region_Code Pay_to_Contact Ship_to_Code Ship_to_Name
            Ship_to_Post_Code Ship_to_Country_Region_Code Ship_to_Contact Posting_Date Purchaser_Code
            Shortcut_Dimension_1_Code Shortcut_Dimension_2_Code Location_Code No_Printed Document_Date
            Payment_Terms_Code Due_Date Payment_Discount_Percent Payment_Method_Code Shipment_Method_Code
            Remaining_Amount Closed Cancelled Corrective
            """
        case .purchaseOrder:
            """
            Document_Type No Buy_from_Vendor_No Buy_from_Vendor_Name Buy_from_Address Buy_from_Address_2
            Buy_from_Post_Code Buy_from_City Buy_from_Contact_No Buy_from_Contact Document_Date Posting_Date
            Due_Date Vendor_Invoice_No Purchaser_Code No_of_Archived_Versions Order_Date Quote_No Vendor_Order_No
            Vendor_Shipment_No Order_Address_Code Responsibility_Center Assigned_User_ID Status Job_Queue_Status
            Currency_Code Expected_Receipt_Date Prices_Including_VAT VAT_Bus_Posting_Group Payment_Terms_Code
            Payment_Method_Code Transaction_Type Shortcut_Dimension_1_Code Shortcut_Dimension_2_Code
            Payment_Discount_Percent Pmt_Discount_Date Shipment_Method_Code Payment_Reference Creditor_No On_Hold
            Inbound_Whse_Handling_Time Lead_Time_Calculation Requested_Receipt_Date Promised_Receipt_Date
            Location_Code Sell_to_Customer_No Ship_to_Code Ship_to_Name Ship_to_Address Ship_to_Address_2
            Ship_to_Post_Code Ship_to_City Ship_to_Country_Region_Code Ship_to_Contact Pay_to_Name Pay_to_Address
            Pay_to_Address_2 Pay_to_Post_Code Pay_to_City Pay_to_Contact_No Pay_to_Contact Transaction_Specification
            Transport_Method Entry_Point Area Prepayment_Percent Compress_Prepayment Prepmt_Payment_Terms_Code
            Prepayment_Due_Date Prepmt_Payment_Discount_Percent Prepmt_Pmt_Discount_Date Vendor_Cr_Memo_No
            """
        case .purchaseOrders:
            """
            Document_Type No Buy_from_Vendor_No Order_Address_Code Buy_from_Vendor_Name Vendor_Authorization_No
            Buy_from_Post_Code Buy_from_Country_Region_Code Buy_from_Contact Pay_to_Vendor_No Pay_to_Name
            Pay_to_Post_Code Pay_to_Country_Region_Code Pay_to_Contact Ship_to_Code Ship_to_Name Ship_to_Post_Code
            Ship_to_Country_Region_Code Ship_to_Contact Posting_Date Shortcut_Dimension_1_Code
            Shortcut_Dimension_2_Code Location_Code Purchaser_Code Assigned_User_ID Currency_Code Document_Date
            Status Payment_Terms_Code Due_Date Payment_Discount_Percent Payment_Method_Code Shipment_Method_Code
            Requested_Receipt_Date Job_Queue_Status Amount_Received_Not_Invoiced_excl_VAT_LCY
            Amount_Received_Not_Invoiced_LCY Amount Amount_Including_VAT
            """
        case .accounts:
            """
            No Name Income_Balance Account_Category Debit_Credit Account_Type Totaling No_of_Blank_Lines New_Page
            Search_Name Balance Reconciliation_Account Automatic_Ext_Texts Direct_Posting Blocked Last_Date_Modified
            Omit_Default_Descr_in_Jnl Gen_Posting_Type Gen_Bus_Posting_Group Gen_Prod_Posting_Group
            VAT_Bus_Posting_Group VAT_Prod_Posting_Group Default_IC_Partner_G_L_Acc_No
            Default_Deferral_Template_Code Consol_Debit_Acc Consol_Credit_Acc Consol_Translation_Method
            Exchange_Rate_Adjustment Cost_Type_No
            """
        case .vendorLedgerEntries:
            """
            Posting_Date Document_Type Document_No External_Document_No Vendor_No Message_to_Recipient Description
            Global_Dimension_1_Code Global_Dimension_2_Code IC_Partner_Code Purchaser_Code Currency_Code
            Payment_Method_Code Payment_Reference Creditor_No Original_Amount Original_Amt_LCY Amount Amount_LCY
            Debit_Amount Debit_Amount_LCY Credit_Amount Credit_Amount_LCY Remaining_Amount Remaining_Amt_LCY
            Bal_Account_Type Bal_Account_No Due_Date Pmt_Discount_Date Pmt_Disc_Tolerance_Date
            Original_Pmt_Disc_Possible Remaining_Pmt_Disc_Possible Max_Payment_Tolerance Open On_Hold User_ID
            Source_Code Reason_Code Reversed Reversed_by_Entry_No Reversed_Entry_No Entry_No
            Exported_to_Payment_File Dimension_Set_ID
            """
        case .dimensions:
            """
            Code Name Code_Caption Filter_Caption Description Blocked Map_to_IC_Dimension_Code Consolidation_Code
            """
        case .dimensionValues:
            """
            Dimension_Code Code Name Dimension_Value_Type Totaling Blocked Consolidation_Code
            """
        case .setup:
            """
            Primary_Key Allow_Posting_From Allow_Posting_To Register_Time Local_Address_Format
            Local_Cont_Addr_Format Inv_Rounding_Precision_LCY Inv_Rounding_Type_LCY AmountRoundingPrecision
            AmountDecimalPlaces UnitAmountRoundingPrecision UnitAmountDecimalPlaces Allow_G_L_Acc_Deletion_Before
            Check_G_L_Account_Usage EMU_Currency LCY_Code Local_Currency_Symbol Local_Currency_Description
            Pmt_Disc_Excl_VAT Adjust_for_Payment_Disc Unrealized_VAT Prepayment_Unrealized_VAT
            Max_VAT_Difference_Allowed VAT_Rounding_Type Bank_Account_Nos Bill_to_Sell_to_VAT_Calc
            Print_VAT_specification_in_LCY Use_Legacy_G_L_Entry_Locking Show_Amounts Global_Dimension_1_Code
            Global_Dimension_2_Code Shortcut_Dimension_1_Code Shortcut_Dimension_2_Code Shortcut_Dimension_3_Code
            Shortcut_Dimension_4_Code Shortcut_Dimension_5_Code Shortcut_Dimension_6_Code Shortcut_Dimension_7_Code
            Shortcut_Dimension_8_Code Acc_Sched_for_Balance_Sheet Acc_Sched_for_Income_Stmt
            Acc_Sched_for_Cash_Flow_Stmt Acc_Sched_for_Retained_Earn Additional_Reporting_Currency
            VAT_Exchange_Rate_Adjustment Appln_Rounding_Precision Pmt_Disc_Tolerance_Warning
            Pmt_Disc_Tolerance_Posting Payment_Discount_Grace_Period Payment_Tolerance_Warning
            Payment_Tolerance_Posting Payment_Tolerance_Percent Max_Payment_Tolerance_Amount
            Payroll_Trans_Import_Format
            """
        case .journal:
            """
            Line_No Journal_Batch_Name Journal_Template_Name Posting_Date Document_Date Document_Type Document_No
            Incoming_Document_Entry_No External_Document_No Applies_to_Ext_Doc_No Account_Type Account_No
            Description Payer_Information Transaction_Information Business_Unit_Code Salespers_Purch_Code
            Campaign_No Currency_Code EU_3_Party_Trade Gen_Posting_Type Gen_Bus_Posting_Group Gen_Prod_Posting_Group
            VAT_Bus_Posting_Group VAT_Prod_Posting_Group Quantity Amount Amount_LCY Debit_Amount Credit_Amount
            VAT_Amount VAT_Difference Bal_VAT_Amount Bal_VAT_Difference Bal_Account_Type Bal_Account_No
            Bal_Gen_Posting_Type Bal_Gen_Bus_Posting_Group Bal_Gen_Prod_Posting_Group Deferral_Code
            Bal_VAT_Bus_Posting_Group Bal_VAT_Prod_Posting_Group Bill_to_Pay_to_No Ship_to_Order_Address_Code
            Shortcut_Dimension_1_Code Shortcut_Dimension_2_Code Payment_Terms_Code Applied_Automatically
            Applies_to_Doc_Type Applies_to_Doc_No Applies_to_ID On_Hold Bank_Payment_Type Reason_Code Correction
            Comment Direct_Debit_Mandate_ID
            """
        case .journalBatches:
            """
            Journal_Template_Name Name Description Bal_Account_Type Bal_Account_No No_Series Posting_No_Series
            Reason_Code Copy_VAT_Setup_to_Jnl_Lines Allow_VAT_Difference Allow_Payment_Export
            Suggest_Balancing_Amount Bank_Statement_Import_Format
            """
        case .approvalEntries:
            """
            Entry_No Table_ID Limit_Type Approval_Type Document_Type Document_No Sequence_No Status Sender_ID
            Salespers_Purch_Code Approver_ID Currency_Code Amount_LCY Available_Credit_Limit_LCY
            Date_Time_Sent_for_Approval Last_Date_Time_Modified Last_Modified_By_User_ID Comment Due_Date
            """
        }
    }
}
