import Core

/// Lines of a general journal wait until somebody posts their batch.
extension NavSimulator.Company {
    private static let banks: Set<String> = ["NBL", "WWB-EUR", "WWB-USD"]

    func validateJournalLine(_ name: String, _ value: Value, _ row: inout Row) throws(Refusal) {
        switch name {
        case "CurrentJnlBatchName":
            // A variable of the page: it is no field of the line.
            return
        case "Account_No": try demandAccount(row.text("Account_Type"), value.shown, "Account No.")
        case "Bal_Account_No": try demandAccount(row.text("Bal_Account_Type"), value.shown, "Bal. Account No.")
        case "Currency_Code":
            guard Self.currencies.contains(value.shown) else {
                throw .relation("Currency Code", value.shown, "Currency")
            }
        case "Shortcut_Dimension_1_Code", "Shortcut_Dimension_2_Code": try demandDimensionValue(name, value)
        case "Applies_to_Doc_No" where !value.isEmpty:
            guard openInvoice(row.text("Account_No"), row.text("Applies_to_Doc_Type"), value.shown) != nil else {
                throw .relation("Applies-to Doc. No.", value.shown, "Vendor Ledger Entry")
            }
        case "Debit_Amount": row["Amount"] = value
        case "Credit_Amount": row.set("Amount", -self.number(value))
        default: break
        }
        row[name] = value
        guard ["Amount", "Debit_Amount", "Credit_Amount"].contains(name) else { return }
        let amount = row.number("Amount")
        row.set("Amount_LCY", amount)
        row.set("Debit_Amount", max(amount, .zero))
        row.set("Credit_Amount", max(-amount, .zero))
    }

    private func number(_ value: Value) -> Decimal {
        if case .number(let number) = value { number } else { .zero }
    }

    private func demandAccount(_ type: String, _ number: String, _ field: String) throws(Refusal) {
        guard !number.isEmpty else { return }
        let kind = type.isEmpty ? "G/L Account" : type
        let isKnown =
            switch kind {
            case "Vendor": row(.vendors, .text(number)) != nil
            case "Customer": row(.customers, .text(number)) != nil
            case "G/L Account": row(.accounts, .text(number)) != nil
            case "Bank Account": Self.banks.contains(number)
            default: false
            }
        guard isKnown else { throw .relation(field, number, kind) }
    }

    func openInvoice(_ vendor: String, _ type: String, _ document: String) -> Row? {
        for number in openEntries {
            guard let entry = row(.vendorEntries, .number(Decimal(number))), entry.text("Vendor_No") == vendor,
                entry.text("Document_Type") == type, entry.text("Document_No") == document
            else { continue }
            return entry
        }
        return nil
    }

    func completeJournalLine(_ row: Row) throws(Refusal) {
        for name in ["Journal_Template_Name", "Journal_Batch_Name"] where row.text(name).isEmpty {
            let words = name.split(separator: "_").joined(separator: " ")
            throw .testField("\(words) must have a value in Gen. Journal Line.", rule: "journal line without batch")
        }
        let template = Value.text(row.text("Journal_Template_Name"))
        guard self.row(.journalBatches, template, .text(row.text("Journal_Batch_Name"))) != nil else {
            throw .relation("Journal Batch Name", row.text("Journal_Batch_Name"), "Gen. Journal Batch")
        }
    }

    func journalLines(_ template: String, _ batch: String) -> [Row] {
        rows(.journalLines).filter {
            $0.text("Journal_Template_Name") == template && $0.text("Journal_Batch_Name") == batch
        }
    }

    /// All of a batch or none of it.
    func postBatch(_ template: String, _ batch: String) throws(Refusal) {
        let lines = journalLines(template, batch)
        guard !lines.isEmpty else { throw .dialog("There is nothing to post.", rule: "nothing to post") }
        try demandBalance(lines)
        for line in lines {
            try demandOpenPeriod(line.day("Posting_Date"))
            for name in ["Document_No", "Account_No"] where line.text(name).isEmpty {
                let words = name.split(separator: "_").joined(separator: " ")
                throw .testField("\(words) must have a value in Gen. Journal Line.", rule: "incomplete journal line")
            }
            guard line.text("Account_Type") == "Vendor" else { continue }
            try demandNew(line.text("External_Document_No"), line.text("Document_Type"), line.text("Account_No"))
        }
        for line in lines {
            if line.text("Account_Type") == "Vendor" { postToLedger(line) }
            remove(.journalLines, line)
        }
    }

    private func demandBalance(_ lines: [Row]) throws(Refusal) {
        var sums: [String: Decimal] = [:]
        for line in lines where line.text("Bal_Account_No").isEmpty {
            let sum = sums[line.text("Document_No")] ?? .zero
            do { sums[line.text("Document_No")] = try sum + line.number("Amount") } catch { throw .tooLarge }
        }
        for (document, sum) in sums.sorted(by: { $0.key < $1.key }) where sum != .zero {
            throw .dialog(
                "The lines in Gen. Journal Line are out of balance by \(Value.shortest(sum)). Check that Document No. "
                    + "'\(document)' is correct for each line.",
                rule: "journal out of balance"
            )
        }
    }

    private func postToLedger(_ line: Row) {
        let amount = line.number("Amount")
        let entry = addEntry(
            (
                line.text("Document_Type"), line.text("Document_No"), line.text("External_Document_No"),
                line.text("Account_No"), amount
            ),
            on: line.day("Posting_Date"),
            due: line.day("Posting_Date"),
            like: line
        )
        let document = line.text("Applies_to_Doc_No")
        let type = line.text("Applies_to_Doc_Type")
        guard !document.isEmpty, let invoice = openInvoice(line.text("Account_No"), type, document) else { return }
        let applied = min(amount, -invoice.number("Remaining_Amount"))
        settle(invoice, by: applied)
        settle(entry, by: -applied)
    }
}
