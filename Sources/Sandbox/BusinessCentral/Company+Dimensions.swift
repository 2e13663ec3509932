import Core

/// Dimensions as they are assigned: to documents and lines that are open, to journal lines, and as defaults.
extension BusinessCentralSimulator.Company {
    private static let parents: [String: String] = [
        "purchaseInvoices": "Purchase Invoice", "purchaseInvoiceLines": "Purchase Invoice Line",
        "purchaseOrders": "Purchase Order", "purchaseOrderLines": "Purchase Order Line",
        "salesInvoices": "Sales Invoice", "salesInvoiceLines": "Sales Invoice Line", "salesOrders": "Sales Order",
        "salesOrderLines": "Sales Order Line", "journalLines": "Journal Line", "vendorPayments": "Journal Line",
        "generalLedgerEntries": "General Ledger Entry", "vendors": "Vendor", "customers": "Customer", "items": "Item",
    ]

    static func encodedMember(_ caption: String) -> String {
        caption.split(separator: " ", omittingEmptySubsequences: false).joined(separator: "_x0020_")
    }

    func createDimensionLine(_ body: WriteBody, of parent: Row?) throws(Refusal) -> Row {
        guard let parent else {
            throw .badBody("A dimension needs its parent.", rule: "dimension without parent")
        }
        if !body.isByPerson { try demandOpenParent(parent) }
        var line = self[.dimensionSetLines].makeRow(id: random.guid())
        line["id"] = .noGuid
        line["parentId"] = .guid(parent.id)
        line["parentType"] = .string(Self.encodedMember(Self.parents[parent.type.set] ?? ""))
        try apply(body, to: &line)
        guard line["id"] != .noGuid, line["valueId"] != .noGuid else {
            throw .badBody("A dimension and a value must be provided.", rule: "dimension incomplete")
        }
        guard dimensionLine(line.guid("id"), of: parent.id) == nil else {
            throw Refusal(
                400,
                "Internal_EntityWithSameKeyExists",
                "The document has a value of this dimension already.",
                rule: "dimension given twice"
            )
        }
        let kept = self[.dimensionSetLines].write(line, at: clock.instant)
        try touch(parent, line.text("code"), line.text("valueCode"))
        return kept
    }

    func changeDimensionLine(_ line: Row, _ body: WriteBody) throws(Refusal) -> Row {
        let parent = try parent(of: line)
        try demandOpenParent(parent)
        var changed = line
        try apply(body, to: &changed)
        for name in ["id", "code"] where changed[name] != line[name] { throw Self.fixed(name) }
        let kept = self[.dimensionSetLines].write(changed, at: clock.instant)
        try touch(parent, changed.text("code"), changed.text("valueCode"))
        return kept
    }

    func deleteDimensionLine(_ line: Row) throws(Refusal) {
        let parent = try parent(of: line)
        try demandOpenParent(parent)
        self[.dimensionSetLines].remove(line.id, at: clock.instant)
        try touch(parent, line.text("code"), "")
    }

    /// The key of such a line is its dimension, within what it belongs to.
    func dimensionLine(_ dimension: String, of parent: String) -> Row? {
        self[.dimensionSetLines].find("parentId", .guid(parent)).first { $0.guid("id") == dimension }
    }

    func removeDimensions(of parent: Row) {
        for line in self[.dimensionSetLines].find("parentId", .guid(parent.id)) {
            self[.dimensionSetLines].remove(line.id, at: clock.instant)
        }
    }

    func copyDimensions(of origin: Row, to entry: Row) {
        for line in self[.dimensionSetLines].find("parentId", .guid(origin.id)) {
            var copy = self[.dimensionSetLines].makeRow(id: random.guid())
            copy.values = line.values
            copy["parentId"] = .guid(entry.id)
            copy["parentType"] = .string(Self.encodedMember(Self.parents[entry.type.set] ?? ""))
            self[.dimensionSetLines].write(copy, at: clock.instant)
        }
    }

    /// One of the two dimensions that stand on documents themselves.
    func checkShortcut(_ code: String, _ field: String) throws(Refusal) {
        guard !code.isEmpty else { return }
        let dimension = self[.generalLedgerSetup].rows.values.first.map { $0.text(field) } ?? ""
        _ = try value(code, of: try self.dimension(dimension))
    }

