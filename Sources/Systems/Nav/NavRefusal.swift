import Core

extension Nav {
    /// An answer that is no success, and what it means for the caller.
    ///
    /// Its status decides, and in SOAP, where every refusal is a 500, the kind of exception. Never the message, which
    /// comes in the language of the server.
    struct Refusal {
        /// What was asked for: what is not known of a write may have been done.
        enum Effect: Sendable {
            case list
            case record
            case write
        }

        /// What the call was about, for messages.
        struct Subject: Sendable, Equatable {
            var speech: Settings.Speech
            /// As it is published; empty for the server itself.
            var service = ""
            var page: Page?
            var company: String
            var user: String

            var words: String { service.isEmpty ? "the server itself" : service }

            /// What is missing where the address is not known.
            var unknown: String {
                let what = page.map { "\($0.described) is not published as \(service)" } ?? "\(words) is not published"
                let how = page.map { ": " + $0.publishing(as: service) } ?? ""
                return
                    "there is nothing at its address: either \(what)\(how); or there is no company \"\(company)\", of "
                    + "which upper and lower case count; or the address leads to another server instance"
            }
        }

        var status: Int
        var exception: String?
        /// Whether it is one of NAV's own exceptions, and not of what NAV runs on.
        var isNavs = false
        /// The vendor's, if there are any that can be shown.
        var words: String?
        var retryAfter: Duration?
        var schemes: Set<String> = []
        var effect: Effect
        var subject: Subject

        var error: CallError {
            if subject.speech == .soap, status == 500, let exception { return faulted(exception) }
            return switch status {
            case 300..<400: redirected
            case 400: badRequest
            case 401: notLetIn
            case 402, 403: forbidden
            case 404: notFound
            case 405: notAllowed
            case 408: error(.retry(after: retryAfter), .timeout, "the server ended the call after its own limit")
            case 409, 412: changedMeanwhile
            case 413: tooLarge
            case 429: error(.retry(after: retryAfter), .throttled, "too many requests", isUncertain: false)
            case 501:
                error(.stopConnection, .defect, "the server does not have what was asked of it", isUncertain: false)
            case 503:
                error(.retry(after: retryAfter), .outage, "not available at the moment", isUncertain: false)
            case 504: error(.retry(after: retryAfter), .timeout, "no answer from behind the gateway in time")
            case 500...: error(.retry(after: retryAfter), .outage, "the server is in trouble")
            case 406..<500: badRequest
            default: error(.retry(after: nil), .garbage, "an answer of status \(status) makes no sense here")
            }
        }

        /// Over OData a broken rule, a missing permission and a question that is wrong are told alike.
        private var badRequest: CallError {
            switch effect {
            case .write: error(.skipRecord, .validation, "the record is refused", isUncertain: false)
            case .record: error(.skipRecord, .validation, "the record cannot be asked for")
            case .list:
                error(
                    .stopConnection,
                    .configuration,
                    "the question about \(subject.words) is refused: either the published page has changed, or the user "
                        + "\(subject.user) lacks the permission to read its table"
                )
            }
        }

        private var redirected: CallError {
            error(
                .retry(after: nil),
                .configuration,
                "answered with a redirect, which is not followed: the connection's address or a proxy on the way leads "
                    + "elsewhere",
                isUncertain: false
            )
        }

        /// Never tried again at once: a Windows account is locked after a few wrong passwords.
        private var notLetIn: CallError {
            let windows: Set<String> = ["negotiate", "ntlm", "kerberos"]
            let reason =
                if schemes.contains("basic") {
                    "refuses the user \(subject.user): the web service access key is wrong or has expired; look at the "
                        + "user's card in NAV, and put a new key where nav.key of the connection's file points"
                } else if !schemes.isDisjoint(with: windows) {
                    "the server instance signs in with Windows accounts only, which ml-connector does not do: in the NAV "
                        + "administration, add a second server instance with the credential type NavUserPassword, a "
                        + "certificate and the same database, give the user \(subject.user) a web service access key "
                        + "there, and name that instance in the connection's file"
                } else if schemes.contains("bearer") {
                    "the server instance takes tokens of a directory only: add a second server instance with the "
                        + "credential type NavUserPassword for ml-connector, and name it in the connection's file"
                } else {
                    "refuses the user \(subject.user), and does not say what it would take: check the user, the key, and "
                        + "that the server instance has the credential type NavUserPassword"
                }
            return error(.stopConnection, .credentials, reason, isUncertain: false)
        }

