import Core

extension HTTPClient {
    /// What all requests of one client share: whom it may speak to, and whom it trusts.
    ///
    /// Verification cannot be turned off. A server with a certificate of its own making is trusted by naming its
    /// authority's file.
    package struct Settings: Sendable {
        package var allowed: AllowedOrigins
        package var proxy: Proxy?
        /// PEM, instead of the system's.
        package var authoritiesFile: String?
        package var certificate: Certificate?
        package var userAgent = "ml-connector"
        /// Kept open, those in use among them: with fewer than there are requests at once, connections are made anew.
        package var keptConnections = 32

        package init(allowed: AllowedOrigins) {
            self.allowed = allowed
        }
    }

    package struct Proxy: Sendable {
        /// `http://host:port`, `https://…` or `socks5h://…`.
        package var url: String
        package var user: String?
        package var password: Secret?

        package init(url: String, user: String? = nil, password: Secret? = nil) {
            self.url = url
            self.user = user
            self.password = password
        }
    }

    /// With which we show who we are, where a server asks for it. PEM files.
    package struct Certificate: Sendable {
        package var file: String
        package var keyFile: String
        package var keyPassword: Secret?

        package init(file: String, keyFile: String, keyPassword: Secret? = nil) {
            self.file = file
            self.keyFile = keyFile
            self.keyPassword = keyPassword
        }
    }
}
