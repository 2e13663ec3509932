import Core

/// What happens to documents beyond their writing: release, receipt, shipment, posting and payment.
extension BusinessCentralSimulator.Company {
    /// The actions that the API offers; false where the record has none of that name.
    func perform(_ action: String, on row: Row) throws(Refusal) {
        switch (row.type.set, action) {
        case ("purchaseInvoices", "post"), ("salesInvoices", "post"), ("salesInvoices", "postAndSend"):
            _ = try post(row)
        case ("salesInvoices", "send"):
            guard row.text("status") != "Draft" else {
                throw .dialog("The document is not posted.", rule: "not posted")
            }
        case ("salesInvoices", "cancel"), ("salesInvoices", "cancelAndSend"),
            ("salesInvoices", "makeCorrectiveCreditMemo"):
            _ = try setStatus("Canceled", of: row)
        case ("purchaseOrders", "receiveAndInvoice"), ("salesOrders", "shipAndInvoice"):
            if kind(of: row).isPurchase { try demandVendorNumber(typedNumbers[row.id] ?? "") }
            try move(row)
            try invoice(row)
        case ("journals", "post"), ("vendorPaymentJournals", "post"): try postJournal(row)
        default: throw .noSegment("Microsoft.NAV.\(action)")
        }
    }

    // MARK: Orders

    /// Released, reopened, or sent to somebody for approval.
    func setOrderStatus(_ status: String, of row: Row) throws(Refusal) -> Row {
        guard kind(of: row).isOrder else { throw .dialog("Only orders are released.", rule: "not an order") }
        guard status == "Draft" || !lines(of: row).isEmpty else {
            throw .dialog("There is nothing to release.", rule: "nothing to release")
        }
        var row = row
        row["status"] = .string(status)
        return write(row, .updated)
    }

    /// Receives or ships whatever the lines ask for.
    func move(_ row: Row) throws(Refusal) {
        let kind = kind(of: row)
        guard let movement = kind.movement else { throw .dialog("This is no order.", rule: "not an order") }
        guard row.text("status") != "In_x0020_Review" else {
            throw .dialog("The order is waiting for approval.", rule: "order under review")
        }
        let lines = lines(of: row)
        guard lines.contains(where: { $0.number(movement.next) != .zero || $0.number("invoiceQuantity") != .zero })
        else {
            throw .dialog("There is nothing to post.", rule: "nothing to post")
        }
        var isComplete = true
        for var line in lines {
            let done = (try? line.number(movement.done) + line.number(movement.next)) ?? .zero
            line[movement.done] = .number(done)
            line[movement.next] = .number((try? line.number("quantity") - done) ?? .zero)
            isComplete = isComplete && done >= line.number("quantity")
            keep(line)
        }
        var row = row
        row[movement.all] = .flag(isComplete)
        write(row, .updated)
    }

    /// Invoices what has been received or shipped. An order of which nothing is left goes.
    func invoice(_ order: Row) throws(Refusal) {
        let kind = kind(of: order)
        let order = try find(order.type, order.id)
        let theirs = kind.isPurchase ? typedNumbers[order.id] ?? "" : order.text("externalDocumentNumber")
        if settings.losesInvoices {
            throw Refusal(
                400,
                "Internal_DataNotFoundFilter",
                "The posted invoice cannot be found.",
                rule: "invoice lost after the receipt"
            )
        }
        let document = try makeInvoice(of: order, kind, theirs: theirs)
        do throws(Refusal) {
            _ = try post(document)
        } catch {
            deleteDocument(document)
            throw error
        }
        var isOver = true
        for var line in lines(of: order) {
            let done = (try? line.number("invoicedQuantity") + line.number("invoiceQuantity")) ?? .zero
            line["invoicedQuantity"] = .number(done)
            line["invoiceQuantity"] = .number((try? line.number("quantity") - done) ?? .zero)
            isOver = isOver && done >= line.number("quantity")
            keep(line)
        }
        if isOver { deleteDocument(order) } else { write(order, .updated) }
        typedNumbers[order.id] = nil
    }

    private func makeInvoice(of order: Row, _ kind: DocumentKind, theirs: String) throws(Refusal) -> Row {
        var members = JSON.Object()
        members["\(kind.party)Id"] = .string(order.guid("\(kind.party)Id"))
        members[kind.invoices.theirNumber] = .string(theirs)
        members["currencyCode"] = .string(order.text("currencyCode"))
        for name in ["shortcutDimension1Code", "shortcutDimension2Code"] { members[name] = order[name].json }
        let movement = kind.movement
        let lines = lines(of: order).compactMap { line -> JSON? in
            let done = movement.map { line.number($0.done) } ?? .zero
            let most = (try? done - line.number("invoicedQuantity")) ?? .zero
            let quantity = min(line.number("invoiceQuantity"), most)
            guard quantity != .zero else { return nil }
            return [
                "lineType": line["lineType"].json, "lineObjectNumber": line["lineObjectNumber"].json,
                "description": line["description"].json, "quantity": .number(quantity),
                kind.invoices.price: line[kind.price].json, "discountPercent": line["discountPercent"].json,
            ]
        }
        guard !lines.isEmpty else { throw .dialog("There is nothing to post.", rule: "nothing to post") }
        members[kind.invoices.lines.set] = .array(lines)
        let body = try WriteBody(.object(members), of: kind.invoices.documents, withChildren: true)
        if kind.isPurchase { try demandVendorNumber(theirs) }
        var invoice = try createDocument(kind.invoices, body)
        invoice["orderId"] = .guid(order.id)
        invoice["orderNumber"] = order["number"]
        return invoice
    }

