import Core

/// Lines have no stamp of their own: a change of one rewrites its document.
extension BusinessCentralSimulator.Company {
    static let cents = Decimal("0.01") ?? .zero
    private static let taxPercent = Decimal(25)

    /// In their sequence.
    func lines(of document: Row) -> [Row] {
        self[kind(of: document).lines].find("documentId", .guid(document.id))
            .sorted { $0.number("sequence") < $1.number("sequence") }
    }

    func document(of line: Row) throws(Refusal) -> (row: Row, kind: DocumentKind) {
        guard let kind = DocumentKind.ofLines(line.type) else {
            preconditionFailure("\(line.type.set) are no lines of a document")
        }
        return (try find(kind.documents, line.guid("documentId")), kind)
    }

    func createLine(_ body: WriteBody, of document: Row) throws(Refusal) -> Row {
        if !body.isByPerson { try demandOpen(document) }
        let kind = kind(of: document)
        let others = lines(of: document)
        let last = others.last?.number("sequence").int ?? 0
        let line = try makeLine(body, of: document, kind, sequence: last + 10_000)
        var document = document
        try total(&document, others + [line])
        let kept = keep(line)
        write(document, .updated)
        for dimension in body.children(of: .dimensionSetLines) { _ = try createDimensionLine(dimension, of: kept) }
        return kept
    }

    func changeLine(_ line: Row, _ body: WriteBody) throws(Refusal) -> Row {
        var (document, kind) = try document(of: line)
        if !body.isByPerson { try demandOpen(document) }
        var changed = line
        try apply(body, toLine: &changed, kind)
        for fixed in ["documentId", "sequence"] where changed[fixed] != line[fixed] { throw Self.fixed(fixed) }
        try check(&changed, was: line, kind)
        try total(line: &changed, of: document, kind)
        let place = changed
        try total(&document, lines(of: document).map { $0.id == place.id ? place : $0 })
        let kept = self[line.type].write(changed, at: clock.instant)
        write(document, .updated)
        return kept
    }

    func deleteLine(_ line: Row) throws(Refusal) {
        var (document, _) = try document(of: line)
        try demandOpen(document)
        try total(&document, lines(of: document).filter { $0.id != line.id })
        removeDimensions(of: line)
        self[line.type].remove(line.id, at: clock.instant)
        write(document, .updated)
    }

    func makeLine(
        _ body: WriteBody,
        of document: Row,
        _ kind: DocumentKind,
        sequence: Int
    ) throws(Refusal) -> Row {
        var line = self[kind.lines].makeRow(id: random.guid())
        line["documentId"] = .guid(document.id)
        line["sequence"] = .number(Decimal(sequence))
        line["lineType"] = .string("Comment")
        try apply(body, toLine: &line, kind)
        guard line.guid("documentId") == document.id else { throw Self.fixed("documentId") }
        guard line["itemId"] == .noGuid || line["accountId"] == .noGuid else {
            throw .dialog("Give either itemId or accountId, not both.", rule: "line of two kinds")
        }
        try check(&line, was: nil, kind)
        try total(line: &line, of: document, kind)
        return line
    }

    @discardableResult
    func keep(_ line: Row) -> Row {
        self[line.type].write(line, at: clock.instant)
    }

    // MARK: Fields with consequences

    private func apply(_ body: WriteBody, toLine line: inout Row, _ kind: DocumentKind) throws(Refusal) {
        for (place, value) in body.values {
            let name = line.type.fields[place].name
            switch (name, value) {
            case ("itemId", .guid(let id)) where value != .noGuid:
                guard let item = self[.items][id] else { throw Self.notInTable("Item", id) }
                try setItem(item, of: &line, kind)
            case ("accountId", .guid(let id)) where value != .noGuid:
                guard let account = self[.accounts][id] else { throw Self.notInTable("G/L Account", id) }
                try setAccount(account, of: &line)
            case ("lineObjectNumber", .string(let number)) where !number.isEmpty:
                try setObject(number, of: &line, kind)
            case ("quantity", _):
                line.values[place] = value
                // The vendor looks the price up again: whoever named another before the quantity has lost it.
                if let item = self[.items][line.guid("itemId")] { setPrice(of: item, of: &line, kind) }
                setMovement(of: &line, kind)
            default:
                if try applyReference(name, value, to: &line) { continue }
                line.values[place] = value
            }
        }
    }

