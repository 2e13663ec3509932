import Core
import Transport

/// What people do to documents.
extension NavSimulator {
    func controlDocuments(
        _ path: [Substring],
        _ method: HTTPMethod,
        _ field: JSONField,
        _ company: Company
    ) throws -> JSON {
        let isPosted = path[0] == "posted"
        let page = path[0] == "orders" ? Page.purchaseOrders : isPosted ? .postedPurchaseInvoices : .purchaseInvoices
        switch (method, path.count) {
        case (.get, 1): return .array(company.rows(of: page).map { summary($0, page, company) })
        case (.post, 1): return try make(path[0], field, page, company)
        case (.get, 2): return full(try document(path[1], page, company), page, company)
        case (.patch, 2) where !isPosted:
            return full(try edit(try document(path[1], page, company), field, page, company), page, company)
        case (.delete, 2) where !isPosted:
            try company.delete(page, try document(path[1], page, company))
            return [:]
        case (.post, 3):
            let row = try document(path[1], page, company)
            let moved = isPosted ? try settle(row, path[2], field, company) : try move(row, path[2], field, company)
            return summary(moved, moved["Document_Type"] == nil ? .postedPurchaseInvoices : page, company)
        default: throw ControlRefusal.unknown("there is no \(method.name) \(path.joined(separator: "/")) here")
        }
    }

    private func document(_ number: Substring, _ page: Page, _ company: Company) throws -> Row {
        let row =
            page.documentType.map { company.document($0, number) } ?? company.row(.postedHeaders, .text(String(number)))
        guard let row else { throw ControlRefusal.unknown("there is no document with the number \(number)") }
        return row
    }

    // MARK: Making and changing

    private func make(_ kind: Substring, _ field: JSONField, _ page: Page, _ company: Company) throws -> JSON {
        try field.allowOnly([
            "company", "count", "vendor", "vendorInvoice", "amount", "due", "currency", "department", "project",
            "status",
        ])
        var wish = Company.Wish()
        wish.type = kind == "orders" ? "Order" : "Invoice"
        wish.vendor = try field["vendor"].orNil?.string()
        wish.vendorInvoice = try field["vendorInvoice"].orNil?.string()
        wish.amount = try field["amount"].orNil?.decimal()
        wish.currency = try field["currency"].orNil?.string()
        wish.department = try field["department"].orNil?.string()
        wish.project = try field["project"].orNil?.string()
        if let due = field["due"].orNil {
            guard let day = Day(try due.string()) else { throw due.wrong("expected a day such as 2026-11-20") }
            wish.due = day
        }
        let status = try field["status"].orNil?.string() ?? "Open"
        guard ["Open", "Released", "Pending Approval"].contains(status) else {
            throw field["status"].wrong("expected Open, Released or Pending Approval")
        }
        var made: [JSON] = []
        for _ in 0..<(try field["count"].orNil?.int(in: 1...100_000) ?? 1) {
            var row = try company.add(wish)
            switch (kind, status) {
            case ("posted", _): row = try company.post(row)
            case (_, "Released"): row = try company.release(row)
            case (_, "Pending Approval"): row = try company.sendForApproval(row, to: [settings.user])
            default: break
            }
            made.append(summary(row, page, company))
        }
        return .array(made)
    }

    private func edit(_ row: Row, _ field: JSONField, _ page: Page, _ company: Company) throws -> Row {
        let card = page.documentType == "Order" ? Page.purchaseOrder : Page.purchaseInvoice
        if let amount = try field["amount"].orNil?.decimal() { try company.setAmount(amount, of: row) }
        return try company.modify(card, row, try values(field, card, besides: ["amount"]))
    }

    private func move(_ row: Row, _ verb: Substring, _ field: JSONField, _ company: Company) throws -> Row {
        switch verb {
        case "release": return try company.release(row)
        case "reopen": return try company.reopen(row)
        case "send":
            let approvers = try field["approvers"].orNil?.elements().map { try $0.string() } ?? [settings.user]
            return try company.sendForApproval(row, to: approvers)
        case "approve", "reject":
            let user = try field["user"].orNil?.string()
            let approver = company.requests(of: row).first?.text("Approver_ID") ?? settings.user
            return try company.decide(row, approves: verb == "approve", by: user ?? approver)
        case "post": return try company.post(row)
        case "receive":
            company.receive(row)
            return row
        default:
            throw ControlRefusal.unknown(
                "a document can be told to release, reopen, send, approve, reject, receive or post, not to \(verb)"
            )
        }
    }

    private func settle(_ row: Row, _ verb: Substring, _ field: JSONField, _ company: Company) throws -> Row {
        switch verb {
        case "pay": try company.pay(row, try field["amount"].orNil?.decimal())
        case "cancel": try company.cancel(row)
        default: throw ControlRefusal.unknown("a posted document can be told to pay or cancel, not to \(verb)")
        }
        return company.row(.postedHeaders, .text(row.text("No"))) ?? row
    }

    // MARK: Showing

    private func summary(_ row: Row, _ page: Page, _ company: Company) -> JSON {
        var object = JSON.Object()
        for name in [
            "No", "Status", "Buy_from_Vendor_No", "Buy_from_Vendor_Name", "Vendor_Invoice_No", "Currency_Code",
            "Due_Date",
            "Amount", "Amount_Including_VAT", "Remaining_Amount", "Closed", "Cancelled",
        ] {
            guard let field = page.field(name) else { continue }
            object[name] = company.value(of: field, in: row, of: page.table).json(as: field.kind)
        }
        for name in ["Pre_Assigned_No", "Order_No"] where row[name] != nil { object[name] = .string(row.text(name)) }
        return .object(object)
    }

    private func full(_ row: Row, _ page: Page, _ company: Company) -> JSON {
        guard case .object(var object) = row.json else { return .null }
        let part: Page =
            switch page.documentType {
            case "Order": .purchaseOrderLines
            case nil: .postedPurchaseInvoiceLines
            default: .purchaseInvoiceLines
            }
        object["lines"] = .array(company.lines(of: part, below: row).map(\.json))
        return .object(object)
    }
}
