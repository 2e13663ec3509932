import Core

/// Believable books of a distributor: the same for the same seed.
extension NavSimulator.Company {
    private static let vendors:
        [(number: String, name: String, city: String, country: String, group: String, currency: String)] = [
            ("10000", "London Postmaster", "London", "GB", "DOMESTIC", ""),
            ("20000", "AR Day Property Management", "Birmingham", "GB", "DOMESTIC", ""),
            ("30000", "CoolWood Technologies", "Leeds", "GB", "DOMESTIC", ""),
            ("40000", "Lewis Home Furniture", "Newport", "GB", "DOMESTIC", ""),
            ("50000", "Service Electronics Ltd.", "Luton", "GB", "DOMESTIC", ""),
            ("01254796", "Progressive Home Furnishings", "Chicago", "US", "EXPORT", "USD"),
            ("31147896", "Houtindustrie Bruynsma", "Zaandam", "NL", "EU", "EUR"),
            ("35225588", "Húsgagnaiðjan hf & Søn", "Reykjavík", "IS", "EXPORT", "USD"),
            ("38654478", "Malmö Överläder & Trä AB", "Malmö", "SE", "EU", "SEK"),
            ("44127904", "O'Hara's \"Quick\" Haulage", "Galway", "IE", "EU", "EUR"),
            ("45774477", "Możdżeń i Wspólnicy Sp. z o.o.", "Łódź", "PL", "EU", "PLN"),
            ("46895623", "Grenzüberschreitende Möbelwerke Nürnberg GmbH & Co", "Nürnberg", "DE", "EU", "EUR"),
            ("47521478", "VAG - Jürgensmeier", "Hamburg", "DE", "EU", "EUR"),
            ("49494949", "KKA Büromaschinen A/S, Århus", "Århus", "DK", "EU", "DKK"),
            ("61000", "Electronics <Parts> & More", "Cardiff", "GB", "DOMESTIC", ""),
        ]
    private static let accounts: [(number: String, name: String, isDirect: Bool)] = [
        ("2910", "Cash", true), ("5410", "Vendors, Domestic", false), ("6110", "Rent", true),
        ("7110", "Purchases, Domestic", true), ("8110", "Cleaning", true), ("8120", "Electricity and Heating", true),
        ("8230", "Postage", true), ("8450", "Delivery Expenses", true), ("8510", "Gasoline and Motor Oil", true),
    ]
    private static let items: [(number: String, name: String, cost: String)] = [
        ("1896-S", "ATHENS Desk", "506.60"), ("1900-S", "PARIS Guest Chair, black", "97.50"),
        ("1908-S", "LONDON Swivel Chair, blue", "96.10"), ("1920-S", "ANTWERP Conference Table", "328.00"),
        ("1996-S", "ATLANTA Whiteboard, base", "706.90"), ("70000", "Side Panel", "10.40"),
    ]
    private static let values: [(dimension: String, code: String, name: String)] = [
        ("DEPARTMENT", "ADM", "Administration"), ("DEPARTMENT", "PROD", "Production"), ("DEPARTMENT", "SALES", "Sales"),
        ("PROJECT", "MERCEDES", "Mercedes 300"), ("PROJECT", "TOYOTA", "Toyota Supra 3.0"),
        ("PROJECT", "VW", "Volkswagen GTI"),
    ]

