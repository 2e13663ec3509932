import Core

extension BusinessCentral {
    /// Where one connection's Business Central is, and as whom it is called. Holds no secret.
    package struct Settings: Sendable, Equatable {
        package enum Company: Sendable, Equatable {
            case name(String)
            /// Stays when the company is renamed.
            case id(String)
        }

        /// What stands behind `…/api/`.
        package enum Route: Sendable, Equatable {
            case standard(version: String)
            /// Of an extension.
            case custom(publisher: String, group: String, version: String)

            var segments: [String] {
                switch self {
                case .standard(let version): [version]
                case .custom(let publisher, let group, let version): [publisher, group, version]
                }
            }
        }

        /// The directory's id or a domain of it.
        package var entraTenant: String
        package var clientID: String
        package var environment: String
        package var company: Company
        package var apiURL = "https://api.businesscentral.dynamics.com"
        package var loginURL = "https://login.microsoftonline.com"
        /// What the token is for. Another one in sovereign clouds.
        package var scope = "https://api.businesscentral.dynamics.com/.default"
        package var gatewayVersion = "v2.0"
        package var route = Route.standard(version: "v2.0")
        /// Whether the tenant stands in each URL; the server takes it from the token otherwise.
        package var tenantInPath = true

        package init(entraTenant: String, clientID: String, environment: String, company: Company) {
            self.entraTenant = entraTenant
            self.clientID = clientID
            self.environment = environment
            self.company = company
        }

        /// What an HTTP client has to be allowed.
        package var origins: [String] { [apiURL, loginURL] }

        /// `{apiURL}/v2.0/{tenant}/{environment}/api/v2.0`
        package var root: String { url(route.segments) }

        /// Has `companies` for certain, whatever an extension's own route has.
        var standardRoot: String {
            if case .standard = route { root } else { url(["v2.0"]) }
        }

        /// Knows which entities have webhooks.
        var runtimeRoot: String { url(["microsoft", "runtime", "beta"]) }

        var tokenURL: String { "\(loginURL)/\(BusinessCentral.URLText.encoded(entraTenant))/oauth2/v2.0/token" }

        /// The path of what is subscribed to, from `/api/` on.
        func resource(_ entitySet: String, company: String) -> String {
            "/api/\(route.segments.joined(separator: "/"))/companies(\(company))/\(entitySet)"
        }

        private func url(_ route: [String]) -> String {
            let place = tenantInPath ? [gatewayVersion, entraTenant, environment] : [gatewayVersion, environment]
            return apiURL + "/"
                + (place + ["api"] + route).map { BusinessCentral.URLText.encoded($0) }.joined(separator: "/")
        }
    }
}

extension BusinessCentral.Settings {
    /// Reads the `businessCentral` part of a connection's file. The secret in it is a reference, which others follow.
    package init(_ field: JSONField) throws {
        try field.allowOnly([
            "entraTenant", "clientId", "clientSecret", "environment", "company", "apiURL", "loginURL", "scope", "api",
            "tenantInPath",
        ])
        let company = try Self.name(field["company"])
        self.init(
            entraTenant: try Self.name(field["entraTenant"]),
            clientID: try Self.name(field["clientId"]),
            environment: try Self.name(field["environment"]),
            company: BusinessCentral.isGUID(company) ? .id(company.lowercased()) : .name(company)
        )
        // They mean "whichever", and an application signs in to one directory.
        guard !["common", "organizations", "consumers"].contains(entraTenant.lowercased()) else {
            throw field["entraTenant"].wrong("expected the directory's id or a domain of it, not \(entraTenant)")
        }
        if let url = field["apiURL"].orNil { apiURL = try Self.url(url) }
        if let url = field["loginURL"].orNil { loginURL = try Self.url(url) }
        if let scope = field["scope"].orNil { self.scope = try Self.name(scope) }
        if let tenantInPath = field["tenantInPath"].orNil { self.tenantInPath = try tenantInPath.bool() }
        guard let api = field["api"].orNil else { return }
        try api.allowOnly(["publisher", "group", "version"])
        let version = try api["version"].orNil.map { field throws in try Self.segment(field) } ?? "v2.0"
        if api["publisher"].orNil == nil, api["group"].orNil == nil {
            route = .standard(version: version)
        } else {
            route = .custom(
                publisher: try Self.segment(api["publisher"]),
                group: try Self.segment(api["group"]),
                version: version
            )
        }
    }

    private static func name(_ field: JSONField) throws -> String {
        let text = try field.string()
        guard !text.isEmpty, text.utf8.count <= 250, text.unicodeScalars.allSatisfy({ $0.value >= 0x20 }) else {
            throw field.wrong("expected 1 to 250 bytes on one line")
        }
        return text
    }

    private static func segment(_ field: JSONField) throws -> String {
        let text = try name(field)
        guard !text.contains("/"), text != ".", text != ".." else { throw field.wrong("expected one part of a path") }
        return text
    }

    private static func url(_ field: JSONField) throws -> String {
        var text = try name(field)
        while text.hasSuffix("/") { text.removeLast() }
        guard let parts = BusinessCentral.URLParts(text), parts.query.isEmpty, !text.contains("?") else {
            throw field.wrong("expected an address such as https://api.example.com, without a query")
        }
        return text
    }
}
