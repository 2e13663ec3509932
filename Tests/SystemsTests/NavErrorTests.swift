import Core
import Testing
import Transport

@testable import Systems

private typealias Bench = NavBench

/// What each answer of OData means, for a read and for a write.
@Suite(.onLoop) struct `an error of NAV` {
    struct Row: Sendable, CustomTestStringConvertible {
        var status: Int
        var read: Meaning
        var write: Meaning

        init(_ status: Int, _ read: Meaning, write: Meaning? = nil) {
            self.status = status
            self.read = read
            self.write = write ?? read
        }

        var testDescription: String { "\(status)" }
    }

    struct Meaning: Sendable, Equatable {
        var remedy: CallError.Remedy
        var kind: CallError.Kind
        var isUncertain = false

        init(_ remedy: CallError.Remedy, _ kind: CallError.Kind, isUncertain: Bool = false) {
            self.remedy = remedy
            self.kind = kind
            self.isUncertain = isUncertain
        }
    }

    static let table = [
        Row(302, Meaning(.retry(after: nil), .configuration)),
        Row(400, Meaning(.stopConnection, .configuration), write: Meaning(.skipRecord, .validation)),
        Row(401, Meaning(.stopConnection, .credentials)), Row(403, Meaning(.stopConnection, .permission)),
        Row(404, Meaning(.stopConnection, .configuration), write: Meaning(.lookAgain, .missing)),
        Row(405, Meaning(.stopConnection, .configuration)),
        Row(
            408,
            Meaning(.retry(after: nil), .timeout),
            write: Meaning(.retry(after: nil), .timeout, isUncertain: true)
        ),
        Row(409, Meaning(.retry(after: nil), .conflict), write: Meaning(.lookAgain, .conflict)),
        Row(412, Meaning(.retry(after: nil), .conflict), write: Meaning(.lookAgain, .conflict)),
        Row(413, Meaning(.skipRecord, .validation)), Row(429, Meaning(.retry(after: nil), .throttled)),
        Row(500, Meaning(.retry(after: nil), .outage), write: Meaning(.retry(after: nil), .outage, isUncertain: true)),
        Row(501, Meaning(.stopConnection, .defect)),
        Row(502, Meaning(.retry(after: nil), .outage), write: Meaning(.retry(after: nil), .outage, isUncertain: true)),
        Row(503, Meaning(.retry(after: nil), .outage)),
        Row(
            504,
            Meaning(.retry(after: nil), .timeout),
            write: Meaning(.retry(after: nil), .timeout, isUncertain: true)
        ),
    ]

    @Test(arguments: table) @OnLoop func `means what its status says`(row: Row) async throws {
        try await Bench.run { request in
            request.path.contains("VendorCard") ? Bench.refused(row.status) : nil
        } _: { bench in
            let client = bench.client
            let read = try await Bench.callError {
                _ = try await client.rows(Nav.Query(.vendorCard), lane: .interactive)
            }
            #expect(Meaning(read.remedy, read.kind, isUncertain: read.isUncertain) == row.read, "\(read)")
            let write = try await Bench.callError {
                let known = Nav.Row(fields: JSON.Object(), etag: "1")
                let key = Nav.Key([("No", "1")])
                try await client.modify(.vendorCard, key: key, known, object(["Name": "x"]), lane: .interactive)
            }
            #expect(Meaning(write.remedy, write.kind, isUncertain: write.isUncertain) == row.write, "\(write)")
            #expect(write.reason.contains("Das ging nicht.") || [401, 404].contains(row.status) || row.status == 302)
        }
    }

    @Test(arguments: [
        ("Basic realm=\"\"", "web service access key is wrong or has expired"),
        ("Negotiate", "second server instance with the credential type NavUserPassword"),
        ("NTLM", "Windows accounts only"), ("Negotiate, NTLM", "Windows accounts only"),
        ("Negotiate, Basic realm=\"x, y\"", "web service access key"), ("Bearer", "tokens of a directory"),
        ("", "credential type"),
    ])
    @OnLoop func `says what to do where nobody is let in`(schemes: String, words: String) async throws {
        try await Bench.run { _ in
            .reply(401, schemes.isEmpty ? [:] : ["WWW-Authenticate": schemes], "<html>Access denied</html>")
        } _: { bench in
            let error = try await Bench.callError {
                _ = try await bench.client.rows(Nav.Query(.vendorCard), lane: .live)
            }
            #expect(error.remedy == .stopConnection && error.kind == .credentials && !error.isUncertain)
            #expect(error.reason.contains(words), "\(error)")
        }
    }