    private func setObject(_ number: String, of line: inout Row, _ kind: DocumentKind) throws(Refusal) {
        switch line.text("lineType") {
        case "Item":
            guard let item = self[.items].row(key: number) else { throw Self.notInTable("Item", number) }
            try setItem(item, of: &line, kind)
        case "Account":
            guard let account = self[.accounts].row(key: number) else { throw Self.notInTable("G/L Account", number) }
            try setAccount(account, of: &line)
        default: line["lineObjectNumber"] = .string(number)
        }
    }

    private func setItem(_ item: Row, of line: inout Row, _ kind: DocumentKind) throws(Refusal) {
        guard item["blocked"] != .flag(true) else {
            throw .dialog("Item \(item.key) is blocked.", rule: "item blocked")
        }
        line["lineType"] = .string("Item")
        line["itemId"] = .guid(item.id)
        line["lineObjectNumber"] = item["number"]
        line["description"] = item["displayName"]
        line["unitOfMeasureId"] = item["baseUnitOfMeasureId"]
        line["unitOfMeasureCode"] = item["baseUnitOfMeasureCode"]
        setPrice(of: item, of: &line, kind)
    }

    private func setAccount(_ account: Row, of line: inout Row) throws(Refusal) {
        try demandPosting(account)
        line["lineType"] = .string("Account")
        line["accountId"] = .guid(account.id)
        line["lineObjectNumber"] = account["number"]
        if line.text("description").isEmpty { line["description"] = account["displayName"] }
    }

    private func setPrice(of item: Row, of line: inout Row, _ kind: DocumentKind) {
        line[kind.price] = item[kind.isPurchase ? "unitCost" : "unitPrice"]
    }

    /// All that is outstanding comes next, until somebody says otherwise.
    func setMovement(of line: inout Row, _ kind: DocumentKind) {
        guard let movement = kind.movement else { return }
        let quantity = line.number("quantity")
        line[movement.next] = .number((try? quantity - line.number(movement.done)) ?? .zero)
        line["invoiceQuantity"] = .number((try? quantity - line.number("invoicedQuantity")) ?? .zero)
    }

    private func check(_ line: inout Row, was: Row?, _ kind: DocumentKind) throws(Refusal) {
        guard let movement = kind.movement else { return }
        for (next, done) in [(movement.next, movement.done), ("invoiceQuantity", "invoicedQuantity")] {
            let left = (try? line.number("quantity") - line.number(done)) ?? .zero
            guard line.number(next) <= left || left < .zero else {
                throw .dialog("You cannot handle more than \(left.text) units.", rule: "more than is outstanding")
            }
        }
        guard let was, line.number("quantity") < line.number(movement.done),
            was.number("quantity") != line.number("quantity")
        else { return }
        throw .dialog("The quantity cannot be less than what was handled already.", rule: "less than was handled")
    }

    // MARK: Amounts

    private func total(line: inout Row, of document: Row, _ kind: DocumentKind) throws(Refusal) {
        do {
            let gross = try (line.number("quantity") * line.number(kind.price)).rounded(scale: 2, .halfUp)
            let percent = line.number("discountPercent")
            var discount = line.number("discountAmount")
            if percent != .zero { discount = try (gross * percent * Self.cents).rounded(scale: 2, .halfUp) }
            let net = try gross - discount
            let isTaxed = self[kind.parties][document.guid(kind.party + "Id")]?["taxLiable"] == .flag(true)
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

    func total(_ document: inout Row, _ lines: [Row]) throws(Refusal) {
        do {
            var net = -document.number("discountAmount")
            var tax = Decimal.zero
            for line in lines {
                try net += line.number("netAmount")
                try tax += line.number("netTaxAmount")
            }
            document["totalAmountExcludingTax"] = .number(net)
            document["totalTaxAmount"] = .number(tax)
            document["totalAmountIncludingTax"] = .number(try net + tax)
        } catch {
            throw .dialog("The total is too large.", rule: "amount too large")
        }
    }
}
