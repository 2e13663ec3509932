import Core

/// What goes on beside the invoices: orders that are under way, sales, payments in preparation, requests for approval.
extension BusinessCentralSimulator.Company {
    func addStory() {
        // What we make up ourselves is never refused.
        try? addPurchaseOrders()
        try? addSales()
        for (index, invoice) in self[.purchaseInvoices].sorted(by: .init([])).prefix(3).enumerated() {
            var row = self[.approvalRequests].makeRow(id: random.guid())
            row["number"] = .string("AR\(nextNumber("approvalRequests", from: 1_001))")
            row["documentType"] = .string("Purchase_x0020_Invoice")
            row["documentNumber"] = invoice["number"]
            row["approver"] = .string(["ESTER", "BART", "ÓSCAR"][index])
            row["amount"] = invoice["totalAmountIncludingTax"]
            row["currencyCode"] = invoice["currencyCode"]
            row["dueDate"] = invoice["dueDate"]
            write(row, .created)
        }
    }

    private func document(_ kind: DocumentKind, _ fields: JSON.Object, _ lines: [JSON]) throws(Refusal) -> Row {
        var members = fields
        members[kind.lines.set] = .array(lines)
        return try createDocument(kind, try WriteBody(.object(members), of: kind.documents, withChildren: true))
    }

    private func item(_ number: String, _ quantity: Int, of department: String = "") -> JSON {
        var members = JSON.Object(
            ("lineType", "Item"),
            ("lineObjectNumber", .string(number)),
            ("quantity", .number(quantity))
        )
        if !department.isEmpty {
            members["dimensionSetLines"] = [["code": "DEPARTMENT", "valueCode": .string(department)]]
        }
        return .object(members)
    }

    /// One in each state: written, under review, released, half received, received and not yet invoiced.
    private func addPurchaseOrders() throws(Refusal) {
        let today = clock.now.day
        let vendors = ["V00010", "V00030", "V000130", "V000140", "V000150", "V00090"]
        for (index, vendor) in vendors.enumerated() {
            let fields = JSON.Object(
                ("vendorNumber", .string(vendor)),
                ("orderDate", .string(today.adding(days: -3 * index).text)),
                ("requestedReceiptDate", .string(index == 5 ? Day.first.text : today.adding(days: 10 - index).text)),
                ("shortcutDimension1Code", .string(["", "ADM", "PROD"][index % 3]))
            )
            let lines = [item("1896-S", 2 + index, of: "PROD"), item("1900-S", 10), item("ADVICE", 1)]
            var row = try document(.purchaseOrders, fields, Array(lines.prefix(1 + index % 3)))
            typedNumbers[row.id] = inventedNumber
            if index == 1 { row = try setOrderStatus("In_x0020_Review", of: row) }
            if index >= 2 { row = try setOrderStatus("Open", of: row) }
            if index == 3 || index == 4 { try receive(row, all: index == 4) }
        }
    }

    private func receive(_ order: Row, all: Bool) throws(Refusal) {
        if !all {
            for var line in lines(of: order) {
                line["receiveQuantity"] = .number(1)
                keep(line)
            }
        }
        try move(order)
    }

    private func addSales() throws(Refusal) {
        for (index, customer) in ["C00010", "C00020", "C00030", "C00040", "C00060"].enumerated() {
            let theirs = JSON.Object(
                ("customerNumber", .string(customer)),
                ("externalDocumentNumber", .string("PO-\(4_711 + index)"))
            )
            let order = try document(.salesOrders, theirs, [item("1896-S", 1 + index), item("70100", 12)])
            if index % 2 == 1 { _ = try setOrderStatus("Open", of: order) }
            var invoice = try document(
                .salesInvoices,
                theirs,
                [item("1906-S", 2), item("ADVICE", 3 + index, of: "SALES")]
            )
            if index > 0 { invoice = try post(invoice) }
            if index == 2 { _ = try setStatus("Paid", of: invoice) }
            if index == 3 { _ = try pay(invoice, 100) }
        }
    }
}
