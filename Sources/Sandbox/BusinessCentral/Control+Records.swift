import Core
import Transport

/// What people do to records of any kind.
extension BusinessCentralSimulator {
    func controlRecords(
        of type: EntityType,
        _ path: ArraySlice<Substring>,
        _ method: HTTPMethod,
        _ field: JSONField,
        _ company: Company
    ) throws -> JSON {
        guard let key = path.first else {
            switch method {
            case .get: return .array(company[type].sorted(by: RowOrder([])).map(\.json))
            case .post: return try make(type, field, company)
            default: throw ControlRefusal.unknown("\(type.set) are listed with GET and made with POST")
            }
        }
        let row = try record(of: type, key, company)
        let rest = path.dropFirst()
        switch (method, rest.first, rest.count) {
        case (.get, nil, 0): return row.json
        case (.patch, nil, 0): return try edit(row, field, company).json
        case (.delete, nil, 0):
            if DocumentKind.ofDocuments(type) != nil { company.deleteDocument(row) } else { try company.delete(row) }
            return [:]
        case (_, let name?, 1):
            if let navigation = type.navigation.first(where: { $0.name == name && $0.isToMany }),
                case .many(let parentField) = navigation.way, let target = EntityType.named(navigation.target)
            {
                if method == .get { return .array(company[target].find(parentField, .guid(row.id)).map(\.json)) }
                guard method == .post else { break }
                return try company.create(target, try body(field, target), under: row).json
            }
            guard method == .post else { break }
            return try move(row, name, field, company)
        default: break
        }
        throw ControlRefusal.unknown("there is no \(method.name) /\(type.set)/\(path.joined(separator: "/"))")
    }

    private func record(of type: EntityType, _ key: Substring, _ company: Company) throws -> Row {
        let decoded = PercentCoding.decoded(key.utf8) ?? String(key)
        guard let row = company[type][decoded.lowercased()] ?? company[type].row(key: decoded) else {
            throw ControlRefusal.unknown("there is no record of \(type.set) with the key \(decoded)")
        }
        return row
    }

    /// Without what only people's requests have.
    private func body(_ field: JSONField, _ type: EntityType) throws -> WriteBody {
        var members = JSON.Object()
        for (name, member) in try field.members() {
            let isOwn =
                ["company", "count", "stampSecondsAgo"].contains(name)
                || ["amount", "status"].contains(name) && DocumentKind.ofDocuments(type) != nil
            if !isOwn { members[name] = member.value }
        }
        return try WriteBody(.object(members), of: type, withChildren: true, byPerson: true)
    }

    private func make(_ type: EntityType, _ field: JSONField, _ company: Company) throws -> JSON {
        let count = try field["count"].orNil?.int(in: 1...100_000) ?? 1
        company.keepsLedger = count <= 500
        defer { company.keepsLedger = true }
        var made: [JSON] = []
        for _ in 0..<count {
            var body = try body(field, type)
            body.isByPerson = true
            var row = try company.create(type, body)
            if DocumentKind.ofDocuments(type) != nil {
                if let amount = try field["amount"].orNil?.decimal() {
                    try company.setAmount(amount, of: &row)
                    row = company.write(row, .updated)
                }
                if let status = try field["status"].orNil?.string(), status != "Draft" {
                    row = try setStatus(status, of: row, company)
                }
            }
            made.append(row.json)
        }
        return .array(made)
    }

    private func setStatus(_ status: String, of row: Row, _ company: Company) throws(Refusal) -> Row {
        if company.kind(of: row).isOrder { return try company.setOrderStatus(status, of: row) }
        let posted = try company.post(row)
        return status == "Open" ? posted : try company.setStatus(status, of: posted)
    }

    private func edit(_ row: Row, _ field: JSONField, _ company: Company) throws -> Row {
        var row = row
        let ago = try field["stampSecondsAgo"].orNil?.int(in: 0...86_400)
        // Set within a transaction, the stamp lies before the commit that makes it visible.
        let stamp = ago.map { company.stamp + .seconds(-$0) }
        if DocumentKind.ofDocuments(row.type) != nil {
            if let amount = try field["amount"].orNil?.decimal() { try company.setAmount(amount, of: &row) }
            if row.type === EntityType.purchaseOrders, let theirs = try field["vendorInvoiceNumber"].orNil?.string() {
                company.typedNumbers[row.id] = theirs
                return row
            }
        }
        return try company.change(row, try body(field, row.type), stamp: stamp)
    }

    private func move(_ row: Row, _ verb: Substring, _ field: JSONField, _ company: Company) throws -> JSON {
        let isDocument = DocumentKind.ofDocuments(row.type) != nil
        switch (verb, isDocument) {
        case ("post", false): try company.perform("post", on: row)
        case ("post", true): return try company.post(row).json
        case ("pay", true): return try company.pay(row, try field["amount"].orNil?.decimal()).json
        case ("cancel", true): return try company.setStatus("Canceled", of: row).json
        case ("reopen", true):
            let isOrder = company.kind(of: row).isOrder
            return try (isOrder ? company.setOrderStatus("Draft", of: row) : company.setStatus("Open", of: row)).json
        case ("release", true): return try company.setOrderStatus("Open", of: row).json
        case ("review", true): return try company.setOrderStatus("In_x0020_Review", of: row).json
        case ("receive", true), ("ship", true): try company.move(row)
        case ("invoice", true): try company.invoice(row)
        default: throw ControlRefusal.unknown("\(row.type.set) cannot be told to \(verb)")
        }
        return company[row.type][row.id]?.json ?? [:]
    }
}