    func addMasters() {
        for (index, known) in Self.vendors.enumerated() {
            var row = Row()
            row.set("No", known.number)
            row.set("Name", known.name)
            row.set("Search_Name", known.name.uppercased())
            row.set("City", known.city)
            row.set("Country_Region_Code", known.country)
            row.set("VAT_Bus_Posting_Group", known.group)
            row.set("Gen_Bus_Posting_Group", known.group)
            row.set("Vendor_Posting_Group", known.group == "DOMESTIC" ? "DOMESTIC" : "FOREIGN")
            row.set("Currency_Code", known.currency == Self.localCurrency ? "" : known.currency)
            row.set("Payment_Terms_Code", ["1M(8D)", "14 DAYS", "CM"][index % 3])
            row.set("VAT_Registration_No", "\(known.country)\(700_000_000 + index * 7_919)")
            row.set("E_Mail", "ap\(index + 1)@vendor.example")
            row.set("Last_Date_Modified", today.adding(days: -30))
            write(.vendors, row)
        }
        for known in Self.accounts {
            var row = Row()
            row.set("No", known.number)
            row.set("Name", known.name)
            row.set("Account_Type", "Posting")
            row.set("Direct_Posting", known.isDirect)
            row.set("Last_Date_Modified", today.adding(days: -30))
            write(.accounts, row)
        }
        for known in Self.items {
            var row = Row()
            row.set("No", known.number)
            row.set("Description", known.name)
            row.set("Base_Unit_of_Measure", "PCS")
            row.set("Last_Direct_Cost", Decimal(known.cost) ?? 1)
            row.set("Last_Date_Modified", today.adding(days: -30))
            write(.items, row)
        }
        addCustomers()
        addSetup()
    }

    private func addCustomers() {
        for (number, name) in [
            ("10000", "The Cannon Group PLC"), ("20000", "Selangorian Ltd."), ("21245278", "Maronegoce"),
        ] {
            var row = Row()
            row.set("No", number)
            row.set("Name", name)
            row.set("Last_Date_Modified", today.adding(days: -30))
            write(.customers, row)
        }
    }

    private func addSetup() {
        for code in ["DEPARTMENT", "PROJECT", "AREA"] {
            var row = Row()
            row.set("Code", code)
            row.set("Name", String(code.prefix(1)) + code.dropFirst().lowercased())
            write(.dimensions, row)
        }
        for known in Self.values { addDimensionValue(known.dimension, known.code, known.name) }
        var setup = Row()
        setup.set("LCY_Code", Self.localCurrency)
        for number in [1, 2] {
            let code = number == 1 ? "DEPARTMENT" : "PROJECT"
            setup.set("Global_Dimension_\(number)_Code", code)
            setup.set("Shortcut_Dimension_\(number)_Code", code)
        }
        setup.set("Shortcut_Dimension_3_Code", "AREA")
        write(.setup, setup)
        for (template, name) in [("GENERAL", "DEFAULT"), ("GENERAL", "MLCONN"), ("PAYMENT", "BANK")] {
            var row = Row()
            row.set("Journal_Template_Name", template)
            row.set("Name", name)
            row.set("Description", name == "MLCONN" ? "Written by ml-connector" : "Default Journal")
            write(.journalBatches, row)
        }
    }

    @discardableResult
    func addDimensionValue(_ dimension: String, _ code: String, _ name: String) -> Row {
        var row = Row()
        row.set("Dimension_Code", dimension)
        row.set("Code", code)
        row.set("Name", name)
        return write(.dimensionValues, row)
    }

    // MARK: Documents

    /// What somebody wants of a document that is to be made; the rest is made up.
    struct Wish {
        var type = "Invoice"
        var vendor: String?
        var vendorInvoice: String?
        var amount: Decimal?
        var due: Day?
        var currency: String?
        var department: String?
        var project: String?
    }

