/// The cards of vendors, customers, items and accounts: as NAV 2018 has them. Names, each followed by its kind as `Page` explains it.
extension NavSimulator.Page {
    static let vendorCard = Page(
        26,
        "Vendor Card",
        on: .vendors,
        key: "No",
        allows: "IMD",
        """
        No C20 Name S50 Blocked O(|Payment|All) Privacy_Blocked B Last_Date_Modified D! Balance_LCY N!~
        Balance_Due_LCY N!~ Document_Sending_Profile S20 Search_Name C50 IC_Partner_Code C20 Purchaser_Code C20
        Responsibility_Center S10 Address S50 Address_2 S50 Post_Code C20 City S30 Country_Region_Code C10 ShowMap S!?
        Primary_Contact_No C20 Contact S50 Phone_No S30 E_Mail S80 Fax_No S30 Home_Page S80 Our_Account_No S20
        Language_Code C10 VAT_Registration_No S20 GLN C13 Pay_to_Vendor_No C20 Invoice_Disc_Code C20
        Prices_Including_VAT B Gen_Bus_Posting_Group C20 VAT_Bus_Posting_Group C20 Vendor_Posting_Group C20
        Currency_Code C10 Prepayment_Percent N Application_Method O(Manual|Apply_to_Oldest) Payment_Terms_Code C10
        Payment_Method_Code C10 Priority I Block_Payment_Tolerance B Preferred_Bank_Account_Code C20 Partner_Type
        O(|Company|Person) Cash_Flow_Payment_Terms_Code C10 Creditor_No C20 Location_Code C10 Shipment_Method_Code C10
        Lead_Time_Calculation S Base_Calendar_Code C10 Customized_Calendar S!?
        """
    )

    static let customerCard = Page(
        21,
        "Customer Card",
        on: .customers,
        key: "No",
        allows: "IMD",
        """
        No C20 Name S50 Search_Name C50 IC_Partner_Code C20 Balance_LCY N!~ Balance_Due_LCY N!~ Credit_Limit_LCY N
        Blocked O(|Ship|Invoice|All) Privacy_Blocked B Salesperson_Code C20 Responsibility_Center S10
        Service_Zone_Code C10 Document_Sending_Profile S20 TotalSales2 N? CustSalesLCY_CustProfit_AdjmtCostLCY N?
        AdjCustProfit N? AdjProfitPct N? Last_Date_Modified D! Address S50 Address_2 S50 Post_Code C20 City S30
        Country_Region_Code C10 ShowMap S!? Primary_Contact_No C20 ContactName S50 Phone_No S30 E_Mail S80 Fax_No S30
        Home_Page S80 Language_Code C10 Bill_to_Customer_No C20 VAT_Registration_No S20 GLN C13
        Copy_Sell_to_Addr_to_Qte_From O(Company|Person) Account_Code C30 OIOUBL_Profile_Code C10
        OIOUBL_Profile_Code_Required B Invoice_Copies I Gen_Bus_Posting_Group C20 VAT_Bus_Posting_Group C20
        Customer_Posting_Group C20 Currency_Code C10 Customer_Price_Group C10 Customer_Disc_Group C20 Allow_Line_Disc
        B Invoice_Disc_Code C20 Prices_Including_VAT B Prepayment_Percent N Application_Method
        O(Manual|Apply_to_Oldest) Partner_Type O(|Company|Person) Payment_Terms_Code C10 Payment_Method_Code C10
        Reminder_Terms_Code C10 Fin_Charge_Terms_Code C10 Cash_Flow_Payment_Terms_Code C10 Print_Statements B
        Last_Statement_No I Block_Payment_Tolerance B Preferred_Bank_Account_Code C20 Location_Code C10
        Combine_Shipments B Reserve O(Never|Optional|Always) Shipping_Advice O(Partial|Complete) Shipment_Method_Code
        C10 Shipping_Agent_Code C10 Shipping_Agent_Service_Code C10 Shipping_Time S Base_Calendar_Code C10
        Customized_Calendar S!? Balance_LCY_2 N!~ GetMoneyOwedExpected N? TotalMoneyOwed N!~ CreditLimit N
        CalcCreditLimitLCYExpendedPct N? Balance_Due N? Payments_LCY N!~ CustomerMgt_AvgDaysToPay_No N?
        DaysPaidPastDueDate N? GetAmountOnPostedInvoices N? GetAmountOnCrMemo N? GetAmountOnOutstandingInvoices N?
        GetAmountOnOutstandingCrMemos N? Totals N? CustInvDiscAmountLCY N?
        """
    )

