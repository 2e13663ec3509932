import Core

/// Lines have no stamp of their own: a change of one rewrites its invoice.
extension BusinessCentralSimulator.Company {
    typealias Row = BusinessCentralSimulator.Row
    typealias Refusal = BusinessCentralSimulator.Refusal
    typealias WriteBody = BusinessCentralSimulator.WriteBody

    private static let cents = Decimal("0.01") ?? .zero
    private static let taxPercent = Decimal(25)

    func lines(of invoice: String) -> [Row] {
        (linesOfInvoice[invoice] ?? []).compactMap { lines[$0] }
    }

    func createLine(_ body: WriteBody, of invoice: Row) throws(Refusal) -> Row {
        try demandDraft(invoice)
        let others = lines(of: invoice.id)
        let last = others.map { $0.number("sequence") }.max()?.int ?? 0
        let line = try makeLine(body, of: invoice, sequence: last + 10_000)
        var invoice = invoice
        try total(&invoice, others + [line])
        let kept = keep(line)
        write(invoice, .updated)
        return kept
    }

    func changeLine(_ line: Row, _ body: WriteBody, of invoice: Row) throws(Refusal) -> Row {
        try demandDraft(invoice)
        var changed = line
        try apply(body, toLine: &changed)
        for fixed in ["documentId", "sequence"] where changed[fixed] != line[fixed] {
            throw .dialog("'\(fixed)' cannot be changed.", rule: "change of a fixed property")
        }
        try total(line: &changed, of: invoice)
        var invoice = invoice
        let place = changed
        try total(&invoice, lines(of: invoice.id).map { $0.id == place.id ? place : $0 })
        let kept = lines.write(changed, at: clock.instant)
        write(invoice, .updated)
        return kept
    }

    func deleteLine(_ line: Row, of invoice: Row) throws(Refusal) {
        try demandDraft(invoice)
        var invoice = invoice
        try total(&invoice, lines(of: invoice.id).filter { $0.id != line.id })
        lines.remove(line.id, at: clock.instant)
        linesOfInvoice[invoice.id]?.removeAll { $0 == line.id }
        write(invoice, .updated)
    }

    func makeLine(_ body: WriteBody, of invoice: Row, sequence: Int) throws(Refusal) -> Row {
        var line = lines.makeRow(id: random.guid())
        line["documentId"] = .guid(invoice.id)
        line["sequence"] = .number(Decimal(sequence))
        line["lineType"] = .string("Comment")
        try apply(body, toLine: &line)
        guard line.guid("documentId") == invoice.id else {
            throw .dialog("'documentId' cannot be changed.", rule: "change of a fixed property")
        }
        guard line["itemId"] == .noGuid || line["accountId"] == .noGuid else {
            throw .dialog("Give either itemId or accountId, not both.", rule: "line of two kinds")
        }
        try total(line: &line, of: invoice)
        return line
    }

    @discardableResult
    func keep(_ line: Row) -> Row {
        linesOfInvoice[line.guid("documentId"), default: []].append(line.id)
        return lines.write(line, at: clock.instant)
    }

    private func apply(_ body: WriteBody, toLine line: inout Row) throws(Refusal) {
        for (place, value) in body.values {
            let name = line.type.fields[place].name
            line.values[place] = value
            switch name {
            case "itemId": line["lineType"] = .string("Item")
            case "accountId": line["lineType"] = .string("Account")
            default: break
            }
        }
    }

    private func total(line: inout Row, of invoice: Row) throws(Refusal) {
        do {
            let gross = try (line.number("quantity") * line.number("unitCost")).rounded(scale: 2, .halfUp)
            let percent = line.number("discountPercent")
            var discount = line.number("discountAmount")
            if percent != .zero { discount = try (gross * percent * Self.cents).rounded(scale: 2, .halfUp) }
            let net = try gross - discount
            let isTaxed = vendors[invoice.guid("vendorId")]?["taxLiable"] == .flag(true)
            let rate = isTaxed ? Self.taxPercent : .zero
            let tax = try (net * rate * Self.cents).rounded(scale: 2, .halfUp)
            line["discountAmount"] = .number(discount)
            line["taxPercent"] = .number(rate)
            for name in ["amountExcludingTax", "netAmount"] { line[name] = .number(net) }
            for name in ["totalTaxAmount", "netTaxAmount"] { line[name] = .number(tax) }
            let total = try net + tax
            for name in ["amountIncludingTax", "netAmountIncludingTax"] { line[name] = .number(total) }
        } catch {
            throw .dialog("The amount of a line is too large.", rule: "amount too large")
        }
    }

    func total(_ invoice: inout Row, _ lines: [Row]) throws(Refusal) {
        do {
            var net = -invoice.number("discountAmount")
            var tax = Decimal.zero
            for line in lines {
                try net += line.number("netAmount")
                try tax += line.number("netTaxAmount")
            }
            invoice["totalAmountExcludingTax"] = .number(net)
            invoice["totalTaxAmount"] = .number(tax)
            invoice["totalAmountIncludingTax"] = .number(try net + tax)
        } catch {
            throw .dialog("The total is too large.", rule: "amount too large")
        }
    }
}
