import Core
import Testing

@testable import Systems

@Suite struct `a question to NAV` {
    private let service: Nav.Catalog.Service
    private let base = "https://erp.example.com:7048/NAV/ODataV4/Company('C')/VendorCard"

    init() throws {
        let catalog = try Nav.Catalog(metadata: Array(try navFixture("metadata.xml").utf8))
        service = try #require(catalog.services["VendorCard"])
    }

    private func parts(_ query: Nav.Query) throws -> [String] {
        try Nav.Question(query, service: service, expanding: nil, at: base).parts.map { options in
            Nav.URLText.decoded(options.joined(separator: "&")) ?? ""
        }
    }

    @Test func `says values as their types have them`() throws {
        let cases: [(Nav.Filter, String)] = [
            (.equals("No", "10000"), "No eq '10000'"), (.equals("No", 10_000), "No eq '10000'"),
            (.equals("Name", "O'Brien & Søn + 50%"), "Name eq 'O''Brien & Søn + 50%'"),
            (.atLeast("Last_Date_Modified", "2018-01-31"), "Last_Date_Modified ge 2018-01-31"),
            (.moreThan("Priority", 7), "Priority gt 7"),
            (.moreThan("Balance_LCY", "1200.50"), "Balance_LCY gt 1200.50"),
            (.equals("Privacy_Blocked", false), "Privacy_Blocked eq false"), (.equals("Blocked", nil), "Blocked eq ''"),
            (.anyOf("No", ["1", "2"]), "(No eq '1' or No eq '2')"), (.anyOf("No", ["1"]), "No eq '1'"),
            (
                .all([.anyOf("No", ["1", "2"]), .all([.moreThan("Priority", 1)])]),
                "(No eq '1' or No eq '2') and Priority gt 1"
            ),
        ]
        for (filter, text) in cases {
            #expect(try parts(Nav.Query(.vendorCard, filter: filter)) == ["$filter=" + text])
        }
    }

