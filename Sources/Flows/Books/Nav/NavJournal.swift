import Core
import Store
import Systems
import Transport

/// A line in a journal that a label on a board has asked for.
enum NavJournal {
    private static let longestMarker = 35
    private static let longestNumber = 20
    private static let longestText = 50

    /// Stands in the line's external document number, and tells whether it has been written: the same for the same record
    /// and label, in capitals as NAV has it.
    static func marker(for key: String, label: String, of sheet: NavSheet) -> String {
        let digest = Digest(of: Array("\(sheet.list.rawValue)\u{1}\(key)\u{1}\(label)".utf8)).hexadecimal.uppercased()
        let name = key.uppercased().unicodeScalars.map { scalar in
            "A"..."Z" ~= scalar || "0"..."9" ~= scalar ? Character(scalar) : "-"
        }
        // Twelve digits of the digest, and as much of the key as people need to find the document.
        let room = longestMarker - "MLC::".count - 12
        return "MLC:\(String(name.prefix(room))):\(digest.prefix(12))"
    }

    static func place(_ template: JournalTemplate) -> Nav.Filter {
        .all([
            .equals("Journal_Template_Name", .string(template.template)),
            .equals("Journal_Batch_Name", .string(template.batch)),
        ])
    }

    static func place(_ template: JournalTemplate, marked marker: String) -> Nav.Filter {
        .all([
            .equals("Journal_Template_Name", .string(template.template)),
            .equals("Journal_Batch_Name", .string(template.batch)),
            .equals("External_Document_No", .string(marker)),
        ])
    }

    /// In the order in which NAV's own code expects them.
    static func fields(
        _ template: JournalTemplate,
        of document: NavSubject,
        marker: String,
        lineNumber: Int,
        today: Day,
        _ plain: (String) -> JSON
    ) throws(CallError) -> JSON.Object {
        func refusal(_ why: String) -> CallError {
            CallError(.skipRecord, Nav.name, .validation, "the \(document.sheet.title) \(document.number) \(why)")
        }
        guard case .number(let number) = plain(template.amountField), let amount = number.decimal, amount != .zero
        else {
            throw refusal("has no \(template.amountField) to write into the journal")
        }
        let account = template.account.filled(plain)
        guard !account.isEmpty else { throw refusal("does not say which account its journal line goes to") }
        var fields = JSON.Object()
        fields["Journal_Template_Name"] = .string(template.template)
        fields["Journal_Batch_Name"] = .string(template.batch)
        fields["Line_No"] = .number(lineNumber)
        let date = document.fields.text("Posting_Date")
        fields["Posting_Date"] = .string(date.isEmpty ? today.text : date)
        fields["Document_No"] = .string(String(document.number.prefix(longestNumber)))
        fields["External_Document_No"] = .string(marker)
        fields["Account_Type"] = .string(template.accountType)
        fields["Account_No"] = .string(account)
        fields["Description"] = .string(shortened(template.text.filled(plain)))
        if case .string(let code) = plain("Currency_Code"), code != document.setup.localCurrency {
            fields["Currency_Code"] = .string(code)
        }
        fields["Amount"] = .number(template.isNegative ? -amount : amount)
        if let balancing = template.balancingAccount?.filled(plain), !balancing.isEmpty {
            fields["Bal_Account_Type"] = .string(template.balancingAccountType ?? "G/L Account")
            fields["Bal_Account_No"] = .string(balancing)
        }
        for (dimension, words) in template.dimensions.sorted(by: { $0.key < $1.key }) {
            guard let property = document.setup.lineProperty(of: dimension) else {
                throw refusal("cannot have the dimension \(dimension) in a journal: it is no shortcut dimension in NAV")
            }
            let value = words.filled(plain)
            if !value.isEmpty { fields[property] = .string(value) }
        }
        return fields
    }

    /// What does not fit is cut, and seen to be.
    private static func shortened(_ text: String) -> String {
        text.count <= longestText ? text : String(text.prefix(longestText - 1)) + "…"
    }
}
