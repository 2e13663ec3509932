import Core

/// What is posted stays: the posted document, and the entry in the vendor's ledger that says what is left to pay.
extension NavSimulator.Company {
    typealias Entry = (type: String, document: String, external: String, vendor: String, amount: Decimal)

    /// An invoice is gone afterwards; an order is when all of it is invoiced.
    @discardableResult
    func post(_ header: Row) throws(Refusal) -> Row {
        let lines = lines(of: header)
        let isOrder = header.text("Document_Type") == "Order"
        try demandPostable(header, lines)
        let invoiced = isOrder ? lines.map { partToInvoice(of: $0) } : lines
        let number = "\(next.posted)"
        var posted = header
        for name in ["Document_Type", "Status", "VAT_Percent"] { posted[name] = nil }
        posted.set("No", number)
        posted[isOrder ? "Order_No" : "Pre_Assigned_No"] = header["No"]
        let totals = totals(of: invoiced)
        let total: Decimal
        do { total = try totals.net + totals.tax } catch { throw .tooLarge }
        posted.set("Amount", totals.net)
        posted.set("Amount_Including_VAT", total)
        next.posted += 1
        for line in invoiced where line.number("Quantity") != .zero || line.text("Type").isEmpty {
            var line = line
            line["Document_Type"] = nil
            line.set("Document_No", number)
            write(.postedLines, line)
        }
        let entry = addEntry(
            ("Invoice", number, header.text("Vendor_Invoice_No"), header.text("Buy_from_Vendor_No"), -total),
            on: header.day("Posting_Date"),
            due: header.day("Due_Date"),
            like: header
        )
        posted["Entry_No"] = entry["Entry_No"]
        let kept = write(.postedHeaders, posted)
        leave(header, lines, isOrder: isOrder)
        return kept
    }

    private func demandPostable(_ header: Row, _ lines: [Row]) throws(Refusal) {
        let status = header.text("Status")
        guard status != "Pending Approval", status == "Released" || !settings.hasApprovalWorkflow else {
            throw .dialog(
                "Purchase \(header.text("Document_Type")) \(header.text("No")) must be approved and released before you "
                    + "can perform this action.",
                rule: "posted past the workflow"
            )
        }
        let theirs = header.text("Vendor_Invoice_No")
        guard !theirs.isEmpty else {
            throw .testField(
                "You need to enter the document number of the document from the vendor in the Vendor Invoice No. field, so "
                    + "that this document keeps referring to the original.",
                rule: "posted without vendor invoice number"
            )
        }
        guard lines.contains(where: { !$0.text("Type").isEmpty && $0.number("Qty_to_Invoice") != .zero }) else {
            throw .dialog("There is nothing to post.", rule: "nothing to post")
        }
        try demandOpenPeriod(header.day("Posting_Date"))
        let vendor = header.text("Buy_from_Vendor_No")
        guard let card = row(.vendors, .text(vendor)), card.text("Blocked").isEmpty else {
            throw .dialog("You cannot post this type of document when Vendor \(vendor) is blocked.", rule: "blocked")
        }
        for group in ["Vendor_Posting_Group", "Gen_Bus_Posting_Group"] where card.text(group).isEmpty {
            let words = group.split(separator: "_").joined(separator: " ")
            throw .testField("\(words) must have a value in Vendor: No.=\(vendor).", rule: "vendor without groups")
        }
        try demandNew(theirs, "Invoice", vendor)
    }

    func demandOpenPeriod(_ day: Day) throws(Refusal) {
        let setup = rows(.setup).first
        let from = setup?.day("Allow_Posting_From") ?? .first
        let to = setup?.day("Allow_Posting_To") ?? .first
        guard day >= from, to == .first || day <= to, day != .first else {
            throw .testField("Posting Date is not within your range of allowed posting dates.", rule: "posting date")
        }
    }

    /// An external number stands once for each vendor and type of document.
    func demandNew(_ external: String, _ type: String, _ vendor: String) throws(Refusal) {
        guard !external.isEmpty else { return }
        let isKnown = externals.contains("\(vendor)|\(type)|\(external)")
        guard !isKnown else {
            throw .dialog("Purchase \(type) \(external) already exists for this vendor.", rule: "posted a duplicate")
        }
    }

    private func partToInvoice(of line: Row) -> Row {
        var part = line
        part["Quantity"] = line["Qty_to_Invoice"]
        if line.number("Qty_to_Invoice") != line.number("Quantity") {
            let share = try? (line.number("Qty_to_Invoice") * line.number("Direct_Unit_Cost")).rounded(
                scale: 2,
                .halfUp
            )
            part.set("Line_Amount", share ?? .zero)
        }
        return part
    }

