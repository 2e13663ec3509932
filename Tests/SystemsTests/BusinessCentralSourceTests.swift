import Core
import Systems
import Testing
import Transport

@testable import Flows

private typealias Bench = BusinessCentralBench

@Suite struct `the fields of a route at Business Central` {
    private func record(_ text: String) throws -> Record {
        guard case .object(let fields) = try JSON.parse5(text) else { throw JSONField(JSON.null).wrong("an object") }
        return Record(id: "a", modified: WallTime("2026-11-20T10:00:00Z"), fields: fields)
    }

    @Test func `are asked for where they stand`() {
        let orders = BusinessCentral.Entity.named("purchaseOrders")
        let fields = BusinessCentralFields(
            ["vendorName", "lines", "dimension.department", "dimension.PROJECT", "vendor.email", "id", "number"],
            of: orders
        )
        #expect(fields.select == ["vendorName", "number", "status"])
        #expect(
            fields.expand == [
                .init(
                    "purchaseOrderLines",
                    select: [
                        "sequence", "description", "lineObjectNumber", "quantity", "expectedReceiptDate",
                        "receivedQuantity",
                    ]
                ),
                .init("dimensionSetLines", select: ["code", "valueCode"]), .init("vendor", select: ["email"]),
            ]
        )
        #expect(BusinessCentralFields(["id"], of: nil).select == ["id"])
    }

    @Test func `are read as people know them`() throws {
        let fields = BusinessCentralFields([], of: BusinessCentral.Entity.named("purchaseInvoices"))
        let record = try record(
            #"""
            {number:"1",dueDate:"0001-01-01",status:" ",vendor:{email:"a@b.c"},currency:null,
             dimensionSetLines:[{code:"AREA",valueCode:"30"},{code:"DEPARTMENT",valueCode:"ADM"}],purchaseInvoiceLines:[]}
            """#
        )
        let values = ["number", "dueDate", "status", "vendor.email", "currency.code", "none", "lines"].map {
            fields.value($0, of: record)
        }
        #expect(values == ["1", .null, .null, "a@b.c", .null, .null, .null])
        #expect(fields.value("dimension.department", of: record) == "ADM")
        #expect(fields.value("dimension.PROJECT", of: record) == .null)
        #expect(fields.value("id", of: record) == "a" && fields.value("lastModifiedDateTime", of: record).word != nil)
    }

    @Test func `of a dimension's value know the dimension's code`() throws {
        let fields = BusinessCentralFields(["dimensionCode"], of: BusinessCentral.Entity.named("dimensionValues"))
        #expect(fields.expand == [.init("dimension", select: ["code"])] && fields.select == ["code"])
        #expect(
            fields.value("dimensionCode", of: try record(#"{code:"ADM",dimension:{code:"DEPARTMENT"}}"#))
                == "DEPARTMENT"
        )
    }
}

@Suite struct `a document's lines in words` {
    private func text(_ lines: [JSON]) throws -> String? {
        let names = try #require(BusinessCentral.Entity.named("purchaseOrders")?.lines)
        return BusinessCentralLines(lines.compactMap { if case .object(let line) = $0 { line } else { nil } }, names)
            .text
    }

    @Test func `say what comes, how much of it, and when`() throws {
        let lines: [JSON] = [
            ["sequence": 30_000, "description": "Thank you", "lineObjectNumber": "", "quantity": 0],
            [
                "sequence": 20_000, "description": "Søren’s “Bell”", "lineObjectNumber": "1001", "quantity": 2,
                "receivedQuantity": 2, "expectedReceiptDate": "0001-01-01",
            ],
            [
                "sequence": 10_000, "description": "Bicycle", "lineObjectNumber": "1000", "quantity": 10,
                "receivedQuantity": 6, "expectedReceiptDate": "2026-12-01",
            ],
        ]
        #expect(
            try text(lines) == """
                10 × Bicycle (1000), 4 outstanding, 2026-12-01
                2 × Søren’s “Bell” (1001)
                Thank you
                """
        )
        #expect(try text([]) == nil && text([["description": ""]]) == nil)
        let part: JSON = [
            "description": "Oil", "quantity": .number(Decimal("2.500") ?? .zero),
            "receivedQuantity": .number(Decimal("0.25") ?? .zero),
        ]
        #expect(try text([part]) == "2.5 × Oil, 2.25 outstanding")
    }

    @Test func `are cut where everybody sees it`() throws {
        let line: JSON = ["description": .string(String(repeating: "漢", count: 100)), "quantity": 1]
        let cut = try #require(try text(Array(repeating: line, count: 50)))
        #expect(cut.utf16.count <= 2_000 && cut.hasSuffix("… and 32 more"))
        #expect(cut.split(separator: "\n").count == 19)
    }
}

@Suite(.onLoop) struct `records of a route at Business Central` {
    private let drafts = BusinessCentralRoute(
        "drafts",
        entitySet: "purchaseInvoices",
        filter: .init([.init("status", .anyOf(["Draft"])), .init("dimension.AREA", .anyOf(["30"]))])
    )

    private func row(_ id: String, _ status: String, area: String = "30") -> String {
        let dimension = #""dimensionSetLines":[{"code":"AREA","valueCode":"\#(area)"}]"#
        return Bench.row(id, #""number":"1","status":"\#(status)",\#(dimension)"#)
    }

    @Test @OnLoop func `are those of its condition, and what has left it is told`() async throws {
        let rows = [row(Bench.invoice1, "Draft"), row(Bench.invoice2, "Open")]
        try await Bench.run { _ in
            Bench.rows(rows[0], rows[1])
        } _: { bench in
            let source = BusinessCentralSource(drafts, fields: ["number"], client: bench.client)
            for since in [nil, WallTime("2026-08-01T12:00:00Z")] {
                let page = try await source.page(changedSince: since, lane: .background)
                #expect(page.records.map(\.id) == [Bench.invoice1] && page.left.map(\.id) == [Bench.invoice2])
            }
            let all = bench.apiRequests[0]
            let changed = bench.apiRequests[1]
            // What the server cannot be asked for is looked at here.
            #expect(all.plainTarget.contains("?$filter=status eq 'Draft'&$orderby"))
            #expect(all.headers["data-access-intent"] == "ReadOnly")
            #expect(!changed.target.contains("Draft") && changed.headers["data-access-intent"] == nil)
            let read = try await source.read([Bench.invoice1, Bench.invoice2], lane: .live)
            #expect(read.map(\.id) == [Bench.invoice1])
        }
    }

    @Test @OnLoop func `are of another dimension, and so of another route`() async throws {
        let one = row(Bench.invoice1, "Draft", area: "40")
        try await Bench.run { _ in
            Bench.rows(one)
        } _: { bench in
            let source = BusinessCentralSource(drafts, fields: ["number"], client: bench.client)
            let read = try await source.read([Bench.invoice1], lane: .live)
            #expect(read.isEmpty)
        }
    }

    @Test @OnLoop func `are read anew when the condition changes, and only then`() async throws {
        try await Bench.run { _ in
            Bench.rows()
        } _: { bench in
            let plain = BusinessCentralSource(.init("vendors"), fields: ["city"], client: bench.client)
            #expect(plain.rules == "\(bench.settings.root) \(bench.settings.company)")
            let other = BusinessCentralRoute("drafts", entitySet: "purchaseInvoices")
            let without = BusinessCentralSource(other, fields: [], client: bench.client)
            #expect(BusinessCentralSource(drafts, fields: [], client: bench.client).rules != without.rules)
        }
    }

    @Test @OnLoop func `may be a document's lines`() async throws {
        let lines = #"""
            "number":"106001","purchaseOrderLines":[
            {"@odata.etag":"W/2","id":"00000000-0000-4000-8000-0000000000B2","sequence":20000,"description":"Bell"},
            {"@odata.etag":"W/1","id":"00000000-0000-4000-8000-0000000000B1","sequence":10000,"description":"Bicycle"}]
            """#
        let order = Bench.row(Bench.invoice1, lines)
        try await Bench.run { request in
            request.target.contains(Bench.invoice2) ? Bench.refused(404, "Internal_RecordNotFound") : Bench.rows(order)
        } _: { bench in
            let route = BusinessCentralRoute("purchaseOrders")
            let source = try #require(
                BusinessCentralLineSource(of: route, fields: ["description", "document"], client: bench.client)
            )
            let keys = try await source.keys(ofDocument: Bench.invoice1, lane: .live)
            #expect(keys == ["b1", "b2"].map { "\(Bench.invoice1):00000000-0000-4000-8000-0000000000\($0)" })
            let wanted = [keys[1], "\(Bench.invoice1):gone", "nonsense"]
            let read = try await source.read(wanted, lane: .live)
            #expect(read.map(\.id) == [keys[1]])
            let line = try #require(read.first)
            #expect(source.plain("document", of: line) == .string(Bench.invoice1) && line.etag == "W/2")
            #expect(source.plain("description", of: line) == "Bell" && source.number(of: line) == "106001 20000")
            #expect(line.modified != nil)
            #expect(
                bench.apiRequests[0].plainTarget.hasSuffix(
                    "$select=id,lastModifiedDateTime,number&$expand=purchaseOrderLines($select=id,sequence,description)"
                )
            )
            let page = try await source.page(changedSince: nil, lane: .background)
            #expect(page.records.map(\.id) == keys)
            #expect(BusinessCentralLineSource(of: .init("vendors"), fields: [], client: bench.client) == nil)
        }
    }

    @Test @OnLoop func `that are none of its condition have no lines`() async throws {
        let line = #""id":"00000000-0000-4000-8000-0000000000B1","sequence":10000,"quantity":2"#
        func order(_ id: String, _ status: String) -> String {
            Bench.row(id, #""number":"1","status":"\#(status)","purchaseOrderLines":[{\#(line)}]"#)
        }
        let orders = [order(Bench.invoice1, "Open"), order(Bench.invoice2, "Draft")]
        try await Bench.run { _ in
            Bench.rows(orders[0], orders[1])
        } _: { bench in
            let filter = BusinessCentral.Filter([
                .init("status", .anyOf(["Open"])), .init("vendor.city", .anyOf([""])), .init("lines", .noneOf([""])),
            ])
            let route = BusinessCentralRoute("released", entitySet: "purchaseOrders", filter: filter)
            let source = try #require(
                BusinessCentralLineSource(of: route, fields: ["quantity"], client: bench.client)
            )
            let page = try await source.page(changedSince: nil, lane: .background)
            #expect(page.records.map(\.id) == ["\(Bench.invoice1):00000000-0000-4000-8000-0000000000b1"])
            let target = bench.apiRequests[0].plainTarget
            #expect(target.contains("number") && target.contains("vendor($select=city)"))
            #expect(target.split(separator: "purchaseOrderLines(", omittingEmptySubsequences: false).count == 2)
            let gone = try await source.keys(ofDocument: Bench.invoice2, lane: .live)
            #expect(gone.isEmpty)
        }
    }

    @Test @OnLoop func `that are not there have no lines`() async throws {
        try await Bench.run { request in
            request.target.contains("filter") ? Bench.rows() : Bench.refused(404, "Internal_RecordNotFound")
        } _: { bench in
            let source = try #require(
                BusinessCentralLineSource(of: .init("salesOrders"), fields: [], client: bench.client)
            )
            let keys = try await source.keys(ofDocument: Bench.invoice1, lane: .live)
            #expect(keys.isEmpty)
        }
    }
}
