/// Dimensions, their values, and where they are assigned. Fields are those of version 28.
extension BusinessCentralSimulator.EntityType {
    static let dimensions = EntityType(
        "dimensions",
        navigation: "dimensionValues*dimensionId",
        """
        id G! code S20! displayName S30! consolidationCode S20! lastModifiedDateTime T!
        """
    )

    static let dimensionValues = EntityType(
        "dimensionValues",
        navigation: "dimension>dimensions.dimensionId",
        """
        id G! code S20! dimensionId G! displayName S50! consolidationCode S20! lastModifiedDateTime T!
        """
    )

    static let defaultDimensions = EntityType(
        "defaultDimensions",
        can: "cud",
        navigation: "dimension>dimensions.dimensionId",
        """
        id G! parentType E(_x0020_/Customer/Item/Vendor/Employee) parentId G dimensionId G dimensionCode S20!
        dimensionValueId G dimensionValueCode S20!
        postingValidation E(_x0020_/Code_x0020_Mandatory/Same_x0020_Code/No_x0020_Code) lastModifiedDateTime T!
        """
    )

    static let dimensionSetLines = EntityType(
        "dimensionSetLines",
        can: "cud",
        """
        id G code S20 consolidationCode S20!~ parentId G! parentType E(_x0020_/ Journal_x0020_Line/ Sales_x0020_Order/
        Sales_x0020_Order_x0020_Line/ Sales_x0020_Invoice/ Sales_x0020_Invoice_x0020_Line/ Purchase_x0020_Invoice/
        Purchase_x0020_Invoice_x0020_Line/ General_x0020_Ledger_x0020_Entry/ Purchase_x0020_Order/
        Purchase_x0020_Order_x0020_Line)! displayName S30!~ valueId G valueCode S20 valueConsolidationCode S20!~
        valueDisplayName S50!~
        """
    )
}
