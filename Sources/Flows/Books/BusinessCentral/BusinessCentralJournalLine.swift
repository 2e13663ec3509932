import Core
import Store
import Systems

/// A line in a journal of Business Central, written for one record because of one label. It is left for the accountant to
/// post.
///
/// There is no key of ours that Business Central would keep, so who the line is stands in the line: its external document
/// number while it waits in the journal, its document number in the ledger once it is posted. Both are made of the record
/// and the label, so the same approval is the same line, whenever it is asked for.
struct BusinessCentralJournalLine: Sendable, Equatable {
    var template: String
    var batch: String
    /// In the order in which they are to be filled in.
    var fields = JSON.Object()
    var dimensions: [BusinessCentralPlan.Assignment]
    var documentNumber: String
    var externalDocumentNumber: String

    /// The journal's accounts; lines of other kinds are not taken there.
    private static let accountTypes = ["G/L Account", "Customer", "Vendor", "Bank Account"]

    init(
        _ wish: JournalTemplate,
        _ label: String,
        _ record: String,
        _ title: String,
        today: Day,
        _ plain: (String) -> JSON
    ) throws(CallError) {
        template = wish.template
        batch = wish.batch
        let words = ["journal line", record, wish.template, wish.batch, label].joined(separator: "\u{1}")
        let digest = Digest(of: Array(words.utf8)).hexadecimal
        // 20 and 35 characters is what the fields hold.
        documentNumber = "ML" + digest.prefix(16).uppercased()
        externalDocumentNumber = "mlc:" + digest.prefix(28)

        let account = wish.account.filled(plain)
        guard !account.isEmpty else { throw Self.lacks("an account", title) }
        guard case .number(let number) = plain(wish.amountField), let amount = number.decimal, amount != .zero else {
            throw Self.lacks("an amount in \(wish.amountField)", title)
        }
        fields["accountType"] = try Self.type(wish.accountType)
        fields["accountNumber"] = .string(account)
        fields["postingDate"] = .string(today.text)
        fields["documentNumber"] = .string(documentNumber)
        fields["externalDocumentNumber"] = .string(externalDocumentNumber)
        fields["amount"] = .number(wish.isNegative ? -amount : amount)
        fields["description"] = .string(String(wish.text.filled(plain).prefix(100)))
        if let balancing = wish.balancingAccount?.filled(plain) {
            guard !balancing.isEmpty else { throw Self.lacks("a balancing account", title) }
            fields["balanceAccountType"] = try Self.type(wish.balancingAccountType ?? "G/L Account")
            fields["balancingAccountNumber"] = .string(balancing)
        }
        dimensions = wish.dimensions.sorted { $0.key < $1.key }.compactMap { code, value in
            let value = value.filled(plain)
            return value.isEmpty ? nil : .init(dimension: code.uppercased(), value: value)
        }
    }

    private static func type(_ words: String) throws(CallError) -> JSON {
        guard let type = accountTypes.first(where: { $0.lowercased() == words.lowercased() }) else {
            throw CallError(
                .skipRecord,
                BusinessCentral.name,
                .configuration,
                "a journal line has no account of the type “\(words)” here; there are \(accountTypes.joined(separator: ", "))"
            )
        }
        return .string(BusinessCentral.encodedMember(type))
    }

    private static func lacks(_ what: String, _ title: String) -> CallError {
        BusinessCentralPlan.refused("\(title) has no \(what.drop { $0 != " " }.dropFirst()) that a journal line needs")
    }
}
