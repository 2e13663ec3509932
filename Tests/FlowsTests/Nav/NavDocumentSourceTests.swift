import Core
import Engine
import Systems
import Testing
import Transport

@testable import Flows

@Suite(.onLoop, .timeLimit(.minutes(3))) struct `the invoices of NAV` {
    @Test @OnLoop func `are the same before and after they are posted`() async throws {
        let stage = try await NavStage()
        stage.world.put("1023")
        stage.world.put("1024", ["Status": "Pending Approval"])
        #expect(try await stage.poll(at: day("2018-02-01")) == ["1023", "1024"])
        #expect(stage.status("1023") == "Open" && stage.status("1024") == "Pending Approval")
        stage.world.post("1023", as: "108023")
        #expect(try await stage.poll(at: day("2018-02-01")) == ["1023"])
        #expect(stage.status("1023") == "Posted")
        // Paid, and listed no more among those that are not.
        stage.world.posted["108023"]?.fields["Closed"] = true
        #expect(try await stage.poll(at: day("2018-06-01")) == ["1023"])
        #expect(stage.status("1023") == "Paid")
        // From then on nobody asks for it.
        #expect(try await stage.poll(at: day("2018-06-02")) == [])
    }

    @Test @OnLoop func `are told from those that were never there unposted`() async throws {
        let stage = try await NavStage()
        stage.world.put(posted: "108001", before: "", ["Buy_from_Vendor_Name": "From an order"])
        stage.world.put(posted: "108002", before: "1002")
        #expect(try await stage.poll(at: day("2018-02-01")) == ["posted:108001", "1002"])
        #expect(stage.board["posted:108001"]?["number"] == "108001" && stage.board["1002"]?["number"] == "108002")
    }

    @Test @OnLoop func `that were posted and paid between two readings are not missed`() async throws {
        let stage = try await NavStage()
        stage.world.put("1023")
        _ = try await stage.poll(at: day("2018-02-01"))
        // With the date of last year, so that no reading of what was posted lately comes by it.
        stage.world.post("1023", as: "108023", on: "2017-12-31", remaining: 0)
        stage.restart()
        #expect(try await stage.poll(at: day("2018-06-01")) == ["1023"])
        #expect(stage.status("1023") == "Paid")
    }

    @Test @OnLoop func `that are deleted are missed until somebody has looked`() async throws {
        let stage = try await NavStage()
        stage.world.put("1023")
        stage.world.put("1024")
        _ = try await stage.poll(at: day("2018-02-01"))
        stage.world.invoices["1023"] = nil
        let (_, first) = try await stage.readAll(at: day("2018-02-02"))
        #expect(first == ["1023"])
        // The process ends before it has been read.
        stage.restart()
        let (_, again) = try await stage.readAll(at: day("2018-02-02"))
        #expect(again == ["1023"])
        #expect(try await stage.source.read(["1023"], lane: .live) == [])
        let (_, then) = try await stage.readAll(at: day("2018-02-02"))
        #expect(then == [])
    }

    @Test @OnLoop func `that a list does not show are asked for by their keys before they count as gone`() async throws
    {
        let stage = try await NavStage()
        stage.world.put("1023")
        let before = stage.world.asked.count
        #expect(try await stage.source.read(["1023", "9999"], lane: .live).map(\.id) == ["1023"])
        let single = stage.world.asked[before...].filter { query in
            if case .all(let parts) = query.filter { parts.contains(.equals("No", "9999")) } else { false }
        }
        #expect(single.count == 1)
    }

    @Test @OnLoop func `cost a few requests where nothing has changed`() async throws {
        let stage = try await NavStage()
        for number in 1_000..<1_400 { stage.world.put("\(number)") }
        for number in 0..<300 { stage.world.put(posted: "\(108_000 + number)", before: "\(500 + number)") }
        _ = try await stage.poll(at: day("2018-02-01"))
        let requests = try await stage.world.count {
            let changed = try await stage.poll(at: day("2018-02-01"))
            #expect(changed == [])
        }
        // The list of those not posted, of those posted lately, and of those not paid.
        #expect(requests == 3)
    }

    @Test @OnLoop func `are a hundred thousand, and two requests for each thousand of them`() async throws {
        let stage = try await NavStage()
        for number in 100_000..<200_000 {
            stage.world.put(posted: "\(number)", before: "P\(number)", on: "2017-06-01", remaining: 0)
        }
        for number in 1_000..<1_050 { stage.world.put("\(number)") }
        var records = 0
        let first = try await stage.world.count {
            records = try await stage.readAll(at: day("2018-02-01")).records.count
        }
        #expect(records == 100_050)
        // 1 for the company, 1 for the 50 that are not posted, and a list and a card for each page of the others.
        #expect(first == 1 + 1 + 200)
        // A poll asks for none of them.
        let next = try await stage.world.count {
            records = try await stage.readAll(at: day("2018-02-01")).records.count
        }
        #expect(records == 50 && next == 3)
        // Where many change on one day, as much again.
        #expect(try await stage.source.count(lane: .background) == 100_050)
    }

    @Test @OnLoop func `need the card only for what the list does not show`() async throws {
        let stage = try await NavStage(["number", "vendorInvoiceNumber", "amountIncludingVAT", "lines"])
        let lines: [JSON] = [
            [
                "Line_No": 10_000, "Type": "Item", "Description": "Bicycle", "Quantity": 10,
                "Total_Amount_Incl_VAT": 125,
            ],
            ["Line_No": 20_000, "Description": "As agreed"],
        ]
        for number in 1_000..<1_100 { stage.world.put("\(number)", lines: lines) }
        let requests = try await stage.world.count {
            let records = try await stage.readAll(at: day("2018-02-01")).records
            #expect(records.count == 100)
        }
        // The company, the list, the card of as many, and nothing posted.
        #expect(requests == 4)
        let record = try #require(try await stage.source.read(["1007"], lane: .live).first)
        #expect(stage.source.plain("vendorInvoiceNumber", of: record) == "V1007")
        #expect(stage.source.plain("amountIncludingVAT", of: record) == 125)
        #expect(stage.source.plain("lines", of: record) == "10 Bicycle\nAs agreed")
    }

    @Test @OnLoop func `show the company's own currency, and nothing for what is empty`() async throws {
        let stage = try await NavStage([
            "number", "vendorName", "amount", "currencyCode", "dueDate", "dimension.department", "dimension2", "status",
            "remainingAmount",
        ])
        let name = String(repeating: "N", count: 255)
        let row: JSON = [
            "Due_Date": "0001-01-01", "Status": " ", "Amount": 0, "Buy_from_Vendor_Name": .string(name),
        ]
        stage.world.put("A/1'x", row)
        let record = try #require(try await stage.source.read([NavIdentity.number("A/1'x").id], lane: .live).first)
        let shown = [
            "currencyCode", "dueDate", "dimension.department", "dimension2", "status", "amount", "remainingAmount",
        ]
        .map { stage.source.plain($0, of: record) }
        #expect(shown == ["DKK", .null, "SALES", .null, .null, 0, .null])
        #expect(stage.source.plain("vendorName", of: record) == .string(name))
        #expect(stage.source.number(of: record) == "A/1'x")
        stage.world.put(posted: "7", before: "", remaining: -12, ["Currency_Code": "EUR", "Buy_from_Vendor_Name": "X"])
        let posted = try #require(try await stage.source.read(["posted:7"], lane: .live).first)
        #expect(stage.source.plain("currencyCode", of: posted) == "EUR")
        #expect(stage.source.plain("remainingAmount", of: posted) == -12)
        #expect(stage.source.plain("status", of: posted) == "Posted")
    }

    /// Before 2018 the list of posted invoices may know nothing of payments.
    @Test @OnLoop func `of an older version are read without what it does not have`() async throws {
        let stage = try await NavStage()
        let missing: Set<String> = ["Closed", "Remaining_Amount", "Cancelled", "Corrective"]
        stage.world.published[.postedPurchaseInvoices]?.subtract(missing)
        stage.world.published[.postedPurchaseInvoice]?.subtract(missing)
        stage.world.put(posted: "108001", before: "1001", on: "2017-01-01", remaining: 0)
        stage.world.put("1002")
        _ = try await stage.poll(at: day("2018-02-01"))
        #expect(stage.status("1001") == "Posted")
        let requests = try await stage.world.count {
            let changed = try await stage.poll(at: day("2018-02-01"))
            #expect(changed == [])
        }
        #expect(requests == 2)
    }

    @Test @OnLoop func `say which page is to be published, and which field there is not`() async throws {
        let stage = try await NavStage(["number", "colour"])
        await refuses("colour") { _ = try await stage.source.page(changedSince: nil, lane: .live) }
        stage.world.published[.postedPurchaseInvoice] = nil
        try await stage.source.lookAgain()
        await refuses("page 138") { _ = try await stage.source.page(changedSince: nil, lane: .live) }
        stage.world.published[.purchaseInvoices] = nil
        stage.world.published[.purchaseInvoice] = nil
        try await stage.source.lookAgain()
        await refuses("page 9308") { _ = try await stage.source.page(changedSince: nil, lane: .live) }
    }

    @Test @OnLoop func `can do without the list where the card is published`() async throws {
        let stage = try await NavStage(["number", "amount", "status"])
        stage.world.published[.purchaseInvoices] = nil
        stage.world.put("1001", lines: [["Line_No": 10_000, "Total_Amount_Excl_VAT": 80]])
        _ = try await stage.poll(at: day("2018-02-01"))
        #expect(stage.board["1001"]?["amount"] == 80 && stage.status("1001") == "Open")
    }

    @Test @OnLoop func `that share a number from before are told by the later one`() async throws {
        let stage = try await NavStage()
        // Two were posted from the same number, one after the other: the later one counts, in each reading.
        stage.world.put(posted: "108001", before: "1001", on: "2018-01-01")
        stage.world.put(posted: "108002", before: "1001", on: "2018-01-02")
        _ = try await stage.poll(at: day("2018-02-01"))
        #expect(stage.board["1001"]?["number"] == "108002")
    }

    @OnLoop private func refuses(_ words: String, _ body: @OnLoop () async throws -> Void) async {
        do {
            try await body()
            Issue.record("it was not refused")
        } catch let error as CallError {
            #expect(error.kind == .configuration && error.reason.contains(words))
        } catch {
            Issue.record(error)
        }
    }
}
