import Core
import Systems

/// A document as rows of NAV's pages show it: told in the words that were asked for, and in NAV's own.
struct NavDocument: Sendable, Equatable {
    /// As it is numbered now.
    var number: String
    var identity: NavIdentity
    var state: NavState
    var fields: JSON.Object

    /// Where its lines are kept for whoever wants them one by one.
    static let linesField = "@lines"
    static let numberField = "@number"
    static let postedField = "@posted"

    /// Nil for a row without a number, as NAV has none.
    init?(_ main: Nav.Row, beside: Nav.Row?, of sheet: NavSheet, words: [String], _ setup: NavSetup) {
        var raw = beside?.fields ?? JSON.Object()
        // What the list says is computed for the list; the card shows some of it as it was when it was opened.
        for member in main.fields.members { raw[member.name] = member.value }
        number = raw.text("No")
        guard !number.isEmpty else { return nil }
        state = sheet.isPosted ? NavState(posted: raw) : NavState(unposted: raw)
        let before = raw.text("Pre_Assigned_No")
        identity =
            if !sheet.isPosted { .number(number) } else if before.isEmpty { .posted(number) } else { .number(before) }
        let lines = beside.map(\.lines) ?? main.lines
        fields = raw
        for word in words where raw[word] == nil {
            fields[word] = Self.value(of: word, raw, lines, state, sheet, setup)
        }
        fields[Self.numberField] = .string(number)
        fields[Self.postedField] = .bool(sheet.isPosted)
        if words.contains(Self.linesField) { fields[Self.linesField] = .array(lines.map { .object($0) }) }
    }

    var record: Record { Record(id: identity.id, fields: fields) }

    private static func value(
        of word: String,
        _ raw: JSON.Object,
        _ lines: [JSON.Object],
        _ state: NavState,
        _ sheet: NavSheet,
        _ setup: NavSetup
    ) -> JSON? {
        switch word {
        case "status": return .string(state.word)
        case "lines": return .string(NavLine.summary(of: lines))
        case "currencyCode":
            // A blank one is the company's own, which a board of several companies could not tell.
            let code = raw.text("Currency_Code")
            return .string(code.isEmpty ? setup.localCurrency : code)
        case "amount" where raw["Amount"] == nil && !sheet.isPosted:
            return NavLine.total("Total_Amount_Excl_VAT", of: lines).map { .number($0) }
        case "amountIncludingVAT" where raw["Amount_Including_VAT"] == nil && !sheet.isPosted:
            return NavLine.total("Total_Amount_Incl_VAT", of: lines).map { .number($0) }
        case "preAssignedNumber" where !sheet.isPosted: return raw["No"]
        default: break
        }
        if let dimension = NavWords.dimension(in: word) {
            return setup.headerProperty(of: dimension).flatMap { raw[$0] }
        }
        return NavWords.documents[word]?.lazy.compactMap { raw[$0] }.first
    }
}
