import Core

/// Orders and invoices before they are posted.
///
///     invoice:  draft ──post──▶ open ──pay──▶ paid           order:  draft ──release──▶ open ──receive, invoice──▶ gone
///                 │               └──cancel──▶ canceled                └──review──▶ in review ──release──▶ open
///                 └──delete──▶ gone
///
/// Posting gives an invoice a new number and keeps its id.
extension BusinessCentralSimulator.Company {
    typealias DocumentKind = BusinessCentralSimulator.DocumentKind

    private static let termDays = 30

    func kind(of row: Row) -> DocumentKind {
        guard let kind = DocumentKind.ofDocuments(row.type) else {
            preconditionFailure("\(row.type.set) are no documents")
        }
        return kind
    }

    func createDocument(_ kind: DocumentKind, _ body: WriteBody) throws(Refusal) -> Row {
        var row = self[kind.documents].makeRow(id: random.guid())
        row["status"] = .string("Draft")
        row["discountAppliedBeforeTax"] = .flag(true)
        let today = clock.now.day
        for name in ["postingDate", "invoiceDate", "dueDate", "orderDate"] { row.set(name, .day(today)) }
        row["currencyCode"] = .string(Self.localCurrency)
        try apply(body, toDocument: &row, kind)
        guard !row.text(kind.party + "Number").isEmpty else {
            throw .dialog(
                "A \(kind.party)Number or a \(kind.party)Id must be provided.",
                rule: kind.isPurchase ? "invoice without vendor" : "document without customer"
            )
        }
        var made: [(line: Row, body: WriteBody)] = []
        for body in body.children(of: kind.lines) {
            made.append((try makeLine(body, of: row, kind, sequence: 10_000 * (made.count + 1)), body))
        }
        try total(&row, made.map(\.line))
        row["number"] = .string("\(nextNumber(kind.documents.set, from: kind.firstNumber))")
        let kept = write(row, .created)
        for (line, body) in made {
            keep(line)
            for dimension in body.children(of: .dimensionSetLines) { _ = try createDimensionLine(dimension, of: line) }
        }
        for dimension in body.children(of: .dimensionSetLines) { _ = try createDimensionLine(dimension, of: kept) }
        return self[kind.documents][kept.id] ?? kept
    }

    func changeDocument(_ row: Row, _ body: WriteBody, stamp: WallTime? = nil) throws(Refusal) -> Row {
        var row = row
        let kind = kind(of: row)
        // People may correct what was posted in ways that clients may not.
        if !body.isByPerson { try demandOpen(row) }
        try apply(body, toDocument: &row, kind)
        try total(&row, lines(of: row))
        return write(row, .updated, stamp: stamp)
    }

    func deleteDocument(_ row: Row) {
        if row.text("status") != "Draft" {
            postedNumbers.remove("\(row.text("vendorNumber"))|\(row.text("vendorInvoiceNumber"))")
        }
        openAmounts[row.id] = nil
        typedNumbers[row.id] = nil
        for line in lines(of: row) {
            removeDimensions(of: line)
            self[line.type].remove(line.id, at: clock.instant)
        }
        removeDimensions(of: row)
        self[row.type].remove(row.id, at: clock.instant)
        tell(.deleted, row, self.stamp)
    }

    /// Posted invoices and orders that are released or under review stay as they are.
    func demandOpen(_ row: Row) throws(Refusal) {
        guard row.text("status") == "Draft" else {
            throw kind(of: row).isOrder
                ? .dialog(
                    "Status must be equal to 'Open'. Reopen the document first.",
                    rule: "change of a released order"
                )
                : .dialog("A posted document cannot be changed.", rule: "change of a posted invoice")
        }
    }

    // MARK: Fields with consequences

