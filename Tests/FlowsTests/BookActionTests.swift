import Core
import Testing

@testable import Flows

@Suite struct `a label's action in a connection's file` {
    private func action(_ text: String) throws -> BookAction {
        try BookAction(JSONField(try JSON.parse5(text)))
    }

    private func wrong(_ text: String) -> String {
        do {
            _ = try action(text)
            return "nothing is wrong"
        } catch {
            return "\(error)"
        }
    }

    @Test func `is one of a few`() throws {
        #expect(try action(#"{ do: "release" }"#) == .release)
        #expect(try action(#"{ do: "reopen" }"#) == .reopen)
        #expect(try action(#"{ do: "post" }"#) == .post)
        #expect(try action(#"{ do: "mark", field: "On_Hold", value: "" }"#) == .mark(field: "On_Hold", value: ""))
        #expect(try action(#"{ do: "mark", field: "OK", value: true }"#) == .mark(field: "OK", value: true))
        #expect(
            try action(#"{ do: "approve", service: "PurchaseInvoice", function: "ApproveDocument" }"#)
                == .approve(service: "PurchaseInvoice", function: "ApproveDocument")
        )
        // By the function that the books have been given for that.
        #expect(try action(#"{ do: "approve" }"#) == .approve(service: "", function: ""))
        #expect(try action(#"{ do: "approve", function: "F" }"#) == .approve(service: "", function: "F"))
    }

    @Test func `makes a line in a journal`() throws {
        let text = """
            { do: "journalLine", template: "GENERAL", batch: "MLCONN", account: "6110", balancingAccount: "{bank}",
              amount: "amount", text: "{number} {vendorName}", dimensions: { DEPARTMENT: "{dimension1}" } }
            """
        let made = try action(text)
        guard case .journalLine(let line) = made else {
            Issue.record("no journal line")
            return
        }
        #expect(line.template == "GENERAL" && line.batch == "MLCONN" && line.accountType == "G/L Account")
        #expect(line.balancingAccountType == "G/L Account" && !line.isNegative)
        #expect(line.account.filled { _ in .null } == "6110")
        #expect(made.fields == ["amount", "bank", "number", "vendorName", "dimension1"])
        let other = try action(
            #"{ do: "journalLine", template: "G", batch: "B", accountType: "Vendor", account: "{v}", amount: "a", negative: true, text: "t" }"#
        )
        guard case .journalLine(let plain) = other else { return }
        #expect(plain.isNegative && plain.accountType == "Vendor" && plain.balancingAccount == nil)
        #expect(plain.balancingAccountType == nil && other.fields == ["a", "v"])
    }

    @Test(arguments: [
        (#""release""#, "expected what it asks for, such as { do: \"release\" }"),
        (#"{}"#, "do: missing"), (#"{ do: "pay" }"#, "do: expected \"release\", \"reopen\", \"post\""),
        (#"{ do: "post", at: 1 }"#, "at: unknown name"), (#"{ do: "mark", field: "x" }"#, "value: expected what"),
        (#"{ do: "mark", field: "x", value: [1] }"#, "value: expected what"),
        (#"{ do: "approve", service: "P" }"#, "function: missing"),
        (#"{ do: "approve", service: "", function: "F" }"#, "service: expected a name"),
        (
            #"{ do: "journalLine", template: "G", batch: "B", account: "{", amount: "a", text: "t" }"#,
            "account: expected words"
        ),
        (
            #"{ do: "journalLine", template: "G", batch: "B", account: "1", amount: "", text: "t" }"#,
            "amount: expected a name"
        ),
        (
            #"{ do: "journalLine", template: "G", batch: "B", account: "1", balancingAccountType: "Vendor", amount: "a", text: "t" }"#,
            "balancingAccountType: there is no balancingAccount"
        ),
    ])
    func `says what is wrong`(text: String, words: String) {
        #expect(wrong(text).contains(words), "\(wrong(text))")
    }

    /// They would approve whatever waits beside the document.
    @Test(arguments: [
        "ApproveApprovalRequests", "rejectApprovalRequests", "DELEGATEAPPROVALREQUESTS", "ApproveRecordApprovalRequest",
    ])
    func `is never one that acts on more than one document`(function: String) {
        let words = wrong(#"{ do: "approve", service: "Approvals", function: "\#(function)" }"#)
        #expect(words.contains("could approve other documents") && words.contains("a function of your own"))
    }
}
