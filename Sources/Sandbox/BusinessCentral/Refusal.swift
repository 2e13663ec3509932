import Core
import Transport

extension BusinessCentralSimulator {
    /// Why a request is turned away, in the vendor's form. `rule` is our own name for it, under which the facts count it.
    struct Refusal: Error, Equatable {
        var status: Int
        var code: String
        var message: String
        var rule: String

        init(_ status: Int, _ code: String, _ message: String, rule: String) {
            self.status = status
            self.code = code
            self.message = message
            self.rule = rule
        }

        /// Every message ends in the same way, by which the vendor's support finds the request.
        func reply(correlation: String, headers: [HTTPHeader] = []) -> Reply {
            let text = "\(message)  CorrelationId:  \(correlation)."
            return Reply(
                HTTPStatus(rawValue: UInt16(clamping: status)),
                headers,
                json: ["error": ["code": .string(code), "message": .string(text)]]
            )
        }
    }
}

extension BusinessCentralSimulator.Refusal {
    static func badURL(_ message: String, rule: String) -> Self {
        Self(400, "BadRequest_InvalidRequestUrl", message, rule: rule)
    }

    static func badBody(_ message: String, rule: String) -> Self {
        Self(400, "BadRequest", message, rule: rule)
    }

    static func noSegment(_ name: some StringProtocol) -> Self {
        Self(
            404,
            "BadRequest_ResourceNotFound",
            "Resource not found for the segment '\(name)'.",
            rule: "unknown segment"
        )
    }

    static func noRecord(_ id: String) -> Self {
        Self(
            404,
            "Internal_RecordNotFound",
            "The record does not exist. Identification fields and values: SystemId='{\(id)}'",
            rule: "record not found"
        )
    }

    static let noCompany = Self(404, "Internal_CompanyNotFound", "The company could not be found.", rule: "no company")

    static func methodNotAllowed(_ method: String, _ set: String) -> Self {
        Self(
            405,
            "BadRequest_MethodNotAllowed",
            "'\(set)' doesn't support the \(method) operation.",
            rule: "method not allowed"
        )
    }

    static func dialog(_ message: String, rule: String) -> Self {
        Self(400, "Application_DialogException", message, rule: rule)
    }

    static let badCredentials = Self(
        401,
        "Authentication_InvalidCredentials",
        "The server has rejected the client credentials.",
        rule: "unauthorized"
    )

    static func tooMany(actual: Int, most: Int, rule: String) -> Self {
        Self(
            429,
            "Application_TooManyRequests",
            "Too many requests reached. Actual (\(actual)). Maximum (\(most)).",
            rule: rule
        )
    }
}
