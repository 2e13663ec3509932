import Core
import Testing

@testable import Systems

/// An error as it comes, and what it means to whoever called.
struct MondayRow: Sendable, CustomTestStringConvertible {
    var body: String
    var status = 200
    var remedy: CallError.Remedy
    var kind: CallError.Kind
    var isUncertain = false
    var words = ""

    var testDescription: String { "\(status) \(body.prefix(110))" }

    static func code(
        _ code: String,
        _ status: Int,
        _ remedy: CallError.Remedy,
        _ kind: CallError.Kind,
        uncertain: Bool = false,
        message: String = "the vendor's words",
        more: String = "",
        words: String = ""
    ) -> MondayRow {
        MondayRow(
            body:
                #"{"data":null,"errors":[{"message":"\#(message)","path":["create_item"],"extensions":{"code":"\#(code)"\#(more)}}]}"#,
            status: status,
            remedy: remedy,
            kind: kind,
            isUncertain: uncertain,
            words: words
        )
    }
}

private func circumstances(
    mutation: Bool = true,
    retryAfter: Duration? = nil,
    refresh: Bool = false
) -> Monday.Fault.Circumstances {
    Monday.Fault.Circumstances(
        isMutation: mutation,
        requestID: nil,
        retryAfter: retryAfter,
        tokenCanBeRefreshed: refresh,
        now: WallTime("2026-11-20T23:30:00Z") ?? .first,
        cleaned: { Monday.cleaned($0, hiding: Secret(text: "s3cr3t-t0ken")) }
    )
}

private func meaning(
    _ body: String,
    _ status: Int = 200,
    _ circumstances: Monday.Fault.Circumstances = circumstances()
) throws(CallError) -> CallError? {
    let answer = try Monday.Answer(Array(body.utf8), status: status, circumstances: circumstances)
    return answer.worst?.callError(answer.circumstances)
}

