import Core
import Synchronization
import Systems
import Testing
import Transport

@testable import Flows

private typealias Bench = BusinessCentralBench
private typealias Request = BusinessCentralServer.Request
private typealias Answer = BusinessCentralServer.Answer

/// A company with one invoice, as far as these tests change it.
private final class Company: Sendable {
    struct Books: Sendable {
        var status = "Draft"
        var tag = 1
        var dimensions: [String: String] = [:]
        var journalLines: [String] = []
        var ledger: [String] = []
        var calls: [String] = []
        /// What to do with the next write of this kind: whether it is done, and what is answered.
        var faults: [String: (isDone: Bool, answer: Answer)] = [:]
    }
    private let books: Mutex<Books>
    var now: Books { books.withLock { $0 } }

    init(_ change: (inout Books) -> Void = { _ in }) {
        var books = Books()
        change(&books)
        self.books = Mutex(books)
    }

    func change(_ body: (inout Books) -> Void) {
        books.withLock { body(&$0) }
    }

    func answer(_ request: Request) -> Answer {
        books.withLock { books in
            let place = request.path.components(separatedBy: ")/").last ?? ""
            let kind = "\(request.method) \(place)"
            if request.method != "GET" { books.calls.append(kind) }
            let fault = books.faults.removeValue(forKey: kind)
            if let fault, !fault.isDone { return fault.answer }
            let answer = done(request, kind, &books)
            return fault?.answer ?? answer
        }
    }

    private func done(_ request: Request, _ kind: String, _ books: inout Books) -> Answer {
        let target = request.plainTarget
        switch kind {
        case "POST Microsoft.NAV.post":
            guard books.status == "Draft" else { return Bench.refused(400, "Application_DialogException") }
            books.status = "Open"
            books.tag += 1
            return .reply(204)
        case "GET dimensionSetLines":
            return Bench.rows(
                books.dimensions.sorted { $0.key < $1.key }.map { Self.dimension($0.key, $0.value) }.joined(
                    separator: ","
                )
            )
        case "POST dimensionSetLines":
            let fields = JSONField((try? JSON.parse(request.body)) ?? .null)
            let code = (try? fields["code"].string()) ?? ""
            guard books.dimensions[code] == nil else { return Bench.refused(400, "Internal_EntityWithSameKeyExists") }
            books.dimensions[code] = try? fields["valueCode"].string()
            books.tag += 1
            return .reply(201, [:], Self.dimension(code, ""))
        case "GET journals":
            return target.contains("MLCONN") ? Bench.rows(Bench.row(Bench.invoice2)) : Bench.rows()
        case "GET journalLines":
            return Bench.rows(
                books.journalLines.filter { target.contains("'\($0)'") }.map { _ in Bench.row(Bench.invoice1) }.joined()
            )
        case "GET generalLedgerEntries":
            return Bench.rows(
                books.ledger.filter { target.contains("'\($0)'") }.map { _ in Bench.row(Bench.invoice1) }.joined()
            )
        case "POST journalLines":
            let fields = JSONField((try? JSON.parse(request.body)) ?? .null)
            books.journalLines.append((try? fields["externalDocumentNumber"].string()) ?? "")
            return .reply(201, [:], Bench.row(Bench.invoice1))
        case let kind where kind.hasPrefix("PATCH dimensionSetLines"):
            guard request.headers["if-match"] == "W/9" else { return Bench.refused(409, "Request_EntityChanged") }
            books.dimensions["DEPARTMENT"] = try? JSONField(JSON.parse(request.body))["valueCode"].string()
            return .reply(200, [:], Self.dimension("DEPARTMENT", ""))
        case let kind where kind.hasPrefix("DELETE dimensionSetLines"):
            books.dimensions["DEPARTMENT"] = nil
            return .reply(204)
        case let kind where kind.hasPrefix("PATCH purchaseInvoices"):
            guard request.headers["if-match"] == "W/\(books.tag)" else {
                return Bench.refused(409, "Request_EntityChanged")
            }
            books.tag += 1
            return .reply(200, [:], invoice(books))
        default: return .reply(200, [:], invoice(books))
        }
    }

