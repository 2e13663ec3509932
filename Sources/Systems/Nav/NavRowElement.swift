import Core
import Transport

/// Rows between SOAP's elements and the values that OData would have.
extension Nav.PageDescription {
    func row(_ element: XMLElement, of page: Nav.Page) -> Nav.Row {
        var row = Nav.Row(fields: Self.values(element, fields, order), soapKey: element["Key"]?.text)
        for (field, value) in page.fixed where row.fields[field] == nil { row.fields[field] = value }
        guard let lines, let list = element[lines.control] else { return row }
        row.lines = list.all(lines.element).map { Self.values($0, lines.fields, lines.order) }
        return row
    }

    /// An element that is absent is an empty value, where it is known what an empty one looks like.
    private static func values(_ element: XMLElement, _ fields: [String: Field], _ order: [String]) -> JSON.Object {
        var texts: [String: String] = [:]
        for child in element.children where child.children.isEmpty { texts[child.name] = child.text }
        var object = JSON.Object()
        for name in order {
            guard let field = fields[name] else { continue }
            object[name] = value(texts[name], field.kind)
        }
        return object
    }

    private static func value(_ text: String?, _ kind: Kind) -> JSON? {
        switch kind {
        case .text: .string(text ?? "")
        case .number: text.flatMap { Decimal($0) }.map { .number($0) }
        case .truth: text.map { .bool($0 == "true" || $0 == "1") }
        case .date: .string(text ?? "0001-01-01")
        case .time: .string(text ?? "0001-01-01T00:00:00Z")
        case .option: .string(text.map(Nav.Option.caption) ?? "")
        case .other: text.map { .string($0) }
        }
    }

    // MARK: Writing

    /// The elements of a row, in the order in which they have to stand. A field that is not there has been refused before.
    static func content(
        _ fields: JSON.Object,
        _ known: [String: Field],
        _ order: [String]
    ) throws(CallError) -> String {
        var content = ""
        for name in order {
            guard let value = fields[name], let field = known[name] else { continue }
            guard let text = Nav.plainText(value), let written = try Self.text(text, name, field.kind) else {
                throw wrong(name, "cannot hold such a value")
            }
            content += Nav.Envelope.element(name, written)
        }
        return content
    }

    private static func text(_ text: String, _ name: String, _ kind: Kind) throws(CallError) -> String? {
        switch kind {
        case .text: return text
        case .number: return Decimal(text) == nil ? nil : text
        case .truth: return ["true", "false"].contains(text) ? text : nil
        case .date: return text.isEmpty ? "0001-01-01" : Day(text).map(\.text)
        case .time: return text.isEmpty ? "0001-01-01T00:00:00Z" : WallTime(text) == nil ? nil : text
        case .option(let members):
            let member = Nav.Option.member(of: text)
            guard members.contains(member) else {
                let known = members.map(Nav.Option.caption).sorted().prefix(20).map { "\"\($0)\"" }
                throw wrong(name, "has no option \"\(text)\"; it has \(known.joined(separator: ", "))")
            }
            return member
        case .other: return text
        }
    }

    private static func wrong(_ name: String, _ problem: String) -> CallError {
        CallError(.skipRecord, Nav.name, .validation, "the field \(name) \(problem)")
    }
}

extension Nav.Page {
    /// The fields that all records of the page have alike, and which SOAP therefore does not show.
    var fixed: [String: JSON] {
        switch self {
        case .purchaseInvoice, .purchaseInvoices: ["Document_Type": "Invoice"]
        case .purchaseOrder, .purchaseOrders: ["Document_Type": "Order"]
        case .vendorCard, .customerCard, .itemCard, .postedPurchaseInvoice, .postedPurchaseInvoices, .accounts,
            .vendorLedgerEntries, .dimensions, .dimensionValues, .setup, .journal, .journalBatches, .approvalEntries:
            [:]
        }
    }
}
