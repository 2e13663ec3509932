import Core
import Engine
import Systems
import Testing
import Transport

@testable import Flows

@Suite(.onLoop, .timeLimit(.minutes(1))) struct `the orders of NAV` {
    @OnLoop private func source(_ world: NavWorld, _ words: [String]) -> NavDocumentSource {
        let desk = NavDesk(world, company: "CRONUS")
        let hand = NavHand(desk, NavFunctions())
        return NavDocumentSource(.orders, words: words, desk: desk, hand: hand, memory: nil)
    }

    private static let half: JSON = Decimal("2.5").map { .number($0) } ?? .null
    private static let lines: [JSON] = [
        [
            "Line_No": 10_000, "Description": "Bicycle", "Quantity": 10, "Unit_of_Measure_Code": "PCS",
            "Quantity_Received": 6, "Expected_Receipt_Date": "2026-12-01", "Location_Code": "BLUE",
        ],
        ["Line_No": 20_000, "Description": "As agreed with Anna", "Quantity": 0],
        [
            "Line_No": 30_000, "No": "LS-75", "Quantity": half, "Quantity_Received": half,
            "Expected_Receipt_Date": "0001-01-01",
        ],
    ]

    @Test @OnLoop func `tell of their lines in words`() async throws {
        let world = NavWorld()
        world.put(order: "106001", ["Amount_Including_VAT": 250], lines: Self.lines)
        let orders = source(world, ["number", "status", "lines", "amountIncludingVAT"])
        let page = try await orders.page(changedSince: nil, lane: .live)
        let record = try #require(page.records.first)
        #expect(page.next == nil && page.isUnstamped)
        #expect(
            orders.plain("lines", of: record)
                == "10 PCS Bicycle (4 outstanding, 2026-12-01, BLUE)\nAs agreed with Anna\n2.5 LS-75"
        )
        #expect(orders.plain("amountIncludingVAT", of: record) == 250)
        #expect(try await orders.read(["106001", "106002"], lane: .live).map(\.id) == ["106001"])
    }

    @Test func `cut what a column cannot hold, and say so`() {
        let line = object(["Description": String(repeating: "x", count: 90)])
        let text = NavLine.summary(of: Array(repeating: line, count: 40))
        #expect(text.count <= 2_000 && text.hasSuffix("… and 19 more"))
        #expect(NavLine.summary(of: []) == "")
        let long = object(["Description": String(repeating: "x", count: 3_000)])
        #expect(NavLine.summary(of: [long]) == "… and 1 more")
    }

    @Test @OnLoop func `have lines that are records of their own`() async throws {
        let world = NavWorld()
        world.put(order: "106001", lines: Self.lines)
        world.put(order: "106002")
        let lines = NavLineSource(of: source(world, [NavDocument.linesField]))
        let page = try await lines.page(changedSince: nil, lane: .live)
        #expect(page.records.map(\.id) == ["106001:10000", "106001:20000", "106001:30000"])
        let first = try #require(page.records.first)
        #expect(lines.plain("document", of: first) == "106001" && lines.plain("outstanding", of: first) == 4)
        #expect(lines.plain("unit", of: first) == "PCS" && lines.plain("locationCode", of: first) == "BLUE")
        #expect(try await lines.keys(ofDocument: "106001", lane: .live).count == 3)
        #expect(try await lines.keys(ofDocument: "999", lane: .live) == [])
        let some = try await lines.read(["106001:30000", "106001:40000", "nonsense"], lane: .live)
        #expect(some.map(\.id) == ["106001:30000"])
    }
}