    private func apply(_ body: WriteBody, toDocument row: inout Row, _ kind: DocumentKind) throws(Refusal) {
        for (place, value) in body.values {
            let name = kind.documents.fields[place].name
            switch (name, value) {
            case (kind.party + "Id", .guid(let id)): try setParty(self[kind.parties][id], id, of: &row, kind)
            case (kind.party + "Number", .string(let number)):
                try setParty(self[kind.parties].row(key: number), number, of: &row, kind)
            case (kind.payer + "Id", .guid(let id)): try setPayer(self[kind.parties][id], of: &row, kind)
            case (kind.payer + "Number", .string(let number)):
                try setPayer(self[kind.parties].row(key: number), of: &row, kind)
            case ("shortcutDimension1Code", .string(let code)), ("shortcutDimension2Code", .string(let code)):
                try checkShortcut(code, name)
                row.values[place] = value
            default:
                guard try applyReference(name, value, to: &row) else {
                    row.values[place] = value
                    continue
                }
                if row.text("currencyCode").isEmpty { row["currencyCode"] = .string(Self.localCurrency) }
                if name == "paymentTermsId" { setDueDate(of: &row, row.guid(name)) }
            }
        }
    }

    private func setParty(_ party: Row?, _ key: String, of row: inout Row, _ kind: DocumentKind) throws(Refusal) {
        let caption = kind.isPurchase ? "Vendor" : "Customer"
        guard let party else { throw Self.notInTable(caption, key) }
        guard party.text("blocked") != "All" else {
            throw .dialog("\(caption) \(party.key) is blocked.", rule: "\(kind.party) blocked")
        }
        row[kind.party + "Id"] = .guid(party.id)
        row[kind.party + "Number"] = party["number"]
        row[kind.party + "Name"] = party["displayName"]
        row["currencyCode"] =
            party.text("currencyCode").isEmpty ? .string(Self.localCurrency) : party["currencyCode"]
        row["currencyId"] = party["currencyId"]
        row.set("paymentTermsId", party["paymentTermsId"])
        for name in ["phoneNumber", "email"] { row.set(name, party[name]) }
        copyAddress(of: party, to: &row, kind.addressPrefix)
        if !kind.isPurchase {
            copyAddress(of: party, to: &row, "shipTo")
            row.set("shipToName", party["displayName"])
        }
        setDueDate(of: &row, party.guid("paymentTermsId"))
        try setPayer(party, of: &row, kind)
    }

    private func setPayer(_ party: Row?, of row: inout Row, _ kind: DocumentKind) throws(Refusal) {
        guard let party else { throw Self.notInTable(kind.isPurchase ? "Vendor" : "Customer", "") }
        row[kind.payer + "Id"] = .guid(party.id)
        row[kind.payer + "Number"] = party["number"]
        row[kind.payerPrefix + "Name"] = party["displayName"]
        copyAddress(of: party, to: &row, kind.payerPrefix)
    }

    private func copyAddress(of party: Row, to row: inout Row, _ prefix: String) {
        for (theirs, ours) in [
            ("addressLine1", "AddressLine1"), ("addressLine2", "AddressLine2"), ("city", "City"),
            ("country", "Country"), ("state", "State"), ("postalCode", "PostCode"),
        ] {
            row[prefix + ours] = party[theirs]
        }
    }

    /// `14D`, `30D`, `CM`: days, or to the end of the month.
    private func setDueDate(of row: inout Row, _ terms: String) {
        guard case .day(let day)? = row.has("invoiceDate") ? row["invoiceDate"] : nil else { return }
        let formula = self[.paymentTerms][terms]?.text("dueDateCalculation") ?? ""
        if formula == "CM" {
            var last = day
            while last.adding(days: 1).text.prefix(7) == day.text.prefix(7) { last = last.adding(days: 1) }
            row.set("dueDate", .day(last))
        } else {
            let days = formula.last == "D" ? Int(formula.dropLast()) : nil
            row.set("dueDate", .day(day.adding(days: days ?? Self.termDays)))
        }
    }
}
