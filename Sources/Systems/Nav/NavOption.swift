extension Nav {
    /// The members of options, whose captions SOAP turns into names of XML: `G/L Account` is `G_L_Account` there.
    enum Option {
        /// As SOAP writes it. Every run of signs and blanks is one underscore, none stands at the end, and an apostrophe
        /// keeps its code.
        static func member(of caption: String) -> String {
            guard caption.contains(where: { $0 != " " }) else { return "_blank_" }
            var member = ""
            var isGap = false
            for scalar in caption.unicodeScalars {
                if scalar == "'" {
                    if isGap { member += "_" }
                    isGap = false
                    member += "_x0027_"
                } else if scalar.properties.isAlphabetic || scalar.properties.numericType == .decimal {
                    if isGap, !member.isEmpty { member += "_" }
                    isGap = false
                    member.unicodeScalars.append(scalar)
                } else {
                    isGap = true
                }
            }
            return member
        }

        /// As people see it, where we know the caption. What a customer has added keeps its underscores: whether one was a
        /// blank or a sign, nobody can tell from the name.
        static func caption(of member: String) -> String {
            member == "_blank_" ? "" : known[member] ?? member
        }

        private static let known: [String: String] = Dictionary(
            captions.map { (member(of: $0), $0) },
            uniquingKeysWith: { first, _ in first }
        )

        /// Those of the standard pages whose names differ from them.
        private static let captions = [
            // Documents and their lines.
            "Credit Memo", "Blanket Order", "Return Order", "Finance Charge Memo", "G/L Account", "Bank Account",
            "Fixed Asset", "IC Partner", "Charge (Item)", "Cross Reference", "Common Item No.", "Vendor Item No.",
            "Acquisition Cost", "Both Budget and Billable",
            // Where documents stand.
            "Pending Approval", "Pending Prepayment", "Scheduled for Posting", "Workflow User Group",
            "Sales Pers./Purchaser", "Approval Limits", "Credit Limits", "Request Limits", "No Limits",
            // Payments.
            "Computer Check", "Manual Check", "Electronic Payment", "Electronic Payment-IAT", "Apply to Oldest",
            // Accounts, dimensions, items and the setup.
            "Begin-Total", "End-Total", "Income Statement", "Balance Sheet", "Assemble-to-Stock", "Assemble-to-Order",
            "Make-to-Stock", "Make-to-Order", "Pick + Forward", "Pick + Backward", "Fixed Reorder Qty.",
            "Maximum Qty.", "Lot-for-Lot", "Prod. Order", "Tracking Only", "Tracking & Action Msg.",
            "Profit=Price-Cost", "Price=Cost+Profit", "No Relationship", "Amount Only", "Debit/Credit Only",
            "All Amounts", "No Adjustment", "Adjust Amount", "Adjust Additional-Currency Amount",
            "Payment Tolerance Accounts", "Payment Discount Accounts",
        ]
    }
}