    @Test func `can hold nothing that ends a value`() throws {
        for (field, value) in [
            ("Last_Date_Modified", JSON.string("2018-01-31 or No eq 'x'")), ("Last_Date_Modified", ""),
            ("Priority", "7) or (1 eq 1"), ("Privacy_Blocked", "maybe"), ("No", [1]), ("No", [:]),
        ] {
            let error = #expect(throws: CallError.self) {
                try parts(Nav.Query(.vendorCard, filter: .equals(field, value)))
            }
            #expect(error?.remedy == .skipRecord && error?.reason.contains(field) == true)
        }
        let nasty = try Nav.Question(
            Nav.Query(.vendorCard, filter: .equals("No", "a' or 'b' eq 'b&$top=1#")),
            service: service,
            expanding: nil,
            at: base
        )
        #expect(
            nasty.parts == [["$filter=No%20eq%20%27a%27%27%20or%20%27%27b%27%27%20eq%20%27%27b%26%24top%3D1%23%27"]]
        )
    }

    @Test func `always asks for the key, and in the wanted order`() throws {
        var query = Nav.Query(.vendorCard, select: ["Name", "No"])
        query.order = ["Last_Date_Modified desc", "No"]
        #expect(try parts(query) == ["$select=No,Name&$orderby=Last_Date_Modified desc,No"])
    }

    @Test func `is cut where a list of values is too long for an address`() throws {
        let numbers = (0..<500).map { JSON.string("K-\($0)-\(String(repeating: "é", count: 10))") }
        let query = Nav.Query(
            .vendorCard,
            filter: .all([.anyOf("No", numbers), .moreThan("Priority", 1)]),
            select: ["Name"]
        )
        let question = try Nav.Question(query, service: service, expanding: nil, at: base)
        #expect(question.parts.count > 10)
        for part in question.parts {
            #expect((base + "?" + part.joined(separator: "&")).utf8.count <= 2_047)
            #expect(part.count == 2 && part[1] == "$select=No,Name")
        }
        let asked = try parts(query).map { part in part.matches(of: #/No eq '(K-\d+)-/#).map { String($0.output.1) } }
        #expect(asked.flatMap(\.self) == (0..<500).map { "K-\($0)" })
        #expect(try parts(query).allSatisfy { $0.contains(" and Priority gt 1") })
    }

    @Test func `is none where nothing can fit`() throws {
        #expect(try parts(Nav.Query(.vendorCard, filter: .anyOf("No", []))).isEmpty)
        #expect(try parts(Nav.Query(.vendorCard, filter: .all([.anyOf("No", []), .moreThan("Priority", 1)]))).isEmpty)
        #expect(try parts(Nav.Query(.vendorCard)) == [""])
    }

    @Test func `has a place that can be said and heard again`() {
        for cursor in [
            Nav.Cursor(part: 0), Nav.Cursor(part: 7), Nav.Cursor(part: 2, place: "https://a/b?$skiptoken=1 2"),
            Nav.Cursor(part: 0, place: ""),
        ] { #expect(Nav.Cursor(cursor.text) == cursor) }
        for text in ["", "x", "-1", "https://a", "99999999999999999999 x"] { #expect(Nav.Cursor(text) == nil) }
    }
}

@Suite struct `a filter over SOAP` {
    private let description: Nav.PageDescription

    init() throws {
        description = try Nav.PageDescription(
            wsdl: Array(try navFixture("wsdl.xml").utf8),
            service: "PurchaseInvoice",
            control: "PurchLines"
        )
    }

    private func criteria(_ filter: Nav.Filter, _ dates: Nav.Settings.DateOrder = .monthFirst) throws -> [String] {
        try Nav.Criteria.list(of: filter.conditions, description, dates: dates).map { "\($0.field): \($0.text)" }
    }

    @Test func `is typed as a person would type it`() throws {
        #expect(try criteria(.equals("No", "1023")) == ["No: 1023"])
        #expect(try criteria(.anyOf("No", ["1023", "A|B", "x*"])) == ["No: 1023|'A|B'|'x*'"])
        #expect(
            try criteria(.equals("Vendor_Invoice_No", "O'Brien & ..@=()<>")) == [
                "Vendor_Invoice_No: 'O''Brien & ..@=()<>'"
            ]
        )
        #expect(try criteria(.equals("Vendor_Invoice_No", nil)) == ["Vendor_Invoice_No: ''"])
        #expect(try criteria(.equals("Status", "Pending Approval")) == ["Status: 'Pending Approval'"])
        #expect(try criteria(.moreThan("Payment_Discount_Percent", 2)) == ["Payment_Discount_Percent: >2"])
        #expect(try criteria(.atLeast("No", "1000")) == ["No: 1000.."])
    }

    /// What a page calculates by itself is no field to filter by, and may be its first.
    @Test func `that says nothing names a field that may be filtered by`() {
        var page = Nav.PageDescription()
        for name in ["Overdue", "Status"] { page.fields[name] = .init(kind: .text, type: "string") }
        page.order = ["Overdue", "Status"]
        #expect(page.plainField(of: .approvalEntries) == "Overdue")
        page.filterable = ["Status"]
        #expect(page.plainField(of: .approvalEntries) == "Status")
        page.fields["Entry_No"] = .init(kind: .number, type: "int")
        #expect(page.plainField(of: .approvalEntries) == "Entry_No")
        #expect(description.plainField(of: .purchaseInvoice) == "No")
    }

    @Test func `says no date that two languages read differently`() throws {
        #expect(try criteria(.atLeast("Due_Date", "2018-01-31")) == ["Due_Date: 01/31/2018.."])
        #expect(try criteria(.atLeast("Due_Date", "2018-02-05")) == ["Due_Date: 02/02/2018.."])
        #expect(try criteria(.atLeast("Due_Date", "2018-02-05"), .dayFirst) == ["Due_Date: 02-02-2018.."])
        #expect(try criteria(.moreThan("Due_Date", "2018-03-01"), .yearFirst) == ["Due_Date: 2018-02-28.."])
        #expect(try criteria(.equals("Due_Date", "2018-02-05")) == ["Due_Date: 02/02/2018..02/13/2018"])
        #expect(try criteria(.equals("Due_Date", "2018-04-04")) == ["Due_Date: 04/04/2018..04/04/2018"])
        // What comes in between is sorted out here.
        let filter = Nav.Filter.all([.moreThan("Due_Date", "2018-03-01"), .equals("No", "1")])
        func row(_ day: String) -> Nav.Row { Nav.Row(fields: object(["Due_Date": .string(day), "No": "9"])) }
        #expect(
            !filter.admits(row("2018-02-28")) && !filter.admits(row("2018-03-01")) && filter.admits(row("2018-03-02"))
        )
        #expect(Nav.Filter.equals("Due_Date", "2018-02-05").admits(row("2018-02-05")))
        #expect(!Nav.Filter.atLeast("Due_Date", "2018-02-05").admits(row("0001-01-01")))
    }

    @Test func `refuses what it cannot say`() {
        #expect(throws: CallError.self) { try criteria(.all([.atLeast("No", "1"), .moreThan("No", "2")])) }
        #expect(throws: CallError.self) { try criteria(.equals("Due_Date", "soon")) }
        #expect(throws: CallError.self) { try criteria(.equals("Payment_Discount_Percent", "a|b")) }
        #expect(throws: CallError.self) { try criteria(.equals("No", [1])) }
    }
}

func object(_ json: JSON) -> JSON.Object {
    if case .object(let object) = json { object } else { JSON.Object() }
}