@Suite(.onLoop, .timeLimit(.minutes(1))) struct `what the documents of NAV refer to` {
    private static let rows: [JSON] = [
        ["No": "10000", "Name": "London Postmaster", "Blocked": " ", "Last_Date_Modified": "2018-01-31"],
        ["No": "20000", "Name": "O'Reilly & Søn", "Blocked": "Payment", "Last_Date_Modified": "2018-02-01"],
        ["No": "A-30", "Name": "", "Blocked": "All", "Last_Date_Modified": "2018-02-02"],
    ]

    @Test @OnLoop func `is asked for from a day early`() async throws {
        let world = NavWorld()
        world.vendors = Self.rows.map(members)
        world.pageSize = 1
        let source = NavMasterSource(
            .vendors,
            words: ["number", "name", "isBlocked"],
            desk: NavDesk(world, company: "A/S Über")
        )
        #expect(try await source.company(lane: .live) == "a-s über")
        var progress = ReadProgress()
        var seen: [[String]] = []
        for now in [try day("2018-02-02"), try day("2018-02-02"), try day("2018-02-03")] {
            var ids: [String] = []
            var isLast = false
            while !isLast {
                let page: RecordPage =
                    switch progress.step(at: now) {
                    case .begin(let since): try await source.page(changedSince: since, lane: .live)
                    case .goOn(let next): try await source.page(next: next, lane: .live)
                    }
                ids += page.records.map(\.id)
                isLast = progress.stored(page, at: 1)
            }
            seen.append(ids)
        }
        #expect(seen == [["10000", "20000", "a-30"], ["20000", "a-30"], ["20000", "a-30"]])
        let records = try await source.read(["a-30", "20000", "77"], lane: .live)
        let blocked = records.map { source.plain("isBlocked", of: $0) }
        #expect(records.map(\.id).sorted() == ["20000", "a-30"] && Set(blocked.map { $0 == true }) == [true, false])
        #expect(try await source.count(lane: .live) == 3)
    }

    @Test @OnLoop func `may be the values of one dimension`() async throws {
        let world = NavWorld()
        world.dimensionValues = [
            ("DEPARTMENT", "SALES", "Standard"), ("DEPARTMENT", "ALL", "Total"), ("AREA", "SALES", "Standard"),
        ].map { dimension, code, type in
            members([
                "Dimension_Code": .string(dimension), "Code": .string(code), "Name": "N", "Blocked": false,
                "Dimension_Value_Type": .string(type),
            ])
        }
        let desk = NavDesk(world, company: "CRONUS")
        let source = NavMasterSource(
            .dimensionValues(of: "DEPARTMENT"),
            words: ["code", "displayName", "isBlocked"],
            desk: desk
        )
        let page = try await source.page(changedSince: try day("2018-02-02"), lane: .live)
        #expect(page.records.map(\.id) == ["department:sales", "department:all"])
        #expect(page.records.map { source.plain("isBlocked", of: $0) } == [false, true])
        #expect(page.records.map { source.plain("code", of: $0) } == ["SALES", "ALL"])
        // As a document names them.
        #expect(page.records.map { source.number(of: $0) } == ["SALES", "ALL"])
        let all = NavMasterSource(.dimensionValues(), words: ["code"], desk: desk)
        let read = try await all.read(["area:sales", "area:all", "x"], lane: .live)
        #expect(read.map(\.id) == ["area:sales"] && read.map { all.number(of: $0) } == ["AREA SALES"])
    }

    @Test @OnLoop func `needs its page to be published, and has the fields of it`() async throws {
        let world = NavWorld()
        let desk = NavDesk(world, company: "CRONUS")
        for (kind, words) in [(NavMasterSource.Kind.items, ["number"]), (.vendors, ["shoeSize"])] {
            await #expect(throws: CallError.self) {
                _ = try await NavMasterSource(kind, words: words, desk: desk).page(changedSince: nil, lane: .live)
            }
        }
    }
}

@Suite struct `what a customer's own code tells of NAV` {
    @Test(arguments: [
        (
            #"{"source":"nav","entity":"PurchaseInvoice","key":"pi-1023","change":"updated"}"#, "purchaseInvoices",
            "pi-1023"
        ),
        (#"{"source":"nav","entity":"Vendor","key":"10000"}"#, "vendors", "10000"),
    ])
    func `names a record`(body: String, route: String, key: String) {
        let news = NavNews(Array(body.utf8).span)
        #expect(news?.route == route && news?.key == key)
    }

    @Test(arguments: [
        "", "[]", #"{"source":"bc","entity":"Vendor","key":"1"}"#, #"{"source":"nav","entity":"GLEntry","key":"1"}"#,
        #"{"source":"nav","entity":"Vendor","key":""}"#, #"{"source":"nav","entity":"Vendor","key":7}"#,
    ])
    func `is nothing else`(body: String) {
        #expect(NavNews(Array(body.utf8).span) == nil)
    }
}
