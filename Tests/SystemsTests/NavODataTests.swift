import Core
import Testing
import Transport

@testable import Systems

private typealias Bench = NavBench

@Suite(.onLoop) struct `NAV over OData` {
    @Test @OnLoop func `is asked in the user's name, and charged`() async throws {
        try await Bench.run { request in
            request.path.hasSuffix("VendorCard") ? Bench.rows() : nil
        } _: { bench in
            _ = try await bench.client.rows(Nav.Query(.vendorCard), lane: .background)
            let request = try #require(bench.asked.first)
            #expect(request.method == "GET" && request.plainTarget == Bench.home + "/VendorCard")
            let basic = Base64.text(of: Array("\(Bench.user):\(Bench.key)".utf8))
            #expect(request.headers["authorization"] == "Basic \(basic)")
            #expect(bench.gate.told.entered == [.background, .background])
            #expect(bench.gate.told.charges.last == ["requests": 1, "inFlight": 1])
        }
    }

    @Test @OnLoop func `gives rows as the page shows them`() async throws {
        let page = try navFixture("page.json")
        try await Bench.run { request in
            request.path.hasSuffix("VendorCard") ? .reply(200, [:], page) : nil
        } _: { bench in
            let read = try await bench.client.rows(Nav.Query(.vendorCard), lane: .live)
            #expect(read.rows.count == 2 && read.next == nil)
            let row = try #require(read.rows.first)
            #expect(row.etag == #"W/"'20;FwAAAAJ7/zEAMAAwADAAMA==9;11234560;'""#)
            #expect(row["No"] == "10000" && row["Balance_LCY"]?.text() == "-1200.50" && row["Blocked"] == " ")
            #expect(row.fields.members.allSatisfy { !$0.name.contains("@") })
            #expect(read.rows.compactMap { $0["Last_Date_Modified"] }.map(Nav.isEmpty) == [false, true])
            #expect(try await bench.client.fields(of: .vendorCard, lane: .live)?.contains("Balance_LCY") == true)
            #expect(try await bench.client.fields(of: .journal, lane: .live) == nil)
            // The description was asked for once.
            #expect(bench.server.requests.filter { $0.path.hasSuffix("$metadata") }.count == 1)
        }
    }