    private func leave(_ header: Row, _ lines: [Row], isOrder: Bool) {
        var isComplete = true
        for var line in lines where isOrder {
            let done = (try? line.number("Quantity_Invoiced") + line.number("Qty_to_Invoice")) ?? .zero
            let left = (try? line.number("Quantity") - done) ?? .zero
            isComplete = isComplete && left == .zero
            line.set("Quantity_Invoiced", done)
            line.set("Quantity_Received", max(line.number("Quantity_Received"), done))
            line.set("Qty_to_Invoice", left)
            line.set("Qty_to_Receive", left)
            write(.purchaseLines, line)
        }
        guard isComplete else { return }
        for line in lines { remove(.purchaseLines, line) }
        cancelApprovals(of: header)
        remove(.purchaseHeaders, header)
    }

    /// Goods have come in.
    func receive(_ header: Row) {
        for var line in lines(of: header) {
            let received = (try? line.number("Quantity_Received") + line.number("Qty_to_Receive")) ?? .zero
            line.set("Quantity_Received", received)
            line.set("Qty_to_Receive", (try? line.number("Quantity") - received) ?? .zero)
            write(.purchaseLines, line)
        }
        write(.purchaseHeaders, header)
    }

    // MARK: The vendor's ledger

    @discardableResult
    func addEntry(_ entry: Entry, on day: Day, due: Day, like source: Row) -> Row {
        var row = Row()
        row.set("Entry_No", Decimal(next.entry))
        row.set("Posting_Date", day)
        row.set("Due_Date", due)
        row.set("Document_Type", entry.type)
        row.set("Document_No", entry.document)
        row.set("External_Document_No", entry.external)
        row.set("Vendor_No", entry.vendor)
        row.set("Description", "\(entry.type) \(entry.document)")
        externals.insert("\(entry.vendor)|\(entry.type)|\(entry.external)")
        row["Currency_Code"] = source["Currency_Code"]
        row["Global_Dimension_1_Code"] = source["Shortcut_Dimension_1_Code"]
        row["Global_Dimension_2_Code"] = source["Shortcut_Dimension_2_Code"]
        for name in [
            "Amount", "Amount_LCY", "Original_Amount", "Original_Amt_LCY", "Remaining_Amount", "Remaining_Amt_LCY",
        ] {
            row.set(name, entry.amount)
        }
        row.set("Open", entry.amount != .zero)
        if entry.amount != .zero { openEntries.insert(next.entry) }
        next.entry += 1
        return write(.vendorEntries, row)
    }

    /// What is left of it grows or shrinks; nothing left closes it.
    func settle(_ entry: Row, by amount: Decimal) {
        var entry = entry
        let left = (try? entry.number("Remaining_Amount") + amount) ?? .zero
        entry.set("Remaining_Amount", left)
        entry.set("Remaining_Amt_LCY", left)
        entry.set("Open", left != .zero)
        if left == .zero, let number = entry.number("Entry_No").int { openEntries.remove(number) }
        write(.vendorEntries, entry)
    }

    func entry(of posted: Row) -> Row? {
        posted["Entry_No"].flatMap { row(.vendorEntries, $0) }
    }

    /// A payment, of all that is left where no amount is said.
    func pay(_ posted: Row, _ amount: Decimal? = nil) throws(Refusal) {
        guard let entry = entry(of: posted), entry.flag("Open") else {
            throw .dialog("The invoice is closed already.", rule: "paid twice")
        }
        let left = -entry.number("Remaining_Amount")
        let paid = min(amount ?? left, left)
        let payment = addEntry(
            ("Payment", "PAY\(posted.text("No"))", "", posted.text("Buy_from_Vendor_No"), paid),
            on: today,
            due: today,
            like: posted
        )
        settle(payment, by: -paid)
        settle(entry, by: paid)
    }

    /// A credit memo takes it back; the document stays, and says so.
    func cancel(_ posted: Row) throws(Refusal) {
        guard !posted.flag("Cancelled"), let entry = entry(of: posted) else {
            throw .dialog("The invoice is cancelled already.", rule: "cancelled twice")
        }
        settle(entry, by: -entry.number("Remaining_Amount"))
        var posted = posted
        posted.set("Cancelled", true)
        write(.postedHeaders, posted)
    }
}
