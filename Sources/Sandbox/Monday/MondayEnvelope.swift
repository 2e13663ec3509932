import Core
import Transport

/// Answers that refuse a request as a whole, in all the shapes that the vendor has for it.
struct MondayEnvelope: Sendable {
    var status: Int
    var body: JSON
    var retryAfterSeconds: Int?

    /// `{"errors": [{"message": …, "extensions": {"code": …}}]}`
    static func error(
        _ status: Int,
        _ code: String?,
        _ message: String,
        retryInSeconds: Int? = nil,
        _ more: JSON.Object = JSON.Object()
    ) -> MondayEnvelope {
        var extensions = more
        extensions["code"] = code.map { .string($0) }
        extensions["retry_in_seconds"] = retryInSeconds.map { .number($0) }
        return MondayEnvelope(
            status: status,
            body: ["errors": [["message": .string(message), "extensions": .object(extensions)]]],
            retryAfterSeconds: retryInSeconds
        )
    }

    static func fault(_ fault: GraphQL.Fault, status: Int) -> MondayEnvelope {
        MondayEnvelope(status: status, body: ["errors": [fault.json]])
    }

    static let notAuthenticated = error(401, "NOT_AUTHENTICATED", "Not authenticated")

    static let locked = error(
        423,
        nil,
        "Resource is currently locked, please try again later",
        JSON.Object(("status_code", .number(423)))
    )

    static func refusal(_ refusal: MondayLimits.Refusal, callLimitCode: String) -> MondayEnvelope {
        switch refusal {
        case .minute(let seconds), .mutations(let seconds):
            error(429, "MINUTE_RATE_LIMIT_EXCEEDED", "Minute rate limit exceeded", retryInSeconds: seconds)
        case .concurrency(let seconds):
            error(429, "MAX_CONCURRENCY_EXCEEDED", "Max concurrency exceeded", retryInSeconds: seconds)
        case .daily(let seconds): error(429, "DAILY_LIMIT_EXCEEDED", "Daily limit exceeded", retryInSeconds: seconds)
        case .address(let seconds):
            error(429, "IP_RATE_LIMIT_EXCEEDED", "IP rate limit exceeded", retryInSeconds: seconds)
        case .complexity(let seconds):
            error(429, "COMPLEXITY_BUDGET_EXHAUSTED", "Complexity budget exhausted", retryInSeconds: seconds)
        case .calls(let name, let seconds):
            error(429, callLimitCode, "Call limit exceeded for \(name)", retryInSeconds: seconds)
        }
    }

    /// What a fault asks for by name; after a colon, the seconds that it tells the caller to wait.
    static func named(_ name: String) -> MondayEnvelope? {
        let parts = name.split(separator: ":", maxSplits: 1).map(String.init)
        let seconds = parts.count == 2 ? Int(parts[1]) ?? 1 : 58
        switch parts.first ?? "" {
        case "minute": return refusal(.minute(seconds), callLimitCode: "")
        case "concurrency": return refusal(.concurrency(seconds), callLimitCode: "")
        case "daily": return refusal(.daily(seconds), callLimitCode: "")
        case "ip": return refusal(.address(seconds), callLimitCode: "")
        case "complexity": return refusal(.complexity(seconds), callLimitCode: "")
        case "callLimit": return refusal(.calls(of: "CreateBoard", seconds), callLimitCode: "MutationCallsExceeded")
        case "fieldLimit":
            return MondayEnvelope(
                status: 429,
                body: [
                    "error_message": "Concurrency limit exceeded for the field", "error_code": "FIELD_LIMIT_EXCEEDED",
                    "error_data": ["retry_in_seconds": .number(seconds), "entity": "boards"], "status_code": 429,
                ]
            )
        case "fieldLimitExtensions":
            return error(
                429,
                "FIELD_LIMIT_EXCEEDED",
                "Concurrency limit exceeded for the field",
                retryInSeconds: seconds
            )
        case "legacyComplexity200": return legacyComplexity(200, seconds)
        case "legacyComplexity429": return legacyComplexity(429, seconds)
        case "blocked": return error(200, "API_TEMPORARILY_BLOCKED", "API is temporarily blocked")
        case "locked": return locked
        case "timeout": return error(503, "TIMEOUT_EXCEEDED", "Request timed out")
        case "internal": return error(500, "INTERNAL_SERVER_ERROR", "Internal Server Error")
        case "unauthorized": return notAuthenticated
        case "denied": return error(403, "USER_ACCESS_DENIED", "User access denied")
        case "conflict": return conflict
        case "nullBoards":
            var envelope = error(200, "INTERNAL_SERVER_ERROR", "Internal Server Error")
            if case .object(var object) = envelope.body {
                object["data"] = ["boards": .null]
                envelope.body = .object(object)
            }
            return envelope
        default: return nil
        }
    }

    static let conflict = error(
        409,
        "IDEMPOTENCY_CONFLICT",
        "A request with this idempotency key is being processed",
        retryInSeconds: 1
    )

    private static func legacyComplexity(_ status: Int, _ seconds: Int) -> MondayEnvelope {
        let text =
            "Complexity budget exhausted, query cost 222080 budget remaining 747 out of 10000000 reset in \(seconds) seconds"
        return MondayEnvelope(
            status: status,
            body: [
                "error_code": "ComplexityException", "status_code": 429, "error_message": .string(text),
                "error_data": [:],
                "errors": [.string(text)], "account_id": 1_825_529,
            ]
        )
    }
}
