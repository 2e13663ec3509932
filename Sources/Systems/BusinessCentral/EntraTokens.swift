import Core
import Transport

extension BusinessCentral {
    /// Asks Microsoft Entra for access tokens, as an application with a secret of its own. There are no refresh tokens:
    /// a new one is asked for in the same way.
    @OnLoop package struct EntraTokens {
        private let settings: Settings
        private let clientSecret: Secret
        private let http: HTTPClient

        package init(_ settings: Settings, clientSecret: Secret, http: HTTPClient) {
            self.settings = settings
            self.clientSecret = clientSecret
            self.http = http
        }

        /// One that asks here.
        package func keeper() -> TokenKeeper {
            TokenKeeper(system: BusinessCentral.name, life: TokenLife(margin: Limits.tokenMargin)) {
                try await self.fetch()
            }
        }

        package func fetch() async throws -> TokenKeeper.Fresh {
            var request = HTTPClient.Request(
                .post,
                settings.tokenURL,
                headers: [
                    .init("Content-Type", "application/x-www-form-urlencoded"), .init("Accept", "application/json"),
                ],
                body: form
            )
            request.deadlines = Limits.tokenDeadlines
            request.limits.bodyBytes = Limits.tokenBytes
            request.mayRepeat = true
            let response: HTTPClient.Response
            do throws(HTTPClient.Failure) {
                response = try await http.send(request)
            } catch {
                if error.kind == .cancelled { throw CancellationError() }
                throw BusinessCentral.error(error, wasWrite: false)
            }
            guard response.isSuccess else { throw refusal(response) }
            do {
                let token = try Token(JSONField(try JSON.parse(response.body.span, maxDepth: 16)))
                return TokenKeeper.Fresh(token.accessToken, lifetime: token.expiresIn)
            } catch {
                throw failed(.retry(after: nil), .garbage, "Microsoft Entra's answer makes no sense: \(error)")
            }
        }

        private var form: [UInt8] {
            var form = Array("grant_type=client_credentials&client_id=".utf8)
            form += URLText.encoded(settings.clientID.utf8)
            form += Array("&client_secret=".utf8)
            clientSecret.withBytes { form += URLText.encoded($0) }
            form += Array("&scope=".utf8)
            form += URLText.encoded(settings.scope.utf8)
            return form
        }

        private func refusal(_ response: HTTPClient.Response) -> CallError {
            let retryAfter = BusinessCentral.retryAfter(response.headers, at: .now)
            if response.status == 429 {
                return failed(.retry(after: retryAfter), .throttled, "Microsoft Entra has had too many requests")
            }
            guard (400..<500).contains(response.status) else {
                let kind: CallError.Kind = response.status >= 500 ? .outage : .configuration
                return failed(
                    .retry(after: retryAfter),
                    kind,
                    "Microsoft Entra answers with status \(response.status) at \(settings.loginURL)"
                )
            }
            guard response.body.count <= Limits.tokenBytes,
                let document = try? JSON.parse(response.body.span, maxDepth: 16),
                let said = try? EntraRefusal(JSONField(document), hiding: clientSecret)
            else {
                let place = "\(settings.loginURL) answers with status \(response.status)"
                return failed(.retry(after: nil), .garbage, "\(place) and does not say why, as Microsoft Entra would")
            }
            return said.error(settings)
        }

        private func failed(_ remedy: CallError.Remedy, _ kind: CallError.Kind, _ reason: String) -> CallError {
            CallError(remedy, BusinessCentral.name, kind, reason)
        }
    }

    /// Why there is no token: `error` decides, and the numbers say more.
    struct EntraRefusal {
        var error: String
        var codes: Set<Int>
        var said: VendorError

        init(_ field: JSONField, hiding secret: Secret) throws {
            error = VendorError.code(try field["error"].string()) ?? ""
            codes = Set((try? field["error_codes"].elements().prefix(10).compactMap { try? $0.int() }) ?? [])
            let text = (try? field["error_description"].string()) ?? ""
            // What follows are ids, one in each line.
            let words = text.prefix { !$0.isNewline }
            let correlation = (try? field["correlation_id"].string()).flatMap { isGUID($0) ? $0 : nil }
            said = VendorError(words: String(words), correlation: correlation, hiding: secret)
        }

        func error(_ settings: Settings) -> CallError {
            let (remedy, kind, reason) = meaning(settings)
            let words = said.words.map { ": \($0)" } ?? ""
            return CallError(remedy, BusinessCentral.name, kind, reason + words, requestID: said.correlation)
        }

        private func meaning(_ settings: Settings) -> (CallError.Remedy, CallError.Kind, String) {
            let application = "the application \(settings.clientID)"
            let screen = "in the Entra admin center, App registrations > \(settings.clientID)"
            switch error {
            case "invalid_client" where codes.contains(7_000_222):
                return (
                    .stopConnection, .credentials,
                    "the client secret has expired: make a new one \(screen) > Certificates & secrets, and give it to "
                        + "the connection"
                )
            case "invalid_client":
                return (
                    .stopConnection, .credentials,
                    "the client secret is not right: copy the Value (not the Secret ID) of a secret, or make a new one, "
                        + "\(screen) > Certificates & secrets"
                )
            case "unauthorized_client":
                return (
                    .stopConnection, .credentials,
                    "\(application) is not known in the directory \(settings.entraTenant), or nobody has consented for "
                        + "it: compare clientId and entraTenant \(screen) > Overview, and grant consent under API "
                        + "permissions"
                )
            case "invalid_request":
                return (
                    .stopConnection, .configuration,
                    "the directory \(settings.entraTenant) or the request is not accepted: compare entraTenant with the "
                        + "Tenant ID in the Entra admin center, Overview"
                )
            case "invalid_scope":
                return (.stopConnection, .configuration, "the scope \(settings.scope) is not accepted: correct it")
            case "invalid_resource":
                return (
                    .stopConnection, .configuration,
                    "the directory \(settings.entraTenant) has no Business Central: compare entraTenant with the address "
                        + "of the environment in the Business Central admin center"
                )
            case "temporarily_unavailable":
                return (.retry(after: nil), .outage, "Microsoft Entra is busy")
            default:
                return (
                    .stopConnection, .credentials,
                    "Microsoft Entra refuses \(application) (\(error)): check it \(screen)"
                )
            }
        }
    }
}