    private func invoice(_ books: Books) -> String {
        let dimensions = books.dimensions.sorted { $0.key < $1.key }.map { Self.dimension($0.key, $0.value) }
        return #"""
            {"@odata.etag":"W/\#(books.tag)","id":"\#(Bench.invoice1)","lastModifiedDateTime":"2026-08-01T12:54:20Z",
            "number":"107201","status":"\#(books.status)","purchaser":"JO","totalAmountIncludingTax":-12.50,
            "dimensionSetLines":[\#(dimensions.joined(separator: ","))]}
            """#
    }

    private static func dimension(_ code: String, _ value: String) -> String {
        #"{"@odata.etag":"W/9","id":"00000000-0000-4000-8000-0000000000d1","code":"\#(code)","valueCode":"\#(value)"}"#
    }
}

@Suite(.onLoop) struct `carrying decisions back to Business Central` {
    private let post = BackChange.act(.post, label: "Book it")
    private let department = BackChange.set(field: "dimension.DEPARTMENT", to: "ADM")

    private var journalLine: BackChange {
        .act(
            .journalLine(
                JournalTemplate(
                    template: "GENERAL",
                    batch: "MLCONN",
                    accountType: "G/L Account",
                    account: TextTemplate(parts: [.text("6110")]),
                    amountField: "totalAmountIncludingTax",
                    isNegative: false,
                    text: TextTemplate(parts: [.field("number")]),
                    dimensions: [:]
                )
            ),
            label: "Accrue"
        )
    }

    /// Gives the body a source, and a way to decide something of the invoice as it is now.
    @OnLoop private func run(
        _ company: Company,
        _ body: @OnLoop (BusinessCentralSource, @OnLoop ([BackChange]) async throws -> Void) async throws -> Void
    ) async throws {
        try await Bench.run {
            company.answer($0)
        } _: { bench in
            let fields = ["purchaser", "totalAmountIncludingTax", "dimension.DEPARTMENT"]
            let source = BusinessCentralSource(.init("purchaseInvoices"), fields: fields, client: bench.client)
            try await body(source) { changes in
                let record = try #require(
                    try await bench.client.record(
                        "purchaseInvoices",
                        id: Bench.invoice1,
                        select: source.fields.select,
                        expand: source.fields.expand,
                        lane: .live
                    )
                )
                _ = try await source.perform(changes, on: record, idempotencyKey: "k", lane: .live)
            }
        }
    }

    @Test @OnLoop func `changes fields, then dimensions, and posts last`() async throws {
        let company = Company()
        try await run(company) { _, decide in
            try await decide([post, department, .set(field: "purchaser", to: "MH")])
            #expect(
                company.now.calls == [
                    "PATCH purchaseInvoices(\(Bench.invoice1))", "POST dimensionSetLines", "POST Microsoft.NAV.post",
                ]
            )
            #expect(company.now.status == "Open" && company.now.dimensions == ["DEPARTMENT": "ADM"])
            // Asked again, it is done already.
            try await decide([post, department])
            #expect(company.now.calls.count == 3)
        }
    }

    @Test @OnLoop func `changes a dimension that is there, and takes it off`() async throws {
        let company = Company { $0.dimensions = ["DEPARTMENT": "SALES"] }
        try await run(company) { _, decide in
            try await decide([department])
            #expect(company.now.dimensions == ["DEPARTMENT": "ADM"])
            try await decide([.set(field: "dimension.DEPARTMENT", to: .null)])
            #expect(company.now.dimensions == [:])
            #expect(company.now.calls.map { $0.prefix { $0 != " " } } == ["PATCH", "DELETE"])
        }
    }

    /// The answer is lost, or says nothing; only the state of the document knows.
    @Test(
        arguments: [true, false],
        [Answer.hangUp, Bench.refused(504, ""), Bench.refused(408, ""), Bench.refused(500, "Unknown")]
    )
    @OnLoop fileprivate func `posts once, whatever becomes of the answer`(isDone: Bool, answer: Answer) async throws {
        let company = Company { $0.faults["POST Microsoft.NAV.post"] = (isDone, answer) }
        try await run(company) { _, decide in
            if isDone {
                try await decide([post])
            } else {
                let error = try await Bench.callError { try await decide([post]) }
                #expect(error.isUncertain)
                try await decide([post])
            }
            #expect(company.now.status == "Open")
            try await decide([post])
            #expect(company.now.calls.count == (isDone ? 1 : 2))
        }
    }

    @Test @OnLoop func `says what Business Central's own rules refuse, in its words`() async throws {
        let company = Company {
            $0.faults["POST Microsoft.NAV.post"] = (false, Bench.refused(400, "Application_FieldValidationException"))
        }
        try await run(company) { _, decide in
            let error = try await Bench.callError { try await decide([post]) }
            #expect(error.remedy == .skipRecord && error.reason.contains("It did not work."))
        }
    }

    /// The application may read and not write: that is no reason to stop reading.
    @Test @OnLoop func `leaves the connection alone where it may not write`() async throws {
        let company = Company {
            $0.faults["POST dimensionSetLines"] = (false, Bench.refused(403, "Authorization_RequestDenied"))
        }
        try await run(company) { _, decide in
            let error = try await Bench.callError { try await decide([department]) }
            #expect(error.remedy == .skipRecord && error.kind == .permission)
        }
    }

    @Test @OnLoop func `does nothing to what somebody has changed meanwhile`() async throws {
        let company = Company()
        try await run(company) { source, _ in
            let record = Record(id: Bench.invoice1, etag: "W/0", fields: JSON.Object())
            let error = try await Bench.callError {
                _ = try await source.perform([post], on: record, idempotencyKey: "k", lane: .live)
            }
            #expect(error.remedy == .lookAgain && error.kind == .conflict && company.now.calls.isEmpty)
        }
    }

    @Test(arguments: [true, false]) @OnLoop func `writes one journal line, whatever becomes of the answer`(
        isDone: Bool
    ) async throws {
        let company = Company { $0.faults["POST journalLines"] = (isDone, .hangUp) }
        try await run(company) { _, decide in
            let error = try await Bench.callError { try await decide([journalLine]) }
            #expect(error.isUncertain)
            for _ in 0..<2 { try await decide([journalLine]) }
            #expect(company.now.journalLines.count == 1 && company.now.calls.count == (isDone ? 1 : 2))
        }
    }

    @Test @OnLoop func `writes no line again that was posted meanwhile`() async throws {
        let company = Company()
        try await run(company) { source, decide in
            try await decide([journalLine])
            let record = Record(id: Bench.invoice1, fields: try amount())
            let plan = try BusinessCentralPlan(
                [journalLine],
                to: record,
                of: source.route,
                source.fields,
                today: .first
            )
            company.change {
                $0.journalLines = []
                $0.ledger = plan.journalLines.map(\.documentNumber)
            }
            try await decide([journalLine])
            #expect(company.now.calls == ["POST journalLines"])
        }
    }

    @Test @OnLoop func `says where the journal's batch is to be made`() async throws {
        let company = Company { $0.faults["GET journals"] = (false, Bench.rows()) }
        try await run(company) { _, decide in
            let error = try await Bench.callError { try await decide([journalLine]) }
            #expect(error.remedy == .skipRecord && error.reason.contains("General Journal Batches"))
        }
    }

    private func amount() throws -> JSON.Object {
        var fields = JSON.Object()
        fields["totalAmountIncludingTax"] = .number(1)
        return fields
    }
}
