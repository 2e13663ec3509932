import Core
import Systems
import Testing
import Transport

@testable import Flows

@Suite(.onLoop, .timeLimit(.minutes(1))) struct `what is done in NAV` {
    private static let lost = CallError(.retry(after: nil), Nav.name, .timeout, "no answer", isUncertain: true)

    @OnLoop private final class Desk {
        let world = NavWorld()
        let hand: NavHand
        let source: NavDocumentSource

        init(_ functions: NavFunctions = Desk.functions) {
            let desk = NavDesk(world, company: "CRONUS")
            hand = NavHand(desk, functions) { Day("2018-02-01") ?? .first }
            source = NavDocumentSource(
                .invoices,
                posted: .postedInvoices,
                words: ["number", "status", "amount", "currencyCode", "vendorName", "dimension1"],
                desk: desk,
                hand: hand,
                memory: nil
            )
            // As codeunit 415 does.
            world.effect = { world, call in
                guard case .string(let number) = call.key.parts.last?.value else { return }
                switch call.function.name {
                case "PerformManualRelease": world.invoices[number]?.fields["Status"] = "Released"
                case "PerformManualReopen": world.invoices[number]?.fields["Status"] = "Open"
                case "PostDocument": world.post(number, as: "10\(number)")
                default: break
                }
            }
        }

        nonisolated static var functions: NavFunctions {
            var functions = NavFunctions()
            functions.post = .init(name: "PostDocument")
            return functions
        }

        func record(_ key: String) async throws -> Record {
            try #require(try await source.read([key], lane: .live).first)
        }

        func perform(_ change: BackChange..., on key: String) async throws {
            _ = try await source.perform(change, on: try await record(key), idempotencyKey: "k", lane: .live)
        }
    }

    @Test @OnLoop func `is done to one document, by its key`() async throws {
        let desk = Desk()
        desk.world.put("1023")
        desk.world.put("1024")
        try await desk.perform(.act(.release, label: "Approved"), on: "1023")
        #expect(
            desk.world.calls == [
                .init(
                    function: .init(service: "PurchaseInvoice", name: "PerformManualRelease"),
                    key: Nav.Key([("Document_Type", "Invoice"), ("No", "1023")]),
                    page: .purchaseInvoice
                )
            ]
        )
        #expect(desk.world.invoices["1024"]?.fields["Status"] == "Open")
        // It is so already: nobody is called again.
        try await desk.perform(.act(.release, label: "Approved"), on: "1023")
        #expect(desk.world.calls.count == 1)
    }

    @Test @OnLoop func `goes by what the document is now, not by what it was`() async throws {
        let desk = Desk()
        desk.world.put("1023")
        let before = try await desk.record("1023")
        desk.world.invoices["1023"]?.fields["Status"] = "Pending Approval"
        await fails(.skipRecord, .validation) {
            _ = try await desk.source.perform(
                [.act(.release, label: "x")],
                on: before,
                idempotencyKey: "k",
                lane: .live
            )
        }
        desk.world.post("1023", as: "9")
        await fails(.lookAgain, .conflict) {
            _ = try await desk.source.perform(
                [.act(.release, label: "x")],
                on: before,
                idempotencyKey: "k",
                lane: .live
            )
        }
        #expect(desk.world.calls.isEmpty)
    }

    @Test(arguments: [true, false])
    @OnLoop func `is looked at where no answer came`(isDone: Bool) async throws {
        for action in [BookAction.release, .post] {
            let desk = Desk()
            desk.world.put("1023")
            desk.world.fault = (Self.lost, isDone)
            if isDone {
                try await desk.perform(.act(action, label: "x"), on: "1023")
            } else {
                await fails(.retry(after: nil), .timeout) {
                    try await desk.perform(.act(action, label: "x"), on: "1023")
                }
            }
            #expect(desk.world.calls.count == 1)
        }
    }

    /// Two have to approve it, and the answer to the first approval was lost: the second is somebody else's.
    @Test(arguments: [true, false])
    @OnLoop func `is approved by one of two once, where no answer came`(isDone: Bool) async throws {
        let desk = Desk()
        desk.world.put("1023", ["Status": "Pending Approval"])
        desk.world.approvals = [1, 2].map { number in
            let status: JSON = number == 1 ? "Open" : "Created"
            return members([
                "Entry_No": .number(number), "Document_Type": "Invoice", "Document_No": "1023", "Status": status,
            ])
        }
        desk.world.effect = { world, _ in
            world.approvals[0]["Status"] = "Approved"
            world.approvals[1]["Status"] = "Open"
        }
        desk.world.fault = (Self.lost, isDone)
        let approve = BackChange.act(.approve(service: "", function: "ApproveDocument"), label: "Approved")
        if isDone {
            try await desk.perform(approve, on: "1023")
        } else {
            await fails(.retry(after: nil), .timeout) { try await desk.perform(approve, on: "1023") }
        }
        #expect(desk.world.calls.count == 1)
    }

    @Test @OnLoop func `is written in one go, to an open document`() async throws {
        let desk = Desk()
        desk.world.put("1023")
        try await desk.perform(
            .set(field: "dimension1", to: "ADM"),
            .set(field: "dueDate", to: .null),
            .act(.mark(field: "On_Hold", value: "ML"), label: "x"),
            on: "1023"
        )
        #expect(desk.world.written.count == 1)
        let fields = desk.world.written.first?.1
        #expect(fields?["Shortcut_Dimension_1_Code"] == "ADM" && fields?["On_Hold"] == "ML")
        #expect(fields?["Due_Date"] == "0001-01-01")
        desk.world.invoices["1023"]?.fields["Status"] = "Released"
        await fails(.skipRecord, .validation) { try await desk.perform(.set(field: "dimension1", to: "X"), on: "1023") }
        let refusal = desk.source.refusal(
            to: [.set(field: "dimension1", to: "X")],
            of: try await desk.record("1023")
        )
        #expect(refusal?.reason.contains("reopen") == true)
    }

    @Test @OnLoop func `leaves what is posted as it is`() async throws {
        let desk = Desk()
        desk.world.put(posted: "108001", before: "1023")
        let record = try await desk.record("1023")
        #expect(desk.source.refusal(to: [.act(.release, label: "x")], of: record) != nil)
        await fails(.skipRecord, .validation) { try await desk.perform(.set(field: "dimension1", to: "X"), on: "1023") }
        // Posted is what was asked for.
        try await desk.perform(.act(.post, label: "x"), on: "1023")
        #expect(desk.world.calls.isEmpty && desk.world.written.isEmpty)
    }

    // MARK: Journals

    private static let template = JournalTemplate(
        template: "GENERAL",
        batch: "MLCONN",
        accountType: "G/L Account",
        account: TextTemplate(parts: [.text("6110")]),
        balancingAccountType: nil,
        balancingAccount: TextTemplate(parts: [.text("2910")]),
        amountField: "amount",
        isNegative: true,
        text: TextTemplate(parts: [.field("number"), .text(" "), .field("vendorName")]),
        dimensions: [
            "DEPARTMENT": TextTemplate(parts: [.field("dimension1")]), "AREA": TextTemplate(parts: [.text("30")]),
        ]
    )
    private static let accrue = BackChange.act(.journalLine(template), label: "Accrue")

    @Test @OnLoop func `is a line in a journal, once`() async throws {
        let desk = Desk()
        desk.world.put(
            "1023",
            ["Currency_Code": "EUR", "Buy_from_Vendor_Name": .string(String(repeating: "N", count: 255))]
        )
        let other: JSON = ["Journal_Template_Name": "GENERAL", "Journal_Batch_Name": "MLCONN", "Line_No": 20_000]
        desk.world.journal = [members(other)]
        try await desk.perform(Self.accrue, on: "1023")
        try await desk.perform(Self.accrue, on: "1023")
        #expect(desk.world.journal.count == 2)
        let line = try #require(desk.world.journal.last)
        let names = line.members.map(\.name)
        #expect(
            names == [
                "Journal_Template_Name", "Journal_Batch_Name", "Line_No", "Posting_Date", "Document_No",
                "External_Document_No", "Account_Type", "Account_No", "Description", "Currency_Code", "Amount",
                "Bal_Account_Type", "Bal_Account_No", "ShortcutDimCode_x005B_3_x005D_", "Shortcut_Dimension_1_Code",
            ]
        )
        #expect(line["Line_No"] == 30_000 && line["Amount"] == -100 && line["Shortcut_Dimension_1_Code"] == "SALES")
        let text = line.text("Description")
        #expect(text.count == 50 && text.hasPrefix("1023 N") && text.hasSuffix("…"))
        #expect(line.text("External_Document_No").utf8.count <= 35)
    }

    @Test @OnLoop func `is no second line where the first was posted, or its answer lost`() async throws {
        let desk = Desk()
        desk.world.put("1023")
        desk.world.fault = (Self.lost, true)
        try await desk.perform(Self.accrue, on: "1023")
        #expect(desk.world.journal.count == 1)
        desk.world.entries = desk.world.journal
        desk.world.journal = []
        try await desk.perform(Self.accrue, on: "1023")
        #expect(desk.world.journal.isEmpty)
        // Another label is another line.
        try await desk.perform(.act(.journalLine(Self.template), label: "Again"), on: "1023")
        #expect(desk.world.journal.count == 1)
    }

    @Test @OnLoop func `is tried again where somebody has taken the line's number`() async throws {
        let desk = Desk()
        desk.world.put("1023")
        desk.world.fault = (CallError(.lookAgain, Nav.name, .conflict, "exists already"), false)
        try await desk.perform(Self.accrue, on: "1023")
        #expect(desk.world.journal.count == 1)
    }

    @Test(arguments: [0, .null] as [JSON])
    @OnLoop func `is nothing for an amount that is none`(amount: JSON) async throws {
        let desk = Desk()
        desk.world.put("1023", ["Amount": amount])
        await fails(.skipRecord, .validation) { try await desk.perform(Self.accrue, on: "1023") }
        #expect(desk.world.journal.isEmpty)
    }

    @Test(arguments: ["1023", "posted:108001", "=53545241c39f45", String(repeating: "x", count: 60)])
    func `is marked by its record and label, within NAV's field`(key: String) {
        let marker = NavJournal.marker(for: key, label: "Accrue", of: .invoices)
        #expect(marker.utf8.count <= 35 && marker == marker.uppercased())
        #expect(marker == NavJournal.marker(for: key, label: "Accrue", of: .invoices))
        #expect(marker != NavJournal.marker(for: key, label: "accrue", of: .invoices))
        #expect(marker != NavJournal.marker(for: key, label: "Accrue", of: .orders))
    }

    @OnLoop private func fails(
        _ remedy: CallError.Remedy,
        _ kind: CallError.Kind,
        _ body: @OnLoop () async throws -> Void
    ) async {
        do {
            try await body()
            Issue.record("it was done")
        } catch let error as CallError {
            #expect(error.remedy == remedy && error.kind == kind)
        } catch {
            Issue.record(error)
        }
    }
}
