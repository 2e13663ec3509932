import Core

/// What follows from the fields of purchase lines, in the order in which they are filled in.
extension NavSimulator.Company {
    private static let cents = Decimal("0.01") ?? .zero
    private static let guarded: Set<String> = [
        "Type", "No", "Quantity", "Direct_Unit_Cost", "Line_Discount_Percent", "Line_Discount_Amount", "Line_Amount",
        "Unit_of_Measure_Code", "Location_Code",
    ]

    func validateLine(_ name: String, _ value: Value, _ row: inout Row) throws(Refusal) {
        let header = try header(of: row)
        if Self.guarded.contains(name), row[name] ?? .number(.zero) != value { try demandOpen(header) }
        switch name {
        case "Document_Type":
            guard row[name] == value else { throw .badRequest("The line is of another document.", rule: "other type") }
        case "Type":
            // Another type empties the line: whoever says it last says it alone.
            for name in ["No", "Description", "Direct_Unit_Cost", "Quantity", "Line_Amount"] where row[name] != nil {
                row[name] = nil
            }
            row[name] = value
        case "No": try setNumber(value, &row)
        case "Quantity":
            row[name] = value
            row["Qty_to_Receive"] = value
            row["Qty_to_Invoice"] = value
            // The price of an item is looked up once more, whatever stood there.
            if row.text("Type") == "Item", let item = self.row(.items, .text(row.text("No"))) {
                row["Direct_Unit_Cost"] = item["Last_Direct_Cost"]
            }
        case "Line_Amount":
            guard row.number("Quantity") != .zero else {
                throw .testField("Quantity must have a value in Purchase Line.", rule: "line without quantity")
            }
            row[name] = value
            return
        case "Shortcut_Dimension_1_Code", "Shortcut_Dimension_2_Code":
            try demandDimensionValue(name, value)
            row[name] = value
        case "Qty_to_Receive", "Qty_to_Invoice":
            guard case .number(let wanted) = value, wanted <= row.number("Quantity") else {
                throw .dialog("You cannot receive or invoice more than is ordered.", rule: "more than ordered")
            }
            row[name] = value
        default: row[name] = value
        }
        try amount(&row)
    }

    private func setNumber(_ value: Value, _ row: inout Row) throws(Refusal) {
        let found: Row?
        let type = row.text("Type")
        switch type {
        case "":
            throw .testField("Type must have a value in Purchase Line.", rule: "line without type")
        case "G/L Account":
            found = self.row(.accounts, value)
            guard found == nil || found?.flag("Direct_Posting") == true else {
                throw .testField("Direct Posting must be equal to 'Yes' in G/L Account.", rule: "no direct posting")
            }
        case "Item": found = self.row(.items, value)
        default: throw .dialog("The sandbox does not play lines of the type \(type).", rule: "not played")
        }
        guard let found else { throw .relation("No.", value.shown, type) }
        guard !found.flag("Blocked") else {
            throw .testField("Blocked must be equal to 'No' in \(type): No.=\(value.shown).", rule: "blocked")
        }
        row["No"] = value
        row["Description"] = found[type == "Item" ? "Description" : "Name"]
        row["Unit_of_Measure_Code"] = found["Base_Unit_of_Measure"]
        row["Direct_Unit_Cost"] = found["Last_Direct_Cost"]
    }

    private func amount(_ row: inout Row) throws(Refusal) {
        let quantity = row.number("Quantity")
        guard quantity != .zero else { return }
        do {
            let gross = try (quantity * row.number("Direct_Unit_Cost")).rounded(scale: 2, .halfUp)
            let discount = try (gross * row.number("Line_Discount_Percent") * Self.cents).rounded(scale: 2, .halfUp)
            row.set("Line_Discount_Amount", discount)
            row.set("Line_Amount", try gross - discount)
        } catch {
            throw .tooLarge
        }
    }

    /// Without tax, and the tax of it.
    func totals(of lines: [Row]) -> (net: Decimal, tax: Decimal) {
        var net = Decimal.zero
        var tax = Decimal.zero
        for line in lines {
            let amount = line.number("Line_Amount")
            // What is too large for a total has been refused when the line was written.
            net = (try? net + amount) ?? net
            guard let share = try? (amount * line.number("VAT_Percent") * Self.cents).rounded(scale: 2, .halfUp) else {
                continue
            }
            tax = (try? tax + share) ?? tax
        }
        return (net, tax)
    }
}
