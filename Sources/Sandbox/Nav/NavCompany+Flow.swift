import Core

/// What is not stored and summed up when somebody looks.
extension NavSimulator.Company {
    func value(of field: Field, in row: Row, of table: TableName) -> Value {
        if field.isFlow || field.isVariable, let value = flow(field.source, row, table) { return value }
        return row[field.source] ?? field.kind.empty
    }

    private func flow(_ name: String, _ row: Row, _ table: TableName) -> Value? {
        switch table {
        case .purchaseHeaders:
            name == "Amount" || name == "Amount_Including_VAT" ? total(name, lines(of: row)) : nil
        case .purchaseLines: (try? header(of: row)).flatMap { total(name, lines(of: $0)) }
        case .postedHeaders: postedFlow(name, row)
        case .postedLines:
            self.row(.postedHeaders, .text(row.text("Document_No"))).flatMap { header in
                total(name, lines(of: Page.postedPurchaseInvoiceLines, below: header))
            }
        case .vendors: balance(name, row)
        case .journalLines: journalFlow(name, row)
        case .approvalEntries where name == "RecordIDText":
            .text("Purchase Header: \(row.text("Document_Type")),\(row.text("Document_No"))")
        case .customers, .items, .accounts, .vendorEntries, .dimensions, .dimensionValues, .setup, .journalBatches,
            .approvalEntries:
            nil
        }
    }

    private func total(_ name: String, _ lines: @autoclosure () -> [Row]) -> Value? {
        switch name {
        case "Amount", "Total_Amount_Excl_VAT", "AmountBeforeDiscount": .number(totals(of: lines()).net)
        case "Total_VAT_Amount": .number(totals(of: lines()).tax)
        case "Amount_Including_VAT", "Total_Amount_Incl_VAT":
            {
                let totals = totals(of: lines())
                return .number((try? totals.net + totals.tax) ?? totals.net)
            }()
        default: nil
        }
    }

    /// What is left to pay stands in the vendor's ledger.
    private func postedFlow(_ name: String, _ row: Row) -> Value? {
        guard name == "Remaining_Amount" || name == "Closed", let number = row["Entry_No"],
            let entry = self.row(.vendorEntries, number)
        else { return nil }
        return name == "Closed" ? .flag(!entry.flag("Open")) : .number(-entry.number("Remaining_Amount"))
    }

    private func balance(_ name: String, _ vendor: Row) -> Value? {
        guard name == "Balance_LCY" || name == "Balance_Due_LCY" else { return nil }
        var sum = Decimal.zero
        for number in openEntries {
            guard let entry = row(.vendorEntries, .number(Decimal(number))),
                entry.text("Vendor_No") == vendor.text("No"),
                name == "Balance_LCY" || entry.day("Due_Date") <= today
            else { continue }
            sum = (try? sum - entry.number("Remaining_Amount")) ?? sum
        }
        return .number(sum)
    }

    private func journalFlow(_ name: String, _ row: Row) -> Value? {
        switch name {
        case "CurrentJnlBatchName": row["Journal_Batch_Name"]
        case "AccName": .text(accountName(row.text("Account_Type"), row.text("Account_No")))
        case "BalAccName": .text(accountName(row.text("Bal_Account_Type"), row.text("Bal_Account_No")))
        default: nil
        }
    }

    private func accountName(_ type: String, _ number: String) -> String {
        switch type {
        case "Vendor": row(.vendors, .text(number))?.text("Name") ?? ""
        case "Customer": row(.customers, .text(number))?.text("Name") ?? ""
        case "G/L Account": row(.accounts, .text(number))?.text("Name") ?? ""
        default: ""
        }
    }
}