        private var forbidden: CallError {
            error(
                .stopConnection,
                .permission,
                "the user \(subject.user) may not do this: give it permission sets in NAV that cover the tables in "
                    + "question",
                isUncertain: false
            )
        }

        private var notFound: CallError {
            switch effect {
            case .list: error(.stopConnection, .configuration, subject.unknown)
            case .record: error(.skipRecord, .missing, "there is no such record")
            case .write: error(.lookAgain, .missing, "there is no such record any more", isUncertain: false)
            }
        }

        private var notAllowed: CallError {
            let reason =
                effect == .write
                ? "\(subject.words) cannot be written that way: its page does not allow to insert, modify or delete; "
                    + "publish the card or the document itself, not a list"
                : "this way in is switched off: in the NAV administration, enable \(way) of the server instance"
            return error(.stopConnection, .configuration, reason, isUncertain: false)
        }

        private var way: String {
            switch subject.speech {
            case .odata: "the OData V4 services"
            case .soap: "the SOAP services"
            }
        }

        private var changedMeanwhile: CallError {
            effect == .write
                ? error(
                    .lookAgain,
                    .conflict,
                    "somebody else has changed the record, or there is one of that key already",
                    isUncertain: false
                ) : error(.retry(after: retryAfter), .conflict, "the record was changed during the read")
        }

        private var tooLarge: CallError {
            error(
                .skipRecord,
                .validation,
                "larger than the server takes, which its setting SOAPServicesMaxMsgSize decides for OData as well",
                isUncertain: false
            )
        }

        // MARK: SOAP

        private func faulted(_ exception: String) -> CallError {
            switch exception {
            case "NavNCLDialogException", "NavTestFieldException":
                return error(.skipRecord, .validation, "NAV's own rules refuse this", isUncertain: false)
            case "NavCSideRecordNotFoundException":
                return effect == .write
                    ? error(.lookAgain, .missing, "the record, or one that it names, is not there", isUncertain: false)
                    : error(.skipRecord, .missing, "there is no such record")
            case "NavCSideDuplicateKeyException":
                return error(.lookAgain, .conflict, "there is a record of that key already", isUncertain: false)
            case "NavPermissionException": return forbidden
            case "NavNCLCallbackNotAllowedException":
                return error(
                    .skipRecord,
                    .configuration,
                    "NAV wants to ask a person something here, which nobody can answer: whoever looks after the "
                        + "customer's NAV has to leave the question out where GUIALLOWED is false",
                    isUncertain: false
                )
            // A stale key, most often. Which, only the message says, in the server's language.
            case "ServiceBrokerException" where effect == .write:
                return error(
                    .lookAgain,
                    .conflict,
                    "somebody else has changed or removed the record",
                    isUncertain: false
                )
            // Not in the vendor's documents. What NAV has a name for is about the record; were it tried again and again, one
            // record would keep the connection from all others.
            case _ where effect == .write && isNavs && !Self.passes(exception):
                return error(.skipRecord, .validation, "NAV refuses this", isUncertain: true)
            default:
                let hint =
                    effect == .list
                    ? "; where it is a date that it does not understand, soapDates of the connection's file has to follow the "
                        + "server's language" : ""
                return error(.retry(after: retryAfter), .outage, "the server is in trouble" + hint)
            }
        }

        /// Another user's lock is gone in a moment.
        private static func passes(_ exception: String) -> Bool {
            let name = exception.lowercased()
            return ["lock", "timeout", "connection", "unavailable"].contains { name.contains($0) }
        }

        private func error(
            _ remedy: CallError.Remedy,
            _ kind: CallError.Kind,
            _ reason: String,
            isUncertain: Bool? = nil
        ) -> CallError {
            let facts = exception.map { "status \(status), \($0)" } ?? "status \(status)"
            return CallError(
                remedy,
                Nav.name,
                kind,
                "\(reason) (\(facts))" + (words.map { ": \($0)" } ?? ""),
                isUncertain: isUncertain ?? (effect == .write && status >= 400)
            )
        }
    }
}
