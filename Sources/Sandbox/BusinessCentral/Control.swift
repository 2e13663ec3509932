import Core
import Transport

/// What people at Business Central, and its administrators, can do to it.
///
///     GET    invoices                      number, id, status and amount of all
///     POST   invoices                      {"count": 3, "status": "Open", …}: makes them
///     PATCH  invoices                      {"count": 50, …}: edits many, all stamped with one instant
///     GET    invoices/{number or id}       one in full
///     PATCH  invoices/{number or id}       {"dueDate": …, "amount": …}: edits one, as a person may
///     POST   invoices/{…}/{verb}           post, pay, cancel or reopen: moves it on
///     DELETE invoices/{number or id}
///     GET    {set}                         every other kind of record, by the name of its entity set: all in full
///     POST   {set}                         {"count": 2, "amount": 10, "status": "Open", …fields}: makes them
///     PATCH  {set}/{key}                   {…fields, "amount": …, "stampSecondsAgo": 60}: edits one, as a person may
///     POST   {set}/{key}/{verb}            post, pay {"amount"}, cancel, reopen, release, review, receive, ship, invoice
///     DELETE {set}/{key}                   a key is a number, a code or an id
///     GET    {set}/{key}/{lines}           what belongs to one;  POST {set}/{key}/{lines} {…} adds to it
///     GET    subscriptions                 DELETE subscriptions/{id} drops one without a word
///     POST   tokens/expire
///     POST   application                   {"secret": "good|revoked|expired", "enabled": false, "provisioned": false}
///     PATCH  settings                      {"notificationDelayMilliseconds": 200, …}: those of `Settings`
///
/// A body may name a `company`; without, it is the first.
extension BusinessCentralSimulator {
    package func control(_ path: [Substring], _ method: HTTPMethod, body: JSON) async throws -> JSON {
        let field = JSONField(body)
        let company = try controlledCompany(field)
        do {
            if let type = path.first.flatMap({ EntityType.named($0) }) {
                return try controlRecords(of: type, path.dropFirst(), method, field, company)
            }
            switch (method, path.first, path.count) {
            case (.get, "invoices", 1): return list(company)
            case (.post, "invoices", 1): return try make(field, company)
            case (.patch, "invoices", 1): return try editMany(field, company)
            case (.get, "invoices", 2): return try invoice(path[1], company).json
            case (.patch, "invoices", 2): return try edit(try invoice(path[1], company), field, company).json
            case (.post, "invoices", 3): return try move(try invoice(path[1], company), path[2], company).json
            case (.delete, "invoices", 2):
                company.deleteDocument(try invoice(path[1], company))
                return [:]
            case (.get, "subscriptions", 1): return .array(liveSubscriptions.map(\.row.json))
            case (.delete, "subscriptions", 2):
                sender.remove(try subscription(String(path[1])).id)
                return [:]
            case (.post, "tokens", 2) where path[1] == "expire":
                desk.expireTokens()
                return [:]
            case (.post, "application", 1): return try changeApplication(field)
            case (.patch, "settings", 1):
                var changed = settings
                try changed.change(field)
                settings = changed
                return [:]
            default:
                throw ControlRefusal.unknown("there is no \(method.name) \(path.joined(separator: "/")) here")
            }
        } catch let refusal as Refusal {
            throw ControlRefusal(HTTPStatus(rawValue: UInt16(clamping: refusal.status)), refusal.message)
        }
    }

    private func controlledCompany(_ field: JSONField) throws -> Company {
        let name = try field["company"].orNil?.string()
        guard let company = companies.first(where: { name == nil || $0.name == name || $0.id == name }) else {
            throw ControlRefusal.unknown("there is no company \(name ?? "") here")
        }
        return company
    }

    private func invoice(_ key: Substring, _ company: Company) throws -> Row {
        guard let row = company[.purchaseInvoices][key.lowercased()] ?? company[.purchaseInvoices].row(key: String(key))
        else {
            throw ControlRefusal.unknown("there is no invoice with the number or id \(key)")
        }
        return row
    }

    private func list(_ company: Company) -> JSON {
        .array(company[.purchaseInvoices].rows.values.sorted { $0.sequence < $1.sequence }.map(\.summary))
    }

    // MARK: Making and changing

