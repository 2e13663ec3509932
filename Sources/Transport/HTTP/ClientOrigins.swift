import CCurl

extension HTTPClient {
    /// The only places a client ever connects to.
    ///
    /// Rules are written as `https://api.example.com`, `https://*.example.com` (any name below it, not itself) or
    /// `http://127.0.0.1:8080`. Plain HTTP is possible only where a rule says so, which is meant for simulators.
    package struct AllowedOrigins: Sendable {
        private struct Rule {
            var origin: Origin
            var isSuffix: Bool
        }
        private let rules: [Rule]

        package init(_ rules: [String]) throws(Failure) {
            var parsed: [Rule] = []
            for text in rules {
                // The star is ours alone: libcurl would refuse a name that has one.
                let scheme = text.prefix { $0 != ":" }
                let isSuffix = text.dropFirst(scheme.count).hasPrefix("://*.")
                let url = try TargetURL(isSuffix ? "\(scheme)://" + text.dropFirst(scheme.count + 5) : text)
                parsed.append(Rule(origin: url.origin, isSuffix: isSuffix))
            }
            self.rules = parsed
        }

        func allow(_ origin: Origin) -> Bool {
            rules.contains { rule in
                guard rule.origin.scheme == origin.scheme, rule.origin.port == origin.port else { return false }
                return rule.isSuffix
                    ? origin.host.hasSuffix("." + rule.origin.host)
                    : origin.host == rule.origin.host
            }
        }
    }

    struct Origin: Hashable, Sendable, CustomStringConvertible {
        var scheme: String
        var host: String
        var port: String

        var description: String { "\(scheme)://\(host):\(port)" }
    }
}

/// A URL as libcurl reads it. The same handle is checked against the allow-list and then given to the transfer, so the two
/// can never disagree about which host a strange URL means.
final class TargetURL {
    let handle: OpaquePointer
    let origin: HTTPClient.Origin

    /// With a base, `text` may be relative: the `Location` of an answer.
    init(_ text: String, relativeTo base: TargetURL? = nil) throws(HTTPClient.Failure) {
        guard let handle = base.map({ curl_url_dup($0.handle) }) ?? curl_url() else {
            throw HTTPClient.Failure(.other, "libcurl has no memory left")
        }
        let flags = base == nil ? CURLU_DISALLOW_USER : CURLU_DISALLOW_USER | CURLU_URLENCODE
        let code =
            text.utf8.contains(0) ? CURLUE_MALFORMED_INPUT : curl_url_set(handle, CURLUPART_URL, text, UInt32(flags))
        let scheme = part(CURLUPART_SCHEME, of: handle)
        let host = part(CURLUPART_HOST, of: handle).lowercased()
        guard code == CURLUE_OK, ["http", "https"].contains(scheme), !host.isEmpty, host.utf8.allSatisfy({ $0 < 0x80 })
        else {
            curl_url_cleanup(handle)
            throw HTTPClient.Failure(.badRequest, Self.fault(code))
        }
        self.handle = handle
        origin = HTTPClient.Origin(
            scheme: scheme,
            host: host,
            port: part(CURLUPART_PORT, of: handle, CURLU_DEFAULT_PORT)
        )
    }

    deinit {
        curl_url_cleanup(handle)
    }

    var text: String { part(CURLUPART_URL, of: handle) }

    private static func fault(_ code: CURLUcode) -> String {
        switch code {
        case CURLUE_OK, CURLUE_UNSUPPORTED_SCHEME: "only http and https URLs with a host name in ASCII can be called"
        case CURLUE_USER_NOT_ALLOWED: "credentials do not belong into a URL: pass them as a secret header"
        default: "this is no URL: \(String(cString: curl_url_strerror(code)))"
        }
    }
}

private func part(_ part: CURLUPart, of url: OpaquePointer, _ flags: Int32 = 0) -> String {
    var text: UnsafeMutablePointer<CChar>?
    guard curl_url_get(url, part, &text, UInt32(flags)) == CURLUE_OK, let text else { return "" }
    defer { curl_free(text) }
    return String(cString: text)
}
