import Core

/// What posting leaves in the general ledger, which nobody can change.
extension BusinessCentralSimulator.Company {
    private static let payables = "5410"
    private static let receivables = "2310"
    private static let inputTax = "5630"
    private static let outputTax = "5610"
    private static let purchases = "7110"
    private static let sales = "6110"

    struct Posting {
        var account: String
        /// Debit where positive.
        var amount: Decimal
        var text: String
        /// Whose dimensions the entry has.
        var origin: Row?
    }

    func enter(_ document: Row, _ lines: [Row], _ kind: DocumentKind) {
        let sign: Decimal = kind.isPurchase ? Decimal(1) : Decimal(-1)
        let total = document.number("totalAmountIncludingTax")
        addToBalance(of: self[kind.parties][document.guid(kind.party + "Id")], total)
        guard keepsLedger else { return }
        let text = "\(kind.caption) \(document.key)"
        var postings: [Posting] = lines.map { line in
            let own = line.text("lineType") == "Account" ? line.text("lineObjectNumber") : ""
            let account = own.isEmpty ? (kind.isPurchase ? Self.purchases : Self.sales) : own
            return Posting(account: account, amount: times(sign, line.number("netAmount")), text: text, origin: line)
        }
        let tax = document.number("totalTaxAmount")
        postings.append(
            Posting(account: kind.isPurchase ? Self.inputTax : Self.outputTax, amount: times(sign, tax), text: text)
        )
        postings.append(
            Posting(
                account: kind.isPurchase ? Self.payables : Self.receivables,
                amount: times(sign, -total),
                text: text,
                origin: document
            )
        )
        enter(postings, number: document.key, day: document.day("postingDate"), type: "Invoice")
    }

    private func times(_ a: Decimal, _ b: Decimal) -> Decimal { (try? a * b) ?? .zero }

    func enter(_ postings: [Posting], number: String, day: Day?, type: String) {
        for posting in postings where posting.amount != .zero {
            guard let account = self[.accounts].row(key: posting.account) else { continue }
            var entry = self[.generalLedgerEntries].makeRow(id: random.guid())
            // Gaps are normal: other transactions were rolled back.
            let step = Int.random(in: 1...3, using: &random)
            entry["entryNumber"] = .number(Decimal(nextNumber("entries", from: 1, step: step)))
            entry["postingDate"] = .day(day ?? clock.now.day)
            entry["documentNumber"] = .string(number)
            entry["documentType"] = .string(type)
            entry["accountId"] = .guid(account.id)
            entry["accountNumber"] = account["number"]
            entry["description"] = .string(posting.text)
            entry[posting.amount > .zero ? "debitAmount" : "creditAmount"] =
                .number(posting.amount > .zero ? posting.amount : -posting.amount)
            entry = write(entry, .created)
            self[.accounts].recalculate(account.id) {
                $0["netChange"] = .number((try? $0.number("netChange") + posting.amount) ?? .zero)
            }
            if let origin = posting.origin { copyDimensions(of: origin, to: entry) }
        }
    }

    func demandPosting(_ account: Row) throws(Refusal) {
        guard account.text("accountType") == "Posting", account["directPosting"] == .flag(true),
            account["blocked"] == .flag(false)
        else {
            throw .dialog(
                "G/L account \(account.key) does not take postings: it is blocked, a heading, or not for direct posting.",
                rule: "account without posting"
            )
        }
    }

    func demandPostingDate(_ day: Day) throws(Refusal) {
        guard let setup = self[.generalLedgerSetup].rows.values.first else { return }
        let isEarly = setup.day("allowPostingFrom").map { day < $0 } ?? false
        let isLate = setup.day("allowPostingTo").map { day > $0 } ?? false
        guard isEarly || isLate else { return }
        throw .dialog("The posting date is not within your range of allowed posting dates.", rule: "posting date")
    }

    /// Where the entries of a vendor, a customer or a bank account end.
    func ledgerAccount(_ kind: String, _ number: String) -> String {
        switch kind {
        case "Vendor": Self.payables
        case "Customer": Self.receivables
        case "Bank_x0020_Account": "2920"
        default: number
        }
    }
}
