import Core

/// Believable data: the same for the same seed.
extension BusinessCentralSimulator.Company {
    private struct Known {
        var name: String
        var street: String
        var city: String
        var country: String
        var postCode: String
        var currency: String
        var isTaxed: Bool

        init(
            _ name: String,
            _ street: String,
            _ city: String,
            _ country: String,
            _ postCode: String,
            _ currency: String
        ) {
            self.name = name
            self.street = street
            self.city = city
            self.country = country
            self.postCode = postCode
            self.currency = currency
            isTaxed = country != "US"
        }
    }

    private static let known = [
        Known("Graphic Design Institute", "1 Harbour Road", "Seattle", "US", "98101", "USD"),
        Known("Fabrikam, Inc.", "10 North Lake Avenue", "Atlanta", "US", "31772", "USD"),
        Known("Müller & Söhne GmbH", "Gießereistraße 4", "Nürnberg", "DE", "90402", "EUR"),
        Known("Ørsted Værktøj A/S", "Åboulevarden 22", "Århus", "DK", "8000", "DKK"),
        Known("Smörgås Kontorsmaterial AB", "Storgatan 9", "Malmö", "SE", "211 42", "SEK"),
        Known("Dębowski i Wspólnicy", "ul. Żelazna 51", "Łódź", "PL", "90-001", "PLN"),
        Known("Société Générale d'Éclairage", "12 rue de l'Église", "Nîmes", "FR", "30000", "EUR"),
        Known("株式会社 青空印刷", "中央区銀座 1-2-3", "東京", "JP", "104-0061", "JPY"),
        Known("O'Brien \"Quick\" Haulage Ltd", "7 Quay Street", "Galway", "IE", "H91", "EUR"),
        Known("Čapek strojírny s.r.o.", "Náměstí Míru 3", "Plzeň", "CZ", "301 00", "CZK"),
        Known("Northwind Tools AS", "Kaigata 1", "Oslo", "NO", "0150", "NOK"),
        Known("Café & Kantine ☕ Zürich AG", "Bahnhofstrasse 100", "Zürich", "CH", "8001", "CHF"),
    ]

    private static let wares = [
        "Office chairs", "July rent", "Steel profiles 40×40", "Freight to Århus", "Licence, yearly",
        "Printing, 4/4 colour",
        "Consulting hours", "Cleaning", "Toner – black", "Catering (12 persons)", "Crane hire", "Repair of pump Nº 7",
    ]

    func addVendors() {
        for (index, known) in Self.known.enumerated() {
            var row = vendors.makeRow(id: random.guid())
            row["number"] = .string("V000\((index + 1) * 10)")
            row["displayName"] = .string(known.name)
            row["addressLine1"] = .string(known.street)
            row["city"] = .string(known.city)
            row["country"] = .string(known.country)
            row["postalCode"] = .string(known.postCode)
            row["email"] = .string("ap\(index + 1)@vendor.example")
            row["taxRegistrationNumber"] = .string("\(known.country)\(700_000_000 + index * 7_919)")
            row["currencyCode"] = .string(known.currency)
            row["taxLiable"] = .flag(known.isTaxed)
            row["lastModifiedDateTime"] = .time(stamp)
            vendors.write(row, at: clock.instant)
        }
    }

    /// Drafts, open ones and paid ones in turn.
    func addInvoices(_ count: Int) {
        for index in 0..<count {
            let status = ["Draft", "Open", "Draft", "Paid"][index % 4]
            // What we make up ourselves is never refused.
            _ = try? addInvoice(InvoiceWish(status: status))
        }
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
        let vendor = wish.vendorNumber ?? "V000\(Int.random(in: 1...Self.known.count, using: &random) * 10)"
        var members = JSON.Object()
        members["vendorNumber"] = .string(vendor)
        members["invoiceDate"] = .string(today.text)
        members["postingDate"] = .string(today.text)
        members["vendorInvoiceNumber"] = .string(wish.vendorInvoiceNumber ?? inventedNumber)
        members["dueDate"] = .string((wish.dueDate ?? today.adding(days: dueDays)).text)
        if let currency = wish.currency { members["currencyCode"] = .string(currency) }
        members["purchaseInvoiceLines"] = .array(wish.amount.map { [line(cost: $0, quantity: 1)] } ?? inventedLines)
        let body = try WriteBody(.object(members), of: .purchaseInvoices, withLines: true)
        var row = try createInvoice(body)
        if wish.status != "Draft" { row = try post(row) }
        if !["Draft", "Open"].contains(wish.status) { row = try setStatus(wish.status, of: row) }
        return row
    }

    /// Puts one line in place of all, whose net amount is this.
    func setAmount(_ amount: Decimal, of row: inout Row) throws(Refusal) {
        let body = try WriteBody(line(cost: amount, quantity: 1), of: .purchaseInvoiceLines, withLines: false)
        let line = try makeLine(body, of: row, sequence: 10_000)
        try total(&row, [line])
        for old in lines(of: row.id) { lines.remove(old.id, at: clock.instant) }
        linesOfInvoice[row.id] = nil
        keep(line)
    }

    private var dueDays: Int { [14, 30, 30, 45, 60].randomElement(using: &random) ?? 30 }
    private var inventedNumber: String {
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
