import Core
import Testing
import Transport

@testable import Systems

private typealias Bench = BusinessCentralBench

/// What each documented answer means, for a read and for a write.
@Suite(.onLoop) struct `an error of Business Central` {
    struct Row: Sendable, CustomTestStringConvertible {
        var status: Int
        var code: String
        var read: Meaning
        var write: Meaning

        init(_ status: Int, _ code: String, _ read: Meaning, write: Meaning? = nil) {
            self.status = status
            self.code = code
            self.read = read
            self.write = write ?? read
        }

        var testDescription: String { "\(status) \(code)" }
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

        static let stopped = Meaning(.stopConnection, .configuration)
        static let defect = Meaning(.stopConnection, .defect)
        static let permission = Meaning(.stopConnection, .permission)
        static let refused = Meaning(.skipRecord, .validation)
        static let missing = Meaning(.skipRecord, .missing)
        static let lookAgain = Meaning(.lookAgain, .conflict)
        static let changed = Meaning(.retry(after: nil), .conflict)
        static let outage = Meaning(.retry(after: nil), .outage)
        static let perhapsDone = Meaning(.retry(after: nil), .outage, isUncertain: true)
        static let throttled = Meaning(.retry(after: nil), .throttled)
        static let slow = Meaning(.retry(after: nil), .timeout)
        static let slowAndPerhapsDone = Meaning(.retry(after: nil), .timeout, isUncertain: true)
        static let unexplained = Meaning(.retry(after: nil), .garbage)
    }

    static let table = [
        Row(400, "BadRequest", .stopped, write: .refused),
        Row(400, "BadRequest_InvalidRequestUrl", .stopped, write: .refused),
        Row(400, "BadRequest_NotFound", .stopped, write: .refused),
        Row(404, "BadRequest_NotFound", Meaning(.skipRecord, .defect)),
        Row(404, "BadRequest_ResourceNotFound", .stopped),
        Row(400, "BadRequest_InvalidOperation", .stopped, write: .refused),
        Row(400, "BadRequest_InvalidToken", .stopped, write: .lookAgain),
        Row(400, "BadRequest_RequiredParamNotProvided", .stopped, write: .refused),
        Row(405, "BadRequest_MethodNotAllowed", .stopped),
        Row(400, "BadRequest_MethodNotAllowed", .stopped),
        Row(501, "BadRequest_MethodNotImplemented", .defect),
        Row(400, "BadRequest_MethodNotImplemented", .defect),
        Row(409, "Request_EntityChanged", .changed, write: .lookAgain),
        Row(412, "Request_EntityChanged", .changed, write: .lookAgain),
        Row(400, "Internal_DataNotFoundFilter", .missing),
        Row(404, "Internal_DataNotFoundFilter", .missing),
        Row(404, "Internal_RecordNotFound", .missing),
        Row(400, "Internal_InvalidTableRelation", Meaning(.retry(after: nil), .defect), write: .refused),
        Row(400, "Internal_EntityWithSameKeyExists", .changed, write: .lookAgain),
        Row(409, "Internal_EntityWithSameKeyExists", .changed, write: .lookAgain),
        Row(404, "Internal_CompanyNotFound", .stopped),
        Row(400, "Internal_CompanyNotFound", .stopped),
        Row(503, "Internal_TenantUnavailable", .outage),
        Row(400, "Internal_TenantUnavailable", .outage),
        Row(404, "Internal_TenantUnavailable", .outage),
        Row(500, "Internal_ServerError", .outage, write: .perhapsDone),
        Row(400, "Internal_ServerError", .outage, write: .perhapsDone),
        Row(400, "Application_DialogException", .refused),
        Row(400, "Application_EvaluateException", .refused),
        Row(400, "Application_StringExceededLength", .refused),
        Row(400, "Application_InvalidGUID", .refused),
        Row(400, "Application_CallbackNotAllowed", .refused),
        Row(400, "Application_FilterErrorException", .refused),
        Row(400, "Application_FieldValidationException", .refused),
        Row(429, "Application_TooManyRequests", .throttled),
        Row(403, "Authorization_RequestDenied", .permission),
        Row(400, "Authorization_RequestDenied", .permission),
        Row(403, "", .permission),
        Row(400, "Authentication_InvalidCredentials", Meaning(.stopConnection, .credentials)),
        Row(400, "Unknown", .outage, write: .perhapsDone),
        Row(500, "Unknown", .outage, write: .perhapsDone),
        Row(408, "", .slow, write: .slowAndPerhapsDone),
        Row(504, "", .slow, write: .slowAndPerhapsDone),
        Row(502, "", .outage, write: .perhapsDone),
        Row(503, "", .outage),
        Row(410, "", .stopped),
        Row(413, "", .refused),
        Row(404, "", .unexplained, write: Meaning(.retry(after: nil), .garbage, isUncertain: true)),
        // Not in any list: a client meets them all the same.
        Row(404, "NoEnvironment", .stopped),
        Row(400, "Application_SomethingNew", .refused),
        Row(400, "SomethingNew", Meaning(.retry(after: nil), .defect), write: .refused),
        Row(418, "SomethingNew", Meaning(.retry(after: nil), .defect), write: .refused),
        Row(599, "SomethingNew", .outage, write: .perhapsDone),
    ]