    private func make(_ field: JSONField, _ company: Company) throws -> JSON {
        try field.allowOnly([
            "company", "count", "vendorNumber", "vendorInvoiceNumber", "amount", "currencyCode", "dueDate", "status",
        ])
        var wish = Company.InvoiceWish()
        wish.vendorNumber = try field["vendorNumber"].orNil?.string()
        wish.vendorInvoiceNumber = try field["vendorInvoiceNumber"].orNil?.string()
        wish.amount = try field["amount"].orNil?.decimal()
        wish.currency = try field["currencyCode"].orNil?.string()
        wish.status = try field["status"].orNil?.string() ?? "Draft"
        guard ["Draft", "Open", "Paid", "Canceled", "Corrective"].contains(wish.status) else {
            throw field["status"].wrong("expected Draft, Open, Paid, Canceled or Corrective")
        }
        if let due = field["dueDate"].orNil { wish.dueDate = try day(due) }
        var made: [JSON] = []
        let count = try field["count"].orNil?.int(in: 1...100_000) ?? 1
        // Nobody reads the entries of so many.
        company.keepsLedger = count <= 500
        defer { company.keepsLedger = true }
        for _ in 0..<count { made.append(try company.addInvoice(wish).summary) }
        return .array(made)
    }

    /// Those longest unchanged come first.
    private func editMany(_ field: JSONField, _ company: Company) throws -> JSON {
        let count = try field["count"].int(in: 1...100_000)
        let rows = company[.purchaseInvoices].rows.values.sorted {
            let order = $0["lastModifiedDateTime"].compared(to: $1["lastModifiedDateTime"]) ?? 0
            return (order, $0.sequence) < (0, $1.sequence)
        }
        let stamp = company.stamp
        var edited: [JSON] = []
        for row in rows.prefix(count) { edited.append(try edit(row, field, company, stamp: stamp).summary) }
        return .array(edited)
    }

    private func edit(_ row: Row, _ field: JSONField, _ company: Company, stamp: WallTime? = nil) throws -> Row {
        var changes = JSON.Object()
        var row = row
        var stamp = stamp
        for (name, member) in try field.members() {
            switch name {
            case "company", "count": break
            // Set within a transaction, the stamp lies before the commit that makes it visible.
            case "stampSecondsAgo": stamp = company.stamp + .seconds(-(try member.int(in: 0...86_400)))
            case "amount": try company.setAmount(try member.decimal(), of: &row)
            default: changes[name] = member.value
            }
        }
        // Whoever says nothing wants some change or other.
        if changes.members.isEmpty, row.values == company[.purchaseInvoices][row.id]?.values {
            changes["shipToContact"] = .string("Edit \(row.version)")
        }
        var body = try WriteBody(.object(changes), of: .purchaseInvoices, withChildren: false)
        body.isByPerson = true
        return try company.changeDocument(row, body, stamp: stamp)
    }

    private func move(_ row: Row, _ verb: Substring, _ company: Company) throws -> Row {
        switch verb {
        case "post": return try company.post(row)
        case "pay": return try company.setStatus("Paid", of: row)
        case "cancel": return try company.setStatus("Canceled", of: row)
        case "reopen": return try company.setStatus("Open", of: row)
        default: throw ControlRefusal.unknown("an invoice can be told to post, pay, cancel or reopen, not to \(verb)")
        }
    }

    private func changeApplication(_ field: JSONField) throws -> JSON {
        try field.allowOnly(["company", "clientId", "secret", "enabled", "provisioned"])
        let clientID = try field["clientId"].orNil?.string() ?? settings.applications.first?.clientID ?? ""
        var state: TokenDesk.SecretState?
        if let secret = field["secret"].orNil {
            state = TokenDesk.SecretState(rawValue: try secret.string())
            guard state != nil else { throw secret.wrong("expected good, revoked or expired") }
        }
        let isEnabled = try field["enabled"].orNil?.bool()
        if let isProvisioned = try field["provisioned"].orNil?.bool() { desk.isProvisioned = isProvisioned }
        let found = desk.change(clientID) { application in
            application.secretState = state ?? application.secretState
            application.isEnabled = isEnabled ?? application.isEnabled
        }
        guard found else { throw ControlRefusal.unknown("there is no application \(clientID)") }
        return [:]
    }

    private func day(_ field: JSONField) throws -> Day {
        guard let day = Day(try field.string()) else { throw field.wrong("expected a day such as 2026-11-20") }
        return day
    }
}

extension BusinessCentralSimulator.Row {
    var json: JSON {
        var object = JSON.Object()
        object["@odata.etag"] = .string(etag)
        for (field, value) in zip(type.fields, values) { object[field.name] = value.json }
        return .object(object)
    }

    fileprivate var summary: JSON {
        var object = JSON.Object()
        for name in [
            "id", "number", "status", "vendorName", "vendorInvoiceNumber", "currencyCode", "totalAmountIncludingTax",
            "dueDate", "lastModifiedDateTime",
        ] {
            object[name] = self[name].json
        }
        return .object(object)
    }
}
