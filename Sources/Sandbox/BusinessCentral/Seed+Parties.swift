import Core

/// Vendors and customers, among them those whose names break what was not made with care.
extension BusinessCentralSimulator.Company {
    private struct Known {
        var name: String
        var street: String
        var city: String
        var country: String
        var postCode: String
        var currency: String
        var terms = ""
        var blocked = ""

        init(
            _ name: String,
            _ street: String,
            _ city: String,
            _ country: String,
            _ postCode: String,
            _ currency: String,
            terms: String = "",
            blocked: String = ""
        ) {
            self.name = name
            self.street = street
            self.city = city
            self.country = country
            self.postCode = postCode
            self.currency = currency
            self.terms = terms
            self.blocked = blocked
        }
    }

    /// As long as a name may be.
    private static let longest =
        "Vereinigte Rheinisch-Westfälische Metallwaren- und Maschinenfabriken vormals Gebrüder Müller und Co."

    private static let vendors = [
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
        Known("Søren & Ærø ApS", "Vestergade 11", "Ærøskøbing", "DK", "5970", "DKK", terms: "14 DAYS"),
        Known("\"Wide World\" Importers", "1 Wharf \\ Pier 2", "Boston", "US", "02110", "USD", terms: "CM"),
        Known("漢字商事", "北区梅田 4-5-6", "大阪", "JP", "530-0001", "JPY"),
        Known(longest, "Königsallee 1", "Düsseldorf", "DE", "40212", "EUR", terms: "60 DAYS"),
        Known("Blumen Engel 🌸 & Töchter 👩‍🌾", "Rosenweg 5", "Graz", "AT", "8010", "EUR"),
        Known("First Up Consultants", "88 Pine Street", "New York", "US", "10005", "USD", blocked: "Payment"),
        Known("Lamna <Healthcare>; %Company%", "2 Clinic Lane", "Leeds", "GB", "LS1 1AA", "GBP"),
        Known("Woodgrove Bank (closed)", "9 Lombard Street", "London", "GB", "EC3V", "GBP", blocked: "All"),
        Known("شركة النخيل للتجارة", "شارع الملك فهد 12", "الرياض", "SA", "11564", "USD"),
    ]

    private static let customers = [
        Known("Adatum Corporation", "192 Market Square", "Birmingham", "GB", "B27 4KT", "GBP", terms: "14 DAYS"),
        Known("Trey Research", "Southwark Bridge Road 91", "London", "GB", "SE1 0AX", "GBP", terms: "CM"),
        Known("School of Fine Art", "10 High Tower Green", "Miami", "US", "37125", "USD", terms: "30 DAYS"),
        Known("Alpine Ski House", "Walter-Gropius-Straße 5", "München", "DE", "80807", "EUR", terms: "30 DAYS"),
        Known("Relecloud España, S.L.", "Paseo de la Castellana 200", "Madrid", "ES", "28046", "EUR"),
        Known("Ålesund Fisk & Sjømat AS", "Brogata 2", "Ålesund", "NO", "6002", "NOK", terms: "60 DAYS"),
        Known("Guildford \"Water\" Dep't", "Lime Street 4", "Guildford", "GB", "GU1", "GBP", blocked: "Invoice"),
        Known("L'Épicerie – Fine Foods", "3 place Bellecour", "Lyon", "FR", "69002", "EUR", terms: "14 DAYS"),
    ]

    func addParties() {
        for (index, known) in Self.vendors.enumerated() {
            var row = partyRow(
                .vendors,
                known,
                number: "V000\((index + 1) * 10)",
                mail: "ap\(index + 1)@vendor.example"
            )
            row["taxRegistrationNumber"] = .string("\(known.country)\(700_000_000 + index * 7_919)")
            row["taxLiable"] = .flag(known.country != "US")
            self[.vendors].write(row, at: clock.instant)
        }
        for (index, known) in Self.customers.enumerated() {
            var row = partyRow(
                .customers,
                known,
                number: "C000\((index + 1) * 10)",
                mail: "ar\(index + 1)@customer.example"
            )
            row["type"] = .string("Company")
            row["creditLimit"] = .number(Decimal(10_000 * index))
            row["taxLiable"] = .flag(known.country != "US")
            self[.customers].write(row, at: clock.instant)
        }
        for (index, name) in ["Ester Henderson", "Bart Duncan", "Óscar Vega"].enumerated() {
            var row = self[.employees].makeRow(id: random.guid())
            let names = name.split(separator: " ")
            row["number"] = .string(["EH", "BD", "OV"][index])
            row["displayName"] = .string(name)
            row["givenName"] = .string(String(names[0]))
            row["surname"] = .string(String(names[1]))
            row["status"] = .string("Active")
            row["lastModifiedDateTime"] = .time(stamp)
            self[.employees].write(row, at: clock.instant)
        }
    }

    private func partyRow(_ type: EntityType, _ known: Known, number: String, mail: String) -> Row {
        var row = self[type].makeRow(id: random.guid())
        row["number"] = .string(number)
        row["displayName"] = .string(known.name)
        row["addressLine1"] = .string(known.street)
        row["city"] = .string(known.city)
        row["country"] = .string(known.country)
        row["postalCode"] = .string(known.postCode)
        row["email"] = .string(mail)
        // The company's own currency is written as none.
        row["currencyCode"] = .string(known.currency == Self.localCurrency ? "" : known.currency)
        if let currency = self[.currencies].row(key: row.text("currencyCode")) {
            row["currencyId"] = .guid(currency.id)
        }
        if let terms = self[.paymentTerms].row(key: known.terms) { row["paymentTermsId"] = .guid(terms.id) }
        if !known.blocked.isEmpty { row["blocked"] = .string(known.blocked) }
        row["lastModifiedDateTime"] = .time(stamp)
        return row
    }
}