    @Test(arguments: table) @OnLoop func `means what its status and code say`(row: Row) async throws {
        try await Bench.run { _ in
            row.code.isEmpty ? .reply(row.status, [:], "<html>") : Bench.refused(row.status, row.code)
        } _: { bench in
            let error = try await Bench.callError { _ = try await bench.client.companies() }
            #expect(Meaning(error) == row.read, "\(error)")
            #expect(error.system == "Business Central" && error.reason.contains("status \(row.status)"))
            guard !row.code.isEmpty else { return }
            #expect(error.reason.contains(row.code) && error.reason.hasSuffix(": It did not work."))
            #expect(error.requestID == "5a6b7c8d-0000-1111-2222-333344445555")
        }
    }

    @Test(arguments: table) func `says of a write whether it may have been done`(row: Row) {
        let refusal = BusinessCentral.Refusal(status: row.status, code: row.code, effect: .write)
        #expect(Meaning(refusal.error) == row.write)
    }

    @Test(arguments: table) func `never stops a connection for a subscription that is refused`(row: Row) {
        let refusal = BusinessCentral.Refusal(status: row.status, code: row.code, effect: .subscribe)
        guard Meaning(refusal.error) != row.write else { return }
        #expect(refusal.error.remedy == .retry(after: nil) && refusal.error.kind == .configuration)
        #expect(refusal.error.reason.contains("within 5 s"))
    }

    @Test(
        arguments: [
            ("Short.", "Short."), ("", nil), ("  \n ", nil), ("A\r\nB\tC", "A B C"),
            ("No id.  CorrelationId:  not-one.", "No id."),
            (String(repeating: "x", count: 10_000), String(repeating: "x", count: 300)),
        ] as [(String, String?)]
    )
    func `shows the vendor's words on one line`(message: String, words: String?) {
        let body: JSON = ["error": ["code": "BadRequest", "message": .string(message)]]
        let said = BusinessCentral.VendorError(body: body.bytes(), hiding: Secret(text: "a-token-of-ours"))
        #expect(said.words == words && said.code == "BadRequest" && said.correlation == nil)
    }

    @Test(arguments: ["a-token-of-ours", "<a-token-of-ours>", "a-token-of-ours\u{301}", "e\u{301}a-token-of-ours!"])
    func `shows none that repeat the secret`(message: String) {
        let body: JSON = ["error": ["code": "BadRequest", "message": .string(message)]]
        let said = BusinessCentral.VendorError(body: body.bytes(), hiding: Secret(text: "a-token-of-ours"))
        #expect(said.words == nil && said.code == "BadRequest")
    }

    @Test(arguments: [
        "", "[]", "{}", "null", #"{"error":7}"#, #"{"error":{"code":7,"message":[]}}"#, #"{"error":{"code":""}}"#,
        #"{"error":{"code":"two words"}}"#, String(repeating: " ", count: 70_000) + "{}",
    ])
    func `is not led astray by strange bodies`(body: String) {
        let said = BusinessCentral.VendorError(body: Array(body.utf8), hiding: Secret(text: "a-token-of-ours"))
        #expect(said.code == nil && said.words == nil && said.correlation == nil)
    }
}

extension `an error of Business Central`.Meaning {
    init(_ error: CallError) {
        self.init(error.remedy, error.kind, isUncertain: error.isUncertain)
    }
}