    @Test @OnLoop func `follows from page to page, also where a record comes twice`() async throws {
        try await Bench.run { request in
            let host = request.headers["host"] ?? ""
            let link = "http://\(host)/NAV/ODataV4/Company('CRONUS%20International%20Ltd.')/VendorCard?$skiptoken="
            guard request.path.hasSuffix("VendorCard") else { return nil }
            if request.target.hasSuffix("=2") { return Bench.rows(#"{"No":"2"}"#, #"{"No":"3"}"#) }
            return Bench.rows(#"{"No":"1"}"#, #"{"No":"2"}"#, next: link + "2")
        } _: { bench in
            let query = Nav.Query(.vendorCard)
            let first = try await bench.client.rows(query, lane: .live)
            let second = try await bench.client.rows(next: try #require(first.next), of: query, lane: .live)
            #expect((first.rows + second.rows).map { $0["No"] } == ["1", "2", "2", "3"])
            #expect(second.next == nil)
        }
    }

    @Test @OnLoop func `follows no page that leads away, and says what to set`() async throws {
        try await Bench.run { request in
            request.path.hasSuffix("VendorCard")
                ? Bench.rows(next: "http://navserver:7048/NAV/ODataV4/Company('CRONUS')/VendorCard?$skiptoken=1") : nil
        } _: { bench in
            let error = try await Bench.callError {
                _ = try await bench.client.rows(Nav.Query(.vendorCard), lane: .live)
            }
            #expect(error.kind == .garbage && error.reason.contains("PublicODataBaseUrl"))
            #expect(bench.asked.count == 1)
        }
    }

    @Test @OnLoop func `begins a list again whose place is lost`() async throws {
        try await Bench.run { request in
            request.target.contains("skiptoken") ? Bench.refused(400) : nil
        } _: { bench in
            let link = bench.server.url + "/NAV/ODataV4/VendorCard?company=CRONUS%20International%20Ltd.&$skiptoken=1"
            for next in ["0 " + link, "0 http://elsewhere:1/x", "0 36;Jg;9;", "7", "nonsense"] {
                let error = try await Bench.callError {
                    _ = try await bench.client.rows(next: next, of: Nav.Query(.vendorCard), lane: .live)
                }
                #expect(error.remedy == .lookAgain && error.kind == .expired)
            }
        }
    }

    @Test @OnLoop func `asks for a long list of values part by part`() async throws {
        let numbers = (0..<200).map { JSON.string("NUMBER-\($0)") }
        try await Bench.run { request in
            let found = request.plainTarget.matches(of: #/No eq '([^']+)'/#).map { #"{"No":"\#($0.output.1)"}"# }
            return request.path.hasSuffix("VendorCard")
                ? .reply(200, [:], #"{"value":[\#(found.joined(separator: ","))]}"#) : nil
        } _: { bench in
            let query = Nav.Query(.vendorCard, filter: .anyOf("No", numbers))
            var page = try await bench.client.rows(query, lane: .live)
            var rows = page.rows
            while let next = page.next {
                page = try await bench.client.rows(next: next, of: query, lane: .live)
                rows += page.rows
            }
            #expect(rows.map { $0["No"] } == numbers.map(Optional.some))
            #expect(bench.asked.count > 1)
        }
    }

    @Test @OnLoop func `counts where the server does, over all parts`() async throws {
        try await Bench.run { request in
            switch true {
            case request.path.hasSuffix("VendorCard"):
                .reply(200, [:], #"{"@odata.count":"7","value":[{"No":"1"}]}"#)
            case request.path.hasSuffix("PurchaseInvoice"): .reply(200, [:], #"{"value":[]}"#)
            default: nil
            }
        } _: { bench in
            let vendors = try await bench.client.count(Nav.Query(.vendorCard), lane: .live)
            #expect(vendors == 7)
            #expect(bench.asked.last?.plainTarget.contains("$count=true&$top=1") == true)
            let unsaid = try await bench.client.count(Nav.Query(.purchaseInvoice), lane: .live)
            #expect(unsaid == nil)
        }
    }

    @Test @OnLoop func `reads a document with its lines`() async throws {
        let invoice = try navFixture("invoice.json")
        try await Bench.run { request in
            request.path.contains("PurchaseInvoice(") ? .reply(200, [:], invoice) : nil
        } _: { bench in
            let row = try #require(
                try await bench.client.row(.purchaseInvoice, key: Bench.invoice, withLines: true, lane: .live)
            )
            #expect(
                bench.asked.last?.plainTarget
                    == Bench.home
                    + "/PurchaseInvoice(Document_Type='Invoice',No='1023')?$expand=PurchaseInvoicePurchLines"
            )
            #expect(row.lines.count == 1 && row.lines.first?["Direct_Unit_Cost"]?.text() == "1200.00")
            #expect(row["PurchaseInvoicePurchLines"] == nil && row.lines.first?["@odata.etag"] == nil)
        }
    }

    @Test @OnLoop func `reads all lines of a document, page by page`() async throws {
        try await Bench.run { request in
            let host = request.headers["host"] ?? ""
            if request.path.contains("PurchLines") { return Bench.rows(#"{"Line_No":20000}"#) }
            guard request.path.contains("PurchaseInvoice(") else { return nil }
            let link =
                "http://\(host)/NAV/ODataV4/Company('CRONUS%20International%20Ltd.')/"
                + "PurchaseInvoice('Invoice','1023')/PurchaseInvoicePurchLines?$skiptoken=10000"
            let member = #""PurchaseInvoicePurchLines@odata.nextLink":"\#(link)""#
            return .reply(200, [:], #"{"No":"1023","PurchaseInvoicePurchLines":[{"Line_No":10000}],\#(member)}"#)
        } _: { bench in
            let row = try await bench.client.row(.purchaseInvoice, key: Bench.invoice, withLines: true, lane: .live)
            #expect(row?.lines.map { $0["Line_No"] } == [10_000, 20_000])
        }
    }

    @Test @OnLoop func `believes that a record is gone only when the list says so too`() async throws {
        try await Bench.run { request in
            guard request.path.contains("PurchaseInvoice") else { return nil }
            if request.path.contains("(Document_Type") { return Bench.refused(404) }
            return request.plainTarget.contains("No eq 'A/1'") ? Bench.rows(#"{"No":"A/1"}"#) : Bench.rows()
        } _: { bench in
            #expect(
                try await bench.client.row(.purchaseInvoice, key: Bench.invoice, withLines: false, lane: .live) == nil
            )
            // A slash that somebody on the way has read as one.
            let key = Nav.Key([("Document_Type", "Invoice"), ("No", "A/1")])
            let row = try await bench.client.row(.purchaseInvoice, key: key, withLines: false, lane: .live)
            #expect(row?["No"] == "A/1")
        }
    }

    @Test @OnLoop func `tells a wrong company from a page that is not published`() async throws {
        try await Bench.run { request in
            request.path.hasSuffix("/Company") ? Bench.rows(#"{"Name":"Cronus International Ltd."}"#) : nil
        } _: { bench in
            let error = try await Bench.callError {
                _ = try await bench.client.rows(Nav.Query(.vendorCard), lane: .live)
            }
            #expect(error.remedy == .stopConnection && error.kind == .configuration)
            #expect(error.reason.contains("it is called \"Cronus International Ltd.\", and upper and lower case count"))
            let missing = try await Bench.callError {
                _ = try await bench.client.rows(Nav.Query(.journal), lane: .live)
            }
            #expect(missing.reason.contains("page 39 \"General Journal\"") && missing.reason.contains("Web Services"))
        }
    }

    @Test @OnLoop func `refuses a field that the page does not show, before it asks`() async throws {
        try await Bench.run { _ in
            nil
        } _: { bench in
            let client = bench.client
            for query in [
                Nav.Query(.vendorCard, select: ["Nme"]), Nav.Query(.vendorCard, filter: .equals("Nme", "x")),
            ] {
                let error = try await Bench.callError { _ = try await client.rows(query, lane: .live) }
                #expect(error.remedy == .stopConnection && error.reason.contains("does not show Nme"))
            }
            let error = try await Bench.callError {
                _ = try await client.insert(.vendorCard, object(["Nme": "x"]), lane: .live)
            }
            #expect(error.reason.contains("Nme"))
            #expect(bench.asked.isEmpty)
        }
    }

    // MARK: Writing

    @Test @OnLoop func `inserts in the order that it is given, and says what came of it`() async throws {
        try await Bench.run { request in
            request.method == "POST"
                ? .reply(201, [:], #"{"@odata.etag":"W/\"1\"","Document_Type":"Invoice","No":"1023"}"#) : nil
        } _: { bench in
            let fields = object([
                "Buy_from_Vendor_No": "10000", "Vendor_Invoice_No": "NW-1001", "Due_Date": "2018-02-28",
            ])
            let row = try await bench.client.insert(.purchaseInvoice, fields, lane: .live)
            #expect(row["No"] == "1023" && row.etag == #"W/"1""#)
            let request = try #require(bench.asked.last)
            #expect(request.plainTarget == Bench.home + "/PurchaseInvoice")
            #expect(request.headers["content-type"] == "application/json")
            #expect(
                request.body
                    == #"{"Buy_from_Vendor_No":"10000","Vendor_Invoice_No":"NW-1001","Due_Date":"2018-02-28"}"#
            )
        }
    }

    @Test @OnLoop func `looks for a record that was inserted without a word`() async throws {
        try await Bench.run { request in
            let host = request.headers["host"] ?? ""
            if request.method == "GET", request.path.contains("PurchaseInvoice(") {
                return .reply(200, [:], #"{"No":"1023"}"#)
            }
            let place =
                "http://\(host)/NAV/ODataV4/Company('CRONUS%20International%20Ltd.')/PurchaseInvoice('Invoice','1023')"
            guard request.method == "POST" else { return nil }
            return .reply(204, request.body.contains("lost") ? [:] : ["Location": place])
        } _: { bench in
            let client = bench.client
            #expect(try await client.insert(.purchaseInvoice, JSON.Object(), lane: .live)["No"] == "1023")
            let error = try await Bench.callError {
                _ = try await client.insert(.purchaseInvoice, object(["Vendor_Invoice_No": "lost"]), lane: .live)
            }
            #expect(error.isUncertain && error.kind == .garbage)
        }
    }

    @Test @OnLoop func `puts a line below its document`() async throws {
        try await Bench.run { request in
            request.method == "POST" ? .reply(201, [:], "{}") : nil
        } _: { bench in
            let line = object(["Type": "G/L Account", "No": "6110", "Quantity": 1])
            try await bench.client.insertLine(.purchaseInvoice, of: Bench.invoice, line, lane: .live)
            #expect(
                bench.asked.last?.plainTarget
                    == Bench.home + "/PurchaseInvoice(Document_Type='Invoice',No='1023')/PurchaseInvoicePurchLines"
            )
            let error = try await Bench.callError {
                try await bench.client.insertLine(.vendorCard, of: Nav.Key([("No", "1")]), line, lane: .live)
            }
            #expect(error.reason.contains("no lines"))
        }
    }

    @Test(arguments: [200, 204]) @OnLoop func `changes only what nobody else has changed`(status: Int) async throws {
        try await Bench.run { request in
            guard request.method == "PATCH" else { return nil }
            return request.headers["if-match"] == #"W/"1""#
                ? .reply(status, [:], status == 200 ? "{}" : "") : Bench.refused(412)
        } _: { bench in
            let row = Nav.Row(fields: object(["No": "1023"]), etag: #"W/"1""#)
            let change = object(["Due_Date": "2018-03-31"])
            try await bench.client.modify(.purchaseInvoice, key: Bench.invoice, row, change, lane: .live)
            #expect(bench.asked.last?.body == #"{"Due_Date":"2018-03-31"}"#)
            let stale = Nav.Row(fields: object(["No": "1023"]), etag: #"W/"0""#)
            let error = try await Bench.callError {
                try await bench.client.modify(.purchaseInvoice, key: Bench.invoice, stale, change, lane: .live)
            }
            #expect(error.remedy == .lookAgain && error.kind == .conflict && !error.isUncertain)
        }
    }

    @Test @OnLoop func `finds a tag for a row that has none, if it is still the same`() async throws {
        try await Bench.run { request in
            if request.method == "PATCH" { return .reply(204) }
            return request.path.contains("PurchaseInvoice(")
                ? .reply(200, [:], #"{"@odata.etag":"W/\"9\"","No":"1023","Status":"Open"}"#) : nil
        } _: { bench in
            let client = bench.client
            let change = object(["Due_Date": "2018-03-31"])
            let same = Nav.Row(fields: object(["No": "1023", "Status": "Open", "Amount": 7]))
            try await client.modify(.purchaseInvoice, key: Bench.invoice, same, change, lane: .live)
            #expect(bench.asked.last?.headers["if-match"] == #"W/"9""#)
            let other = Nav.Row(fields: object(["No": "1023", "Status": "Released"]))
            let error = try await Bench.callError {
                try await client.modify(.purchaseInvoice, key: Bench.invoice, other, change, lane: .live)
            }
            #expect(error.remedy == .lookAgain && error.kind == .conflict)
        }
    }

    @Test @OnLoop func `finds a text that is too long before it is sent`() async throws {
        try await Bench.run { _ in
            nil
        } _: { bench in
            let client = bench.client
            let text = String(repeating: "😀", count: 26)
            let error = try await Bench.callError {
                _ = try await client.insert(.vendorCard, object(["Name": .string(text)]), lane: .live)
            }
            #expect(error.remedy == .skipRecord && error.kind == .validation)
            #expect(error.reason.contains("Name") && error.reason.contains("at most 50") && error.reason.contains("52"))
            let large = try await Bench.callError {
                let text = String(repeating: "x", count: Nav.Limits.longestRequest)
                _ = try await client.insert(.vendorCard, object(["Blocked": .string(text)]), lane: .live)
            }
            #expect(large.remedy == .skipRecord && bench.asked.isEmpty)
        }
    }

    @Test @OnLoop func `calls a function that the page itself offers`() async throws {
        try await Bench.run { request in
            request.method == "POST" && request.path.contains("ODataV4") ? .reply(204) : nil
        } _: { bench in
            let function = Nav.Function(service: "PurchaseInvoice", name: "Release")
            try await bench.client.call(function, on: Bench.invoice, of: .purchaseInvoice, lane: .live)
            #expect(
                bench.asked.last?.plainTarget
                    == Bench.home + "/PurchaseInvoice(Document_Type='Invoice',No='1023')/NAV.Release"
            )
        }
    }

    // MARK: Trouble

    @Test @OnLoop func `tells a lost write from a lost read`() async throws {
        try await Bench.run { request in
            request.path.hasSuffix("$metadata") ? nil : .hangUp
        } _: { bench in
            let client = bench.client
            let read = try await Bench.callError { _ = try await client.rows(Nav.Query(.vendorCard), lane: .live) }
            #expect(read.kind == .network && !read.isUncertain)
            let write = try await Bench.callError {
                _ = try await client.insert(.vendorCard, JSON.Object(), lane: .live)
            }
            #expect(write.kind == .network && write.isUncertain)
            #expect(bench.asked.filter { $0.method == "POST" }.count == 1)
        }
    }

    @Test @OnLoop func `does not know what a slow server has done`() async throws {
        var deadlines = Nav.Limits.deadlines
        deadlines.idle = .milliseconds(300)
        try await Bench.run(deadlines: deadlines) { request in
            request.method == "POST" ? .silence : nil
        } _: { bench in
            let error = try await Bench.callError {
                _ = try await bench.client.insert(.vendorCard, JSON.Object(), lane: .live)
            }
            #expect(error.kind == .timeout && error.isUncertain)
            #expect(bench.gate.told.outcomes.last == .lost)
        }
    }

    @Test(arguments: [
        "", "<html>Welcome to the hotel</html>", "{", "null", "[]", "{}", #"{"value":7}"#, #"{"value":[7]}"#,
        #"{"value":[{"No":"1","No":"2"}]}"#, #"{"value":[]} trailing"#,
    ])
    @OnLoop func `does not believe an answer that is none`(body: String) async throws {
        try await Bench.run { request in
            request.path.hasSuffix("VendorCard") ? .reply(200, [:], body) : nil
        } _: { bench in
            let error = try await Bench.callError {
                _ = try await bench.client.rows(Nav.Query(.vendorCard), lane: .live)
            }
            #expect(error.kind == .garbage && error.remedy == .retry(after: nil) && !error.reason.contains("hotel"))
        }
    }

    @Test @OnLoop func `does not swallow more than it can`() async throws {
        try await Bench.run { request in
            guard request.path.contains("VendorCard") else { return nil }
            return .reply(
                200,
                [:],
                #"{"Name":""# + String(decoding: [UInt8](repeating: 0x78, count: Nav.Limits.pageBytes), as: UTF8.self)
                    + #""}"#
            )
        } _: { bench in
            let error = try await Bench.callError {
                _ = try await bench.client.row(.vendorCard, key: Nav.Key([("No", "1")]), withLines: false, lane: .live)
            }
            #expect(error.kind == .garbage)
        }
    }

    @Test @OnLoop func `gives its place back when its caller gives up`() async throws {
        try await Bench.run { request in
            request.path.hasSuffix("VendorCard") ? .silence : nil
        } _: { bench in
            let client = bench.client
            let call = EpollLoop.process.task { _ = try await client.rows(Nav.Query(.vendorCard), lane: .live) }
            while bench.asked.isEmpty { try await EpollLoop.process.sleep(for: .milliseconds(1)) }
            call.cancel()
            await #expect(throws: CancellationError.self) { try await call.value }
            #expect(bench.gate.told.outcomes.last == .givenUp)
        }
    }
}
