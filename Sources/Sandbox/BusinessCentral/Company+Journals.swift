import Core

/// Journals, and payments of vendors: lines that wait in a batch until all of it is posted.
extension BusinessCentralSimulator.Company {
    private static let journalAccounts = ["G_x002F_L_x0020_Account", "Customer", "Vendor", "Bank_x0020_Account"]

    /// New batches belong to the general template, whatever is asked for.
    func createJournal(_ body: WriteBody) throws(Refusal) -> Row {
        try checkBalancing(body)
        var row = balanced(try createEntry(.journals, body))
        row["templateDisplayName"] = .string("GENERAL")
        return write(row, .updated)
    }

    func changeJournal(_ row: Row, _ body: WriteBody) throws(Refusal) -> Row {
        try checkBalancing(body)
        return write(balanced(try changeEntry(row, body)), .updated)
    }

    private func checkBalancing(_ body: WriteBody) throws(Refusal) {
        for (place, value) in body.values where EntityType.journals.fields[place].name == "balancingAccountId" {
            guard case .guid(let id) = value, value == .noGuid || ledgerOrBank(id) != nil else {
                throw Self.notInTable("G/L Account", "")
            }
        }
    }

    private func ledgerOrBank(_ id: String) -> Row? { self[.accounts][id] ?? self[.bankAccounts][id] }

    /// The number of the balancing account follows its id.
    private func balanced(_ row: Row) -> Row {
        var row = row
        row["balancingAccountNumber"] = .string(ledgerOrBank(row.guid("balancingAccountId"))?.key ?? "")
        return row
    }

    func createJournalLine(_ type: EntityType, _ body: WriteBody, of journal: Row?) throws(Refusal) -> Row {
        guard let journal else { throw .badBody("A journal line needs its journal.", rule: "line without journal") }
        var row = self[type].makeRow(id: random.guid())
        let others = self[type].find("journalId", .guid(journal.id))
        row["journalId"] = .guid(journal.id)
        row["journalDisplayName"] = journal["code"]
        row["lineNumber"] = .number(Decimal((others.map { $0.number("lineNumber").int ?? 0 }.max() ?? 0) + 10_000))
        row["postingDate"] = .day(clock.now.day)
        try apply(body, toJournalLine: &row)
        guard row.guid("journalId") == journal.id, row["journalDisplayName"] == journal["code"] else {
            throw Self.fixed("journalId")
        }
        guard !others.contains(where: { $0["lineNumber"] == row["lineNumber"] }) else {
            throw Refusal(400, "Internal_EntityWithSameKeyExists", "The line already exists.", rule: "duplicate key")
        }
        if row.text("documentNumber").isEmpty {
            row["documentNumber"] = .string("G0\(nextNumber("journal " + journal.id, from: 2_001))")
        }
        return write(row, .created)
    }

    func changeJournalLine(_ row: Row, _ body: WriteBody) throws(Refusal) -> Row {
        var changed = row
        try apply(body, toJournalLine: &changed)
        for name in ["journalId", "journalDisplayName"] where changed[name] != row[name] { throw Self.fixed(name) }
        return write(changed, .updated)
    }

    private func apply(_ body: WriteBody, toJournalLine row: inout Row) throws(Refusal) {
        for (place, value) in body.values {
            let name = row.type.fields[place].name
            row.values[place] = value
            switch (name, value) {
            case ("accountType", .string(let kind)), ("balanceAccountType", .string(let kind)):
                guard Self.journalAccounts.contains(kind) else {
                    throw .dialog(
                        "Lines of the account type \(kind) are not made here.",
                        rule: "account type of a line"
                    )
                }
            case ("accountNumber", .string(let number)) where !number.isEmpty:
                row["accountId"] = try account(number, row.text("accountType")).map { .guid($0.id) } ?? .noGuid
            case ("balancingAccountNumber", .string(let number)) where !number.isEmpty:
                row["balancingAccountId"] =
                    try account(number, row.text("balanceAccountType")).map { .guid($0.id) } ?? .noGuid
            case ("accountId", .guid(let id)) where value != .noGuid:
                // For vendors and customers only the number leads there.
                guard let account = ledgerOrBank(id) else {
                    throw Self.notInTable("G/L Account", id)
                }
                row["accountNumber"] = account["number"]
            case ("vendorId", .guid(let id)):
                guard let vendor = self[.vendors][id] else { throw Self.notInTable("Vendor", id) }
                row["vendorNumber"] = vendor["number"]
            case ("vendorNumber", .string(let number)):
                guard let vendor = self[.vendors].row(key: number) else { throw Self.notInTable("Vendor", number) }
                row["vendorId"] = .guid(vendor.id)
            case ("appliesToInvoiceId", .guid(let id)) where value != .noGuid:
                row["appliesToInvoiceNumber"] = try posted(self[.purchaseInvoices][id], id)["number"]
            case ("appliesToInvoiceNumber", .string(let number)) where !number.isEmpty:
                let invoice = try posted(self[.purchaseInvoices].row(key: number), number)
                guard [.noGuid, .guid(invoice.id)].contains(row["appliesToInvoiceId"]) else {
                    throw .dialog("The invoice's id and number do not agree.", rule: "two invoices for a payment")
                }
                row["appliesToInvoiceId"] = .guid(invoice.id)
            default: break
            }
        }
    }