    func add(_ wish: Wish) throws(Refusal) -> Row {
        let page = wish.type == "Order" ? Page.purchaseOrder : Page.purchaseInvoice
        let day = today.adding(days: -Int.random(in: 0...60, using: &random))
        let vendor = wish.vendor ?? Self.vendors[Int.random(in: 0..<Self.vendors.count, using: &random)].number
        var values: [(String, Value)] = [
            ("Buy_from_Vendor_No", .text(vendor)), ("Document_Date", .day(day)), ("Posting_Date", .day(day)),
            ("Order_Date", .day(day)), ("Vendor_Invoice_No", .text(wish.vendorInvoice ?? inventedNumber)),
        ]
        if let due = wish.due { values.append(("Due_Date", .day(due))) }
        if let currency = wish.currency { values.append(("Currency_Code", .text(currency))) }
        values.append(("Shortcut_Dimension_1_Code", .text(wish.department ?? pick(["", "ADM", "PROD", "SALES"]))))
        values.append(("Shortcut_Dimension_2_Code", .text(wish.project ?? pick(["", "", "TOYOTA", "VW"]))))
        if wish.type == "Order" { values.append(("Expected_Receipt_Date", .day(day.adding(days: 21)))) }
        let header = try insert(page, fields(values, of: page))
        guard let lines = page.part?.page else { return header }
        if let amount = wish.amount {
            try addLine(lines, header, "G/L Account", "6110", 1, amount)
        } else {
            for _ in 0..<Int.random(in: 1...3, using: &random) { try addInventedLine(lines, header) }
        }
        return header
    }

    func fields(_ values: [(String, Value)], of page: Page) -> [(field: Field, value: Value)] {
        values.compactMap { name, value in page.field(name).map { ($0, value) } }
    }

    private func addInventedLine(_ page: Page, _ header: Row) throws(Refusal) {
        let quantity = Decimal(Int.random(in: 1...12, using: &random))
        guard page.documentType == "Order" else {
            let account = pick(["6110", "8110", "8120", "8230", "8450"])
            return try addLine(page, header, "G/L Account", account, quantity, inventedCost)
        }
        let item = Self.items[Int.random(in: 0..<Self.items.count, using: &random)]
        try addLine(page, header, "Item", item.number, quantity, Decimal(item.cost) ?? 1)
    }

    func addLine(
        _ page: Page,
        _ header: Row,
        _ type: String,
        _ number: String,
        _ quantity: Decimal,
        _ cost: Decimal
    ) throws(Refusal) {
        let values: [(String, Value)] = [
            ("Type", .text(type)), ("No", .text(number)), ("Quantity", .number(quantity)),
            ("Direct_Unit_Cost", .number(cost)),
        ]
        _ = try insert(page, fields(values, of: page), below: header)
    }

    /// One line in place of all, whose net amount is this.
    func setAmount(_ amount: Decimal, of header: Row) throws(Refusal) {
        let page = header.text("Document_Type") == "Order" ? Page.purchaseOrderLines : Page.purchaseInvoiceLines
        try demandOpen(header)
        for line in lines(of: header) { remove(.purchaseLines, line) }
        try addLine(page, header, "G/L Account", "6110", 1, amount)
    }

    /// Open, released and waiting for somebody's approval in turn; of the posted, every second is paid.
    func addDocuments(_ settings: NavSimulator.Settings) {
        // What we make up ourselves is never refused.
        for index in 0..<settings.seedInvoices {
            guard let made = try? add(Wish()) else { continue }
            if index % 4 == 1 { _ = try? release(made) }
            if index % 8 == 3 { _ = try? sendForApproval(made, to: [settings.user]) }
        }
        for index in 0..<settings.seedOrders {
            guard let made = try? add(Wish(type: "Order")) else { continue }
            if index % 2 == 1 { _ = try? release(made) }
        }
        for index in 0..<settings.seedPosted {
            guard let made = try? add(Wish()), let posted = try? post(made) else { continue }
            if index % 2 == 1 { try? pay(posted) }
        }
    }

    private func pick(_ texts: [String]) -> String { texts.randomElement(using: &random) ?? "" }

    private var inventedNumber: String {
        "\(pick(["INV", "RE", "F", "2026/"]))-\(UInt32.random(in: 100_000...UInt32.max, using: &random))"
    }

    private var inventedCost: Decimal {
        let cents = Int.random(in: 500...500_000, using: &random)
        return Decimal("\(cents / 100).\(cents % 100 < 10 ? "0" : "")\(cents % 100)") ?? 1
    }
}
