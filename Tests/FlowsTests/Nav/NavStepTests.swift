import Core
import Systems
import Testing

@testable import Flows

@Suite struct `what a board asks of NAV` {
    private static let line = JournalTemplate(
        template: "GENERAL",
        batch: "MLCONN",
        accountType: "G/L Account",
        account: TextTemplate(parts: [.text("6110")]),
        amountField: "amount",
        isNegative: false,
        text: TextTemplate(parts: [.field("number")]),
        dimensions: [:]
    )

    private enum Outcome: Equatable {
        case done
        case refuse
        case call(String)
        case write
        case insert
    }

    private static func outcome(_ change: BackChange, _ status: String, isPosted: Bool = false) -> Outcome {
        var functions = NavFunctions()
        functions.post = .init(name: "PostDocument")
        let fields: JSON = [
            "Status": .string(status), "@number": "1023", "@posted": .bool(isPosted), "On_Hold": "",
            "Shortcut_Dimension_1_Code": "SALES",
        ]
        let subject = NavSubject(Record(id: "1023", fields: members(fields)), .invoices, NavSetup())
        return switch NavStep(change, subject, functions) {
        case .done: .done
        case .refuse: .refuse
        case .call(let function): .call(function.name)
        case .write: .write
        case .insert: .insert
        }
    }

    /// The table in the comment of `NavStep`.
    @Test func `depends on how far the document is`() {
        let statuses = ["Open", "Released", "Pending Prepayment", "Pending Approval", "Freigegeben"]
        let release = Outcome.call("PerformManualRelease")
        let reopen = Outcome.call("PerformManualReopen")
        let approve = Outcome.call("ApproveDocument")
        let post = Outcome.call("PostDocument")
        let table: [(BackChange, [Outcome], posted: Outcome)] = [
            (.act(.release, label: "l"), [release, .done, .done, .refuse, .refuse], .refuse),
            (.act(.reopen, label: "l"), [.done, reopen, reopen, .refuse, .refuse], .refuse),
            (
                .act(.approve(service: "PurchaseInvoice", function: "ApproveDocument"), label: "l"),
                [.refuse, .done, .done, approve, .refuse], .refuse
            ),
            (.act(.post, label: "l"), [post, post, .refuse, .refuse, .refuse], .done),
            (.set(field: "dimension1", to: "ADM"), [.write, .refuse, .refuse, .refuse, .refuse], .refuse),
            (
                .act(.mark(field: "On_Hold", value: "ML"), label: "l"),
                [.write, .write, .write, .write, .write], .refuse
            ),
            (
                .act(.journalLine(Self.line), label: "l"), [.insert, .insert, .insert, .insert, .insert], .insert
            ),
        ]
        for (change, outcomes, posted) in table {
            for (status, outcome) in zip(statuses, outcomes) {
                #expect(Self.outcome(change, status) == outcome, "\(change) of a document that is \(status)")
            }
            #expect(Self.outcome(change, "Open", isPosted: true) == posted, "\(change) of a posted document")
        }
    }

    @Test func `is done where the field holds it already`() {
        for value: JSON in ["SALES", "sales"] {
            #expect(Self.outcome(.set(field: "dimension1", to: value), "Open") == .done)
        }
        for value: JSON in ["", .null] {
            #expect(Self.outcome(.act(.mark(field: "On_Hold", value: value), label: "l"), "Open") == .done)
        }
    }

    @Test(arguments: ["number", "No", "status", "amount", "lines", "vendorName", "dimension.AREA"])
    func `is refused of a field that is not to be written`(field: String) {
        #expect(Self.outcome(.set(field: field, to: "X"), "Open") == .refuse)
    }

    @Test func `is refused in words about the document`() {
        let record = Record(id: "1023", fields: members(["@number": "1023", "@posted": true, "Closed": true]))
        let subject = NavSubject(record, .invoices, NavSetup())
        guard case .refuse(let error) = NavStep(.act(.release, label: "l"), subject, NavFunctions()) else {
            Issue.record("it was not refused")
            return
        }
        #expect(error.remedy == .skipRecord)
        #expect(error.reason == "the purchase invoice 1023 is posted, and never changes again")
    }

    @Test func `is nothing where no function is named for it`() {
        let record = Record(id: "1", fields: members(["@number": "1", "@posted": false, "Status": "Open"]))
        let subject = NavSubject(record, .invoices, NavSetup())
        guard case .refuse(let error) = NavStep(.act(.post, label: "l"), subject, NavFunctions()) else {
            Issue.record("it was not refused")
            return
        }
        #expect(error.reason.contains("nav.functions.post"))
    }
}

@Suite struct `the functions of a NAV server` {
    private func read(_ text: String) throws -> NavFunctions {
        try NavFunctions(JSONField(try JSON.parse5(#"{ functions: \#(text) }"#))["functions"])
    }

    @Test func `are NAV's own for releasing, and the customer's for all else`() throws {
        let usual = NavFunctions()
        #expect(
            usual.release.function(on: .invoices) == .init(service: "PurchaseInvoice", name: "PerformManualRelease")
        )
        #expect(usual.reopen.function(on: .orders) == .init(service: "PurchaseOrder", name: "PerformManualReopen"))
        #expect(usual.post == nil && usual.approve == nil)
        let named = try read(#"{ post: { service: "MLPost", function: "PostDocument" }, release: { function: "Go" } }"#)
        #expect(named.post?.function(on: .orders) == .init(service: "MLPost", name: "PostDocument"))
        #expect(named.release.name == "Go" && named.reopen == usual.reopen)
    }

    @Test(arguments: [
        "ApproveApprovalRequests", "rejectapprovalrequests", "Delegate_Approval_Requests",
    ])
    func `are never those that approve whatever is in their filter`(name: String) throws {
        #expect {
            _ = try read(#"{ approve: { function: "\#(name)" } }"#)
        } throws: { error in
            "\(error)".contains("1535") && "\(error)".contains("functions.approve.function")
        }
        let record = Record(id: "1", fields: members(["@number": "1", "@posted": false, "Status": "Pending Approval"]))
        let subject = NavSubject(record, .invoices, NavSetup())
        let change = BackChange.act(.approve(service: "PurchaseInvoice", function: name), label: "Approved")
        guard case .refuse(let error) = NavStep(change, subject, NavFunctions()) else {
            Issue.record("it was not refused")
            return
        }
        #expect(error.reason.contains("1535"))
    }

    @Test(arguments: [
        #"{ cancel: { function: "X" } }"#, #"{ post: {} }"#, #"{ post: { function: "a b" } }"#,
        #"{ post: { function: "" } }"#, #"{ post: "PostDocument" }"#, #"{ post: { function: "X", service: "a/b" } }"#,
    ])
    func `are refused where they could not be called`(text: String) {
        #expect(throws: JSONField.Wrong.self) { _ = try read(text) }
    }
}
