import Core

/// Believable data, the same for the same seed: what a distributor called CRONUS International has in its books.
extension BusinessCentralSimulator.Company {
    private static let wares = [
        "Office chairs", "July rent", "Steel profiles 40×40", "Freight to Århus", "Licence, yearly",
        "Printing, 4/4 colour",
        "Consulting hours", "Cleaning", "Toner – black", "Catering (12 persons)", "Crane hire", "Repair of pump Nº 7",
    ]
    /// The first dozen vendors send invoices; the others have stories of their own.
    private static let senders = 12
    /// More than these are made without entries in the ledger.
    private static let mostWithLedger = 500

    /// Drafts, open ones and paid ones in turn. Among the first dozen are those that are not as usual: nothing to pay, money
    /// back, no due date, no number of the vendor's, another currency, long overdue.
    func addInvoices(_ count: Int) {
        keepsLedger = count <= Self.mostWithLedger
        for index in 0..<count {
            var wish = InvoiceWish(status: ["Draft", "Open", "Draft", "Paid"][index % 4])
            switch index {
            case 4: wish.amount = .zero
            case 5: (wish.amount, wish.currency) = (Decimal("1250000"), "JPY")
            case 6: wish.amount = Decimal("-250.50")
            case 7: (wish.amount, wish.currency) = (Decimal("0.01"), "CHF")
            case 8: wish.dueDate = .first
            case 9: wish.dueDate = clock.now.day.adding(days: -200)
            case 10: wish.vendorInvoiceNumber = ""
            default: break
            }
            // What we make up ourselves is never refused.
            _ = try? addInvoice(wish)
        }
        keepsLedger = true
    }

    /// What somebody wants of an invoice that is to be made; the rest is made up.
    struct InvoiceWish {
        var vendorNumber: String?
        var vendorInvoiceNumber: String?
        var amount: Decimal?
        var currency: String?
        var dueDate: Day?
        var status = "Draft"
    }

    func addInvoice(_ wish: InvoiceWish) throws(Refusal) -> Row {
        let today = clock.now.day.adding(days: -Int.random(in: 0...60, using: &random))
        var members = JSON.Object()
        members["vendorNumber"] = .string(wish.vendorNumber ?? inventedVendor)
        members["invoiceDate"] = .string(today.text)
        members["postingDate"] = .string(today.text)
        members["vendorInvoiceNumber"] = .string(wish.vendorInvoiceNumber ?? inventedNumber)
        members["dueDate"] = .string((wish.dueDate ?? today.adding(days: dueDays)).text)
        if let currency = wish.currency { members["currencyCode"] = .string(currency) }
        members["purchaseInvoiceLines"] = .array(wish.amount.map { [line(cost: $0, quantity: 1)] } ?? inventedLines)
        let body = try WriteBody(.object(members), of: .purchaseInvoices, withChildren: true)
        var row = try createDocument(.purchaseInvoices, body)
        if wish.status != "Draft" { row = try post(row) }
        if !["Draft", "Open"].contains(wish.status) { row = try setStatus(wish.status, of: row) }
        return row
    }

    /// Puts one line in place of all, whose net amount is this.
    func setAmount(_ amount: Decimal, of row: inout Row) throws(Refusal) {
        let kind = kind(of: row)
        let members: JSON = [
            "lineType": "Account", "lineObjectNumber": "6110",
            "description": .string(Self.wares.randomElement(using: &random) ?? ""), "quantity": .number(1),
            kind.price: .number(amount),
        ]
        let body = try WriteBody(members, of: kind.lines, withChildren: false)
        let line = try makeLine(body, of: row, kind, sequence: 10_000)
        try total(&row, [line])
        for old in lines(of: row) {
            removeDimensions(of: old)
            self[kind.lines].remove(old.id, at: clock.instant)
        }
        keep(line)
    }

    private var inventedVendor: String { "V000\(Int.random(in: 1...Self.senders, using: &random) * 10)" }
    private var dueDays: Int { [14, 30, 30, 45, 60].randomElement(using: &random) ?? 30 }
    var inventedNumber: String {
        let letters = ["INV", "RE", "F", "2026/"].randomElement(using: &random) ?? "INV"
        return "\(letters)-\(UInt32.random(in: 100_000...UInt32.max, using: &random))"
    }

    private var inventedLines: [JSON] {
        (0..<Int.random(in: 1...3, using: &random)).map { _ in
            let cents = Int.random(in: 500...500_000, using: &random)
            let cost = Decimal("\(cents / 100).\(cents % 100 < 10 ? "0" : "")\(cents % 100)") ?? 1
            return line(cost: cost, quantity: Int.random(in: 1...12, using: &random))
        }
    }

    private func line(cost: Decimal, quantity: Int) -> JSON {
        [
            "lineType": "Account", "lineObjectNumber": "6110",
            "description": .string(Self.wares.randomElement(using: &random) ?? ""), "quantity": .number(quantity),
            "unitCost": .number(cost),
        ]
    }
}