    @Test @OnLoop func `is not provoked again and again by a wrong key`() async throws {
        try await Bench.run { _ in
            .reply(401, ["WWW-Authenticate": "Basic realm=\"\""])
        } _: { bench in
            for _ in 0..<5 {
                let error = try await Bench.callError {
                    _ = try await bench.client.rows(Nav.Query(.vendorCard), lane: .live)
                }
                #expect(error.kind == .credentials)
            }
            #expect(bench.server.requests.count == 1)
            #expect(bench.gate.told.outcomes == [.answered, .notSent, .notSent, .notSent, .notSent])
            // A person who tests the connection has perhaps just mended it.
            _ = try await Bench.callError {
                _ = try await bench.client.rows(Nav.Query(.vendorCard), lane: .interactive)
            }
            #expect(bench.server.requests.count == 2)
        }
    }

    @Test(arguments: ["schlüssel", "", "a\r\nX-Other: b"])
    @OnLoop func `is not provoked at all by a key that cannot be sent`(key: String) async throws {
        try await Bench.run(key: key) { _ in
            nil
        } _: { bench in
            let error = try await Bench.callError {
                _ = try await bench.client.rows(Nav.Query(.vendorCard), lane: .live)
            }
            #expect(error.kind == .credentials && error.reason.contains("user's card"))
            #expect(bench.server.requests.isEmpty)
        }
    }

    @Test(arguments: [
        (429, ["Retry-After": "7"], CallOutcome.throttled(for: .seconds(7))), (429, [:], .throttled(for: nil)),
        (503, ["Retry-After": "20"], .throttled(for: .seconds(20))), (503, [:], .failed), (500, [:], .failed),
        (400, [:], .answered),
    ])
    @OnLoop func `is told to the account`(status: Int, headers: [String: String], outcome: CallOutcome) async throws {
        try await Bench.run { request in
            request.path.contains("VendorCard") ? Bench.refused(status, headers) : nil
        } _: { bench in
            _ = try await Bench.callError { _ = try await bench.client.rows(Nav.Query(.vendorCard), lane: .live) }
            #expect(bench.gate.told.outcomes.last == outcome)
        }
    }

    /// A server that repeats what it was sent, in every place where an error has words.
    @Test(arguments: [400, 401, 403, 404, 405, 409, 413, 429, 500, 503, 302], [Nav.Settings.Speech.odata, .soap])
    @OnLoop func `shows a secret nowhere`(status: Int, speech: Nav.Settings.Speech) async throws {
        try await Bench.run { request in
            guard request.path.contains("VendorCard") || request.method == "POST" else { return nil }
            let sent = request.headers["authorization"] ?? ""
            let words = "You sent \(sent), which is \(Bench.key)."
            let body =
                speech == .odata
                ? #"{"error":{"code":"\#(sent)","message":"\#(words)"}}"#
                : "<Envelope><Body><Fault><faultcode>a.\(sent)</faultcode><faultstring>\(words)</faultstring></Fault></Body></Envelope>"
            return .reply(status, ["Retry-After": sent, "WWW-Authenticate": sent], body)
        } change: {
            $0.speech = speech
        } _: { bench in
            let page = speech == .odata ? Nav.Page.vendorCard : .purchaseInvoice
            let error = try await Bench.callError { _ = try await bench.client.rows(Nav.Query(page), lane: .live) }
            let basic = Base64.text(of: Array("\(Bench.user):\(Bench.key)".utf8))
            for text in ["\(error)", String(reflecting: error)] {
                #expect(!text.contains("Canary") && !text.contains(basic.prefix(12)), "\(text)")
            }
        }
    }

    @Test @OnLoop func `names the authority's file where the certificate is the company's own`() {
        let error = Nav.error(HTTPClient.Failure(.tls, "no trust", origin: "https://erp:7048"), wasWrite: false)
        #expect(error.reason.contains("authorities") && error.kind == .network)
    }
}