    static let itemCard = Page(
        30,
        "Item Card",
        on: .items,
        key: "No",
        allows: "IMD",
        """
        No C20 Description S50 Blocked B Type O(Inventory|Service) Base_Unit_of_Measure S10 Last_Date_Modified D! GTIN
        S14 Item_Category_Code C20 Product_Group_Code C10 Service_Item_Group C10 Automatic_Ext_Texts B Shelf_No C10
        Created_From_Nonstock_Item B! Search_Description S50 Inventory N!~ InventoryNonFoundation N!~
        Qty_on_Purch_Order N!~ Qty_on_Prod_Order N!~ Qty_on_Component_Lines N!~ Qty_on_Sales_Order N!~
        Qty_on_Service_Order N!~ Qty_on_Job_Order N!~ Qty_on_Assembly_Order N!~ Qty_on_Asm_Component N!~
        StockoutWarningDefaultYes O(Default|No|Yes) StockoutWarningDefaultNo O(Default|No|Yes)
        PreventNegInventoryDefaultYes O(Default|No|Yes) PreventNegInventoryDefaultNo O(Default|No|Yes) Net_Weight N
        Gross_Weight N Unit_Volume N Costing_Method O(FIFO|LIFO|Specific|Average|Standard) Standard_Cost N Unit_Cost N
        Indirect_Cost_Percent N Last_Direct_Cost N Net_Invoiced_Qty N!~ Cost_is_Adjusted B! Cost_is_Posted_to_G_L B!~
        SpecialPurchPricesAndDiscountsTxt N!? Gen_Prod_Posting_Group C20 VAT_Prod_Posting_Group C20
        Inventory_Posting_Group C20 Default_Deferral_Template_Code C10 Tariff_No C20 Country_Region_of_Origin_Code C10
        Unit_Price N CalcUnitPriceExclVAT N? Price_Includes_VAT B Price_Profit_Calculation
        O(Profit=Price-Cost|Price=Cost+Profit|No_Relationship) Profit_Percent N SpecialPricesAndDiscountsTxt N!?
        Allow_Invoice_Disc B Item_Disc_Group C20 Sales_Unit_of_Measure S10 Application_Wksh_User_ID C128
        VAT_Bus_Posting_Gr_Price S20 Replenishment_System O(Purchase|Prod._Order||Assembly) Lead_Time_Calculation S
        Vendor_No C20 Vendor_Item_No C20 Purch_Unit_of_Measure S10 Manufacturing_Policy O(Make-to-Stock|Make-to-Order)
        Routing_No C20 Production_BOM_No C20 Rounding_Precision N Flushing_Method
        O(Manual|Forward|Backward|Pick_+_Forward|Pick_+_Backward) Overhead_Rate N Scrap_Percent N Lot_Size N
        Assembly_Policy O(Assemble-to-Stock|Assemble-to-Order) Assembly_BOM B!~ Reordering_Policy
        O(|Fixed_Reorder_Qty.|Maximum_Qty.|Order|Lot-for-Lot) Reserve O(Never|Optional|Always) Order_Tracking_Policy
        O(None|Tracking_Only|Tracking_&_Action_Msg.) Stockkeeping_Unit_Exists B!~ Dampener_Period S Dampener_Quantity
        N Critical B Safety_Lead_Time S Safety_Stock_Quantity N Include_Inventory B Lot_Accumulation_Period S
        Rescheduling_Period S Reorder_Point N Reorder_Quantity N Maximum_Inventory N Overflow_Level N Time_Bucket S
        Minimum_Order_Quantity N Maximum_Order_Quantity N Order_Multiple N Item_Tracking_Code C10 Serial_Nos S20
        Lot_Nos S20 Expiration_Calculation S Warehouse_Class_Code C10 Special_Equipment_Code C10
        Put_away_Template_Code C10 Put_away_Unit_of_Measure_Code C10 Phys_Invt_Counting_Period_Code C10
        Last_Phys_Invt_Date D!~ Last_Counting_Period_Update D! Next_Counting_Start_Date D! Next_Counting_End_Date D!
        Identifier_Code C20!~ Use_Cross_Docking B
        """
    )

    static let accounts = Page(
        17,
        "G/L Account Card",
        on: .accounts,
        key: "No",
        allows: "IMD",
        """
        No C Name S Income_Balance S Account_Category S SubCategoryDescription S80? Debit_Credit S Account_Type S
        Totaling S No_of_Blank_Lines I New_Page B Search_Name C Balance N!~ Reconciliation_Account B
        Automatic_Ext_Texts B Direct_Posting B Blocked B Last_Date_Modified D! Omit_Default_Descr_in_Jnl B
        Gen_Posting_Type S Gen_Bus_Posting_Group C Gen_Prod_Posting_Group C VAT_Bus_Posting_Group C
        VAT_Prod_Posting_Group C Default_IC_Partner_G_L_Acc_No C Default_Deferral_Template_Code C Consol_Debit_Acc S
        Consol_Credit_Acc S Consol_Translation_Method S Exchange_Rate_Adjustment S Cost_Type_No C!
        """
    )
}