    private func dimension(_ code: String) throws(Refusal) -> Row {
        guard let row = self[.dimensions].row(key: code) else { throw Self.notInTable("Dimension", code) }
        return row
    }

    private func value(_ code: String, of dimension: Row) throws(Refusal) -> Row {
        let values = self[.dimensionValues].find("code", .string(code))
        guard let row = values.first(where: { $0.guid("dimensionId") == dimension.id }) else {
            throw Self.notInTable("Dimension Value", code)
        }
        return row
    }

    private func apply(_ body: WriteBody, to line: inout Row) throws(Refusal) {
        for (place, given) in body.values {
            switch (line.type.fields[place].name, given) {
            case ("id", .guid(let id)):
                guard let dimension = self[.dimensions][id] else { throw Self.notInTable("Dimension", id) }
                set(dimension, of: &line)
            case ("code", .string(let code)): set(try dimension(code), of: &line)
            case ("valueId", .guid(let id)):
                guard let value = self[.dimensionValues][id], value.guid("dimensionId") == line.guid("id") else {
                    throw Self.notInTable("Dimension Value", id)
                }
                set(value: value, of: &line)
            case ("valueCode", .string(let code)):
                set(value: try value(code, of: try find(.dimensions, line.guid("id"))), of: &line)
            default: line.values[place] = given
            }
        }
    }

    private func set(_ dimension: Row, of line: inout Row) {
        line["id"] = .guid(dimension.id)
        line["code"] = dimension["code"]
        line["displayName"] = dimension["displayName"]
    }

    private func set(value: Row, of line: inout Row) {
        line["valueId"] = .guid(value.id)
        line["valueCode"] = value["code"]
        line["valueDisplayName"] = value["displayName"]
    }

    private func parent(of line: Row) throws(Refusal) -> Row {
        let id = line.guid("parentId")
        for set in Self.parents.keys {
            if let type = EntityType.named(set), let row = self[type][id] { return row }
        }
        throw .noRecord(id)
    }

    private func demandOpenParent(_ parent: Row) throws(Refusal) {
        if DocumentKind.ofDocuments(parent.type) != nil { return try demandOpen(parent) }
        if DocumentKind.ofLines(parent.type) != nil { return try demandOpen(try document(of: parent).row) }
        guard parent.type !== EntityType.generalLedgerEntries else {
            throw .dialog("The dimensions of an entry cannot be changed.", rule: "change of an entry")
        }
    }

    /// The record, or the document of a line, is written anew.
    private func touch(_ parent: Row, _ code: String, _ value: String) throws(Refusal) {
        if DocumentKind.ofLines(parent.type) != nil {
            keep(try find(parent.type, parent.id))
            return touchAnew(try document(of: parent).row)
        }
        var row = try find(parent.type, parent.id)
        let setup = self[.generalLedgerSetup].rows.values.first
        for field in ["shortcutDimension1Code", "shortcutDimension2Code"] where setup?.text(field) == code {
            row.set(field, .string(value))
        }
        touchAnew(row)
    }

    private func touchAnew(_ row: Row) {
        var row = row
        let stamp = stamp
        row.set("lastModifiedDateTime", .time(stamp))
        tell(.updated, self[row.type].write(row, at: clock.instant), stamp)
    }

    // MARK: Defaults

    func createDefaultDimension(_ body: WriteBody, of parent: Row?) throws(Refusal) -> Row {
        var row = self[.defaultDimensions].makeRow(id: random.guid())
        if let parent {
            row["parentType"] = .string(Self.parents[parent.type.set] ?? "_x0020_")
            row["parentId"] = .guid(parent.id)
        }
        for (place, value) in body.values { row.values[place] = value }
        guard let dimension = self[.dimensions][row.guid("dimensionId")] else {
            throw Self.notInTable("Dimension", row.guid("dimensionId"))
        }
        row["dimensionCode"] = dimension["code"]
        if row["dimensionValueId"] != .noGuid {
            guard let value = self[.dimensionValues][row.guid("dimensionValueId")],
                value.guid("dimensionId") == dimension.id
            else { throw Self.notInTable("Dimension Value", row.guid("dimensionValueId")) }
            row["dimensionValueCode"] = value["code"]
        }
        return write(row, .created)
    }
}
