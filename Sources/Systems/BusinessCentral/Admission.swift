import Core
import Transport

extension BusinessCentral {
    /// What a client shows to be let in.
    package enum Admission: Sendable {
        /// Online: an application, whose tokens last for an hour.
        case application(TokenKeeper)
        /// On a server of the customer's own: a user, and the web service access key of the user's card.
        case user(String, key: Secret)

        func credential() async throws -> Secret {
            switch self {
            case .application(let tokens): return try await tokens.token()
            case .user(let user, let key):
                let bytes = Array("\(user):".utf8) + key.withBytes { Array($0) }
                return Secret(text: Base64.text(of: bytes))
            }
        }

        var scheme: String {
            switch self {
            case .application: "Bearer "
            case .user: "Basic "
            }
        }
    }
}

extension BusinessCentral.Settings {
    /// Business Central does not take what the client shows, and another try would end the same way.
    func notLetIn(requestID: String?) -> CallError {
        let reason =
            if let server {
                "refuses the user \(server.user): the key has to be the Web Service Access Key of the user's card in "
                    + "Business Central, and the server's credential type NavUserPassword"
            } else {
                "refuses the application \(clientID) although Microsoft Entra gave it a token: in the environment "
                    + "\(environment), the page \"Microsoft Entra applications\" has to list this client id with the "
                    + "state Enabled and with permission sets; and the directory has to be that of the environment (now "
                    + "\(entraTenant))"
            }
        return CallError(.stopConnection, BusinessCentral.name, .credentials, reason, requestID: requestID)
    }

    /// The address with the tenant, where a server of the customer's own has several.
    func addressed(_ url: String) -> String {
        guard let tenant = server?.tenant, !url.contains("?tenant="), !url.contains("&tenant=") else { return url }
        return url + (url.contains("?") ? "&" : "?") + "tenant=" + BusinessCentral.URLText.encoded(tenant)
    }
}
