import Core
import Systems

/// A line of a document, in words.
enum NavLine {
    /// A column of long text on a board holds so many characters.
    private static let longestSummary = 2_000

    /// `10 PCS Bicycle (4 outstanding, 2026-12-01, BLUE)`, one line each, cut where there are too many.
    static func summary(of lines: [JSON.Object]) -> String {
        var text = ""
        for (place, line) in lines.enumerated() {
            let words = words(for: line)
            guard !words.isEmpty else { continue }
            let rest = "\n… and \(lines.count - place) more"
            guard text.count + 1 + words.count + rest.count <= longestSummary else {
                return text + (text.isEmpty ? String(rest.dropFirst()) : rest)
            }
            text += (text.isEmpty ? "" : "\n") + words
        }
        return text
    }

    static func words(for line: JSON.Object) -> String {
        let name = line.text("Description").isEmpty ? line.text("No") : line.text("Description")
        guard let quantity = line.number("Quantity"), quantity != .zero else { return name }
        let unit =
            line.text("Unit_of_Measure_Code").isEmpty
            ? line.text("Unit_of_Measure") : line.text("Unit_of_Measure_Code")
        var details: [String] = []
        if let open = outstanding(of: line), open != .zero { details.append("\(open.text) outstanding") }
        for field in ["Expected_Receipt_Date", "Location_Code"] where !line.text(field).isEmpty {
            details.append(line.text(field))
        }
        let words = [quantity.text, unit, name].filter { !$0.isEmpty }.joined(separator: " ")
        return details.isEmpty ? words : "\(words) (\(details.joined(separator: ", ")))"
    }

    /// Nil where the page does not say what was received: of an invoice, say.
    static func outstanding(of line: JSON.Object) -> Decimal? {
        if let open = line.number("Outstanding_Quantity") { return open }
        guard let ordered = line.number("Quantity"), let received = line.number("Quantity_Received") else { return nil }
        return try? ordered - received
    }

    /// Each line's row shows the totals of its document. One without lines comes to nothing.
    static func total(_ property: String, of lines: [JSON.Object]) -> Decimal? {
        guard let first = lines.first else { return .zero }
        return first.number(property)
    }

    // MARK: As records of their own

    static let words: [String: [String]] = [
        "lineNumber": ["Line_No"],
        "type": ["Type"],
        "number": ["No"],
        "description": ["Description"],
        "quantity": ["Quantity"],
        "unit": ["Unit_of_Measure_Code", "Unit_of_Measure"],
        "unitCost": ["Direct_Unit_Cost"],
        "amount": ["Line_Amount"],
        "received": ["Quantity_Received"],
        "invoiced": ["Quantity_Invoiced"],
        "expectedReceiptDate": ["Expected_Receipt_Date"],
        "locationCode": ["Location_Code"],
        "dimension1": ["Shortcut_Dimension_1_Code"],
        "dimension2": ["Shortcut_Dimension_2_Code"],
    ]

    /// Nil for a line without a number, as NAV has none.
    static func record(of line: JSON.Object, in document: Record) -> Record? {
        guard let number = line.number("Line_No")?.int else { return nil }
        var fields = line
        for (word, names) in words where fields[word] == nil {
            fields[word] = names.lazy.compactMap { line[$0] }.first { !Nav.isEmpty($0) }
        }
        fields["outstanding"] = outstanding(of: line).map { .number($0) }
        fields["text"] = .string(self.words(for: line))
        fields["document"] = .string(document.id)
        fields["documentNumber"] = document[NavDocument.numberField]
        return Record(id: "\(document.id):\(number)", fields: fields)
    }
}
