import Core
import Transport

extension NavSimulator {
    /// Why a request is turned away: with a status and a code over OData, with an exception's name over SOAP. `rule` is our
    /// own name for it, under which the facts count it.
    struct Refusal: Error, Equatable {
        enum Kind: String, Sendable {
            case dialog = "NavNCLDialogException"
            case notFound = "NavCSideRecordNotFoundException"
            case duplicate = "NavCSideDuplicateKeyException"
            case testField = "NavTestFieldException"
            case permission = "NavPermissionException"
            case callback = "NavNCLCallbackNotAllowedException"
            case invalid = "NavNCLEvaluateException"
            case relation = "NavValidateRelationException"
            case stale = "ServiceBrokerException"
            case request = "WebServiceRequestException"
        }

        var kind: Kind
        var status: Int
        var code: String
        var message: String
        var rule: String

        init(_ kind: Kind, _ status: Int, _ code: String, _ message: String, rule: String) {
            self.kind = kind
            self.status = status
            self.code = code
            self.message = message
            self.rule = rule
        }

        var reply: Reply {
            Reply(
                HTTPStatus(rawValue: UInt16(clamping: status)),
                [HTTPHeader("OData-Version", "4.0")],
                json: ["error": ["code": .string(code), "message": .string(message)]]
            )
        }
    }
}

extension NavSimulator.Refusal {
    static func badRequest(_ message: String, rule: String) -> Self {
        Self(.request, 400, "BadRequest", message, rule: rule)
    }

    static func noSegment(_ name: some StringProtocol) -> Self {
        Self(
            .request,
            404,
            "BadRequest_NotFound",
            "No HTTP resource was found that matches the segment '\(name)'.",
            rule: "unknown segment"
        )
    }

    static func noCompany(_ name: String) -> Self {
        Self(.request, 404, "BadRequest_NotFound", "The company \"\(name)\" does not exist.", rule: "no company")
    }

    static func noRecord(_ table: NavSimulator.TableName, _ key: String) -> Self {
        Self(
            .notFound,
            404,
            "Internal_RecordNotFound",
            "The \(table.rawValue) does not exist. Identification fields and values: \(key)",
            rule: "record not found"
        )
    }

    static func notAllowed(_ verb: String, _ page: String) -> Self {
        Self(
            .request,
            405,
            "BadRequest_MethodNotAllowed",
            "'\(page)' does not support \(verb).",
            rule: "verb not allowed"
        )
    }

    static func dialog(_ message: String, rule: String) -> Self {
        Self(.dialog, 400, "Unknown", message, rule: rule)
    }

    static func testField(_ message: String, rule: String) -> Self {
        Self(.testField, 400, "Unknown", message, rule: rule)
    }

    /// A question to somebody who is not there.
    static func confirm(_ question: String) -> Self {
        Self(
            .callback,
            400,
            "Unknown",
            "Callback functions are not allowed. The question was: \(question)",
            rule: "dialog in code"
        )
    }

    static func relation(_ field: String, _ value: String, _ table: String) -> Self {
        Self(
            .relation,
            400,
            "Unknown",
            "The field \(field) contains a value (\(value)) that cannot be found in the related table (\(table)).",
            rule: "not in the related table"
        )
    }

    static func duplicate(_ table: NavSimulator.TableName, _ key: String) -> Self {
        Self(
            .duplicate,
            400,
            "Internal_EntityWithSameKeyExists",
            "The \(table.rawValue) already exists. Identification fields and values: \(key)",
            rule: "duplicate key"
        )
    }

    static func readOnly(_ name: String) -> Self {
        badRequest("The property '\(name)' is read-only and cannot be set.", rule: "read-only property")
    }

    static func unknownProperty(_ name: some StringProtocol, _ service: String) -> Self {
        badRequest(
            "The property '\(name)' does not exist on type 'NAV.\(service)'. Make sure to only use property names that are "
                + "defined by the type.",
            rule: "unknown property"
        )
    }

    static func wrong(_ field: NavSimulator.Field, _ mismatch: NavSimulator.Value.Mismatch) -> Self {
        switch mismatch {
        case .kind:
            badRequest("The value of '\(field.name)' is of another type.", rule: "value of the wrong kind")
        case .member(let text):
            Self(
                .invalid,
                400,
                "Unknown",
                "Your entry of '\(text)' is not an acceptable value for '\(field.name)'.",
                rule: "unknown option"
            )
        case .length(let count, let most):
            Self(
                .invalid,
                400,
                "Unknown",
                "The length of the string is \(count), but it must be less than or equal to \(most) characters. "
                    + "Field: \(field.name)",
                rule: "string too long"
            )
        }
    }

    static let tooLarge = Self(.dialog, 400, "Unknown", "The amount is too large.", rule: "amount too large")
}
