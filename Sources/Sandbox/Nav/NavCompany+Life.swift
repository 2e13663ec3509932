import Core

/// The life of purchase documents: what people do to them, and what codeunits do for others.
extension NavSimulator.Company {
    func document(_ type: String, _ number: some StringProtocol) -> Row? {
        row(.purchaseHeaders, .text(type), .text(String(number).uppercased()))
    }

    private func setStatus(_ status: String, of header: Row) -> Row {
        var header = header
        header.set("Status", status)
        return write(.purchaseHeaders, header)
    }

    // MARK: Release

    /// What the function PerformManualRelease of codeunit 415 does with the one document that it is given.
    func release(_ header: Row) throws(Refusal) -> Row {
        switch header.text("Status") {
        case "Released": return header
        case "Pending Approval":
            throw .dialog(
                "The approval process must be cancelled or completed to release this document.",
                rule: "approval pending"
            )
        default: break
        }
        guard !settings.hasApprovalWorkflow else {
            throw .dialog(
                "This document can only be released when the approval process is complete.",
                rule: "released past the workflow"
            )
        }
        try demandReleasable(header)
        return setStatus("Released", of: header)
    }

    /// PerformManualReopen.
    func reopen(_ header: Row) throws(Refusal) -> Row {
        guard header.text("Status") != "Pending Approval" else {
            throw .dialog(
                "The approval process must be cancelled or completed to reopen this document.",
                rule: "approval pending"
            )
        }
        guard header.text("Status") != "Open" else { return header }
        return setStatus("Open", of: header)
    }

    private func demandReleasable(_ header: Row) throws(Refusal) {
        guard !header.text("Buy_from_Vendor_No").isEmpty else {
            throw .testField(
                "Buy-from Vendor No. must have a value in Purchase Header.",
                rule: "document without vendor"
            )
        }
        let hasLine = lines(of: header).contains { !$0.text("Type").isEmpty && $0.number("Quantity") != .zero }
        guard hasLine else {
            let type = header.text("Document_Type")
            throw .dialog(
                "There is nothing to release for the document of type \(type) with the number \(header.text("No")).",
                rule: "nothing to release"
            )
        }
    }

    // MARK: Approval

    func requests(of header: Row, status: String = "Open") -> [Row] {
        rows(.approvalEntries).filter {
            $0["Document_Type"] == header["Document_Type"] && $0["Document_No"] == header["No"]
                && $0.text("Status") == status
        }
    }

    /// As a person sends it; `approvers` decide one after the other.
    func sendForApproval(_ header: Row, to approvers: [String]) throws(Refusal) -> Row {
        try demandOpen(header)
        try demandReleasable(header)
        for (index, approver) in approvers.enumerated() {
            var entry = Row()
            entry.set("Entry_No", Decimal(next.approval))
            next.approval += 1
            entry.set("Table_ID", Decimal(38))
            entry["Document_Type"] = header["Document_Type"]
            entry["Document_No"] = header["No"]
            entry["Currency_Code"] = header["Currency_Code"]
            entry.set("Sequence_No", Decimal(index + 1))
            entry.set("Status", index == 0 ? "Open" : "Created")
            entry.set("Sender_ID", "ANNETTE")
            entry.set("Approver_ID", approver.uppercased())
            entry.set("Approval_Type", "Approver")
            entry.set("Limit_Type", "No Limits")
            entry.set("Amount_LCY", totals(of: lines(of: header)).net)
            entry["Date_Time_Sent_for_Approval"] = .time(clock.now)
            entry.set("Due_Date", today)
            stamp(&entry, by: "ANNETTE")
            write(.approvalEntries, entry)
        }
        return setStatus("Pending Approval", of: header)
    }

    /// Approves or rejects what is asked about this document, and nothing else.
    func decide(_ header: Row, approves: Bool, by user: String) throws(Refusal) -> Row {
        guard var entry = requests(of: header).first else {
            throw .dialog("There is no approval request for this document.", rule: "no approval request")
        }
        guard entry.text("Approver_ID") == user.uppercased() else {
            throw .dialog("The approval request was sent to \(entry.text("Approver_ID")).", rule: "not the approver")
        }
        entry.set("Status", approves ? "Approved" : "Rejected")
        stamp(&entry, by: user.uppercased())
        write(.approvalEntries, entry)
        guard approves else {
            cancelApprovals(of: header)
            return setStatus("Open", of: header)
        }
        guard var following = requests(of: header, status: "Created").first else {
            return setStatus("Released", of: header)
        }
        following.set("Status", "Open")
        stamp(&following, by: user.uppercased())
        write(.approvalEntries, following)
        return setStatus("Pending Approval", of: header)
    }

    /// What codeunit 1535 does with a record that has only its key: every request that it sees.
    func decideAll(approves: Bool) {
        for entry in rows(.approvalEntries) where entry.text("Status") == "Open" {
            guard let header = document(entry.text("Document_Type"), entry.text("Document_No")) else { continue }
            _ = try? decide(header, approves: approves, by: entry.text("Approver_ID"))
        }
    }

    func cancelApprovals(of header: Row) {
        for status in ["Open", "Created"] {
            for var entry in requests(of: header, status: status) {
                entry.set("Status", "Canceled")
                stamp(&entry, by: "ANNETTE")
                write(.approvalEntries, entry)
            }
        }
    }

    private func stamp(_ entry: inout Row, by user: String) {
        entry["Last_Date_Time_Modified"] = .time(clock.now)
        entry.set("Last_Modified_By_User_ID", user)
    }
}
