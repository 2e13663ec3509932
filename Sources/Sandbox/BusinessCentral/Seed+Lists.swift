import Core

/// The lists that documents choose from, and the accounts that they end on.
extension BusinessCentralSimulator.Company {
    /// What every company has before the first document.
    func addBasics() {
        let today = clock.now.day
        put(
            .generalLedgerSetup,
            [
                "localCurrencyCode": .string(Self.localCurrency), "localCurrencySymbol": .string("€"),
                "shortcutDimension1Code": .string("DEPARTMENT"), "shortcutDimension2Code": .string("COSTCENTRE"),
                "shortcutDimension3Code": .string("PROJECT"), "allowPostingFrom": .day(today.adding(days: -3_650)),
            ]
        )
        put(
            .companyInformation,
            [
                "displayName": .string(name), "addressLine1": .string("7122 South Ashford Street"),
                "city": .string("Atlanta"), "country": .string("US"), "currencyCode": .string(Self.localCurrency),
            ]
        )
        addCodes()
        addDimensions()
        addAccounts()
        addItems()
        addParties()
        for (code, title) in [("DEFAULT", "Default Journal"), ("MLCONN", "Connector"), ("MONTHLY", "Monthly")] {
            put(
                .journals,
                [
                    "code": .string(code), "displayName": .string(title), "templateDisplayName": .string("GENERAL"),
                ]
            )
        }
        put(
            .journals,
            [
                "code": .string("ASSETS"), "displayName": .string("Fixed assets"),
                "templateDisplayName": .string("ASSETS"),
            ]
        )
        let bank = self[.bankAccounts].row(key: "CHECKING")
        put(
            .vendorPaymentJournals,
            [
                "code": .string("BANK"), "displayName": .string("Bank transfers"),
                "balancingAccountId": .guid(bank?.id ?? ""), "balancingAccountNumber": .string("CHECKING"),
            ]
        )
    }

    @discardableResult
    private func put(_ type: EntityType, _ values: KeyValuePairs<String, BusinessCentralSimulator.Value>) -> Row {
        var row = self[type].makeRow(id: random.guid())
        for (name, value) in values { row[name] = value }
        row.set("lastModifiedDateTime", .time(stamp))
        return self[type].write(row, at: clock.instant)
    }

    private func addCodes() {
        for (code, symbol, title, rounding) in [
            ("EUR", "€", "Euro", "0.01"), ("USD", "$", "US dollar", "0.01"), ("GBP", "£", "Pound sterling", "0.01"),
            ("NOK", "kr", "Norwegian krone", "0.01"), ("SEK", "kr", "Swedish krona", "0.01"),
            ("DKK", "kr", "Danish krone", "0.01"), ("CHF", "Fr", "Swiss franc", "0.05"),
            ("PLN", "zł", "Polish złoty", "0.01"), ("CZK", "Kč", "Czech koruna", "0.01"),
            ("JPY", "¥", "Japanese yen", "1"),
        ] {
            put(
                .currencies,
                [
                    "code": .string(code), "displayName": .string(title), "symbol": .string(symbol),
                    "amountDecimalPlaces": .string(rounding == "1" ? "0:0" : "2:2"),
                    "amountRoundingPrecision": .number(Decimal(rounding) ?? .zero),
                ]
            )
        }
        for (code, formula, title) in [
            ("14 DAYS", "14D", "Net 14 days"), ("30 DAYS", "30D", "Net 30 days"), ("60 DAYS", "60D", "Net 60 days"),
            ("CM", "CM", "Current month"), ("COD", "0D", "Cash on delivery"),
        ] {
            put(
                .paymentTerms,
                [
                    "code": .string(code), "displayName": .string(title), "dueDateCalculation": .string(formula),
                ]
            )
        }
        let lists: [(EntityType, [(String, String)])] = [
            (.paymentMethods, [("BANK", "Bank transfer"), ("CASH", "Cash"), ("CHECK", "Check")]),
            (
                .shipmentMethods,
                [("EXW", "Ex works"), ("DDP", "Delivered duty paid"), ("PICKUP", "Pickup at location")]
            ),
            (.locations, [("MAIN", "Main warehouse"), ("EAST", "East warehouse"), ("Ø-LAGER", "Ø, eget lager")]),
            (.unitsOfMeasure, [("PCS", "Piece"), ("HOUR", "Hour"), ("KG", "Kilogram"), ("BOX", "Box of 10")]),
            (.itemCategories, [("CHAIR", "Office chairs"), ("DESK", "Desks"), ("SERVICE", "Services")]),
        ]
        for (type, entries) in lists {
            for (code, title) in entries { put(type, ["code": .string(code), "displayName": .string(title)]) }
        }
    }

