import Core
import Store

/// The audit as CSV of RFC 4180: a row for each field that a line changed, and one for a line that changed none.
///
/// People open it in a spreadsheet, which takes a cell that begins with one of `= + - @` for a formula and computes it, and
/// what stands in a record was written by anybody. Such a cell gets an apostrophe in front; a plain number stays one.
enum AuditCSV {
    private static let members = [
        "at", "connection", "route", "record", "number", "item", "decision", "cause", "reason", "request",
    ]

    static let header = row(["line"] + members + ["field", "before", "after"])

    static func rows(of line: AuditLine) -> String {
        let document = JSONField((try? JSON.parse(line.text)) ?? .null)
        let common = ["\(line.sequence)"] + members.map { text(document[$0].value) }
        let fields = (try? document["fields"].orNil?.members()) ?? []
        guard !fields.isEmpty else { return row(common + ["", "", ""]) }
        return fields.map { name, values in
            row(common + [name, text(values["before"].value), text(values["after"].value)])
        }.joined()
    }

    private static func text(_ value: JSON?) -> String {
        switch value {
        case .null?, nil: ""
        case .string(let text)?: text
        case .number(let number)?: number.text
        case .bool, .array, .object: value?.text() ?? ""
        }
    }

    private static func row(_ cells: [String]) -> String {
        cells.map { cell($0) }.joined(separator: ",") + "\r\n"
    }

    static func cell(_ text: String) -> String {
        let safe = isFormula(text) ? "'" + text : text
        let special: Set<UInt8> = [0x22, 0x2C, 0x0D, 0x0A]
        guard safe.utf8.contains(where: { special.contains($0) }) else { return safe }
        return "\"" + safe.replacing("\"", with: "\"\"") + "\""
    }

    private static func isFormula(_ text: String) -> Bool {
        // The last four are what a keyboard for Chinese or Japanese makes of the first.
        guard let first = text.unicodeScalars.first,
            "=+-@\t\r\n\u{FF1D}\u{FF0B}\u{FF0D}\u{FF20}".unicodeScalars.contains(first)
        else { return false }
        // What a credit memo is about is a number, and has to be added up.
        return !(first == "-" && isPlainNumber(text.dropFirst()))
    }

    private static func isPlainNumber(_ text: Substring) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        return parts.allSatisfy { part in !part.isEmpty && part.allSatisfy { 0x30...0x39 ~= $0 } }
    }
}
