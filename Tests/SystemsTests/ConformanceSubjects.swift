import Core
import Foundation
import Testing
import Transport

@testable import Systems

struct BusinessCentralSubject: ClientSubject {
    /// Whose it is: the vendor's, or on a server of the customer's own.
    enum Place: Sendable {
        case online, onPremises
    }

    let place: Place
    var testDescription: String {
        switch place {
        case .online: "Business Central"
        case .onPremises: "Business Central on premises"
        }
    }
    var renewsCredential: Bool { place == .online }
    let cut = #"{"value":[{"id":"5d110000-"#
    let mostBytes = BusinessCentral.Limits.pageBytes
    let refusedCredential = BusinessCentralBench.refused(401, "Authentication_InvalidCredentials")

    func page(_ ids: [String], next: Bool, _ request: ConformanceRequest) -> ConformanceReply {
        let rows = ids.map { BusinessCentralBench.row("5d110000-0000-4000-8000-00000000000\($0)") }
        let host = request.headers["host"] ?? ""
        let link = #","@odata.nextLink":"http://\#(host)\#(request.path)?$skiptoken=2""#
        return .reply(200, [:], #"{"value":[\#(rows.joined(separator: ","))]\#(next ? link : "")}"#)
    }

    func throttled(seconds: Int) -> ConformanceReply {
        BusinessCentralBench.refused(429, "Application_TooManyRequests", ["Retry-After": "\(seconds)"])
    }

    func asksForNext(_ request: ConformanceRequest) -> Bool { request.target.contains("skiptoken") }

    func preparation(_ request: ConformanceRequest) -> ConformanceReply? { nil }

    @OnLoop func run(
        _ script: @escaping @Sendable (ConformanceRequest) -> ConformanceReply,
        _ body: @OnLoop (ConformanceList) async throws -> Void
    ) async throws {
        let choose = { (settings: inout BusinessCentral.Settings) in
            guard place == .onPremises else { return }
            let server = BusinessCentral.Settings.Server(url: settings.apiURL + "/BC", user: "MLCONNECTOR")
            settings = BusinessCentral.Settings(server: server, company: .id(BusinessCentralBench.cronus))
        }
        try await BusinessCentralBench.run(script, change: choose) { bench in
            let client =
                switch place {
                case .online: bench.client
                case .onPremises: bench.client(.user("MLCONNECTOR", key: Secret(text: BusinessCentralBench.canary)))
                }
            let gate = bench.gate
            try await body(
                ConformanceList(
                    read: { next in
                        let page =
                            if let next { try await client.page(next: next, lane: .live) } else {
                                try await client.page("purchaseInvoices", changedSince: nil, lane: .live)
                            }
                        return (page.records.map { String($0.id.suffix(1)) }, page.next)
                    },
                    outcomes: { gate.told.outcomes },
                    everyPassLeftOnce: { gate.told.everyPassLeftOnce }
                )
            )
        }
    }
}

struct MondaySubject: ClientSubject {
    var testDescription: String { "Monday" }
    let renewsCredential = false
    let cut = #"{"data":{"boards":[{"id":"#
    let mostBytes = 1 << 20
    let refusedCredential = ConformanceReply.reply(
        401,
        [:],
        #"{"errors":[{"message":"Not authenticated","extensions":{"code":"NOT_AUTHENTICATED"}}]}"#
    )

