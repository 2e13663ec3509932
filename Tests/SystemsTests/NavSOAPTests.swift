import Core
import Testing
import Transport

@testable import Systems

private typealias Bench = NavBench

@Suite(.onLoop) struct `NAV over SOAP` {
    private static let space = "urn:microsoft-dynamics-schemas/page/purchaseinvoice"

    @OnLoop private func run(
        _ script: @escaping @Sendable (Bench.Request) -> Bench.Answer?,
        _ body: @OnLoop (NavBench) async throws -> Void
    ) async throws {
        try await Bench.run(script, change: { $0.speech = .soap }, body)
    }

    private func rows(_ keys: [String]) -> String {
        keys.map { "<PurchaseInvoice><Key>\($0)</Key><No>\($0)</No></PurchaseInvoice>" }.joined()
    }

    @Test @OnLoop func `gives rows with values as OData would have them`() async throws {
        let answer = try navFixture("read-multiple.xml")
        try await run { request in
            request.method == "POST" ? .reply(200, [:], answer) : nil
        } _: { bench in
            var query = Nav.Query(.purchaseInvoice)
            query.withLines = true
            let page = try await bench.client.rows(query, lane: .live)
            let row = try #require(page.rows.first)
            #expect(row.soapKey == "36;JgAAAACLAgAAAAJ7BDEAMAAyADM=9;64720538940;")
            #expect(row["Document_Type"] == "Invoice" && row["Status"] == "Pending Approval")
            // A control character that somebody has pasted is left out.
            #expect(row["Vendor_Invoice_No"] == "NW-1001" && row["Due_Date"] == "2018-02-28")
            #expect(row["Prices_Including_VAT"] == false && row["Payment_Discount_Percent"]?.text() == "2.50")
            #expect(row.lines.first?["Type"] == "G/L Account" && row.lines.first?["Description"] == "Rent & heating")
            #expect(row.lines.first?["Line_No"] == 10_000)
            let request = try #require(bench.asked.first)
            #expect(request.plainTarget == "/NAVSOAP/WS/CRONUS International Ltd./Page/PurchaseInvoice")
            #expect(request.headers["soapaction"] == "\"\(Self.space):ReadMultiple\"")
            #expect(request.headers["content-type"] == "text/xml; charset=utf-8")
            #expect(request.body.contains("<ReadMultiple xmlns=\"\(Self.space)\">"))
            #expect(
                request.body.contains("<filter><Field>No</Field><Criteria></Criteria></filter><setSize>200</setSize>")
            )
        }
    }

    @Test @OnLoop func `reads each document alone where the list leaves its lines out`() async throws {
        let line = "<PurchLines><Purch_Invoice_Line><Line_No>10000</Line_No></Purch_Invoice_Line></PurchLines>"
        try await run { request in
            guard request.method == "POST" else { return nil }
            return request.body.contains("<Read ")
                ? Bench.envelope(
                    "<Read_Result><PurchaseInvoice><Key>1</Key><No>1</No>\(line)</PurchaseInvoice></Read_Result>"
                )
                : Bench.envelope(
                    "<ReadMultiple_Result><ReadMultiple_Result>\(rows(["1"]))</ReadMultiple_Result></ReadMultiple_Result>"
                )
        } _: { bench in
            var query = Nav.Query(.purchaseInvoice)
            query.withLines = true
            let page = try await bench.client.rows(query, lane: .live)
            #expect(page.rows.first?.lines.map { $0["Line_No"] } == [10_000])
            #expect(bench.asked.count == 2)
        }
    }

    @Test @OnLoop func `reads on from the last row's key until nothing comes`() async throws {
        try await run { request in
            guard request.method == "POST" else { return nil }
            let marks = request.body.matches(of: #/<bookmarkKey>([^<]*)</#).map { String($0.output.1) }
            let keys = marks.isEmpty ? ["1", "2;&amp;"] : marks == ["2;&amp;"] ? ["3"] : []
            return Bench.envelope(
                "<ReadMultiple_Result xmlns=\"\(Self.space)\"><ReadMultiple_Result>\(rows(keys))</ReadMultiple_Result>"
                    + "</ReadMultiple_Result>"
            )
        } _: { bench in
            let query = Nav.Query(.purchaseInvoice)
            var page = try await bench.client.rows(query, lane: .live)
            var found = page.rows
            while let next = page.next {
                page = try await bench.client.rows(next: next, of: query, lane: .live)
                found += page.rows
            }
            #expect(found.map(\.soapKey) == ["1", "2;&", "3"])
            #expect(bench.asked.count == 3)
        }
    }

    @Test @OnLoop func `is not read for ever where a server begins anew`() async throws {
        try await run { request in
            request.method == "POST"
                ? Bench.envelope(
                    "<ReadMultiple_Result><ReadMultiple_Result>\(rows(["1"]))</ReadMultiple_Result></ReadMultiple_Result>"
                )
                : nil
        } _: { bench in
            let query = Nav.Query(.purchaseInvoice)
            let first = try await bench.client.rows(query, lane: .live)
            let error = try await Bench.callError {
                _ = try await bench.client.rows(next: first.next ?? "", of: query, lane: .live)
            }
            #expect(error.kind == .garbage)
            let lost = try await Bench.callError {
                _ = try await bench.client.rows(next: "0 http://a/b?$skiptoken=1", of: query, lane: .live)
            }
            #expect(lost.remedy == .lookAgain && lost.kind == .expired)
        }
    }

    @Test @OnLoop func `filters as a person would, and leaves out what all records have alike`() async throws {
        try await run { request in
            request.method == "POST" ? Bench.envelope("<ReadMultiple_Result/>") : nil
        } _: { bench in
            let filter = Nav.Filter.all([
                .equals("Document_Type", "Invoice"), .anyOf("Buy_from_Vendor_No", ["10000", "A&B|<C>"]),
                .atLeast("Due_Date", "2018-01-31"),
            ])
            let page = try await bench.client.rows(Nav.Query(.purchaseInvoice, filter: filter), lane: .live)
            #expect(page.rows.isEmpty && page.next == nil)
            let body = try #require(bench.asked.last?.body)
            #expect(!body.contains("Document_Type"))
            #expect(
                body.contains("<Field>Buy_from_Vendor_No</Field><Criteria>10000|'A&amp;B|&lt;C&gt;'</Criteria>")
            )
            #expect(body.contains("<Field>Due_Date</Field><Criteria>01/31/2018..</Criteria>"))
        }
    }

    @Test @OnLoop func `asks for a long list of values part by part`() async throws {
        try await run { request in
            request.method == "POST" ? Bench.envelope("<ReadMultiple_Result/>") : nil
        } _: { bench in
            let query = Nav.Query(.purchaseInvoice, filter: .anyOf("No", (0..<300).map { .string("NUMBER-\($0)") }))
            var page = try await bench.client.rows(query, lane: .live)
            while let next = page.next { page = try await bench.client.rows(next: next, of: query, lane: .live) }
            let criteria = bench.asked.flatMap {
                $0.body.matches(of: #/<Criteria>([^<]*)</#).map { String($0.output.1) }
            }
            #expect(criteria.count > 1 && criteria.allSatisfy { $0.utf16.count <= Nav.Limits.longestCriteria })
            #expect(criteria.joined(separator: "|") == (0..<300).map { "NUMBER-\($0)" }.joined(separator: "|"))
        }
    }

    @Test @OnLoop func `reads one record, and no other that a filter finds`() async throws {
        try await run { request in
            guard request.method == "POST" else { return nil }
            let number = request.body.contains("<No>1023</No>") ? "1023" : "9"
            if request.body.contains("<No>'*'</No>") || request.body.contains("<No>7</No>") {
                return Bench.envelope("<Read_Result>\(rows([number]))</Read_Result>")
            }
            return request.body.contains("<No>1023</No>")
                ? Bench.envelope("<Read_Result>\(rows([number]))</Read_Result>") : Bench.envelope("<Read_Result/>")
        } _: { bench in
            let client = bench.client
            func key(_ number: String) -> Nav.Key { Nav.Key([("Document_Type", "Invoice"), ("No", .string(number))]) }
            let row = try await client.row(.purchaseInvoice, key: key("1023"), withLines: false, lane: .live)
            #expect(row?["No"] == "1023" && row?.soapKey == "1023")
            // Nothing found is no fault.
            let none = try await client.row(.purchaseInvoice, key: key("1024"), withLines: false, lane: .live)
            #expect(none == nil)
            for number in ["*", "7"] {
                let error = try await Bench.callError {
                    _ = try await client.row(.purchaseInvoice, key: key(number), withLines: false, lane: .live)
                }
                #expect(error.kind == .garbage)
            }
        }
    }

    // MARK: Writing

    @Test @OnLoop func `creates a record with its elements in the page's order`() async throws {
        try await run { request in
            guard request.method == "POST" else { return nil }
            return Bench.envelope("<Create_Result>\(rows(["1023"]))</Create_Result>")
        } _: { bench in
            let fields = object([
                "Status": "Pending Approval", "Vendor_Invoice_No": "A & B", "Due_Date": "2018-02-28",
                "Prices_Including_VAT": true,
                "Buy_from_Vendor_No": "10000",
            ])
            let row = try await bench.client.insert(.purchaseInvoice, fields, lane: .live)
            #expect(row["No"] == "1023")
            #expect(
                bench.asked.last?.body.contains(
                    "<Create xmlns=\"\(Self.space)\"><PurchaseInvoice><Buy_from_Vendor_No>10000</Buy_from_Vendor_No>"
                        + "<Due_Date>2018-02-28</Due_Date><Vendor_Invoice_No>A &amp; B</Vendor_Invoice_No>"
                        + "<Status>Pending_Approval</Status><Prices_Including_VAT>true</Prices_Including_VAT></PurchaseInvoice></Create>"
                ) == true
            )
        }
    }

    @Test @OnLoop func `changes a record by its key, and a stale key is a conflict`() async throws {
        try await run { request in
            guard request.method == "POST" else { return nil }
            if request.body.contains("<Key>old</Key>") {
                return Bench.fault(
                    "Microsoft.Dynamics.Nav.Service.WebServices.ServiceBrokerException",
                    "Ein anderer Benutzer …"
                )
            }
            return request.body.contains("<Read ")
                ? Bench.envelope("<Read_Result>\(rows(["1023"]))</Read_Result>")
                : Bench.envelope("<Update_Result>\(rows(["1023"]))</Update_Result>")
        } _: { bench in
            let client = bench.client
            let change = object(["Due_Date": "2018-03-31"])
            let row = Nav.Row(fields: object(["No": "1023"]), soapKey: "new;1;")
            try await client.modify(.purchaseInvoice, key: Bench.invoice, row, change, lane: .live)
            #expect(
                bench.asked.last?.body.contains(
                    "<PurchaseInvoice><Key>new;1;</Key><Due_Date>2018-03-31</Due_Date></PurchaseInvoice>"
                ) == true
            )
            let stale = Nav.Row(fields: object(["No": "1023"]), soapKey: "old")
            let error = try await Bench.callError {
                try await client.modify(.purchaseInvoice, key: Bench.invoice, stale, change, lane: .live)
            }
            #expect(error.remedy == .lookAgain && error.kind == .conflict && !error.isUncertain)
            let unkeyed = Nav.Row(fields: object(["No": "1023"]))
            try await client.modify(.purchaseInvoice, key: Bench.invoice, unkeyed, change, lane: .live)
            #expect(bench.asked.last?.body.contains("<Key>1023</Key>") == true)
        }
    }

    @Test @OnLoop func `puts a line below its document`() async throws {
        try await run { request in
            guard request.method == "POST" else { return nil }
            return request.body.contains("<Read ")
                ? Bench.envelope("<Read_Result>\(rows(["1023"]))</Read_Result>")
                : Bench.envelope("<Update_Result>\(rows(["1023"]))</Update_Result>")
        } _: { bench in
            let line = object(["Quantity": 1, "Type": "G/L Account", "No": "6110"])
            try await bench.client.insertLine(.purchaseInvoice, of: Bench.invoice, line, lane: .live)
            #expect(
                bench.asked.last?.body.contains(
                    "<PurchaseInvoice><Key>1023</Key><PurchLines><Purch_Invoice_Line><Type>G_L_Account</Type><No>6110</No>"
                        + "<Quantity>1</Quantity></Purch_Invoice_Line></PurchLines></PurchaseInvoice>"
                ) == true
            )
        }
    }

    @Test @OnLoop func `refuses what NAV would not take, before it asks`() async throws {
        try await run { _ in
            nil
        } _: { bench in
            let client = bench.client
            for (field, value) in [
                ("Status", JSON.string("Finished")), ("Due_Date", "soon"), ("Payment_Discount_Percent", "much"),
                ("Prices_Including_VAT", "maybe"), ("No", [1]),
            ] {
                let error = try await Bench.callError {
                    _ = try await client.insert(.purchaseInvoice, object(JSON.object(one(field, value))), lane: .live)
                }
                #expect(error.remedy == .skipRecord && error.reason.contains(field), "\(error)")
            }
            let status = try await Bench.callError {
                _ = try await client.insert(.purchaseInvoice, object(["Status": "Finished"]), lane: .live)
            }
            #expect(status.reason.contains("\"Pending Approval\""))
            let missing = try await Bench.callError {
                _ = try await client.insert(.purchaseInvoice, object(["Colour": "red"]), lane: .live)
            }
            #expect(missing.remedy == .stopConnection)
            let journal = try await Bench.callError {
                _ = try await client.insert(.journal, JSON.Object(), lane: .live)
            }
            // Of one document alone: all others go on.
            #expect(journal.reason.contains("OData V4") && journal.remedy == .skipRecord)
            #expect(bench.asked.isEmpty)
        }
    }

    private func one(_ name: String, _ value: JSON) -> JSON.Object {
        var object = JSON.Object()
        object[name] = value
        return object
    }

    // MARK: Functions

    @Test(arguments: [Nav.Settings.Speech.odata, .soap])
    @OnLoop func `calls an extension's function on exactly one record`(speech: Nav.Settings.Speech) async throws {
        try await Bench.run { request in
            guard request.method == "POST" else { return nil }
            return request.body.contains("<Read ")
                ? Bench.envelope("<Read_Result>\(rows(["1023"]))</Read_Result>")
                : Bench.envelope("<ApproveInvoice_Result/>")
        } change: {
            $0.speech = speech
        } _: { bench in
            let client = bench.client
            let function = Nav.Function(service: "PurchaseInvoice", name: "ApproveInvoice")
            try await client.call(function, on: Bench.invoice, of: .purchaseInvoice, lane: .live)
            let request = try #require(bench.asked.last)
            #expect(request.headers["soapaction"] == "\"\(Self.space):ApproveInvoice\"")
            #expect(
                request.body.contains(
                    "<ApproveInvoice xmlns=\"\(Self.space)\"><purchaseHeader>1023</purchaseHeader></ApproveInvoice>"
                )
            )
            for (name, words) in [
                ("Missing", "is not there"), ("ApproveTwo", "2 parameters"), ("A b", "no codeunit can have"),
            ] {
                let error = try await Bench.callError {
                    let function = Nav.Function(service: "PurchaseInvoice", name: name)
                    try await client.call(function, on: Bench.invoice, of: .purchaseInvoice, lane: .live)
                }
                #expect(error.remedy == .stopConnection && error.reason.contains(words), "\(error)")
            }
        }
    }

    @Test @OnLoop func `calls no function on a record that is not there`() async throws {
        try await run { request in
            request.method == "POST" ? Bench.envelope("<Read_Result/>") : nil
        } _: { bench in
            let function = Nav.Function(service: "PurchaseInvoice", name: "ApproveInvoice")
            let error = try await Bench.callError {
                try await bench.client.call(function, on: Bench.invoice, of: .purchaseInvoice, lane: .live)
            }
            #expect(error.remedy == .lookAgain && error.kind == .missing)
            #expect(bench.asked.allSatisfy { !$0.body.contains("ApproveInvoice") })
        }
    }

    @Test @OnLoop func `tells a codeunit of its own which record it is about`() async throws {
        try await run { request in
            guard request.method == "POST" else { return nil }
            let name = request.body.contains("<ApproveNumber") ? "ApproveNumber" : "Approve"
            return Bench.envelope("<\(name)_Result><return_value>true</return_value></\(name)_Result>")
        } _: { bench in
            let client = bench.client
            func call(_ name: String, _ service: String = "Approvals") async throws {
                let function = Nav.Function(service: service, name: name)
                try await client.call(function, on: Bench.invoice, of: .purchaseInvoice, lane: .live)
            }
            try await call("Approve")
            let request = try #require(bench.asked.last)
            #expect(request.plainTarget == "/NAVSOAP/WS/CRONUS International Ltd./Codeunit/Approvals")
            // Codeunits keep their case.
            #expect(request.headers["soapaction"] == "\"urn:microsoft-dynamics-schemas/codeunit/Approvals:Approve\"")
            #expect(request.body.contains("<documentType>Invoice</documentType><no>1023</no>"))
            try await call("ApproveNumber")
            #expect(bench.asked.last?.body.contains("<invoiceNumber>1023</invoiceNumber>") == true)
            let count = bench.asked.count
            for (name, service, words) in [
                ("ApproveAll", "Approvals", "takes no parameter"), ("ApproveOdd", "Approvals", "asks for colour"),
                ("Approve", "Elsewhere", "tick Published"),
            ] {
                let error = try await Bench.callError { try await call(name, service) }
                #expect(error.remedy == .stopConnection && error.reason.contains(words), "\(error)")
            }
            #expect(bench.asked.count == count)
        }
    }

    // MARK: Trouble

    struct Fault: Sendable, CustomTestStringConvertible {
        var exception: String
        var read: CallError.Kind
        var write: CallError.Kind
        var remedy: CallError.Remedy
        var isUncertain = false

        var testDescription: String { exception }
    }

    static let faults = [
        Fault(exception: "NavNCLDialogException", read: .validation, write: .validation, remedy: .skipRecord),
        Fault(exception: "NavTestFieldException", read: .validation, write: .validation, remedy: .skipRecord),
        Fault(exception: "NavCSideRecordNotFoundException", read: .missing, write: .missing, remedy: .lookAgain),
        Fault(exception: "NavCSideDuplicateKeyException", read: .conflict, write: .conflict, remedy: .lookAgain),
        Fault(exception: "NavPermissionException", read: .permission, write: .permission, remedy: .stopConnection),
        Fault(
            exception: "NavNCLCallbackNotAllowedException",
            read: .configuration,
            write: .configuration,
            remedy: .skipRecord
        ),
        Fault(exception: "ServiceBrokerException", read: .outage, write: .conflict, remedy: .lookAgain),
        Fault(
            exception: "SomethingNewException",
            read: .outage,
            write: .validation,
            remedy: .skipRecord,
            isUncertain: true
        ),
        Fault(
            exception: "SomeLockTimeoutException",
            read: .outage,
            write: .outage,
            remedy: .retry(after: nil),
            isUncertain: true
        ),
    ]

    @Test(arguments: faults) @OnLoop func `means what its exception says`(fault: Fault) async throws {
        try await run { request in
            request.method == "POST" ? Bench.fault("Microsoft.Dynamics.Nav.Types.Exceptions.\(fault.exception)") : nil
        } _: { bench in
            let client = bench.client
            let read = try await Bench.callError { _ = try await client.rows(Nav.Query(.purchaseInvoice), lane: .live) }
            #expect(read.kind == fault.read && !read.isUncertain)
            let write = try await Bench.callError {
                _ = try await client.insert(.purchaseInvoice, JSON.Object(), lane: .live)
            }
            #expect(write.kind == fault.write && write.remedy == fault.remedy && write.isUncertain == fault.isUncertain)
            #expect(write.reason.contains(fault.exception) && write.reason.contains("Es ging nicht."))
            #expect(bench.gate.told.outcomes.last == (fault.write == .outage ? .failed : .answered))
        }
    }

    @Test @OnLoop func `is in trouble where what it runs on is`() async throws {
        try await run { request in
            request.method == "POST" ? Bench.fault("System.OutOfMemoryException") : nil
        } _: { bench in
            let error = try await Bench.callError {
                _ = try await bench.client.insert(.purchaseInvoice, JSON.Object(), lane: .live)
            }
            #expect(error.kind == .outage && error.isUncertain)
        }
    }

    @Test @OnLoop func `shows the words of a fault and nothing else of it`() async throws {
        let fault = try navFixture("fault.xml")
        try await run { request in
            request.method == "POST" ? .reply(500, [:], fault) : nil
        } _: { bench in
            let error = try await Bench.callError {
                _ = try await bench.client.insert(.purchaseInvoice, JSON.Object(), lane: .live)
            }
            #expect(error.description.hasSuffix(": Vendor Invoice No. must be filled in."))
            #expect(error.remedy == .skipRecord)
        }
    }

    @Test(arguments: [
        "", "<html>Welcome to the hotel</html>", "<a", "{}", "<Envelope/>", "<Envelope><Body/></Envelope>",
        "<Envelope><Body><Other_Result/></Body></Envelope>",
        "<!DOCTYPE x [<!ENTITY a \"b\">]><Envelope><Body><ReadMultiple_Result>&a;</ReadMultiple_Result></Body></Envelope>",
        "<Envelope><Body><ReadMultiple_Result><ReadMultiple_Result><PurchaseInvoice><No>1</No></PurchaseInvoice></ReadMultiple_Result></ReadMultiple_Result></Body></Envelope>",
    ])
    @OnLoop func `does not believe an answer that is none`(body: String) async throws {
        try await run { request in
            request.method == "POST" ? .reply(200, [:], body) : nil
        } _: { bench in
            let error = try await Bench.callError {
                _ = try await bench.client.rows(Nav.Query(.purchaseInvoice), lane: .live)
            }
            #expect(error.kind == .garbage && !error.reason.contains("hotel"))
        }
    }

    @Test @OnLoop func `is chosen where there is no OData V4`() async throws {
        try await Bench.run { request in
            if request.path.hasSuffix("$metadata") { return .reply(404) }
            return request.method == "POST" ? Bench.envelope("<ReadMultiple_Result/>") : nil
        } _: { bench in
            _ = try await bench.client.rows(Nav.Query(.purchaseInvoice), lane: .live)
            _ = try await bench.client.rows(Nav.Query(.purchaseInvoice), lane: .live)
            #expect(bench.asked.allSatisfy { $0.path.hasPrefix("/NAVSOAP/") })
            #expect(bench.server.requests.filter { $0.path.hasSuffix("$metadata") }.count == 1)
            #expect(try await bench.client.fields(of: .purchaseInvoice, lane: .live)?.contains("Document_Type") == true)
            #expect(try await bench.client.fields(of: .vendorCard, lane: .live) == nil)
        }
        try await Bench.run { request in
            request.path.hasSuffix("$metadata") ? .reply(404) : nil
        } change: {
            $0.soapURL = nil
        } _: { bench in
            let error = try await Bench.callError {
                _ = try await bench.client.rows(Nav.Query(.purchaseInvoice), lane: .live)
            }
            #expect(error.remedy == .stopConnection && error.reason.contains("soapURL"))
        }
    }
}

@Suite struct `an option over SOAP` {
    @Test(arguments: [
        ("G/L Account", "G_L_Account"), ("Charge (Item)", "Charge_Item"), ("Pending Approval", "Pending_Approval"),
        ("Scheduled for Posting", "Scheduled_for_Posting"), ("Open", "Open"), ("Pick + Forward", "Pick_Forward"),
    ])
    func `is a name of XML, and a caption again`(caption: String, member: String) {
        #expect(Nav.Option.member(of: caption) == member)
        #expect(Nav.Option.caption(of: member) == caption)
    }

    @Test func `keeps its underscores where nobody knows what they were`() {
        #expect(Nav.Option.caption(of: "Mein_Status") == "Mein_Status")
        #expect(Nav.Option.caption(of: "_blank_") == "" && Nav.Option.member(of: " ") == "_blank_")
        #expect(Nav.Option.member(of: "") == "_blank_" && Nav.Option.member(of: "Mein_Status") == "Mein_Status")
        #expect(Nav.Option.member(of: "Driver's") == "Driver_x0027_s")
    }
}
