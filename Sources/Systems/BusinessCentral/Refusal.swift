import Core

extension BusinessCentral {
    /// An answer that is no success, and what it means for the caller.
    ///
    /// Its class of status decides first, then the code; never the message, which comes in the language of the server.
    struct Refusal {
        /// What was asked for: what is not known of a write may have been done.
        enum Effect: Sendable {
            case read
            case write
            /// A write that makes the server call back before it answers.
            case subscribe
        }

        var status: Int
        var code: String
        /// The vendor's, if there are any that can be shown.
        var words: String?
        var retryAfter: Duration?
        var requestID: String?
        var effect: Effect

        /// Whether it says that there is no such record, and not that something on the way to it is missing.
        var saysRecordIsMissing: Bool {
            status == 404 && ["Internal_RecordNotFound", "Internal_DataNotFoundFilter"].contains(code)
        }

        /// Whether a smaller page might have come.
        var saysTooMuch: Bool { [408, 413, 504].contains(status) }

        /// Of a link to a next page: the server made it, and does not know it any more.
        var saysPlaceIsLost: Bool {
            status == 410 || [400, 404].contains(status) && code.hasPrefix("BadRequest")
        }

        var lostPlace: CallError {
            error(
                .lookAgain,
                .expired,
                "the link to the next page is no longer taken; the list is read from its beginning"
            )
        }

        var error: CallError {
            switch status {
            case 300..<400: redirected
            case 400: badRequest
            case 401: error(.refreshToken, .credentials, "the access token is not taken")
            case 403: forbidden
            case 404: notFound
            case 405: notAllowed
            case 408: error(.retry(after: retryAfter), .timeout, "the server ended the call after its own limit")
            case 409, 412: changedMeanwhile
            case 410: removed
            case 413: tooLarge
            case 429: throttled
            case 501: notImplemented
            case 504: error(.retry(after: retryAfter), .timeout, "no answer from behind the gateway in time")
            case 503: unavailable
            case 500...: serverFault
            case 402..<500: unknownRefusal
            default: error(.retry(after: nil), .garbage, "an answer of status \(status) makes no sense here")
            }
        }

        private var badRequest: CallError {
            switch code {
            case "Internal_CompanyNotFound": noCompany
            case "Internal_TenantUnavailable": unavailable
            // Neither says what is wrong. It may be over in a moment, and a write may have been done.
            case "Internal_ServerError", "Unknown": serverFault
            case "Application_TooManyRequests": throttled
            case "Request_EntityChanged", "Internal_EntityWithSameKeyExists": changedMeanwhile
            case "Internal_RecordNotFound", "Internal_DataNotFoundFilter":
                error(.skipRecord, .missing, "there is no such record", isUncertain: false)
            case "BadRequest_MethodNotAllowed": notAllowed
            case "BadRequest_MethodNotImplemented": notImplemented
            case "BadRequest_InvalidToken" where effect != .read:
                error(.lookAgain, .conflict, "what is known of the record is no longer of use", isUncertain: false)
            case let code where code.hasPrefix("Authentication_"): stopped
            case let code where code.hasPrefix("Authorization_"): forbidden
            default: notAccepted
            }
        }

        /// Nothing was done; the same call will be refused again.
        private var notAccepted: CallError {
            switch effect {
            case .subscribe:
                // A failed handshake and one subscription too many are told alike. The poll goes on meanwhile.
                error(
                    .retry(after: nil),
                    .configuration,
                    "the subscription is refused: the public URL has to answer from outside, over https with a "
                        + "certificate that everybody trusts, within 5 s; and an environment has room for "
                        + "\(Limits.subscriptions) subscriptions",
                    isUncertain: false
                )
            case .write: error(.skipRecord, .validation, "the record is refused", isUncertain: false)
            case .read where code.hasPrefix("Application_"):
                error(.skipRecord, .validation, "the environment's own rules refuse the read")
            case .read where code.hasPrefix("BadRequest"):
                error(
                    .stopConnection,
                    .configuration,
                    "the question is not understood, most often for a field that this environment does not have: "
                        + "compare the connection's columns with the fields of the API page"
                )
            case .read: error(.retry(after: nil), .defect, "the question is refused")
            }
        }

