import Core

/// Vendors, customers, items and the small lists: records that stand for themselves.
extension BusinessCentralSimulator.Company {
    /// Which field names a record of another kind, and which one beside it shows that record's code.
    private struct Reference {
        let id: String
        var code: String?
        let target: String
    }

    private static let references = [
        Reference(id: "currencyId", code: "currencyCode", target: "currencies"),
        Reference(id: "paymentTermsId", target: "paymentTerms"),
        Reference(id: "paymentMethodId", target: "paymentMethods"),
        Reference(id: "shipmentMethodId", target: "shipmentMethods"),
        Reference(id: "itemCategoryId", code: "itemCategoryCode", target: "itemCategories"),
        Reference(id: "baseUnitOfMeasureId", code: "baseUnitOfMeasureCode", target: "unitsOfMeasure"),
        Reference(id: "unitOfMeasureId", code: "unitOfMeasureCode", target: "unitsOfMeasure"),
        Reference(id: "locationId", target: "locations"),
    ]

    /// True when the field names another record; the fields beside it follow.
    func applyReference(
        _ name: String,
        _ value: BusinessCentralSimulator.Value,
        to row: inout Row
    ) throws(Refusal) -> Bool {
        guard let reference = Self.references.first(where: { $0.id == name || $0.code == name }),
            let type = EntityType.named(reference.target)
        else { return false }
        let found: Row?
        switch value {
        case .guid(let id) where value != .noGuid:
            found = self[type][id]
            guard found != nil else { throw Self.notInTable(type.set, id) }
        case .string(let code) where !code.isEmpty:
            found = self[type].row(key: code)
            guard found != nil else { throw Self.notInTable(type.set == "currencies" ? "Currency" : type.set, code) }
        default: found = nil
        }
        row.set(reference.id, found.map { .guid($0.id) } ?? .noGuid)
        if let code = reference.code { row.set(code, .string(found?.key ?? "")) }
        return true
    }

    private static let series: [String: (prefix: String, first: Int)] = [
        "vendors": ("V", 10_010), "customers": ("C", 10_010), "items": ("", 70_001), "employees": ("E", 101),
        "bankAccounts": ("B", 101), "approvalRequests": ("AR", 1_001),
    ]

    func createEntry(_ type: EntityType, _ body: WriteBody) throws(Refusal) -> Row {
        var row = self[type].makeRow(id: random.guid())
        try apply(body, toEntry: &row)
        if let field = type.keyField, row.text(field).isEmpty {
            guard let series = Self.series[type.set] else {
                throw Refusal(
                    400,
                    "Application_FieldValidationException",
                    "Code must be filled in.",
                    rule: "entry without a code"
                )
            }
            var number: String
            repeat {
                number = "\(series.prefix)\(nextNumber(type.set, from: series.first))"
            } while self[type].row(key: number) != nil
            row[field] = .string(number)
        } else if self[type].row(key: row.key) != nil {
            throw Refusal(
                400,
                "Internal_EntityWithSameKeyExists",
                "The record already exists. Identification fields and values: '\(row.key)'",
                rule: "duplicate key"
            )
        }
        return write(row, .created)
    }

    func changeEntry(_ row: Row, _ body: WriteBody, stamp: WallTime? = nil) throws(Refusal) -> Row {
        var changed = row
        try apply(body, toEntry: &changed)
        guard changed.key == row.key || self[row.type].row(key: changed.key) == nil else {
            throw Refusal(
                400,
                "Internal_EntityWithSameKeyExists",
                "The record already exists. Identification fields and values: '\(changed.key)'",
                rule: "duplicate key"
            )
        }
        return write(changed, .updated, stamp: stamp)
    }

    private func apply(_ body: WriteBody, toEntry row: inout Row) throws(Refusal) {
        for (place, value) in body.values {
            guard try !applyReference(row.type.fields[place].name, value, to: &row) else { continue }
            row.values[place] = value
        }
    }

    /// Whoever has documents stays.
    func deleteParty(_ row: Row) throws(Refusal) {
        for kind in BusinessCentralSimulator.DocumentKind.all where kind.parties === row.type {
            guard self[kind.documents].find(kind.party + "Id", .guid(row.id)).isEmpty else {
                throw .dialog(
                    "You cannot delete \(row.key): there are documents or ledger entries for it.",
                    rule: "deletion of a party with documents"
                )
            }
        }
        remove(row)
    }
}