    // MARK: Invoices

    private func demandVendorNumber(_ theirs: String) throws(Refusal) {
        guard theirs.isEmpty, settings.demandsVendorNumbers else { return }
        throw Refusal(
            400,
            "Application_FieldValidationException",
            "You need to enter the document number of the document from the vendor in Vendor Invoice No.",
            rule: "posted without vendor invoice number"
        )
    }

    /// The posted document takes the draft's place, and both are told, in whatever order.
    func post(_ row: Row) throws(Refusal) -> Row {
        let kind = kind(of: row)
        guard !kind.isOrder else { throw .dialog("An order is received or shipped.", rule: "order posted") }
        guard row.text("status") == "Draft" else {
            throw .dialog("The document is already posted.", rule: "posted twice")
        }
        let lines = lines(of: row)
        guard lines.contains(where: { $0.text("lineType") != "Comment" && $0.number("quantity") != .zero }) else {
            throw .dialog("There is nothing to post.", rule: "nothing to post")
        }
        if case .day(let day) = row["postingDate"] { try demandPostingDate(day) }
        if kind.isPurchase {
            let theirs = row.text("vendorInvoiceNumber")
            try demandVendorNumber(theirs)
            guard theirs.isEmpty || postedNumbers.insert("\(row.text("vendorNumber"))|\(theirs)").inserted else {
                throw .dialog("Purchase Invoice \(theirs) already exists for this vendor.", rule: "posted a duplicate")
            }
        }
        var row = row
        row["number"] = .string("\(nextNumber("posted " + kind.documents.set, from: kind.firstPostedNumber))")
        row["status"] = .string("Open")
        row.set("remainingAmount", row["totalAmountIncludingTax"])
        let stamp = stamp
        row["lastModifiedDateTime"] = .time(stamp)
        row = self[row.type].write(row, at: clock.instant)
        openAmounts[row.id] = row.number("totalAmountIncludingTax")
        enter(row, lines, kind)
        var kinds: [BusinessCentralSimulator.Event.Kind] = [.created, .updated, .deleted]
        kinds.shuffle(using: &random)
        for kind in kinds { tell(kind, row, stamp) }
        return row
    }

    /// What follows from entries in the ledger of the vendor or customer: the row is written only when the status differs.
    func setStatus(_ status: String, of row: Row) throws(Refusal) -> Row {
        guard row.text("status") != "Draft" else {
            throw .dialog("The document is not posted.", rule: "not posted")
        }
        guard row.text("status") != status else { return row }
        var row = row
        row["status"] = .string(status)
        let left = status == "Open" ? row.number("totalAmountIncludingTax") : Decimal.zero
        settle(&row, left: left)
        return write(row, .updated)
    }

    /// A payment, whole or in part. A part of it does not rewrite a purchase invoice: it does not show what is left.
    func pay(_ row: Row, _ amount: Decimal?) throws(Refusal) -> Row {
        let open = openAmounts[row.id] ?? row.number("totalAmountIncludingTax")
        guard let amount, amount < open else { return try setStatus("Paid", of: row) }
        guard row.text("status") == "Open", amount > .zero else {
            throw .dialog("Only a posted document that is open takes a payment.", rule: "not posted")
        }
        var row = row
        settle(&row, left: (try? open - amount) ?? .zero)
        return row.has("remainingAmount") ? write(row, .updated) : row
    }

    private func settle(_ row: inout Row, left: Decimal) {
        let kind = kind(of: row)
        let before = openAmounts[row.id] ?? row.number("totalAmountIncludingTax")
        openAmounts[row.id] = left == .zero ? nil : left
        row.set("remainingAmount", .number(left))
        addToBalance(of: self[kind.parties][row.guid(kind.party + "Id")], (try? left - before) ?? .zero)
    }

    /// Balances are calculated: they change without anybody writing the vendor or the customer.
    func addToBalance(of party: Row?, _ amount: Decimal) {
        guard let party else { return }
        let name = party.has("balance") ? "balance" : "balanceDue"
        self[party.type].recalculate(party.id) { $0[name] = .number((try? $0.number(name) + amount) ?? .zero) }
    }
}