@Suite struct `an answer of Monday's` {
    /// The vendor's catalogue, row by row.
    static let catalogue: [MondayRow] = [
        .code("NOT_AUTHENTICATED", 401, .stopConnection, .credentials, words: "token"),
        .code("Unauthorized", 401, .stopConnection, .credentials),
        .code("", 401, .stopConnection, .permission, message: "Your ip is restricted", words: "list of addresses"),
        .code("USER_ACCESS_DENIED", 403, .stopConnection, .permission),
        .code("UserUnauthorizedException", 200, .skipRecord, .permission, more: #","status_code":403"#),
        .code("missingRequiredPermissions", 200, .stopConnection, .permission, words: "scope"),
        .code("InvalidBoardIdException", 200, .lookAgain, .missing),
        .code("InvalidColumnIdException", 200, .lookAgain, .missing),
        .code("InvalidGroupIdException", 200, .lookAgain, .missing),
        .code("InvalidItemIdException", 200, .lookAgain, .missing),
        .code("InvalidUserIdException", 200, .lookAgain, .missing),
        .code("ResourceNotFoundException", 404, .lookAgain, .missing),
        .code("ResourceNotFoundException", 200, .lookAgain, .missing),
        .code(
            "ColumnValueException",
            200,
            .skipRecord,
            .validation,
            more: #","error_data":{"column_type":"status","column_id":"s1"}"#,
            words: "“s1” of type status"
        ),
        .code("CorrectedValueException", 200, .skipRecord, .defect),
        .code("InvalidArgumentException", 200, .skipRecord, .validation),
        .code("ItemNameTooLongException", 200, .skipRecord, .validation, words: "name"),
        .code("ItemsLimitationException", 200, .skipRecord, .quota, words: "full"),
        .code("RecordInvalidException", 422, .skipRecord, .validation),
        .code(
            "DATA_VALIDATIONS_ERROR",
            200,
            .skipRecord,
            .validation,
            more: #","status_code":422,"error_data":[{"itemId":1,"columnIds":["due"],"message":"must be set"}]"#,
            words: "due: must be set"
        ),
        .code("DATA_VALIDATIONS_ERROR", 422, .skipRecord, .validation, words: "own rules"),
        .code("REVISION_MISMATCH", 200, .lookAgain, .conflict),
        .code("INVALID_INPUT", 200, .skipRecord, .defect),
        .code("", 423, .retry(after: .seconds(2)), .conflict, message: "Resource is currently locked, try later"),
        .code("IDEMPOTENCY_CONFLICT", 409, .retry(after: .seconds(2)), .conflict, uncertain: true),
        .code("DeleteLastGroupException", 409, .skipRecord, .conflict),
        .code("DAILY_LIMIT_EXCEEDED", 429, .retry(after: .seconds(1_800)), .quota),
        .code("DAILY_LIMIT_EXCEEDED", 429, .retry(after: .seconds(7_200)), .quota, more: #","retry_in_seconds":7200"#),
        .code("CursorExpiredError", 200, .lookAgain, .expired),
        .code("API_TEMPORARILY_BLOCKED", 200, .retry(after: .seconds(300)), .outage),
        .code("INTERNAL_SERVER_ERROR", 500, .retry(after: nil), .outage, uncertain: true),
        .code("", 200, .retry(after: nil), .outage, uncertain: true, message: "Internal Server Error"),
        .code("", 502, .retry(after: nil), .outage, uncertain: true),
        .code("", 503, .retry(after: nil), .outage, uncertain: true),
        .code("", 504, .retry(after: nil), .timeout, uncertain: true),
        .code("TIMEOUT_EXCEEDED", 503, .retry(after: nil), .timeout, uncertain: true),
        .code("GRAPHQL_PARSE_FAILED", 400, .skipRecord, .defect),
        .code("GRAPHQL_VALIDATION_FAILED", 200, .skipRecord, .defect),
        .code("", 200, .skipRecord, .defect, message: "Parse error on \\\"}\\\""),
        .code("JsonParseException", 200, .skipRecord, .defect),
        .code("", 400, .skipRecord, .defect, message: "Bad request"),
        .code("WhateverElse", 418, .skipRecord, .validation, words: "vendor's words"),
        .code(
            "BAD_USER",
            200,
            .skipRecord,
            .validation,
            more: #","problems":[{"explanation":"Syntax error in JSON input"}]"#,
            words: "Syntax error in JSON input"
        ),
    ]

    @Test(arguments: catalogue)
    func `means what the catalogue says`(row: MondayRow) throws {
        let error = try #require(try meaning(row.body, row.status))
        #expect(error.remedy == row.remedy && error.kind == row.kind)
        #expect(error.isUncertain == row.isUncertain)
        #expect(row.words.isEmpty || error.reason.contains(row.words), "\(error.reason)")
        #expect(error.system == "Monday" && !error.reason.isEmpty)
        // A question changes nothing, so nothing of it is uncertain.
        let asked = try #require(try meaning(row.body, row.status, circumstances(mutation: false)))
        #expect(!asked.isUncertain)
    }

    @Test(
        arguments: [
            // The present one, and its spellings.
            (
                429,
                #"{"errors":[{"message":"Minute rate limit exceeded","extensions":{"code":"MINUTE_RATE_LIMIT_EXCEEDED","retry_in_seconds":58}}]}"#,
                58
            ),
            (
                429,
                #"{"errors":[{"message":"x","extensions":{"code":"maxConcurrencyExceeded","retry_in_seconds":"7"}}]}"#,
                7
            ),
            (429, #"{"errors":[{"message":"x","extensions":{"code":"Rate Limit Exceeded"}}]}"#, nil),
            (200, #"{"errors":[{"message":"x","extensions":{"code":"Minute limit rate exceeded"}}]}"#, nil),
            (200, #"{"errors":[{"message":"x","extensions":{"code":"Concurrency limit exceeded"}}]}"#, nil),
            (
                429,
                #"{"errors":[{"message":"x","extensions":{"code":"COMPLEXITY_BUDGET_EXHAUSTED","retry_in_seconds":12.6,"complexity":1}}]}"#,
                13
            ),
            (429, #"{"errors":[{"message":"x","extensions":{"code":"complexityBudgetExhausted"}}]}"#, nil),
            (429, #"{"errors":[{"message":"x","extensions":{"code":"IP_RATE_LIMIT_EXCEEDED"}}]}"#, nil),
            (200, #"{"errors":[{"message":"x","extensions":{"code":"MutationCallsExceeded"}}]}"#, nil),
            (200, #"{"errors":[{"message":"x","extensions":{"code":"RateLimitedException"}}]}"#, nil),
            // With parts of the data.
            (
                200,
                #"{"data":{"boards":null},"errors":[{"message":"Rate limit exceeded for boards","path":["boards"],"extensions":{"code":"tooManyRequests","status_code":400,"service":"data-structure"}}]}"#,
                nil
            ),
            (
                200,
                #"{"data":{"boards":null},"errors":[{"message":"Rate limit already blocked for boards","path":["boards"]}]}"#,
                nil
            ),
            // Of one field.
            (
                429,
                #"{"error_message":"Concurrency limit exceeded for the field","error_code":"FIELD_LIMIT_EXCEEDED","error_data":{"retry_in_seconds":15,"entity":"boards"},"status_code":429}"#,
                15
            ),
            (
                429,
                #"{"errors":[{"message":"x","extensions":{"code":"FIELD_LIMIT_EXCEEDED","error_data":{"retry_in_seconds":9}}}]}"#,
                9
            ),
            // The oldest one, with the wait in its words.
            (
                200,
                #"{"error_code":"ComplexityException","status_code":429,"error_message":"Complexity budget exhausted, query cost 222080 budget remaining 747 out of 10000000 reset in 16 seconds","error_data":{},"errors":["Complexity budget exhausted, query cost 222080 budget remaining 747 out of 10000000 reset in 16 seconds"],"account_id":1}"#,
                16
            ),
            (200, #"{"errors":["Complexity budget exhausted, reset in 3 seconds"]}"#, 3),
            // Of making boards.
            (429, #"{"errors":[{"message":"Call limit exceeded for CreateBoard"}]}"#, nil),
            // No words at all.
            (429, "", nil),
            (429, "<html>slow down</html>", nil),
            (429, "{}", nil),
        ] as [(Int, String, Int?)]
    )
    func `asks to slow down in many ways`(status: Int, body: String, seconds: Int?) throws {
        var found: CallError?
        do { found = try meaning(body, status) } catch { found = error }
        #expect(found?.kind == .throttled && found?.isUncertain == false)
        #expect(found?.remedy == .retry(after: seconds.map { .seconds($0) }))
    }

    @Test func `has the longest of the waits that it names`() throws {
        let body =
            #"{"errors":[{"message":"x reset in 20 seconds","extensions":{"code":"MINUTE_RATE_LIMIT_EXCEEDED","retry_in_seconds":30}}]}"#
        for (after, wait) in [(nil, 30), (10, 30), (45, 45), (5_000, 900)] as [(Int?, Int)] {
            let error = try meaning(body, 429, circumstances(retryAfter: after.map { .seconds($0) }))
            #expect(error?.remedy == .retry(after: .seconds(wait)))
        }
        for text in ["reset in", "reset in seconds", "reset in -5 seconds", "reset in 1e999 seconds", "reset", ""] {
            #expect(Monday.waitInWords(text) == nil)
        }
        #expect(Monday.wait(seconds: Decimal("1e30") ?? 0) == .seconds(86_400))
    }

    @Test func `is worth another token where there is one`() throws {
        let error = try meaning(#"{"errors":["Not authenticated"]}"#, 401, circumstances(refresh: true))
        #expect(error?.remedy == .refreshToken && error?.kind == .credentials)
    }

    @Test(
        arguments: [
            (200, "", CallError.Remedy.retry(after: nil), CallError.Kind.garbage, true),
            (200, "<html>welcome</html>", .retry(after: nil), .garbage, true),
            (200, #"{"data":{"create_item":{"id":"1"}"#, .retry(after: nil), .garbage, true),
            (200, "{}", .retry(after: nil), .garbage, true),
            (200, #"{"data":null}"#, .retry(after: nil), .garbage, true),
            (200, #"{"data":[]}"#, .retry(after: nil), .garbage, true),
            (200, "[1]", .retry(after: nil), .garbage, true),
            (200, #"{"data":{"a":1},"data":{"a":2}}"#, .retry(after: nil), .garbage, true),
            (401, "who are you", .stopConnection, .credentials, false),
            (403, "<html>", .stopConnection, .permission, false),
            (404, "<html>", .stopConnection, .configuration, false),
            (404, #"{"error":"Not Found"}"#, .stopConnection, .configuration, false),
            (302, "", .stopConnection, .configuration, false),
            (400, "no", .skipRecord, .defect, false),
            (413, "too large", .skipRecord, .defect, false),
            (500, "oops", .retry(after: nil), .outage, true),
            (503, #"{"data":{"create_item":{"id":"1"}}}"#, .retry(after: nil), .outage, true),
            (504, "", .retry(after: nil), .timeout, true),
        ] as [(Int, String, CallError.Remedy, CallError.Kind, Bool)]
    )
    func `without any sense in it is sorted by its status`(
        status: Int,
        body: String,
        remedy: CallError.Remedy,
        kind: CallError.Kind,
        isUncertain: Bool
    ) {
        let error = #expect(throws: CallError.self) {
            try Monday.Answer(Array(body.utf8), status: status, circumstances: circumstances())
        }
        #expect(error?.remedy == remedy && error?.kind == kind && error?.isUncertain == isUncertain)
        #expect(error?.reason.contains("welcome") == false)
    }

    @Test func `may lack a file and still be whole`() throws {
        let body = #"{"data":{"items":[]},"errors":[{"message":"x","extensions":{"code":"ASSET_UNAVAILABLE"}}]}"#
        let answer = try Monday.Answer(Array(body.utf8), status: 200, circumstances: circumstances())
        try answer.checkWhole()
    }

    @Test func `names its request in its body where its head does not`() throws {
        let body = #"{"errors":["x"],"extensions":{"request_id":"8c31-<b>\n1"}}"#
        #expect(try meaning(body)?.requestID == "8c31-b1")
    }

    @Test func `of any shape is read without a trap`() throws {
        let pieces = [
            "null", "1", #""x""#, "[]", "{}", "[null]", "[[1]]", #"{"code":null}"#,
            #"{"code":5,"retry_in_seconds":"x"}"#,
            #"{"extensions":[],"path":{},"message":7}"#,
            #"[{"extensions":{"error_data":[1],"code":"ColumnValueException"}}]"#,
            #"[{"path":[0]},{"path":[]},"",null,{"extensions":{"problems":[1,{"explanation":2}]}}]"#, "1e400", "-1",
        ]
        for a in pieces {
            for b in pieces {
                let body = #"{"errors":\#(a),"error_code":\#(b),"error_data":\#(a),"error_message":\#(b),"data":\#(a)}"#
                do {
                    let answer = try Monday.Answer(Array(body.utf8), status: 200, circumstances: circumstances())
                    _ = answer.worst?.callError(answer.circumstances)
                } catch {
                    #expect(error.system == "Monday")
                }
            }
        }
    }

    @Test func `shows the vendor's words on one line, cut and without the token`() {
        let token = Secret(text: "s3cr3t-t0ken")
        #expect(
            Monday.cleaned("a\nb\tc\u{1b}[31m s3cr3t-t0ken s3cr3t-t0kes3cr3t-t0ken", hiding: token)
                == "a b c[31m (secret) s3cr3t-t0ke(secret)"
        )
        #expect(
            Monday.cleaned(String(repeating: "s3cr3t-t0ken", count: 5_000), hiding: token).contains("s3cr3t") == false
        )
        #expect(Monday.cleaned(String(repeating: "x", count: 5_000), hiding: token).utf16.count == 300)
        #expect(Monday.cleaned("abc", hiding: Secret(text: "")) == "abc")
        #expect(Monday.cleaned("s3cr3t\u{1}-t0\u{7f}ken\r\nx", hiding: token) == "(secret) x")
    }

    @Test(arguments: [
        #"{"errors":[""]}"#, #"{"errors":[{}]}"#, #"{"errors":[{"message":""}]}"#,
        #"{"errors":[{"message":"\u0007"}]}"#,
    ])
    func `has words even where Monday has none`(body: String) throws {
        #expect(try meaning(body, 302)?.reason == "it gives no reason (HTTP 302)")
    }
}

@Suite struct `the limits that Monday names` {
    @Test func `are read as the vendor documents them`() {
        let quotas = Monday.Quotas(
            policy:
                #""minuteRate";q=1000;w=60, "concurrency";q=40;qu="concurrent-requests", "complexityMinute";q=10000000;w=60;qu="content-bytes""#,
            state: #""minuteRate";r=998, "concurrency";r=39, "complexityMinute";r=9970000;t=45"#
        )
        #expect(quotas["requests"] == .init(limit: 1_000, period: .seconds(60), left: 998))
        #expect(quotas["inFlight"] == .init(limit: 40, period: nil, left: 39))
        #expect(quotas["complexity"] == .init(limit: 10_000_000, period: .seconds(60), left: 9_970_000))
        #expect(quotas["calls"] == nil)
    }

    @Test(arguments: [
        "", ",,,", ";;", "\"\"", "\"a\"", "\"a\";q", "\"a\";q=-1", "\"a\";q=99999999999999999999", "=;=,\";q=1",
    ])
    func `are passed over where they make no sense`(header: String) {
        let quotas = Monday.Quotas(policy: header, state: header)
        #expect(quotas["requests"] == nil)
        #expect(quotas.quotas.values.allSatisfy { $0.limit == nil && $0.left == nil })
        #expect(Monday.Quotas(policy: nil, state: nil).quotas.isEmpty)
        #expect(Monday.Quotas(policy: String(repeating: "x,", count: 9_999), state: nil).quotas.isEmpty)
    }

    @Test func `stand in one table, each once`() {
        let windows = Monday.Limits.windows
        #expect(Set(windows.map(\.name)) == ["requests", "inFlight", "mutations", "boardMutations", "calls"])
        #expect(windows.allSatisfy { $0.limit > 0 && (0..<$0.limit).contains($0.reserve) })
        #expect(Monday.Limits.mutations == Window("mutations", 40, .sliding(.seconds(60))))
        #expect(Monday.Plan.all.map(\.callsPerDay) == [1_000, 1_000, 1_000, 10_000, 25_000])
    }
}
