import Core

extension Nav {
    typealias URLText = BusinessCentral.URLText
    typealias URLParts = BusinessCentral.URLParts

    /// Whether it can be a name in OData and in XML alike, letters of any language included: nothing that could end a path,
    /// a question or an element.
    static func isName(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, first == "_" || first.properties.isAlphabetic else { return false }
        return text.utf8.count <= 250
            && text.unicodeScalars.allSatisfy { scalar in
                scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType == .decimal
            }
    }

    /// The addresses of one company on one server.
    struct Address: Sendable, Equatable {
        let settings: Settings

        /// A slash or a question mark in a company's name is lost in a path, whatever its spelling.
        private var companyInPath: Bool { !settings.company.contains { $0 == "/" || $0 == "?" || $0 == "\\" } }

        /// `{url}/ODataV4`
        var root: String { settings.url + "/ODataV4" }

        /// Something of the company's: a service, perhaps with a key behind it.
        func inCompany(_ path: String, _ question: [String] = []) -> String {
            let name = settings.company
            guard companyInPath else {
                return address("\(root)/\(path)", ["company=" + URLText.encoded(name)] + question)
            }
            return address("\(root)/Company(\(Self.quoted(name)))/\(path)", question)
        }

        /// Something of the server's: `$metadata`, the list of companies.
        func ofServer(_ path: String) -> String { address("\(settings.url)/\(path)", []) }

        func record(_ service: String, _ key: [(field: String, literal: String)]) -> String {
            let parts =
                key.count == 1
                ? key.map { Self.encodedLiteral($0.literal) }
                : key.map { "\($0.field)=\(Self.encodedLiteral($0.literal))" }
            return "\(URLText.encoded(service))(\(parts.joined(separator: ",")))"
        }

        /// `{soapURL}/WS/{Company}/Page/{Service}`
        func soap(_ kind: String, _ service: String) -> String? {
            settings.soapURL.map { base in
                address("\(base)/WS/\(URLText.encoded(settings.company))/\(kind)/\(URLText.encoded(service))", [])
            }
        }

        /// What SOAP offers to this company.
        var soapServices: String? {
            settings.soapURL.map { address("\($0)/WS/\(URLText.encoded(settings.company))/services", []) }
        }

        /// The tenant has to come first.
        private func address(_ path: String, _ question: [String]) -> String {
            let question = (settings.tenant.map { ["tenant=" + URLText.encoded($0)] } ?? []) + question
            return question.isEmpty ? path : path + "?" + question.joined(separator: "&")
        }

        // MARK: Texts

        /// In single quotes, with those within doubled, and all of it as a URL has it.
        static func quoted(_ text: String) -> String { encodedLiteral(literal(text)) }

        static func literal(_ text: String) -> String {
            "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
        }

        /// The quotes around it stay, which every server understands; what is between them is encoded, quotes included.
        static func encodedLiteral(_ literal: String) -> String {
            guard literal.utf8.count >= 2, literal.hasPrefix("'"), literal.hasSuffix("'") else {
                return URLText.encoded(literal)
            }
            return "'" + URLText.encoded(String(literal.dropFirst().dropLast())) + "'"
        }

        // MARK: Links

        /// What a page's link to the next one is followed by; nil where it leads away from this company on this server.
        ///
        /// The server writes them itself, and may spell its own address in another case than the settings do, and the
        /// company with other percent signs. Whether it repeats the tenant and the company behind the question mark is
        /// not documented, so they are added where they are missing.
        func following(_ link: String) -> String? {
            guard let base = URLParts(root), let parts = URLParts(link), parts.scheme == base.scheme,
                parts.authority == base.authority, parts.path.count > base.path.count,
                zip(base.path, parts.path).allSatisfy({ $0.lowercased() == $1.lowercased() })
            else { return nil }
            var missing: [String] = []
            let questions = parts.query.split(separator: "&")
            func isSaid(_ name: String, _ value: String) -> Bool {
                let found = questions.filter { $0.lowercased().hasPrefix(name + "=") }
                if found.isEmpty { missing.append("\(name)=" + URLText.encoded(value)) }
                return found.count <= 1
                    && found.allSatisfy { URLText.decoded($0.dropFirst(name.utf8.count + 1)) == value }
            }
            if let tenant = settings.tenant, !isSaid("tenant", tenant) { return nil }
            let rest = parts.path.dropFirst(base.path.count)
            if rest.first?.lowercased().hasPrefix("company(") == true {
                guard rest.first?.dropFirst(8) == Self.literal(settings.company) + ")", rest.count > 1 else {
                    return nil
                }
            } else if !isSaid("company", settings.company) {
                return nil
            }
            guard !missing.isEmpty else { return link }
            let path = link.prefix { $0 != "?" }
            return path + "?" + (missing + questions.map(String.init)).joined(separator: "&")
        }
    }
}
