import Core

extension BusinessCentralSimulator {
    /// Microsoft Entra, as far as client credentials go: what it asks for, and every way it says no.
    struct TokenDesk {
        enum SecretState: String, CaseIterable {
            case good, revoked, expired
        }

        struct Application {
            var clientID: String
            var secret: Secret
            var secretState = SecretState.good
            /// Switched on in the environment. Entra knows nothing of that and gives tokens all the same.
            var isEnabled = true
        }

        enum Answer: Equatable {
            case token(String, seconds: Int)
            case refused(status: Int, error: String, number: Int, text: String)
        }

        private struct Token {
            var clientID: String
            var expires: Instant
        }

        static let scope = "https://api.businesscentral.dynamics.com/.default"

        let tenant: String
        /// Business Central is there in the tenant.
        var isProvisioned = true
        private(set) var applications: [Application]
        private var tokens: [String: Token] = [:]
        /// No test needs more at once, and one that never stops must not fill the memory.
        private static let mostTokens = 10_000

        init(_ settings: Settings) {
            tenant = settings.entraTenant
            applications = settings.applications.map {
                Application(clientID: $0.clientID, secret: Secret(text: $0.secret))
            }
        }

        // MARK: Giving tokens

        /// `tenant` is the first segment of the address; `form` is nil where the body was none.
        mutating func answer(
            tenant: String,
            form: [String: String]?,
            now: Instant,
            seconds: Int,
            _ random: inout SeededGenerator
        ) -> Answer {
            guard tenant == self.tenant else {
                return .refused(
                    status: 400,
                    error: "invalid_request",
                    number: 90_002,
                    text: "Tenant '\(tenant)' not found."
                )
            }
            guard let form, let grant = form["grant_type"] else { return Self.missing("grant_type") }
            guard grant == "client_credentials" else {
                return .refused(
                    status: 400,
                    error: "unsupported_grant_type",
                    number: 70_003,
                    text: "The app requested an unsupported grant type '\(grant)'."
                )
            }
            guard let clientID = form["client_id"] else { return Self.missing("client_id") }
            guard let scope = form["scope"] else { return Self.missing("scope") }
            guard let application = applications.first(where: { $0.clientID == clientID }) else {
                return .refused(
                    status: 400,
                    error: "unauthorized_client",
                    number: 700_016,
                    text: "Application with identifier '\(clientID)' was not found in the directory."
                )
            }
            if let refusal = refusal(of: form["client_secret"], for: application) ?? refusal(ofScope: scope) {
                return refusal
            }
            return .token(give(to: clientID, until: now + .seconds(seconds), now: now, &random), seconds: seconds)
        }

        private func refusal(of given: String?, for application: Application) -> Answer? {
            guard let given else {
                return .refused(
                    status: 401,
                    error: "invalid_client",
                    number: 7_000_216,
                    text: "'client_assertion' or 'client_secret' is required for the 'client_credentials' grant type."
                )
            }
            guard Secret(text: given) == application.secret, application.secretState != .revoked else {
                return .refused(
                    status: 401,
                    error: "invalid_client",
                    number: 7_000_215,
                    text: "Invalid client secret provided."
                )
            }
            guard application.secretState == .good else {
                return .refused(
                    status: 401,
                    error: "invalid_client",
                    number: 7_000_222,
                    text: "The provided client secret keys for app '\(application.clientID)' are expired."
                )
            }
            return nil
        }

        private func refusal(ofScope scope: String) -> Answer? {
            guard scope.hasSuffix("/.default") else {
                return .refused(
                    status: 400,
                    error: "invalid_scope",
                    number: 70_011,
                    text: "The provided value for the input parameter 'scope' is not valid."
                )
            }
            guard scope == Self.scope, isProvisioned else {
                return .refused(
                    status: 400,
                    error: "invalid_resource",
                    number: 500_011,
                    text:
                        "The resource principal named \(scope.dropLast("/.default".count)) was not found in the tenant."
                )
            }
            return nil
        }

        private static func missing(_ name: String) -> Answer {
            .refused(
                status: 400,
                error: "invalid_request",
                number: 900_144,
                text: "The request body must contain the following parameter: '\(name)'."
            )
        }

        private mutating func give(
            to clientID: String,
            until expires: Instant,
            now: Instant,
            _ random: inout SeededGenerator
        ) -> String {
            if tokens.count >= Self.mostTokens { tokens = tokens.filter { $0.value.expires > now } }
            if tokens.count >= Self.mostTokens { tokens = [:] }
            let token = "eyJ0eXAi." + Base64.text(of: random.token(bytes: 96), .url)
            tokens[token] = Token(clientID: clientID, expires: expires)
            return token
        }

        // MARK: Taking tokens

        /// Whose token it is, if it is one that still counts.
        func application(forToken token: String, at now: Instant) -> Application? {
            guard let held = tokens[token], held.expires > now else { return nil }
            return applications.first { $0.clientID == held.clientID && $0.isEnabled }
        }

        mutating func expireTokens() {
            tokens = [:]
        }

        /// False when there is no such application.
        mutating func change(_ clientID: String, _ body: (inout Application) -> Void) -> Bool {
            guard let place = applications.firstIndex(where: { $0.clientID == clientID }) else { return false }
            body(&applications[place])
            return true
        }
    }
}

extension BusinessCentralSimulator.TokenDesk.Answer {
    func reply(at now: WallTime, trace: String, correlation: String) -> Reply {
        switch self {
        case .token(let token, let seconds):
            return Reply(
                .ok,
                json: [
                    "token_type": "Bearer", "expires_in": .number(seconds), "ext_expires_in": .number(seconds),
                    "access_token": .string(token),
                ]
            )
        case .refused(let status, let error, let number, let text):
            let instant = String(now.text(fractionDigits: 0).map { $0 == "T" ? " " : $0 })
            let description =
                "AADSTS\(number): \(text)\r\nTrace ID: \(trace)\r\nCorrelation ID: \(correlation)\r\nTimestamp: \(instant)"
            return Reply(
                .init(rawValue: UInt16(clamping: status)),
                json: [
                    "error": .string(error), "error_description": .string(description),
                    "error_codes": [.number(number)],
                    "timestamp": .string(instant), "trace_id": .string(trace), "correlation_id": .string(correlation),
                    "error_uri": .string("https://login.microsoftonline.com/error?code=\(number)"),
                ]
            )
        }
    }
}

/// What a form holds, decoded; nil for what is no form. Of a name given twice, the first counts.
func formFields(_ body: [UInt8]) -> [String: String]? {
    var fields: [String: String] = [:]
    for pair in body.split(separator: UInt8(ascii: "&")) {
        let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = PercentCoding.decoded(parts[0], plusIsBlank: true),
            let value = PercentCoding.decoded(parts.count > 1 ? parts[1] : [], plusIsBlank: true)
        else { return nil }
        if fields[name] == nil { fields[name] = value }
    }
    return fields
}