    private func addDimensions() {
        for (code, title, values) in [
            ("DEPARTMENT", "Department", [("ADM", "Administration"), ("PROD", "Production"), ("SALES", "Sales")]),
            ("COSTCENTRE", "Cost centre", [("1000", "Head office"), ("2000", "Nørrebro"), ("3000", "Zürich")]),
            (
                "PROJECT", "Project",
                [("MERCEDES", "Mercedes 300"), ("TOYOTA", "Toyota Supra"), ("VW", "VW Transporter")]
            ),
        ] {
            let dimension = put(.dimensions, ["code": .string(code), "displayName": .string(title)])
            for (code, title) in values {
                put(
                    .dimensionValues,
                    [
                        "code": .string(code), "displayName": .string(title), "dimensionId": .guid(dimension.id),
                    ]
                )
            }
        }
    }

    private func addAccounts() {
        for (number, title, category, kind, isDirect) in [
            ("1000", "BALANCE SHEET", "_x0020_", "Heading", false), ("2310", "Customers", "Assets", "Posting", false),
            ("2920", "Bank, EUR", "Assets", "Posting", true), ("2999", "Total assets", "Assets", "Total", false),
            ("5410", "Vendors", "Liabilities", "Posting", false),
            ("5610", "Sales tax", "Liabilities", "Posting", false),
            ("5630", "Purchase tax", "Liabilities", "Posting", false),
            ("6110", "Sales and costs", "Income", "Posting", true),
            ("6120", "Sales abroad", "Income", "Posting", true),
            ("7110", "Cost of goods", "Cost_x0020_of_x0020_Goods_x0020_Sold", "Posting", true),
            ("8110", "Cleaning", "Expense", "Posting", true),
            ("8120", "Electricity & heating", "Expense", "Posting", true),
            ("8130", "Repairs", "Expense", "Posting", true), ("8210", "Office supplies", "Expense", "Posting", true),
            ("8999", "Closed account", "Expense", "Posting", true),
        ] {
            put(
                .accounts,
                [
                    "number": .string(number), "displayName": .string(title), "category": .string(category),
                    "accountType": .string(kind), "directPosting": .flag(isDirect), "blocked": .flag(number == "8999"),
                ]
            )
        }
        put(.bankAccounts, ["number": .string("CHECKING"), "displayName": .string("World Wide Bank")])
        put(.bankAccounts, ["number": .string("SAVINGS"), "displayName": .string("Savings")])
    }

    private func addItems() {
        for (number, title, kind, category, cost, price) in [
            ("1896-S", "ATHENS Desk", "Inventory", "DESK", "780.70", "1000.80"),
            ("1900-S", "PARIS Guest Chair, black", "Inventory", "CHAIR", "150.60", "193.10"),
            ("1906-S", "ATHENS Mobile Pedestal", "Inventory", "DESK", "336.20", "431.10"),
            ("1920-S", "ANTWERP Conference Table", "Inventory", "DESK", "505.30", "647.90"),
            ("1936-S", "BERLIN Guest Chair, yellow 🪑", "Inventory", "CHAIR", "150.60", "193.10"),
            ("70100", "Paint, black – 5 l", "Inventory", "", "4.50", "7.25"),
            ("ADVICE", "Advice by the hour", "Service", "SERVICE", "60", "120"),
            ("FREIGHT", "Freight", "Non_x002D_Inventory", "SERVICE", "0", "0"),
        ] {
            let group = self[.itemCategories].row(key: category)
            let unit = self[.unitsOfMeasure].row(key: kind == "Service" ? "HOUR" : "PCS")
            put(
                .items,
                [
                    "number": .string(number), "displayName": .string(title), "type": .string(kind),
                    "itemCategoryCode": .string(category), "itemCategoryId": group.map { .guid($0.id) } ?? .noGuid,
                    "baseUnitOfMeasureCode": .string(unit?.key ?? ""),
                    "baseUnitOfMeasureId": unit.map { .guid($0.id) } ?? .noGuid,
                    "unitCost": .number(Decimal(cost) ?? .zero), "unitPrice": .number(Decimal(price) ?? .zero),
                    "inventory": .number(kind == "Inventory" ? 40 : .zero),
                ]
            )
        }
    }
}
