import Core

extension BusinessCentral {
    /// Where one connection's Business Central is, and as whom it is called. Holds no secret.
    ///
    /// Online it is an environment of a directory; on a customer's own server, an instance that a user signs in to.
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

            package var segments: [String] {
                switch self {
                case .standard(let version): [version]
                case .custom(let publisher, let group, let version): [publisher, group, version]
                }
            }
        }

        /// The customer's own, instead of the vendor's.
        package struct Server: Sendable, Equatable {
            /// With the instance: `https://bc.example.com:7048/BC`.
            package var url: String
            package var user: String
            /// Of a server that has several.
            package var tenant: String?
            /// PEM, where its certificate is signed by an authority of the customer's own.
            package var authoritiesFile: String?

            package init(url: String, user: String) {
                self.url = url
                self.user = user
            }
        }

        package var server: Server?
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

        package init(server: Server, company: Company) {
            self.init(entraTenant: "", clientID: "", environment: "", company: company)
            self.server = server
        }

        /// What an HTTP client has to be allowed.
        package var origins: [String] { server.map { [$0.url] } ?? [apiURL, loginURL] }

        /// Where it is, in a sentence.
        package var placeName: String { server.map { "on \($0.url)" } ?? "in the environment \(environment)" }

        /// `{apiURL}/v2.0/{tenant}/{environment}/api/v2.0`
        package var root: String { url(route.segments) }

        /// Has `companies` for certain, whatever an extension's own route has.
        var standardRoot: String { url(standardRoute.segments) }

        var standardRoute: Route {
            if case .standard = route { route } else { .standard(version: "v2.0") }
        }

        /// Knows which entities have webhooks.
        var runtimeRoot: String { url(["microsoft", "runtime", "beta"]) }

        var tokenURL: String { "\(loginURL)/\(BusinessCentral.URLText.encoded(entraTenant))/oauth2/v2.0/token" }

        /// The path of what is subscribed to, from `/api/` on.
        func resource(_ entitySet: String, company: String) -> String {
            "/api/\(route.segments.joined(separator: "/"))/companies(\(company))/\(entitySet)"
        }

        private func url(_ route: [String]) -> String {
            let tail = (["api"] + route).map { BusinessCentral.URLText.encoded($0) }.joined(separator: "/")
            if let server { return "\(server.url)/\(tail)" }
            let place = tenantInPath ? [gatewayVersion, entraTenant, environment] : [gatewayVersion, environment]
            return "\(apiURL)/\(place.map { BusinessCentral.URLText.encoded($0) }.joined(separator: "/"))/\(tail)"
        }
    }
}

extension BusinessCentral.Settings {
    /// Reads the `businessCentral` part of a connection's file. The secret in it is a reference, which others follow.
    package init(_ field: JSONField) throws {
        let company = try Self.company(field["company"])
        if field["url"].orNil == nil {
            self = try Self.online(field, company)
        } else {
            self.init(server: try Server(field), company: company)
        }
        if let api = field["api"].orNil { route = try Route(api) }
    }

    private static func company(_ field: JSONField) throws -> Company {
        let text = try name(field)
        return BusinessCentral.isGUID(text) ? .id(text.lowercased()) : .name(text)
    }

    private static func online(_ field: JSONField, _ company: Company) throws -> Self {
        try field.allowOnly([
            "entraTenant", "clientId", "clientSecret", "environment", "company", "apiURL", "loginURL", "scope", "api",
            "tenantInPath", "url",
        ])
        var settings = Self(
            entraTenant: try name(field["entraTenant"]),
            clientID: try name(field["clientId"]),
            environment: try name(field["environment"]),
            company: company
        )
        // They mean "whichever", and an application signs in to one directory.
        guard !["common", "organizations", "consumers"].contains(settings.entraTenant.lowercased()) else {
            throw field["entraTenant"].wrong(
                "expected the directory's id or a domain of it, not \(settings.entraTenant)"
            )
        }
        if let url = field["apiURL"].orNil { settings.apiURL = try Self.url(url) }
        if let url = field["loginURL"].orNil { settings.loginURL = try Self.url(url) }
        if let scope = field["scope"].orNil { settings.scope = try name(scope) }
        if let tenantInPath = field["tenantInPath"].orNil { settings.tenantInPath = try tenantInPath.bool() }
        return settings
    }

    fileprivate static func name(_ field: JSONField) throws -> String {
        let text = try field.string()
        guard !text.isEmpty, text.utf8.count <= 250, text.unicodeScalars.allSatisfy({ $0.value >= 0x20 }) else {
            throw field.wrong("expected 1 to 250 bytes on one line")
        }
        return text
    }

    fileprivate static func segment(_ field: JSONField) throws -> String {
        let text = try name(field)
        guard !text.contains("/"), text != ".", text != ".." else { throw field.wrong("expected one part of a path") }
        return text
    }

    fileprivate static func url(_ field: JSONField) throws -> String {
        var text = try name(field)
        while text.hasSuffix("/") { text.removeLast() }
        guard let parts = BusinessCentral.URLParts(text), parts.query.isEmpty, !text.contains("?") else {
            throw field.wrong("expected an address such as https://api.example.com, without a query")
        }
        return text
    }
}

extension BusinessCentral.Settings.Server {
    fileprivate init(_ field: JSONField) throws {
        let place = field["url"]
        url = try BusinessCentral.Settings.url(place)
        // Keys have not been taken there since October 2022.
        guard !url.lowercased().contains("businesscentral.dynamics.com") else {
            throw place.wrong(
                "Business Central online takes no user's key: leave url, user and key out, and give entraTenant, clientId, "
                    + "clientSecret and environment"
            )
        }
        try field.allowOnly(["url", "user", "key", "company", "tenant", "authorities", "api"])
        // The key is as good as a password, and goes along with every call.
        guard url.hasPrefix("https://") || BusinessCentral.URLParts(url)?.isOfThisMachine == true else {
            throw place.wrong("expected an address that begins with https://")
        }
        user = try BusinessCentral.Settings.name(field["user"])
        guard !user.contains(":") else { throw field["user"].wrong("a user's name cannot hold a colon here") }
        tenant = try field["tenant"].orNil.map { field throws in try BusinessCentral.Settings.name(field) }
        authoritiesFile = try field["authorities"].orNil.map { field throws in
            try BusinessCentral.Settings.name(field)
        }
    }
}

extension BusinessCentral.Settings.Route {
    /// `{ publisher, group, version }` of an extension's own API, or another version of the standard one.
    package init(_ field: JSONField) throws {
        try field.allowOnly(["publisher", "group", "version"])
        let segment = BusinessCentral.Settings.segment
        let version = try field["version"].orNil.map { field throws in try segment(field) } ?? "v2.0"
        if field["publisher"].orNil == nil, field["group"].orNil == nil {
            self = .standard(version: version)
        } else {
            self = .custom(
                publisher: try segment(field["publisher"]),
                group: try segment(field["group"]),
                version: version
            )
        }
    }
}
