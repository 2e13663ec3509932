import Core
import Systems

/// How far a document has come, in one row of states for those that are posted and those that are not.
enum NavState: Sendable, Equatable {
    case open
    case released
    case pendingApproval
    case pendingPrepayment
    case posted
    case paid
    case canceled
    case corrective
    /// A status that NAV had not when this was written, or in another language.
    case other(String)

    /// Of a document that is not posted.
    init(unposted row: JSON.Object) {
        guard case .string(let text) = row["Status"], !Nav.isEmpty(.string(text)) else {
            self = .other("")
            return
        }
        // SOAP has no blanks in its options.
        let word = text.split { $0 == "_" || $0 == " " }.joined(separator: " ")
        self = Self.unposted.first { $0.word.lowercased() == word.lowercased() } ?? .other(word)
    }

    /// Of a posted one. Versions before 2018 may lack some of these properties, or all of them.
    init(posted row: JSON.Object) {
        if row["Cancelled"] == true {
            self = .canceled
        } else if row["Corrective"] == true {
            self = .corrective
        } else if row["Closed"] == true || row.number("Remaining_Amount") == .zero {
            self = .paid
        } else {
            self = .posted
        }
    }

    private static let unposted: [Self] = [.open, .released, .pendingApproval, .pendingPrepayment]

    var word: String {
        switch self {
        case .open: "Open"
        case .released: "Released"
        case .pendingApproval: "Pending Approval"
        case .pendingPrepayment: "Pending Prepayment"
        case .posted: "Posted"
        case .paid: "Paid"
        case .canceled: "Canceled"
        case .corrective: "Corrective"
        case .other(let word): word
        }
    }

    /// Nothing of it is ever changed again.
    var isPosted: Bool {
        switch self {
        case .posted, .paid, .canceled, .corrective: true
        case .open, .released, .pendingApproval, .pendingPrepayment, .other: false
        }
    }
}

extension JSON.Object {
    func number(_ name: String) -> Decimal? {
        if case .number(let number) = self[name] { number.decimal } else { nil }
    }

    /// Empty where there is none.
    func text(_ name: String) -> String {
        guard case .string(let text) = self[name], !Nav.isEmpty(.string(text)) else { return "" }
        return text
    }
}
