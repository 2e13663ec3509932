import Core

/// What people decided on a board, in the terms of the books.
enum BackChange: Sendable, Equatable {
    /// A field gets this value; null empties it.
    case set(field: String, to: JSON)
    /// A label was chosen that stands for an action.
    case act(BookAction, label: String)
}

/// What a label on a board asks the books to do with one record, and never with any other.
enum BookAction: Sendable, Equatable {
    case release
    case reopen
    case post
    /// The customer's own function, which approves this very document: a service, and the function in it. Empty for the one
    /// that the books have been given for that.
    case approve(service: String, function: String)
    /// A field that the customer keeps for this purpose.
    case mark(field: String, value: JSON)
    case journalLine(JournalTemplate)
}

/// How a line in a journal is made of a record: what stands in braces is taken from its fields.
///
///     { do: "journalLine", template: "GENERAL", batch: "MLCONN", account: "6110", text: "{number} approved" }
struct JournalTemplate: Sendable, Equatable {
    var template: String
    var batch: String
    var accountType: String
    var account: TextTemplate
    var balancingAccountType: String?
    var balancingAccount: TextTemplate?
    /// A field of the record that holds the amount.
    var amountField: String
    var isNegative: Bool
    var text: TextTemplate
    /// Dimension codes and their values.
    var dimensions: [String: TextTemplate]
}