    func page(_ ids: [String], next: Bool, _ request: ConformanceRequest) -> ConformanceReply {
        let items = ids.map {
            #"{"id":"\#($0)","name":"N","state":"active","updated_at":"2026-11-19T09:00:00Z","column_values":[]}"#
        }
        let page = #"{"cursor":\#(next ? "\"c1\"" : "null"),"items":[\#(items.joined(separator: ","))]}"#
        let data =
            asksForNext(request) ? #""next_items_page":\#(page)"# : #""boards":[{"id":"7","items_page":\#(page)}]"#
        return .reply(200, [:], #"{"data":{\#(data)}}"#)
    }

    func throttled(seconds: Int) -> ConformanceReply {
        .reply(
            429,
            [:],
            #"{"errors":[{"message":"x","extensions":{"code":"MINUTE_RATE_LIMIT_EXCEEDED","retry_in_seconds":\#(seconds)}}]}"#
        )
    }

    func asksForNext(_ request: ConformanceRequest) -> Bool { request.body.contains(#""cursor":"c1""#) }

    func preparation(_ request: ConformanceRequest) -> ConformanceReply? { nil }

    @OnLoop func run(
        _ script: @escaping @Sendable (ConformanceRequest) -> ConformanceReply,
        _ body: @OnLoop (ConformanceList) async throws -> Void
    ) async throws {
        let server = BusinessCentralServer(script)
        defer { server.stop() }
        let http = HTTPClient(.init(allowed: try .init([server.url])))
        defer { http.close() }
        var settings = Monday.Client.Settings()
        settings.apiURL = server.url + "/v2"
        settings.largestAnswer = mostBytes
        let gate = MondayGate()
        let client = Monday.Client(
            token: Secret(text: "t0ken-that-nobody-may-see"),
            settings: settings,
            http: http,
            gate: gate,
            log: Log(role: "test")
        )
        try await body(
            ConformanceList(
                read: { next in
                    let step = next.map { Monday.Scan.Step.next(cursor: $0) } ?? .begin(since: nil)
                    let page = try await client.page(step, of: "7", columns: [])
                    return (page?.items.map(\.id) ?? [], page?.cursor)
                },
                outcomes: { gate.outcomes },
                everyPassLeftOnce: { gate.inside == 0 && gate.outcomes.count == gate.charges.count }
            )
        )
    }
}

struct NavSubject: ClientSubject {
    var speech: Nav.Settings.Speech
    var testDescription: String {
        switch speech {
        case .odata: "NAV over OData"
        case .soap: "NAV over SOAP"
        }
    }
    var cut: String {
        switch speech {
        case .odata: #"{"value":[{"No":"1"#
        case .soap: "<Envelope><Body><ReadMultiple_Result>"
        }
    }
    let renewsCredential = false
    let mostBytes = Nav.Limits.pageBytes
    let refusedCredential = ConformanceReply.reply(401, ["WWW-Authenticate": "Basic realm=\"\""])

    func page(_ ids: [String], next: Bool, _ request: ConformanceRequest) -> ConformanceReply {
        switch speech {
        case .odata:
            let rows = ids.map { #"{"Document_Type":"Invoice","No":"\#($0)"}"# }.joined(separator: ",")
            let host = request.headers["host"] ?? ""
            let link = #","@odata.nextLink":"http://\#(host)\#(request.path)?$skiptoken=2""#
            return .reply(200, [:], #"{"value":[\#(rows)]\#(next ? link : "")}"#)
        case .soap:
            let rows = ids.map { "<PurchaseInvoice><Key>\($0)</Key><No>\($0)</No></PurchaseInvoice>" }.joined()
            return NavBench.envelope(
                "<ReadMultiple_Result><ReadMultiple_Result>\(rows)</ReadMultiple_Result></ReadMultiple_Result>"
            )
        }
    }

    func throttled(seconds: Int) -> ConformanceReply { .reply(429, ["Retry-After": "\(seconds)"]) }

    func asksForNext(_ request: ConformanceRequest) -> Bool {
        request.target.contains("skiptoken") || request.body.contains("bookmarkKey")
    }

    func preparation(_ request: ConformanceRequest) -> ConformanceReply? {
        let isDescription = request.path.hasSuffix("$metadata") || (speech == .soap && request.method == "GET")
        return isDescription ? NavBench.described(request) : nil
    }

    @OnLoop func run(
        _ script: @escaping @Sendable (ConformanceRequest) -> ConformanceReply,
        _ body: @OnLoop (ConformanceList) async throws -> Void
    ) async throws {
        let choose = { (settings: inout Nav.Settings) in settings.speech = speech }
        try await NavBench.run(script, change: choose) { bench in
            let client = bench.client
            let gate = bench.gate
            try await body(
                ConformanceList(
                    read: { next in
                        let query = Nav.Query(.purchaseInvoice)
                        let page =
                            if let next { try await client.rows(next: next, of: query, lane: .live) } else {
                                try await client.rows(query, lane: .live)
                            }
                        let ids = page.rows.compactMap { row in
                            if case .string(let number) = row["No"] { number } else { nil }
                        }
                        return (ids, page.next)
                    },
                    outcomes: { gate.told.outcomes },
                    everyPassLeftOnce: { gate.told.everyPassLeftOnce }
                )
            )
        }
    }
}
