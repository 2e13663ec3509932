import Core

/// What follows from the fields of vendors and of purchase documents.
extension NavSimulator.Company {
    typealias Row = NavSimulator.Row
    typealias Value = NavSimulator.Value
    typealias Refusal = NavSimulator.Refusal
    typealias Page = NavSimulator.Page
    typealias Field = NavSimulator.Field
    typealias TableName = NavSimulator.TableName

    static let localCurrency = "EUR"
    static let currencies: Set<String> = ["", "EUR", "USD", "GBP", "DKK", "SEK", "NOK", "PLN", "CHF", "JPY"]
    static let termDays = ["": 0, "COD": 0, "14 DAYS": 14, "1M(8D)": 30, "30 DAYS": 30, "CM": 30]
    static let postingGroups: Set<String> = ["", "DOMESTIC", "EU", "EXPORT", "FOREIGN", "NATIONAL"]

    func header(of line: Row) throws(Refusal) -> Row {
        guard let type = line["Document_Type"], let number = line["Document_No"],
            let header = row(.purchaseHeaders, type, number)
        else { throw .noRecord(.purchaseHeaders, shownKey(.purchaseLines, line)) }
        return header
    }

    func demandOpen(_ header: Row) throws(Refusal) {
        let status = header.text("Status")
        guard status == "Open" else {
            throw .testField(
                "Status must be equal to 'Open' in Purchase Header: Document Type=\(header.text("Document_Type")), "
                    + "No.=\(header.text("No")). Current value is '\(status)'.",
                rule: "document not open"
            )
        }
    }

    /// The fields that a released document keeps.
    private static let guarded: Set<String> = [
        "Buy_from_Vendor_No", "Currency_Code", "Prices_Including_VAT", "VAT_Bus_Posting_Group", "Location_Code",
        "Payment_Discount_Percent",
    ]

    func validateHeader(_ name: String, _ value: Value, _ row: inout Row) throws(Refusal) {
        if Self.guarded.contains(name), row[name] != value { try demandOpen(row) }
        switch name {
        case "Document_Type":
            guard row[name] == value else {
                throw .badRequest("The page does not show documents of the type '\(value.shown)'.", rule: "other type")
            }
        case "Buy_from_Vendor_No": try setVendor(value.shown, &row)
        case "Buy_from_Vendor_Name":
            // The table takes a name for a search and would change the vendor.
            guard row[name] == value else { throw .relation("Buy-from Vendor Name", value.shown, "Vendor") }
        case "Pay_to_Vendor_No":
            guard self.row(.vendors, value) != nil else { throw .relation("Pay-to Vendor No.", value.shown, "Vendor") }
            row[name] = value
        case "Currency_Code":
            guard Self.currencies.contains(value.shown) else {
                throw .relation("Currency Code", value.shown, "Currency")
            }
            // The local currency is the blank one.
            row.set(name, value.shown == Self.localCurrency ? "" : value.shown)
        case "Document_Date", "Payment_Terms_Code":
            if name == "Payment_Terms_Code", Self.termDays[value.shown] == nil {
                throw .relation("Payment Terms Code", value.shown, "Payment Terms")
            }
            row[name] = value
            let days = Self.termDays[row.text("Payment_Terms_Code")] ?? 0
            row.set("Due_Date", row.day("Document_Date").adding(days: days))
        case "Shortcut_Dimension_1_Code", "Shortcut_Dimension_2_Code":
            try demandDimensionValue(name, value)
            row[name] = value
            for var line in lines(of: row) {
                line[name] = value
                write(.purchaseLines, line)
            }
        default: row[name] = value
        }
    }

    private func setVendor(_ number: String, _ row: inout Row) throws(Refusal) {
        guard let vendor = self.row(.vendors, .text(number)) else {
            throw .relation("Buy-from Vendor No.", number, "Vendor")
        }
        guard vendor.text("Blocked") != "All", !vendor.flag("Privacy_Blocked") else {
            throw .dialog("You cannot create this type of document when Vendor \(number) is blocked.", rule: "blocked")
        }
        guard row.text("Buy_from_Vendor_No") == number || row.text("No").isEmpty || lines(of: row).isEmpty else {
            throw .confirm("Do you want to change Buy-from Vendor No.?")
        }
        row.set("Buy_from_Vendor_No", number)
        row.set("Pay_to_Vendor_No", number)
        for prefix in ["Buy_from", "Pay_to"] {
            row["\(prefix)_\(prefix == "Buy_from" ? "Vendor_Name" : "Name")"] = vendor["Name"]
            for name in ["Address", "Address_2", "Post_Code", "City", "Country_Region_Code", "Contact"] {
                row["\(prefix)_\(name)"] = vendor[name]
            }
        }
        for name in ["Currency_Code", "Payment_Method_Code", "Purchaser_Code", "VAT_Bus_Posting_Group", "Creditor_No"] {
            row[name] = vendor[name]
        }
        row.set("VAT_Percent", Decimal(vendor.text("VAT_Bus_Posting_Group") == "DOMESTIC" ? 25 : 0))
        row["Payment_Terms_Code"] = vendor["Payment_Terms_Code"]
        let days = Self.termDays[vendor.text("Payment_Terms_Code")] ?? 0
        row.set("Due_Date", row.day("Document_Date").adding(days: days))
    }

    /// The global dimension of that number has such a value, and it is not blocked.
    func demandDimensionValue(_ field: String, _ value: Value) throws(Refusal) {
        guard !value.isEmpty else { return }
        let words = field.split(separator: "_").joined(separator: " ")
        let dimension = rows(.setup).first?.text(
            field.contains("_1_") ? "Global_Dimension_1_Code" : "Global_Dimension_2_Code"
        )
        guard let found = row(.dimensionValues, .text(dimension ?? ""), value) else {
            throw .relation(words, value.shown, "Dimension Value")
        }
        guard !found.flag("Blocked") else {
            throw .dialog("Dimension Value \(dimension ?? "") - \(value.shown) is blocked.", rule: "blocked")
        }
    }

    func validateVendor(_ name: String, _ value: Value, _ row: inout Row) throws(Refusal) {
        switch name {
        case "Name":
            // The search name follows the name as long as nobody has chosen another.
            if row.text("Search_Name") == row.text("Name").uppercased() {
                row.set("Search_Name", value.shown.uppercased())
            }
        case "Currency_Code":
            guard Self.currencies.contains(value.shown) else {
                throw .relation("Currency Code", value.shown, "Currency")
            }
        case "Payment_Terms_Code":
            guard Self.termDays[value.shown] != nil else {
                throw .relation("Payment Terms Code", value.shown, "Payment Terms")
            }
        case "Vendor_Posting_Group", "Gen_Bus_Posting_Group", "VAT_Bus_Posting_Group":
            guard Self.postingGroups.contains(value.shown) else {
                throw .relation(name.split(separator: "_").joined(separator: " "), value.shown, "Posting Group")
            }
        default: break
        }
        row[name] = value
    }
}