    private func posted(_ invoice: Row?, _ key: String) throws(Refusal) -> Row {
        guard let invoice, invoice.text("status") != "Draft" else { throw Self.notInTable("Purch. Inv. Header", key) }
        return invoice
    }

    /// Customers and vendors have no id on a line.
    private func account(_ number: String, _ kind: String) throws(Refusal) -> Row? {
        let table: EntityType =
            switch kind {
            case "Vendor": .vendors
            case "Customer": .customers
            case "Bank_x0020_Account": .bankAccounts
            default: .accounts
            }
        guard let row = self[table].row(key: number) else { throw Self.notInTable(table.set, number) }
        guard table === EntityType.accounts else { return table === EntityType.bankAccounts ? row : nil }
        try demandPosting(row)
        return row
    }

    /// All lines of the batch, whoever has typed them.
    func postJournal(_ journal: Row) throws(Refusal) {
        let isPayment = journal.type === EntityType.vendorPaymentJournals
        let type: EntityType = isPayment ? .vendorPayments : .journalLines
        let lines = self[type].find("journalId", .guid(journal.id))
        guard lines.contains(where: { $0.number("amount") != .zero }) else {
            throw .dialog("There is nothing to post.", rule: "nothing to post")
        }
        guard !settings.demandsJournalApproval else {
            throw .dialog("The journal batch must be approved before it is posted.", rule: "journal not approved")
        }
        var open: [String: Decimal] = [:]
        for line in lines {
            if let day = line.day("postingDate") { try demandPostingDate(day) }
            guard !isPayment, balancing(of: line, in: journal).isEmpty else { continue }
            open["\(line.text("documentNumber")) \(line["postingDate"])", default: .zero] =
                (try? open["\(line.text("documentNumber")) \(line["postingDate"])", default: .zero]
                    + line.number("amount")) ?? .zero
        }
        guard open.values.allSatisfy({ $0 == .zero }) else {
            throw .dialog("The lines of a document are out of balance.", rule: "out of balance")
        }
        for line in lines { try post(line, of: journal, isPayment: isPayment) }
    }

    private func balancing(of line: Row, in journal: Row) -> String {
        let own = line.text("balancingAccountNumber")
        return own.isEmpty ? journal.text("balancingAccountNumber") : own
    }

    private func post(_ line: Row, of journal: Row, isPayment: Bool) throws(Refusal) {
        let amount = line.number("amount")
        let kind = isPayment ? "Vendor" : line.text("accountType")
        let number = isPayment ? line.text("vendorNumber") : line.text("accountNumber")
        var postings = [
            Posting(account: ledgerAccount(kind, number), amount: amount, text: line.text("description"), origin: line)
        ]
        let other = balancing(of: line, in: journal)
        if !other.isEmpty {
            let account = ledgerAccount(isPayment ? "Bank_x0020_Account" : line.text("balanceAccountType"), other)
            postings.append(Posting(account: account, amount: -amount, text: line.text("description"), origin: line))
        }
        enter(
            postings,
            number: line.text("documentNumber"),
            day: line.day("postingDate"),
            type: isPayment ? "Payment" : "_x0020_"
        )
        if kind == "Vendor" { addToBalance(of: self[.vendors].row(key: number), -amount) }
        if kind == "Customer" { addToBalance(of: self[.customers].row(key: number), amount) }
        if isPayment, let invoice = self[.purchaseInvoices][line.guid("appliesToInvoiceId")] {
            // The vendor's balance has it already.
            addToBalance(of: self[.vendors].row(key: number), min(amount, openAmounts[invoice.id] ?? .zero))
            _ = try pay(invoice, amount)
        }
        remove(line)
    }
}