        private var redirected: CallError {
            error(
                .retry(after: nil),
                .configuration,
                "answered with a redirect, which is not followed: apiURL or a proxy on the way leads elsewhere"
            )
        }

        private var stopped: CallError {
            error(.stopConnection, .credentials, "the application is not let in", isUncertain: false)
        }

        private var forbidden: CallError {
            error(
                .stopConnection,
                .permission,
                "the application may not do this: on the page \"Microsoft Entra applications\" of the environment, give "
                    + "it permission sets that cover the tables in question",
                isUncertain: false
            )
        }

        private var notFound: CallError {
            switch code {
            case "Internal_RecordNotFound", "Internal_DataNotFoundFilter":
                error(.skipRecord, .missing, "there is no such record", isUncertain: false)
            case "Internal_CompanyNotFound": noCompany
            case "Internal_TenantUnavailable": unavailable
            case "":
                // Business Central explains itself; whoever stands on the way does not.
                error(.retry(after: nil), .garbage, "a 404 without an explanation, perhaps not from Business Central")
            case "BadRequest_NotFound":
                error(.skipRecord, .defect, "the key or the question is not understood", isUncertain: false)
            default:
                error(
                    .stopConnection,
                    .configuration,
                    "the address is not known: check the environment, the tenant and the entity of the connection, and "
                        + "that API services are switched on",
                    isUncertain: false
                )
            }
        }

        private var noCompany: CallError {
            error(
                .stopConnection,
                .configuration,
                "the company is not there any more: name another in the connection, or give the application access",
                isUncertain: false
            )
        }

        private var notAllowed: CallError {
            error(
                .stopConnection,
                .configuration,
                "this entity cannot be used that way: it is read-only, or the API is switched off",
                isUncertain: false
            )
        }

        private var changedMeanwhile: CallError {
            effect == .read
                ? error(.retry(after: retryAfter), .conflict, "the record was changed during the read")
                : error(
                    .lookAgain,
                    .conflict,
                    code == "Internal_EntityWithSameKeyExists"
                        ? "there is a record of that key already" : "somebody else has changed the record",
                    isUncertain: false
                )
        }

        private var removed: CallError {
            error(
                .stopConnection,
                .configuration,
                "this part of the API was taken away: this version of ml-connector is too old for the environment",
                isUncertain: false
            )
        }

        private var tooLarge: CallError {
            error(
                .skipRecord,
                .validation,
                "the request or its answer is larger than the server allows",
                isUncertain: false
            )
        }

        private var notImplemented: CallError {
            error(.stopConnection, .defect, "the server does not have what was asked of it", isUncertain: false)
        }

        /// Turned away before anything was done: the tenant is not up, or the call grew old in the queue.
        private var unavailable: CallError {
            error(.retry(after: retryAfter), .outage, "not available at the moment", isUncertain: false)
        }

        private var throttled: CallError {
            error(.retry(after: retryAfter), .throttled, "too many requests", isUncertain: false)
        }

        private var serverFault: CallError {
            error(.retry(after: retryAfter), .outage, "the server is in trouble")
        }

        private var unknownRefusal: CallError {
            code == "Internal_CompanyNotFound" ? noCompany : notAccepted
        }

        private func error(
            _ remedy: CallError.Remedy,
            _ kind: CallError.Kind,
            _ reason: String,
            isUncertain: Bool? = nil
        ) -> CallError {
            let facts = code.isEmpty ? "status \(status)" : "status \(status), \(code)"
            return CallError(
                remedy,
                BusinessCentral.name,
                kind,
                "\(reason) (\(facts))" + (words.map { ": \($0)" } ?? ""),
                isUncertain: isUncertain ?? (effect != .read && status >= 400),
                requestID: requestID
            )
        }
    }
}
