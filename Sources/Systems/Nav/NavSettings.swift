import Core
import Transport

extension Nav {
    /// Where one connection's NAV server is, and as whom it is called. Holds no secret.
    package struct Settings: Sendable, Equatable {
        /// The two ways in.
        package enum Speech: String, Sendable, CaseIterable {
            case odata
            case soap
        }

        /// How a session of the server's language writes dates, which SOAP's filters have to follow.
        package enum DateOrder: String, Sendable, CaseIterable {
            /// `01/31/2018`, of English (United States), which servers are delivered with.
            case monthFirst
            /// `31-01-2018`
            case dayFirst
            /// `2018-01-31`
            case yearFirst
        }

        /// Of OData, without a slash at its end: `https://erp.example.com:7048/DynamicsNAV110`.
        package var url: String
        /// Of SOAP, which has a port of its own.
        package var soapURL: String?
        package var company: String
        package var user: String
        /// Of a server with several databases.
        package var tenant: String?
        /// PEM, of the authority that signed the server's certificate.
        package var authoritiesFile: String?
        /// The names of pages that are published under other ones than usual.
        package var services: [Page: String] = [:]
        /// Nil for OData V4 where there is one, and else SOAP.
        package var speech: Speech?
        package var dateOrder = DateOrder.monthFirst

        package init(url: String, company: String, user: String) {
            self.url = url
            self.company = company
            self.user = user
        }

        /// What an HTTP client has to be allowed.
        package var origins: [String] { [url] + (soapURL.map { [$0] } ?? []) }

        /// For an HTTP client of this connection's own.
        package func transport() throws -> HTTPClient.Settings {
            var settings = HTTPClient.Settings(allowed: try HTTPClient.AllowedOrigins(origins))
            settings.authoritiesFile = authoritiesFile
            return settings
        }

        /// What the page is published as, as far as anybody knows without asking.
        package func service(of page: Page) -> String { services[page] ?? page.rawValue }

        /// What is wrong with a web service access key or password; nil where nothing is.
        package static func fault(inKey key: Secret) -> String? {
            let isPlain = key.withBytes { $0.allSatisfy { 0x20...0x7E ~= $0 } }
            guard key.count == 0 || !isPlain else { return nil }
            return key.count == 0
                ? "the key is empty: create a web service access key on the user's card in NAV"
                : "the key has characters outside ASCII, which HTTP Basic cannot carry: create a web service access key on "
                    + "the user's card in NAV and use that"
        }
    }
}

extension Nav.Settings {
    /// Reads the `nav` part of a connection's file. The secret in it is a reference, which others follow.
    package init(_ field: JSONField) throws {
        try field.allowOnly([
            "url", "soapURL", "company", "user", "key", "tenant", "authorities", "privateNetwork", "services",
            "protocol",
            "soapDates",
        ])
        let isPrivate = try field["privateNetwork"].orNil?.bool() ?? false
        self.init(
            url: try Self.url(field["url"], isPrivate: isPrivate),
            company: try Self.text(field["company"], most: 30),
            user: try Self.user(field["user"])
        )
        if let soap = field["soapURL"].orNil { soapURL = try Self.url(soap, isPrivate: isPrivate) }
        if let tenant = field["tenant"].orNil { self.tenant = try Self.text(tenant, most: 63) }
        if let file = field["authorities"].orNil { authoritiesFile = try Self.text(file, most: 4_000) }
        speech = try Self.choice(field["protocol"])
        dateOrder = try Self.choice(field["soapDates"]) ?? .monthFirst
        if let services = field["services"].orNil { self.services = try Self.services(services) }
        if speech == .soap, soapURL == nil {
            throw field["soapURL"].wrong(
                "missing; the protocol soap needs it, such as https://erp.example.com:7047/NAV"
            )
        }
    }

    private static func text(_ field: JSONField, most: Int) throws -> String {
        let text = try field.string()
        guard 1...most ~= text.utf16.count, text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else {
            throw field.wrong("expected 1 to \(most) characters on one line")
        }
        return text
    }

    private static func user(_ field: JSONField) throws -> String {
        let user = try text(field, most: 250)
        guard user.utf8.allSatisfy({ $0 < 0x7F }), !user.contains(":") else {
            throw field.wrong("expected a user name in ASCII and without a colon: HTTP Basic can carry no other")
        }
        return user
    }

    private static func url(_ field: JSONField, isPrivate: Bool) throws -> String {
        var text = try text(field, most: 250)
        while text.hasSuffix("/") { text.removeLast() }
        guard let parts = Nav.URLParts(text), parts.query.isEmpty, !text.contains("?") else {
            throw field.wrong(
                "expected an address such as https://erp.example.com:7048/DynamicsNAV110, without a query"
            )
        }
        guard !parts.authority.hasSuffix(".businesscentral.dynamics.com") else {
            throw field.wrong("this is Business Central online: connect it under businessCentral instead of nav")
        }
        guard !parts.path.contains(where: { ["odata", "odatav4", "ws", "api"].contains($0.lowercased()) }) else {
            throw field.wrong("expected the address up to the server instance, without OData, ODataV4, WS or api")
        }
        guard parts.scheme == "https" || isPrivate else {
            throw field.wrong(
                "over plain http everybody on the way can read the user's key: switch TLS on at the server instance, or, "
                    + "where the way leads through a private network only, add privateNetwork: true"
            )
        }
        return text
    }

    private static func services(_ field: JSONField) throws -> [Nav.Page: String] {
        let known = Set(Nav.Page.allCases.map(\.rawValue))
        try field.allowOnly(known)
        var services: [Nav.Page: String] = [:]
        for (name, service) in try field.members() {
            guard let page = Nav.Page(rawValue: name) else { continue }
            let text = try text(service, most: 240)
            guard Nav.isName(text) else {
                throw service.wrong("expected the service name of the page \"Web Services\": letters, digits and _")
            }
            services[page] = text
        }
        return services
    }

    private static func choice<Choice: RawRepresentable & CaseIterable>(
        _ field: JSONField
    ) throws -> Choice? where Choice.RawValue == String {
        guard let field = field.orNil else { return nil }
        guard let choice = Choice(rawValue: try field.string()) else {
            throw field.wrong("expected one of \(Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))")
        }
        return choice
    }
}
